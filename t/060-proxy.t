# Providers behind an HTTP proxy: CONNECT, credentials, what a proxy may answer.
# A proxy for each way of answering runs beside nginx.  The honest ones open
# the tunnel from an address of their own, by which the upstream knows them.
use Test::Nginx::Socket 'no_plan';

use IO::Select;
use IO::Socket::INET;
use MIME::Base64;
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
BEGIN { require "$FindBin::Bin/lib/Certificates.pm"; Certificates->import }
BEGIN { require "$FindBin::Bin/lib/Servers.pm"; Servers->import }

Ports::take(qw(UP TLS NONE GONE TUNNEL OTHER AUTH DENY SSH MORE LONG HANGUP MUTE SLOW));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

self_signed('ca', 'localhost', 'DNS:localhost');

$ENV{CCP_TEST_PROXY} = 'http://alice:p%40ss%3Aw%2Frd@127.0.0.1:'
    . $ENV{TEST_NGINX_AUTH_PORT};
delete $ENV{CCP_TEST_NO_PROXY};

umask 077;
open my $url, '>', "$dir/proxy.url" or die $!;
print {$url} "$ENV{CCP_TEST_PROXY}\n";
close $url;

# Moves bytes both ways till one side ends.
sub pipe_bytes {
    my ($client, $upstream) = @_;

    my $select = IO::Select->new($client, $upstream);

    while (1) {
        for my $from ($select->can_read) {
            my $to = $from == $client ? $upstream : $client;
            my $n = sysread $from, my $bytes, 65536;
            return if !$n;
            for (my $at = 0; $at < $n; ) {
                $at += syswrite($to, $bytes, $n - $at, $at) || return;
            }
        }
    }
}

sub tunnel {
    my ($client, $head, $source, $answer) = @_;

    my ($target) = $head =~ /^CONNECT (\S+) HTTP\/1\.1\r\n/ or return;
    $head =~ /^Host: \Q$target\E\r$/m or return;

    my $upstream = IO::Socket::INET->new(PeerAddr => $target,
        LocalAddr => $source);

    if (!$upstream) {
        print {$client} "HTTP/1.1 502 Bad Gateway\r\n\r\n";
        return;
    }

    # each piece in a packet of its own
    for my $piece (@$answer) {
        syswrite $client, $piece;
        select undef, undef, undef, 0.002 if @$answer > 1;
    }

    pipe_bytes($client, $upstream);
}

my $ok = "HTTP/1.1 200 Connection established\r\n\r\n";

our %proxy = (
    $ENV{TEST_NGINX_TUNNEL_PORT} => sub { tunnel(@_, '127.0.0.2', [$ok]) },
    $ENV{TEST_NGINX_OTHER_PORT} => sub { tunnel(@_, '127.0.0.3', [$ok]) },
    $ENV{TEST_NGINX_AUTH_PORT} => sub {
        my ($client, $head) = @_;
        my $basic = encode_base64('alice:p@ss:w/rd', '');
        return tunnel(@_, '127.0.0.4', [$ok])
            if $head =~ /^Proxy-Authorization: Basic \Q$basic\E\r$/m;
        print {$client} "HTTP/1.1 407 Proxy Authentication Required\r\n"
            . "Proxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n";
    },
    $ENV{TEST_NGINX_DENY_PORT} => sub { print { $_[0] } "HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n" },
    $ENV{TEST_NGINX_SSH_PORT} => sub { print { $_[0] } "SSH-2.0-dropbear_2022.83 here\r\n\r\n" },
    $ENV{TEST_NGINX_MORE_PORT} => sub { print { $_[0] } $ok . 'more' },
    $ENV{TEST_NGINX_LONG_PORT} => sub { print { $_[0] } "HTTP/1.1 200 OK\r\nX: " . ('x' x 20000) . "\r\n\r\n" },
    $ENV{TEST_NGINX_HANGUP_PORT} => sub { 1 },
    $ENV{TEST_NGINX_MUTE_PORT} => sub { sysread $_[0], my $rest, 1 },
    $ENV{TEST_NGINX_SLOW_PORT} => sub { tunnel(@_, '127.0.0.5', [split //,
        "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.0 200 Yes\r\nVia: x\r\n\r\n"]) },
);

for my $port (sort keys %proxy) {
    my $listen = listen_at($port);

    serve(sub {
        each_client($listen, sub {
            my ($client) = @_;

            my $head = '';
            while ($head !~ /\r\n\r\n\z/) {
                sysread($client, $head, 1, length $head) or last;
            }

            $proxy{$port}->($client, $head);
        });
    });
}

