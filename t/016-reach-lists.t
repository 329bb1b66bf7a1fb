# What lists tell: names that lead to that model, in this location and group,
# for this client; of three tenants none learns of another's.
use Test::Nginx::Socket 'no_plan';

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();

our $Http = <<'END';
    ccproxy_provider a { protocol chat; url http://127.0.0.1:1/v1; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:1/v1; }
    ccproxy_provider c { protocol chat; url http://127.0.0.1:1/v1; models free-1 free-2; }

    upstream pa { ccproxy; ccproxy_target a cheap; }
    upstream pb { ccproxy; ccproxy_target b gold; }
    upstream pc { ccproxy; ccproxy_target c; }

    map $ccproxy_group $by_group { group/b pb; default pa; }
    map $ccproxy_model $by_model { gold pb; ~^free pc; default pa; }
END

our $Config = <<'END';
    location / {
        ccproxy on;
        ccproxy_access_key ann anns-long-secret models=cheap,claude-*;
        ccproxy_access_key bob bobs-long-secret pools=pb;
        ccproxy_access_key cat cats-long-secret;
        ccproxy_route gold pb;
        ccproxy_route secret-* pb;
        ccproxy_route free-? pc;
        ccproxy_route * pa;
        proxy_pass http://$ccproxy_pool;
    }
    location /hidden/ {
        ccproxy on;
        ccproxy_route claude-opus pb;
        ccproxy_route * pa;
        proxy_pass http://$ccproxy_pool;
    }
    location /some/ {
        ccproxy on;
        ccproxy_route vip pb if=$arg_vip;
        ccproxy_route cheap pa;
        proxy_pass http://$ccproxy_pool;
    }
    location /group/ { ccproxy on; proxy_pass http://$by_group; }
    location /model/ { ccproxy on; proxy_pass http://$by_model; }
    location /fixed/ { ccproxy on; proxy_pass http://pc; }
END

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $Http);
    $block->set_value('config', $Config);
    $block->set_value('no_error_log', ['[error]', '[alert]']);
});

# the names of a list, and no others
sub names {
    my $names = join '', map { "\\{\"id\":\"$_\"[^}]*\\},?" } @_;
    return qr/^\{"object":"list","data":\[$names\]\}$/;
}

run_tests();

__DATA__

=== TEST 1: each client's own
--- pipelined_requests eval: [('GET /v1/models') x 3]
--- more_headers eval
["x-api-key: anns-long-secret", "x-api-key: bobs-long-secret", "x-api-key: cats-long-secret"]
--- response_body_like eval
[main::names('cheap'), main::names('gold'), main::names('gold', 'free-1', 'free-2', 'cheap')]



=== TEST 2: asked by name
--- pipelined_requests eval
['GET /v1/models/gold', 'GET /v1/models/secret-7', 'GET /v1/models/cheap', 'GET /v1beta/models/claude-x']
--- more_headers
x-api-key: anns-long-secret
--- error_code eval: [404, 404, 200, 200]
--- response_body_like eval
[(qr/is not served here/) x 2, qr/"id":"cheap"/, qr{models/claude-x}]



=== TEST 3: pools= as well, in another protocol
--- pipelined_requests eval
["POST /api/show\n" . '{"model":"cheap"}', "POST /api/show\n" . '{"model":"secret-7"}', 'GET /api/tags']
--- more_headers
x-api-key: bobs-long-secret
--- error_code eval: [404, 200, 200]
--- response_body_like eval
[qr/not served here/, qr/./, qr/^(?!.*cheap).*"name":"gold:latest"/]



=== TEST 4: a model behind a name is no name
--- request
GET /hidden/v1/models
--- response_body_like eval: main::names('claude-opus', 'cheap')



=== TEST 5: maps of the group and of the model
--- pipelined_requests eval
['GET /group/v1/models', 'GET /group/b/v1/models', 'GET /model/v1/models', 'GET /fixed/v1/models']
--- response_body_like eval
[main::names('cheap'), main::names('gold'), main::names('cheap', 'gold', 'free-1', 'free-2'), main::names('free-1', 'free-2')]



=== TEST 6: a condition is asked
--- pipelined_requests eval
['GET /some/v1/models', 'GET /some/v1/models?vip=1']
--- response_body_like eval
[main::names('cheap'), main::names('vip', 'cheap')]
