# Prompt tools of a location.  The upstream tells what it got in a header that
# reaches the client.
use Test::Nginx::Socket 'no_plan';

use File::Spec ();
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();

our $html = File::Spec->rel2abs(html_dir());

add_block_preprocessor(sub {
    my $block = shift;

    return if defined $block->must_die;

    my $location = $block->location || '';
    my $server = $block->server || '';
    my $http = $block->http || '';

    s/HTML/$html/g for $location, $server, $http;

    $block->set_value('http_config', <<CONF);
    $http
    ccproxy_provider up { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/v1; }
    upstream pool { ccproxy; ccproxy_target up; }
    server {
        listen 127.0.0.1:\$TEST_NGINX_UP_PORT;
        location / {
            echo_read_request_body;
            default_type application/json;
            add_header X-Request-Id \$request_body;
            echo -n '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}';
        }
    }
CONF

    $block->set_value('config', <<CONF);
    $server
    location / { ccproxy on; proxy_pass http://pool; $location }
CONF

    my $got = $block->got;
    chomp $got;
    $block->set_value('response_headers', "X-Request-Id: $got");
    $block->set_value('no_error_log', '[error]');
});

run_tests();

__DATA__

=== TEST 1: a text behind the system prompt, spliced: all else as it came
--- location
    ccproxy_prompt enhance "Answer in \"French\".
Always.";
--- request
POST /v1/chat/completions
{"model":"m", "x":[ ],"messages":[{"role":"system","content":"S\u00e9"},{"role":"user","content":"hi"}]}
--- got
{"model":"m", "x":[ ],"messages":[{"role":"system","content":"S\u00e9\n\nAnswer in \"French\".\nAlways."},{"role":"user","content":"hi"}]}



=== TEST 2: the same, converted
--- location
    ccproxy_prompt enhance French;
--- request
POST /v1/messages
{"model":"m","max_tokens":5,"system":[{"type":"text","text":"S"}],"messages":[{"role":"user","content":"hi"}]}
--- got
{"model":"m","max_tokens":5,"messages":[{"role":"system","content":"S\n\nFrench"},{"role":"user","content":"hi"}]}



=== TEST 3: from a file, in place of the client's
--- user_files
>>> prompt.txt
You are a
"clerk".

--- location
    ccproxy_prompt replace file:HTML/prompt.txt;
--- request
POST /v1/messages
{"model":"m","max_tokens":5,"system":"S","messages":[{"role":"user","content":"hi"}]}
--- got
{"model":"m","max_tokens":5,"messages":[{"role":"system","content":"You are a\n\"clerk\"."},{"role":"user","content":"hi"}]}



=== TEST 4: an absolute path is a file as well; for some models, for the user
--- user_files
>>> prompt.txt
Hello.
--- location
    ccproxy_prompt enhance HTML/prompt.txt position=user match=claude-*;
    ccproxy_prompt enhance no match=gpt*;
--- request
POST /v1/messages
{"model":"Claude-x","max_tokens":5,"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"a"},{"role":"user","content":"b"}]}
--- got
{"model":"Claude-x","max_tokens":5,"messages":[{"role":"user","content":"Hello.\n\nhi"},{"role":"assistant","content":"a"},{"role":"user","content":"b"}]}



=== TEST 5: texts replaced, tools left out, the temperature lowered
--- location
    ccproxy_replace "Claude Code" Clerk;
    ccproxy_replace "~*\bfoo(\d+)" "bar-$1";
    ccproxy_tool_filter Web* bash;
    ccproxy_temperature_ratio 0.5;
--- request
POST /v1/chat/completions
{"model":"m","temperature":0.7,"tools":[{"type":"function","function":{"name":"bash"}},{"type":"function","function":{"name":"read"}},{"type":"function","function":{"name":"WebFetch"}}],"messages":[{"role":"system","content":"You are Claude Code."},{"role":"user","content":"Foo12"},{"role":"assistant","content":"Claude Code foo1"},{"role":"user","content":"go"}]}
--- got
{"model":"m","temperature":0.35,"tools":[{"type":"function","function":{"name":"read"}}],"messages":[{"role":"system","content":"You are Clerk."},{"role":"user","content":"bar-12"},{"role":"assistant","content":"Claude Code foo1"},{"role":"user","content":"go"}]}



=== TEST 6: from the levels above, where a location says nothing
--- http
    ccproxy_prompt enhance P;
    ccproxy_temperature_ratio 0.5;
--- server
    ccproxy_temperature_ratio 0.25;
--- location
--- request
POST /v1/chat/completions
{"model":"m","temperature":1,"messages":[{"role":"system","content":"S"},{"role":"user","content":"hi"}]}
--- got
{"model":"m","temperature":0.25,"messages":[{"role":"system","content":"S\n\nP"},{"role":"user","content":"hi"}]}



=== TEST 7: off
--- http
    ccproxy_prompt enhance P;
    ccproxy_replace hi ho;
    ccproxy_tool_filter *;
--- location
    ccproxy_prompt off;
    ccproxy_replace off;
    ccproxy_tool_filter off;
--- request
POST /v1/chat/completions
{"model":"m","tools":[{"type":"function","function":{"name":"bash"}}],"messages":[{"role":"user","content":"hi"}]}
--- got
{"model":"m","tools":[{"type":"function","function":{"name":"bash"}}],"messages":[{"role":"user","content":"hi"}]}
