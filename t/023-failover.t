# The way on to the next pair: by status, by what a 200 holds, by Retry-After.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP NONE));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

use POSIX ();

our $date = POSIX::strftime('"%a, %d %b %Y %H:%M:%S GMT"', gmtime(time + 7 * 86400));

our $good = '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"auth=$http_authorization;"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}';

add_block_preprocessor(sub {
    my $block = shift;

    my $http = <<"CONF";
    map \$uri \$body {
        default '$good';
    }
    server {
        listen 127.0.0.1:\$TEST_NGINX_UP_PORT;
        default_type application/json;
        location / { return 200 \$body; }
        location /s400/ { return 400 '{"error":{"message":"bad field","type":"invalid_request_error"}}'; }
        location /s404/ { return 404 '{"error":{"message":"no such model","code":"model_not_found"}}'; }
        location /s401/ { return 401 '{"error":{"message":"wrong key","type":"invalid_request_error","code":"invalid_api_key"}}'; }
        location /s402/ { return 402 '{"error":{"message":"no money"}}'; }
        location /s403/ { return 403 '{"error":{"message":"not you"}}'; }
        location /s408/ { return 408 '{"error":{"message":"too slow"}}'; }
        location /s409/ { return 409 '{"error":{"message":"conflict"}}'; }
        location /s429/ { return 429 '{"error":{"message":"slow down"}}'; }
        location /quota/ { return 429 '{"error":{"message":"no quota","code":"insufficient_quota"}}'; }
        location /wait/ { add_header Retry-After 30 always; return 429 '{"error":{"message":"wait a while"}}'; }
        location /date/ { add_header Retry-After $date always; return 429 '{"error":{"message":"wait until"}}'; }
        location /ms/ { add_header Retry-After-Ms 1500 always; return 429 '{"error":{"message":"wait ms"}}'; }
        location /reset/ {
            add_header X-RateLimit-Remaining-Tokens 0 always; add_header X-RateLimit-Reset-Tokens 6m5.5s always;
            add_header X-RateLimit-Remaining-Requests 7 always; add_header X-RateLimit-Reset-Requests 20h always;
            return 429 '{"error":{"message":"wait for it"}}';
        }
        location /until/ {
            add_header X-RateLimit-Reset-Requests 20s always; add_header X-RateLimit-Reset-Tokens 6m5.5s always;
            return 429 '{"error":{"message":"wait until then"}}';
        }
        location /left/ {
            add_header X-RateLimit-Remaining-Tokens 5 always; add_header X-RateLimit-Reset-Tokens 6m5.5s always;
            return 429 '{"error":{"message":"no wait"}}';
        }
        location /short/ { add_header Retry-After 4 always; return 429 '{"error":{"message":"only some seconds"}}'; }
        location /chunked401/ { echo_status 401; echo '{"error":{"message":"wrong key"}}'; }
        location /s500/ { return 500 '{"error":{"message":"broken"}}'; }
        location /s502/ { return 502 '<html>bad</html>'; }
        location /s503/ { return 503 '{"error":{"message":"overloaded"}}'; }
        location /s529/ { return 529 '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'; }
        location /gkey/ { return 400 '{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"\@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}'; }
        location /in200/ { return 200 '{"error":{"message":"Provider returned error","code":502}}'; }
        location /empty/ { default_type text/event-stream; return 200 ''; }
        location /sse/ {
            default_type text/event-stream;
            echo -n 'data: {"error":{"message":"Overloaded","type":"overloaded_error","code":529}}';
            echo ''; echo '';
            echo_flush;
        }
        location /late/ {
            default_type text/event-stream;
            echo -n 'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"begun"},"finish_reason":null}]}';
            echo ''; echo '';
            echo_flush;
            echo -n 'data: {"error":{"message":"Overloaded","type":"overloaded_error","code":529}}';
            echo ''; echo '';
        }
        location /dead/ { return 444; }
        location /key/ {
            if (\$http_authorization = "Bearer k1") { return 401 '{"error":{"message":"wrong key"}}'; }
            return 200 \$body;
        }
    }
CONF

    $block->set_value('http_config', $http . ($block->http_config || ''));

    if (!defined $block->request && !defined $block->must_die) {
        my $stream = defined $block->stream ? '"stream":true,' : '';
        my $one = "POST /v1/messages\n"
            . '{"model":"claude-x","max_tokens":9,' . $stream
            . '"messages":[{"role":"user","content":"hi"}]}';
        my $n = $block->times || 1;
        chomp $n;
        $block->set_value('request', $n > 1 ? [($one) x $n] : $one);
    }
});

