# Answers: streamed and whole, good and bad, from an upstream of any manners.
use Test::Nginx::Socket;

our $HttpConfig = <<'END';
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/v1;
    }
    upstream pool { ccproxy; ccproxy_target up; }
END

our $Config = <<'END';
    location /v1/ {
        ccproxy on;
        proxy_read_timeout 300ms;
        proxy_pass http://pool;
    }
END

our $Request = '{"model":"m","max_tokens":99,%s"messages":'
    . '[{"role":"user","content":"hello"}]}';
our $Streamed = "POST /v1/messages\n" . sprintf $Request, '"stream":true,';
our $Whole = "POST /v1/messages\n" . sprintf $Request, '';

our $Head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    . "Connection: close\r\n\r\n";

sub event { 'data: ' . $_[0] . ($_[1] // "\n\n") }

sub delta {
    my ($delta, $finish) = @_;
    return '{"id":"c","object":"chat.completion.chunk","created":1,'
        . '"model":"m","choices":[{"index":0,"delta":' . $delta
        . ',"finish_reason":' . ($finish ? "\"$finish\"" : 'null') . '}]}';
}

our @Events = (
    delta('{"role":"assistant","content":"Hello"}'),
    delta('{"content":" world"}'),
    delta('{}', 'stop'),
    '{"id":"c","object":"chat.completion.chunk","created":1,"model":"m",'
        . '"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,'
        . '"total_tokens":9}}',
);

our $Good = join '', map { event($_) } @Events, '[DONE]';

our $AllOfIt = qr/\A event:\ message_start \n data:\ .*? \n\n
    event:\ content_block_start \n data:\ .*? \n\n
    event:\ content_block_delta \n data:\ .*? "Hello" .*? \n\n
    event:\ content_block_delta \n data:\ .*? "\ world" .*? \n\n
    event:\ content_block_stop \n data:\ .*? \n\n
    event:\ message_delta \n data:\ .*? "end_turn" .*? \n\n
    event:\ message_stop \n data:\ [^\n]* \n\n \z/xs;

sub whole {
    my ($status, $body) = @_;
    return "HTTP/1.1 $status\r\nContent-Type: application/json\r\n"
        . "Connection: close\r\nContent-Length: " . length($body)
        . "\r\n\r\n" . $body;
}

our $Answer = '{"id":"c","object":"chat.completion","created":1,"model":"m",'
    . '"choices":[{"index":0,"message":{"role":"assistant",'
    . '"content":"Hello world"},"finish_reason":"stop"}],'
    . '"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}';

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config) if !defined $block->config;
    $block->set_value('tcp_listen', '$TEST_NGINX_RAND_PORT_1');
});

plan tests => repeat_each() * (blocks() * 3 + 22);

no_long_string();
run_tests();

__DATA__

=== TEST 1: a stream
--- request eval: $main::Streamed
--- tcp_reply eval
$main::Head . $main::Good
--- response_body_like eval: $main::AllOfIt
--- response_headers
Content-Type: text/event-stream; charset=utf-8
Cache-Control: no-cache
X-Accel-Buffering: no
--- no_error_log
[alert]



=== TEST 2: lines that end in CR LF
--- request eval: $main::Streamed
--- tcp_reply eval
$main::Head . ($main::Good =~ s/\n/\r\n/gr)
--- response_body_like eval: $main::AllOfIt
--- no_error_log
[alert]



