# A client reaches only what its location routes to: three tenants with a
# provider, a pool and a server each, and every way in which one may try to
# steer to another's.
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
    # spelled in another way, since a key in an answer is masked
    map $http_authorization $told { default $http_authorization;
        "~^Bearer sk-tenant-(?<t>.)$" "Bearer sk tenant $t"; }
    map $request_body $asked { default none; "~\"model\":\"(?<m>[^\"]*)\"" $m; }

    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        location / {
            default_type application/json;
            echo_read_request_body;
            echo '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"key=$told model=$asked;"},"finish_reason":"stop"}]}';
        }
    }

    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key sk-tenant-a; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key sk-tenant-b; }
    ccproxy_provider c { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key sk-tenant-c; }

    upstream pa { ccproxy; ccproxy_target a cheap; }
    upstream pb { ccproxy; ccproxy_target b gold; }
    upstream pc { ccproxy; ccproxy_target c odd; }

    ccproxy_active_group theirs;
    map $ccproxy_group $where { b pb; default pa; }
    map $ccproxy_model $by_model { gold pb; default pa; }
END

our $Config = <<'END';
    location / { ccproxy on; proxy_pass http://pa; }
    location /b/ {
        ccproxy on;
        ccproxy_route * pb group=theirs;
        proxy_pass http://$ccproxy_pool;
    }
    location /routes/ {
        ccproxy on;
        ccproxy_direct on;
        ccproxy_route vip pb if=$arg_vip;
        ccproxy_route * pa group=mine;
        ccproxy_route * pc group=other;
        ccproxy_route * pa;
        proxy_pass http://$ccproxy_pool;
    }
    location /map/ { ccproxy on; ccproxy_direct on; proxy_pass http://$where; }
    location /by-model/ { ccproxy on; ccproxy_direct on; proxy_pass http://$by_model; }
    location /named/ { ccproxy on; ccproxy_direct b; proxy_pass http://pa; }
    location /own/ { ccproxy on; ccproxy_direct on; proxy_pass http://pa; }
END

# a request for that model, at that place
sub chat {
    my ($model, $path) = @_;
    return 'POST ' . ($path // '') . "/v1/chat/completions\n"
        . '{"model":"' . $model . '","messages":[{"role":"user","content":"hi"}]}';
}

sub chats { my $path = shift; return [map { chat($_, $path) } @_] }

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $Http);
    $block->set_value('config', $Config) if !defined $block->config;
    $block->set_value('no_error_log', ['[alert]', 'sk-tenant'])
        if !defined $block->must_die;
});

run_tests();

__DATA__

=== TEST 1: by default nobody names a provider
--- pipelined_requests eval: main::chats('', 'b,gpt-5', 'a,other', 'B,gpt-5', 'pb', 'gold')
--- response_body_like eval
[(qr/key=Bearer sk tenant a model=cheap;/) x 5]



=== TEST 2: neither in a path, nor in another protocol
--- pipelined_requests eval
["POST /v1beta/models/b,gem:generateContent\n{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]}",
 "POST /api/chat\n{\"model\":\"b,gpt-5\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
 "POST /v1/messages\n{\"model\":\"b,gpt-5\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"]
--- response_body_like eval
[(qr/key=Bearer sk tenant a model=cheap;/) x 3]



=== TEST 3: groups of other locations are none here
--- pipelined_requests eval
[main::chat('m', '/theirs'), main::chat('theirs@m', ''), main::chat('m', '/switch'), main::chat('switch@m')]
--- response_body_like eval
[(qr/key=Bearer sk tenant a model=cheap;/) x 4]



=== TEST 4: with groups, another location's is a 404 that tells of none but the own
--- pipelined_requests eval
[main::chat('m', '/routes/theirs'), main::chat('theirs@m', '/routes'), main::chat('m', '/routes/switch'), main::chat('switch@m', '/routes')]
--- error_code eval
[404, 404, 404, 404]
--- response_body_like eval
[qr/there is no group \\"theirs\\" here; there are mine, other"/, qr/there is no group \\"theirs\\" here; there are mine, other"/,
 (qr/there is no group \\"switch\\" here; there are mine, other"/) x 2]



=== TEST 5: the active group is a way where the location has it
--- request eval: main::chat('m', '/b/switch')
--- response_body_like: key=Bearer sk tenant b model=gold;



=== TEST 6: on: the location's own pools, and no others
--- pipelined_requests eval: main::chats('/own', 'a,other', 'b,gpt-5', 'c,m', 'groq,m')
--- error_code eval
[200, 404, 404, 404]
--- response_body_like eval
[qr/key=Bearer sk tenant a model=other;/, (qr/there is no provider \\"\w+\\" here; there are a"/) x 3]



=== TEST 7: on: pools of routes, by group and condition
--- pipelined_requests eval
[main::chat('a,x', '/routes'), main::chat('b,x', '/routes'), main::chat('c,x', '/routes'), main::chat('other@c,x', '/routes'),
 "POST /routes/v1/chat/completions?vip=1\n" . '{"model":"b,x","messages":[{"role":"user","content":"hi"}]}']
--- error_code eval
[200, 404, 404, 200, 200]
--- response_body_like eval
[qr/sk tenant a model=x;/, qr/there are a"/, qr/there are a"/, qr/sk tenant c model=x;/, qr/sk tenant b model=x;/]



=== TEST 8: on: the pool that a map leads to
--- pipelined_requests eval
[main::chat('a,x', '/map'), main::chat('b,x', '/map'),
 main::chat('a,x', '/by-model'), main::chat('b,x', '/by-model'), main::chat('b,gold', '/by-model')]
--- error_code eval
[200, 404, 200, 404, 200]
--- response_body_like eval
[qr/sk tenant a model=x;/, qr/there are a"/, qr/sk tenant a model=x;/, qr/there are a"/, qr/sk tenant b model=gold;/]



=== TEST 9: a provider that is named, beside the own
--- pipelined_requests eval: main::chats('/named', 'b,gpt-5', 'a,x', 'c,m')
--- error_code eval
[200, 200, 404]
--- response_body_like eval
[qr/sk tenant b model=gpt-5;/, qr/sk tenant a model=x;/, qr/there are a, b"/]



=== TEST 10: a provider that there is not
--- config
    location / {
        ccproxy on;
        ccproxy_direct a nobody;
        proxy_pass http://pa;
    }
--- must_die
--- error_log eval
qr/no provider "nobody" for "ccproxy_direct": declare "ccproxy_provider nobody.* in .*nginx.conf:\d+/



=== TEST 11: off beside a name
--- config
    ccproxy_direct off a;
    location / { return 204; }
--- must_die
--- error_log
"ccproxy_direct" directive takes "on", "off", or names of providers
