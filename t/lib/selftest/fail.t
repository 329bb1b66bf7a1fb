# Blocks each of which must fail, here and under CPAN's Test::Nginx::Socket, by
# exactly the tests which "fails:" names a part of; the driver compares.
use Test::Nginx::Socket 'no_plan';

no_shuffle();
timeout(1);
run_tests();

__DATA__

=== TEST 1: another status code
fails: status code ok
--- config
    location = /t { return 201 "x"; }
--- request
GET /t
--- response_body: x



=== TEST 2: another status code than the one given
fails: status code ok
--- config
--- request
GET /
--- error_code: 404



=== TEST 3: another status code than the pattern's
fails: status code ok
--- config
--- request
GET /
--- error_code_like: ^5



=== TEST 4: another body
fails: response_body - response is expected
--- config
    location = /t { return 200 "abc\n"; }
--- request
GET /t
--- response_body
abd



=== TEST 5: a body with a line end too many
fails: response_body - response is expected
--- config
    location = /t { return 200 "abc"; }
--- request
GET /t
--- response_body
abc



=== TEST 6: an empty body
fails: response_body - response is expected
--- config
    location = /t { return 200 ""; }
--- request
GET /t
--- response_body: abc



=== TEST 7: a body that does not match
fails: response_body_like - response is expected
--- config
    location = /t { return 200 "abc"; }
--- request
GET /t
--- response_body_like: ^b



=== TEST 8: a body that does not match code's pattern
fails: response_body - like
--- config
    location = /t { return 200 "abc"; }
--- request
GET /t
--- response_body eval
qr/^b/



=== TEST 9: a body that matches
fails: response_body_unlike - response is expected
--- config
    location = /t { return 200 "abc"; }
--- request
GET /t
--- response_body_unlike: b



=== TEST 10: headers: another value, one missing, one too many
fails: header X-A ok
fails: header X-B ok
fails: header X-C not present
--- config
    location = /t {
        add_header X-A one;
        add_header X-C three;
        return 200 "";
    }
--- request
GET /t
--- response_headers
X-A: two
X-B: two
!X-C
Content-Type: text/plain



=== TEST 11: header patterns
fails: header X-A like ok
fails: header X-B like ok
--- config
    location = /t {
        add_header X-A one;
        add_header X-C three;
        return 200 "";
    }
--- request
GET /t
--- response_headers_like
X-A: on
X-B: .+
X-C: thr.*



=== TEST 12: raw headers
fails: raw resp headers like
fails: raw resp headers unlike
--- config
--- request
GET /
--- raw_response_headers_like: X-Nothing
--- raw_response_headers_unlike: Server: nginx



=== TEST 13: lines that are not in error.log
fails: pattern "nowhere to be seen"
fails: pattern "(?^:neither \d)"
--- config
--- request
GET /
--- error_log eval
["nowhere to be seen", "GET / HTTP/1.1", qr/neither \d/]



=== TEST 14: lines of text are no patterns
fails: pattern "GET .* HTTP"
--- config
--- request
GET /
--- error_log
GET / HTTP
GET .* HTTP



=== TEST 15: a line that must not be in error.log
fails: pattern "[error]"
--- config
--- request
GET /nothing-here
--- error_code: 404
--- no_error_log
[emerg]
[error]



=== TEST 16: lines out of error.log
fails: grep_error_log_out
--- config
--- request
GET /nothing-here
--- error_code: 404
--- grep_error_log eval: qr/open\(\) "[^"]*" failed/
--- grep_error_log_out
open() "something else" failed



=== TEST 17: no line for grep_error_log
fails: grep_error_log_out
--- config
--- request
GET /
--- grep_error_log: nowhere to be seen
--- grep_error_log_out
nowhere to be seen



=== TEST 18: access.log
fails: pattern "GET /u"
fails: pattern "GET /t"
--- config
    location = /t { return 200; }
--- request
GET /t
--- access_log
GET /t
GET /u
--- no_access_log
GET /t
POST



=== TEST 19: what the scripted upstream got
fails: tcp_query ok
fails: TCP query length ok
--- config
    location = /t {
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        proxy_set_header Host up;
    }
--- request
GET /t
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query eval
"GET /u HTTP/1.0\r\nHost: up\r\nConnection: close\r\n\r\n"
--- tcp_query_len: 47
--- tcp_reply eval
"HTTP/1.1 200 OK\r\n\r\n"



=== TEST 20: a scripted upstream that nobody asks
fails: tcp_query ok
--- config
    location = /t { return 200; }
--- request
GET /t
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query: hello
--- tcp_reply: hello



=== TEST 21: a configuration that is not refused
fails: die as expected
--- config
--- must_die



=== TEST 22: refused with another exit code, for another reason
fails: die with the expected exit code
fails: pattern "unknown directive"
fails: pattern "invalid number of arguments"
--- config
    location = /t { return; }
--- must_die: 2
--- error_log
unknown directive
--- no_error_log
invalid number of arguments



=== TEST 23: time-out
fails: client socket timed out
--- config
    location = /t { echo a; echo_flush; echo_sleep 2; echo b; }
--- request
GET /t HTTP/1.0
--- timeout: 0.3
--- response_body
a



=== TEST 24: the second of two requests
fails: status code ok
fails: header X-N ok
fails: response_body - response is expected (repeated req 0, req 1)
--- config
    location = /a { add_header X-N 1; return 200 "a\n"; }
    location = /b { add_header X-N 1 always; return 403 "b\n"; }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[200, 200]
--- response_headers eval
["X-N: 1", "X-N: 2"]
--- response_body eval
["a\n", "a\n"]



=== TEST 25: the first of two pipelined requests
fails: response_body - response is expected (repeated req 0, req 0)
--- config
    location = /a { return 200 "a\n"; }
    location = /b { return 200 "b\n"; }
--- pipelined_requests eval
["GET /a", "GET /b"]
--- error_code eval
[200, 200]
--- response_body eval
["b\n", "b\n"]



=== TEST 26: no response
fails: status code ok
fails: response_body
--- config
    location = /t { return 444; }
--- request
GET /t
--- response_body: abc



=== TEST 27: a chunked response that ends too early
fails: no last chunk found
fails: status code ok
fails: response_body
--- config
    location = /t {
        proxy_http_version 1.1;
        proxy_buffering off;
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    }
--- request
GET /t
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
--- response_body: abc



=== TEST 28: lines while nginx ends
fails: pattern "nowhere to be seen"
fails: pattern "signal 3"
--- config
--- request
GET /
--- shutdown_error_log
signal 3
nowhere to be seen
--- no_shutdown_error_log
[emerg]
signal 3



=== TEST 29: the one that follows is checked for itself
--- config
    location = /t { return 200 "good"; }
--- request
GET /t
--- response_body: good
--- no_error_log
nowhere to be seen



=== TEST 30: a line that comes when the client has gone
fails: pattern "client prematurely closed connection"
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
"HTTP/1.1 200 OK\r\n\r\nbegin"
--- timeout: 0.2
--- abort
--- no_error_log
client prematurely closed connection
