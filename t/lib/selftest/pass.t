# Every section used as it should be: all tests pass, as many as are planned,
# here and under CPAN's Test::Nginx::Socket.
use Test::Nginx::Socket;

repeat_each(2);

$ENV{TEST_NGINX_HTML_DIR} ||= html_dir();
$ENV{TEST_NGINX_WORD} = 'expanded';
$ENV{SELFTEST_GREETING} = 'good day';

env_to_nginx('SELFTEST_GREETING');
workers(1);
worker_connections(128);
log_level('debug');
timeout(5);
no_long_string();

add_block_preprocessor(sub {
    my $block = shift;

    if (defined $block->greeting) {
        $block->set_value('config', 'location = /g { return 200 "'
            . $block->greeting . '"; }');
        $block->set_value('request', 'GET /g');
    }
});

my $bodies = 0;

add_response_body_check(sub { $bodies++ });

sub shout { uc $_[0] }

# tests of a block beyond its status code and its body
my $extra = 39;

plan tests => repeat_each() * (blocks() * 2 + $extra) + 1;

run_tests();

ok($bodies > blocks(), 'the response body check has run');

__DATA__

=== TEST 1: the root location
--- config
--- request
GET /
--- response_body_like: It works!
--- response_headers
Content-Type: text/html



=== TEST 2: return, header present, header absent, any case
--- config
    location = /t {
        add_header X-Two one;
        add_header X-Two two;
        return 200 "hello\n";
    }
--- request
GET /t
--- response_body
hello
--- response_headers
Content-Type: text/plain
content-length: 6
X-Two: one, two
!X-Three
--- no_error_log
[error]
[alert]



=== TEST 3: a body, with and without the default white space at its end
--- config
    location = /t {
        echo_read_request_body;
        echo_request_body;
    }
--- request
POST /t
  {"a": 1}  
--- response_body chomp
{"a": 1}



=== TEST 4: the header lines that are sent
--- config
    location = /t {
        echo -n $echo_client_request_headers;
    }
--- more_headers
X-One: 1
# a comment
X-Two:2
--- request
POST /t
abc
--- response_body eval
"POST /t HTTP/1.1\r
Host: localhost\r
Connection: close\r
X-One: 1\r
X-Two: 2\r
Content-Length: 3\r
\r
"



=== TEST 5: Host and Connection given, HTTP/1.0
--- config
    location = /t {
        echo -n $echo_client_request_headers;
    }
--- more_headers
Host: example.net
Connection: Close
--- request
GET /t HTTP/1.0
--- response_body eval
"GET /t HTTP/1.0\r\nHost: example.net\r\nConnection: Close\r\n\r\n"



=== TEST 6: a chunked request body, a chunked response
--- config
    location = /t {
        echo_read_request_body;
        echo_request_body;
        echo_flush;
        echo more;
    }
--- more_headers
Transfer-Encoding: chunked
--- request eval
"POST /t
3\r
abc\r
0\r
\r
"
--- response_body eval
"abcmore\n"
--- raw_response_headers_like chomp
^HTTP/1\.1 200 OK\r\n.*Transfer-Encoding: chunked\r\n
--- raw_response_headers_unlike: Content-Length



=== TEST 7: status codes
--- config
    location = /t { return 418 "teapot"; }
--- request
GET /t
--- error_code: 418
--- response_body chomp
teapot



