# Shares of the pairs, and upstreams of which one in three fails: many
# requests on two workers, seen from the upstreams' log.
use Test::Nginx::Socket 'no_plan';
use IO::Socket::INET;
use Time::HiRes qw(time);
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');
workers(2);
master_on();

our $Patience = $ENV{TEST_NGINX_USE_VALGRIND} ? 100 : 20;

our $Answer = '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":'
    . '{"role":"assistant","content":"served"},"finish_reason":"stop"}]}';

our $Upstream = '
    log_format up "$msec $http_authorization $request_body";
    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        default_type application/json;
        access_log logs/up.log up;
        location / { echo_read_request_body; echo \'' . $Answer . '\'; }
        location /s429/ { add_header Retry-After 2 always; return 429 \'{"error":{"message":"slow down"}}\'; }
        location /s401/ { return 401 \'{"error":{"message":"wrong key"}}\'; }
        location /s500/ { return 500 \'{"error":{"message":"broken"}}\'; }
        location /reset/ { return 444; }
        location /event/ {
            default_type text/event-stream;
            echo \'data: {"error":{"message":"Overloaded","type":"overloaded_error","code":529}}\';
            echo \'\';
        }
    }
';

# One request on a connection of its own; what is wrong with its answer.
sub ask {
    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => server_port()) or return "connect: $!";
    my $body = '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';
    my $text = '';
    local $SIG{ALRM} = sub { die "time-out\n" };

    print $sock "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n",
        'Content-Length: ' . length($body) . "\r\n\r\n$body";
    $sock->flush;

    eval {
        alarm $Patience;
        1 while sysread $sock, $text, 65536, length $text;
        alarm 0;
        1;
    } or $text .= $@;

    return $text =~ m{^HTTP/1.1 200 .*"text":"served"}s ? '' : $text || 'nothing';
}

# What the upstreams were asked: time, key and model of each request.
sub asked {
    open my $in, '<', server_root() . '/logs/up.log' or die "up.log: $!";
    return map { m{^(\S+) Bearer (\S+) (?:.*\\x22model\\x22:\\x22([^\\]*)|)} ? [$1, $2, $3 // ''] : () } <$in>;
}

our %Checks = (

    even => sub {
        is(join('', map { ask() } 1 .. 2700), '', '2700 answers');

        my %share;
        $share{"$_->[1] $_->[2]"}++ for asked();

        is(scalar(keys %share), 27, 'of all pairs');
        is(join(', ', map {"$_ $share{$_}"} grep { $share{$_} < 80 || $share{$_} > 120 } keys %share), '',
            'each within a fifth of its share');
    },

    weights => sub {
        is(join('', map { ask() } 1 .. 400), '', '400 answers');

        my %share;
        $share{$_->[1]}++ for asked();

        cmp_ok(abs($share{k1} - 300), '<=', 45, "three quarters: $share{k1}");
        cmp_ok(abs($share{k2} - 100), '<=', 15, "and one: $share{k2}");
    },

    faults => sub {
        my ($n, $bad, $end, @late) = (0, '', time + 3 * $Patience);

        # until the key that answers 429 was found out twice

        while (@late < 2 && time < $end) {
            for (1 .. 50) {
                $n++;
                $bad ||= ask();
            }

            @late = map { $_->[0] } grep { $_->[1] eq 's429' } asked();
        }

        is($bad, '', "$n requests, none of which sees a fault");

        my %tried;
        $tried{$_->[1]}++ for asked();

        ok($tried{$_}, "$_ was tried") for qw(s429 s401 s500 reset event);
        cmp_ok($late[1] - $late[0], '>=', 1.99, 'a key that answers 429 is left alone for its Retry-After');
        is($tried{s401}, 1, 'one that is refused for longer');
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $Upstream . $block->http_config);
    $block->set_value('config', '
    location / { ccproxy on; proxy_pass http://p; }
    location = /ready { return 200 ready; }
');
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
});

add_response_body_check(sub {
    my ($block) = @_;

    chomp(my $does = $block->does);
    $Checks{$does}->();
});

run_tests();

__DATA__

=== TEST 1: three providers, three keys, three models
--- http_config eval
join('', map { "ccproxy_provider p$_ { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/v1; key literal:p${_}k1; key literal:p${_}k2; key literal:p${_}k3; }\n" } 1 .. 3)
. 'upstream p { ccproxy; ' . join(' ', map { my $p = $_; map {"ccproxy_target p$p m$_;"} 1 .. 3 } 1 .. 3) . ' }'
--- does: even
--- timeout: 60
--- no_error_log
[error]



=== TEST 2: weights
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k1; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k2; }
    upstream p { ccproxy; ccproxy_target a m weight=3; ccproxy_target b m; }
--- does: weights
--- no_error_log
[error]



=== TEST 3: one pair in three fails, each in its way
--- http_config eval
join('', map { "ccproxy_provider $_ { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/$_; key literal:$_; }\n" }
    qw(s429 s401 s500 reset event v1))
. 'upstream p { ccproxy; ' . join(' ', map { my $bad = $_; "ccproxy_target $_ m;", map {"ccproxy_target v1 $bad$_;"} 1, 2 }
    qw(s429 s401 s500 reset event)) . ' }'
--- does: faults
--- timeout: 60
--- no_error_log
[alert]
