# Presets: each provider gets its own path, credential, fields and protocol,
# and its errors reach the client as errors of the client's protocol.
#
# --- preset is its name and what else stands in the provider's block; the
# upstream refuses every request with a text that holds what it was sent.
# --- sent and --- unsent are patterns of that text, one a line.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();

our $port = $ENV{TEST_NGINX_UP_PORT};

$ENV{GROQ_API_KEY} = 'k-groq';
$ENV{GROQ_BASE_URL} = "http://127.0.0.1:$port/environment/v1";
$ENV{GROQ_MODEL} = 'llama-9';
$ENV{GROQ_MAX_TOKENS} = '77';

our $Seen = join ' ', 'line=$request_method:$request_uri',
    map { my $v = lc; $v =~ tr/-/_/; "$_=\$http_$v;" } qw(Authorization
        x-api-key api-key x-goog-api-key anthropic-version x-grok-conv-id
        x-affinity);

our %Error = (
    xai => [400, '{"code":"invalid-argument","error":"Incorrect API key '
        . 'provided: ab***"}'],
    wrapped => [429, '[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED",'
        . '"message":"Slow down","details":[{"retryDelay":"48s"}]}}]'],
    mistral => [422, '{"object":"error","message":{"detail":[{"loc":["body"],'
        . '"msg":"Extra inputs are not permitted"}]},"type":'
        . '"invalid_request_error","raw_status_code":422}'],
    nvidia => [422, '{"type":"about:blank","title":"Bad","status":422,'
        . '"detail":"penalties are not supported"}'],
    inside => [200, '{"id":"","base_resp":{"status_code":1008,"status_msg":'
        . '"insufficient balance"}}'],
    openrouter => [200, '{"error":{"code":502,"message":"Upstream is gone",'
        . '"metadata":{}},"user_id":"u"}'],
    together => [403, '{"error":{"message":"prompt tokens and max_tokens '
        . 'must be less than the context length","type":"x"}}'],
    cerebras => [400, ''],
    zai => [429, '{"error":{"code":"1113","message":"Recharge first"}}'],
);

sub server {
    my $locations = '';

    for my $name (sort keys %Error) {
        my ($status, $body) = @{ $Error{$name} };
        my $send = $body eq '' ? "echo_status $status; echo -n '';"
            : "return $status '$body';";
        $locations .= "location /error/$name/ { default_type "
            . "application/json; $send }\n";
    }

    return "server { listen 127.0.0.1:$port; default_type text/plain;\n"
        . $locations
        . "location / { echo_read_request_body; echo_status 400; "
        . "echo '$Seen body=\$request_body'; } }\n";
}

add_block_preprocessor(sub {
    my $block = shift;

    my $preset = $block->preset;
    chomp $preset;

    my $http = server();
    my $target = 'p';

    if ($preset =~ s/^(\S+) //) {
        $http .= "ccproxy_provider p { preset $1; $preset }\n";

    } else {
        $target = $preset;
    }

    $block->set_value('http_config',
        $http . "upstream pool { ccproxy; ccproxy_target $target; }\n");
    $block->set_value('config',
        'location / { ccproxy on; proxy_pass http://pool; }');
    $block->set_value('no_error_log', ['[alert]', '[crit]']);

    my @patterns = map { qr/$_/ } split /\n/, $block->sent // '';
    my @unsent = map { qr/$_/ } split /\n/, $block->unsent // '';

    return if !@patterns && !@unsent;

    # one check for each pattern of the error's text, without its quoting

    my $all = join '', map { "(?=.*$_)" } @patterns;
    my $none = join '', map { "(?!.*$_)" } @unsent;

    $block->set_value('error_code', $block->error_code // 400);
    $block->set_value('response_body_like', "(?s)\\A$all$none");
});

run_tests();

__DATA__

=== TEST 1: groq: no store, no logprobs, system in its place
--- preset: groq key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/openai/v1;
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"metadata":{"user_id":"u"},"system":"S","messages":[{"role":"user","content":"hi"}]}
--- sent
line=POST:/openai/v1/chat/completions
Authorization=Bearer k1;
x-api-key=;
\\"max_tokens\\":9
--- unsent
\\"metadata\\"
\\"store\\"



=== TEST 2: mistral: its own names of seed and of a forced call
--- preset: mistral key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
--- request
POST /v1/responses
{"model":"m","input":"hi","prompt_cache_key":"conv-1","tool_choice":"required","tools":[{"type":"function","name":"a","parameters":{"type":"object","properties":{}}}],"stream":true}
--- sent
x-affinity=conv-1;
\\"tool_choice\\":\\"any\\"
--- unsent
stream_options
prompt_cache_key



=== TEST 3: azure: its own header, its own name of the limit
--- preset: azure key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/openai/v1;
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- sent
api-key=k1;
Authorization=;
\\"max_completion_tokens\\":9
--- unsent
\\"max_tokens\\"



