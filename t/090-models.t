# Model lists: each client's own form, from routes, targets and providers.
use Test::Nginx::Socket;

our $Http = <<'END';
    ccproxy_provider one { protocol chat; url http://127.0.0.1:1/v1; }
    ccproxy_provider two { protocol chat; url http://127.0.0.1:1/v1;
                           models free-1 free-2; models free-3; }

    upstream fixed { ccproxy; ccproxy_target one m-1 context=8000
                     max_tokens=500; ccproxy_target one m-2;
                     ccproxy_target two; ccproxy_target two m-1; }
    upstream cheap { ccproxy; ccproxy_target one small; }
    upstream coder { ccproxy; ccproxy_target one large; }
END

our $Config = <<'END';
    location / { ccproxy on; proxy_pass http://fixed; }

    location /routes/ {
        ccproxy       on;
        ccproxy_route claude-*haiku*   cheap;
        ccproxy_route claude-sonnet-5  coder;
        ccproxy_route my-own-name      cheap;
        ccproxy_route large            coder;
        proxy_pass    http://$ccproxy_pool;
    }

    location /map/ {
        ccproxy    on;
        set        $where coder;
        proxy_pass http://$where;
    }

    location /groups/ {
        ccproxy       on;
        ccproxy_route fast  cheap group=a;
        ccproxy_route *     cheap group=a;
        ccproxy_route slow  coder group=b;
        ccproxy_route *     coder group=default;
        proxy_pass    http://$ccproxy_pool;
    }

    location /locked/ {
        ccproxy            on;
        ccproxy_access_key joe joes-secret;
        proxy_pass         http://fixed;
    }
END

no_long_string();
no_root_location();
plan tests => 83;
run_tests();

__DATA__

=== TEST 1: Chat: models of targets, then of providers, each once
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /v1/models
--- response_headers
Content-Type: application/json
--- response_body_like: ^\{"object":"list","data":\[\{"id":"m-1","object":"model","created":\d{10},"owned_by":"one"\},\{"id":"m-2",[^}]*\},\{"id":"free-1",[^}]*"owned_by":"two"\},\{"id":"free-2",[^}]*\},\{"id":"free-3",[^}]*\}\]\}$
--- no_error_log
[error]

=== TEST 2: Anthropic: limits, and names that Claude Code knows
--- http_config eval: $main::Http
--- config eval: $main::Config
--- more_headers
anthropic-version: 2023-06-01
--- request
GET /v1/models?limit=1000
--- response_body_like: ^\{"data":\[\{"type":"model","id":"m-1","display_name":"m-1","created_at":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ","max_input_tokens":8000,"max_tokens":500,.*\{"type":"model","id":"claude-.*\],"has_more":false,"first_id":"m-1","last_id":"claude-[^"]*"\}$
--- no_error_log
[error]

=== TEST 2a: Gemini: its own list at the path that others share
--- http_config eval: $main::Http
--- config eval: $main::Config
--- more_headers
x-goog-api-key: unused
--- request
GET /v1/models
--- response_body_like: ^\{"models":\[\{"name":"models/m-1"
--- no_error_log
[error]

=== TEST 3: Anthropic: the first page
--- http_config eval: $main::Http
--- config eval: $main::Config
--- more_headers
anthropic-version: 2023-06-01
--- request
GET /v1/models?limit=2
--- response_body_like: "has_more":true,"first_id":"m-1","last_id":"m-2"\}$
--- no_error_log
[error]

=== TEST 4: Anthropic: the page behind a model
--- http_config eval: $main::Http
--- config eval: $main::Config
--- more_headers
anthropic-version: 2023-06-01
--- request
GET /v1/models?limit=2&after_id=m-2
--- response_body_like: "has_more":true,"first_id":"free-1","last_id":"free-2"\}$
--- no_error_log
[error]

=== TEST 5: Anthropic: the page before a model
--- http_config eval: $main::Http
--- config eval: $main::Config
--- more_headers
anthropic-version: 2023-06-01
--- request
GET /v1/models?before_id=free-3&limit=2
--- response_body_like: "has_more":true,"first_id":"free-1","last_id":"free-2"\}$
--- no_error_log
[error]

=== TEST 6: Anthropic: nothing before the first
--- http_config eval: $main::Http
--- config eval: $main::Config
--- more_headers
anthropic-version: 2023-06-01
--- request
GET /v1/models?before_id=m-1
--- response_body: {"data":[],"has_more":false,"first_id":null,"last_id":null}
--- no_error_log
[error]

=== TEST 7: Gemini: the first page
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /v1beta/models?pageSize=2
--- response_body_like: ^\{"models":\[\{"name":"models/m-1","version":"001","displayName":"m-1","inputTokenLimit":8000,"outputTokenLimit":500,"supportedGenerationMethods":\["generateContent",[^\]]*\]\},\{"name":"models/m-2",[^\]]*\]\}\],"nextPageToken":"2"\}$
--- no_error_log
[error]

