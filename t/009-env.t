# Keys in the environment belong to the service: they survive what an admin
# does from a shell that lacks them, and the binary's replacement.
use Test::Nginx::Socket;
use FindBin ();
use IO::Socket::INET ();

BEGIN {
    require "$FindBin::Bin/lib/OwnUpstreams.pm";
    OwnUpstreams->import;
    require "$FindBin::Bin/lib/Gateway.pm";
    Gateway->import;
}

$ENV{TEST_NGINX_B_PORT} = $Port{b};

$ENV{CCPROXY_TEST_KEY}      = 'sk-of-the-environment-0123';
$ENV{CREDENTIALS_DIRECTORY} = "$FindBin::Bin/servroot_credentials_$$";

mkdir $ENV{CREDENTIALS_DIRECTORY}, 0700 or die $!;
open my $out, '>', "$ENV{CREDENTIALS_DIRECTORY}/second" or die $!;
print $out "sk-of-the-credential-0123\n";
close $out;
chmod 0400, "$ENV{CREDENTIALS_DIRECTORY}/second";

our $Owner = $$;

END {
    if ($$ == $Owner) {
        unlink "$ENV{CREDENTIALS_DIRECTORY}/second";
        rmdir $ENV{CREDENTIALS_DIRECTORY};
    }
}

our $HttpConfig = <<'END';
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_B_PORT/v1;
        key env:CCPROXY_TEST_KEY;
        key file:$CREDENTIALS_DIRECTORY/second;
    }
    upstream pool { ccproxy; ccproxy_target up; }
END

our $Config = <<'END';
    location /v1/ { ccproxy on; proxy_pass http://pool; }
    location = /ready { return 200 ready; }
END

sub pid {
    my ($name) = @_;
    open my $in, '<', server_root() . "/logs/$name" or return 0;
    return <$in> =~ /(\d+)/ ? $1 : 0;
}

# nginx as an admin calls it, from a shell without the service's variables.
sub admin {
    my ($conf, @args) = @_;
    local @ENV{qw(CCPROXY_TEST_KEY CREDENTIALS_DIRECTORY)};
    delete @ENV{qw(CCPROXY_TEST_KEY CREDENTIALS_DIRECTORY)};
    my $root = server_root();
    my $nginx = $ENV{TEST_NGINX_BINARY} // 'nginx';
    my $said = `'$nginx' -p '$root/' -e stderr -c '$root/conf/$conf' @args 2>&1`;
    return ($? == 0, $said);
}

# The test's configuration once more, as a daemon on another port; its pid.
sub daemon {
    my $root = server_root();
    my $free = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
        || die $!;
    $Gateway::Port = $free->sockport;
    close $free;

    open my $in, '<', "$root/conf/nginx.conf" or die $!;
    my $conf = do { local $/; <$in> };
    my $port = server_port();

    $conf =~ s/daemon off;/daemon on;/;
    $conf =~ s/nginx\.pid/daemon.pid/;
    $conf =~ s/error\.log/daemon.log/;
    $conf =~ s/(listen\s+(?:[\d.]+:)?)$port\b/$1$Gateway::Port/g;

    open my $out, '>', "$root/conf/daemon.conf" or die $!;
    print $out $conf;
    close $out;

    my $nginx = $ENV{TEST_NGINX_BINARY} // 'nginx';
    system($nginx, '-p', "$root/", '-c', "$root/conf/daemon.conf") == 0
        or die 'no daemon';
    wait_for('a daemon runs', sub { pid('daemon.pid') });

    return pid('daemon.pid');
}

# Both keys are sent, in two requests.
sub served {
    my ($when) = @_;
    my %keys;

    for (1, 2) {
        my $client = post('/v1/messages', question('x'));
        my $up = heard('b');
        $keys{$1} = 1 if $up && got($up) =~ /Bearer (sk-[\w-]+)/;
        say_to($up, chat('fine')) if $up;
        close $up if $up;
        client_gets($client, qr/"text":"fine"/, "$when: served");
    }

    is_deeply([sort keys %keys], ['sk-of-the-credential-0123',
        'sk-of-the-environment-0123'], "$when: with both keys");
}

sub wait_for {
    my ($what, $f) = @_;
    for (1 .. 100 * $Patience) {
        return pass($what) if $f->();
        select undef, undef, undef, 0.01;
    }
    return fail($what);
}

our %Checks = (
    shell => sub {
        served('at first');

        my ($ok, $said) = admin('nginx.conf', '-t');
        ok($ok, 'nginx -t from a shell without the variables') or diag($said);
        like($said, qr/\[warn\].*"CCPROXY_TEST_KEY"\ is\ not\ in\ this
            \ environment:\ the\ nginx\ that\ runs.*nginx\.conf:\d+/x,
            '... tells so');
        unlike($said, qr/sk-of/, '... and no key');

        my $worker = number('start worker process');
        ($ok, $said) = admin('nginx.conf', '-s', 'reload');
        ok($ok, 'nginx -s reload') or diag($said);
        wait_for('a new worker', sub {
            number('start worker process') != $worker });
        served('after it');
    },

    # nginx takes no USR2 from a parent that waits for it: this one is a daemon.
    upgrade => sub {
        my $old = daemon();
        served('by a daemon');

        kill 'USR2', $old;
        wait_for('a new binary runs', sub {
            my $new = pid('daemon.pid');
            $new && $new != $old && pid('daemon.pid.oldbin') == $old });
        my $new = pid('daemon.pid');

        kill 'QUIT', $old;
        wait_for('the old one ends', sub { !kill 0, $old });
        served('by the new binary');

        my ($ok, $said) = admin('daemon.conf', '-t');
        ok($ok, 'nginx -t then') or diag($said);

        kill 'TERM', $new;
        wait_for('the new one ends', sub { !kill 0, $new });
        $Gateway::Port = undef;
    },
);

sub log_text {
    open my $in, '<', server_root() . '/logs/error.log' or die $!;
    local $/;
    return <$in>;
}

sub count { my ($p) = @_; my $n = () = log_text() =~ /$p/g; return $n }
sub number { my ($p) = @_; my @n = log_text() =~ /$p (\d+)/g; return $n[-1] // 0 }

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value('http_config', $HttpConfig)
        if !defined $block->http_config;
    $block->set_value('config', $Config) if !defined $block->config;

    if (!defined $block->must_die) {
        $block->set_value('request', 'GET /ready');
        $block->set_value('response_body', 'ready');
    }
});

add_response_body_check(sub {
    my ($block) = @_;
    $Checks{$_}->() for split ' ', $block->does // '';
});

log_level('notice');
master_process_enabled(1);
no_long_string();
no_shuffle();

plan 'no_plan';

run_tests();

__DATA__

=== TEST 1: an admin's shell
--- does: shell
--- no_error_log
[alert]



=== TEST 2: another binary (USR2)
--- does: upgrade
--- no_error_log
[alert]



=== TEST 3: a variable that nobody has
--- http_config
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:1/v1;
        key env:CCPROXY_NOWHERE;
    }
--- config
--- must_die
--- error_log
the environment has no "CCPROXY_NOWHERE"



=== TEST 4: a credential that was not loaded
--- http_config
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:1/v1;
        key file:$CREDENTIALS_DIRECTORY/third;
    }
--- config
--- must_die
--- error_log
can't read the key file