our $body = '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user",'
    . '"content":"hi"}]}';

add_block_preprocessor(sub {
    my $block = shift;

    my $http = <<"CONF";
    server {
        listen 127.0.0.1:\$TEST_NGINX_UP_PORT;
        listen 127.0.0.1:\$TEST_NGINX_TLS_PORT ssl;
        ssl_certificate     $dir/ca.pem;
        ssl_certificate_key $dir/ca.key;
        location / {
            default_type application/json;
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"from=\$remote_addr port=\$server_port host=\$http_host requests=\$connection_requests sni=\$ssl_server_name auth=\$http_authorization proxy=\$http_proxy_authorization;"},"finish_reason":"stop"}]}';
        }
    }
    ccproxy_provider last { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/last; }
CONF

    $block->set_value('http_config', $http . $block->http_config);
    $block->set_value('config',
        'location / { ccproxy on; proxy_pass http://p; }')
        if !defined $block->config;

    if (defined $block->refused) {
        my $refused = $block->refused;
        chomp $refused;

        $block->set_value('must_die', '');
        $block->set_value('error_log', [$refused, qr/nginx\.conf:\d+$/]);
        $block->set_value('no_error_log', ['geheim']);
        return;
    }

    my $times = $block->times || 1;

    if (defined $block->status_after) {
        $block->set_value('pipelined_requests',
            [("POST /v1/messages\n$body") x $block->status_after,
                'GET /status']);
        return;
    }

    $block->set_value($times > 1 ? 'pipelined_requests' : 'request',
        $times > 1 ? [("POST /v1/messages\n$body") x $times]
                   : "POST /v1/messages\n$body");
});

run_tests();

__DATA__

=== TEST 1: http through a proxy, the tunnel is kept
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:sk-a; proxy http://127.0.0.1:$TEST_NGINX_TUNNEL_PORT; }
    upstream p { ccproxy; ccproxy_target a; }
--- times: 2
--- response_body_like eval
[qr/from=127.0.0.2 port=$ENV{TEST_NGINX_UP_PORT} host=127.0.0.1:$ENV{TEST_NGINX_UP_PORT} requests=1 sni= auth=Bearer sk-a proxy=;/, qr/from=127.0.0.2 .* requests=2 /]
--- no_error_log
[error]



=== TEST 2: https through a proxy, its host a name
--- http_config eval
"ccproxy_provider a { protocol chat; url https://localhost:\$TEST_NGINX_TLS_PORT/v1; key literal:sk-a; tls_ca $main::dir/ca.pem; proxy http://localhost:\$TEST_NGINX_TUNNEL_PORT/; }
upstream p { ccproxy; ccproxy_target a; }
"
--- times: 2
--- response_body_like eval
[qr/from=127.0.0.2 port=$ENV{TEST_NGINX_TLS_PORT} host=localhost:$ENV{TEST_NGINX_TLS_PORT} requests=1 sni=localhost /, qr/from=127.0.0.2 .* requests=2 /]
--- no_error_log
[error]



=== TEST 3: user and password, percent-encoded
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; proxy http://alice:p%40ss:w%2Frd@127.0.0.1:$TEST_NGINX_AUTH_PORT; }
    upstream p { ccproxy; ccproxy_target a; }
--- response_body_like: from=127.0.0.4 .* proxy=;
--- no_error_log
[error]



=== TEST 4: a wrong password: the next pair answers, the log tells, but not the password
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; proxy http://alice:geheim@127.0.0.1:$TEST_NGINX_AUTH_PORT; }
    upstream p { ccproxy; ccproxy_target a weight=100; ccproxy_target last; }
--- response_body_like: from=127.0.0.1 
--- error_log eval
qq(the proxy "127.0.0.1:$ENV{TEST_NGINX_AUTH_PORT}" of provider "a" answered 407 when asked for a tunnel to "127.0.0.1:$ENV{TEST_NGINX_UP_PORT}": check user and password of "proxy")
--- no_error_log
geheim
YWxpY2U6Z2VoZWlt
[alert]



=== TEST 5: a key has a proxy of its own, another none; tunnels are not mixed up
--- http_config
    ccproxy_provider a {
        protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; proxy http://127.0.0.1:$TEST_NGINX_TUNNEL_PORT;
        key literal:sk-1; key literal:sk-2 proxy=http://127.0.0.1:$TEST_NGINX_OTHER_PORT; key literal:sk-3 proxy=off;
    }
    upstream p { ccproxy; ccproxy_target a; }
