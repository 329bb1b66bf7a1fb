# Token counts: asked of the upstream where it has such a call, else estimated.
use Test::Nginx::Socket;

our $Config = <<'END';
    location / { ccproxy on; proxy_pass http://pool; }
END

sub pool {
    my ($protocol, $root, $more) = @_;
    return "ccproxy_provider up { protocol $protocol; "
        . "url http://unix:\$TEST_NGINX_HTML_DIR/up.sock:$root; } "
        . "upstream pool { ccproxy; ccproxy_target up m-1; "
        . ($more // '') . " }";
}

sub answer {
    my ($status, $body) = @_;
    return "HTTP/1.1 $status\r\nContent-Type: application/json\r\n"
        . "Connection: close\r\nContent-Length: " . length($body)
        . "\r\n\r\n" . $body;
}

sub query {
    my ($path, $headers, $body) = @_;
    return "POST $path HTTP/1.1\r\n"
        . "Host: localhost\r\n"
        . "Content-Length: " . length($body) . "\r\n"
        . "User-Agent: ccproxy/0.1.0\r\n"
        . "Accept-Encoding: identity\r\n"
        . "Content-Type: application/json\r\nAccept: application/json\r\n"
        . "$headers\r\n" . $body;
}

our $Anthropic = '{"model":"m","system":"Be brief.","messages":'
    . '[{"role":"user","content":"hi"}],"tools":[{"name":"f",'
    . '"input_schema":{"type":"object","properties":{}}}],"new_field":1}';

$ENV{TEST_NGINX_HTML_DIR} ||= html_dir();

# --- up: protocol and root of the upstream; it listens if it has a tcp_reply
add_block_preprocessor(sub {
    my ($block) = @_;

    my ($protocol, $root) = split ' ', $block->up // return;

    $block->set_value('http_config', pool($protocol, $root // ''));
    $block->set_value('config', $Config);
    $block->set_value('tcp_listen', "$ENV{TEST_NGINX_HTML_DIR}/up.sock")
        if defined $block->tcp_reply;
});

no_long_string();
no_root_location();
plan tests => 40;
run_tests();

__DATA__

=== TEST 1: Anthropic to Anthropic: the client's bytes, but for the model
--- up: anthropic /v1
--- tcp_query eval
(my $body = $main::Anthropic) =~ s/"model":"m"/"model":"m-1"/;
main::query('/v1/messages/count_tokens?beta=true',
    "anthropic-version: 2023-06-01\r\n", $body)
--- tcp_reply eval
main::answer('200 OK', '{"input_tokens":41,"context_management":null}')
--- request eval
"POST /v1/messages/count_tokens?beta=true\n$main::Anthropic"
--- response_body: {"input_tokens":41,"context_management":null}
--- no_error_log
[error]

=== TEST 2: Gemini to Anthropic: no limits, no sampling
--- up: anthropic /v1
--- tcp_query eval
main::query('/v1/messages/count_tokens', "anthropic-version: 2023-06-01\r\n",
    '{"model":"m-1","system":[{"type":"text","text":"Be brief.",'
    . '"cache_control":{"type":"ephemeral"}}],"messages":'
    . '[{"role":"user","content":[{"type":"text","text":"hi","cache_control":'
    . '{"type":"ephemeral"}}]}]}')
--- tcp_reply eval
main::answer('200 OK', '{"input_tokens":42}')
--- request
POST /v1beta/models/m:countTokens
{"generateContentRequest":{"model":"models/m","systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"temperature":1,"maxOutputTokens":7}}}
--- response_body: {"totalTokens":42}
--- no_error_log
[error]

=== TEST 3: Anthropic to Gemini
--- up: gemini /v1beta
--- tcp_query eval
main::query('/v1beta/models/m-1:countTokens', "",
    '{"generateContentRequest":{"model":"models/m-1","systemInstruction":'
    . '{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":'
    . '[{"text":"hi"}]}],"generationConfig":{}}}')
--- tcp_reply eval
main::answer('200 OK', '{"totalTokens":43,"promptTokensDetails":[]}')
--- request
POST /v1/messages/count_tokens
{"model":"m","system":"Be brief.","messages":[{"role":"user","content":"hi"}]}
--- response_body: {"input_tokens":43}
--- no_error_log
[error]

=== TEST 4: Responses to Responses
--- up: responses /v1
--- tcp_query eval
main::query('/v1/responses/input_tokens', "",
    '{"model":"m-1","input":"hi"}')
--- tcp_reply eval
main::answer('200 OK', '{"object":"response.input_tokens","input_tokens":9}')
--- request
POST /v1/responses/input_tokens
{"model":"m","input":"hi"}
--- response_body: {"object":"response.input_tokens","input_tokens":9}
--- no_error_log
[error]

=== TEST 5: Anthropic to Responses: what an answer would need is left out
--- up: responses /v1
--- tcp_query eval
main::query('/v1/responses/input_tokens', "",
    '{"model":"m-1","instructions":"Be brief.","input":'
    . '[{"role":"user","content":"hi"}]}')
--- tcp_reply eval
main::answer('200 OK', '{"object":"response.input_tokens","input_tokens":9}')
--- request
POST /v1/messages/count_tokens
{"model":"m","system":"Be brief.","messages":[{"role":"user","content":"hi"}]}
--- response_body: {"input_tokens":9}
--- no_error_log
[error]

=== TEST 6: a Chat upstream is not asked
--- up: chat /v1
--- request eval
"POST /v1/messages/count_tokens\n$main::Anthropic"
--- response_body_like: ^\{"input_tokens":(?!41\})[1-9]\d{0,2}\}$
--- no_error_log
[error]

=== TEST 7: nor an Ollama one, for a Gemini client
--- up: ollama
--- request
POST /v1beta/models/m:countTokens
{"contents":[{"role":"user","parts":[{"text":"a sentence of some words"}]}]}
--- response_body_like: ^\{"totalTokens":(?!41\})[1-9]\d{0,2}\}$
--- no_error_log
[error]

=== TEST 8: an upstream that has no such call
--- up: anthropic /v1
--- tcp_reply eval
main::answer('404 Not Found', '{"error":"no such path"}')
--- request eval
"POST /v1/messages/count_tokens\n$main::Anthropic"
--- response_body_like: ^\{"input_tokens":(?!41\})[1-9]\d{0,2}\}$
--- response_headers
Content-Type: application/json
--- no_error_log
[error]

=== TEST 9: one that answers something else
--- up: gemini /v1beta
--- tcp_reply eval
main::answer('200 OK', '<html>hello</html>')
--- request eval
"POST /v1/messages/count_tokens\n$main::Anthropic"
--- response_body_like: ^\{"input_tokens":(?!41\})[1-9]\d{0,2}\}$

=== TEST 10: one that can't be reached
--- up: anthropic /v1
--- request eval
"POST /v1/messages/count_tokens\n$main::Anthropic"
--- response_body_like: ^\{"input_tokens":(?!41\})[1-9]\d{0,2}\}$
--- error_log
connect() to unix:

=== TEST 11: a target that can't count leaves it to one that can
--- http_config eval
main::pool('anthropic', '/v1', 'ccproxy_target dumb weight=9;')
    . 'ccproxy_provider dumb { protocol chat; url http://127.0.0.1:1/v1; }'
--- config eval: $main::Config
--- tcp_listen: $TEST_NGINX_HTML_DIR/up.sock
--- tcp_reply eval
main::answer('200 OK', '{"input_tokens":77}')
--- request eval
"POST /v1/messages/count_tokens\n$main::Anthropic"
--- response_body: {"input_tokens":77}
--- no_error_log
[error]

=== TEST 12: what can't be read is still an error
--- up: anthropic /v1
--- request
POST /v1/messages/count_tokens
{"model":"m","messages":[{"role":"wizard","content":"x"}]}
--- error_code: 400
--- response_body_like: "type":"invalid_request_error"
