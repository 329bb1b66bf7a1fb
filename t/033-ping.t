# Signs of life while an upstream is silent.
use Test::Nginx::Socket;

our $HttpConfig = <<'END';
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up/v1;
        read_timeout 450ms;
    }
    ccproxy_provider same {
        protocol anthropic;
        url http://127.0.0.1:$TEST_NGINX_SERVER_PORT/same/v1;
    }
    upstream pool { ccproxy; ccproxy_target up; }
    upstream same { ccproxy; ccproxy_target same; }
END

sub delta {
    my ($delta, $finish) = @_;
    return q(data: {"id":"c","object":"chat.completion.chunk","created":1,)
        . '"model":"m","choices":[{"index":0,"delta":' . $delta
        . ',"finish_reason":' . ($finish ? "\"$finish\"" : 'null') . '}]}';
}

our $First = "echo '" . delta('{"role":"assistant","content":"Hello"}')
    . "'; echo; echo_flush;";
our $Last = "echo '" . delta('{}', 'stop') . "'; echo;";

# $1 is where the ping's time stands, $2 what the upstream does
our $Stream = '
    location /v1/ {
        ccproxy on;
        %s
        proxy_pass http://pool;
    }
    location = /up/v1/chat/completions {
        default_type text/event-stream;
        %s
    }
';

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig);
});

plan tests => repeat_each() * (blocks() * 3 + 1);

no_long_string();
run_tests();

__DATA__

=== TEST 1: a silent stream, and one whole event at its end
--- config eval
sprintf $main::Stream, 'ccproxy_ping 100ms;',
    $main::First . 'echo_sleep 0.35;' . $main::Last
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}
--- response_body_like eval
qr/"Hello"\}\}\n\n (?: event:\ ping\ndata:\ \{"type":"ping"\}\n\n ){1,3}
   event:\ content_block_stop .* event:\ message_stop/xs
--- no_error_log
[alert]



=== TEST 2: comments, for a client to which no such event is known
--- config eval
sprintf $main::Stream, 'ccproxy_ping 100ms;',
    $main::First . 'echo_sleep 0.35;' . $main::Last
--- request
POST /v1/chat/completions
{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}
--- response_body_like eval
qr/"Hello"[^\n]*\n\n (?: :\ ping\n\n ){1,3} data:\ [^\n]*"stop"/xs
--- no_error_log
[alert]



=== TEST 3: none while the upstream goes on
--- config eval
sprintf $main::Stream, 'ccproxy_ping 250ms;',
    ($main::First . 'echo_sleep 0.02;') x 20 . $main::Last
--- request
POST /v1/chat/completions
{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}
--- response_body_like eval
qr/\A (?: data:\ [^\n]*\n\n )+ \z/xs
--- no_error_log
[alert]



=== TEST 4: off
--- config eval
sprintf $main::Stream, 'ccproxy_ping off;',
    $main::First . 'echo_sleep 0.35;' . $main::Last
--- request
POST /v1/chat/completions
{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}
--- response_body_like eval
qr/\A (?: data:\ [^\n]*\n\n )+ \z/xs
--- no_error_log
[alert]



=== TEST 5: a dead upstream is given up as without them
--- config eval
sprintf $main::Stream, 'ccproxy_ping 100ms;',
    $main::First . 'echo_sleep 2;' . $main::Last
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}
--- response_body_like eval
qr/"Hello"\}\}\n\n (?: event:\ ping\n[^\n]*\n\n ){1,4}
   event:\ error\n [^\n]* sent\ nothing\ for\ too\ long [^\n]*\n\n \z/xs
--- no_error_log
[alert]



=== TEST 6: none before the status is known
--- config eval
sprintf $main::Stream, 'ccproxy_ping 100ms;',
    'echo_flush; echo_sleep 2;' . $main::Last
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}
--- error_code: 504
--- response_headers
Content-Type: application/json
--- response_body_like: ^\{"type":"error"
--- no_error_log
[alert]



=== TEST 7: none in a document
--- config eval
sprintf $main::Stream, 'ccproxy_ping 100ms;',
    $main::First . 'echo_sleep 0.35;' . $main::Last
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]}
--- response_body_like eval
qr/\A \{ [^\n]* "text":"Hello" [^\n]* \} \n? \z/xs
--- no_error_log
[alert]



=== TEST 8: never within an event that has arrived by half: it waits, and signs of life go before it
--- config
    location /v1/ {
        ccproxy on;
        ccproxy_ping 100ms;
        proxy_pass http://same;
    }
    location = /same/v1/messages {
        default_type text/event-stream;
        echo 'event: message_start';
        echo 'data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}}';
        echo;
        echo 'event: content_block_start';
        echo 'data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}';
        echo;
        echo 'event: content_block_delta';
        echo 'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}';
        echo;
        echo -n 'event: content_';
        echo_flush;
        echo_sleep 0.35;
        echo 'block_stop';
        echo_flush;
        echo_sleep 0.35;
        echo 'data: {"type":"content_block_stop","index":0}';
        echo;
        echo_flush;
        echo_sleep 0.35;
        echo 'event: message_delta';
        echo 'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}';
        echo;
        echo 'event: message_stop';
        echo 'data: {"type":"message_stop"}';
        echo;
    }
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}
--- response_body_like eval
qr/\A event:\ message_start\n[^\n]*\n\n
   event:\ content_block_start\n[^\n]*\n\n
   event:\ content_block_delta\n[^\n]*\n\n
   (?: event:\ ping\n[^\n]*\n\n )+
   event:\ content_block_stop\n[^\n]*\n\n
   (?: event:\ ping\n[^\n]*\n\n )+ event:\ message_delta/xs
--- no_error_log
[alert]



=== TEST 9: the time is read
--- config
    location / { ccproxy on; ccproxy_ping soon; }
--- must_die
--- error_log eval
qr/invalid time "soon" in "ccproxy_ping": write a time such as "15s", or "off" in \S+nginx.conf:\d+/
--- no_error_log
[alert]



=== TEST 10: twice
--- config
    location / { ccproxy on; ccproxy_ping off; ccproxy_ping 1s; }
--- must_die
--- error_log
"ccproxy_ping" directive is duplicate
--- no_error_log
[alert]
