# Clients that a certificate names: mutual TLS decides who comes in, and
# ccproxy_client takes the name from there.  nginx is the client, too.
use Test::Nginx::Socket;
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
BEGIN { require "$FindBin::Bin/lib/Certificates.pm"; Certificates->import }

Ports::take(qw(UP MTLS));

self_signed('ca', 'authority');
self_signed('stranger', 'stranger');
certificate($_, "DNS:$_", 2) for qw(server team-a team-b);

my $Mtls = "$ENV{TEST_NGINX_MTLS_PORT}";

our $HttpConfig = <<"END";
    limit_req_zone \$ccproxy_client zone=often:1m rate=1r/m;
    ccproxy_provider up { protocol chat; url http://127.0.0.1:$ENV{TEST_NGINX_UP_PORT}/v1; key literal:provider-key; header X-Team \$ccproxy_client; }
    upstream pool { ccproxy; ccproxy_target up m; }
    server {
        listen 127.0.0.1:$ENV{TEST_NGINX_UP_PORT};
        location / {
            default_type application/json;
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"team=\$http_x_team;"},"finish_reason":"stop"}]}';
        }
    }
    server {
        listen 127.0.0.1:$Mtls ssl;
        ssl_certificate $dir/server.pem;
        ssl_certificate_key $dir/server.key;
        ssl_client_certificate $dir/ca.pem;
        ssl_verify_client on;
        limit_req_status 429;
        ccproxy_access_key off;
        ccproxy_client \$ssl_client_s_dn;
        location / { ccproxy on; proxy_pass http://pool; }
        location /often/ { ccproxy on; limit_req zone=often; proxy_pass http://pool; }
    }
END

our $Config = join '', map {
    my $name = $_;
    my $cert = $name eq 'nobody' ? ''
        : "proxy_ssl_certificate $dir/$name.pem; "
            . "proxy_ssl_certificate_key $dir/$name.key;";
    map {
        "location = /$name/$_ { $cert proxy_ssl_session_reuse off; proxy_pass "
            . "https://127.0.0.1:$Mtls" . ($_ eq 'often' ? '/often' : '')
            . "/v1/chat/completions; }\n"
    } qw(once often);
} qw(team-a team-b stranger nobody);

our $Body = '{"model":"m","messages":[{"role":"user","content":"x"}]}';

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config);
});

plan tests => repeat_each() * (8 + 8);

no_shuffle();
no_long_string();
run_tests();

__DATA__

=== TEST 1: a certificate is a name; a foreign one, or none, is nobody
--- request eval
[map { "POST /$_/once\n$main::Body" } qw(team-a team-b stranger nobody)]
--- error_code eval: [200, 200, 400, 400]
--- response_body_like eval
[qr/team=CN=team-a;/, qr/team=CN=team-b;/, qr/certificate/i, qr/certificate/i]



=== TEST 2: limits are those of the name
--- request eval
[map { "POST /$_/often\n$main::Body" } qw(team-a team-a team-b team-b)]
--- error_code eval: [200, 429, 200, 429]
--- response_body_like eval
[qr/team=CN=team-a;/, qr/./, qr/team=CN=team-b;/, qr/./]
