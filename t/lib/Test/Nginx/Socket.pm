# A small runner of test files in the format of CPAN's Test::Nginx::Socket, for
# machines without it.  The same files run under both; what this one does not
# know, it refuses instead of passing over it.
#
# The environment: TEST_NGINX_BINARY (nginx), TEST_NGINX_PORT (1984),
# TEST_NGINX_SERVROOT (t/servroot), TEST_NGINX_LOAD_MODULES (paths of modules),
# TEST_NGINX_LOG_LEVEL (debug), TEST_NGINX_TIMEOUT (3 seconds),
# TEST_NGINX_USE_VALGRIND (1, or valgrind's options), TEST_NGINX_LD_PRELOAD,
# TEST_NGINX_RANDOMIZE (free port, server root of its own: for "prove -j"),
# TEST_NGINX_NO_SHUFFLE, TEST_NGINX_SEED (the order of blocks to repeat),
# TEST_NGINX_VERBOSE.
package Test::Nginx::Socket;

use strict;
use warnings;

use Carp ();
use File::Path ();
use List::Util qw(shuffle);
use Scalar::Util qw(looks_like_number openhandle);
use Test::More ();
use Time::HiRes qw(sleep);
use Test::Nginx::Util ();
use Test::Nginx::Runner::Blocks ();
use Test::Nginx::Runner::Checks ();
use Test::Nginx::Runner::Client ();
use Test::Nginx::Runner::Config ();
use Test::Nginx::Runner::Logs ();
use Test::Nginx::Runner::Mock ();
use Test::Nginx::Runner::Process ();

our $VERSION = '0.33';

my %Export = (
    'Test::Nginx::Util' => [qw(
        env_to_nginx is_str repeat_each config_preamble worker_connections
        master_process_enabled no_long_string workers master_on master_off
        log_level no_shuffle no_root_location use_hup server_name server_addr
        server_root html_dir server_port server_port_for_client timeout
        no_nginx_manager check_accum_error_log add_block_preprocessor bail_out
        add_test_cleanup_handler add_cleanup_handler add_response_body_check
    )],
    'Test::More' => [qw(
        is ok isnt like unlike is_deeply cmp_ok skip todo_skip pass fail plan
        can_ok isa_ok diag use_ok eq_array eq_hash eq_set
    )],
    'Carp'                => [qw(croak carp cluck confess)],
    'Test::Nginx::Socket' => [qw(run_tests run_test blocks filters no_diff)],
);

# Sections that do something here...
my %Section = map { $_ => 1 } qw(
    config http_config main_config post_main_config server_name log_level
    error_log_file init post_setup_server_root user_files

    request pipelined_requests raw_request raw_request_middle_delay
    more_headers timeout abort shutdown server_addr_for_client wait

    error_code error_code_like ignore_response response_headers
    response_headers_like raw_response_headers_like
    raw_response_headers_unlike response_body response_body_like
    response_body_unlike response_body_filters response_body_json_sort

    error_log no_error_log grep_error_log grep_error_log_out access_log
    no_access_log shutdown_error_log no_shutdown_error_log

    must_die skip_nginx skip_eval todo ONLY SKIP LAST

    tcp_listen tcp_reply tcp_reply_delay tcp_query tcp_query_len
    tcp_query_auto_timeout tcp_no_close tcp_shutdown tcp_shutdown_delay
);

# ...and those which are for modes that are CPAN's alone.
my %Ignored = map { $_ => 1 } qw(
    no_check_leak no_http2 no_http3 no_mockeagain suppress_stderr stap
);

# Of each pair only the first is looked at.
my @EXCLUSIVE = (
    [qw(error_code_like error_code)],
    [qw(response_headers response_headers_like)],
    [qw(response_body response_body_like)],
    [qw(response_body response_body_unlike)],
    [qw(response_body_like response_body_unlike)],
);

my ($Blocks, $RunningBlock, $Mock);
my $Explained = 0;
my $Owner     = $$;

