# Columns of a provider's dialect, set by hand.  The upstream tells in headers
# what it got.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();

add_block_preprocessor(sub {
    my $block = shift;

    my $provider = $block->provider;
    my $target = $block->target || '';
    chomp $target;

    $block->set_value('http_config', <<CONF);
    ccproxy_provider up { $provider }
    upstream pool { ccproxy; ccproxy_target up $target; }
    server {
        listen 127.0.0.1:\$TEST_NGINX_UP_PORT;
        location / {
            echo_read_request_body;
            default_type application/json;
            add_header X-Request-Id \$request_body;
            add_header Request-Id "\$request_uri api-key=\$http_api_key;";
            echo -n '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}';
        }
    }
CONF

    $block->set_value('config', <<'CONF');
    location / { ccproxy on; proxy_pass http://pool; }
CONF

    my @headers;

    for (['X-Request-Id', $block->got], ['Request-Id', $block->uri]) {
        my ($name, $value) = @$_;
        next if !defined $value;
        chomp $value;
        push @headers, "$name: $value";
    }

    $block->set_value("response_headers", join "\n", @headers) if @headers;
    $block->set_value('no_error_log', '[error]');
});

run_tests();

__DATA__

=== TEST 1: columns of every kind, before and after what they change
--- provider
    quirk stream_opts off;
    quirk max_field max_output;
    quirk temp 0..0.5;
    quirk drop +user;
    quirk tc auto;
    preset groq; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
    quirk rename top_p:nucleus;
--- request
POST /v1/messages
{"model":"m","max_tokens":5,"temperature":1,"top_p":0.5,"metadata":{"user_id":"u"},"stop_sequences":["a"],"tool_choice":{"type":"any"},"tools":[{"name":"t","input_schema":{"type":"object","properties":{}}}],"messages":[{"role":"user","content":"hi"}]}
--- got
{"model":"m","max_output":5,"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"t","parameters":{"type":"object","properties":{}}}}],"tool_choice":"auto","temperature":0.5,"nucleus":0.5,"stop":["a"]}



=== TEST 2: beats the preset's rules for models
--- provider
    preset openai; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
    quirk sys system;
    quirk stop_max 1;
--- request
POST /v1/messages
{"model":"o3","max_tokens":5,"stop_sequences":["a","b"],"system":"S","messages":[{"role":"user","content":"hi"}]}
--- got
{"model":"o3","max_completion_tokens":5,"messages":[{"role":"system","content":"S"},{"role":"user","content":"hi"}],"stop":["a"]}



=== TEST 3: Azure's older addresses: the deployment in the path, a version
--- provider
    preset azure-deployments; url http://127.0.0.1:$TEST_NGINX_UP_PORT/openai; key k1;
--- target: "gpt 4/o"
--- request
POST /v1/messages
{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}
--- uri
/openai/deployments/gpt%204%2Fo/chat/completions?api-version=2024-10-21 api-key=k1;



=== TEST 4: another version, not the client's
--- provider
    preset azure-deployments; url http://127.0.0.1:$TEST_NGINX_UP_PORT/openai; key k1;
    quirk query api-version=2025-04-01-preview&x=1;
--- target: d
--- request
POST /v1/chat/completions?api-version=2020-01-01&y=2&key=secret
{"model":"m","messages":[{"role":"user","content":"hi"}]}
--- uri
/openai/deployments/d/chat/completions?api-version=2025-04-01-preview&x=1 api-key=k1;



=== TEST 5: Azure's present ones take a version as well
--- provider
    preset azure; url http://127.0.0.1:$TEST_NGINX_UP_PORT/openai/v1; key k1;
    quirk query api-version=preview;
--- request
POST /v1/messages
{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}
--- uri
/openai/v1/chat/completions?api-version=preview api-key=k1;



=== TEST 6: a path of one's own, for embeddings as well (the answer holds none)
--- provider
    preset azure-deployments; url http://127.0.0.1:$TEST_NGINX_UP_PORT/openai; key k1;
    quirk path '/d/{model}{path}/';
--- request
POST /v1/embeddings
{"model":"m","input":"x"}
--- uri
/openai/d/m/embeddings/?api-version=2024-10-21 api-key=k1;
--- error_code: 502



=== TEST 7: a Chat client of a preset: what it refuses is left out, no other byte changes
--- provider
    preset groq; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key k1;
--- request
POST /v1/chat/completions
{"model":"m", "logprobs":true,"max_completion_tokens":7,"own":[ 1 ],"messages":[{"role":"user","name":"n","content":"h\u0069"}] }
--- got
{"model":"m","max_tokens":7,"own":[ 1 ],"messages":[{"role":"user","content":"h\u0069"}] }



=== TEST 8: a Chat client of a plain provider: all of it
--- provider
    protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key k1;
--- request
POST /v1/chat/completions
{"model":"m", "logprobs":true,"max_completion_tokens":7,"own":[ 1 ],"messages":[{"role":"user","name":"n","content":"h\u0069"}] }
--- got
{"model":"m", "logprobs":true,"max_completion_tokens":7,"own":[ 1 ],"messages":[{"role":"user","name":"n","content":"h\u0069"}] }



=== TEST 9: a UUID in a header
--- provider
    protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
    header api-key "$ccproxy_uuid $ccproxy_uuid";
--- request
POST /v1/chat/completions
{"model":"m","messages":[{"role":"user","content":"hi"}]}
--- raw_response_headers_like: Request-Id: /v1/chat/completions api-key=([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}) \1;



=== TEST 10: stop sequences that the provider does not take are kept here
--- provider
    preset xai; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key k1;
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"stop_sequences":["x","k"],"messages":[{"role":"user","content":"hi"}]}
--- response_body_like: "content":\[\{"type":"text","text":"o"[^}]*\}\],.*"stop_reason":"stop_sequence","stop_sequence":"k"
