# Keys of clients: where their secrets come from, what they are good for, until
# when, and what is refused.
use Test::Nginx::Socket 'no_plan';
use File::Spec ();
use File::Temp ();
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/ConfigFile.pm" }
BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

$ENV{CCP_TEST_ALICE} = 'alices-long-secret';

umask 022;

our $html = File::Spec->rel2abs(html_dir());
our $Secret = File::Temp->new;

print {$Secret} "bobs-long-secret\n";
$Secret->flush;
chmod 0600, "$Secret";

our $Http = <<'END';
    map $request_body $asked { default none; "~\"model\":\"(?<m>[^\"]*)\"" $m; }
    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        location / {
            default_type application/json;
            echo_read_request_body;
            echo '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"model=$asked;"},"finish_reason":"stop"}]}';
        }
    }

    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; }
    ccproxy_provider c { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; }
    upstream pa { ccproxy; ccproxy_target a cheap; }
    upstream pb { ccproxy; ccproxy_target b gold; }
    upstream pc { ccproxy; ccproxy_target c odd; }
END

our $Config = <<"END";
    location / {
        ccproxy on;
        ccproxy_direct on;
        ccproxy_access_key alice env:CCP_TEST_ALICE models=gpt-*,Claude-?;
        ccproxy_access_key bob file:$Secret pools=pb,pc;
        ccproxy_access_key cara sha256:42c5e2ad18c29fd1b095ca7e87a8a1441781de834a2cfbda66d017154ed13938;
        ccproxy_access_key dan literal:env:CCP_TEST_ALICE expires=2099-12-31;
        ccproxy_access_key eve eves-long-secret expires=2020-01-01;
        ccproxy_access_key eve eves-next-secret expires=2020-02-29T23:59:59Z;
        ccproxy_route gold pb group=rich;
        ccproxy_route gold pb;
        ccproxy_route odd pc;
        ccproxy_route * pa;
        add_header X-Client \$ccproxy_client always;
        proxy_pass http://\$ccproxy_pool;
    }
    location /file/ {
        ccproxy on;
        ccproxy_access $html/access;
        add_header X-Client \$ccproxy_client always;
        proxy_pass http://pa;
    }
    location /empty/ {
        ccproxy on;
        ccproxy_access $html/nobody;
        proxy_pass http://pa;
    }
END

