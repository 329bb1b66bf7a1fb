# The configuration: what is accepted, and that each mistake is refused with
# the file and line of the wrong directive and with what to write instead.
use Test::Nginx::Socket 'no_plan';

use File::Spec ();
use File::Temp ();
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/ConfigFile.pm" }
BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(OTHER));

repeat_each(1);
no_shuffle();
no_long_string();

$ENV{TEST_NGINX_HTML_DIR} ||= html_dir();

$ENV{CCP_TEST_KEY} = 'sk-from-environment';
$ENV{CCP_TEST_BAD_KEY} = "two words";
$ENV{CCP_TEST_EMPTY} = '';
delete @ENV{qw(GROQ_API_KEY OLLAMA_API_KEY XAI_API_KEY)};

umask 022;

our $html = File::Spec->rel2abs(html_dir());

# as editors leave it, with a line end

our $key_file = File::Temp->new;

print {$key_file} "from-file\n";
$key_file->flush;
chmod 0600, "$key_file";

add_block_preprocessor(sub {
    my ($block) = @_;
    ConfigFile::of($block, $block->conf, $block->refused, $block->line);
});

run_tests();

__DATA__

=== TEST 1: every form of a provider that is accepted
--- conf
ccproxy_provider a { preset groq; key env:CCP_TEST_KEY; key literal:two name=second weight=2; }
ccproxy_provider b {
    protocol         chat;
    url              https://llm.example.net:8443/v1/;
    key              bare-literal;
    header           X-Team $http_x_team;
    header           X-Fixed "two words";
    keepalive        4;
    connect_timeout  3s;
    read_timeout     5m;
    tls_verify       off;
}
ccproxy_provider c { protocol anthropic; url http://[::1]:8080/v1; keepalive 0; }
ccproxy_provider d { protocol chat; url http://unix:/tmp/llm.sock:/v1; }
ccproxy_provider e { protocol ollama; url http://127.0.0.1:11434; }
upstream one { ccproxy; ccproxy_target a; }
upstream two {
    ccproxy rotate;
    ccproxy_target late model-x weight=3 max_tokens=4096 context=131072;
    ccproxy_target b model-y;
    ccproxy_target c;
    ccproxy_target d;
    ccproxy_target e;
}
upstream local { ccproxy; ccproxy_target ollama qwen3:8b; }
upstream plain { server 127.0.0.1:9 weight=2; server 127.0.0.1:10 backup; }
ccproxy_provider late { protocol chat; url http://127.0.0.1:9/v1; }
server {
    listen 127.0.0.1:$TEST_NGINX_OTHER_PORT;
    location / {
        ccproxy on;
        ccproxy_route *haiku* one;
        ccproxy_route * two if=$http_x_two;
        ccproxy_route * local;
        proxy_pass http://$ccproxy_pool;
    }
}



=== TEST 2: an unknown provider, named before any is declared
--- conf
upstream p {
    ccproxy;
    ccproxy_target nobody;
}
ccproxy_provider somebody { protocol chat; url http://127.0.0.1:9/v1; }
--- refused: unknown provider "nobody": declare it with "ccproxy_provider nobody
--- line: 3



=== TEST 3: a bare preset without its key
--- conf
upstream p { ccproxy;

    ccproxy_target groq m; }
--- refused: no key for "groq": set GROQ_API_KEY in nginx's environment
--- line: 3



=== TEST 4: a preset whose address is the customer's own
--- conf
ccproxy_provider az {
    preset azure;
}
--- refused: add a "url" statement
--- line: 3



=== TEST 5: an unknown preset: the list of those there are
--- conf
ccproxy_provider x {
    preset grog;
}
--- refused: unknown preset "grog"; there are openai,
--- line: 2



=== TEST 6: an unknown protocol
--- conf
ccproxy_provider x {

    protocol soap;
}
--- refused: unknown protocol "soap"; there are anthropic, chat, responses, gemini and ollama
--- line: 3



=== TEST 7: a preset in a protocol that it doesn't speak
--- conf
ccproxy_provider x { preset cerebras;
    protocol responses; }
--- refused: preset "cerebras" doesn't speak responses; remove "protocol", or write "protocol responses;" and "url URL;" without "preset"
--- line: 2



=== TEST 8: neither preset nor protocol
--- conf
ccproxy_provider x {
    url http://127.0.0.1/v1;
}
--- refused: provider "x" needs "preset NAME;", or "protocol NAME;" and "url URL;"
--- line: 3



=== TEST 9: a protocol without an address
--- conf
ccproxy_provider x { protocol chat; }
--- refused: provider "x" needs a "url" statement
--- line: 1



=== TEST 10: the same provider twice
--- conf
ccproxy_provider x { protocol chat; url http://127.0.0.1/v1; }
ccproxy_provider x { protocol chat; url http://127.0.0.1/v1; }
--- refused: provider "x" is declared already in
--- line: 2



=== TEST 11: an unknown statement
--- conf
ccproxy_provider x {
    protocol chat;
    model gpt;
}
--- refused: unknown statement "model" in "ccproxy_provider"; there are preset,
--- line: 3



=== TEST 12: a statement given twice
--- conf
ccproxy_provider x { protocol chat;
    url http://127.0.0.1/v1;
    url http://127.0.0.1/v2;
}
--- refused: "url" is given twice for provider "x"
--- line: 3



=== TEST 13: words too many
--- conf
ccproxy_provider x {
    url http://127.0.0.1/v1 here;
}
--- refused: wrong number of words in "url": write "url http[s]://HOST[:PORT][/PATH];"
--- line: 2



=== TEST 14: half a price
--- conf
ccproxy_provider x { preset groq;
    price a in=1;
}
--- refused: "price" needs both "in=" and "out=": write "price MODEL in=0.15 out=0.6;"
--- line: 2



=== TEST 15: an address with a password
--- conf
ccproxy_provider x { protocol chat;
    url http://user:sk-secret@127.0.0.1/v1;
}
--- refused: "url" must not hold a user and password
--- line: 2



=== TEST 16: an address with a query
--- conf
ccproxy_provider x { protocol chat;
    url http://127.0.0.1/v1?key=sk-secret;
}
--- refused: "url" must not hold a query
--- line: 2



=== TEST 17: an address without a scheme
--- conf
ccproxy_provider x { protocol chat;
    url 127.0.0.1:80/v1;
}
--- refused: "url" must begin with "https://" or "http://"
--- line: 2



=== TEST 18: a port that is none
--- conf
ccproxy_provider x { protocol chat;
    url http://127.0.0.1:99999/v1;
}
--- refused: "url" has no valid host or port
--- line: 2



=== TEST 19: TLS to a unix socket
--- conf
ccproxy_provider x { protocol chat;
    url https://unix:/tmp/s:/v1;
}
--- refused: "url" to a unix socket can't be "https://"
--- line: 2



=== TEST 20: a key that the environment lacks
--- conf
ccproxy_provider x { preset groq;
    key env:CCP_TEST_NO_SUCH_KEY;
}
--- refused: the environment has no "CCP_TEST_NO_SUCH_KEY": set it where nginx is started
--- line: 2



=== TEST 21: an empty variable is none
--- conf
ccproxy_provider x { preset groq;
    key env:CCP_TEST_EMPTY;
}
--- refused: the environment has no "CCP_TEST_EMPTY"
--- line: 2



=== TEST 22: a secret in place of the variable's name is not shown
--- conf
ccproxy_provider x { preset groq;
    key env:sk-secret;
}
--- refused: the environment has no "(name not shown)"
--- line: 2



=== TEST 23: a key that can't stand in a header
--- conf
ccproxy_provider x { preset groq;
    key env:CCP_TEST_BAD_KEY;
}
--- refused: the key from "CCP_TEST_BAD_KEY" holds blanks
--- line: 2



=== TEST 24: a key file that is not there
--- conf
ccproxy_provider x { preset groq;
    key file:/nonexistent/groq.key;
}
--- refused: can't read the key file "/nonexistent/groq.key"
--- line: 2



=== TEST 25: a key file that others can read
--- conf eval
"ccproxy_provider x { preset groq;
    key file:$main::html/open.key;
}
"
--- refused: is open to other users than its owner: run "chmod 600
--- line: 2



=== TEST 26: an empty key
--- conf
ccproxy_provider x { preset groq;
    key literal:;
}
--- refused: the key from "this line" is empty
--- line: 2



=== TEST 27: the weight of a key
--- conf
ccproxy_provider x { preset groq;
    key literal:abc weight=0;
}
--- refused: "key" needs a number from 1 to 10000 behind "weight="
--- line: 2



=== TEST 28: a second word of a secret is not shown
--- conf
ccproxy_provider x { preset groq;
    key literal:abc sk-def=;
}
--- refused: unknown parameter of "key" in word 3
--- line: 2



=== TEST 29: a header that is the module's own
--- conf
ccproxy_provider x { preset groq;
    header content-length 12;
}
--- refused: header "content-length" is written by the module
--- line: 2



=== TEST 30: a header with a colon
--- conf
ccproxy_provider x { preset groq;
    header X-A: b;
}
--- refused: "header" name may hold no blanks, colons
--- line: 2



=== TEST 31: idle connections, time, switch
--- conf
ccproxy_provider x { preset groq;
    keepalive many;
}
--- refused: "keepalive" needs a number from 0 to 65535
--- line: 2



=== TEST 32: a time that is none
--- conf
ccproxy_provider x { preset groq;
    read_timeout soon;
}
--- refused: "read_timeout" needs a time such as "10s"
--- line: 2



=== TEST 33: a switch that is neither on nor off
--- conf
ccproxy_provider x { preset groq;
    tls_verify maybe;
}
--- refused: "tls_verify" must be "on" or "off"
--- line: 2



=== TEST 34: certificates that are not there
--- conf
ccproxy_provider x { preset groq;
    tls_ca /nonexistent/ca.pem;
}
--- refused: can't read the certificates in "/nonexistent/ca.pem"
--- line: 2



=== TEST 35: a file without certificates
--- conf
ccproxy_provider x { preset groq; key literal:abc; tls_ca /etc/hostname; }
upstream p { ccproxy; ccproxy_target x; }
--- refused: "/etc/hostname" holds no usable certificates
--- line: 1



=== TEST 36: a server beside ccproxy
--- conf
upstream p {
    ccproxy;
    ccproxy_target ollama;
    server 127.0.0.1:80;
}
--- refused: "server" directive can't stand beside "ccproxy": write "ccproxy_target PROVIDER MODEL;"
--- line: 4



=== TEST 37: ccproxy beside a server
--- conf
upstream p {
    server 127.0.0.1:80;
    ccproxy;
}
--- refused: "ccproxy" can't stand beside "server"
--- line: 3



=== TEST 38: a pool without targets
--- conf
# nothing before it
upstream p { ccproxy; }
--- refused: upstream "p" has "ccproxy" but no target
--- line: 2



=== TEST 39: targets without ccproxy
--- conf
upstream p {
    ccproxy_target ollama;
}
--- refused: "ccproxy_target" needs "ccproxy;" in upstream "p"
--- line: 2



=== TEST 40: another balancer in a pool
--- conf
upstream p { ccproxy; ccproxy_target ollama; least_conn; }
--- refused: remove its "zone" and other balancing directives
--- line: 1



=== TEST 41: shared memory of nginx's own
--- conf
upstream p { zone z 64k; ccproxy; ccproxy_target ollama; }
--- refused: remove its "zone" and other balancing directives
--- line: 1



=== TEST 42: sticky by what never changes
--- conf
upstream p {
    ccproxy sticky session;
}
--- refused: "session" is the same for all requests: write "ccproxy sticky $ccproxy_session;"
--- line: 2



=== TEST 43: a way of balancing there is not
--- conf
upstream p {
    ccproxy on;
}
--- refused: invalid word "on" in "ccproxy" of an upstream
--- line: 2



=== TEST 44: a bound that lets nothing through
--- conf
upstream p { ccproxy;
    ccproxy_target ollama m backup max_inflight=0;
}
--- refused: "max_inflight=" needs a number from 1
--- line: 2



=== TEST 45: a target's way to call tools that is none
--- conf
upstream p { ccproxy;
    ccproxy_target ollama m tools=none;
}
--- refused: unknown way to call tools "none": write "native", "compat" or "auto"
--- line: 2



=== TEST 46: a weight that is none
--- conf
upstream p { ccproxy;
    ccproxy_target ollama m weight=1.5;
}
--- refused: invalid "weight=1.5": "weight=" needs a number from 1 to 10000
--- line: 2



=== TEST 47: a word too many
--- conf
upstream p { ccproxy;
    ccproxy_target ollama m n;
}
--- refused: unknown word "n": write "ccproxy_target PROVIDER [MODEL]
--- line: 2



=== TEST 48: a route to a pool that is not there
--- conf
upstream p { ccproxy; ccproxy_target ollama; }
server {
    listen 127.0.0.1:$TEST_NGINX_OTHER_PORT;
    ccproxy_route * q;
}
--- refused: no pool "q" for "ccproxy_route"
--- line: 4



=== TEST 49: a condition that is none
--- conf
upstream p { ccproxy; ccproxy_target ollama; }
ccproxy_route * p when=$a;
--- refused: invalid condition "when=$a"
--- line: 2



=== TEST 50: neither on nor off
--- conf
server { listen 127.0.0.1:$TEST_NGINX_OTHER_PORT;
    ccproxy maybe;
}
--- refused: invalid value "maybe" in "ccproxy" directive
--- line: 2



=== TEST 51: a key from a file that its owner alone can read
--- conf eval
"ccproxy_provider x { preset groq; key file:$main::key_file; }
upstream p { ccproxy; ccproxy_target x m; }
"



=== TEST 52: a source without its name is no secret
--- conf
ccproxy_provider x { preset groq;
    key env:;
}
--- refused: the environment has no ""
--- line: 2



=== TEST 53: nor is a file without a path
--- conf
ccproxy_provider x { preset groq;
    key file:;
}
--- refused: is no file
--- line: 2