sub import {
    my ($class, @plan) = @_;

    my $caller = caller;

    strict->import;
    warnings->import;

    no strict 'refs';

    for my $package (keys %Export) {
        *{"${caller}::$_"} = \&{"${package}::$_"} for @{$Export{$package}};
    }

    *{"${caller}::TODO"} = \${"${caller}::TODO"};

    Test::More->builder->exported_to($caller);
    Test::More::plan(@plan) if @plan;

    return;
}

# blocks() counts the blocks in scalar context and lists them in list context.
sub blocks {
    if (!$Blocks) {
        my $handle = openhandle(\*main::DATA);
        my $text   = $handle ? do { local $/; <$handle> } : '';

        $Blocks = [Test::Nginx::Runner::Blocks::parse($text, $0)];
    }

    return scalar @$Blocks if !wantarray;

    $_->run_filters for @$Blocks;

    return @$Blocks;
}

sub filters {
    return Test::Nginx::Runner::Blocks::add_filters(@_);
}

sub no_diff () {
}

sub run_tests () {
    my @blocks = blocks();

    local $SIG{PIPE} = 'IGNORE';

    # exit() instead of death: the END block below stops what runs

    local @SIG{qw(INT TERM HUP)} = map {
        my $code = $_;
        sub { exit $code }
    } 130, 143, 129;

    Test::Nginx::Runner::Process::end_stale();

    $Test::Nginx::Util::NginxVersion = Test::Nginx::Runner::Process::version();

    my $seed = srand($ENV{TEST_NGINX_SEED} // int rand 1e6);

    @blocks = shuffle @blocks if !$Test::Nginx::Util::NoShuffle;

    for my $block (@blocks) {
        run_test($block);
        _explain_failures();
    }

    _stop_nginx();

    if (_failures() && !$Test::Nginx::Util::NoShuffle) {
        Test::More::diag("order of blocks: TEST_NGINX_SEED=$seed");
    }

    _cleanup();

    return;
}

sub _failures {
    return scalar grep { !$_ } Test::More->builder->summary;
}

# Shows what error.log has to say if a test has failed since the last call.
sub _explain_failures {
    my $failures = _failures();

    return if $failures == $Explained;

    $Explained = $failures;

    my @lines = Test::Nginx::Runner::Logs::severe_lines();

    Test::More::diag(join '', "error.log:\n", map {"  $_"} @lines) if @lines;

    return;
}

# Runs one block.  An error in the test file itself is a failed test.
sub run_test ($) {
    my ($block) = @_;

    my $name = "$0 " . $block->name;

    my $done = eval {
        $_->($block) for @Test::Nginx::Util::BlockPreprocessors;

        _refuse_unknown($block);

        $block->set_value(name => $name);
        $Test::Nginx::Util::RandPorts = {};

        _run_block($block) if !_skip($block);
        1;
    };

    my $error = $@;

    if ($Mock) {
        $Mock->end;
        undef $Mock;
    }

    _fail($name, $error =~ s/^\Q$name\E - //r) if !$done;

    $_->($block) for @Test::Nginx::Util::TestCleanupHandlers;

    return;
}

# A failed test whose name is the first line of what is wrong.
sub _fail {
    my ($name, $wrong) = @_;

    my ($first, $rest) = split /\n/, $wrong, 2;

    Test::More::fail("$name - $first");
    Test::More::diag($rest) if defined $rest && $rest =~ /\S/;

    return;
}

# A misspelt section would be an assertion that never fails.  A name that the
# code of the test file asks a block for is its own.
sub _refuse_unknown {
    my ($block) = @_;

    my ($code) = split /^__(?:DATA|END)__$/m,
        Test::Nginx::Runner::Process::read_log($0);

    for my $section ($block->section_names) {
        next if $Section{$section} || $Ignored{$section}
            || ($code // '') =~ /->\s*$section\b/;

        die "section '$section' is unknown to t/lib's runner: misspelt, or"
            . " only in CPAN's Test::Nginx::Socket\n";
    }

    for my $pair (@EXCLUSIVE) {
        my ($first, $second) = @$pair;

        die "--- $second is not looked at where there is --- $first\n"
            if defined $block->$first && defined $block->$second;
    }

    return;
}

# Skips the block, or leaves it to do, if a section says so: "N: condition",
# where N is the number of its tests.  Returns true if nothing is to be run.
sub _skip {
    my ($block) = @_;

    my $name  = $block->name;
    my $skip  = \&Test::More::skip;
    my ($count, $reason);

    if (defined(my $spec = $block->skip_eval)) {
        $spec =~ /^\s*(\d+)\s*:\s*(.*)/s
            or die "bad --- skip_eval '$spec': N: Perl code\n";

        my ($n, $code) = ($1, $2);

        my $hit = eval "package Test::Nginx::Util; $code";

        die "--- skip_eval: $@" if $@;

        ($count, $reason) = ($n, 'skip_eval') if $hit;
    }

    if (defined(my $spec = $block->skip_nginx)) {
        $spec =~ /^\s*(\d+)\s*:\s*([<>]=?)\s*(\d+)\.(\d+)\.(\d+)
                  (?:\s*:\s*(.*))?\s*$/x
            or die "bad --- skip_nginx '$spec': N: >= 1.23.0: reason\n";

        my ($n, $op, $why) = ($1, $2, $6);
        my $than = sprintf '%d.%03d%03d', $3, $4, $5;
        my $have = $Test::Nginx::Util::NginxVersion;

        my %holds = (
            '<'  => $have < $than,
            '<=' => $have <= $than,
            '>'  => $have > $than,
            '>=' => $have >= $than,
        );

        ($count, $reason) = ($n, $why || "nginx version $op $3.$4.$5")
            if $holds{$op};
    }

    if (!defined $count && defined(my $spec = $block->todo)) {
        ($count, $reason) = $spec =~ /^\s*(\d+)\s*:\s*(.*)/s
            or die "bad --- todo '$spec': N: reason\n";

        $skip = \&Test::More::todo_skip;
    }

    return 0 if !defined $count;

    for (1 .. $Test::Nginx::Util::RepeatEach) {

        # both leave the blocks SKIP and TODO by "last"

        no warnings 'exiting';

        SKIP: { TODO: { $skip->("$name - $reason", $count) } }
    }

    return 1;
}

sub _run_block {
    my ($block) = @_;

    my $name = $block->name;

    if (defined $block->must_die) {
        _run_must_die($block);
        return;
    }

    if (defined $block->config) {
        _start_nginx($block);

    } elsif (!$RunningBlock) {
        die "no --- config, and no nginx runs for an earlier block\n";
    }

    if (defined(my $code = $block->init)) {
        eval $code;
        die "--- init failed: $@" if $@;
    }

    Test::Nginx::Runner::Logs::rewind();

    for my $repeat (0 .. $Test::Nginx::Util::RepeatEach - 1) {
        $Mock = Test::Nginx::Runner::Mock->start($block);

        Test::Nginx::Runner::Config::write_user_files($block) if $repeat;

        _run_requests($block, $repeat);

        if ($Mock) {
            $Mock->finish;
            undef $Mock;
        }
    }

    return;
}

sub _start_nginx {
    my ($block) = @_;

    _stop_nginx();

    Test::Nginx::Runner::Config::prepare($block);

    my $status = Test::Nginx::Runner::Process::start(0);

    die "nginx does not start (wait status $status):\n",
        Test::Nginx::Runner::Process::stderr_text()
        if defined $status;

    $RunningBlock = $block;

    return;
}

# Stops nginx, if it runs; what is wrong with its end fails a test of the block
# that it was started for.
sub _stop_nginx {
    return if !$RunningBlock;

    my $block = $RunningBlock;
    my $name  = $block->name;

    undef $RunningBlock;

    my @complaints = Test::Nginx::Runner::Process::stop();

    # a test that kills a worker says so

    my $spoken = $block->error_log // '';

    $spoken = join ' ', @$spoken if ref $spoken eq 'ARRAY';

    if ($spoken =~ /exited on signal/) {
        @complaints = grep { !/^worker process/ } @complaints;
    }

    _fail($name, $_) for @complaints;

    Test::Nginx::Runner::Logs::check_shutdown($block);
    _explain_failures();

    return;
}

# --- must_die: nginx must refuse its configuration, with the exit code given
# if there is one.
sub _run_must_die {
    my ($block) = @_;

    my $name = $block->name;
    my $code = $block->must_die;

    _stop_nginx();

    Test::Nginx::Runner::Config::prepare($block);
    Test::Nginx::Runner::Logs::rewind();

    for my $repeat (0 .. $Test::Nginx::Util::RepeatEach - 1) {
        my $status = Test::Nginx::Runner::Process::start(1);
        my @complaints;

        if (!defined $status) {
            Test::Nginx::Runner::Process::stop();

        } else {
            @complaints = Test::Nginx::Runner::Process::report_complaints();
        }

        if (defined $status && $status & 127) {
            Test::More::fail("$name - "
                . Test::Nginx::Runner::Process::status_complaint($status));

        } elsif (looks_like_number($code)) {
            Test::More::is(defined $status ? $status >> 8 : 'it runs', $code,
                "$name - die with the expected exit code");

        } else {
            Test::More::ok($status, "$name - die as expected");
        }

        _fail($name, $_) for @complaints;

        Test::Nginx::Runner::Logs::check_error_log($block, $repeat);
    }

    return;
}

sub _run_requests {
    my ($block, $repeat) = @_;

    my $name      = $block->name;
    my @requests  = Test::Nginx::Runner::Client::requests($block);
    my $pipelined = $block->pipelined_requests;
    my $index     = 0;

    my $responses = $pipelined ? @$pipelined : 1;
    my $many      = $pipelined || @requests > 1;

    for my $request (@requests) {
        my $is_head = $request->[0]{value} =~ /^\s*HEAD\s/;

        my $bytes = Test::Nginx::Runner::Client::exchange($block, $request);

        Test::More::diag("$name: [", map({ $_->{value} } @$request),
            "] -> [$bytes]") if $Test::Nginx::Util::Verbose;

        for my $n (1 .. $responses) {
            $bytes = _check_response($block, {index => $index,
                repeat => $repeat, many => $many}, $bytes // '', $is_head);

            if ($n == $responses && defined $bytes) {
                Test::More::diag("WARNING: $name - extra bytes after the"
                    . ' response: "' . Test::Nginx::Util::fmt_str($bytes)
                    . '"');
            }

            sleep $block->wait if $block->wait;

            Test::Nginx::Runner::Logs::check_logs($block, $repeat);

            $index++;
        }
    }

    return;
}

# Takes one response off the bytes and checks it; returns the rest.
sub _check_response {
    my ($block, $at, $bytes, $is_head) = @_;

    return undef if defined $block->ignore_response;

    my ($response, $raw_headers, $left)
        = Test::Nginx::Runner::Client::parse_response($block->name, $bytes,
            $is_head);

    Test::Nginx::Runner::Checks::check_response($block, $at, $response,
        $raw_headers);

    return $left;
}

sub _cleanup {
    $_->() for splice @Test::Nginx::Util::CleanupHandlers;

    $Mock->end if $Mock;
    undef $Mock;

    Test::Nginx::Runner::Process::kill_now();

    if ($Test::Nginx::Util::Randomize) {
        File::Path::remove_tree($Test::Nginx::Util::ServRoot);
    }

    return;
}

# For a file that dies, exits or is interrupted.
END {
    if ($$ == $Owner) {
        local ($?, $@);

        _cleanup();
    }
}

1;
