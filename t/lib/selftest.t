# The runner's own test.  selftest/pass.t must pass; each block of fail.t and
# strict.t must fail by the tests named in its lines "fails: PART OF A NAME" and
# by no other; and nothing may be left running however a test file ends.
#
# TEST_NGINX_SELFTEST_LIB=DIR runs pass.t and fail.t under another
# implementation of Test::Nginx::Socket, CPAN's, to compare.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp ();
use Test::More;
use Time::HiRes qw(sleep time);

my $here = dirname(abs_path(__FILE__));
my $lib  = $ENV{TEST_NGINX_SELFTEST_LIB} || $here;
my $echo = '/usr/lib/nginx/modules/ngx_http_echo_module.so';

require "$here/Test/Nginx/Util.pm";

if (!defined $ENV{TEST_NGINX_LOAD_MODULES}) {
    plan skip_all => "no $echo (Debian: libnginx-mod-http-echo)" if !-f $echo;
    $ENV{TEST_NGINX_LOAD_MODULES} = $echo;
}

my $scratch = File::Temp->newdir;
my $root    = "$scratch/servroot";
my $pidfile = "$root/logs/nginx.pid";

delete @ENV{qw(TEST_NGINX_USE_VALGRIND TEST_NGINX_RANDOMIZE
    TEST_NGINX_SERVER_PORT TEST_NGINX_CLIENT_PORT TEST_NGINX_LOG_LEVEL
    TEST_NGINX_VERBOSE TEST_NGINX_NO_SHUFFLE TEST_NGINX_SEED)};

$ENV{TEST_NGINX_SERVROOT} = $root;
$ENV{TEST_NGINX_PORT}     = Test::Nginx::Util::gen_rand_port()
    or die "no free port\n";

# Runs a test file; returns its output, exit code and signal.
sub run_file {
    my ($file) = @_;

    my $pid = open my $out, '-|';

    die "fork: $!\n" if !defined $pid;

    exec_file($file) if $pid == 0;

    my $output = do { local $/; <$out> };
    close $out;

    return $output, $? >> 8, $? & 127;
}

sub exec_file {
    my ($file) = @_;

    open STDERR, '>&', \*STDOUT or die;
    exec $^X, "-I$lib", $file or die;
}

sub write_test {
    my ($name, $head, $blocks) = @_;

    my $path = "$scratch/$name.t";

    open my $out, '>', $path or die "$path: $!\n";
    print $out "use Test::Nginx::Socket;\n$head\nrun_tests();\n"
        . "__DATA__\n$blocks";
    close $out;

    return $path;
}

sub slurp {
    my ($path) = @_;

    open my $in, '<', $path or return '';
    local $/;

    return <$in>;
}

sub wait_for {
    my ($condition) = @_;

    my $deadline = time + 10;

    sleep 0.01 while !$condition->() && time < $deadline;

    return $condition->();
}

# The process which the pid file names, if it is there and no zombie.
sub nginx_pid {
    my ($pid) = slurp($pidfile) =~ /^(\d+)/;

    return defined $pid && slurp("/proc/$pid/cmdline") ne '' ? $pid : undef;
}


# All that must pass passes, in several orders.

