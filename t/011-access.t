# Who is served, and that no credential gets into a log.
use Test::Nginx::Socket;

our $HttpConfig = <<'END';
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Test-Client;
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up/v1;
    }
    upstream pool { ccproxy; ccproxy_target up; }
END

# the answer's text is what the upstream saw of credentials

our $Config = <<'END';
    location /open/ {
        ccproxy on;
        proxy_pass http://pool;
    }
    location /keys/ {
        ccproxy on;
        ccproxy_access_key joe joes-secret;
        ccproxy_access_key ann anns-secret;
        client_max_body_size 1k;
        add_header X-Client $ccproxy_client always;
        proxy_pass http://pool;
    }
    location /plain/ {
        return 200 "$arg_key\n";
    }
    location /up/ {
        default_type application/json;
        return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"saw[$http_authorization$http_x_api_key$http_x_goog_api_key$args]"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}';
    }
END

our $Good = '{"model":"m","max_tokens":9,"messages":'
    . '[{"role":"user","content":"hello"}]}';

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config) if !defined $block->config;
});

plan tests => repeat_each() * (blocks() * 3 + 11);

no_long_string();
log_level('info');
run_tests();

__DATA__

=== TEST 1: without keys, a client of this machine
--- request eval
"POST /open/v1/messages\n" . $main::Good
--- response_body_like: saw\[\]
--- no_error_log
[alert]



=== TEST 2: without keys, a client from elsewhere
--- request eval
"POST /open/v1/messages\n" . $main::Good
--- more_headers
X-Test-Client: 192.0.2.1
--- error_code: 403
--- response_body_like: ^\{"type":"error","error":\{"type":"permission_error","message":".*ccproxy_access_key NAME SECRET
--- no_error_log
[alert]



=== TEST 3: any address of the loopback network, and IPv6's
--- request eval
"POST /open/v1/messages\n" . $main::Good
--- more_headers
X-Test-Client: 127.9.8.7
--- response_body_like: saw
--- no_error_log
[alert]



=== TEST 4: IPv6 loopback
--- request eval
"POST /open/v1/messages\n" . $main::Good
--- more_headers
X-Test-Client: ::1
--- response_body_like: saw
--- no_error_log
[alert]



=== TEST 5: another IPv6 address
--- request eval
"POST /open/v1/messages\n" . $main::Good
--- more_headers
X-Test-Client: 2001:db8::1
--- error_code: 403
--- response_body_like: "permission_error"
--- no_error_log
[alert]



=== TEST 6: a key is required, and no key came
--- request eval
"POST /keys/v1/messages\n" . $main::Good
--- error_code: 401
--- response_body_like: "type":"authentication_error","message":"an access key is required
--- response_headers
WWW-Authenticate: Bearer
--- no_error_log
[alert]



=== TEST 7: a wrong key
--- request eval
"POST /keys/v1/messages\n" . $main::Good
--- more_headers
Authorization: Bearer joes-secreT
--- error_code: 401
--- response_body_like: "type":"authentication_error","message":"the access key is not valid"
--- no_error_log
[alert]
joes-secreT



=== TEST 8: the beginning of a key is no key
--- request eval
"POST /keys/v1/messages\n" . $main::Good
--- more_headers
x-api-key: joes
--- error_code: 401
--- response_body_like: "authentication_error"
--- no_error_log
[alert]



=== TEST 9: Bearer
--- request eval
"POST /keys/v1/messages\n" . $main::Good
--- more_headers
Authorization: Bearer joes-secret
--- response_body_like: saw\[\]
--- response_headers
X-Client: joe
--- no_error_log
[alert]



=== TEST 10: x-api-key, from elsewhere
--- request eval
"POST /keys/v1/messages\n" . $main::Good
--- more_headers
x-api-key: anns-secret
X-Test-Client: 192.0.2.1
--- response_body_like: saw\[\]
--- response_headers
X-Client: ann
--- no_error_log
[alert]



=== TEST 11: x-goog-api-key
--- request eval
"POST /keys/v1/messages\n" . $main::Good
--- more_headers
x-goog-api-key: anns-secret
--- response_body_like: saw\[\]
--- response_headers
X-Client: ann
--- no_error_log
[alert]



=== TEST 12: a wrong key beside the right one
--- request eval
"POST /keys/v1/messages\n" . $main::Good
--- more_headers
Authorization: Bearer nonsense
x-api-key: anns-secret
--- response_body_like: saw\[\]
--- no_error_log
[alert]



=== TEST 13: in the query, and in no log
--- request eval
"POST /keys/v1/messages?a=1&key=joes-secret&b=2\n" . $main::Good
--- response_body_like: saw\[\]
--- response_headers
X-Client: joe
--- access_log eval
qr/key=xxxxxxxxxxx&b=2/
--- no_access_log
joes-secret
--- no_error_log
[alert]
joes-secret



=== TEST 14: in the query of a request that fails before its location runs
--- request eval
"POST /keys/v1/models/m:generateContent?key=joes-secret\n" . ('x' x 4000)
--- error_code: 413
--- response_body_like: "error"
--- no_access_log
joes-secret
--- error_log
too large body
--- no_error_log
joes-secret



=== TEST 15: a location that is not ours keeps its arguments
--- request
GET /plain/v1beta/models/m:generateContent?key=abc
--- response_body
abc
--- no_error_log
[alert]



=== TEST 16: signs of life need no key
--- request
GET /keys/health
--- response_body_like: "status"
--- no_error_log
[alert]



=== TEST 17: satisfy any: an address that is allowed needs no key
--- config eval
$main::Config =~ s/ccproxy_access_key joe/satisfy any; allow 127.0.0.1; deny all;
        ccproxy_access_key joe/r
--- request eval
"POST /keys/v1/messages\n" . $main::Good
--- response_body_like: saw\[\]
--- no_error_log
[alert]



=== TEST 18: an error in the client's own protocol
--- request
POST /keys/v1/chat/completions
{}
--- error_code: 401
--- response_body_like: ^\{"error":\{"message":"an access key is required
--- no_error_log
[alert]
