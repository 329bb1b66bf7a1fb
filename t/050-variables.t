# What maps, limits and logs get to know.
use Test::Nginx::Socket;

our $HttpConfig = <<'END';
    log_format cc 'log[$ccproxy_protocol|$ccproxy_group|$ccproxy_model|$ccproxy_stream|$ccproxy_thinking|$ccproxy_client|$ccproxy_provider|$ccproxy_target_model|$ccproxy_key_name|$ccproxy_tries|$ccproxy_upstream_status]';
    log_format usage 'use[$ccproxy_input_tokens|$ccproxy_output_tokens|$ccproxy_cached_tokens|$ccproxy_reasoning_tokens|$ccproxy_stop_reason|$ccproxy_ttft]';
    log_format session 'session[$ccproxy_session]';
    log_format error 'error[$ccproxy_error]';
    log_format prompt 'prompt[$ccproxy_prompt_tokens]';
    log_format pool 'pool[$ccproxy_pool]';

    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up/v1;
        key literal-key-of-up name=first;
    }
    upstream pool { ccproxy; ccproxy_target up real-model; }
    upstream other { ccproxy; ccproxy_target up; }

    map $ccproxy_model $by_model { ~^big other; default pool; }
END

our $Config = <<'END';
    location /team/ {
        ccproxy on;
        ccproxy_access_key joe joes-secret;
        access_log logs/access.log cc;
        access_log logs/access.log usage;
        access_log logs/access.log session;
        access_log logs/access.log error;
        access_log logs/access.log prompt;
        proxy_pass http://pool;
    }
    location /map/ {
        ccproxy on;
        access_log logs/access.log cc;
        proxy_pass http://$by_model;
    }
    location /route/ {
        ccproxy on;
        ccproxy_route big-* other;
        ccproxy_route * pool;
        access_log logs/access.log cc;
        access_log logs/access.log pool;
        proxy_pass http://$ccproxy_pool;
    }
    location /up/ {
        default_type application/json;
        return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}],"usage":{"prompt_tokens":30,"completion_tokens":12,"total_tokens":42,"prompt_tokens_details":{"cached_tokens":20},"completion_tokens_details":{"reasoning_tokens":5}}}';
    }
END

sub body {
    my ($model, $more) = @_;
    return '{"model":"' . $model . '","max_tokens":2000,' . ($more // '')
        . '"messages":[{"role":"user","content":"hello"}]}';
}

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config);
    $block->set_value('more_headers', "x-api-key: joes-secret\n"
        . ($block->more_headers // ''));
});

plan tests => repeat_each() * (blocks() * 4);

no_long_string();
run_tests();

__DATA__

=== TEST 1: request, client, target
--- request eval
"POST /team/v1/messages\n" . main::body('gpt-\u0061')
--- response_body_like: "text":"fine"
--- access_log: log[anthropic|team|gpt-a|0|0|joe|up|real-model|first|1|200]
--- no_error_log
[alert]



=== TEST 2: usage and stop reason
--- request eval
"POST /team/v1/messages\n" . main::body('m')
--- response_body_like: "text":"fine"
--- access_log eval
qr/use\[30\|12\|20\|5\|end\|0\.\d{3}\]/
--- no_error_log
[alert]



=== TEST 3: thinking
--- request eval
"POST /team/v1/messages\n" . main::body('m', '"thinking":{"type":"enabled","budget_tokens":1024},')
--- response_body_like: "text":"fine"
--- access_log: log[anthropic|team|m|0|1|joe|
--- no_error_log
[alert]



=== TEST 4: a session by the client's header
--- request eval
"POST /team/v1/messages\n" . main::body('m')
--- more_headers
x-claude-code-session-id: 6f1c-77
--- response_body_like: "text":"fine"
--- access_log: session[6f1c-77]
--- no_error_log
[alert]



=== TEST 5: a session by the beginning of the conversation
--- request
POST /team/v1/messages
{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hello"},{"role":"assistant","content":"yes?"},{"role":"user","content":"more"}]}
--- response_body_like: "text":"fine"
--- access_log eval
qr/session\[[0-9a-f]{16}\]/
--- no_error_log
[alert]



=== TEST 6: an estimate of the prompt
--- request eval
"POST /team/v1/messages\n" . (main::body('m') =~ s/hello/'word ' x 1000/er)
--- response_body_like: "text":"fine"
--- access_log eval
qr/prompt\[1\d\d\d\]/
--- no_error_log
[alert]



=== TEST 7: an error of our own
--- request
POST /team/v1/messages
{"model":
--- error_code: 400
--- response_body_like: "error"
--- access_log: error[the request body is not valid JSON
--- no_error_log
[alert]



=== TEST 8: a map on the model chooses the pool
--- request eval
"POST /map/v1/messages\n" . main::body('big-one')
--- response_body_like: "text":"fine"
--- access_log: log[anthropic|map|big-one|0|0|-|up|big-one|first|1|200]
--- no_error_log
[alert]



=== TEST 9: routes choose the pool
--- request eval
"POST /route/v1/messages\n" . main::body('small')
--- response_body_like: "text":"fine"
--- access_log: pool[pool]
--- no_error_log
[alert]