=== TEST 8: a pattern of status codes, an inline body pattern
--- config
--- request
GET /nothing-here
--- error_code_like: ^4\d\d$
--- response_body_like: 404 Not Found
--- error_log eval
[qr/open\(\) ".*nothing-here" failed \(\d+: No such file/, "[error]"]
--- no_error_log eval
qr/\[(crit|alert|emerg)\]/



=== TEST 9: not like
--- config
    location = /t { return 200 "white"; }
--- request
GET /t
--- response_body_unlike: black|red



=== TEST 10: header patterns
--- config
    location = /t {
        add_header X-A abc123;
        add_header X-B ccc;
        return 200 "";
    }
--- request
GET /t
--- response_headers_like
X-A: [a-z]+\d+
X-B: c+
--- response_body chomp



=== TEST 11: HEAD
--- config
    location = /t { return 200 "0123456789"; }
--- request
HEAD /t
--- response_headers
Content-Length: 10
--- response_body chomp



=== TEST 12: a short request line, comments ahead of it
--- config
    location = / { echo "$request_method $uri $server_protocol"; }
--- request
   # comment

GET
--- response_body
GET / HTTP/1.1



=== TEST 13: requests over connections of their own, each with expectations
--- config
    location = /a { add_header X-N 1; return 200 "a\n"; }
    location = /b { add_header X-N 2 always; return 403 "b\n"; }
--- request eval
["GET /a", "GET /b"]
--- more_headers eval
["X-Q: 1", "X-Q: 2"]
--- error_code eval
[200, 403]
--- response_headers eval
["X-N: 1", "!X-M\nX-N: 2"]
--- response_body eval
["a\n", qr/^b$/]



=== TEST 14: pipelined requests
--- config
    location = /a { echo "a $http_connection $http_x_q"; }
    location = /b { return 200 "b\n"; }
--- pipelined_requests eval
["GET /a", "GET /b", "GET /a"]
--- more_headers
X-Q: q
--- response_body eval
["a keep-alive q\n", "b\n", "a close q\n"]
--- error_code eval
[200, 200, 200]



=== TEST 15: pieces of requests, with pauses
--- config
    location = /t {
        echo_read_request_body;
        echo_request_body;
    }
--- request eval
[["POST", " /t\nfi", {value => "rst", delay_before => 0.05},
  {value => " part", delay_before => 0.02}, "s"]]
--- response_body chomp
first parts



=== TEST 16: a raw request in pieces
--- config
    location = /t { echo $http_x_raw; }
--- raw_request eval
["GET /t HT", "TP/1.1\r\nHost: a\r\nX-R", "aw: yes\r\nConnection: close\r\n\r\n"]
--- raw_request_middle_delay: 0.02
--- response_body
yes



=== TEST 17: an explicit Content-Length keeps the body as it is
--- config
    location = /t {
        echo_read_request_body;
        echo_request_body;
    }
--- more_headers
Content-Length: 4
--- request eval
"POST /t\n ab "
--- response_body eval
" ab "



=== TEST 18: all kinds of configuration
--- main_config
    env SELFTEST_UNUSED;
--- http_config
    upstream backend { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; }
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / { return 200 "second $TEST_NGINX_WORD $server_port"; }
    }
--- post_main_config
    # nothing
