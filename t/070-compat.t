# Tool compatibility mode: tools as text for targets that take no tools.
#
# The upstream refuses requests with a field of tools.  It answers the first
# turn with a call as text, and once a result came back in text, with a word.
use Test::Nginx::Socket 'no_plan';

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

our $chat = '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}';
our $chunk = 'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":%s}]}' . "\n\n";

our $call = 'I look.\n<ccp:call name=\"read_file\">{\"path\": \"a.txt\"}</ccp:call>';

our %text = (
    call => sprintf($chat, $call),
    word => sprintf($chat, 'It says one.'),
    none => sprintf($chat, 'Nothing to do.'),
    native => '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"n1","type":"function","function":{"name":"read_file","arguments":"{\"path\":\"native\"}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}',
    stream => join('', map({ sprintf($chunk, $_, 'null') } 'I lo', 'ok.\n<ccp:', 'call name=\"read', '_file\">{\"path\": \"a', '.txt\"}</ccp:c', 'all>'),
                   sprintf($chunk, '', '"stop"'), "data: [DONE]\n\n"),
);

# nginx reads backslashes in its strings itself

$_ =~ s/\\/\\\\/g for values %text;

our $tools = '"tools":[{"name":"read_file","description":"Reads.","input_schema":{"type":"object","properties":{"path":{"type":"string"}}}}],';

our $first = "POST /v1/messages\n"
    . '{"model":"claude-x","max_tokens":99,' . $tools
    . '"messages":[{"role":"user","content":"read a.txt"}]}';

our $second = "POST /v1/messages\n"
    . '{"model":"claude-x","max_tokens":99,' . $tools
    . '"messages":[{"role":"user","content":"read a.txt"},'
    . '{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"read_file","input":{"path":"a.txt"}}]},'
    . '{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"one"}]}]}';

our $stream = $first =~ s/"max_tokens"/"stream":true,"max_tokens"/r;

our $chat_first = "POST /v1/chat/completions\n"
    . '{"model":"x","tools":[{"type":"function","function":{"name":"read_file","parameters":{"type":"object"}}}],'
    . '"messages":[{"role":"user","content":"read a.txt"}]}';

our $plain = "POST /v1/messages\n"
    . '{"model":"claude-x","max_tokens":99,"messages":[{"role":"user","content":"hi"}]}';

