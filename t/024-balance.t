# Which target serves: ways of balancing, backups, bounds, tries.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP BUSY));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

our $body = '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('http_config', ($block->http_config || '') . <<'CONF');
    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        default_type application/json;
        location / {
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"auth=$http_authorization;"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}';
        }
        location /s429/ { return 429 '{"error":{"message":"slow down"}}'; }
        location /wait/ { add_header Retry-After 30 always; return 429 '{"error":{"message":"wait a while"}}'; }
        location /s500/ { return 500 '{"error":{"message":"broken"}}'; }
        location /slow/ { echo_sleep 1.5; echo_status 500; echo '{"error":{"message":"slow and broken"}}'; }
    }
CONF

    if (!defined $block->request && !defined $block->must_die) {
        my $n = $block->times || 1;
        chomp $n;
        my $one = "POST /v1/messages\n$main::body";
        $block->set_value('request', $n > 1 ? [($one) x $n] : $one);
    }
});

run_tests();

__DATA__

=== TEST 1: sticky: a session stays with its key
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k1; key literal:k2; key literal:k3; key literal:k4; }
    upstream p { ccproxy sticky $arg_session; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- request eval
[map { "POST /v1/messages?session=$_\n$main::body" } qw(s1 s2 s1 s3 s1 s2)]
--- response_body_filters eval
sub { my ($text) = @_; our ($n, %at); my $s = (qw(s1 s2 s1 s3 s1 s2))[$n++ % 6]; my ($k) = $text =~ /Bearer (k\d);/; my $same = !defined $at{$s} || $at{$s} eq $k; $at{$s} = $k; return $same ? 'same' : "moved to $k"; }
--- response_body eval
[('same') x 6]
--- no_error_log
[error]



=== TEST 2: sticky: without a session the keys take turns
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k1; key literal:k2; }
    upstream p { ccproxy sticky $arg_session; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- times: 3
--- response_body_like eval
[qr/Bearer k1;/, qr/Bearer k2;/, qr/Bearer k1;/]
--- no_error_log
[error]



=== TEST 3: least_inflight with nothing under way takes turns
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k1; key literal:k2; }
    upstream p { ccproxy least_inflight; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- times: 3
--- response_body_like eval
[qr/Bearer k1;/, qr/Bearer k2;/, qr/Bearer k1;/]
--- no_error_log
[error]



=== TEST 4: a backup serves when the others can't
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/wait; key literal:k1; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k2; }
    ccproxy_provider c { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k3; }
    upstream p { ccproxy; ccproxy_target b m backup; ccproxy_target a m; }
    upstream q { ccproxy; ccproxy_target b m backup; ccproxy_target c m; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
    location /q { ccproxy on; proxy_pass http://q; }
--- request eval
["POST /v1/messages\n$main::body", "POST /v1/messages\n$main::body", "POST /q/v1/messages\n$main::body", "POST /q/v1/messages\n$main::body"]
--- response_body_like eval
[qr/Bearer k2;/, qr/Bearer k2;/, qr/Bearer k3;/, qr/Bearer k3;/]
--- no_error_log
[error]



=== TEST 5: ccproxy_tries bounds the failover
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/s500; key literal:k1; key literal:k2; key literal:k3; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k4; }
    upstream p { ccproxy; ccproxy_tries 3; ccproxy_target a m weight=100; ccproxy_target a n weight=100; ccproxy_target a o weight=100; ccproxy_target b m; }
    upstream q { ccproxy; ccproxy_tries 4; ccproxy_target a x weight=100; ccproxy_target a y weight=100; ccproxy_target a z weight=100; ccproxy_target b m; }
--- config
    location / { ccproxy on; proxy_pass http://p; add_header X-Tries "$ccproxy_tries, $upstream_status" always; }
    location /q { ccproxy on; proxy_pass http://q; add_header X-Tries "$ccproxy_tries, $upstream_status" always; }
--- request eval
["POST /v1/messages\n$main::body", "POST /q/v1/messages\n$main::body"]
--- error_code eval
[500, 200]
--- response_headers eval
["X-Tries: 3, 500, 500, 500", "X-Tries: 4, 500, 500, 500, 200"]
--- response_body_like eval
[qr/broken/, qr/Bearer k4;/]



=== TEST 6: ccproxy_tries_timeout too
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/slow; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k4; }
    upstream p { ccproxy; ccproxy_tries_timeout 1s; ccproxy_target a m; ccproxy_target b m; }
--- config
    location / { ccproxy on; proxy_pass http://p; add_header X-Tries "$ccproxy_tries" always; }
--- error_code: 500
--- response_headers
X-Tries: 1
--- response_body_like: slow and broken
--- timeout: 10



=== TEST 7: a prompt that is too long for one target, for all of them
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:small; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:large; }
    upstream p { ccproxy; ccproxy_target a m context=50; ccproxy_target b m context=500; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- request eval
[map { "POST /v1/messages\n" . '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user","content":"' . ('word ' x $_) . '"}]}' } 100, 100, 1000]
--- error_code eval
[200, 200, 400]
--- response_body_like eval
[qr/Bearer large;/, qr/Bearer large;/, qr/invalid_request_error.*prompt is too long: 1\d\d\d tokens > 500 maximum/]



=== TEST 8: max_inflight
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_SERVER_PORT/nest/v1; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:other; }
    upstream p { ccproxy; ccproxy_target a m max_inflight=1; ccproxy_target b m backup; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
    location /nest/ { ccproxy on; proxy_pass http://p; }
--- times: 2
--- response_body_like eval
[qr/Bearer other;/, qr/Bearer other;/]
--- no_error_log
[error]



=== TEST 9: and nothing else is there
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_SERVER_PORT/nest/v1; }
    upstream p { ccproxy; ccproxy_target a m max_inflight=1; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
    location /nest/ { ccproxy on; proxy_pass http://p; }
--- error_code: 529
--- response_body_like: as many requests under way as it may have



=== TEST 10: no tries
--- http_config
    upstream p { ccproxy; ccproxy_tries 0; ccproxy_target ollama; }
--- config
    location / { return 204; }
--- must_die
--- error_log
invalid number of tries "0"



=== TEST 11: no time
--- http_config
    upstream p { ccproxy; ccproxy_tries_timeout never; ccproxy_target ollama; }
--- config
    location / { return 204; }
--- must_die
--- error_log
invalid time "never"



=== TEST 12: rpm= of keys is kept
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k1 rpm=1; key literal:k2 rpm=2; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- times: 4
--- error_code eval
[200, 200, 200, 429]
--- response_body_like eval
[qr/Bearer k1;/, qr/Bearer k2;/, qr/Bearer k2;/, qr/the limits set for each key are reached/]



=== TEST 13: tpm= too, by what was really used
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k1 tpm=100; key literal:k2; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- request eval
[map { "POST /v1/messages\n" . '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user","content":"' . ('word ' x $_) . '"}]}' } 65, 65, 65, 65, 120]
--- response_body_like eval
[map { qr/Bearer $_;/ } qw(k1 k2 k1 k2 k2)]
--- no_error_log
[error]



=== TEST 14: no number
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k1 tpm=many; }
--- config
    location / { return 204; }
--- must_die
--- error_log
needs the tokens that may be used in a minute behind "tpm="



=== TEST 15: sticky: a session moves while its key waits, and comes back after
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_BUSY_PORT;
        default_type application/json;
        location / {
            if ($http_x_busy = $http_authorization) { add_header Retry-After 1 always; return 429 '{"error":{"message":"slow down"}}'; }
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"auth=$http_authorization;"},"finish_reason":"stop"}]}';
        }
    }
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_BUSY_PORT/v1; key literal:k1; key literal:k2; key literal:k3; header X-Busy $http_x_busy; }
    upstream p { ccproxy sticky $arg_session; ccproxy_target a m; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
    location = /later { echo_sleep 1.1; echo later; }
--- more_headers eval
["", map({"X-Busy: Bearer k$_\n"} 1 .. 3), ("") x 4]
--- request eval
[(map { "POST /v1/messages?session=s1\n$main::body" } 1 .. 6), "GET /later", "POST /v1/messages?session=s1\n$main::body"]
--- response_body_filters eval
sub { my ($text) = @_; our ($at, $home, @seen); my ($k) = $text =~ /Bearer (k\d);/; $at++; $home //= $k; return 'later' if !$k; push @seen, $k eq $home ? 'home' : 'away'; return $at == 8 ? join ' ', @seen : 'seen'; }
--- response_body_like eval
[(qr/^seen$/) x 6, qr/^later$/, qr/^home( home){0,2}( away){3,5} home$/]
--- timeout: 10
