# What a client may send wrong, and that the worker lives on.
use Test::Nginx::Socket;

our $HttpConfig = <<'END';
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up/v1;
    }
    upstream pool { ccproxy; ccproxy_target up; }
END

our $Config = <<'END';
    location /v1/ {
        ccproxy on;
        proxy_pass http://pool;
    }
    location /small/ {
        ccproxy on;
        client_max_body_size 1k;
        proxy_pass http://pool;
    }
    location /up/ {
        default_type application/json;
        return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}';
    }
END

our $Good = '{"model":"m","max_tokens":9,"messages":'
    . '[{"role":"user","content":"hello"}]}';

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig)
        if !defined $block->http_config;
    $block->set_value('config', $Config) if !defined $block->config;
});

# beyond status and body: no alert in the log (all), headers
plan tests => repeat_each() * (blocks() * 3 + 9);

no_long_string();
run_tests();

__DATA__

=== TEST 1: a good request
--- request eval
"POST /v1/messages\n" . $main::Good
--- response_body_like: "text":"fine".*"stop_reason":"end_turn"
--- response_headers_like
Content-Type: application/json
Content-Length: \d+
X-Ccproxy-Request-Id: [0-9A-Za-z]{24}
--- no_error_log
[alert]



=== TEST 2: JSON that ends too early
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"messages":[{"role":"us
--- error_code: 400
--- response_body_like: ^\{"type":"error","error":\{"type":"invalid_request_error","message":"[^"]*not valid JSON: unexpected end of input[^"]* at byte \d+ of \d+
--- response_headers
Content-Type: application/json
--- no_error_log
[alert]



=== TEST 3: bytes that are no UTF-8
--- request eval
"POST /v1/messages\n{\"model\":\"m\xff\xfe\",\"max_tokens\":9,\"messages\":[]}"
--- error_code: 400
--- response_body_like: "invalid_request_error","message":"[^"]*UTF-8
--- no_error_log
[alert]



=== TEST 4: nesting of 10 000
--- request eval
"POST /v1/messages\n" . ('[' x 10000)
--- error_code: 400
--- response_body_like: "invalid_request_error","message":"[^"]*(?:nest|deep|depth)
--- no_error_log
[alert]



=== TEST 5: members of a wrong type
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"messages":"hello"}
--- error_code: 400
--- response_body_like: "invalid_request_error","message":"[^"]*messages
--- no_error_log
[alert]



=== TEST 6: an array where an object is expected
--- request
POST /v1/messages
[1,2]
--- error_code: 400
--- response_body_like: "invalid_request_error","message":"[^"]*a JSON object is expected
--- no_error_log
[alert]



=== TEST 7: no body at all
--- request
POST /v1/messages
--- error_code: 400
--- response_body_like: "invalid_request_error","message":"the request body is empty
--- no_error_log
[alert]



=== TEST 8: a body over the limit
--- request eval
"POST /small/v1/messages\n" . ('x' x 2000)
--- error_code: 413
--- response_body_like: "type":"request_too_large","message":"[^"]*client_max_body_size allows: 1024 bytes
--- response_headers
Content-Type: application/json
--- no_error_log
[alert]



=== TEST 9: a chunked body over the limit
--- request eval
"POST /small/v1/messages\n4b0\r\n" . ('x' x 1200) . "\r\n0\r\n\r\n"
--- more_headers
Transfer-Encoding: chunked
--- error_code: 413
--- response_body_like: "type":"request_too_large"
--- no_error_log
[alert]



=== TEST 10: a path that is no endpoint, in the nearest protocol
--- request
POST /v1/messages/nothing
{}
--- error_code: 404
--- response_body_like: "type":"not_found_error","message":"no endpoint POST
--- no_error_log
[alert]