--- times: 6
--- response_body_like eval
[qr/from=127.0.0.2 .* requests=1 .*sk-1/, qr/from=127.0.0.3 .* requests=1 .*sk-2/, qr/from=127.0.0.1 .* requests=1 .*sk-3/,
 qr/from=127.0.0.2 .* requests=2 .*sk-1/, qr/from=127.0.0.3 .* requests=2 .*sk-2/, qr/from=127.0.0.1 .* requests=2 .*sk-3/]
--- no_error_log
[error]



=== TEST 6: answers in pieces, an interim one before it
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; proxy http://127.0.0.1:$TEST_NGINX_SLOW_PORT; }
    upstream p { ccproxy; ccproxy_target a; }
--- response_body_like: from=127.0.0.5 
--- no_error_log
[error]



=== TEST 7: a proxy that refuses: the next one
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_TLS_PORT/v1; proxy http://127.0.0.1:$TEST_NGINX_DENY_PORT; }
    upstream p { ccproxy; ccproxy_target a weight=100; ccproxy_target last; }
--- response_body_like: from=127.0.0.1 
--- error_log eval
qq(the proxy "127.0.0.1:$ENV{TEST_NGINX_DENY_PORT}" of provider "a" answered 403 when asked for a tunnel to "localhost:$ENV{TEST_NGINX_TLS_PORT}")
--- no_error_log
[alert]



=== TEST 8: it can't reach the provider: the client is told so in its own protocol
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_GONE_PORT/v1; proxy http://127.0.0.1:$TEST_NGINX_TUNNEL_PORT; }
    upstream p { ccproxy; ccproxy_target a; }
--- error_code: 502
--- response_body_like: "type":"error"
--- error_log eval
qq(the proxy "127.0.0.1:$ENV{TEST_NGINX_TUNNEL_PORT}" of provider "a" answered 502 when asked for a tunnel to "127.0.0.1:$ENV{TEST_NGINX_GONE_PORT}")
--- no_error_log
[alert]



=== TEST 9: no HTTP
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; proxy http://127.0.0.1:$TEST_NGINX_SSH_PORT; }
    upstream p { ccproxy; ccproxy_target a weight=100; ccproxy_target last; }
--- response_body_like: from=127.0.0.1 
--- error_log eval
qq(the proxy "127.0.0.1:$ENV{TEST_NGINX_SSH_PORT}" of provider "a" sent no HTTP answer when asked)
--- no_error_log
[alert]



=== TEST 10: more than the header
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; proxy http://127.0.0.1:$TEST_NGINX_MORE_PORT; }
    upstream p { ccproxy; ccproxy_target a weight=100; ccproxy_target last; }
--- response_body_like: from=127.0.0.1 
--- error_log eval
qq(the proxy "127.0.0.1:$ENV{TEST_NGINX_MORE_PORT}" of provider "a" sent more than its header when asked)
--- no_error_log
[alert]



=== TEST 11: a header without end
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; proxy http://127.0.0.1:$TEST_NGINX_LONG_PORT; }
    upstream p { ccproxy; ccproxy_target a weight=100; ccproxy_target last; }
--- response_body_like: from=127.0.0.1 
--- error_log eval
qq(the proxy "127.0.0.1:$ENV{TEST_NGINX_LONG_PORT}" of provider "a" sent too long a header when asked)
--- no_error_log
[alert]



=== TEST 12: a proxy that hangs up
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; proxy http://127.0.0.1:$TEST_NGINX_HANGUP_PORT; }
    upstream p { ccproxy; ccproxy_target a weight=100; ccproxy_target last; }
--- response_body_like: from=127.0.0.1 
--- error_log eval
qq(the proxy "127.0.0.1:$ENV{TEST_NGINX_HANGUP_PORT}" of provider "a" hung up when asked)
--- no_error_log
[alert]



=== TEST 13: one that is not there
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; proxy http://127.0.0.1:$TEST_NGINX_NONE_PORT; }
    upstream p { ccproxy; ccproxy_target a weight=100; ccproxy_target last; }
