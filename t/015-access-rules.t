# Who is served where there are no access keys: whom nginx's own rules let in,
# and programs of this machine, but no web pages; pages that ccproxy_cors names.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

$ENV{TEST_NGINX_HTML_DIR} ||= html_dir();

our $Http = <<'END';
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Test-Client;

    # who asks too often, for each client
    limit_req_zone $ccproxy_client zone=often:1m rate=1r/m;

    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        location / {
            default_type application/json;
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"served"},"finish_reason":"stop"}]}';
        }
    }

    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; }
    upstream pool { ccproxy; ccproxy_target a m; }
    ccproxy_active_group one;
END

our $Config = <<'END';
    location / { ccproxy on; ccproxy_route * pool group=one; ccproxy_route * pool; proxy_pass http://$ccproxy_pool; }

    location /basic/ {
        ccproxy on;
        ccproxy_access_key off;
        ccproxy_client $remote_user;
        auth_basic gateway;
        auth_basic_user_file $TEST_NGINX_HTML_DIR/users;
        add_header X-Client $ccproxy_client always;
        proxy_pass http://pool;
    }
    location = /who { internal; if ($http_x_token = "") { return 401; } return 204; }
    location /asked/ {
        ccproxy on;
        ccproxy_access_key off;
        auth_request /who;
        auth_request_set $subject sub-$http_x_token;
        ccproxy_client $subject;
        add_header X-Client $ccproxy_client always;
        proxy_pass http://pool;
    }
    location /allowed/ {
        ccproxy on;
        ccproxy_access_key off;
        allow 203.0.113.0/24;
        deny all;
        proxy_pass http://pool;
    }
    location /either/ {
        ccproxy on;
        ccproxy_access_key off;
        satisfy any;
        allow 203.0.113.0/24;
        deny all;
        auth_basic gateway;
        auth_basic_user_file $TEST_NGINX_HTML_DIR/users;
        proxy_pass http://pool;
    }
    location /key-or-address/ {
        ccproxy on;
        ccproxy_access_key ann anns-long-secret;
        satisfy any;
        allow 203.0.113.0/24;
        deny all;
        proxy_pass http://pool;
    }
    location /often/ {
        ccproxy on;
        ccproxy_access_key ann anns-long-secret;
        ccproxy_access_key joe joes-long-secret;
        ccproxy_access_key zoe zoes-long-secret;
        limit_req zone=often;
        limit_req_status 429;
        proxy_pass http://pool;
    }
    location /pages/ {
        ccproxy on;
        ccproxy_cors https://app.example https://*.team.example app://editor;
        client_max_body_size 1k;
        proxy_pass http://pool;
    }
    location /keys/ {
        ccproxy on;
        ccproxy_access_key ann anns-long-secret;
        ccproxy_cors *;
        proxy_pass http://pool;
    }
    location /any/ { ccproxy on; ccproxy_cors *; proxy_pass http://pool; }
    location /group { ccproxy_active_group; }
    location /status { ccproxy_status; }
END

sub chat {
    my ($path) = @_;
    return 'POST ' . ($path // '') . "/v1/chat/completions\n"
        . '{"model":"m","messages":[{"role":"user","content":"hi"}]}';
}

sub claude {
    my ($path) = @_;
    return 'POST ' . ($path // '') . "/v1/messages\n"
        . '{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';
}

add_block_preprocessor(sub {
    my ($block) = @_;

    return if defined $block->must_die;

    $block->set_value('http_config', $Http);
    $block->set_value('config', $Config);
    $block->set_value('user_files', [['users', "joe:{PLAIN}password\n"]]);
    $block->set_value('no_error_log', ['[alert]', '-secret'])
        if !defined $block->no_error_log;
});

run_tests();

__DATA__

=== TEST 1: auth_basic decides, and names the client
--- pipelined_requests eval: [(main::chat('/basic')) x 3]
--- more_headers eval
["Authorization: Basic am9lOnBhc3N3b3Jk\nX-Test-Client: 203.0.113.5", "Authorization: Basic am9lOndyb25n", ""]
--- error_code eval: [200, 401, 401]
--- response_headers eval
['X-Client: joe', 'WWW-Authenticate: Basic realm="gateway"', 'WWW-Authenticate: Basic realm="gateway"']
--- no_error_log
[alert]



=== TEST 2: auth_request decides; its answer names the client
--- pipelined_requests eval: [main::chat('/asked'), main::claude('/asked')]
--- more_headers eval
["X-Token: 7\nX-Test-Client: 203.0.113.5", "X-Test-Client: 203.0.113.5"]
--- error_code eval: [200, 401]
--- response_headers eval
['X-Client: sub-7', 'X-Client: sub-']
--- response_body_like eval
[qr/served/, qr/"type":"authentication_error"/]



=== TEST 3: allow and deny decide, from whatever address
--- pipelined_requests eval: [(main::chat('/allowed')) x 2]
--- more_headers eval
["X-Test-Client: 203.0.113.5\nHost: gateway.example", "X-Test-Client: 198.51.100.7"]
--- error_code eval: [200, 403]
--- no_error_log
[alert]



=== TEST 4: satisfy any: an address, or a password
--- pipelined_requests eval: [(main::chat('/either')) x 3]
--- more_headers eval
["X-Test-Client: 203.0.113.5", "X-Test-Client: 198.51.100.7\nAuthorization: Basic am9lOnBhc3N3b3Jk", "X-Test-Client: 198.51.100.7"]
--- error_code eval: [200, 200, 401]
--- no_error_log
[alert]



=== TEST 5: satisfy any: an address, or a key; nothing is left of the refusal
--- pipelined_requests eval: [(main::chat('/key-or-address')) x 3, "GET /key-or-address/nothing"]
--- more_headers eval
["X-Test-Client: 203.0.113.5", "X-Test-Client: 198.51.100.7\nx-api-key: anns-long-secret", "X-Test-Client: 198.51.100.7", "X-Test-Client: 203.0.113.5"]
--- error_code eval: [200, 200, 401, 404]
--- response_headers eval
['WWW-Authenticate: ', 'WWW-Authenticate: ', 'WWW-Authenticate: Bearer', 'WWW-Authenticate: ']
--- response_body_like eval
[qr/served/, qr/served/, qr/an access key is required/, qr/no endpoint GET/]
--- no_error_log
[alert]



=== TEST 6: the client is known before limit_req looks
--- pipelined_requests eval: [(main::chat('/often')) x 6]
--- more_headers eval
["x-api-key: anns-long-secret", "x-api-key: anns-long-secret", "x-api-key: joes-long-secret", "x-api-key: nobodys", "x-api-key: nobodys", "x-api-key: zoes-long-secret"]
--- error_code eval: [200, 429, 200, 401, 401, 200]



=== TEST 7: without keys, a Host that is not of this machine
--- pipelined_requests eval: [(main::claude()) x 4, main::chat()]
--- more_headers eval
["Host: evil.example", "Host: localhost.evil.example:80", "Host: 127.0.0.1.evil.example", "Host: 192.0.2.1", "Host: 0.0.0.0"]
--- error_code eval: [403, 403, 403, 403, 403]
--- response_body_like eval
[(qr/^\{"type":"error","error":\{"type":"permission_error","message":"without an access key only programs of this machine are served, not pages of others: the Host is foreign/) x 4,
 qr/^\{"error":\{"message":"without an access key/]



=== TEST 8: names of this machine
--- pipelined_requests eval: [(main::chat()) x 6]
--- more_headers eval
["Host: localhost:3456", "Host: LOCALHOST", "Host: app.localhost", "Host: 127.8.9.1:80", "Host: [::1]:3456", "Host: localhost."]
--- error_code eval: [(200) x 6]



=== TEST 9: an Origin that is not of this machine
--- pipelined_requests eval: [(main::claude()) x 6]
--- more_headers eval
["Origin: https://evil.example", "Origin: null", "Origin: http://localhost.evil.example", "Origin: http://evil.example#localhost", "Origin: file://", "Origin: http://127.evil.example"]
--- error_code eval: [(403) x 6]
--- response_body_like eval
[(qr/"permission_error".*the Origin is foreign/) x 6]



=== TEST 10: pages of this machine
--- pipelined_requests eval: [(main::chat()) x 4]
--- more_headers eval
["Origin: http://127.0.0.1:3000", "Origin: http://localhost", "Origin: https://[::1]:8443", "Origin: https://app.localhost:1"]
--- error_code eval: [(200) x 4]



=== TEST 11: the group's page, and the status page where it is one
--- pipelined_requests eval: ["POST /group?active_group=one\n{}", "POST /group?active_group=one\n{}", "GET /group", "POST /status?active_group=one\n{}", "GET /status", "POST /group?active_group=one\n{}"]
--- more_headers eval
["Content-Type: application/json\nOrigin: https://evil.example", "Content-Type: application/json\nHost: evil.example", "Host: evil.example", "Content-Type: application/json\nOrigin: null", "Host: status.example", "Content-Type: application/json"]
--- error_code eval: [403, 403, 403, 403, 200, 200]



=== TEST 12: any page is not let in where no key is asked for
--- request eval: main::chat('/any')
--- more_headers
Origin: https://evil.example
--- error_code: 403



=== TEST 13: pages that are named
--- pipelined_requests eval: [(main::chat('/pages')) x 5]
--- more_headers eval
["Origin: https://app.example", "Origin: https://x.team.example", "Origin: app://editor", "Origin: http://app.example", "Origin: https://app.example.evil.example"]
--- error_code eval: [200, 200, 200, 403, 403]
--- response_headers eval
["Access-Control-Allow-Origin: https://app.example\nVary: Origin", 'Access-Control-Allow-Origin: https://x.team.example', 'Access-Control-Allow-Origin: app://editor', 'Access-Control-Allow-Origin: ', 'Access-Control-Allow-Origin: ']



=== TEST 14: a browser asks first
--- request
OPTIONS /pages/v1/chat/completions
--- more_headers
Origin: https://app.example
Access-Control-Request-Method: POST
Access-Control-Request-Headers: authorization,content-type,x-stainless-os
--- error_code: 204
--- response_headers
Access-Control-Allow-Origin: https://app.example
Access-Control-Allow-Methods: GET, HEAD, POST
Access-Control-Allow-Headers: authorization,content-type,x-stainless-os
Access-Control-Max-Age: 600
Access-Control-Allow-Private-Network:



=== TEST 15: … without the key that it is going to send
--- request
OPTIONS /keys/v1/messages
--- more_headers
Origin: https://any.example
Access-Control-Request-Method: POST
Access-Control-Request-Private-Network: true
--- error_code: 204
--- response_headers
Access-Control-Allow-Origin: *
Access-Control-Allow-Private-Network: true



=== TEST 16: others are not answered so, nor what is no such question
--- pipelined_requests eval: ['OPTIONS /pages/v1/messages', 'OPTIONS /pages/v1/messages', 'OPTIONS /v1/messages']
--- more_headers eval
["Origin: https://evil.example\nAccess-Control-Request-Method: POST", "Origin: https://app.example", "Origin: https://app.example\nAccess-Control-Request-Method: POST"]
--- error_code eval: [403, 405, 403]
--- response_headers eval
['Access-Control-Allow-Origin: ', 'Allow: POST', 'Access-Control-Allow-Origin: ']



=== TEST 17: errors can be read, and headers
--- pipelined_requests eval: ["POST /pages/v1/chat/completions\n{", main::chat('/keys'), "GET /pages/nowhere"]
--- more_headers eval
[("Origin: https://app.example") x 3]
--- error_code eval: [400, 401, 404]
--- response_headers eval
["Access-Control-Allow-Origin: https://app.example\nAccess-Control-Expose-Headers: *, Retry-After, X-Ccproxy-Request-Id", 'Access-Control-Allow-Origin: *', 'Access-Control-Allow-Origin: https://app.example']



=== TEST 18: those of nginx as well
--- request eval: "POST /pages/v1/chat/completions\n" . ('x' x 2000)
--- more_headers
Origin: https://app.example
--- error_code: 413
--- response_headers
Access-Control-Allow-Origin: https://app.example



=== TEST 19: an origin that is none
--- config
    location / { return 204; }
    ccproxy_cors app.example;
--- must_die
--- error_log
invalid origin "app.example": write scheme, host and port
