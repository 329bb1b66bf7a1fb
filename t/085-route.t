# Routes by patterns, conditions and regular expressions; PROVIDER,MODEL.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP SECOND));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

our $Http = <<'END';
    map $request_body $asked { default none; "~\"model\":\"(?<m>[^\"]*)\"" $m; }
    map $request_body $limit { default none; "~\"max_(?:completion_)?tokens\":(?<l>[0-9]+)" $l; }

    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        location / {
            default_type application/json;
            echo_read_request_body;
            echo '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"$uri key=$http_authorization model=$asked limit=$limit;"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}';
        }
    }

    ccproxy_provider alpha { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/alpha; key key-a; }
    ccproxy_provider beta  { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/beta; key key-b1; key key-b2; }
    ccproxy_provider spare { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/spare; key key-s; }

    upstream one   { ccproxy; ccproxy_target alpha first-model; }
    upstream two   { ccproxy; ccproxy_target alpha second-model; }
    upstream three { ccproxy; ccproxy_target beta third-model max_tokens=77; }
    upstream any   { ccproxy; ccproxy_target alpha; }

    log_format names 'names[$ccproxy_pool|$ccproxy_model|$ccproxy_provider|$ccproxy_target_model|$ccproxy_key_name]';
    access_log logs/access.log names;
END

# a request in the client's protocol with that model
sub chat {
    my ($model, $path) = @_;
    return 'POST ' . ($path // '/v1/chat/completions') . "\n"
        . '{"model":"' . $model . '","max_tokens":900,"messages":[{"role":"user","content":"hi"}]}';
}

sub chats { return [map { chat($_) } @_] }

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $Http . ($block->http_config // ''));
    $block->set_value('no_error_log', '[alert]') unless defined $block->no_error_log || defined $block->error_log;
});

run_tests();

__DATA__

=== TEST 1: regular expressions, with and without case; the first match wins
--- config
    location / {
        ccproxy on;
        ccproxy_route ~^gpt-[45]$ one;
        ccproxy_route "~*^(claude|fable)-(?<rest>.+)$" two;
        ccproxy_route ~. three;
        proxy_pass http://$ccproxy_pool;
    }
--- pipelined_requests eval: main::chats(qw(gpt-4 gpt-44 GPT-4 CLAUDE-x fable- claude-4))
--- response_body_like eval
[qr/model=first-model/, qr/model=third-model/, qr/model=third-model/, qr/model=second-model/,
 qr/model=third-model/, qr/model=second-model/]



=== TEST 2: patterns are for the whole name, and mind no case
--- config
    location / {
        ccproxy on;
        ccproxy_route claude one;
        ccproxy_route *-mini? two;
        ccproxy_route * three;
        proxy_pass http://$ccproxy_pool;
    }
--- pipelined_requests eval: main::chats(qw(claude Claude claude-4 o4-MINI1 o4-mini o4-mini12))
--- response_body_like eval
[qr/model=first-model/, qr/model=first-model/, qr/model=third-model/, qr/model=second-model/,
 qr/model=third-model/, qr/model=third-model/]



=== TEST 3: a condition that is empty or 0 does not hold
--- config
    location / {
        ccproxy on;
        ccproxy_route ~. one   if=$http_x_go;
        ccproxy_route *  two   if=$arg_go;
        ccproxy_route *  three;
        proxy_pass http://$ccproxy_pool;
    }
--- pipelined_requests eval
[main::chat('m'), main::chat('m', '/v1/chat/completions?go=0'), main::chat('m', '/v1/chat/completions?go=00'),
 main::chat('m', '/v1/chat/completions?go=no')]
--- response_body_like eval
[qr/model=third-model/, qr/model=third-model/, qr/model=second-model/, qr/model=second-model/]



=== TEST 4: a condition beside a regular expression
--- config
    location / {
        ccproxy on;
        ccproxy_route ~. one   if=$http_x_go;
        ccproxy_route *  three;
        proxy_pass http://$ccproxy_pool;
    }
--- more_headers
X-Go: 1
--- request eval: main::chat('m')
--- response_body_like: model=first-model



