# Embeddings: a client of one protocol, an upstream of another.
use Test::Nginx::Socket;

our $Config = <<'END';
    location / { ccproxy on; proxy_pass http://pool; }
END

sub pool {
    my ($protocol, $root) = @_;
    return "ccproxy_provider up { protocol $protocol; "
        . "url http://127.0.0.1:\$TEST_NGINX_RAND_PORT_1$root; } "
        . "upstream pool { ccproxy; ccproxy_target up em-1; }";
}

sub whole {
    my ($body) = @_;
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        . "Connection: close\r\nContent-Length: " . length($body)
        . "\r\n\r\n" . $body;
}

repeat_each(1);
no_long_string();
no_root_location();
plan tests => repeat_each() * (blocks() * 2 + 1);
run_tests();

__DATA__

=== TEST 1: an Ollama client, a Chat upstream
--- http_config eval: main::pool('chat', '/v1')
--- config eval: $main::Config
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
main::whole('{"object":"list","data":[{"object":"embedding","index":1,'
    . '"embedding":[3.50,4]},{"object":"embedding","index":0,'
    . '"embedding":[1e-3,-2.0]}],"model":"em-1","usage":'
    . '{"prompt_tokens":5,"total_tokens":5}}')
--- request
POST /api/embed
{"model":"m","input":["a","b"]}
--- response_body_like: "embeddings":\[\[1e-3,-2\.0\],\[3\.50,4\]\].*"prompt_eval_count":5

=== TEST 2: a Gemini client, an Ollama upstream
--- http_config eval: main::pool('ollama', '')
--- config eval: $main::Config
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
main::whole('{"model":"em-1","embeddings":[[0.25,0.5]],"prompt_eval_count":3}')
--- request
POST /v1beta/models/m:embedContent
{"content":{"parts":[{"text":"hello"}]}}
--- response_body_like: "embedding":\{"values":\[0\.25,0\.5\]\}

=== TEST 3: a Chat client that asks for base64, a Gemini upstream
--- http_config eval: main::pool('gemini', '/v1beta')
--- config eval: $main::Config
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
main::whole('{"embedding":{"values":[1,-2]}}')
--- request
POST /v1/embeddings
{"model":"m","input":"hello","encoding_format":"base64"}
--- response_body_like: "embedding":"AACAPwAAAMA="

=== TEST 4: an upstream without embeddings
--- http_config eval: main::pool('anthropic', '/v1')
--- config eval: $main::Config
--- request
POST /v1/embeddings
{"model":"m","input":"hello"}
--- error_code: 404
--- response_body_like: "error":\{"message":"[^"]*embedding

=== TEST 5: an upstream's error keeps its words
--- http_config eval: main::pool('ollama', '')
--- config eval: $main::Config
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
. '{"error":"model \"em-1\" not found, try pulling it first"}'
--- request
POST /v1/embeddings
{"model":"m","input":"hello"}
--- error_code: 404
--- response_body_like: not found, try pulling it first.*"code":"model_not_found"
--- no_error_log
[alert]
