# Towards the upstream: what is sent, TLS, kept connections, the way on to the
# next target.  Upstreams are servers of the same nginx that show in their
# answer's text what they got.
use Test::Nginx::Socket 'no_plan';

use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
BEGIN { require "$FindBin::Bin/lib/Certificates.pm"; Certificates->import }

Ports::take(qw(UP TLS SECOND OTHER NAMES GONE NONE));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

self_signed('ca', 'authority');
certificate('good', 'DNS:localhost,IP:127.0.0.1', 2);
certificate('other', 'DNS:other.example', 2);

# A Chat answer whose text is what stands for $show.

our $echo = <<'CONF';
    default_type application/json;
    set $quote '"';
    return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"$show"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}';
CONF

add_block_preprocessor(sub {
    my $block = shift;

    my $http = <<"CONF";
    map \$uri \$show {
        default "server=\$server_port uri=\$request_uri host=\$http_host agent=\$http_user_agent auth=\$http_authorization key=\$http_x_api_key team=\$http_x_team type=\$content_type requests=\$connection_requests sni=\$ssl_server_name reused=\$ssl_session_reused close=\$http_connection;";
    }
    server {
        listen 127.0.0.1:\$TEST_NGINX_UP_PORT;
        listen 127.0.0.1:\$TEST_NGINX_TLS_PORT ssl;
        listen 127.0.0.1:\$TEST_NGINX_SECOND_PORT;
        ssl_certificate     $dir/good.pem;
        ssl_certificate_key $dir/good.key;
        location / { $echo }
        location /loud/ {
            add_header Set-Cookie secret=1;
            add_header OpenAI-Organization org-1;
            add_header X-Accel-Redirect /nowhere;
            add_header X-Accel-Limit-Rate 1;
            add_header X-Request-Id req-1;
            $echo
        }
        location /stale/ { if (\$connection_requests = 2) { return 444; } $echo }
        location /busy/  { add_header Retry-After 7 always; default_type application/json; return 429 '{"error":{"message":"slow down","type":"rate"}}'; }
        location /dead/  { return 444; }
    }
    server {
        listen 127.0.0.1:\$TEST_NGINX_OTHER_PORT ssl;
        ssl_certificate     $dir/other.pem;
        ssl_certificate_key $dir/other.key;
        location / { $echo }
    }
CONF

    $block->set_value('http_config', $http . $block->http_config);

    if (!defined $block->request) {
        my $one = "POST /v1/messages\n"
            . '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user",'
            . '"content":"hi"}]}';
        my $n = $block->times || 1;
        chomp $n;
        $block->set_value(
            $n > 1 ? 'pipelined_requests' : 'request',
            $n > 1 ? [($one) x $n] : $one);
    }
});

run_tests();

__DATA__

