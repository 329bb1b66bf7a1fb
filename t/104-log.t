# The log format "ccproxy": it is there, it is JSON, it holds no secret.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/ConfigFile.pm" }

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

our $Config = <<'CONF';
    location / {
        ccproxy on;
        ccproxy_access_key 'jo"e' secret-joe;
        access_log logs/access.log ccproxy;
        proxy_pass http://p;
    }
    location /up/ {
        access_log off;
        default_type application/json;
        return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":30,"completion_tokens":12,"total_tokens":42}}';
    }
CONF

our $HttpConfig = <<'CONF';
    ccproxy_provider up { protocol chat; url http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up/v1; key literal:secret-up name=first; price real in=1 out=2; }
    upstream p { ccproxy; ccproxy_target up real; }
CONF

add_block_preprocessor(sub {
    my $block = shift;

    if (defined $block->conf) {
        ConfigFile::of($block, $block->conf, $block->refused, $block->line);
        return;
    }

    $block->set_value('http_config', $HttpConfig . ($block->http_config // ''));
    $block->set_value('config', $Config);
});

run_tests();

__DATA__

=== TEST 1: a request
--- request
POST /v1/messages?key=secret-joe
{"model":"mo\"del","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- response_body_like: "text":"hi"
--- access_log eval
qr/^\{"time":"20[^"]*","id":"\w{24}","client":"jo\\"e","protocol":"anthropic","model":"mo\\"del","session":"\w*","stream":"0","status":200,"pool":"","provider":"up","target_model":"real","key":"first","tries":"1","upstream_status":"200","input":"30","cached":"","output":"12","reasoning":"","cost":"0.000054","stop":"end","ttft":"\d\.\d{3}","time_total":\d\.\d{3},"error":""\}$/
--- no_error_log
secret-



=== TEST 2: a refusal
--- request
POST /v1/messages
{"model":"m"}
--- more_headers
x-api-key: secret-wrong
--- error_code: 401
--- access_log eval
qr/^\{.*"client":"","protocol":"anthropic","model":"".*"status":401,.*"provider":"".*"input":"".*"cost":"".*"error":"the access key is not valid"\}$/
--- no_error_log
[alert]



=== TEST 3: a format that the user declares under that name is the user's
--- http_config
    log_format ccproxy 'mine[$ccproxy_model]';
--- request
POST /v1/messages
{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
--- more_headers
x-api-key: secret-joe
--- response_body_like: "text":"hi"
--- access_log
mine[m]
--- no_access_log
"time"



=== TEST 4: … but not behind its use
--- conf
access_log logs/access.log ccproxy;
log_format ccproxy 'mine';
--- refused: "log_format" directive "ccproxy" comes too late: an "access_log" above has the module's format of that name; declare it before, or give it another name
--- line: 2



=== TEST 5: other formats are as they were
--- conf
log_format a 'x'; access_log logs/access.log a; access_log off;
access_log logs/access.log b;
--- refused: unknown log format "b"
--- line: 2
