# Clients, metrics and budgets agree to the request and the token, over a
# reload and a killed worker: scripts/bench/account.py, a short run of it.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(SUMS SUMS2));

repeat_each(1);
no_root_location();

add_response_body_check(sub {
    my ($module) = grep {/ccproxy/} split ' ', $ENV{TEST_NGINX_LOAD_MODULES} // '';

    SKIP: {
        Test::More::skip('no python3, or the module is in the binary', 1)
            if !$module || system('command -v python3 >/dev/null') != 0;

        local $ENV{MODULE} = $module;
        local $ENV{NGINX} = $ENV{TEST_NGINX_BINARY} // 'nginx';
        local $ENV{PORT_BASE} = $ENV{TEST_NGINX_SUMS_PORT};
        local $ENV{UP_PORT} = $ENV{TEST_NGINX_SUMS2_PORT};
        local $ENV{ROOT} = server_root() . '/sums';

        my $said = `python3 $FindBin::Bin/../scripts/bench/account.py 300 2>&1`;

        is($?, 0, 'all sums agree') or diag($said);
        like($said, qr/\nok    the group has all \d{4,} tokens\n/, 'which were looked at');
    }
});

run_tests();

__DATA__

=== TEST 1: 300 requests
--- config
    location = /ready { return 200 ready; }
--- request
GET /ready
--- response_body: ready
--- timeout: 60
