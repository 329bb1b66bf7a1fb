# Configurations that would do something else than they say: refused with file,
# line and what to write instead; and those beside them that are right.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/ConfigFile.pm" }

repeat_each(1);
no_shuffle();
no_long_string();

our $Pool = 'ccproxy_provider p { protocol chat; url http://127.0.0.1:9/v1; } '
    . 'upstream one { ccproxy; ccproxy_target p m; } upstream two { ccproxy; ccproxy_target p n; }';

add_block_preprocessor(sub {
    my ($block) = @_;
    my $conf = $block->conf // "$Pool\nserver { listen unix:/tmp/ccproxy-\$pid-test;\n" . $block->place . "}\n";

    $conf =~ s/\$pid/$$/;
    ConfigFile::of($block, $conf, $block->refused, $block->line);
});

run_tests();

__DATA__

=== TEST 1: a path behind a pool
--- place
location / { ccproxy on;
    proxy_pass http://one/v1; }
--- refused: a path in "proxy_pass" to a pool is not used: the provider's "url" has it; write "proxy_pass http://one;"
--- line: 4



=== TEST 2: a path behind the pool of routes
--- place
location / { ccproxy on; ccproxy_route * one;
    proxy_pass http://$ccproxy_pool/v1$request_uri; }
--- refused: write "proxy_pass http://$ccproxy_pool;"
--- line: 4



=== TEST 3: routes beside a fixed pool
--- place
location / {
    ccproxy on;
    ccproxy_route *haiku* two;
    proxy_pass http://one;
}
--- refused: "ccproxy_route" has no effect beside "proxy_pass http://one"
--- line: 5



=== TEST 4: the pool of routes without routes
--- place
location / {
    ccproxy on;
    proxy_pass http://${ccproxy_pool};
}
--- refused: "$ccproxy_pool" is empty without routes: add "ccproxy_route * POOL;"
--- line: 5



=== TEST 5: ccproxy without proxy_pass
--- place
location / {
    ccproxy on;
}
--- refused: "ccproxy on" needs "proxy_pass http://POOL;" beside it
--- line: 4



=== TEST 6: ccproxy with another handler
--- place
location / {
    ccproxy on;
    stub_status;
}
--- refused: "ccproxy on" stands in a location with another handler than "proxy_pass"
--- line: 4



=== TEST 7: what is right beside these
--- place
ccproxy_route * one;
location / { ccproxy on; proxy_pass http://$ccproxy_pool; }
location /fixed { ccproxy on; proxy_pass http://two/; }
location /outer { ccproxy on; location /outer/inner { proxy_pass http://one; } }
location /if { ccproxy on; if ($arg_x) { proxy_pass http://one; } proxy_pass http://two; }
location /try { ccproxy on; try_files /nothing @named; }
location @named { ccproxy on; proxy_pass http://one; }
location /return { ccproxy on; return 410; }
location /address { ccproxy on; proxy_pass http://127.0.0.1:9/v1; }
location /off { proxy_pass http://127.0.0.1:9/v1; }



=== TEST 8: levels above need none
--- place
ccproxy on;
location / { proxy_pass http://one; }
location /status { stub_status; }



=== TEST 9: a route that none gets to
--- place
ccproxy_route fast one;
ccproxy_route * one;
ccproxy_route slow two;
--- refused: no request gets to this route, because "*" in
--- line: 5



=== TEST 10: … in its group
--- place
ccproxy_route * one group=a;
ccproxy_route ** two group=b;
ccproxy_route x two group=b;
--- refused: because "**" in
--- line: 5



=== TEST 11: groups and conditions leave some over
--- place
ccproxy_route * one group=a;
ccproxy_route * two if=$arg_x;
ccproxy_route x two group=b;
ccproxy_route * two;



=== TEST 12: a balancing directive before ccproxy
--- conf
ccproxy_provider p { protocol chat; url http://127.0.0.1:9/v1; }
upstream one {
    least_conn;
    ccproxy;
    ccproxy_target p m;
}
--- refused: another balancing directive stands before it in upstream "one"
--- line: 4



=== TEST 13: a provider's name with a comma
--- conf
ccproxy_provider a,b {
    protocol chat; url http://127.0.0.1:9/v1; }
--- refused: "ccproxy_provider" directive needs a name without a comma
--- line: 1



=== TEST 14: two keys of one name
--- conf
ccproxy_provider p { protocol chat; url http://127.0.0.1:9/v1;
    key secret-1 name=k;
    key secret-2 name=k; }
--- refused: provider "p" has two keys of the name "k": give this one another
--- line: 3



=== TEST 15: an endpoint as the API root
--- conf
ccproxy_provider p {
    protocol chat;
    url http://127.0.0.1:9/v1/chat/completions;
}
--- refused: "url" of provider "p" ends with an endpoint's path
--- line: 3



=== TEST 16: one of another version
--- conf
ccproxy_provider p { protocol anthropic;
    url http://127.0.0.1:9/api/v9/messages/; }
--- refused: "url" of provider "p" ends with an endpoint's path
--- line: 2



=== TEST 17: half of one
--- conf
ccproxy_provider p { protocol ollama;
    url http://127.0.0.1:9/api; }
--- refused: write the API root alone
--- line: 2



=== TEST 18: no version
--- conf
ccproxy_provider p { preset openai; key secret-1;
    url https://llm.example.net; }
--- refused: "url" of provider "p" ends before the version of the API
--- line: 2



=== TEST 19: a version where there is none
--- conf
ccproxy_provider p { protocol ollama;
    url http://127.0.0.1:11434/v1; }
--- refused: ends with a version, which this protocol has not
--- line: 2



=== TEST 20: roots that are right
--- conf
ccproxy_provider a { protocol chat; url https://llm.example.net/; }
ccproxy_provider b { protocol chat; url https://llm.example.net/openai; }
ccproxy_provider c { protocol gemini; url https://llm.example.net/v1beta; }
ccproxy_provider d { protocol ollama; url https://llm.example.net/ollama; }
ccproxy_provider e { preset azure-deployments; url https://llm.example.net/openai; }
ccproxy_provider f { preset perplexity; url https://llm.example.net; }



=== TEST 21: half of a client certificate
--- conf
ccproxy_provider p { protocol chat; url http://127.0.0.1:9/v1;
    tls_certificate /etc/hostname;
}
--- refused: provider "p" needs both "tls_certificate" and "tls_certificate_key"
--- line: 2



=== TEST 22: braces where a variable was meant
--- conf
ccproxy_provider p { protocol chat; url http://127.0.0.1:9/v1;
    header X-Request "a-{uuid}"; }
--- refused: "{uuid}" in a header would be sent as it stands: write a variable, $ccproxy_uuid
--- line: 2



=== TEST 23: … of a conversation
--- conf
ccproxy_provider p { protocol chat; url http://127.0.0.1:9/v1;
    header X-Request "{CONV_ID}"; }
--- refused: write a variable, $ccproxy_session
--- line: 2



=== TEST 24: braces that are no word
--- conf
ccproxy_provider p { protocol chat; url http://127.0.0.1:9/v1;
    header X-A '{"team":"a"}'; header X-B "{}${remote_addr}{1}"; }



=== TEST 25: a zone of the module's own
--- conf
map a $b { default 1; }
ccproxy_zone ccproxy_counters:1m;
--- refused: names that begin with "ccproxy_" are of the module's own zones
--- line: 2



=== TEST 26: a limit by what is not known yet
--- conf
limit_req_zone $remote_addr zone=a:1m rate=1r/s;
limit_req_zone "$remote_addr${ccproxy_model}" zone=b:1m rate=1r/s;
--- refused: "$ccproxy_model" is not known before the request's body: "limit_req_zone" may use $ccproxy_client
--- line: 2



=== TEST 27: … of connections
--- conf
limit_conn_zone $ccproxy_pool zone=a:1m;
--- refused: "$ccproxy_pool" is not known before the request's body: "limit_conn_zone" may use $ccproxy_client
--- line: 1



=== TEST 28: a limit by what is
--- conf
limit_req_zone $ccproxy_client$ccproxy_group zone=a:1m rate=1r/s;
limit_conn_zone ${ccproxy_protocol}$remote_addr zone=b:1m;
server { listen unix:/tmp/ccproxy-$pid-test; limit_req zone=a burst=3 nodelay; limit_conn b 7; }



=== TEST 29: a transcript whose name is none
--- conf
ccproxy_transcript
    logs/$host.jsonl;
--- refused: invalid file "logs/$host.jsonl" in "ccproxy_transcript": write a path without variables, or "off"
--- line: 2



=== TEST 30: a parameter that it has not
--- conf
ccproxy_transcript logs/t.jsonl max=1k;
--- refused: invalid parameter "max=1k" in "ccproxy_transcript": write "if=$VARIABLE", "format=full", "format=meta" or "max=1m", of 4k at least
--- line: 1



=== TEST 31: an expression that can't be read
--- conf
ccproxy_redact ok
    '(';
--- refused: invalid expression "(" in "ccproxy_redact": missing closing parenthesis
--- line: 2



=== TEST 32: … that matches everywhere
--- conf
ccproxy_redact 'a*';
--- refused: invalid expression "a*" in "ccproxy_redact": it matches the empty text
--- line: 1



=== TEST 33: a parameter that the status has not
--- conf
server { location = /status {
    ccproxy_status edit; } }
--- refused: invalid parameter "edit" in "ccproxy_status": write "admin", "try", or nothing
--- line: 2



=== TEST 34: a memory of prefixes that holds nothing
--- conf
ccproxy_prefix_cache
    12k;
--- refused: invalid size "12k" in "ccproxy_prefix_cache": write a size of 1m or more, as in "ccproxy_prefix_cache 16m", or "off"
--- line: 2



=== TEST 35: … that is set twice
--- conf
ccproxy_prefix_cache off;
ccproxy_prefix_cache 16m;
--- refused: "ccproxy_prefix_cache" directive is duplicate
--- line: 2
