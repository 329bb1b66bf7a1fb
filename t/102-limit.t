# Limits of clients and groups: who is let in, who is not, and what is told.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/ConfigFile.pm" }
BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
workers(2);
master_on();

# An answer has 30 tokens of input and 12 of output, which cost 0.054.
our $HttpConfig = <<'CONF';
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        price * in=1000 out=2000;
    }
    ccproxy_provider slow { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/slow; }
    ccproxy_provider own {
        protocol anthropic;
        url http://127.0.0.1:$TEST_NGINX_UP_PORT/own/v1;
    }
    upstream p { ccproxy; ccproxy_target up; }
    upstream q { ccproxy; ccproxy_target slow; }
    upstream o { ccproxy; ccproxy_target own; }

    ccproxy_access_group team rpm=3;

    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        default_type application/json;
        location / {
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":30,"completion_tokens":12,"total_tokens":42}}';
        }
        location /own/ {
            add_header anthropic-ratelimit-requests-limit 777777;
            return 200 '{"id":"m","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":30,"output_tokens":12}}';
        }
    }
CONF

our $Config = <<'CONF';
    location / {
        ccproxy on;
        ccproxy_access_key joe   secret-joe   rpm=2;
        ccproxy_access_key tim   secret-tim   budget=50tokens/day;
        ccproxy_access_key ann   secret-ann   budget=0.1;
        ccproxy_access_key tom   secret-tom   tpm=100;
        ccproxy_access_key bob   secret-bob   group=team;
        ccproxy_access_key bea   secret-bea   group=team rpm=100;
        ccproxy_access_key max   secret-max;
        proxy_pass http://p;
    }
    location /own/ {
        ccproxy on;
        ccproxy_access_key lea secret-lea rpm=9;
        ccproxy_access_key joe secret-joe rpm=2;
        proxy_pass http://o;
    }
    location = /metrics { ccproxy_metrics; }
CONF

our %Ask = (
    anthropic => 'POST /v1/messages' . "\n" . '{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}',
    chat => 'POST /v1/chat/completions' . "\n" . '{"model":"m","messages":[{"role":"user","content":"hi"}]}',
    responses => 'POST /v1/responses' . "\n" . '{"model":"m","input":"hi"}',
    gemini => 'POST /v1beta/models/m:generateContent' . "\n" . '{"contents":[{"parts":[{"text":"hi"}]}]}',
    ollama => 'POST /api/chat' . "\n" . '{"model":"m","stream":false,"messages":[{"role":"user","content":"hi"}]}',
);

sub key { return "x-api-key: secret-$_[0]\n" }

add_block_preprocessor(sub {
    my $block = shift;

    if (defined $block->conf) {
        ConfigFile::of($block, $block->conf, $block->refused, $block->line);
        return;
    }

    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config);
});

run_tests();

__DATA__

=== TEST 1: requests a minute, told in the headers that the client knows
--- request eval
[($main::Ask{anthropic}) x 3, $main::Ask{chat}]
--- more_headers eval
main::key('joe')
--- response_headers_like eval
["anthropic-ratelimit-requests-limit: 2\nanthropic-ratelimit-requests-remaining: 1\nanthropic-ratelimit-requests-reset: 20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ",
 "anthropic-ratelimit-requests-remaining: 0", "Retry-After: \\d+\nanthropic-ratelimit-requests-remaining: 0",
 "Retry-After: \\d+\nx-ratelimit-limit-requests: 2\nx-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: \\d+s"]