run_tests();

__DATA__

=== TEST 1: statuses that are another pair's chance
--- http_config eval
join('', map { "ccproxy_provider p$_ { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/$_; key literal:of-$_; }\n" }
    qw(s401 s402 s403 s408 s409 s429 s500))
. "ccproxy_provider good { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/v1; key literal:k; }\nupstream p { ccproxy;\n"
. join('', map { "ccproxy_target p$_ m;\n" } qw(s401 s402 s403 s408 s409 s429 s500))
. "ccproxy_target good m; }\n"
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- response_body_like: auth=Bearer k;
--- error_log
provider "ps401", key "ps401-1" failed with status 401, the next pair is asked
provider "ps402", key "ps402-1" failed with status 402, the next pair is asked
provider "ps403", key "ps403-1" failed with status 403, the next pair is asked
provider "ps408", key "ps408-1" failed with status 408, the next pair is asked
provider "ps409", key "ps409-1" failed with status 409, the next pair is asked
provider "ps429", key "ps429-1" failed with status 429, the next pair is asked
provider "ps500", key "ps500-1" failed with status 500, the next pair is asked
--- no_error_log
[error]
of-s401



=== TEST 2: and more of them
--- http_config eval
join('', map { "ccproxy_provider p$_ { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/$_; key literal:of-$_; }\n" }
    qw(quota s502 s503 s529 gkey in200))
. "ccproxy_provider good { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/v1; key literal:k; }\nupstream p { ccproxy;\n"
. join('', map { "ccproxy_target p$_ m;\n" } qw(quota s502 s503 s529 gkey in200))
. "ccproxy_target good m; }\n"
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- response_body_like: auth=Bearer k;
--- error_log
provider "pquota", key "pquota-1" failed with status 429, the next pair is asked
provider "ps502", key "ps502-1" failed with status 502, the next pair is asked
provider "ps503", key "ps503-1" failed with status 503, the next pair is asked
provider "ps529", key "ps529-1" failed with status 529, the next pair is asked
provider "pgkey", key "pgkey-1" failed with status 400, the next pair is asked
provider "pin200", key "pin200-1" failed with status 200, the next pair is asked
--- no_error_log
[error]



