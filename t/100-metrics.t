# Metrics: what is counted, under which labels, in both formats.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
workers(2);
master_on();

our $ask = "POST /v1/messages\n"
    . '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user",'
    . '"content":"hi"}]}';

our $Usage = '"usage":{"prompt_tokens":30,"completion_tokens":12,'
    . '"total_tokens":42,"prompt_tokens_details":{"cached_tokens":20},'
    . '"completion_tokens_details":{"reasoning_tokens":5}}';

# These lines, in this order, and no secret.
sub lines {
    my $all = join '\n(?:.*\n)*', map { ref $_ ? "$_" : quotemeta } @_;

    return qr/\A(?!(?s:.*)secret-)(?:.*\n)*$all\n/;
}

# Debian's package prometheus has promtool; elsewhere it is not asked.
sub promtool {
    my ($text) = @_;

    return if $text !~ /^# HELP/;

    SKIP: {
        Test::More::skip('no promtool here', 1)
            if system('command -v promtool >/dev/null') != 0;

        open my $pipe, '|-', 'promtool check metrics >&2' or die $!;
        print $pipe $text;

        Test::More::ok(close $pipe, 'promtool has nothing to say');
    }
}

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('http_config', <<"CONF" . ($block->http_config || ''));
    server {
        listen 127.0.0.1:\$TEST_NGINX_UP_PORT;
        default_type application/json;
        location / {
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],$Usage}';
        }
        location /text/ {
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"<ccp:call name=\\\\"look\\\\">{}</ccp:call>"},"finish_reason":"stop"}],$Usage}';
        }
        location /s401/ { return 401 '{"error":{"message":"wrong key"}}'; }
        location /s400/ { return 400 '{"error":{"message":"no"}}'; }
    }
CONF

    $block->set_value('config', <<'CONF') if !defined $block->config;
    location / {
        ccproxy on;
        ccproxy_access_key joe joes-secret;
        proxy_pass http://p;
    }
    location = /metrics { ccproxy_metrics; }
CONF

    $block->set_value('more_headers', "x-api-key: joes-secret\n")
        if !defined $block->more_headers;
});

run_tests();

__DATA__

=== TEST 1: requests, tries, tokens, histograms
--- http_config
    ccproxy_provider bad { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/s401; key literal:secret-one; }
    ccproxy_provider good { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:secret-two; }
    upstream p { ccproxy; ccproxy_target bad m weight=9; ccproxy_target good real-model; }
--- request eval
[($main::ask) x 3, "GET /metrics"]
--- response_headers eval
[("Content-Type: application/json") x 3, "Content-Type: text/plain; version=0.0.4; charset=utf-8"]
--- response_body_like eval
my $l = 'pool="p",provider="good",model="real-model",protocol="anthropic",operation="chat"';
my $c = "$l,client=\"joe\",status=\"200\"";
[(qr/"text":"hi"/) x 3, main::lines(
    '# TYPE ccproxy_requests_total counter', qr/ccproxy_requests_total\{$c\} 3/,
    qr/ccproxy_tries_total\{$c\} 4/,
    qr/ccproxy_tokens_total\{$c,type="input"\} 90/,
    qr/ccproxy_tokens_total\{$c,type="input_cached"\} 60/,
    qr/ccproxy_tokens_total\{$c,type="output"\} 36/,
    qr/ccproxy_tokens_total\{$c,type="output_reasoning"\} 15/,
    '# TYPE gen_ai_server_request_duration_seconds histogram',
    qr/gen_ai_server_request_duration_seconds_bucket\{$l,le="0\.01"\} \d/,
    qr/gen_ai_server_request_duration_seconds_bucket\{$l,le="\+Inf"\} 3/,
    qr/gen_ai_server_request_duration_seconds_sum\{$l\} [\d.]+/,
    qr/gen_ai_server_request_duration_seconds_count\{$l\} 3/,
    qr/gen_ai_client_token_usage_bucket\{$l,gen_ai_token_type="input",le="16"\} 0/,
    qr/gen_ai_client_token_usage_bucket\{$l,gen_ai_token_type="input",le="64"\} 3/,
    qr/gen_ai_client_token_usage_sum\{$l,gen_ai_token_type="output"\} 36/,
    qr/gen_ai_client_token_usage_count\{$l,gen_ai_token_type="output"\} 3/,
    'ccproxy_failovers_total 1', 'ccproxy_cooldowns_total 1')]
