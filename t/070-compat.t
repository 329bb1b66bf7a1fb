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

our $call = 'I look.\n<tool_call>{\"name\": \"read_file\", \"arguments\": {\"path\": \"a.txt\"}}</tool_call>';

our %text = (
    call => sprintf($chat, $call),
    word => sprintf($chat, 'It says one.'),
    none => sprintf($chat, 'Nothing to do.'),
    native => '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"n1","type":"function","function":{"name":"read_file","arguments":"{\"path\":\"native\"}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}',
    stream => join('', map({ sprintf($chunk, $_, 'null') } 'I lo', 'ok.\n<tool', '_call>{\"name\": \"read', '_file\", \"arguments\": {\"path\": \"a', '.txt\"}}</tool_c', 'all>'),
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
        location /native/ { return 200 '$text{native}'; }
        location /dead/ { return 503 '{"error":{"message":"overloaded"}}'; }
    }
    ccproxy_provider plain { protocol chat; url http://127.0.0.1:\$TEST_NGINX_RAND_PORT_1/v1; }
    ccproxy_provider dead { protocol chat; url http://127.0.0.1:\$TEST_NGINX_RAND_PORT_2/dead; }
    ccproxy_provider native { protocol chat; url http://127.0.0.1:\$TEST_NGINX_RAND_PORT_2/native; }
CONF

    $block->set_value('http_config', $http . ($block->http_config || ''));

    if (!defined $block->config) {
        $block->set_value('config', 'location / { ccproxy on; proxy_pass http://p; }');
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
--- response_body_like: ^(?!.*tool_call).*text_delta","text":"I lo".*"content_block":\{"type":"tool_use","id":"[^"]+","name":"read_file".*"stop_reason":"tool_use".*message_stop



=== TEST 4: without it the upstream refuses
--- http_config
    upstream p { ccproxy; ccproxy_target plain m; }
--- error_code: 400
--- response_body_like: does not support tools