=== TEST 11: a wrong method
--- request
GET /v1/messages
--- error_code: 405
--- response_headers
Allow: POST
--- response_body_like: ^\{"type":"error",.*use POST
--- no_error_log
[alert]



=== TEST 12: a coding of the body that is not supported
--- request eval
"POST /v1/messages\n" . $main::Good
--- more_headers
Content-Encoding: compress
--- error_code: 415
--- response_body_like: "invalid_request_error","message":"Content-Encoding compress
--- no_error_log
[alert]



=== TEST 13: identity is no coding
--- request eval
"POST /v1/messages\n" . $main::Good
--- more_headers
Content-Encoding: identity
--- response_body_like: "text":"fine"
--- no_error_log
[alert]



=== TEST 14: an operation of the protocol that is not served
--- request
POST /v1/messages/batches
{"requests":[]}
--- error_code: 404
--- response_body_like: "type":"not_found_error","message":"no endpoint POST /v1/messages/batches here
--- no_error_log
[alert]



=== TEST 15: a chunked upload in small pieces
--- request eval
"POST /v1/messages\n"
    . join('', map { sprintf "%x\r\n%s\r\n", length, $_ }
        $main::Good =~ /.{1,7}/gs) . "0\r\n\r\n"
--- more_headers
Transfer-Encoding: chunked
--- response_body_like: "text":"fine"
--- no_error_log
[alert]



=== TEST 16: broken chunks
--- request eval
"POST /v1/messages\nzz\r\n{}\r\n0\r\n\r\n"
--- more_headers
Transfer-Encoding: chunked
--- error_code: 400
--- response_body_like: ^\{"type":"error","error":\{"type":"invalid_request_error"
--- no_error_log
[alert]



=== TEST 17: Content-Length promises more than comes
--- raw_request eval
"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000\r\n\r\n{\"model\":"
--- timeout: 200ms
--- abort
--- ignore_response
--- wait: 0.1
--- error_log
client prematurely closed connection
--- no_error_log
[alert]



=== TEST 18: Content-Length promises less: the rest is no request
--- raw_request eval
"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 10\r\n\r\n" . $main::Good
--- error_code: 400
--- response_body_like: not valid JSON: unexpected end of input[^"]* at byte 10 of 10
--- no_error_log
[alert]



=== TEST 19: a body larger than nginx's buffer, without a temporary file
--- config eval
$main::Config . 'client_body_buffer_size 1k; client_body_in_file_only off;'
--- request eval
"POST /v1/messages\n" . '{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"' . ('word ' x 60000) . '"}]}'
--- response_body_like: "text":"fine"
--- no_error_log
[alert]
buffered to a temporary file



=== TEST 20: the module's own endpoints
--- request
GET /v1/health
--- response_body_like: "status":"
--- response_headers
Content-Type: application/json
--- no_error_log
[alert]



=== TEST 21: HEAD of a path that is answered here
--- request
HEAD /v1/health
--- response_body:
--- response_headers
Content-Type: application/json
--- no_error_log
[alert]



=== TEST 22: the error of another protocol
--- request
POST /v1/chat/completions
{"model":
--- error_code: 400
--- response_body_like: ^\{"error":\{"message":"[^"]*not valid JSON[^"]*","type":"invalid_request_error"
--- no_error_log
[alert]



=== TEST 23: Expect: 100-continue
--- raw_request eval
"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: " . length($main::Good) . "\r\n\r\n" . $main::Good
--- error_code: 100
--- response_body_like: "text":"fine"
--- no_error_log
[alert]



=== TEST 24: a WebSocket is not served, and clients fall back on that status
--- request
GET /v1/responses
--- more_headers
Upgrade: websocket
Sec-WebSocket-Version: 13
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
--- error_code: 426
--- response_headers
Upgrade: HTTP/1.1
--- response_body_like: "message":"no WebSocket is served here: send a POST"
--- no_error_log
[alert]



=== TEST 25: a model that is a way up
--- request
POST /v1/chat/completions
{"model":"..","messages":[{"role":"user","content":"hi"}]}
--- error_code: 400
--- response_body_like: "message":"\\"..\\" is no name of a model"
--- no_error_log
[alert]



=== TEST 26: … in the middle
--- request
POST /v1/messages
{"model":"a/../b","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- error_code: 400
--- response_body_like: invalid_request_error
--- no_error_log
[alert]



=== TEST 27: dots that are part of a name
--- request
POST /v1/chat/completions
{"model":"..a/b...c/.d","messages":[{"role":"user","content":"hi"}]}
--- response_body_like: fine
--- no_error_log
[alert]



=== TEST 28: Gemini's action behind a slash
--- request
POST /v1/models/org/gem/generateContent
{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
--- response_body_like: "parts":\[\{"text":"fine"\}\]
--- no_error_log
[alert]