--- error_code eval
[(200) x 4]



=== TEST 2: refused requests, errors of an upstream, models that clients invent
--- http_config
    ccproxy_provider good { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:secret-two; }
    ccproxy_provider no { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/s400; key literal:secret-one; }
    upstream p { ccproxy; ccproxy_target good; }
    upstream q { ccproxy; ccproxy_target no; }
--- config
    location / {
        ccproxy on;
        ccproxy_access_key 'a"\b' joes-secret;
        proxy_pass http://p;
    }
    location /q/ {
        ccproxy on;
        ccproxy_access_key off;
        proxy_pass http://q;
    }
    location = /metrics { ccproxy_metrics; }
--- request eval
[$main::ask, $main::ask =~ s{/v1}{/q/v1}r, $main::ask, $main::ask, "GET /metrics"]
--- more_headers eval
["", "", "x-api-key: joes-secret\n", "x-api-key: joes-secret\n", "Accept: text/plain;q=0.5, application/openmetrics-text; version=1.0.0\n"]
--- response_headers_like eval
[("Content-Type: .*") x 4, 'Content-Type: application/openmetrics-text; version=1\.0\.0; charset=utf-8']
--- response_body_like eval
my $o = 'operation="chat",client=';
[qr/key is required/, qr/"message":"no"/, (qr/"text":"hi"/) x 2, main::lines(
    '# TYPE ccproxy_requests counter',
    qr/ccproxy_requests_total\{pool="",provider="",model="",protocol="anthropic",${o}"",status="401"\} 1/,
    qr/ccproxy_requests_total\{pool="q",provider="no",model="other",protocol="anthropic",${o}"",status="400"\} 1/,
    qr/ccproxy_requests_total\{pool="p",provider="good",model="claude-x",protocol="anthropic",${o}"a\\"\\\\b",status="200"\} 2/,
    '# UNIT gen_ai_server_request_duration_seconds seconds',
    qr/gen_ai_client_token_usage_bucket\{pool="p",.*,le="1.0"\} 0/,
    '# EOF')]
--- error_code eval
[401, 400, 200, 200, 200]



=== TEST 3: nothing but GET and HEAD
--- http_config
--- request eval
["HEAD /metrics", "POST /metrics\nx"]
--- config
    location = /metrics { ccproxy_metrics; }
--- error_code eval
[200, 405]
--- response_body_like eval
[qr/^$/, qr/405/]



=== TEST 4: what promtool says
--- http_config
    ccproxy_provider good { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:secret-two; }
    upstream p { ccproxy; ccproxy_target good; }
--- request eval
[$main::ask, "GET /metrics"]
--- response_body_like eval
[qr/"text":"hi"/, qr/EOF|ccproxy_build_info/]
--- response_body_filters eval
sub { main::promtool($_[0]); $_[0] }
--- error_code eval
[200, 200]



=== TEST 5: calls that a model wrote as text; two keys of one name are told of once
--- http_config
    ccproxy_provider text { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/text; key literal:secret-two; price * in=1 out=2; }
    ccproxy_access_group all budget=500tokens/month;
    upstream p { ccproxy; ccproxy_target text m tools=compat; }
--- config
    location / {
        ccproxy on;
        ccproxy_access_key joe joes-secret budget=9/day group=all;
        ccproxy_access_key joe joes-other-secret;
        proxy_pass http://p;
    }
    location = /metrics { ccproxy_metrics; }
--- request eval
['POST /v1/messages' . "\n" . '{"model":"m","max_tokens":9,"tools":[{"name":"look","input_schema":{"type":"object"}}],"messages":[{"role":"user","content":"hi"}]}', 'GET /metrics']
--- response_body_like eval
[qr/"type":"tool_use",.*"name":"look"/, main::lines(
    'ccproxy_compat_calls_total 1',
    'ccproxy_budget_limit{group="all",unit="tokens",period="month"} 500',
    'ccproxy_budget_limit{client="joe",unit="money",period="day"} 9',
    'ccproxy_budget_used{group="all",unit="tokens",period="month"} 42',
    'ccproxy_budget_used{client="joe",unit="money",period="day"} 0.000054')]
--- error_code eval
[200, 200]
