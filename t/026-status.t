# The status page: what it tells of each pair, as JSON and for a browser.
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

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('http_config', <<'CONF' . ($block->http_config || ''));
    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        default_type application/json;
        location / {
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}';
        }
        location /wait/ { add_header Retry-After 30 always; return 429 '{"error":{"message":"wait a while"}}'; }
        location /s401/ { return 401 '{"error":{"message":"wrong key"}}'; }
    }
CONF

    $block->set_value('config', <<'CONF') if !defined $block->config;
    location / { ccproxy on; ccproxy_direct on; proxy_pass http://p; }
    location = /status { ccproxy_status; }
CONF
});

run_tests();

__DATA__

=== TEST 1: each pair: served, failed, cooling and why
--- http_config
    ccproxy_provider busy { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/wait; key literal:secret1 name=busy-key; }
    ccproxy_provider any { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/wait; key literal:secret2; }
    ccproxy_provider wrong { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/s401; key literal:secret3; }
    ccproxy_provider good { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:secret4 weight=2; key literal:secret5; }
    upstream p { ccproxy; ccproxy_target busy m weight=100; ccproxy_target any weight=90; ccproxy_target wrong m weight=80; ccproxy_target good m; ccproxy_target good n backup max_inflight=3; }
--- request eval
[($main::ask) x 4, "GET /status"]
--- response_body_like eval
[(qr/"text":"hi"/) x 4, qr/^(?!.*secret)\{"status":"ok",.*,"requests_served":4,"providers":\[.*\],"pools":\[\{"name":"p","balancing":"rotate","pairs":\[\{"provider":"busy","model":"m","key":"busy-key","weight":100,"inflight":0,"served":0,"failed":1,"state":"cooling","cooling_seconds":(?:30|2\d),"why":"rate_limit"\},\{"provider":"any","key":"any-1","weight":90,"inflight":0,"served":0,"failed":1,"state":"ready","cooling_seconds":(?:30|2\d),"why":"rate_limit","cooling_some_models":true\},\{"provider":"wrong","model":"m","key":"wrong-1","weight":80,"inflight":0,"served":0,"failed":1,"state":"cooling","cooling_seconds":(?:300|29\d),"why":"key_refused"\},\{"provider":"good","model":"m","key":"good-1","weight":2,"inflight":0,"served":[23],"failed":0,"state":"ready"\},\{"provider":"good","model":"m","key":"good-2","weight":1,"inflight":0,"served":[12],"failed":0,"state":"ready"\},\{"provider":"good","model":"n","key":"good-1","weight":2,"backup":true,"inflight":0,"target_inflight":0,"max_inflight":3,"served":0,/]
--- error_code eval
[(200) x 5]



=== TEST 2: for a browser
--- http_config
    ccproxy_provider busy { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/wait; key literal:secret1 "name=<b>&'"; }
    ccproxy_provider good { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:secret4; }
    upstream p { ccproxy least_inflight; ccproxy_target busy "<i>" weight=9; ccproxy_target good; }
--- more_headers eval
["", "Accept: text/html,application/xhtml+xml,*/*;q=0.8\n"]
--- request eval
[$main::ask, "GET /status"]
--- response_headers eval
["Content-Type: application/json", "Content-Type: text/html; charset=utf-8"]
--- response_body_like eval
[qr/"text":"hi"/, qr/^(?!.*secret)<!DOCTYPE html>.*version \S+, nginx \S+, up \d+ s, 1 requests served.*<tr><td>p<td>busy<td>&lt;i&gt;<td>&lt;b&gt;&amp;&#39;<td>9<td>0<td>0<td>1<td>cooling, rate_limit for (?:30|2\d) s\n<tr><td>p<td>good<td><td>good-1<td>1<td>0<td>1<td>0<td>ready\n/s]



=== TEST 3: who names JSON first, or nothing, gets that; HEAD; no POST
--- http_config
    ccproxy_provider good { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; }
    upstream p { ccproxy; ccproxy_target good; }
--- more_headers eval
["Accept: application/json, text/html\n", "Accept: */*\n", "", "Accept: text/html\n"]
--- request eval
["GET /status", "GET /status", "HEAD /status", "DELETE /status"]
--- error_code eval
[200, 200, 200, 405]
--- response_headers eval
["Content-Type: application/json", "Content-Type: application/json", "Content-Type: application/json", "Content-Type: text/html"]
--- response_body_like eval
[qr/"pairs":\[\{"provider":"good","weight":1,"inflight":0,"served":0,"failed":0,"state":"ready"\}\]/, qr/^\{/, qr/^$/, qr/405/]



=== TEST 4: more pairs than are listed
--- http_config eval
"ccproxy_zone big:4m;
ccproxy_provider a { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/v1; " . join(' ', map { "key literal:k$_;" } 1 .. 1010) . " }
upstream p { ccproxy; ccproxy_target a; }"
--- request
GET /status
--- response_body_like: "key":"a-1000","weight":1,"inflight":0,"served":0,"failed":0,"state":"ready"\}\],"usable":true\}\],"pairs_not_listed":10,"now":\d+,"hour":\{.*\}$



=== TEST 5: without a pool
--- config
    location = /status { ccproxy_status; }
--- request
GET /status
--- response_body_like: "pools":\[\],"now":\d+,"hour":\{.*\}$



=== TEST 6: a provider that requests name
--- http_config
    ccproxy_provider good { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:secret4; }
    upstream p { ccproxy; ccproxy_target good m; }
--- request eval
["GET /status", $main::ask =~ s/claude-x/good,other/r, "GET /status"]
--- response_body_like eval
[qr/"pools":\[\{"name":"p",[^{}]*\{[^{}]*\}\],"usable":true\}\]/, qr/"text":"hi"/, qr/"name":"p",.*"served":0,.*\{"name":"provider good","balancing":"rotate","pairs":\[\{"provider":"good","key":"good-1","weight":1,"inflight":0,"served":1,/]
