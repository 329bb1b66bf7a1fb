# Conversion under what HTTP allows: compression, old versions, connections
# that are used again, pages and rules of the user's.
use Test::Nginx::Socket;

our $HttpConfig = <<'END';
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up/v1;
    }
    ccproxy_provider none {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/v1;
    }
    upstream pool { ccproxy; ccproxy_target up; }
    upstream dead { ccproxy; ccproxy_target none; }
    upstream site { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; }
END

our $Config = <<'END';
    location /v1/ {
        ccproxy on;
        proxy_pass http://pool;
    }
    location /gzip/ {
        ccproxy on;
        gzip on;
        gzip_types *;
        gzip_min_length 1;
        gzip_proxied any;
        proxy_pass http://pool;
    }
    location /dead/ {
        ccproxy on;
        proxy_pass http://dead;
    }
    location /page/ {
        ccproxy on;
        error_page 502 504 /fifty.html;
        proxy_intercept_errors on;
        proxy_pass http://dead;
    }
    location = /fifty.html {
        return 200 "<html>fifty</html>";
    }
    location /second/ {
        ccproxy on;
        error_page 502 = @second;
        proxy_pass http://dead;
    }
    location @second {
        ccproxy on;
        proxy_pass http://pool;
    }
    location /denied/ {
        ccproxy on;
        deny all;
        proxy_pass http://pool;
    }
    location /limit/ {
        ccproxy on;
        return 429;
    }
    location /foreign/ {
        ccproxy on;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up/;
    }
    location /group/ {
        ccproxy on;
        set $to site;
        proxy_pass http://$to;
    }
    location /numbers/ {
        ccproxy on;
        set $to 127.0.0.1:$TEST_NGINX_SERVER_PORT;
        proxy_pass http://$to/up/;
    }
    location /text/ {
        ccproxy on;
        error_page 502 = @text;
        proxy_pass http://dead;
    }
    location @text {
        return 200 "a text";
    }
    location /up/ {
        if ($http_accept = text/event-stream) {
            rewrite ^ /stream last;
        }
        default_type application/json;
        return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}';
    }
END

our $Body = '{"model":"m","max_tokens":9,"messages":'
    . '[{"role":"user","content":"hello"}]}';
our $Good = "POST /v1/messages\n" . $Body;

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config) if !defined $block->config;
});

plan tests => repeat_each() * (blocks() * 3 + 18);

no_long_string();
run_tests();

__DATA__

=== TEST 1: two requests on one connection
--- pipelined_requests eval
[$main::Good, $main::Good]
--- error_code eval
[200, 200]
--- response_body_like eval
['"text":"fine"', '"text":"fine"']
--- no_error_log
[alert]



=== TEST 2: a bad request does not spoil the connection
--- pipelined_requests eval
["POST /v1/messages\n{", "GET /v1/nothing", $main::Good]
--- error_code eval
[400, 404, 200]
--- response_body_like eval
['not valid JSON', 'no endpoint', '"text":"fine"']
--- no_error_log
[alert]



=== TEST 3: HTTP/1.0
--- request eval
"POST /v1/messages HTTP/1.0\n" . $main::Body
--- response_body_like: "text":"fine"
--- response_headers
!Transfer-Encoding
--- no_error_log
[alert]



=== TEST 4: compressed for those who can read it
--- request eval
"POST /gzip/v1/messages\n" . $main::Body
--- more_headers
Accept-Encoding: gzip
--- response_body_filters eval
sub { my ($in, $out) = @_; require IO::Uncompress::Gunzip; IO::Uncompress::Gunzip::gunzip(\$in, \$out); $out }
--- response_body_like: "text":"fine"
--- response_headers
Content-Encoding: gzip
--- no_error_log
[alert]



=== TEST 5: an upstream that can't be reached
--- request eval
"POST /dead/v1/messages\n" . $main::Body
--- error_code: 502
--- response_body_like: ^\{"type":"error","error":\{"type":"api_error","message":"no upstream could be reached \(pool \\"dead\\"\)"
--- response_headers
Content-Type: application/json
--- no_error_log
[alert]



=== TEST 6: a page of the user's does not reach a client that reads JSON
--- request eval
"POST /page/v1/messages\n" . $main::Body
--- error_code: 502
--- response_body_like: ^\{"type":"error"
--- no_error_log
[alert]



=== TEST 7: another location takes over, with the body that was read
--- request eval
"POST /second/v1/messages\n" . $main::Body
--- response_body_like: "text":"fine"
--- no_error_log
[alert]



=== TEST 8: rules of nginx's own
--- request eval
"POST /denied/v1/messages\n" . $main::Body
--- error_code: 403
--- response_body_like: ^\{"type":"error","error":\{"type":"permission_error","message":"access is denied by the configuration
--- no_error_log
[alert]



=== TEST 9: a status by configuration
--- request eval
"POST /limit/v1/messages\n" . $main::Body
--- error_code: 429
--- response_body_like: ^\{"type":"error","error":\{"type":"rate_limit_error"
--- no_error_log
[alert]



=== TEST 10: a location without the module beside one with it
--- request
GET /fifty.html
--- response_body: <html>fifty</html>
--- no_error_log
[alert]



=== TEST 11: proxy_pass to an address: the remedy is told
--- request eval
"POST /foreign/v1/messages\n" . $main::Body
--- error_code: 500
--- response_body_like: ^\{"type":"error","error":\{"type":"api_error","message":"this location's proxy_pass does not lead to a pool
--- response_headers
Content-Type: application/json
--- error_log
let it name an "upstream" that has "ccproxy;" and "ccproxy_target PROVIDER MODEL;"
--- no_error_log
[alert]



=== TEST 12: to an upstream with servers, by a variable
--- request eval
"POST /group/v1/messages\n" . $main::Body
--- error_code: 500
--- response_body_like: ^\{"type":"error","error":\{"type":"api_error","message":"this location's proxy_pass does not lead to a pool
--- response_headers
Content-Type: application/json
--- error_log
let it name an "upstream" that has "ccproxy;" and "ccproxy_target PROVIDER MODEL;"
--- no_error_log
[alert]



=== TEST 13: to an address, by a variable, chunked
--- request eval
"POST /numbers/v1/messages\n"
    . sprintf("%x\r\n%s\r\n0\r\n\r\n", length $main::Body, $main::Body)
--- more_headers
Transfer-Encoding: chunked
--- error_code: 500
--- response_body_like: ^\{"type":"error","error":\{"type":"api_error","message":"this location's proxy_pass does not lead to a pool
--- response_headers
Content-Type: application/json
--- error_log
let it name an "upstream" that has "ccproxy;" and "ccproxy_target PROVIDER MODEL;"
--- no_error_log
[alert]



=== TEST 14: a text in place of a failed answer is no answer
--- request eval
"POST /text/v1/messages\n" . $main::Body
--- response_body: a text
--- no_error_log
[alert]
