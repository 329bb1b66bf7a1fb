# The pool's memory: what workers share, and the directive that sets it up.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP BUSY));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
workers(2);
master_on();
log_level('info');

our $ask = "POST /v1/messages\n"
    . '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user",'
    . '"content":"hi"}]}';

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('http_config', ($block->http_config || '') . <<'CONF');
    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        location / {
            default_type application/json;
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"auth=$http_authorization;"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}';
        }
    }
CONF

    if (!defined $block->request && !defined $block->must_die) {
        my $n = $block->times || 1;
        chomp $n;
        $block->set_value('request', $n > 1 ? [($ask) x $n] : $ask);
    }
});

run_tests();

__DATA__

=== TEST 1: two workers walk the pairs together
--- http_config
    ccproxy_zone shared:128k;
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k1; key literal:k2; key literal:k3; keepalive 0; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- times: 6
--- response_body_like eval
[map { qr/auth=Bearer k$_;/ } 1, 2, 3, 1, 2, 3]
--- no_error_log
[error]



=== TEST 2: a size that is none
--- http_config
    ccproxy_zone shared:many;
--- config
    location / { return 204; }
--- must_die
--- error_log
invalid size of zone in "shared:many": write "shared:1m"



=== TEST 3: no size
--- http_config
    ccproxy_zone shared;
--- config
    location / { return 204; }
--- must_die
--- error_log
write "ccproxy_zone ccproxy:1m;"



=== TEST 4: twice
--- http_config
    ccproxy_zone a:1m;
    ccproxy_zone b:1m;
--- config
    location / { return 204; }
--- must_die
--- error_log
"ccproxy_zone" directive is duplicate



=== TEST 5: a name that is taken
--- http_config
    limit_req_zone $uri zone=shared:1m rate=1r/s;
    ccproxy_zone shared:1m;
--- config
    location / { return 204; }
--- must_die
--- error_log
is already declared for a different use



=== TEST 6: too small for its pairs
--- http_config eval
"ccproxy_zone shared:32k;
ccproxy_provider a { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/v1; "
. join(' ', map { "key literal:k$_;" } 1 .. 200) . " }
upstream p { ccproxy; ccproxy_target a; }
"
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- must_die
--- error_log
the zone "shared" is too small by



=== TEST 7: models that clients name cool each for itself
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_BUSY_PORT;
        default_type application/json;
        location / {
            if ($http_x_busy) { add_header Retry-After 30 always; return 429 '{"error":{"message":"slow down"}}'; }
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"served"},"finish_reason":"stop"}]}';
        }
    }
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_BUSY_PORT/v1; key literal:k1; header X-Busy $http_x_busy; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- more_headers eval
["X-Busy: 1\n", ("") x 200]
--- request eval
[map { "POST /v1/messages\n" . '{"model":"model-' . $_ . '","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}' } 0 .. 199, 0]
--- error_code eval
[429, (200) x 199, 429]
--- response_body_like eval
[qr/slow down/, (qr/served/) x 199, qr/rate limit of each key is used up: try again in \d+ seconds/]
