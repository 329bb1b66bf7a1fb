# Values that "ccproxy on" gives to directives of nginx's, and that what is
# written at the location or above it is honoured.
#
# --- inner is a server of its own, since the one that Test::Nginx writes sets
# client_max_body_size.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(INNER UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();

our $small = '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user",'
    . '"content":"hi"}]}';
our $large = '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user",'
    . '"content":"' . 'x' x 2_000_000 . '"}]}';

our $big = 'b' x 3000;

add_block_preprocessor(sub {
    my $block = shift;

    my $answer = q('{"id":"c","object":"chat.completion","created":1,)
        . q("model":"m","choices":[{"index":0,"message":{"role":)
        . q("assistant","content":"hello"},"finish_reason":"stop"}]}');

    $block->set_value('http_config', <<"CONF" . ($block->http_config // ''));
    ccproxy_provider a { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/v1; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/big; }
    ccproxy_provider s { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/slow; }
    ccproxy_provider t { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/slow; read_timeout 100ms; }
    upstream p { ccproxy; ccproxy_target a; }
    upstream big { ccproxy; ccproxy_target b; }
    upstream slow { ccproxy; ccproxy_target s; }
    upstream timed { ccproxy; ccproxy_target t; }
    server {
        listen 127.0.0.1:\$TEST_NGINX_UP_PORT;
        ccproxy off;
        client_max_body_size 0;
        default_type application/json;
        location /v1/   { return 200 $answer; }
        location /big/  {
            add_header X-A $big; add_header X-B $big; add_header X-C $big;
            return 200 $answer;
        }
        location /slow/ { echo_sleep 3; echo late; }
    }
    server {
        listen 127.0.0.1:\$TEST_NGINX_INNER_PORT;
@{[$block->inner]}
    }
CONF

    $block->set_value('config', <<'CONF');
    location / {
        ccproxy off;
        client_max_body_size 0;
        proxy_pass http://127.0.0.1:$TEST_NGINX_INNER_PORT;
    }
CONF
});

run_tests();

__DATA__

=== TEST 1: a body of 2 MB passes without a word
--- inner
    location / { ccproxy on; proxy_pass http://p; }
--- request eval
"POST /v1/messages\n$main::large"
--- response_body_like: hello
--- timeout: 10



=== TEST 2: a limit in the location is honoured
--- inner
    location / { ccproxy on; client_max_body_size 1m; proxy_pass http://p; }
--- request eval
"POST /v1/messages\n$main::large"
--- error_code: 413
--- response_body_like: "type":"error"



=== TEST 3: so is one of the server
--- inner
    client_max_body_size 1m;
    location / { ccproxy on; proxy_pass http://p; }
--- request eval
"POST /v1/messages\n$main::large"
--- error_code: 413



=== TEST 4: and one of the http block
--- http_config
    client_max_body_size 1m;
--- inner
    ccproxy on;
    location / { location /v1/ { proxy_pass http://p; } }
--- request eval
"POST /v1/messages\n$main::large"
--- error_code: 413



=== TEST 5: "ccproxy on" of the http block, nested locations
--- http_config
    ccproxy on;
--- inner
    location / { location /v1/ { proxy_pass http://p; } }
--- request eval
"POST /v1/messages\n$main::large"
--- response_body_like: hello
--- timeout: 10



=== TEST 6: "ccproxy off" below it has nginx's own limits again
--- http_config
    ccproxy on;
--- inner eval
"    location / { ccproxy off; proxy_pass http://127.0.0.1:$ENV{TEST_NGINX_UP_PORT}; }"
--- request eval
"POST /v1/messages\n$main::large"
--- error_code: 413



=== TEST 7: time-outs fit for models
--- inner
    location / { ccproxy on; proxy_pass http://p; }
--- request eval
"POST /v1/messages\n$main::small"
--- response_body_like: hello
--- error_log eval
[qr/event timer add: \d+: 10000:/, qr/event timer add: \d+: 600000:/]



=== TEST 8: a time-out of the location's is honoured
--- inner
    location / { ccproxy on; proxy_read_timeout 100ms; proxy_pass http://slow; }
--- request eval
"POST /v1/messages\n$main::small"
--- error_code: 504
--- response_body_like: "type":"error"
--- error_log
upstream timed out



=== TEST 9: the provider's goes first
--- inner
    location / { ccproxy on; proxy_read_timeout 10s; proxy_pass http://timed; }
--- request eval
"POST /v1/messages\n$main::small"
--- error_code: 504
--- error_log
upstream timed out



=== TEST 10: room for the headers that providers send
--- inner
    location / { ccproxy on; proxy_pass http://big; }
--- request eval
"POST /v1/messages\n$main::small"
--- response_body_like: hello
--- no_error_log
[error]



=== TEST 11: unless the location wants less
--- inner
    location / { ccproxy on; proxy_buffer_size 4k; proxy_pass http://big; }
--- request eval
"POST /v1/messages\n$main::small"
--- error_code: 502
--- error_log
upstream sent too big header



=== TEST 12: buffers of the server's, which nginx checks against each other
--- inner
    proxy_buffers 4 4k;
    location / { ccproxy on; proxy_pass http://p; }
--- request eval
"POST /v1/messages\n$main::small"
--- response_body_like: hello