=== TEST 1: http, the request's head, provider headers
--- http_config
    ccproxy_provider a {
        protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:sk-a;
        header X-Team $http_x_from; header X-Api-Key of-the-provider;
    }
    upstream p { ccproxy; ccproxy_target a model-a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- more_headers
X-From: blue
X-Api-Key: of-the-client
--- response_body_like eval
qr!server=$ENV{TEST_NGINX_UP_PORT} uri=/v1/chat/completions host=127.0.0.1:$ENV{TEST_NGINX_UP_PORT} agent=ccproxy/\S+ auth=Bearer sk-a key=of-the-provider team=blue type=application/json!
--- no_error_log
[error]
sk-a



=== TEST 2: a provider's header in place of the module's own
--- http_config
    ccproxy_provider a {
        protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1/; key literal:sk-a;
        header authorization "Token other"; header X-Team $http_x_none;
    }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- response_body_like: auth=Token other key= team= type
--- no_error_log
[error]



=== TEST 3: what an upstream's header may do and tell
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/loud; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- response_headers
! Set-Cookie
! OpenAI-Organization
! X-Accel-Limit-Rate
X-Request-Id: req-1
--- response_body_like eval
qr/server=$ENV{TEST_NGINX_UP_PORT}/
--- no_error_log
[error]



=== TEST 4: an upstream's refusal keeps its status, text and Retry-After
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/busy; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_intercept_errors on; error_page 429 /no; proxy_pass http://p; }
--- error_code: 429
--- response_headers
Retry-After: 7
--- response_body_like: slow down
--- no_error_log
[error]



=== TEST 5: TLS, its certificate verified, SNI sent
--- http_config eval
"ccproxy_provider a { protocol chat; url https://localhost:\$TEST_NGINX_TLS_PORT/v1; key literal:sk-a; tls_ca $main::dir/ca.pem; }
upstream p { ccproxy; ccproxy_target a; }
"
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- response_body_like eval
qr!server=$ENV{TEST_NGINX_TLS_PORT} uri=/v1/chat/completions host=localhost:$ENV{TEST_NGINX_TLS_PORT} .* sni=localhost!
--- no_error_log
[error]



=== TEST 6: an address in place of a name, proxy_pass https
--- http_config eval
"ccproxy_provider a { protocol chat; url https://127.0.0.1:\$TEST_NGINX_TLS_PORT/v1; tls_ca $main::dir/ca.pem; }
upstream p { ccproxy; ccproxy_target a; }
"
--- config
    location / { ccproxy on; proxy_pass https://p; }
--- response_body_like eval
qr/server=$ENV{TEST_NGINX_TLS_PORT} .* sni= /
--- no_error_log
[error]



=== TEST 7: an authority that the system does not trust
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_TLS_PORT/v1; key literal:sk-a; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- error_code: 502
--- response_body_like: "type":"error"
--- error_log
upstream SSL certificate verify error
--- no_error_log
sk-a



=== TEST 8: the certificate of another name
--- http_config eval
"ccproxy_provider a { protocol chat; url https://localhost:\$TEST_NGINX_OTHER_PORT/v1; tls_ca $main::dir/ca.pem; }
upstream p { ccproxy; ccproxy_target a; }
"
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- error_code: 502
--- error_log
upstream SSL certificate does not match "localhost"



=== TEST 9: the certificate of another address
--- http_config eval
"ccproxy_provider a { protocol chat; url https://127.0.0.1:\$TEST_NGINX_OTHER_PORT/v1; tls_ca $main::dir/ca.pem; }
upstream p { ccproxy; ccproxy_target a; }
"
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- error_code: 502
--- error_log
certificate verify failed



=== TEST 10: without verification
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_OTHER_PORT/v1; tls_verify off; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- response_body_like eval
qr/server=$ENV{TEST_NGINX_OTHER_PORT} /
--- no_error_log
[error]



=== TEST 11: a connection is kept and used again
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- times: 3
--- response_body_like eval
[qr/requests=1 /, qr/requests=2 /, qr/requests=3 /]
--- no_error_log
[error]



=== TEST 12: over TLS too
--- http_config eval
"ccproxy_provider a { protocol chat; url https://localhost:\$TEST_NGINX_TLS_PORT/v1; tls_ca $main::dir/ca.pem; }
upstream p { ccproxy; ccproxy_target a; }
"
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- times: 2
--- response_body_like eval
[qr/requests=1 /, qr/requests=2 /]
--- no_error_log
[error]



=== TEST 13: none is kept with keepalive 0; TLS sessions are resumed
--- http_config eval
"ccproxy_provider a { protocol chat; url https://localhost:\$TEST_NGINX_TLS_PORT/v1; tls_ca $main::dir/ca.pem; keepalive 0; }
upstream p { ccproxy; ccproxy_target a; }
"
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- times: 2
--- response_body_like eval
[qr/requests=1 .*reused=\. close=close/, qr/requests=1 .*reused=r close=close/]
--- no_error_log
[error]



=== TEST 14: two providers at one address share no connection
--- http_config eval
"ccproxy_provider a { protocol chat; url https://localhost:\$TEST_NGINX_TLS_PORT/v1; tls_ca $main::dir/ca.pem; }
ccproxy_provider b { protocol chat; url https://127.0.0.1:\$TEST_NGINX_TLS_PORT/v1; tls_ca $main::dir/ca.pem; }
upstream p { ccproxy; ccproxy_target a; ccproxy_target b; }
"
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- times: 4
--- response_body_like eval
[qr/host=localhost:$ENV{TEST_NGINX_TLS_PORT} .*requests=1 .*sni=localhost/,
 qr/host=127.0.0.1:$ENV{TEST_NGINX_TLS_PORT} .*requests=1 .*sni= /,
 qr/host=localhost:$ENV{TEST_NGINX_TLS_PORT} .*requests=2 .*sni=localhost/,
 qr/host=127.0.0.1:$ENV{TEST_NGINX_TLS_PORT} .*requests=2 .*sni= /]
--- no_error_log
[error]



=== TEST 15: (target, key) pairs take turns by weight
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k1 weight=2; key literal:k2; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_SECOND_PORT/v1; }
    upstream p { ccproxy; ccproxy_target a; ccproxy_target b; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- times: 4
--- response_body_like eval
[qr/server=$ENV{TEST_NGINX_UP_PORT} .*auth=Bearer k1/, qr/server=$ENV{TEST_NGINX_UP_PORT} .*auth=Bearer k2/,
 qr/server=$ENV{TEST_NGINX_SECOND_PORT} .*auth= /, qr/server=$ENV{TEST_NGINX_UP_PORT} .*auth=Bearer k1/]
--- no_error_log
[error]



=== TEST 16: refused, then a wrong certificate, then one that answers
--- http_config
    ccproxy_provider gone { protocol chat; url http://127.0.0.1:$TEST_NGINX_NONE_PORT/v1; key literal:k1; }
    ccproxy_provider bad  { protocol chat; url https://localhost:$TEST_NGINX_TLS_PORT/v1; key literal:k2; }
    ccproxy_provider good { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k3; }
    upstream p { ccproxy; ccproxy_target gone m1; ccproxy_target bad m2; ccproxy_target good m3; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- response_body_like eval
qr/server=$ENV{TEST_NGINX_UP_PORT} .*auth=Bearer k3/
--- error_log
Connection refused
upstream SSL certificate verify error



=== TEST 17: an upstream that hangs up before it answers
--- http_config
    ccproxy_provider hup  { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/dead; }
    ccproxy_provider good { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; }
    upstream p { ccproxy; ccproxy_target hup; ccproxy_target good; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- response_body_like: uri=/v1/chat/completions
--- error_log
upstream prematurely closed connection



=== TEST 18: all refused
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_NONE_PORT/v1; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_GONE_PORT/v1; }
    upstream p { ccproxy; ccproxy_target a; ccproxy_target b; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- error_code: 502
--- response_body_like: "type":"error"
--- error_log eval
["127.0.0.1:$ENV{TEST_NGINX_NONE_PORT}/v1",
 "127.0.0.1:$ENV{TEST_NGINX_GONE_PORT}/v1"]



=== TEST 19: an answer that is no HTTP
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/v1; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply
SSH-2.0-sshd
--- error_code: 502
--- response_body_like: "type":"error"



=== TEST 20: a pool behind a location without "ccproxy on"
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { proxy_pass http://p; }
--- error_code: 500
--- error_log
upstream "p" is a pool of ccproxy: its location needs "ccproxy on;"



=== TEST 21: two locations, routes by the model's name
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_SECOND_PORT/v1; }
    upstream one { ccproxy; ccproxy_target a; }
    upstream two { ccproxy; ccproxy_target b; }
--- config
    ccproxy on;
    ccproxy_route claude-?-never one;
    ccproxy_route claude-* one if=$arg_none;
    ccproxy_route CLAUDE-? two;
    ccproxy_route * one;
    location / { proxy_pass http://$ccproxy_pool; }
    location /other/ { ccproxy_route * one; proxy_pass http://$ccproxy_pool; }
--- pipelined_requests eval
my $body = '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';
["POST /v1/messages\n$body", "POST /other/v1/messages\n$body"]
--- response_body_like eval
[qr/server=$ENV{TEST_NGINX_SECOND_PORT}/, qr/server=$ENV{TEST_NGINX_UP_PORT}/]
--- no_error_log
[error]



=== TEST 22: a host that nobody can resolve is skipped
--- http_config
    resolver 127.0.0.1:$TEST_NGINX_NAMES_PORT;
    ccproxy_provider a { protocol chat; url http://llm.invalid/v1; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_SECOND_PORT/v1; }
    upstream p { ccproxy; ccproxy_target a; ccproxy_target b; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- response_body_like eval
qr/server=$ENV{TEST_NGINX_SECOND_PORT}/
--- error_log
provider "a" is skipped: no address of "llm.invalid" is known



=== TEST 23: and if it is the only one
--- http_config
    resolver 127.0.0.1:$TEST_NGINX_NAMES_PORT;
    ccproxy_provider a { protocol chat; url http://llm.invalid/v1; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- error_code: 502
--- response_body_like: "type":"error"
--- error_log
provider "a" is skipped: no address of "llm.invalid" is known



=== TEST 24: a body of 1 MB over a kept TLS connection
--- http_config eval
"ccproxy_provider a { protocol chat; url https://localhost:\$TEST_NGINX_TLS_PORT/v1; tls_ca $main::dir/ca.pem; }
upstream p { ccproxy; ccproxy_target a; }
client_max_body_size 8m;
"
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- pipelined_requests eval
my $text = 'x' x 1_000_000;
my $r = "POST /v1/messages\n"
    . '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user","content":"'
    . $text . '"}]}';
[$r, $r]
--- timeout: 10
--- response_body_like eval
[qr/requests=1 /, qr/requests=2 /]
--- no_error_log
[error]



=== TEST 25: a kept connection that was closed is no failure
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/stale; key literal:k1; key literal:k2; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- times: 3
--- response_body_like eval
[qr/auth=Bearer k1 .*requests=1 /, qr/auth=Bearer k2 .*requests=1 /,
 qr/auth=Bearer k1 .*requests=1 /]



=== TEST 26: the request is refused by fastcgi_pass and the like
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    ccproxy on;
    location / { fastcgi_pass p; }
--- error_code: 500
--- response_body_like: "type":"error"
--- error_log
its location needs "proxy_pass"



=== TEST 27: a value of the client's can't add a header line
--- http_config
    ccproxy_provider a {
        protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        header X-Team "a$arg_none$uri"; header X-Api-Key kept;
    }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- request
POST /%0d%0aAuthorization:%20x/v1/messages
{"model":"claude-x","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- response_body_like: auth= key=kept team= type
--- error_log
header "X-Team" of provider "a" is not sent: its value holds a control character
