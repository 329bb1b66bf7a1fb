# Clients that leave, workers that are replaced: what becomes of streams.
#
# The upstream is this process (lib/OwnUpstreams.pm): it takes the connection,
# says a part of the answer and sees what nginx does with the rest of it.
use Test::Nginx::Socket;
use IO::Socket::INET;
use IO::Select;
use Socket qw(SOL_SOCKET SO_LINGER);
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/OwnUpstreams.pm"; OwnUpstreams->import }

$ENV{TEST_NGINX_UP_PORT} = $Port{b};

our $HttpConfig = <<'END';
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
    }
    upstream pool { ccproxy; ccproxy_target up; }
END

our $Config = <<'END';
    location /v1/ {
        ccproxy on;
        proxy_pass http://pool;
    }
    location = /ready { return 200 ready; }
    location = /status { ccproxy_status; }
END

sub connect_nginx {
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => server_port()) || die "connect: $!";
}

# A client's connection with a request on it, and the upstream's for it.
sub open_stream {
    my $client = connect_nginx();
    my $body = '{"model":"m","max_tokens":9,"stream":true,'
        . '"messages":[{"role":"user","content":"x"}]}';

    print $client "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
    $client->flush;

    return $client, asked('b') // die 'no request';
}

sub served {
    my $client = connect_nginx();
    print $client "GET /status HTTP/1.0\r\n\r\n";
    $client->flush;
    ends($client);
    return ${*$client}{got} =~ /"requests_served":(\d+)/ ? $1 : 'nothing';
}

# The last number that the pattern finds in a file, once it is there.
sub number_in {
    my ($name, $pattern, $after) = @_;

    for (1 .. 100 * $Patience) {
        open my $in, '<', server_root() . "/logs/$name" or die "$name: $!";
        local $/;
        my @found = <$in> =~ /$pattern/g;
        return $found[-1] if @found && $found[-1] ne ($after // '');
        select undef, undef, undef, 0.01;
    }

    die "no $pattern in $name";
}

# A graceful replacement of the worker while a stream is on its way.
sub replaced {
    my ($signal, $pid) = @_;

    my $old = number_in('error.log', qr/start worker process (\d+)/);
    my ($client, $up) = open_stream();
    my $served = served();

    print $up $Begin;
    $up->flush;
    is(read_until($client, qr/"Hello"/), 1, "$signal: the stream begins");

    kill $signal, $pid // $old;
    number_in('error.log', qr/\] ($old)#\d+: gracefully shutting down/);

    print $up $End;
    $up->flush;
    is(read_until($client, qr/event: message_stop\n/), 1,
        "$signal: the stream goes on to its end");
    unlike(${*$client}{got}, qr/event: error/, "$signal: no error in it");

    close $client;
    close $up;
    number_in('error.log', qr/worker process ($old) exited with code 0/);
    number_in('error.log', qr/start worker process (\d+)/, $old);
    is(served(), $served, "$signal: the counter stays");
}

our %Checks = (

    stream => sub {
        my ($client, $up) = open_stream();
        print $up $Begin;
        $up->flush;
        is(read_until($client, qr/"Hello"/), 1, 'the stream begins');
        close $client;
        is(ends($up), 1, 'the upstream sees the end');
    },

    reset => sub {
        my ($client, $up) = open_stream();
        print $up $Begin;
        $up->flush;
        is(read_until($client, qr/"Hello"/), 1, 'the stream begins');
        setsockopt $client, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
        close $client;
        is(ends($up), 1, 'the upstream sees the end');
    },

    wait => sub {
        my ($client, $up) = open_stream();
        close $client;
        is(ends($up), 1, 'the upstream sees the end');
    },

    ping => sub {
        my ($client, $up) = open_stream();
        print $up $Begin;
        $up->flush;
        is(read_until($client, qr/(event: ping.*){3}/s), 1, 'pings come');
        close $client;
        is(ends($up), 1, 'the upstream sees the end');
    },

    stall => sub {
        my ($client, $up) = open_stream();
        my $event = delta('{"content":"' . 'x' x 4000 . '"}');
        my $out = $Begin . $event;
        my ($written, $blocked, $pings) = (0, 0, 0);

        # the client reads nothing until the upstream can't write any more

        $up->blocking(0);

        while ($written < 256e6) {
            if (!IO::Select->new($up)->can_write(1)) {
                $blocked = 1;
                last;
            }

            my $n = syswrite($up, $out) // 0;
            $written += $n;
            substr($out, 0, $n) = '';
            $out .= $event if length $out < 65536;
        }

        is($blocked, 1, 'the upstream has to wait for the client');

        $out =~ s/.*?\n\n\K.*//s;
        $out .= $End;

        my $in = '';

        while ($in !~ /message_stop/) {
            my $select = IO::Select->new($client);
            my $writer = IO::Select->new(length $out ? $up : ());
            my ($r, $w) = IO::Select->select($select, $writer, undef,
                $Patience) or last;

            substr($out, 0, syswrite($up, $out) // 0) = '' if @$w;

            if (@$r) {
                $in = substr $in, -1000 if length $in > 1000;
                sysread($client, $in, 65536, length $in) or last;
                $pings += () = $in =~ /event: ping/g;
            }
        }

        like($in, qr/message_stop/, 'all of it comes through');
        is($pings, 0, 'and no ping was put behind what waited');
    },

    reload => sub { replaced('HUP', number_in('nginx.pid', qr/(\d+)/)) },
    quit => sub { replaced('QUIT') },

    kill => sub {
        my $old = number_in('error.log', qr/start worker process (\d+)/);
        my ($client, $up) = open_stream();
        my $served = served();

        kill 'KILL', $old;
        is(ends($client), 1, 'the client sees the end');
        is(ends($up), 1, 'the upstream sees the end');
        number_in('error.log', qr/start worker process (\d+)/, $old);
        is(served(), $served, 'the counter stays');
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    master_process_enabled($block->name =~ /worker/ ? 1 : 0);
    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config) if !defined $block->config;
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
});

add_response_body_check(sub {
    my ($block) = @_;

    $Checks{$block->does}->();
});

plan tests => repeat_each() * (blocks() * 3 + 21);

no_shuffle();
no_long_string();
run_tests();

__DATA__

=== TEST 1: T40: a client leaves its stream
--- does: stream
--- no_error_log
[alert]



=== TEST 2: a client resets its connection
--- does: reset
--- no_error_log
[alert]



=== TEST 3: a client leaves before the first byte
--- does: wait
--- no_error_log
[alert]



=== TEST 4: a client leaves a stream of which only pings come
--- config
    location /v1/ {
        ccproxy on;
        ccproxy_ping 50ms;
        proxy_pass http://pool;
    }
    location = /ready { return 200 ready; }
--- does: ping
--- no_error_log
[alert]



=== TEST 5: a client that stalls
--- config
    location /v1/ {
        ccproxy on;
        ccproxy_ping 400ms;
        proxy_pass http://pool;
    }
    location = /ready { return 200 ready; }
--- does: stall
--- no_error_log
[alert]



=== TEST 6: a reload replaces the worker
--- does: reload
--- no_error_log
[alert]



=== TEST 7: a worker ends and is replaced
--- does: quit
--- no_error_log
[alert]



=== TEST 8: a worker is killed
--- does: kill
--- error_log
exited on signal 9
