# Moments that upstreams name are by their clock, which the Date of their answer
# tells: a wrong clock on either side lengthens no wait.
use Test::Nginx::Socket;
use IO::Select;
use IO::Socket::INET;
use POSIX qw(strftime);
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/OwnUpstreams.pm"; OwnUpstreams->import }

$ENV{TEST_NGINX_UP_PORT} = $Port{b};

my @Keys = map {"key-$_"} 1 .. 5;

our $HttpConfig = join '', map {
    "ccproxy_provider $_ { protocol chat; url http://127.0.0.1:"
        . "\$TEST_NGINX_UP_PORT/v1; key literal:$_; }\n"
        . "upstream pool-$_ { ccproxy; ccproxy_target $_ m; }\n"
} @Keys;

our $Config = join '', (map {
    "location /$_/ { ccproxy on; proxy_pass http://pool-$_; }\n"
} @Keys), "location = /ready { return 200 ready; }\n";

sub date { return strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime shift) }

# The wait that a client is told where its upstream answers so.
sub wait_of {
    my ($key, @headers) = @_;

    my $body = '{"model":"m","max_tokens":9,"messages":'
        . '[{"role":"user","content":"x"}]}';
    my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => server_port()) || die "connect: $!";

    say_to($client, "POST /$key/v1/messages HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\nContent-Length: " . length($body)
        . "\r\n\r\n$body");

    my $up = asked('b') or return 'not asked';
    my $error = '{"error":{"message":"slow down"}}';

    say_to($up, join("\r\n", 'HTTP/1.1 429 Slow', @headers,
        'Content-Type: application/json', 'Content-Length: ' . length $error,
        'Connection: close', '', $error));
    ends($client);

    return ${*$client}{got} =~ /^Retry-After: (\d+)/mi ? $1 : 'none';
}

our %Checks = (
    waits => sub {
        my $now = time;
        my $day = 86400;

        my $right = wait_of('key-1', 'Retry-After: ' . date($now + 40),
            'Date: ' . date($now));
        ok($right >= 39 && $right <= 41, "a clock as ours: $right");

        is(wait_of('key-2', 'Date: ' . date($now - $day),
            'Retry-After: ' . date($now - $day + 30)), 30,
            'one that is a day behind');
        is(wait_of('key-3', 'Retry-After: ' . date($now + $day + 20),
            'Date: ' . date($now + $day)), 20, 'one that is a day ahead');
        is(wait_of('key-4', 'Date: ' . date($now + 2 * $day),
            'X-RateLimit-Remaining-Requests: 0',
            'X-RateLimit-Reset-Requests: ' . ($now + 2 * $day + 50)), 50,
            'a moment in seconds');

        my $none = wait_of('key-5', 'Retry-After: ' . date($now + 40));
        ok($none >= 35 && $none <= 41, "without a date ours: $none");
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config);
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
});

add_response_body_check(sub {
    my ($block) = @_;

    $Checks{$block->does}->();
});

plan tests => repeat_each() * (blocks() * 3 + 5);

no_shuffle();
no_long_string();
run_tests();

__DATA__

=== TEST 1: waits until a date
--- does: waits
--- no_error_log
[alert]