# a request for that model with that key
sub chat {
    my ($model, $path) = @_;
    return 'POST ' . ($path // '') . "/v1/chat/completions\n"
        . '{"model":"' . $model . '","messages":[{"role":"user","content":"hi"}]}';
}

add_block_preprocessor(sub {
    my ($block) = @_;

    ConfigFile::of($block, $block->conf, $block->refused, $block->line);
    return if defined $block->conf || defined $block->must_die;

    $block->set_value('http_config', $Http);
    $block->set_value('config', $Config);
    $block->set_value('user_files', [
        ['access', "# who\n\nalice  alices-file-secret   # models=no\n"
            . "\tbob\tsha256:42c5e2ad18c29fd1b095ca7e87a8a1441781de834a2cfbda66d017154ed13938 pools=pa\r\n"],
        ['nobody', "# none yet\n"],
    ]);
    $block->set_value('no_error_log', ['[alert]', '-secret']);
});

run_tests();

__DATA__

=== TEST 1: of the environment; its name is no secret
--- pipelined_requests eval: [(main::chat('gpt-5')) x 2]
--- more_headers eval
["Authorization: Bearer alices-long-secret", "x-api-key: env:CCP_TEST_ALICE_"]
--- error_code eval: [200, 401]
--- response_headers eval
['X-Client: alice', 'X-Client: ']



=== TEST 2: of a file; a digest; what looks like a source but is none
--- pipelined_requests eval: [main::chat('gold'), main::chat('m'), main::chat('m')]
--- more_headers eval
["Authorization: Bearer bobs-long-secret", "x-api-key: caras-long-secret", "x-goog-api-key: env:CCP_TEST_ALICE"]
--- error_code eval: [200, 200, 200]
--- response_headers eval
['X-Client: bob', 'X-Client: cara', 'X-Client: dan']



=== TEST 3: the digest is no key
--- request eval: main::chat('m')
--- more_headers
x-api-key: 42c5e2ad18c29fd1b095ca7e87a8a1441781de834a2cfbda66d017154ed13938
--- error_code: 401



=== TEST 4: a key that has expired
--- pipelined_requests eval: [(main::chat('m')) x 2]
--- more_headers eval
["x-api-key: eves-long-secret", "x-api-key: eves-next-secret"]
--- error_code eval: [401, 401]
--- response_body_like eval
[(qr/"message":"the access key has expired"/) x 2]



=== TEST 5: models= is for every model that is asked for
--- pipelined_requests eval
[main::chat('GPT-5'), main::chat('claude-5'), main::chat('claude-55'), main::chat('gold'), main::chat('rich@gold'),
 main::chat('a,gpt-5'), main::chat('a,other'), main::chat(''),
 "POST /v1beta/models/gold:generateContent\n{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]}",
 "POST /v1/messages/count_tokens\n" . '{"model":"gold","messages":[{"role":"user","content":"hi"}]}']
--- more_headers
x-api-key: alices-long-secret
--- error_code eval: [200, 200, 403, 403, 403, 200, 403, 400, 403, 403]
--- response_body_like eval
[qr/model=cheap;/, qr/model=cheap;/, qr/the model \\"claude-55\\" is not open to this access key/,
 qr/not open/, qr/not open/, qr/model=gpt-5;/, qr/not open/, qr/./, qr/PERMISSION_DENIED/, qr/permission_error/]



=== TEST 6: pools= is for every way to a pool
--- pipelined_requests eval
[main::chat('gold'), main::chat('odd'), main::chat('other'), main::chat('a,x'), main::chat('b,x'),
 main::chat('nobody@x')]
--- more_headers
x-api-key: bobs-long-secret
--- error_code eval: [200, 200, 403, 404, 200, 404]
--- response_body_like eval
[qr/model=gold;/, qr/model=odd;/, qr/what serves the model \\"other\\" is not open to this access key/,
 qr/there is no provider \\"a\\" here; there are b, c"/, qr/model=x;/, qr/there are rich"/]



=== TEST 7: a file of keys
--- pipelined_requests eval: [(main::chat('m', '/file')) x 3]
--- more_headers eval
["x-api-key: alices-file-secret", "x-api-key: caras-long-secret", "x-api-key: alices-long-secret"]
--- error_code eval: [200, 200, 401]
--- response_headers eval
['X-Client: alice', 'X-Client: bob', 'X-Client: ']



=== TEST 8: a file without a key lets nobody in
--- request eval: main::chat('m', '/empty')
--- error_code: 401



=== TEST 9: a variable that is not set
--- conf
ccproxy_access_key alice
    env:CCP_TEST_NO_SUCH;
--- refused: the environment has no "CCP_TEST_NO_SUCH"
--- line: 2



=== TEST 10: too short
--- conf
ccproxy_access_key a 1234567;
--- refused: "ccproxy_access_key" directive has a secret of less than 8 characters
--- line: 1



=== TEST 11: a variable of nginx
--- conf
ccproxy_access_key a $http_x_key;
--- refused: the access key of this line does not look like one: write "env:NAME", or "literal:" before it
--- line: 1



=== TEST 12: a source in capitals
--- conf
ccproxy_access_key a ENV:SOMETHING;
--- refused: write "env:NAME", or "literal:" before it
--- line: 1



=== TEST 13: a path, and of providers too
--- conf
ccproxy_provider x { preset groq;
    key /etc/groq.key; }
--- refused: the key of this line does not look like one: write "file:PATH", or "literal:" before it
--- line: 2



=== TEST 14: literal: takes them all
--- conf
ccproxy_provider x { preset groq; key literal:$x; key literal:/y; key "literal:${Z}"; }
ccproxy_access_key a literal:/etc/passwd;



=== TEST 15: a digest that is none
--- conf
ccproxy_access_key a sha256:abcd;
--- refused: needs 64 hexadecimal digits behind "sha256:"
--- line: 1



=== TEST 16: a month that is none
--- conf
ccproxy_access_key a long-enough-secret expires=2027-13-01;
--- refused: needs a day or a moment of UTC behind "expires="
--- line: 1



=== TEST 17: a pool that is none
--- conf
ccproxy_zone z:1m;
ccproxy_access_key a long-enough-secret pools=nowhere;
--- refused: no pool "nowhere" for the access key "a"
--- line: 2



=== TEST 18: the same secret twice, by its digest
--- conf
ccproxy_access_key a caras-long-secret;
ccproxy_access_key c other-long-secret;
ccproxy_access_key b sha256:42c5e2ad18c29fd1b095ca7e87a8a1441781de834a2cfbda66d017154ed13938;
--- refused: the access keys "a" and "b" have the same secret
--- line: 3



=== TEST 19: a secret with a blank is not shown
--- conf
ccproxy_access_key a long-enough sk-rest;
--- refused: has a word that it does not know behind the secret
--- line: 1



=== TEST 20: off beside keys
--- conf
ccproxy_access_key a long-enough-secret;
ccproxy_access_key off;
--- refused: "ccproxy_access_key off" can't stand beside access keys
--- line: 2



=== TEST 21: a file that is not there
--- conf
ccproxy_access /nonexistent/access;
--- refused: can't read the access file "/nonexistent/access"
--- line: 1



=== TEST 22: a wrong line of a file is told of by file and line
--- http_config eval: "ccproxy_access $main::html/bad;"
--- config
    location / { return 204; }
--- user_files
>>> bad
alice alices-long-secret

bob short
--- must_die
--- error_log eval
qr{an access file's line has a secret of less than 8 characters.* in \S+/html/bad:3$}m
--- no_error_log
alices-long