for my $seed (1 .. 2) {
    local $ENV{TEST_NGINX_SEED} = $seed;

    my ($output, $code) = run_file("$here/selftest/pass.t");

    my @failed = grep { !/# TODO/ } $output =~ /^not ok.*/mg;

    ok($code == 0 && !@failed, "pass.t passes (seed $seed)")
        or diag $output;

    unlike($output, qr/uninitialized/, "pass.t: no warnings (seed $seed)");

    is(nginx_pid(), undef, 'no nginx is left');
}


# What must fail fails, for its reasons only.

sub compare_failures {
    my ($file) = @_;

    my ($output) = run_file("$here/selftest/$file");

    my %blocks = map { /^=== (TEST \d+:.*)/ ? ($1 => $_) : () }
        split /^(?===)/m, slurp("$here/selftest/$file");

    my @failed = $output =~ /^not ok \d+ - (.*)/mg;

    ok(scalar keys %blocks, "$file has blocks");
    like($output, qr/^not ok \d+ - .*\n(?s:.*)^ok \d+ - /m,
        "$file has run on after its failures")
        or diag $output;

    for my $title (sort { ($a =~ /(\d+)/)[0] <=> ($b =~ /(\d+)/)[0] }
        keys %blocks)
    {
        my @expected = $blocks{$title} =~ /^fails: (.*)/mg;
        my @got      = grep { index($_, " $title") >= 0 } @failed;

        # each expectation takes one failure away

        my @missing = grep {
            my $part = $_;
            my ($i)  = grep { index($got[$_], $part) >= 0 } 0 .. $#got;

            splice @got, $i, 1 if defined $i;
            !defined $i;
        } @expected;

        ok(!@missing && !@got, "$file $title")
            or diag "missing: @missing\nunexpected: @got";
    }

    is(nginx_pid(), undef, 'no nginx is left');

    return;
}

compare_failures('fail.t');

if ($lib ne $here) {
    done_testing();
    exit;
}

compare_failures('strict.t');


# A plan that is wrong, a file that does not parse, a section that dies.

my $good = "=== TEST 1: good\n--- config\n--- request\nGET /\n";

sub ends_badly {
    my ($name, $head, $blocks, $message) = @_;

    my ($output, $code) = run_file(write_test('bad', $head, $blocks));

    ok($code != 0, "$name: exit code");
    like($output, $message, "$name: message");
    is(nginx_pid(), undef, "$name: no nginx is left");

    return;
}

ends_badly('too many planned', 'plan tests => 2;', $good,
    qr/planned 2 tests but ran 1/);

ends_badly('no plan', '', $good, qr/no plan was declared/);

ends_badly('code in a section that does not compile', 'plan "no_plan";',
    "$good--- response_body eval\n1 +\n",
    qr/syntax error at TEST 1: good, section response_body/);

ends_badly('an unknown filter', 'plan "no_plan";',
    "$good--- response_body reverze: a\n",
    qr/TEST 1: good, section response_body: no filter 'reverze'/);

ends_badly('lines after an inline value', 'plan "no_plan";',
    "$good--- error_code: 200\n300\n", qr/extra lines in section 'error_code'/);

ends_badly('death between blocks', 'plan "no_plan";
    add_test_cleanup_handler(sub { die "while nginx runs" });', $good,
    qr/while nginx runs/);

ends_badly('bail_out', 'plan "no_plan";
    add_test_cleanup_handler(sub { bail_out("enough") });', $good,
    qr/^Bail out!  enough$/m);


# Choice among blocks, and the functions which a file may call.

sub passes {
    my ($name, $head, $blocks, $count) = @_;

    my ($output, $code) = run_file(write_test('good', $head, $blocks));

    ok($code == 0, "$name: exit code") or diag $output;
    is(() = $output =~ /^ok/mg, $count, "$name: number of tests");

    return $output;
}

my $bad = $good =~ s/good/bad/r . "--- error_code: 500\n";

passes('SKIP', 'plan tests => 1 * blocks();', "$bad--- SKIP\n\n$good", 1);
passes('ONLY', 'plan tests => 1 * blocks();', "$bad\n$good--- ONLY\n\n$bad", 1);
passes('LAST', 'plan tests => 1 * blocks();', "$good--- LAST\n\n$bad", 1);

unlike(passes('a section without a value at the end', 'plan tests => 1;',
    "$good foo;\n--- must_die\n" =~ s/--- request\nGET \/\n//r, 1),
    qr/uninitialized/, 'a section without a value at the end: no warnings');

passes('repetitions', 'plan tests => repeat_each(3) * blocks() * 2;',
    "$good--- response_body_like: It works\n", 6);

passes('a block without config asks the nginx that runs',
    'plan tests => 2 * blocks(); no_shuffle();', <<'END', 4);
=== TEST 1: one
--- config
    location = /t { return 200 "first"; }
--- request
GET /t
--- response_body: first

=== TEST 2: two
--- request
GET /t
--- response_body: first
END

passes('settings of the server', <<'HEAD', <<'END', 4);
plan tests => 4 * blocks();
no_root_location();
log_level('notice');
workers(2);
master_on();
worker_connections(77);
server_name('named');
config_preamble('location = /p { return 200 "$server_name $host"; }');
env_to_nginx('SELFTEST=a b');
HEAD
=== TEST 1: all
--- config
--- request
GET /p
--- response_body: named named
--- error_log
start worker processes
--- no_error_log
[debug]
END

like(slurp("$root/conf/nginx.conf"),
    qr/^worker_processes 2;.*^env 'SELFTEST=a b';\n.*worker_connections 77;/ms,
    'settings of the server: nginx.conf');

unlike(slurp("$root/conf/nginx.conf"), qr{location / \{},
    'no_root_location: nginx.conf');

my $trace = passes('handlers', <<'HEAD', $good, 3);
plan tests => 3;
add_cleanup_handler(sub { pass('file is done') });
add_test_cleanup_handler(sub { pass('done with ' . $_[0]->name) });
HEAD

like($trace, qr/done with \S+ TEST 1: good\n.*file is done/s,
    'handlers: their order');


# Lines that must not be there are looked for when nginx has done its part:
# here 0.1 seconds after the client has gone, of 0.3 that it is given.

{
    local $ENV{TEST_NGINX_SLEEP} = 0.1;

    my ($output) = run_file(write_test('late', 'plan tests => 2;', <<'END'));
=== TEST 1: late
--- config
    location = /t { echo a; echo_flush; echo_blocking_sleep 0.33; }
--- request
GET /t HTTP/1.0
--- timeout: 0.23
--- abort
--- no_access_log
GET /t
END

    like($output, qr/^ok 1 .*\n(?s:.*)^not ok 2 .*"GET \/t"/m,
        'a forbidden line that comes late is seen');
}


# Whatever ends a test file, its nginx ends, too.

my $hangs = write_test('hangs', 'plan tests => 1;', <<'END');
=== TEST 1: for ever
--- config
    location = /t { echo_sleep 60; echo a; }
--- request
GET /t
--- timeout: 60
END

for my $signal (qw(INT TERM HUP)) {
    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        open STDOUT, '>', '/dev/null';
        exec_file($hangs);
    }

    ok(wait_for(sub { nginx_pid() }), "SIG$signal: nginx runs");

    kill $signal, $pid;
    waitpid $pid, 0;

    isnt($?, 0, "SIG$signal: exit status");
    is(nginx_pid(), undef, "SIG$signal: no nginx is left");
}

{
    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        open STDOUT, '>', '/dev/null';
        exec_file($hangs);
    }

    wait_for(sub { nginx_pid() });
    kill 'KILL', $pid;
    waitpid $pid, 0;

    my $left = nginx_pid();

    ok($left, 'SIGKILL: nginx is left behind');
    passes('SIGKILL: the next file ends it', 'plan tests => 1;', $good, 1);
    is(slurp('/proc/' . ($left // 0) . '/cmdline'), '', 'SIGKILL: it is gone');
}


# valgrind, whose complaints fail: here those of memory that is merely in use.

SKIP: {
    skip 'no valgrind', 3 if system('valgrind --version >/dev/null 2>&1');

    local $ENV{TEST_NGINX_USE_VALGRIND} = 1;

    passes('valgrind', 'plan tests => 1;', $good, 1);

    $ENV{TEST_NGINX_USE_VALGRIND}
        = '--leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all';

    my ($output, $code) = run_file(write_test('leak', 'plan tests => 1;',
        $good));

    like($output, qr/^not ok 2 .*TEST 1: good - valgrind found errors/m,
        'valgrind: what it finds fails');
}

done_testing();
