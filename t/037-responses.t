# Calls of Responses clients that only a server of that protocol answers:
# compaction, and answers that come later.  Beside them, where clients and
# upstreams look for each other: paths without a version, redirects.
use Test::Nginx::Socket 'no_plan';

use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', <<'END');
    ccproxy_provider r { protocol responses; url http://127.0.0.1:$TEST_NGINX_UP_PORT/r/v1; key literal:provider-key; }
    ccproxy_provider c { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/c/v1; }
    ccproxy_provider q { protocol responses; url http://127.0.0.1:$TEST_NGINX_UP_PORT/q/v1; }
    ccproxy_provider l { protocol responses; url http://127.0.0.1:$TEST_NGINX_UP_PORT/l/v1; }
    ccproxy_provider moved { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/moved/v1; }
    upstream moved { ccproxy; ccproxy_target moved m; }
    upstream next { ccproxy; ccproxy_target moved m weight=100; ccproxy_target q m backup; }
    upstream r { ccproxy; ccproxy_target r m; }
    upstream c { ccproxy; ccproxy_target c m; }
    upstream both { ccproxy; ccproxy_target c m weight=100; ccproxy_target r m backup; }
    upstream q { ccproxy; ccproxy_target q m; }
    upstream l { ccproxy; ccproxy_target l m; }
    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        default_type application/json;
        location = /r/v1/responses/compact {
            echo_read_request_body;
            echo '{"id":"resp_c","object":"response.compaction","output":[{"type":"compaction","encrypted_content":"zz provider-key"}],"got":';
            echo $request_body;
            echo ',"usage":{"input_tokens":11,"output_tokens":3,"total_tokens":14}}';
        }
        location = /q/v1/responses {
            return 200 '{"id":"resp_q","object":"response","status":"queued","background":true,"output":[],"usage":null}';
        }
        location = /q/v1/responses/compact {
            return 429 '{"error":{"message":"slow down","type":"rate_limit_error","code":"rate_limit_exceeded"}}';
        }
        location = /l/v1/responses {
            return 200 '{"id":"resp_q","object":"response","status":"in_progress","background":true,"output":[]}';
        }
        location /moved/ { return 301 https://elsewhere.example/v1/chat?key=provider-key; }
        location = /l/v1/responses/compact { return 200 'nothing that can be read'; }
    }
    log_format used '$ccproxy_input_tokens $ccproxy_output_tokens $ccproxy_model';
END
    $block->set_value('config', <<'END');
    location / { ccproxy on; proxy_pass http://$http_x_pool; access_log logs/used.log used; }
END
    $block->set_value('no_error_log', '[alert]') if !defined $block->no_error_log;
});

run_tests();

__DATA__

=== TEST 1: compaction passes to a Responses target
--- more_headers
X-Pool: r
--- request
POST /v1/responses/compact
{"model":"gpt-5","instructions":"i","input":[{"role":"user","content":"long"}],"new":{"b" : 1}}
--- response_body_like eval
qr/"encrypted_content":"zz \*{12}"\}\],"got":\s*\{"model":"m","instructions":"i","input":\[\{"role":"user","content":"long"\}\],"new":\{"b" : 1\}\}/



=== TEST 2: as it does where a group is in the path
--- more_headers
X-Pool: r
--- request
POST /some/group/v1/responses/compact
{"model":"gpt-5","input":"long"}
--- response_body_like: "got":\s*\{"model":"m","input":"long"\}



=== TEST 3: no other protocol has it
--- more_headers
X-Pool: c
--- request
POST /v1/responses/compact
{"model":"gpt-5","input":"long"}
--- error_code: 404
--- response_body_like eval
qr/^\{"error":\{"message":"compact: [^"]*","type":"[a-z_]+","param":null,"code":"unknown_url"\}\}/



=== TEST 4: of two targets the one that has it is asked
--- more_headers
X-Pool: both
--- request
POST /v1/responses/compact
{"model":"gpt-5","input":"long"}
--- response_body_like: "object":"response.compaction"



=== TEST 5: its errors are errors
--- more_headers
X-Pool: q
--- request
POST /v1/responses/compact
{"model":"gpt-5","input":"long"}
--- error_code: 429
--- response_body_like: "slow down"



=== TEST 6: what is no document is one, too
--- more_headers
X-Pool: l
--- request
POST /v1/responses/compact
{"model":"gpt-5","input":"long"}
--- error_code: 502
--- response_body_like: "the upstream's answer is not JSON"



=== TEST 7: an answer that comes later passes as it came
--- more_headers
X-Pool: q
--- request
POST /v1/responses
{"model":"gpt-5","input":"long","background":true}
--- response_body: {"id":"resp_q","object":"response","status":"queued","background":true,"output":[],"usage":null}



=== TEST 8: so does one that has begun
--- more_headers
X-Pool: l
--- request
POST /v1/responses
{"model":"gpt-5","input":"long","background":true}
--- response_body: {"id":"resp_q","object":"response","status":"in_progress","background":true,"output":[]}



=== TEST 9: a client of another protocol can't ask for it again
--- more_headers
X-Pool: q
--- request
POST /v1/chat/completions
{"model":"gpt-5","messages":[{"role":"user","content":"x"}]}
--- error_code: 502
--- response_body_like: background answers can't be waited for



=== TEST 10: a path without its version
--- more_headers
X-Pool: q
--- request
POST /responses
{"model":"gpt-5","input":"long","background":true}
--- response_body: {"id":"resp_q","object":"response","status":"queued","background":true,"output":[],"usage":null}



=== TEST 11: a redirect is named, and not followed
--- more_headers
X-Pool: moved
--- request
POST /v1/chat/completions
{"model":"gpt-5","messages":[{"role":"user","content":"x"}]}
--- error_code: 502
--- response_body_like eval
qr/"message":"the upstream answered 301, a redirect to https:\/\/elsewhere\.example\/v1\/chat, which is not followed/
--- error_log
provider "moved": the upstream answered 301, a redirect to https://elsewhere.example/v1/chat, which
--- no_error_log
v1/chat?key=provider-key, which



=== TEST 12: nor does it end a stream in silence
--- more_headers
X-Pool: moved
--- request
POST /v1/messages
{"model":"gpt-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}
--- error_code: 502
--- response_body_like: ^\{"type":"error","error":\{"type":"api_error","message":"the upstream answered 301



=== TEST 13: another pair may be asked
--- more_headers
X-Pool: next
--- request
POST /v1/responses
{"model":"gpt-5","input":"long","background":true}
--- response_body_like: "status":"queued"
