# ccproxy_health: whether pools can serve, as load balancers ask for it; what of
# that the status page tells; the last resort.
use Test::Nginx::Socket;
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
        key sk-secret-of-one-0123456789;
    }
    ccproxy_provider two {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_C_PORT/v1;
        key sk-secret-of-two-0123456789;
    }
    upstream first { ccproxy; ccproxy_target one m; }
    upstream second { ccproxy; ccproxy_target two m; }
    upstream both { ccproxy; ccproxy_target one n; ccproxy_target two n; }
END

our $Config = <<'END';
    location /first/ { ccproxy on; proxy_pass http://first; }
    location /second/ { ccproxy on; proxy_pass http://second; }
    location /both/ { ccproxy on; proxy_pass http://both; }
    location = /health { ccproxy_health first second; }
    location = /all { ccproxy_health; }
    location = /health/first { ccproxy_health First; }
    location = /status { ccproxy_status; }
    location = /ready { return 200 ready; }
END

our $Time = qr/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/;

sub get {
    my ($path, $method) = @_;
    my $client = send_raw(($method // 'GET') . " $path HTTP/1.1\r\n"
        . "Host: localhost\r\nConnection: close\r\n\r\n");
    ends($client);
    return ${*$client}{got};
}

# A request that the upstream answers so.
sub asks {
    my ($path, $name, $answer) = @_;
    my $client = post("$path/v1/messages", question('x'));
    my $up = heard($name);
    ok($up, "$path: $name is asked");
    say_to($up, $answer);
    close $up;
    ends($client);
    return ${*$client}{got};
}

sub wants {
    my ($path, $status, $pattern) = @_;
    my $got = get($path);
    like($got, qr{^HTTP/1\.1 $status }, "$path: $status");
    like($got, $pattern, '... tells why');
    unlike($got, qr/sk-|secret|key/, '... and no secret');
}

our $Limit = whole('{"error":{"message":"slow down"}}', '429 Slow')
    =~ s/\r\n/\r\nRetry-After: 60\r\n/r;

our %Checks = (
    health => sub {
        wants('/health', 200, qr/^\{"status":"healthy","timestamp":$Time,"pools":
            \[\{"name":"first","status":"healthy","usable":true\},
            \{"name":"second","status":"healthy","usable":true\}\],"providers":
            \[\{"name":"one","status":"healthy","last_check":null\},
            \{"name":"two","status":"healthy","last_check":null\}\]\}$/mx);

        like(asks('/first', 'b', $Limit), qr/ 429 /, 'a limit');

        wants('/health', 200, qr/^\{"status":"degraded",.*
            \{"name":"first","status":"unhealthy","usable":false\},
            \{"name":"second","status":"healthy","usable":true\}.*
            \{"name":"one","status":"healthy","last_check":$Time\}/mx);
        wants('/health/first', 503, qr/^\{"status":"unhealthy",.*"pools":
            \[\{"name":"first"[^]]*\}\],"providers":\[\{"name":"one"[^]]*\]\}$/mx);
        like(get('/health/first', 'HEAD'), qr{^HTTP/1\.1 503 .*\r\n\r\n$}s,
            'HEAD');
        like(get('/health', 'PUT'), qr{^HTTP/1\.1 405 }, 'PUT');

        like(asks('/second', 'c', $Limit), qr/ 429 /, 'a limit there as well');

        wants('/health', 503, qr/^\{"status":"unhealthy",/m);
        wants('/all', 200, qr/^\{"status":"degraded",.*"name":"both"/m);

        my $status = get('/status');
        like($status, qr/"name":"first","balancing":"rotate","pairs":
            \[[^]]*\],"usable":false\}/x, 'the status page tells of pools');
        like($status, qr/"proxy":\{"version":"[^"]+","uptime":"\d+h\d+m\d+s",
            "requests_served":\d+\},"provider":\{"name":"one",
            "status":"healthy","last_check":$Time\}/x,
            '... in the words of others');
        like($status, qr/"providers":\[\{"name":"one",.*?"status":"healthy",
            "last_check":$Time\}/x, '... and of providers');
    },

    # Two keys are refused, both cool: each is asked before the client is told.
    resort => sub {
        my $refusal = whole('{"error":{"message":"wrong key"}}', '401 No');
        my $broken = whole('{"error":{"message":"broken"}}', '500 Broken');

        for my $round (1 .. 2) {
            my $client = post('/both/v1/messages', question('x'));
            my %asked;

            for my $name ($round == 1 ? qw(b c) : ('b', 'c')) {
                my $up = heard($name);
                $asked{$name} = $up ? 1 : 0;
                say_to($up, $refusal) if $up;
                close $up if $up;
            }

            is_deeply(\%asked, { b => 1, c => 1 },
                "round $round: each is asked");
            client_gets($client, qr{^HTTP/1\.1 401 .*wrong key}s);
            ok(not_asked('b') && not_asked('c'), 'and none twice');
        }
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value('http_config', $HttpConfig)
        if !defined $block->http_config;
    $block->set_value('config', $Config) if !defined $block->config;
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready') if !defined $block->must_die;
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

=== TEST 1: pools that can't serve
--- does: health
--- no_error_log
[alert]



=== TEST 2: the last resort
--- does: resort
--- no_error_log
[alert]



=== TEST 3: a pool that does not exist
--- config
    location = /health { ccproxy_health first third; }
--- must_die
--- error_log
"ccproxy_health" names no pool "third"