=== TEST 8: Gemini: the last page
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /v1beta/models?pageSize=4&pageToken=4
--- response_body_like: ^\{"models":\[\{"name":"models/free-3",[^\]]*\]\}\]\}$
--- no_error_log
[error]

=== TEST 9: Ollama
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /api/tags
--- response_body_like: ^\{"models":\[\{"name":"m-1:latest","model":"m-1:latest","modified_at":"20[^"]*Z","size":0,"digest":"[0-9a-f]{64}","details":\{[^}]*"families":\[\]\}\},
--- no_error_log
[error]

=== TEST 10: Ollama: what is loaded
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /api/ps
--- response_body: {"models":[]}
--- no_error_log
[error]

=== TEST 11: Ollama: one model, with its tag
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
POST /api/show
{"model":"m-1:latest"}
--- response_body_like: ^\{"license":"".*"model_info":\{"general.architecture":"ccproxy","ccproxy.context_length":8000\},"capabilities":\["completion","tools","vision","thinking"\]\}$
--- no_error_log
[error]

=== TEST 12: Ollama: one model by the older member
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
POST /api/show
{"name":"m-1"}
--- response_body_like: "ccproxy.context_length":8000
--- no_error_log
[error]

=== TEST 13: Ollama: no model is asked about
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
POST /api/show
{"verbose":true}
--- error_code: 400
--- response_body_like: ^\{"error":"model: the name of a model is expected"\}$

=== TEST 14: Chat: one model
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /v1/models/free-2
--- response_body_like: ^\{"id":"free-2","object":"model","created":\d+,"owned_by":"two"\}$
--- no_error_log
[error]

=== TEST 15: a fixed pool takes any name
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /v1beta/models/anything
--- response_body_like: ^\{"name":"models/anything",
--- no_error_log
[error]

=== TEST 16: routes: their names first, then models of targets that a route takes
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /routes/v1/models
--- response_body_like: ^\{"object":"list","data":\[\{"id":"claude-sonnet-5",[^}]*"owned_by":"coder"\},\{"id":"my-own-name",[^}]*\},\{"id":"large",[^}]*\}\]\}$
--- no_error_log
[error]

=== TEST 17: routes: Claude Code sees the aliases that lead somewhere, no others
--- http_config eval: $main::Http
--- config eval: $main::Config
--- more_headers
anthropic-version: 2023-06-01
--- request
GET /routes/v1/models
--- response_body_like: ^\{"data":\[\{"type":"model","id":"claude-sonnet-5",(?!.*claude-opus).*"id":"claude-haiku-4-5",.*\],"has_more":false,
--- no_error_log
[error]

=== TEST 18: routes: a name that no route takes
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /routes/v1/models/small
--- error_code: 404
--- response_body_like: ^\{"error":\{"message":"model \\"small\\" is not served here","type":"[^"]*","param":null,"code":"model_not_found"\}\}$

=== TEST 19: routes: the same for an Anthropic client
--- http_config eval: $main::Http
--- config eval: $main::Config
--- more_headers
anthropic-version: 2023-06-01
--- request
GET /routes/v1/models/small
--- error_code: 404
--- response_body_like: ^\{"type":"error","error":\{"type":"not_found_error",

=== TEST 20: a variable leads to one pool
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /map/v1/models
--- response_body_like: ^\{"object":"list","data":\[\{"id":"large"[^}]*\}\]\}$
--- no_error_log
[error]

=== TEST 21: lists are for those who have a key
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /locked/v1/models
--- error_code: 401
--- response_body_unlike: m-1

=== TEST 22: with a key
--- http_config eval: $main::Http
--- config eval: $main::Config
--- more_headers
Authorization: Bearer joes-secret
--- request
GET /locked/v1/models
--- response_body_like: "id":"m-1"
--- no_error_log
[error]

=== TEST 23: another method
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
DELETE /v1/models
--- error_code: 405
--- response_headers
Allow: GET, HEAD
--- response_body_like: "error"

=== TEST 24: HEAD has no body
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
HEAD /v1/models
--- response_headers
Content-Type: application/json
--- response_body:

=== TEST 25: groups: what its own routes lead to
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /groups/a/v1/models
--- response_body_like: ^\{"object":"list","data":\[\{"id":"fast",[^}]*\},\{"id":"small",[^}]*\}\]\}$
--- no_error_log
[error]

=== TEST 26: groups: another one, which takes one name alone
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /groups/b/v1/models
--- response_body_like: ^\{"object":"list","data":\[\{"id":"slow",[^}]*\}\]\}$
--- no_error_log
[error]

=== TEST 27: groups: none is named
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /groups/v1/models
--- response_body_like: ^\{"object":"list","data":\[\{"id":"large",[^}]*\}\]\}$
--- no_error_log
[error]

=== TEST 28: groups: one that is not there
--- http_config eval: $main::Http
--- config eval: $main::Config
--- request
GET /groups/c/v1/models
--- error_code: 404
--- response_body_like: there is no group \\"c\\" here; there are a, b, default
