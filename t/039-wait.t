# ccproxy_wait: where providers asked to be left alone for a short time, the
# request waits instead of failing.
use Test::Nginx::Socket;
use Time::HiRes qw(time);
use FindBin ();

BEGIN {
    require "$FindBin::Bin/lib/OwnUpstreams.pm";
    OwnUpstreams->import;
    require "$FindBin::Bin/lib/Gateway.pm";
    Gateway->import;
}

$ENV{TEST_NGINX_B_PORT} = $Port{b};
$ENV{TEST_NGINX_C_PORT} = $Port{c};

our $HttpConfig = <<'END';
    ccproxy_provider one {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_B_PORT/v1;
    }
    ccproxy_provider two {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_C_PORT/v1;
    }
    upstream patient { ccproxy; ccproxy_wait 5s; ccproxy_target one m; }
    upstream hurried { ccproxy; ccproxy_target one h; }
    upstream short { ccproxy; ccproxy_wait 900ms; ccproxy_target one s; }
    upstream both { ccproxy; ccproxy_wait 5s; ccproxy_target one b; ccproxy_target two b; }
    log_format tries '$uri $status $ccproxy_tries [$upstream_status]';
END

our $Config = <<'END';
    access_log logs/tries.log tries;
    location /patient/ { ccproxy on; proxy_pass http://patient; }
    location /hurried/ { ccproxy on; proxy_pass http://hurried; }
    location /short/ { ccproxy on; proxy_pass http://short; }
    location /both/ { ccproxy on; proxy_pass http://both; }
    location = /ready { return 200 ready; }
END

sub limit {
    my ($seconds) = @_;
    return whole('{"error":{"message":"slow down"}}', '429 Slow')
        =~ s/\r\n/\r\nRetry-After: $seconds\r\n/r;
}

sub says {
    my ($name, $answer) = @_;
    my $up = heard($name);
    ok($up, "$name is asked") or return;
    say_to($up, $answer);
    close $up;
}

our %Checks = (

    # The first one meets with the limit, the second comes while it holds.
    waits => sub {
        my $first = post('/patient/v1/messages', question('x'));
        my $begin = time;
        says('b', limit(1));

        my $second = post('/patient/v1/messages', question('y'));
        ok(not_asked('b'), 'nobody is asked at once');

        my @got = (heard('b'), heard('b'));
        cmp_ok(time - $begin, '>=', 0.9, 'but when it is time');
        for (@got) { say_to($_, chat('fine')); close $_; }

        client_gets($_, qr{^HTTP/1\.1 200 .*"text":"fine"}s) for $first, $second;
        ok(logged(qr{^/patient/v1/messages 200 2 \[429, -, 200\]$}m),
            'the log tells of both tries');
    },

    again => sub {
        my $client = post('/patient/v1/messages', question('x'));
        says('b', limit(1)) for 1, 2;
        says('b', chat('fine'));
        client_gets($client, qr{^HTTP/1\.1 200 .*"text":"fine"}s);
    },

    bounded => sub {
        for (['/short', 1], ['/patient', 60], ['/hurried', 1]) {
            my ($path, $seconds) = @$_;
            my $client = post("$path/v1/messages", question('x'));
            says('b', limit($seconds));
            client_gets($client, qr{^HTTP/1\.1 429 .*slow down}s,
                "$path: $seconds seconds are too long");
        }
    },

    # Another pair is better than any wait.
    other => sub {
        my $client = post('/both/v1/messages', question('x'));
        says('b', limit(1));
        says('c', chat('fine'));
        client_gets($client, qr{"text":"fine"}s);
    },

    leaves => sub {
        my $client = post('/patient/v1/messages', question('x'));
        says('b', limit(2));
        ok(logged_error(qr/the request waits \d+ ms/), 'it waits');
        close $client;
        ok(logged(qr{^/patient/v1/messages 499 1 \[429, -\]$}m),
            'a client that leaves ends it');
        ok(not_asked('b'), 'and nobody is asked for it');
    },

    reload => sub {
        my $client = post('/patient/v1/messages', question('x'));
        says('b', limit(1));
        ok(logged_error(qr/the request waits \d+ ms/), 'it waits');
        open my $in, '<', server_root() . '/logs/nginx.pid' or die $!;
        kill 'HUP', <$in> =~ /(\d+)/;
        ok(logged_error(qr/gracefully shutting down/), 'a reload comes');
        says('b', chat('fine'));
        client_gets($client, qr{^HTTP/1\.1 200 .*"text":"fine"}s);
        ok(logged_error(qr/worker process \d+ exited with code 0/),
            'and the worker ends after it');
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;
    master_process_enabled($block->name =~ /reload/ ? 1 : 0);
    log_level('info');
    $block->set_value('http_config', $HttpConfig)
        if !defined $block->http_config;
    $block->set_value('config', $Config) if !defined $block->config;

    if (!defined $block->must_die) {
        $block->set_value('request', 'GET /ready');
        $block->set_value('response_body', 'ready');
    }
});

add_response_body_check(sub {
    my ($block) = @_;
    $Checks{$_}->() for split ' ', $block->does // '';
});

no_long_string();
no_shuffle();

plan 'no_plan';

run_tests();

__DATA__

=== TEST 1: requests wait
--- does: waits
--- no_error_log
[alert]



=== TEST 2: once more
--- does: again
--- no_error_log
[alert]



=== TEST 3: not for long
--- does: bounded
--- no_error_log
[alert]



=== TEST 4: not while another can serve
--- does: other
--- no_error_log
[alert]



=== TEST 5: a client that leaves
--- does: leaves
--- no_error_log
[alert]



=== TEST 6: a reload meanwhile
--- does: reload
--- no_error_log
[alert]



=== TEST 7: no time
--- http_config
    upstream p { ccproxy; ccproxy_wait soon; ccproxy_target ollama m; }
--- config
--- must_die
--- error_log
invalid time "soon" in "ccproxy_wait"