--- response_body_like eval
[(qr/"text":"hi"/) x 2, qr/"error":\{"type":"rate_limit_error","message":"the limit of \\"joe\\", 2 requests a minute, is reached: try again in \d+ seconds"/,
 qr/"error":\{"message":"the limit of .*","type":"rate_limit_error"/]
--- error_code eval
[200, 200, 429, 429]



=== TEST 2: a budget of tokens: the last one may exceed it, no more follow
--- request eval
[($main::Ask{anthropic}) x 2, map { $main::Ask{$_} } qw(anthropic chat responses gemini ollama)]
--- more_headers eval
main::key('tim')
--- response_body_like eval
[(qr/"text":"hi"/) x 2, qr/"type":"billing_error","message":"the budget of \\"tim\\", 50 tokens a day, is used up"/,
 (qr/"type":"insufficient_quota"/) x 2, qr/"code":402,.*"status":"FAILED_PRECONDITION"/s,
 qr/"error":"the budget of/]
--- response_headers_like eval
[("Content-Type: .*") x 2, ("Retry-After: \\d+") x 5]
--- error_code eval
[200, 200, (402) x 5]



=== TEST 3: a budget of money for good: there is nothing to wait for
--- request eval
[($main::Ask{chat}) x 3, 'GET /metrics']
--- more_headers eval
main::key('ann')
--- response_headers_like eval
[("!Retry-After: x") x 3, 'Content-Type: text/plain.*']
--- response_body_like eval
[(qr/"content":"hi"/) x 2, qr/the budget of \\"ann\\", 0.1 in all, is used up/,
 qr/client="ann",status="402"\} 1\n(?:.*\n)*ccproxy_cost_total\{.*client="ann",status="200"\} 0.108\n(?:.*\n)*ccproxy_limited_requests_total\{reason="budget"\} 1\n/]
--- error_code eval
[200, 200, 402, 200]



=== TEST 4: tokens a minute
--- request eval
[($main::Ask{chat}) x 4]
--- more_headers eval
main::key('tom')
--- response_headers_like eval
["x-ratelimit-limit-tokens: 100", "x-ratelimit-limit-tokens: 100",
 "x-ratelimit-limit-tokens: 100", "Retry-After: \\d+\nx-ratelimit-remaining-tokens: 0\nx-ratelimit-reset-tokens: \\d+s"]
--- response_body_like eval
[(qr/"content":"hi"/) x 3, qr/the limit of \\"tom\\", 100 tokens a minute, is reached/]
--- error_code eval
[200, 200, 200, 429]



=== TEST 5: two clients of one group
--- request eval
[($main::Ask{chat}) x 4]
--- more_headers eval
[main::key('bob'), main::key('bea'), main::key('bob'), main::key('bea')]
--- response_headers_like eval
["x-ratelimit-limit-requests: 3", "x-ratelimit-limit-requests: 100",
 "x-ratelimit-remaining-requests: 0", "Retry-After: \\d+"]
--- response_body_like eval
[(qr/"content":"hi"/) x 3, qr/the limit of \\"team\\", 3 requests a minute, is reached/]
--- error_code eval
[200, 200, 200, 429]



=== TEST 6: an upstream's own limits are no client's; one name is one account
--- request eval
[$main::Ask{anthropic} =~ s{/v1}{/own/v1}r, $main::Ask{anthropic} =~ s{/v1}{/own/v1}r, $main::Ask{anthropic}, $main::Ask{anthropic}]
--- more_headers eval
[main::key('lea'), main::key('joe'), main::key('joe'), main::key('joe')]
--- response_headers_like eval
["anthropic-ratelimit-requests-limit: 9", "anthropic-ratelimit-requests-remaining: 1",
 "anthropic-ratelimit-requests-remaining: 0", "Retry-After: \\d+"]
--- response_body_like eval
[(qr/"text":"hi"/) x 3, qr/the limit of/]
--- error_code eval
[200, 200, 200, 429]



=== TEST 7: a limit that is none
--- conf
server { location / {
    ccproxy_access_key joe secret-joe rpm=0;
} }
--- refused: invalid limit "rpm=0": write a number above 0, such as "rpm=60"
--- line: 2



=== TEST 8: a budget that is none
--- conf
server { location / {
    ccproxy_access_key joe secret-joe budget=20/year;
} }
--- refused: invalid budget "budget=20/year": write "budget=20/day" for money, "budget=2Mtokens/day" for tokens; there are day, week, month and total
--- line: 2



=== TEST 9: two of a period
--- conf
ccproxy_access_group team budget=1Mtokens/day budget=2Mtokens/day;
--- refused: "budget=2Mtokens/day" is a second budget of that period: write one of both
--- line: 1



=== TEST 10: a group that is none
--- conf
server { location / {
    ccproxy_access_key joe secret-joe group=teem;
} }
--- refused: no group "teem" for the access key "joe": declare "ccproxy_access_group teem budget=20/day;"
--- line: 2



=== TEST 11: money without prices
--- conf
ccproxy_access_group team budget=20/week;
--- refused: the budget of "team" is money, but no provider has prices
--- line: 1



=== TEST 12: a group without limits
--- conf
ccproxy_access_group team;
--- refused: "ccproxy_access_group" directive needs a name and limits: write "ccproxy_access_group NAME rpm=60 budget=20/day;"
--- line: 1



=== TEST 13: two groups of a name
--- conf
ccproxy_access_group team rpm=1;
ccproxy_access_group team rpm=1;
--- refused: "ccproxy_access_group" directive has a name that another group has
--- line: 2