=== TEST 3: one byte at a time
--- request eval: $main::Streamed
--- tcp_reply eval
[split //, $main::Head . $main::Good]
--- response_body_like eval: $main::AllOfIt
--- no_error_log
[alert]



=== TEST 4: comments, no space, several chunks of HTTP
--- request eval: $main::Streamed
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    . "Transfer-Encoding: chunked\r\n\r\n"
    . join('', map { sprintf "%x\r\n%s\r\n", length, $_ }
        (": a comment\n\n" . ($main::Good =~ s/data: /data:/gr))
            =~ /.{1,50}/gs) . "0\r\n\r\n"
--- response_body_like eval: $main::AllOfIt
--- no_error_log
[alert]



=== TEST 5: a finish reason, but no [DONE]: complete
--- request eval: $main::Streamed
--- tcp_reply eval
$main::Head . join '', map { main::event($_) } @main::Events
--- response_body_like eval: $main::AllOfIt
--- no_error_log
[alert]



=== TEST 6: the last event is not terminated
--- request eval: $main::Streamed
--- tcp_reply eval
($main::Head . join '', map { main::event($_) } @main::Events) =~ s/\n\n\z//r
--- response_body_like eval: $main::AllOfIt
--- no_error_log
[alert]



=== TEST 7: the end comes without a finish reason
--- request eval: $main::Streamed
--- tcp_reply eval
$main::Head . main::event($main::Events[0])
--- response_body_like eval
qr/"Hello".*event: error\ndata: \{"type":"error","error":\{"type":"api_error","message":"[^\n]*\n\n\z/s
--- no_error_log
[alert]



=== TEST 8: the connection is cut within the HTTP framing
--- request eval: $main::Streamed
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    . "Content-Length: 5000\r\n\r\n" . main::event($main::Events[0])
--- response_body_like eval
qr/"Hello".*event: error\ndata: \{"type":"error","error":\{"type":"api_error","message":"the upstream closed the connection[^\n]*\n\n\z/s
--- error_log
upstream prematurely closed connection
--- no_error_log
[alert]



=== TEST 9: the upstream falls silent
--- request eval: $main::Streamed
--- tcp_reply eval
$main::Head . main::event($main::Events[0])
--- tcp_no_close
--- response_body_like eval
qr/"Hello".*event: error\ndata: \{"type":"error","error":\{"type":"(?:timeout_error|api_error)","message":"the upstream sent nothing[^\n]*\n\n\z/s
--- error_log
upstream timed out
--- no_error_log
[alert]



=== TEST 10: the upstream says nothing at all
--- request eval: $main::Streamed
--- tcp_reply:
--- tcp_no_close
--- error_code: 504
--- response_body_like: ^\{"type":"error","error":\{"type":"timeout_error","message":"no upstream answered in time
--- response_headers
Content-Type: application/json
--- no_error_log
[alert]



=== TEST 11: a header, then silence: still an error status
--- request eval: $main::Streamed
--- tcp_reply eval: $main::Head
--- tcp_no_close
--- error_code: 504
--- response_body_like: ^\{"type":"error","error":\{"type":"timeout_error","message":"the upstream sent nothing
--- response_headers_like
Content-Length: \d+
--- no_error_log
[alert]



=== TEST 12: complete, but the connection stays open: the client does not wait
--- request eval: $main::Streamed
--- tcp_reply eval
$main::Head . $main::Good
--- tcp_no_close
--- response_body_like eval: $main::AllOfIt
--- no_error_log
[alert]



=== TEST 13: an error event in the middle
--- request eval: $main::Streamed
--- tcp_reply eval
$main::Head . main::event($main::Events[0])
    . main::event('{"error":{"message":"it overheated","type":"server_error"}}')
--- response_body_like eval
qr/"Hello".*event: error\ndata: [^\n]*it overheated[^\n]*\n\n\z/s
--- no_error_log
[alert]



=== TEST 14: an error event in the first place is a status
--- request eval: $main::Streamed
--- tcp_reply eval
$main::Head . main::event(
    '{"error":{"message":"slow down","type":"rate_limit_error","code":429}}')
--- error_code: 429
--- response_body_like: ^\{"type":"error","error":\{"type":"rate_limit_error","message":"slow down"
--- response_headers
Content-Type: application/json
--- no_error_log
[alert]



=== TEST 15: an upstream's error, in the client's form
--- request eval: $main::Streamed
--- tcp_reply eval
main::whole('401 Unauthorized',
    '{"error":{"message":"Incorrect API key","type":"invalid_request_error","code":"invalid_api_key"}}')
--- error_code: 401
--- response_body_like: ^\{"type":"error","error":\{"type":"authentication_error","message":"Incorrect API key"
--- response_headers
Content-Type: application/json
--- no_error_log
[alert]



=== TEST 16: an upstream's error that is a page of HTML
--- request eval: $main::Whole
--- tcp_reply eval
main::whole('503 Service Unavailable', '<html><h1>away</h1></html>')
    =~ s/application.json/text\/html/r
--- error_code_like: ^5(?:03|29)$
--- response_body_like: ^\{"type":"error","error":\{"type":"overloaded_error"
--- no_error_log
[alert]



=== TEST 17: Retry-After is handed on
--- request eval: $main::Whole
--- tcp_reply eval
main::whole('429 Too Many Requests',
    '{"error":{"message":"slow down","type":"requests"}}')
    =~ s/\r\n/\r\nRetry-After: 17\r\n/r
--- error_code: 429
--- response_body_like: "rate_limit_error","message":"slow down"
--- response_headers
Retry-After: 17
--- no_error_log
[alert]



=== TEST 18: a whole answer
--- request eval: $main::Whole
--- tcp_reply eval
main::whole('200 OK', $main::Answer)
--- response_body_like: ^\{"id":"msg_[^"]*","type":"message","role":"assistant".*"text":"Hello world".*"stop_reason":"end_turn".*"input_tokens":7.*"output_tokens":2\}\}$
--- response_headers_like
Content-Type: application/json
Content-Length: \d+
--- no_error_log
[alert]



=== TEST 19: a stream for a client that did not ask for one
--- request eval: $main::Whole
--- tcp_reply eval
$main::Head . $main::Good
--- response_body_like: "text":"Hello world".*"stop_reason":"end_turn"
--- no_error_log
[alert]



=== TEST 20: a whole answer for a client that asked for a stream
--- request eval: $main::Streamed
--- tcp_reply eval
main::whole('200 OK', $main::Answer)
--- response_body_like eval
qr/\Aevent: message_start\n.*"Hello world".*event: message_stop\ndata: [^\n]*\n\n\z/s
--- no_error_log
[alert]



=== TEST 21: an answer that is no JSON
--- request eval: $main::Whole
--- tcp_reply eval
main::whole('200 OK', 'not what you expect')
--- error_code: 502
--- response_body_like: ^\{"type":"error","error":\{"type":"api_error"
--- no_error_log
[alert]



=== TEST 22: same protocol on both sides: the bytes as they came
--- request eval
"POST /v1/chat/completions\n" . sprintf $main::Request, '"stream":true,"stream_options":{"include_usage":true},'
--- tcp_reply eval
$main::Head . $main::Good
--- response_body eval
$main::Good
--- no_error_log
[alert]



=== TEST 23: what the upstream's site says is not for the client
--- request eval: $main::Whole
--- tcp_reply eval
main::whole('200 OK', $main::Answer) =~ s/\r\n/\r\nSet-Cookie: a=b\r\nX-Request-Id: req-7\r\nETag: "x"\r\nLast-Modified: Mon, 28 Sep 1970 06:00:00 GMT\r\nX-Accel-Redirect: \/secret\r\n/r
--- response_body_like: "Hello world"
--- response_headers
!Set-Cookie
!ETag
!Last-Modified
X-Request-Id: req-7
--- no_error_log
[alert]



=== TEST 24: a connection serves on after an upstream that died in its stream
--- pipelined_requests eval
[$main::Streamed, "GET /v1/models", "GET /v1/models"]
--- tcp_reply eval
my $head = $main::Head =~ s/Connection: close/Transfer-Encoding: chunked/r;
$head . "ffff\r\n" . main::event($main::Events[0])
--- error_code eval
[200, 200, 200]
--- response_body_like eval
["event: error\n", '"data":\[', '"data":\[']
--- no_error_log
[alert]
