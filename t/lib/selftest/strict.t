# Blocks which this runner fails where CPAN's Test::Nginx::Socket passes over a
# fault or ends the whole run: faults of test files, and how nginx ends.
use Test::Nginx::Socket 'no_plan';

# The master logs a worker's number after the fork: the worker may have answered
# by then.
sub pid_in {
    my ($path, $pattern) = @_;

    for (1 .. 500) {
        open my $in, '<', $path or die "$path: $!";
        local $/;
        return $1 if <$in> =~ $pattern;

        select undef, undef, undef, 0.01;
    }

    die "no pid in $path";
}

add_block_preprocessor(sub {
    my $block = shift;

    master_process_enabled($block->master ? 1 : 0);
});

add_response_body_check(sub {
    my $block = shift;

    return if !$block->kills;

    my $logs = server_root() . '/logs';

    kill 'SEGV', $block->kills eq 'worker'
        ? pid_in("$logs/error.log", qr/start worker process (\d+)/)
        : pid_in("$logs/nginx.pid", qr/(\d+)/);
});

no_shuffle();
run_tests();

__DATA__

=== TEST 1: there is no earlier nginx
fails: no --- config, and no nginx runs
--- request
GET /



=== TEST 2: a misspelt section
fails: section 'respnse_body' is unknown
--- config
--- request
GET /
--- respnse_body: abc



=== TEST 3: a section which another one hides
fails: --- response_body_like is not looked at
--- config
--- request
GET /
--- response_body: abc
--- response_body_like: abc



=== TEST 4: an unknown variable
fails: no environment variable TEST_NGINX_NO_SUCH_THING
--- config
    location = /t { return 200 $TEST_NGINX_NO_SUCH_THING; }
--- request
GET /t



=== TEST 5: a variable which test files set themselves
fails: say $ENV{TEST_NGINX_HTML_DIR} ||= html_dir(); before run_tests()
--- config
    location = /t { root $TEST_NGINX_HTML_DIR; }
--- request
GET /t



=== TEST 6: a variable where none is expanded
fails: is not expanded in --- request
--- config
--- request
GET /$TEST_NGINX_SERVER_PORT



=== TEST 7: no request
fails: no --- request
--- config
--- response_body: abc



=== TEST 8: one expectation, two requests
fails: several requests: --- error_code must be an array
--- config
--- request eval
["GET /", "GET /"]
--- error_code: 200



=== TEST 9: a configuration that is refused
fails: nginx does not start
--- config
    no_such_directive;
--- request
GET /



=== TEST 10: a scripted upstream without a reply
fails: --- tcp_listen without --- tcp_reply
--- config
--- request
GET /
--- tcp_listen: $TEST_NGINX_RAND_PORT_1



=== TEST 11: a scripted upstream on a port in use
fails: cannot listen on
--- config
--- request
GET /
--- tcp_listen: $TEST_NGINX_SERVER_PORT
--- tcp_reply: abc



=== TEST 12: a bad skip_nginx
fails: bad --- skip_nginx
--- config
--- request
GET /
--- skip_nginx: everywhere



=== TEST 13: code that dies
fails: --- init failed: on purpose
--- config
--- init: die "on purpose"
--- request
GET /



=== TEST 14: nginx crashes
fails: nginx exited on signal 11 (SIGSEGV)
--- config
--- request
GET /
--- kills: nginx



=== TEST 15: a worker crashes
fails: worker process
--- config
--- request
GET /
--- master: 1
--- kills: worker



=== TEST 16: a worker crashes, as the test expects
--- config
--- request
GET /
--- master: 1
--- kills: worker
--- error_log
exited on signal 11



=== TEST 17: the report of a sanitizer
fails: sanitizer report
--- config
--- init
open my $out, '>>', main::server_root() . '/logs/error.log' or die $!;
print $out "==12==ERROR: AddressSanitizer: heap-use-after-free on address\n";
close $out;
--- request
GET /



=== TEST 18: the report of another sanitizer, on a module's code
fails: sanitizer report
--- config
--- init
open my $out, '>>', main::server_root() . '/logs/error.log' or die $!;
print $out "/home/me/ngx_http_x.c:8:15: runtime error: signed overflow\n";
close $out;
--- request
GET /



=== TEST 19: the report of another sanitizer, on nginx's own code
--- config
--- init
open my $out, '>>', main::server_root() . '/logs/error.log' or die $!;
print $out "src/core/ngx_string.c:84:5: runtime error: null pointer\n";
close $out;
--- request
GET /



=== TEST 20: nothing listens
fails: can't connect to 127.0.0.1
fails: status code ok
--- config
--- init
kill 'TERM', main::pid_in(main::server_root() . '/logs/nginx.pid', qr/(\d+)/);
select undef, undef, undef, 0.01
    while -e main::server_root() . '/logs/nginx.pid';
--- request
GET /



=== TEST 21: the one that follows is run
--- config
--- request
GET /
--- response_body_like: It works!