=== TEST 5: the model's name is decoded before it is compared
--- config
    location / {
        ccproxy on;
        ccproxy_route ~^gpt-4$ one;
        ccproxy_route * two;
        proxy_pass http://$ccproxy_pool;
    }
--- request eval: main::chat('gpt-\u0034')
--- response_body_like: model=first-model



=== TEST 6: a model in the path
--- config
    location / {
        ccproxy on;
        ccproxy_route ~^gemini-.*flash$ one;
        ccproxy_route * two;
        proxy_pass http://$ccproxy_pool;
    }
--- request
POST /v1beta/models/gemini-2.5-flash:generateContent
{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
--- response_body_like: model=first-model



=== TEST 7: a model that no route is for
--- config
    location / {
        ccproxy on;
        ccproxy_route claude-* one;
        proxy_pass http://$ccproxy_pool;
    }
--- request eval
[main::chat('gpt-4'), main::chat('gpt-4', '/v1/messages'), main::chat('claude-4'),
 "POST /v1beta/models/g:generateContent\n{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]}"]
--- error_code eval
[404, 404, 200, 404]
--- response_body_like eval
[qr/"message":"no route for the model \\"gpt-4\\"".*"code":"model_not_found"/,
 qr/"type":"not_found_error","message":"no route for the model \\"gpt-4\\""/,
 qr/model=first-model/,
 qr/"message":"no route for the model \\"g\\"".*"status":"NOT_FOUND"/s]



=== TEST 8: a name too long for a regular expression
--- config
    location / {
        ccproxy on;
        ccproxy_route ~(x+x+)+y one;
        ccproxy_route * two;
        proxy_pass http://$ccproxy_pool;
    }
--- request eval: main::chat('x' x 1025)
--- response_body_like: model=second-model



=== TEST 9: a regular expression that never ends does not match
--- config
    location / {
        ccproxy on;
        ccproxy_route ~^(x+x+)+[yz]$ one;
        ccproxy_route * two;
        proxy_pass http://$ccproxy_pool;
    }
--- request eval: main::chat('x' x 60)
--- timeout: 20
--- response_body_like: model=second-model
--- error_log
on a model's name using "~^(x+x+)+[yz]$"



=== TEST 10: a provider and its model, past the location's pool and routes
--- config
    ccproxy_direct spare;
    location / {
        ccproxy on;
        ccproxy_route * one;
        proxy_pass http://$ccproxy_pool;
    }
    location /fixed/ { ccproxy on; proxy_pass http://one; }
    location /narrow/ { ccproxy on; ccproxy_route nothing one; proxy_pass http://$ccproxy_pool; }
--- pipelined_requests eval
[main::chat('spare,some/model:free'), main::chat('spare,other', '/fixed/v1/chat/completions'),
 main::chat('alpha,own', '/narrow/v1/messages'),
 "POST /v1beta/models/spare,gem:generateContent\n{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]}"]
--- response_body_like eval
[qr{/spare/chat/completions key=Bearer key-s model=some/model:free limit=900;},
 qr{/spare/chat/completions key=Bearer key-s model=other },
 qr{/alpha/chat/completions key=Bearer key-a model=own },
 qr{/spare/chat/completions key=Bearer key-s model=gem }]
--- access_log: names[one|spare,some/model:free|spare|some/model:free|spare-1]



=== TEST 11: the keys of the provider take turns
--- config
    location / { ccproxy on; ccproxy_direct beta; proxy_pass http://one; }
--- pipelined_requests eval: main::chats('beta,m', 'beta,m', 'beta,m', 'beta,m')
--- response_body_like eval
[qr/key-b1/, qr/key-b2/, qr/key-b1/, qr/key-b2/]



=== TEST 12: a target of that name lends its parameters
--- config
    location / { ccproxy on; ccproxy_direct beta; proxy_pass http://one; }
--- pipelined_requests eval: main::chats('beta,third-model', 'beta,fourth-model')
--- response_body_like eval
[qr/model=third-model limit=77;/, qr/model=fourth-model limit=900;/]



=== TEST 13: the second key serves where the first is refused
--- http_config
    ccproxy_provider picky { protocol chat; url http://127.0.0.1:$TEST_NGINX_SECOND_PORT/picky; key key-bad; key key-good; }
    map $http_authorization $allowed { default 0; "Bearer key-good" 1; }
    server {
        listen 127.0.0.1:$TEST_NGINX_SECOND_PORT;
        location / {
            default_type application/json;
            if ($allowed = 0) { return 401 '{"error":{"message":"wrong key"}}'; }
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"allowed=$allowed"},"finish_reason":"stop"}]}';
        }
    }
--- config
    location / { ccproxy on; ccproxy_direct picky; proxy_pass http://one; }
--- pipelined_requests eval: main::chats('picky,m', 'picky,m', 'picky,m')
--- response_body_like eval
[qr/allowed=1/, qr/allowed=1/, qr/allowed=1/]



=== TEST 14: no such provider
--- config
    location / { ccproxy on; ccproxy_direct beta spare; ccproxy_route * one; proxy_pass http://$ccproxy_pool; }
--- pipelined_requests eval
[main::chat('delta,m'), main::chat('groq,m', '/v1/messages')]
--- error_code eval
[404, 404]
--- response_body_like eval
[qr/"message":"there is no provider \\"delta\\" here; there are alpha, beta, spare".*"code":"model_not_found"/,
 qr/"type":"not_found_error","message":"there is no provider \\"groq\\" here; there are alpha, beta, spare"/]



=== TEST 15: clients may not choose
--- config
    ccproxy_direct off;
    location / { ccproxy on; ccproxy_route * any; proxy_pass http://$ccproxy_pool; }
--- request eval: main::chat('spare,m')
--- response_body_like: /alpha/chat/completions key=Bearer key-a model=spare,m



=== TEST 16: neither half may be empty
--- config
    location / { ccproxy on; ccproxy_direct on; proxy_pass http://any; }
--- pipelined_requests eval: main::chats(',m', 'spare,')
--- response_body_like eval
[qr{/alpha/chat/completions key=Bearer key-a model=,m }, qr{/alpha/chat/completions key=Bearer key-a model=spare, }]



=== TEST 17: a stream, and the name that the client sent in it
--- http_config
    ccproxy_provider flow { protocol chat; url http://127.0.0.1:$TEST_NGINX_SECOND_PORT/flow; }
    server {
        listen 127.0.0.1:$TEST_NGINX_SECOND_PORT;
        location / {
            default_type text/event-stream;
            echo 'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{"role":"assistant","content":"flows"},"finish_reason":null}]}';
            echo;
            echo 'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}';
            echo;
            echo 'data: [DONE]';
            echo;
        }
    }
--- config
    location / { ccproxy on; ccproxy_direct flow; proxy_pass http://one; }
--- request
POST /v1/messages
{"model":"flow,deep","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
--- response_body_like: "model":"flow,deep".*"text":"flows".*message_stop



=== TEST 18: a regular expression that is none
--- config
    ccproxy_route ~gpt-( one;
    location / { return 204; }
--- must_die
--- error_log eval
qr/pcre2?_compile\(\) failed: .* in "gpt-\(".* in .*nginx\.conf:\d+/



=== TEST 19: an empty one
--- config
    ccproxy_route ~* one;
    location / { return 204; }
--- must_die
--- error_log
"ccproxy_route" directive needs a regular expression after "~", such as "~^gpt-[45]"



=== TEST 20: a group that can't be called so
--- config
    ccproxy_route * one group=a/b;
    location / { return 204; }
--- must_die
--- error_log
invalid group "a/b": write letters, digits, "-", "_" and ".", 64 at most, but not "switch"



=== TEST 21: two groups, two conditions
--- config
    ccproxy_route * one group=a group=b;
    location / { return 204; }
--- must_die
--- error_log
"ccproxy_route" directive has two groups: write a route for each



=== TEST 22: two conditions
--- config
    ccproxy_route * one if=$arg_a if=$arg_b;
    location / { return 204; }
--- must_die
--- error_log
"ccproxy_route" directive has two conditions: make one of them by "map"



=== TEST 23: a pool of another group's route that is not there
--- config
    ccproxy_route * nowhere group=a;
    location / { return 204; }
--- must_die
--- error_log
no pool "nowhere" for "ccproxy_route": declare "upstream nowhere { ccproxy; ccproxy_target