=== TEST 4: anthropic from a Chat client
--- preset: anthropic key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
--- request
POST /v1/chat/completions
{"model":"claude-opus-4-8","temperature":0.5,"messages":[{"role":"user","content":"hi"}]}
--- sent
line=POST:/v1/messages
x-api-key=k1;
Authorization=;
anthropic-version=2023-06-01;
\\"max_tokens\\":8192
--- unsent
\\"temperature\\"



=== TEST 5: gemini: the model in the path, the key in its header
--- preset: gemini key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1beta;
--- request
POST /v1/chat/completions
{"model":"gemini-3-flash","messages":[{"role":"user","content":"hi"}]}
--- sent
line=POST:/v1beta/models/gemini-3-flash:generateContent
x-goog-api-key=k1;
Authorization=;



=== TEST 6: ollama: no path of a version, a key goes as Bearer
--- preset: ollama key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT;
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- sent
line=POST:/api/chat
Authorization=Bearer k1;
\\"num_predict\\":9



=== TEST 7: xai: no stop, no penalties, a header for its cache
--- preset: xai key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
--- request
POST /v1/responses
{"model":"grok-4.3","input":"hi","prompt_cache_key":"conv-1","reasoning":{"effort":"low"}}
--- sent
x-grok-conv-id=conv-1;
\\"reasoning_effort\\":\\"low\\"
--- unsent
penalty



=== TEST 8: a preset in another of its protocols
--- preset: deepseek protocol anthropic; key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/anthropic/v1;
--- request
POST /v1/chat/completions
{"model":"m","messages":[{"role":"user","content":"hi"}]}
--- sent
line=POST:/anthropic/v1/messages
x-api-key=k1;



=== TEST 9: the same in the other order, and the client's bytes as they came
--- preset: groq key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; protocol responses;
--- request
POST /v1/responses
{"model":"m",  "input":"hi", "unheard_of":1}
--- sent
line=POST:/v1/responses
Authorization=Bearer k1;
\{\\"model\\":\\"m\\",  \\"input\\":\\"hi\\", \\"unheard_of\\":1\}



=== TEST 10: a preset alone, all of it from the environment
--- preset: groq
--- request
POST /v1/messages
{"model":"m","max_tokens":900,"messages":[{"role":"user","content":"hi"}]}
--- sent
line=POST:/environment/v1/chat/completions
Authorization=Bearer k-groq;
\\"model\\":\\"llama-9\\"
\\"max_tokens\\":77



=== TEST 11: a declared provider takes its address alone from there
--- preset: groq key k1;
--- request
POST /v1/messages
{"model":"m","max_tokens":900,"messages":[{"role":"user","content":"hi"}]}
--- sent
line=POST:/environment/v1/chat/completions
\\"model\\":\\"m\\"
\\"max_tokens\\":900



=== TEST 12: openai: tools of a model that takes them in Responses alone
--- preset: openai key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
--- request
POST /v1/messages
{"model":"gpt-5.6","max_tokens":99,"tools":[{"name":"a","input_schema":{"type":"object","properties":{}}}],"messages":[{"role":"user","content":"hi"}]}
--- sent
line=POST:/v1/responses
\\"max_output_tokens\\":99



=== TEST 13: xai blames the key with a 400
--- preset: xai key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/error/xai/v1;
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- error_code: 401
--- response_body_like: "type":"authentication_error","message":"Incorrect API key provided: ab\*\*\*"



=== TEST 14: an error in an array, with its wait
--- preset: gemini-openai key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/error/wrapped/v1;
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- error_code: 429
--- response_headers
Retry-After: 48
--- response_body_like: "type":"rate_limit_error","message":"Slow down"



=== TEST 15: a list where a text should be
--- preset: mistral key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/error/mistral/v1;
--- request
POST /v1beta/models/m:generateContent
{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
--- error_code: 400
--- response_body_like: Extra inputs are not permitted



=== TEST 16: problem+json
--- preset: nvidia key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/error/nvidia/v1;
--- request
POST /api/chat
{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":false}
--- error_code: 400
--- response_body_like: penalties are not supported



=== TEST 17: an error inside a 200
--- preset: minimax key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/error/inside/v1;
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- error_code: 402
--- response_body_like: "type":"billing_error","message":"insufficient balance"



=== TEST 18: an overload inside a 200
--- preset: openrouter key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/error/openrouter/v1;
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- error_code: 529
--- response_body_like: "type":"overloaded_error","message":"Upstream is gone"



=== TEST 19: a 403 that means the prompt
--- preset: together key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/error/together/v1;
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- error_code: 400
--- response_body_like: "type":"invalid_request_error","message":"[^"]*must be less than the context length



=== TEST 20: a 400 that says nothing means the prompt
--- preset: cerebras key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/error/cerebras/v1;
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- error_code: 400
--- response_body_like: prompt is too long



=== TEST 21: an empty account that looks like a rate limit
--- preset: zai key k1; url http://127.0.0.1:$TEST_NGINX_UP_PORT/error/zai/v1;
--- request
POST /v1/chat/completions
{"model":"m","messages":[{"role":"user","content":"hi"}]}
--- error_code: 429
--- response_body_like: "code":"insufficient_quota"