--- config
    location = /t { proxy_pass http://backend/u; }
    location = /u { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
    location = /f { alias $TEST_NGINX_HTML_DIR/index.html; }
--- request
GET /t
--- response_body_like: ^second expanded \d+$



=== TEST 19: the files of the user
--- config
    location = /t {
        default_type text/x-test;
        alias $TEST_NGINX_HTML_DIR/dir/a.txt;
    }
--- user_files
>>> b.txt
not this
>>> dir/a.txt 201801021530.45
$TEST_NGINX_WORD
  second
--- request
GET /t
--- response_headers
Last-Modified: Tue, 02 Jan 2018 15:30:45 GMT
Content-Type: text/x-test
--- response_body
expanded
  second



=== TEST 20: files of the user, from code
--- config
--- user_files eval
[["x.txt", "x" x 3000]]
--- request
GET /x.txt
--- response_body eval
"x" x 3000



=== TEST 21: a scripted upstream, its query
--- config
    location = /t {
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/q;
        proxy_set_header Host up;
    }
--- request
GET /t
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query eval
"GET /q HTTP/1.0\r\nHost: up\r\nConnection: close\r\n\r\n"
--- tcp_query_len: 48
--- tcp_reply eval
["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "he", "llo"]
--- response_body chomp
hello



=== TEST 22: a scripted upstream whose reply is code
--- config
    location = /t {
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    }
--- request
POST /t
0123456789
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply_delay: 50ms
--- tcp_reply eval
sub {
    my ($query) = @_;

    my ($host) = $query =~ /^Host: 127.0.0.1:(\d+)/m;

    return "HTTP/1.1 200 OK\r\n\r\n" . length($host) . substr $query, -10;
}
--- response_body_like: ^[45]0123456789$



=== TEST 23: an upstream that says nothing
--- config
    location = /t {
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    }
--- request
GET /t
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_shutdown: 2
--- error_code: 502
--- response_body_like: 502 Bad Gateway
--- error_log
prematurely closed connection while reading response header



=== TEST 24: an upstream that dies in the middle, a client that waits no longer
--- config
    location = /t {
        proxy_buffering off;
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    }
--- request
GET /t HTTP/1.0
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_no_close
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin"
--- timeout: 200ms
--- abort
--- response_body chomp
begin
--- wait: 0.1
--- error_log
client prematurely closed connection



=== TEST 25: a response that is not looked at
--- config
    location = /t { return 444; }
--- request
GET /t
--- ignore_response
--- no_error_log
[error]
[crit]



=== TEST 26: lines out of error.log
--- config
--- request
GET /no-file
--- error_code: 404
--- response_body_like: Not Found
--- grep_error_log eval: qr/open\(\) "[^"]*" failed/
--- grep_error_log_out eval
qr{^open\(\) "/.*/no-file" failed\n$}



=== TEST 27: expectations by repetition
--- config
--- request
GET /no-file
--- error_code: 404
--- response_body_like: Not Found
--- grep_error_log eval
["GET /no-file HTTP/1.1", "No such file or directory"]
--- grep_error_log_out eval
[qr/^GET \/no-file HTTP\/1.1\n/, "No such file or directory\n"]



=== TEST 28: access.log
--- config
    location = /t { return 204; }
--- request
GET /t?in-the-log
--- error_code: 204
--- response_body chomp
--- access_log
GET /t?in-the-log
204
--- no_access_log eval
[qr/POST/, "/u"]



=== TEST 29: a configuration that is refused
--- config
    location = /t { no_such_directive on; }
--- must_die
--- error_log
unknown directive "no_such_directive"



=== TEST 30: refused, with its exit code
--- config
    location = /t { return; }
--- must_die: 1
--- no_error_log
unknown directive



=== TEST 31: filters, inline values, code
--- config eval
"location = /t { return 200 " . 'abc' . "de; }"
--- request eval: "GET /t"
--- response_body chop
abcde



=== TEST 32: a filter of the test file
--- config
    location = /t { return 200 "LOUD"; }
--- request
GET /t
--- response_body chomp shout
loud



=== TEST 33: skipped for nginx's version
--- config
--- request
GET /
--- response_body: never
--- skip_nginx: 2: >= 0.8.0: all of them



=== TEST 34: skipped for a condition
--- config
--- request
GET /
--- response_body: never
--- skip_eval: 2: $ENV{TEST_NGINX_WORD} eq 'expanded'



=== TEST 35: not skipped
--- config
    location = /t { return 200 "run"; }
--- request
GET /t
--- response_body: run
--- skip_nginx: 2: < 1.0.0
--- skip_eval: 2: !defined $ENV{TEST_NGINX_WORD}



=== TEST 36: yet to be done
--- config
--- request
GET /
--- response_body: not yet
--- todo: 2: it is known



=== TEST 37: a section of the test file
--- greeting: good morning
--- response_body: good morning



=== TEST 38: an environment variable in nginx
--- main_config
    env SELFTEST_OTHER=1;
--- config
    location = /t { return 200 "ok"; }
--- request
GET /t
--- response_body: ok



=== TEST 39: the port in expectations
--- config
    location = /t {
        add_header X-Port $server_port;
        return 200 "port $server_port";
    }
--- request
GET /t
--- response_headers
X-Port: $ServerPort
--- response_body: port $TEST_NGINX_SERVER_PORT



=== TEST 40: the body, filtered
--- config
    location = /t { return 200 "abc"; }
--- request
GET /t
--- response_body_filters
uc lcfirst
--- response_body: aBC



=== TEST 41: JSON in any order of its members
--- config
    location = /t { return 200 '{"b":[2,1],"a":{"d":1,"c":null}}'; }
--- request
GET /t
--- response_body_json_sort
--- response_body
{"a":{"c":null,"d":1},"b":[2,1]}



=== TEST 42: a name of the server, a log level
--- config
    location = /t { return 200 "$server_name"; }
--- server_name: its.name
--- log_level: warn
--- request
GET /t
--- response_body: its.name
--- no_error_log
[debug]
[notice]



=== TEST 43: code ahead of the requests
--- config
--- init
open my $out, '>', Test::Nginx::Util::html_dir() . '/made.txt' or die $!;
print $out "made\n";
close $out;
--- request
GET /made.txt
--- response_body
made



=== TEST 44: the client closes its writing side
--- config
    location = /t { return 200 "still"; }
--- request
GET /t
--- shutdown: 1
--- response_body: still



=== TEST 45: 304 has no body
--- config
    location = /t { return 304; }
--- request
GET /t
--- error_code: 304
--- response_body chomp



=== TEST 46: a response larger than any buffer
--- config
    location = /t { echo_duplicate 300000 "0123456789"; }
--- request
GET /t
--- response_body eval
"0123456789" x 300000



=== TEST 47: a request larger than any buffer
--- config
    location = /t {
        client_body_buffer_size 2m;
        echo_read_request_body;
        echo_request_body;
    }
--- request eval
"POST /t\n" . "abcdefgh" x 130000
--- response_body eval
"abcdefgh" x 130000
--- log_level: info



=== TEST 48: the pauses between pieces
--- config
    location = /t { echo_read_request_body; echo $request_time; }
--- request eval
[["POST /t\nab", {value => "cd", delay_before => 0.3}]]
--- response_body_like: ^(0\.[1-9]|[1-9])



=== TEST 49: the pauses between pieces of a raw request
--- config
    location = /t { echo_read_request_body; echo $request_time; }
--- raw_request eval
["POST /t HTTP/1.0\r\nContent-Length: 2\r\n\r\n", "a", "b"]
--- raw_request_middle_delay: 0.2
--- response_body_like: ^(0\.[3-9]|[1-9])