--- response_body_like: from=127.0.0.1 
--- error_log eval
qq(the proxy "127.0.0.1:$ENV{TEST_NGINX_NONE_PORT}" of provider "a" can't be reached)
--- no_error_log
[alert]



=== TEST 14: one that is silent: connect_timeout
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_TLS_PORT/v1; proxy http://127.0.0.1:$TEST_NGINX_MUTE_PORT; connect_timeout 300ms; }
    upstream p { ccproxy; ccproxy_target a weight=100; ccproxy_target last; }
--- response_body_like: from=127.0.0.1 
--- error_log
upstream timed out (110: Connection timed out) while asking the proxy of the upstream for a tunnel
--- no_error_log
[alert]



=== TEST 15: the client leaves meanwhile
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; proxy http://127.0.0.1:$TEST_NGINX_MUTE_PORT; }
    upstream p { ccproxy; ccproxy_target a; }
--- timeout: 300ms
--- abort
--- ignore_response
--- wait: 0.2
--- error_log
client prematurely closed connection, so upstream connection is closed too while asking the proxy of the upstream for a tunnel
--- no_error_log
[alert]



=== TEST 16: TLS with the proxy
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        proxy https://user:geheim@127.0.0.1:$TEST_NGINX_TUNNEL_PORT; }
--- refused: "proxy" must be "http://[USER:PASSWORD@]HOST:PORT"



=== TEST 17: another kind of proxy
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        proxy socks5://user:geheim@127.0.0.1:$TEST_NGINX_TUNNEL_PORT; }
--- refused: "proxy" must be "http://[USER:PASSWORD@]HOST:PORT"



=== TEST 18: no port
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        proxy http://user:geheim@proxy.test; }
--- refused: "proxy" must be "http://[USER:PASSWORD@]HOST:PORT"



=== TEST 19: a path
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        proxy http://user:geheim@proxy.test:3128/pac; }
--- refused: "proxy" must be "http://[USER:PASSWORD@]HOST:PORT"



=== TEST 20: a user without a password
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        proxy http://geheim@proxy.test:3128; }
--- refused: "proxy" must be "http://[USER:PASSWORD@]HOST:PORT"



=== TEST 21: a key's
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        key literal:geheim proxy=on; }
--- refused: "proxy=" of a key must be "http://[USER:PASSWORD@]HOST:PORT", or "off"



=== TEST 22: the variable is not set
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        proxy env:CCP_TEST_NO_PROXY; }
--- refused: the environment has no "CCP_TEST_NO_PROXY": set it where nginx is started, or write "file:PATH" in its place



=== TEST 23: a unix socket
--- http_config
    ccproxy_provider a { protocol chat; url http://unix:/tmp/llm.sock:/v1; proxy http://127.0.0.1:$TEST_NGINX_TUNNEL_PORT; }
    upstream p { ccproxy; ccproxy_target a; }
--- refused: provider "a" is a unix socket, which no proxy leads to: remove "proxy" in



=== TEST 24: from the environment, for a key
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:sk-a proxy=env:CCP_TEST_PROXY; }
    upstream p { ccproxy; ccproxy_target a; }
--- response_body_like: from=127.0.0.4 .* auth=Bearer sk-a proxy=;
--- no_error_log
[error]



=== TEST 25: from a file
--- http_config eval
"ccproxy_provider a { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/v1; proxy file:$main::dir/proxy.url; }
upstream p { ccproxy; ccproxy_target a; }
"
--- response_body_like: from=127.0.0.4 
--- no_error_log
[error]



=== TEST 26: a key whose own proxy fails is left alone, the provider's other key is not
--- http_config
    ccproxy_provider a {
        protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        key literal:sk-1 proxy=http://127.0.0.1:$TEST_NGINX_DENY_PORT; key literal:sk-2;
    }
    upstream p { ccproxy; ccproxy_target a; ccproxy_target last backup; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
    location = /status { ccproxy_status; }
--- status_after: 7
--- response_body_like eval
[(qr/from=127.0.0.1 .*sk-2/) x 7, qr/"why":"proxy_error"/]
--- no_error_log
[alert]



=== TEST 27: one secret by two ways: the one that fails says nothing of the other
--- http_config
    ccproxy_provider a {
        protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        key literal:sk-1 proxy=http://127.0.0.1:$TEST_NGINX_DENY_PORT; key literal:sk-1;
    }
    upstream p { ccproxy; ccproxy_target a; ccproxy_target last backup; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
    location = /status { ccproxy_status; }
--- status_after: 7
--- response_body_like eval
[(qr/from=127.0.0.1 .*sk-1/) x 7, qr/"why":"proxy_error"/]
--- no_error_log
[alert]