=== TEST 3: a stream whose first event is an error; one with nothing in it
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/sse; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/empty; }
    ccproxy_provider good { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k; }
    upstream p { ccproxy; ccproxy_target a; ccproxy_target b; ccproxy_target good; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- stream
--- response_body_like: auth=Bearer k;.*message_stop
--- error_log
provider "a", key "" failed with status 200, the next pair is asked
provider "b", key "" failed with status 200, the next pair is asked
--- no_error_log
[error]



=== TEST 4: never after content
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/late; }
    ccproxy_provider good { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k; }
    upstream p { ccproxy; ccproxy_target a; ccproxy_target good; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- stream
--- response_body_like: begun.*event: error.*Overloaded
--- no_error_log
the next pair is asked



=== TEST 5: never for the request's own faults
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/s400; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/s404; }
    upstream p { ccproxy; ccproxy_target a; ccproxy_target b; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- times: 2
--- error_code eval
[400, 404]
--- response_body_like eval
[qr/bad field/, qr/no such model/]
--- no_error_log
the next pair is asked



=== TEST 6: all fail: the most telling error
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/wait; key literal:k1; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/s401; key literal:k2; }
    ccproxy_provider c { protocol chat; url http://127.0.0.1:$TEST_NGINX_NONE_PORT/gone; key literal:k3; }
    upstream p { ccproxy; ccproxy_target a; ccproxy_target b; ccproxy_target c; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- error_code: 429
--- response_headers
Retry-After: 30
--- response_body_like: "type":"error".*rate_limit_error.*wait a while



=== TEST 7: all answer 429; all answer 500
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/s429; key literal:k1; key literal:k2; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/s500; key literal:k1; key literal:k2; }
    upstream p { ccproxy; ccproxy_target a; }
    upstream q { ccproxy; ccproxy_target b; }
--- config
    location /p { ccproxy on; proxy_pass http://p; }
    location /q { ccproxy on; proxy_pass http://q; }
--- request eval
my $body = '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';
["POST /p/v1/messages\n$body", "POST /q/v1/messages\n$body", "POST /p/v1/messages\n$body", "POST /q/v1/messages\n$body"]
--- error_code eval
[429, 500, 429, 500]
--- response_body_like eval
[qr/slow down/, qr/broken/, qr/slow down/, qr/broken/]



=== TEST 8: a key that waits for its Retry-After is not asked
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/wait; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k; }
    upstream p { ccproxy; ccproxy_target a m; ccproxy_target b; }
    upstream only { ccproxy; ccproxy_target a m; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
    location /only { ccproxy on; proxy_pass http://only; }
--- request eval
my $body = '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';
[("POST /v1/messages\n$body") x 3, "POST /only/v1/messages\n$body"]
--- error_code eval
[200, 200, 200, 429]
--- response_headers eval
["", "", "", "Content-Type: application/json"]
--- response_body_like eval
[qr/auth=/, qr/auth=/, qr/auth=/, qr/rate limit of each key is used up: try again in (30|2\d) seconds/]
--- no_error_log eval
qr/\*(?:[2-9]|\d\d) ccproxy: provider/



=== TEST 9: a wrong key serves no model of its provider
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/key; key literal:k1; key literal:k2; }
    upstream p { ccproxy; ccproxy_target a one; ccproxy_target a two; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- times: 4
--- response_body_like eval
[(qr/auth=Bearer k2;/) x 4]
--- no_error_log eval
qr/\*(?:[2-9]|\d\d) ccproxy: provider/



=== TEST 10: the answer of an upstream that fails is told in another protocol
--- http_config
    ccproxy_provider a { protocol anthropic; url http://127.0.0.1:$TEST_NGINX_UP_PORT/s529; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:k; }
    upstream p { ccproxy; ccproxy_target a m; ccproxy_target b m; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- request
POST /v1/chat/completions
{"model":"x","messages":[{"role":"user","content":"hi"}]}
--- response_body_like: chat.completion.*auth=Bearer k;
--- no_error_log
[error]



=== TEST 11: how an upstream tells its wait
--- http_config
    ccproxy_provider date  { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/date; }
    ccproxy_provider ms    { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/ms; }
    ccproxy_provider reset { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/reset; }
    ccproxy_provider left  { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/left; }
    ccproxy_provider until { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/until; }
    upstream a { ccproxy; ccproxy_target date; }
    upstream b { ccproxy; ccproxy_target ms; }
    upstream c { ccproxy; ccproxy_target reset; }
    upstream d { ccproxy; ccproxy_target left; }
    upstream e { ccproxy; ccproxy_target until; }
--- config
    ccproxy on;
    location /a { proxy_pass http://a; }
    location /b { proxy_pass http://b; }
    location /c { proxy_pass http://c; }
    location /d { proxy_pass http://d; }
    location /e { proxy_pass http://e; }
--- request eval
my $body = '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';
[map { "POST /$_/v1/messages\n$body" } qw(a b c d e)]
--- error_code eval
[(429) x 5]
--- raw_response_headers_like eval
[qr/Retry-After: (?:86400|8639\d)\r\n/, qr/Retry-After: 2\r\n/, qr/Retry-After: 366\r\n/, qr/^(?!.*Retry-After)/s, qr/Retry-After: 366\r\n/]
--- no_error_log
[error]



=== TEST 12: a key's wait is over: it is asked again
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/short; }
    upstream p { ccproxy; ccproxy_target a; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
    location = /later { echo_sleep 4.1; echo later; }
--- request eval
my $body = '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';
["POST /v1/messages\n$body", "POST /v1/messages\n$body", "GET /later", "POST /v1/messages\n$body"]
--- timeout: 10
--- error_code eval
[429, 429, 200, 429]
--- response_body_like eval
[qr/only some seconds/, qr/try again in [234] seconds/, qr/later/, qr/only some seconds/]



=== TEST 13: errors and answers of all framings
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/chunked401; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/v1; }
    upstream p { ccproxy; ccproxy_target a; ccproxy_target b; ccproxy_target a other; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
. '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"without length"},"finish_reason":"stop"}]}'
--- response_body_like: without length
--- error_log
provider "a", key "" failed with status 401, the next pair is asked



=== TEST 14: all fail: the error in each client's protocol, from an upstream, then our own
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/wait; key literal:k1; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/s500; key literal:k2; }
    upstream p0 { ccproxy; ccproxy_target a m0; ccproxy_target b m0; }
    upstream p1 { ccproxy; ccproxy_target a m1; ccproxy_target b m1; }
    upstream p2 { ccproxy; ccproxy_target a m2; ccproxy_target b m2; }
    upstream p3 { ccproxy; ccproxy_target a m3; ccproxy_target b m3; }
    upstream p4 { ccproxy; ccproxy_target a m4; ccproxy_target b m4; }
    upstream q { ccproxy; ccproxy_target a only; }
--- config
    ccproxy on;
    location /0/ { proxy_pass http://p0; }
    location /1/ { proxy_pass http://p1; }
    location /2/ { proxy_pass http://p2; }
    location /3/ { proxy_pass http://p3; }
    location /4/ { proxy_pass http://p4; }
    location /q/ { proxy_pass http://q; }
--- request eval
my @ask = (
    ['v1/messages', '{"model":"x","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}'],
    ['v1/chat/completions', '{"model":"x","messages":[{"role":"user","content":"hi"}]}'],
    ['v1/responses', '{"model":"x","input":"hi"}'],
    ['v1beta/models/x:generateContent', '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}'],
    ['api/chat', '{"model":"x","messages":[{"role":"user","content":"hi"}]}'],
);
[(map { "POST /$_/$ask[$_][0]\n$ask[$_][1]" } 0 .. 4), map { "POST /q/$ask[$_][0]\n$ask[$_][1]" } 0, 0 .. 4]
--- error_code eval
[(429) x 11]
--- raw_response_headers_like eval
[(qr/Retry-After: 30\r\n/) x 6, (qr/Retry-After: (?:30|2\d)\r\n/) x 5]
--- response_body_like eval
my @forms = (
    '^\{"type":"error","error":\{"type":"rate_limit_error","message":"%s.*"\}',
    ('^\{"error":\{"message":"%s.*","type":"rate_limit_error",.*"code":"rate_limit_exceeded"\}\}') x 2,
    '^\{"error":\{"code":429,"message":"%s.*","status":"RESOURCE_EXHAUSTED"',
    '^\{"error":"%s.*"\}',
);
my @errors = map { my $said = $_; [map { my $re = sprintf $_, $said; qr/$re/ } @forms] }
    'wait a while', 'the rate limit of each key is used up: try again in \d+ seconds \(pool \\\\?"q';
[@{$errors[0]}, $errors[0][0], @{$errors[1]}];



=== TEST 15: the same of streams, when all are broken
--- http_config
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/s500; key literal:k1; key literal:k2; }
    upstream p { ccproxy; ccproxy_target b; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
--- request eval
my @ask = (
    ['v1/messages', '{"model":"0","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}'],
    ['v1/chat/completions', '{"model":"1","stream":true,"messages":[{"role":"user","content":"hi"}]}'],
    ['v1/responses', '{"model":"2","stream":true,"input":"hi"}'],
    ['v1beta/models/3:streamGenerateContent?alt=sse', '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}'],
    ['api/chat', '{"model":"4","messages":[{"role":"user","content":"hi"}]}'],
);
[map { "POST /$$_[0]\n$$_[1]" } @ask]
--- error_code eval
[(500) x 5]
--- response_body_like eval
[qr/^\{"type":"error","error":\{"type":"api_error","message":"broken"\}/, (qr/^\{"error":\{"message":"broken","type":"server_error"/) x 2, qr/^\{"error":\{"code":500,"message":"broken","status":"INTERNAL"/, qr/^\{"error":"broken"\}/]
--- no_error_log
[alert]



=== TEST 16: what a core developer reads in the debug log, without secrets
--- log_level: debug
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/s429; key literal:secret-of-a name=ka; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/good; key literal:secret-of-b name=kb; }
    upstream p { ccproxy; ccproxy_target a m; ccproxy_target b m; }
    ccproxy_route * p;
--- config
    location / { ccproxy on; proxy_pass http://$ccproxy_pool; }
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- error_code: 200
--- grep_error_log eval
qr/ccproxy (?:endpoint|body|request|route|choice|try|peek|failover|upstream|answer): (?:first content|[^,"\n]*(?:"[^"\n]*")?)/
--- grep_error_log_out eval
join '', map { "ccproxy $_\n" } 'endpoint: generate of anthropic', 'endpoint: generate of anthropic', 'endpoint: generate of anthropic',
    'body: 72 bytes', 'request: decoded', 'route: "*"', 'choice: pair 0 of 2', 'try: provider "a"',
    'try: status 429', 'peek: status 429', 'choice: pair 0 comes to rate limit', 'failover: provider "a"',
    'choice: pair 1 of 2', 'try: provider "b"', 'try: status 200', 'peek: status 200',
    'choice: pair 1 comes to good', 'upstream: ends with rc 0 after 2 tries',
    'answer: first content', 'answer: status 200', 'answer: complete'
--- no_error_log eval
qr/ccproxy .*secret-of/
