# The built-in model, alone and behind a pool.
use Test::Nginx::Socket;

our $HttpConfig = <<'END';
    ccproxy_provider demo {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_SERVER_PORT/demo/v1;
    }
    upstream pool { ccproxy; ccproxy_target demo; }
END

our $Config = <<'END';
    location /demo/ { ccproxy_demo; }
    location /v1/ { ccproxy on; proxy_pass http://pool; }
    location = /status { ccproxy_status; }
    location = /health { ccproxy_health; }
END

our $Tools = '"tools":[{"name":"clock","input_schema":{"type":"object"}},'
    . '{"name":"get_weather","description":"d","input_schema":{"type":"object",'
    . '"properties":{"location":{"type":"string"},"unit":{"enum":["c","f"]},'
    . '"days":{"type":"integer"}},"required":["location","unit","days"]}}],';

sub ask {
    my ($text, $more) = @_;
    return "POST /v1/messages\n" . '{"model":"any/model","max_tokens":200,'
        . ($more // '') . '"messages":[{"role":"user","content":"' . $text
        . '"}]}';
}

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config);
});

plan tests => repeat_each() * (blocks() * 3 + 2);

no_long_string();
run_tests();

__DATA__

=== TEST 1: Chat Completions, whole
--- request
POST /demo/v1/chat/completions
{"model":"x","messages":[{"role":"user","content":"Good morning"}]}
--- response_body_like: ^\{"id":"[^"]+","object":"chat.completion","created":\d+,"model":"x","choices":\[\{"index":0,"message":\{"role":"assistant","content":"You said: \\"Good morning\\"\. .*"finish_reason":"stop"\}\],"usage":\{"prompt_tokens":\d+,"completion_tokens":[1-9]\d*,
--- no_error_log
[alert]



=== TEST 2: Chat Completions, streamed word by word
--- request
POST /demo/v1/chat/completions
{"model":"x","stream":true,"stream_options":{"include_usage":true},"max_tokens":3,"messages":[{"role":"user","content":"hi"}]}
--- response_body_like eval
qr/\Adata: [^\n]*"role":"assistant","content":"You "[^\n]*\n\ndata: [^\n]*"content":"said: "[^\n]*\n\ndata: [^\n]*"content":[^\n]*\n\ndata: [^\n]*"finish_reason":"length"[^\n]*\n\ndata: [^\n]*"choices":\[\],"usage":[^\n]*"completion_tokens":3,[^\n]*\n\ndata: \[DONE\]\n\n\z/
--- no_error_log
[alert]



=== TEST 3: not JSON
--- request
POST /demo/v1/chat/completions
{"model":
--- error_code: 400
--- response_body_like: ^\{"error":\{"message":"the body is not JSON
--- no_error_log
[alert]



=== TEST 4: another client's protocol, any model
--- request eval: main::ask('Good evening')
--- response_body_like: "model":"any/model".*"text":"You said: \\"Good evening\\"\..*"stop_reason":"end_turn"
--- no_error_log
[alert]



=== TEST 5: the same, streamed
--- request eval: main::ask('Good evening', '"stream":true,')
--- response_body_like eval
qr/event: message_start\n.*(?:event: content_block_delta\n[^\n]*\n\n){20,}.*event: message_stop\n/s
--- no_error_log
[alert]



=== TEST 6: what clients wrap around a message is not repeated
--- request eval
main::ask('<system-reminder>secret</system-reminder>\nGood night')
--- response_body_like: You said: \\"Good night\\"
--- no_error_log
[alert]



=== TEST 7: a tool by its name, with arguments that fit its schema
--- request eval
main::ask('Please use the get_weather tool', $main::Tools)
--- response_body_like: "type":"tool_use","id":"[^"]+","name":"get_weather","input":\{"location":"Paris","unit":"c","days":1\}.*"stop_reason":"tool_use"
--- no_error_log
[alert]



=== TEST 8: any tool, streamed
--- request eval
main::ask('call a tool', $main::Tools . '"stream":true,')
--- response_body_like: "type":"tool_use","id":"[^"]+","name":"clock".*"stop_reason":"tool_use"
--- no_error_log
[alert]



=== TEST 9: tools are offered, but not asked for
--- request eval
main::ask('recall get_weather_data', $main::Tools)
--- response_body_like: "type":"text","text":"You said
--- no_error_log
[alert]



=== TEST 10: a tool that must be called
--- request eval
main::ask('hello', $main::Tools . '"tool_choice":{"type":"tool","name":"get_weather"},')
--- response_body_like: "name":"get_weather"
--- no_error_log
[alert]



=== TEST 11: the result of a tool
--- request
POST /v1/messages
{"model":"m","max_tokens":200,"messages":[{"role":"user","content":"use the clock tool"},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"clock","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"ten past four"}]}],"tools":[{"name":"clock","input_schema":{"type":"object"}}]}
--- response_body_like: The tool answered: \\"ten past four\\".*"stop_reason":"end_turn"
--- no_error_log
[alert]



=== TEST 12: status
--- request
GET /status
--- response_body_like: ^\{"status":"ok","version":"[^"]+",.*"uptime_seconds":\d+,"requests_served":\d+,"providers":\[\{"name":"demo","protocol":"chat",
--- response_headers
Content-Type: application/json
--- no_error_log
[alert]



=== TEST 13: health
--- request
GET /health
--- response_body_like: ^\{"status":"healthy","timestamp":"[^"]+","pools":\[
--- response_headers
Content-Type: application/json
--- no_error_log
[alert]
