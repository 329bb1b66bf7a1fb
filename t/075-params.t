# What the configuration puts into the body for a provider.  The upstream
# tells what it got in headers that reach the client.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();

our %answer = (
    chat => '{"id":"c","object":"chat.completion","created":1,"model":"m",'
        . '"choices":[{"index":0,"message":{"role":"assistant","content":"ok"}'
        . ',"finish_reason":"stop"}],"usage":{"prompt_tokens":1,'
        . '"completion_tokens":1,"total_tokens":2}}',
    ollama => '{"model":"m","created_at":"2026-01-01T00:00:00Z","message":'
        . '{"role":"assistant","content":"ok"},"done":true,"done_reason":'
        . '"stop","prompt_eval_count":1,"eval_count":1}',
    gemini => '{"candidates":[{"content":{"role":"model","parts":[{"text":'
        . '"ok"}]},"finishReason":"STOP"}],"usageMetadata":'
        . '{"promptTokenCount":1,"candidatesTokenCount":1}}',
);

add_block_preprocessor(sub {
    my $block = shift;

    my $provider = $block->provider;
    my ($protocol) = $provider =~ /protocol (\w+);/;
    my $root = { chat => '/v1', gemini => '/v1beta', ollama => '' }->{$protocol};

    $block->set_value('http_config', <<CONF);
    ccproxy_provider up { $provider url http://127.0.0.1:\$TEST_NGINX_UP_PORT$root; }
    upstream pool { ccproxy; ccproxy_target up; }
    server {
        listen 127.0.0.1:\$TEST_NGINX_UP_PORT;
        location / {
            echo_read_request_body;
            default_type application/json;
            add_header X-Request-Id \$request_body;
            echo -n '$answer{$protocol}';
        }
    }
CONF

    $block->set_value('config', <<'CONF');
    location / { ccproxy on; proxy_pass http://pool; }
CONF

    my $got = $block->got;
    chomp $got;
    $block->set_value('response_headers', "X-Request-Id: $got");
    $block->set_value('no_error_log', '[error]');
});

run_tests();

__DATA__

=== TEST 1: spliced: filled in, overridden, left out, all else as it came
--- provider
    protocol chat;
    default top_p 0.50;
    default temperature 0.7;
    param user null;
    param seed 42;
    param reasoning_effort low;
--- request
POST /v1/chat/completions
{"model":"m", "temperature" : 1.0,"user":"u","x":[ ],"seed":1,"messages":[{"role":"user","content":"hi \u00e9"}] }
--- got
{"model":"m", "temperature" : 1.0,"x":[ ],"seed":42,"messages":[{"role":"user","content":"hi \u00e9"}],"reasoning_effort":"low","top_p":0.50 }



=== TEST 2: converted: on top of what the encoder wrote
--- provider
    protocol chat;
    default max_tokens 99;
    default top_p 0.50;
    param temperature 0.25;
    param chat_template_kwargs.enable_thinking false;
    param chat_template_kwargs.level "3";
    param tags '["a",{"b":null}]';
--- request
POST /v1/messages
{"model":"m","max_tokens":5,"temperature":1,"messages":[{"role":"user","content":"hi"}]}
--- got
{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"}],"temperature":0.25,"chat_template_kwargs":{"enable_thinking":false,"level":3},"tags":["a",{"b":null}],"top_p":0.50}



=== TEST 3: by the model that is sent, the first that fits
--- provider
    protocol chat;
    param temperature 0.1 model=gpt-* model=o?;
    param temperature 0.2 model=QWEN*;
    param temperature 0.3;
    param stop '"x"' model=gpt-*;
--- request
POST /v1/chat/completions
{"model":"qwen3:8b","messages":[{"role":"user","content":"hi"}]}
--- got
{"model":"qwen3:8b","messages":[{"role":"user","content":"hi"}],"temperature":0.2}



=== TEST 4: one pattern of several
--- provider
    protocol chat;
    param temperature 0.1 model=gpt-* model=o?;
    param temperature 0.3;
--- request
POST /v1/chat/completions
{"model":"o3","messages":[{"role":"user","content":"hi"}]}
--- got
{"model":"o3","messages":[{"role":"user","content":"hi"}],"temperature":0.1}



=== TEST 5: options of Ollama
--- provider
    protocol ollama;
    param options.num_ctx 32768;
    default options.temperature 0.5;
    default keep_alive 30m;
--- request
POST /v1/chat/completions
{"model":"m","temperature":0.1,"messages":[{"role":"user","content":"hi"}]}
--- got
{"model":"m","stream":false,"messages":[{"role":"user","content":"hi"}],"options":{"temperature":0.1,"num_ctx":32768},"keep_alive":"30m"}



=== TEST 6: Gemini's client may write either case
--- provider
    protocol gemini;
    param generationConfig.topK 7;
    default generationConfig.seed 1;
--- request
POST /v1beta/models/m:generateContent
{"generation_config":{"top_k":40},"contents":[{"parts":[{"text":"hi"}]}]}
--- got
{"generation_config":{"top_k":7,"seed":1},"contents":[{"parts":[{"text":"hi"}]}]}



=== TEST 7: a parameter goes before the default of the same name
--- provider
    protocol chat;
    default top_p 0.5;
    param top_p 0.9 model=a*;
--- request eval
["POST /v1/chat/completions\n" . '{"model":"a","messages":[{"role":"user","content":"hi"}],"top_p":0.1}']
--- got
{"model":"a","messages":[{"role":"user","content":"hi"}],"top_p":0.9}



=== TEST 8: long texts stay whole
--- provider
    protocol chat;
    param temperature 0.25;
--- request eval
"POST /v1/messages\n" . '{"model":"m","max_tokens":5,"temperature":1,"messages":[{"role":"user","content":"' . ('x' x 3000) . '\\n"}],"tools":[{"name":"t","input_schema":{"type":"object","properties":{"' . ('y' x 3000) . '":{"type":"string"}}}}]}'
--- got eval
'{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"' . ('x' x 3000) . '\\n"}],"tools":[{"type":"function","function":{"name":"t","parameters":{"type":"object","properties":{"' . ('y' x 3000) . '":{"type":"string"}}}}}],"temperature":0.25}'
