# Groups: by the path, by GROUP@MODEL, and the one that is active.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

our $Http = <<'END';
    map $request_body $asked { default none; "~\"model\":\"(?<m>[^\"]*)\"" $m; }

    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        location / {
            default_type application/json;
            echo_read_request_body;
            echo '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"model=$asked;"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}';
        }
    }

    ccproxy_provider alpha { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; }

    upstream code    { ccproxy; ccproxy_target alpha code-model; }
    upstream prose   { ccproxy; ccproxy_target alpha prose-model; }
    upstream general { ccproxy; ccproxy_target alpha general-model; }
    upstream any     { ccproxy; ccproxy_target alpha; }

    log_format names 'names[$ccproxy_group|$ccproxy_model|$ccproxy_pool]';
    access_log logs/access.log names;
END

our $Routes = <<'END';
    ccproxy_route sonnet code    group=coder;
    ccproxy_route opus   general group=coder;
    ccproxy_route *      prose   group=writer;
    ccproxy_route *      general group=default;
    ccproxy_route *-any  any;
END

sub ask {
    my ($path, $model) = @_;
    return "POST $path/v1/chat/completions\n"
        . '{"model":"' . $model . '","max_tokens":900,"messages":[{"role":"user","content":"hi"}]}';
}

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $Http . ($block->http_config // ''));
    $block->set_value('config', $Routes
        . 'location / { ccproxy on; ccproxy_direct on; proxy_pass http://$ccproxy_pool; }' . "\n"
        . ($block->config // ''));
    $block->set_value('no_error_log', '[alert]') unless defined $block->no_error_log;
});

run_tests();

__DATA__

=== TEST 1: the group is the path before the endpoint; without one it is "default"
--- request eval
[main::ask('/coder', 'sonnet'), main::ask('/coder', 'opus'), main::ask('/writer', 'sonnet'), main::ask('', 'sonnet'),
 main::ask('/default', 'opus')]
--- response_body_like eval
[qr/model=code-model/, qr/model=general-model/, qr/model=prose-model/, qr/model=general-model/,
 qr/model=general-model/]
--- access_log: names[coder|sonnet|code]



=== TEST 2: every protocol
--- request eval
["POST /coder/v1/messages\n" . '{"model":"sonnet","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}',
 "POST /coder/v1/responses\n" . '{"model":"sonnet","input":"hi"}',
 "POST /coder/v1beta/models/sonnet:generateContent\n" . '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
 "POST /coder/api/chat\n" . '{"model":"sonnet","stream":false,"messages":[{"role":"user","content":"hi"}]}',
 "POST /coder/compat/v1/messages\n" . '{"model":"sonnet","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}']
--- response_body_like eval
[(qr/model=code-model/) x 5]



=== TEST 3: a route without a group serves all
--- request eval
[main::ask('/coder', 'x-any'), main::ask('/writer', 'x-any')]
--- response_body_like eval
[qr/model=x-any/, qr/model=prose-model/]



=== TEST 4: a group's routes end where no route matches
--- request eval: main::ask('/coder', 'haiku')
--- error_code: 404
--- response_body_like: "message":"no route for the model \\"haiku\\" in the group \\"coder\\""



=== TEST 5: an unknown group, in each client's protocol
--- request eval
[main::ask('/painter', 'sonnet'),
 "POST /painter/v1/messages\n" . '{"model":"sonnet","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}',
 "POST /coder/painter/v1beta/models/m:generateContent\n" . '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
 "POST /painter/api/chat\n" . '{"model":"sonnet","messages":[{"role":"user","content":"hi"}]}']
--- error_code eval
[404, 404, 404, 404]
--- response_body_like eval
[qr/"message":"there is no group \\"painter\\" here; there are coder, writer, default"/,
 qr/"type":"not_found_error","message":"there is no group \\"painter\\" here/,
 qr/"message":"there is no group \\"painter\\" here.*"status":"NOT_FOUND"/s,
 qr/\{"error":"there is no group \\"painter\\" here/]



=== TEST 6: a group in the model's name is stronger than the path's
--- request eval
[main::ask('', 'coder@sonnet'), main::ask('/writer', 'coder@sonnet'), main::ask('', 'coder@x@-any'),
 "POST /v1beta/models/coder\@sonnet:generateContent\n" . '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}']
--- response_body_like eval
[qr/model=code-model/, qr/model=code-model/, qr/model=x@-any/, qr/model=code-model/]
--- access_log: names[coder|sonnet|code]



=== TEST 7: the client gets back the name it sent
--- request
POST /v1/messages
{"model":"coder@sonnet","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- response_body_like: "model":"coder@sonnet"



=== TEST 8: an unknown group in the model's name; a name that begins with "@"
--- request eval
[main::ask('', 'painter@sonnet'), main::ask('', '@cf/llama'), main::ask('', 'coder@')]
--- error_code eval
[404, 200, 200]
--- response_body_like eval
[qr/"message":"there is no group \\"painter\\" here.*"code":"model_not_found"/, qr/general-model/, qr/general-model/]



=== TEST 9: without groups "@" is a character and the path is free
--- config
    location /free/ { ccproxy on; ccproxy_route *@* any; proxy_pass http://$ccproxy_pool; }
--- request eval: main::ask('/free/for/all', 'claude-3@2024')
--- response_body_like: model=claude-3@2024
--- access_log: names[free/for/all|claude-3@2024|any]



=== TEST 10: groups below a location's own prefix
--- config eval
"location /team/ { ccproxy on; proxy_pass http://\$ccproxy_pool; }"
--- request eval
[main::ask('/team', 'sonnet'), main::ask('/team/coder', 'sonnet'), main::ask('/team/painter', 'sonnet')]
--- error_code eval
[200, 200, 404]
--- response_body_like eval
[qr/model=general-model/, qr/model=code-model/, qr/no group \\"painter\\"/]
--- access_log: names[-|sonnet|general]



=== TEST 11: a group and a provider
--- request eval: main::ask('', 'coder@alpha,special')
--- response_body_like: model=special;



=== TEST 12: the active group, at first the configured one; then another
--- http_config
    ccproxy_active_group coder;
--- config
    location = /status { ccproxy_status; }
    location = /group { ccproxy_active_group; }
--- more_headers
Content-Type: application/json
--- request eval
[main::ask('/switch', 'sonnet'), "GET /group",
 "POST /group?active_group=writer\n", main::ask('/switch', 'sonnet'), main::ask('', 'switch@sonnet'),
 main::ask('/coder', 'sonnet'),
 "POST /status?active_group=default\n{}", main::ask('/switch', 'sonnet'),
 "GET /status"]
--- response_body_like eval
[qr/model=code-model/, qr/^\{"active_group":"coder","groups":\["coder","writer","default"\]\}$/,
 qr/^\{"active_group":"writer",/, qr/model=prose-model/, qr/model=prose-model/,
 qr/model=code-model/,
 qr/"status":"ok".*"active_group":"default"/, qr/model=general-model/,
 qr/"status":"ok".*"active_group":"default"/]



=== TEST 13: what is refused, and changes nothing
--- http_config
    ccproxy_active_group coder;
--- config
    location = /status { ccproxy_status; }
    location = /group { ccproxy_active_group; }
    location = /closed { ccproxy_active_group; deny all; }
--- more_headers
Content-Type: application/json; charset=utf-8
--- request eval
["POST /group?active_group=painter\n", "POST /group\n", "POST /group?active_group=a%2Fb\n", "PUT /group?active_group=writer\n",
 "POST /closed?active_group=writer\n", "GET /group?active_group=writer", "GET /status"]
--- error_code eval
[404, 400, 400, 405, 403, 200, 200]
--- response_body_like eval
[qr/no route is for a group of this name/, qr/name a group: \?active_group=NAME/, qr/name a group/, qr/405/, qr/403/,
 qr/"active_group":"coder"/, qr/"active_group":"coder"/]



=== TEST 14: a form of another site changes nothing
--- http_config
    ccproxy_active_group coder;
--- config
    location = /status { ccproxy_status; }
--- more_headers
Content-Type: text/plain
--- request eval
["POST /status?active_group=writer\n{}", "GET /status"]
--- error_code eval
[415, 200]
--- response_body_like eval
[qr/send the header Content-Type: application\/json/, qr/"active_group":"coder"/]



=== TEST 15: nor does a POST without a content type, nor one where nothing is active
--- http_config
    ccproxy_active_group coder;
--- config
    location = /group { ccproxy_active_group; }
--- raw_request eval
"POST /group?active_group=writer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
--- error_code: 415



=== TEST 16: no active group: the status page takes no POST, "switch" is a name like others
--- config
    location = /status { ccproxy_status; }
--- more_headers
Content-Type: application/json
--- request eval
["POST /status?active_group=writer\n", main::ask('/switch', 'sonnet'), "GET /status"]
--- error_code eval
[405, 404, 200]
--- response_body_like eval
[qr/405/, qr/no group \\"switch\\"/, qr/^(?!.*active_group).*"status":"ok"/]



=== TEST 17: a map on the group, /switch/ included
--- http_config
    ccproxy_active_group writer;
    map $ccproxy_group $by_group { coder code; writer prose; default general; }
--- config
    location ~ ^/(?:coder|writer|switch|other)/v1/chat {
        ccproxy on; ccproxy_route none any; proxy_pass http://$by_group; }
--- request eval
[main::ask('/coder', 'm'), main::ask('/switch', 'm'), main::ask('/other', 'm')]
--- response_body_like eval
[qr/model=code-model/, qr/model=prose-model/, qr/model=general-model/]



=== TEST 18: who changes it stands in the log
--- http_config
    ccproxy_active_group coder;
--- config
    location = /group { ccproxy_active_group; }
--- more_headers
Content-Type: application/json
--- request eval
"POST /group?active_group=writer\n"
--- response_body_like: "active_group":"writer"
--- error_log
the active group is now "writer", client: 127.0.0.1



=== TEST 19: an active group that no route is for
--- http_config
    ccproxy_active_group nobody;
--- must_die
--- error_log
no route is for the group "nobody": add "ccproxy_route PATTERN POOL group=nobody;"



=== TEST 20: a page of the active group without one
--- config
    location = /group { ccproxy_active_group; }
--- must_die
--- error_log
there is no active group to show: add "ccproxy_active_group NAME;" to "http"



=== TEST 21: "switch" can't be switched to
--- http_config
    ccproxy_active_group switch;
--- must_die
--- error_log
invalid group "switch"



=== TEST 22: pages of the module where "ccproxy on" is inherited
--- http_config
    ccproxy_active_group coder;
--- config
    ccproxy on;
    location = /status { ccproxy_status; }
    location = /alive { ccproxy_health; }
    location = /group { ccproxy_active_group; }
--- request eval
["GET /status", "GET /alive", "GET /group", main::ask('/coder', 'sonnet')]
--- response_body_like eval
[qr/"active_group":"coder"/, qr/^\{"status":"healthy"/, qr/^\{"active_group":"coder"/, qr/model=code-model/]