add_block_preprocessor(sub {
    my $block = shift;

    my $http = <<"CONF";
    client_body_buffer_size 1m;
    map \$request_body \$said {
        default                 none;
        ~"tools":                tools;
        '~ccp:result name=..read_file' result;
        '~"stream":true.*ccp:tool\\ name=|ccp:tool\\ name=.*"stream":true' stream;
        ~<ccp:tool\\ name=       described;
    }
    map \$http_x_said \$answer {
        tools     '{"error":{"message":"m does not support tools","type":"api_error"}}';
        result    '$text{word}';
        stream    '$text{stream}';
        described '$text{call}';
        default   '$text{none}';
    }
    server {
        listen 127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
        location / {
            proxy_set_header X-Said \$said;
            proxy_pass http://127.0.0.1:\$TEST_NGINX_RAND_PORT_2;
        }
    }
    server {
        listen 127.0.0.1:\$TEST_NGINX_RAND_PORT_2;
        default_type application/json;
        location / {
            if (\$http_x_said = tools) { return 400 \$answer; }
            return 200 \$answer;
        }
        location /native/ {
            if (\$http_x_said != tools) { return 400 '{"error":{"message":"no tools came"}}'; }
            return 200 '$text{native}';
        }
        location /odd/ { return 400 '{"error":{"message":"tools.0.name: bad"}}'; }
        location /hard/ {
            if (\$http_x_said = tools) { return 500 '{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}'; }
            return 200 \$answer;
        }
        location /slow/ { echo_sleep 2; echo '$text{native}'; }
        location /dead/ { return 503 '{"error":{"message":"overloaded"}}'; }
    }
    ccproxy_provider plain { protocol chat; url http://127.0.0.1:\$TEST_NGINX_RAND_PORT_1/v1; }
    ccproxy_provider dead { protocol chat; url http://127.0.0.1:\$TEST_NGINX_RAND_PORT_2/dead; }
    ccproxy_provider native { protocol chat; url http://127.0.0.1:\$TEST_NGINX_RAND_PORT_1/native; }
CONF

    $block->set_value('http_config', $http . ($block->http_config || ''));

    if (!defined $block->config) {
        $block->set_value('config', 'location / { ccproxy on; proxy_pass http://p; add_header X-Up "$upstream_status" always; }');
    }

    if (!defined $block->request && !defined $block->must_die) {
        $block->set_value('request', $first);
    }
});

run_tests();

__DATA__

=== TEST 1: a target in compat mode
--- http_config
    upstream p { ccproxy; ccproxy_target plain m tools=compat; }
--- response_body_like: "content":\[\{"type":"text","text":"I look\.[^"]*"\},\{"type":"tool_use","id":"[^"]+","name":"read_file","input":\{"path": ?"a\.txt"\}\}\],"stop_reason":"tool_use"
--- no_error_log
[error]



=== TEST 2: its result goes back as text
--- http_config
    upstream p { ccproxy; ccproxy_target plain m tools=compat; }
--- request eval: $::second
--- response_body_like: "content":\[\{"type":"text","text":"It says one\."\}\],"stop_reason":"end_turn"



=== TEST 3: streamed, the call cut to pieces
--- http_config
    upstream p { ccproxy; ccproxy_target plain m tools=compat; }
--- request eval: $::stream
--- response_body_like: ^(?!.*ccp:).*text_delta","text":"I lo".*"content_block":\{"type":"tool_use","id":"[^"]+","name":"read_file".*"stop_reason":"tool_use".*message_stop



=== TEST 4: without it the upstream refuses
--- http_config
    upstream p { ccproxy; ccproxy_target plain m; }
--- error_code: 400
--- response_body_like: does not support tools



=== TEST 5: client and target of one protocol
--- http_config
    upstream p { ccproxy; ccproxy_target plain m tools=compat; }
--- request eval: $::chat_first
--- response_body_like: "tool_calls":\[\{[^\]]*"name":"read_file","arguments":"\{\\"path\\": ?\\"a\.txt\\"\}".*"finish_reason":"tool_calls"



=== TEST 6: requests without tools are what they were
--- http_config
    upstream p { ccproxy; ccproxy_target plain m tools=compat; }
--- request eval: $::plain
--- response_body_like: Nothing to do\.



=== TEST 7: auto: refused once, as text then and the next time
--- http_config
    upstream p { ccproxy; ccproxy_target plain m tools=auto; }
--- request eval: [$::first, $::second, $::stream]
--- response_body_like eval
[qr/"tool_use","id":"[^"]+","name":"read_file"/, qr/It says one/, qr/"tool_use","id":"[^"]+","name":"read_file".*message_stop/s]
--- raw_response_headers_like eval
[qr/X-Up: 400, 200\r\n/, qr/X-Up: 200\r\n/, qr/X-Up: 200\r\n/]
--- no_error_log
[error]
failed with status



=== TEST 8: auto: another model of the provider is asked natively first
--- http_config
    upstream p { ccproxy; ccproxy_target plain m tools=auto; }
    upstream q { ccproxy; ccproxy_target plain n tools=auto; }
--- config
    location / { ccproxy on; proxy_pass http://p; add_header X-Up "$upstream_status" always; }
    location /q/ { ccproxy on; proxy_pass http://q; add_header X-Up "$upstream_status" always; }
--- request eval: [$::first, $::first, $::first =~ s{/v1}{/q/v1}r, $::first =~ s{/v1}{/q/v1}r]
--- response_body_like eval
[(qr/"tool_use"/) x 4]
--- raw_response_headers_like eval
[qr/X-Up: 400, 200\r\n/, qr/X-Up: 200\r\n/, qr/X-Up: 400, 200\r\n/, qr/X-Up: 200\r\n/]



=== TEST 9: auto: the same pair is asked again, not the next one
--- http_config
    upstream p { ccproxy; ccproxy_target plain m tools=auto; ccproxy_target dead m backup; }
--- response_body_like: "tool_use"
--- raw_response_headers_like: X-Up: 400, 200\r\n
--- error_log
ccproxy: provider "plain" refused tools with status 400, this model gets them as text for an hour



=== TEST 10: auto: a refusal with status 500
--- http_config
    ccproxy_provider hard { protocol chat; url http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/hard; tools auto; }
    upstream p { ccproxy; ccproxy_target hard m; }
--- response_body_like: "tool_use"
--- raw_response_headers_like: X-Up: 500, 200\r\n
--- no_error_log
failed with status



=== TEST 11: auto: another error is told
--- http_config
    ccproxy_provider odd { protocol chat; url http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/odd; tools auto; }
    upstream p { ccproxy; ccproxy_target odd m; }
--- error_code: 400
--- response_body_like: tools\.0\.name: bad
--- raw_response_headers_like: X-Up: 400\r\n
--- no_error_log
refused tools



=== TEST 12: auto: what takes tools gets them
--- http_config
    upstream p { ccproxy; ccproxy_target native m tools=auto; }
--- request eval: [$::first, $::first]
--- response_body_like eval
[(qr/"input":\{"path":"native"\}/) x 2]
--- raw_response_headers_like eval
[(qr/X-Up: 200\r\n/) x 2]



=== TEST 13: a target that fails, tools as text; the next gets them as they are
--- http_config
    upstream p { ccproxy; ccproxy_target dead m tools=compat; ccproxy_target native m backup; }
--- response_body_like: "input":\{"path":"native"\}
--- raw_response_headers_like: X-Up: 503, 200\r\n



=== TEST 14: and the other way round
--- http_config
    upstream p { ccproxy; ccproxy_target dead m; ccproxy_target plain m backup tools=compat; }
--- response_body_like: "input":\{"path": ?"a\.txt"\}
--- raw_response_headers_like: X-Up: 503, 200\r\n



=== TEST 15: a path segment beats all
--- http_config
    ccproxy_tools native;
    upstream p { ccproxy; ccproxy_target plain m tools=native; }
--- request eval: [$::first =~ s{/v1}{/compat/v1}r, $::first =~ s{/v1}{/team/compat_mode/v1}r, $::first]
--- error_code eval: [200, 200, 400]
--- response_body_like eval
[qr/"tool_use"/, qr/"tool_use"/, qr/does not support tools/]



=== TEST 16: the location beats the target, the target its provider
--- http_config
    ccproxy_provider text { protocol chat; url http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/v1; tools compat; }
    upstream p { ccproxy; ccproxy_target text m; }
    upstream q { ccproxy; ccproxy_target text m tools=native; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
    location /a/ { ccproxy on; ccproxy_tools native; proxy_pass http://p; }
    location /b/ { ccproxy on; proxy_pass http://q; }
    location /c/ { ccproxy on; ccproxy_tools compat; proxy_pass http://q; }
    location /d/ { ccproxy on; ccproxy_tools auto; proxy_pass http://q; }
--- request eval: [$::first, map { my $p = $_; $::first =~ s{/v1}{/$p/v1}r } qw(a b c d)]
--- error_code eval: [200, 400, 400, 200, 200]
--- response_body_like eval
[qr/"tool_use"/, qr/does not support tools/, qr/does not support tools/, qr/"tool_use"/, qr/"tool_use"/]



=== TEST 17: what a server says holds in its locations, unless one says otherwise
--- http_config
    upstream p { ccproxy; ccproxy_target plain m; }
--- config
    ccproxy_tools compat;
    location / { ccproxy on; proxy_pass http://p; }
    location /a/ { ccproxy on; ccproxy_tools native; proxy_pass http://p; }
--- request eval: [$::first, $::first =~ s{/v1}{/a/v1}r]
--- error_code eval: [200, 400]
--- response_body_like eval
[qr/"tool_use"/, qr/does not support tools/]



=== TEST 18: presets and models without tools
--- http_config
    ccproxy_provider pplx { preset perplexity; url http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/v1; key literal:k; }
    ccproxy_provider gq { preset groq; url http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/v1; key literal:k; }
    upstream p { ccproxy; ccproxy_target pplx sonar; }
    upstream q { ccproxy; ccproxy_target gq groq/compound; }
    upstream n { ccproxy; ccproxy_target pplx sonar tools=native; }
--- config
    location / { ccproxy on; proxy_pass http://p; }
    location /q/ { ccproxy on; proxy_pass http://q; }
    location /n/ { ccproxy on; proxy_pass http://n; }
--- request eval: [$::first, $::first =~ s{/v1}{/q/v1}r, $::first =~ s{/v1}{/n/v1}r]
--- error_code eval: [200, 200, 400]
--- response_body_like eval
[qr/"tool_use"/, qr/"tool_use"/, qr/does not support tools/]



=== TEST 19: a way that is none
--- http_config
    ccproxy_tools text;
--- must_die
--- error_log eval
qr/unknown way to call tools "text": write "native", "compat" or "auto" in .*nginx\.conf:\d+/



=== TEST 20: auto: refused while another pair is silent
--- http_config
    ccproxy_provider slow { protocol chat; url http://127.0.0.1:$TEST_NGINX_RAND_PORT_2/slow; tools auto; }
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target slow m; ccproxy_target plain m backup tools=auto; }
--- response_body_like: "input":\{"path": ?"a\.txt"\}
--- raw_response_headers_like: X-Up: -, 400, 200\r\n
--- error_log
refused tools with status 400
--- no_error_log
[error]



=== TEST 21: auto: the silent pair answers what it was asked
--- http_config
    ccproxy_provider slow { protocol chat; url http://127.0.0.1:$TEST_NGINX_RAND_PORT_2/slow; tools auto; }
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target slow m; ccproxy_target dead m backup tools=compat; }
--- response_body_like: "input":\{"path":"native"\}
--- no_error_log
[error]
