# The status page: what a browser gets, live events, names that are no markup;
# and, where a Chromium is, the page at work in both widths and schemes.
use Test::Nginx::Socket 'no_plan';
use JSON::PP ();
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

our $Patience = $ENV{TEST_NGINX_USE_VALGRIND} ? 100 : 20;

our $HttpConfig = <<'END';
    ccproxy_provider demo { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/demo/v1; key literal:sk-page-secret-1 name=one; key literal:sk-page-secret-2 name=two; }
    ccproxy_provider wait { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/wait/v1; }
    ccproxy_provider "</script><b>" { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/demo/v1; key literal:sk-page-secret-3 "name=<img src=x onerror=alert(1)>"; }
    upstream coder { ccproxy; ccproxy_target demo large; ccproxy_target wait other weight=9; ccproxy_target "</script><b>" "\"><script>alert(2)</script>" backup; }
    upstream cheap { ccproxy; ccproxy_target demo small; }
    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        location /demo/ { ccproxy_demo; }
        location /wait/ { default_type application/json; add_header Retry-After 90 always; return 429 '{"error":{"message":"private words"}}'; }
    }
END

our $Config = <<'END';
    location / { ccproxy on; ccproxy_route *small* cheap; ccproxy_route * coder; proxy_pass http://$ccproxy_pool; }
    location = /ready { return 200 ready; }
    location = /status { ccproxy_status; }
    location = /operate { ccproxy_status admin try; }
END

sub http {
    my ($method, $uri, $accept, $body) = @_;

    my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => server_port()) || die "connect: $!";

    $client->print("$method $uri HTTP/1.0\r\nHost: localhost\r\n"
        . ($accept ? "Accept: $accept\r\n" : '')
        . (defined $body ? 'Content-Length: ' . length($body) . "\r\n" : '')
        . "\r\n" . ($body // ''));
    $client->flush;

    return $client;
}

sub whole {
    my ($client) = @_;
    local $/;
    my ($head, $body) = split /\r\n\r\n/, <$client>, 2;
    return ($head, $body);
}

sub asks {
    return (whole(http('POST', '/v1/messages', undef,
        '{"model":"x","max_tokens":9,"messages":[{"role":"user","content":"private prompt"}]}')))[1];
}

# The next event of a stream, decoded.
sub event {
    my ($client) = @_;
    my $select = IO::Select->new($client);
    my $got = \${*$client}{got};
    $$got //= '';

    while ($$got !~ /^data: .*?\n\n/ms) {
        $select->can_read($Patience) or return;
        sysread($client, $$got, 65536, length $$got) or return;
    }

    $$got =~ s/.*?^data: (.*?)\n\n//ms;
    my $data = $1;

    return JSON::PP::decode_json($data);
}

our %Checks = (

    document => sub {
        asks() for 1 .. 3;

        my ($head, $page) = whole(http('GET', '/operate', 'text/html,*/*'));
        like($head, qr/^Content-Type: text\/html; charset=utf-8\r$/m, 'a page');
        like($head, qr/^Content-Security-Policy: default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; connect-src 'self';.*frame-ancestors 'none'\r?$/m,
            'with a policy');
        like($head, qr/^Cache-Control: no-store\r$/m, 'that is not kept');
        unlike($page, qr/(?:src|href)=["'](?!#)|\@import|url\(/, 'and loads nothing');
        unlike($page, qr/secret|private/, 'no secret and no prompt in it');
        unlike($page, qr/<\/script><b>|<img|"><script>alert/, 'names are no markup');
        like($page, qr/<td>&lt;\/script&gt;&lt;b&gt;/, 'but text in the tables');

        my ($state) = $page =~ m{id="state">(.*?)</script>}s;
        my $status = JSON::PP::decode_json($state);
        is($status->{requests_served}, 3, 'the data of scripts');
        is($status->{pools}[0]{pairs}[3]{provider}, '</script><b>',
            'has names as they are');
        is($status->{failures}[0]{cause}, 'the rate limit of the key is reached',
            'a failure in plain words');
        is($status->{hour}{all}{requests}, 3, 'the hour');
        ok($status->{hour}{all}{output_tokens} > 0, 'and tokens');
        is(scalar @{$status->{hour}{requests}}, 60, 'by minutes');
        ok($status->{hour}{all}{duration_p95_ms} >= $status->{hour}{all}{duration_p50_ms},
            'percentiles');

        ($head, my $json) = whole(http('GET', '/status'));
        like($head, qr/application\/json/, 'JSON for programs');
        ok(JSON::PP::decode_json($json)->{pools}, 'as before');
    },

    index => sub {
        my ($head, $page) = whole(http('GET', '/', 'text/html'));
        like($head, qr/ 200 .*text\/html.*Content-Security-Policy: default-src 'none'/s, 'a page at the root');
        like($page, qr/\/v1\/chat\/completions.*generateContent/s, 'tells the endpoints');
        like($page, qr/ANTHROPIC_BASE_URL/, 'and how to use them');

        (undef, my $json) = whole(http('GET', '/'));
        ok(eval { JSON::PP::decode_json($json) } || $json =~ /running/i, 'programs get what they got');
        unlike($json, qr/<html/, 'which is no page');
    },

    live => sub {
        my $page = http('GET', '/status', 'text/event-stream');
        my $event = event($page);
        is($event->{requests_served}, 0, 'a first event at once');
        like(asks(), qr/"type":"message"/, 'a request');

        for (1 .. 10) {
            $event = event($page);
            last if !$event || $event->{requests_served};
        }

        is($event->{requests_served}, 1, 'a later one tells of it');

        # pages that leave make room for others

        my @more = map { http('GET', '/status', 'text/event-stream') } 1 .. 31;
        ok(event($_)) for @more;
        my ($head) = whole(http('GET', '/status', 'text/event-stream'));
        like($head, qr/ 503 /, 'more than 32 are not served');
        close $_ for splice @more, 0, 10;

        my $ok;
        for (1 .. 10 * $Patience) {
            my $again = http('GET', '/status', 'text/event-stream');
            $ok = event($again) and last;
            select undef, undef, undef, 0.1;
        }

        ok($ok, 'others are once some have left');
    },

    reload => sub {
        my $page = http('GET', '/status', 'text/event-stream');
        ok(event($page), 'a page is open');

        open my $in, '<', server_root() . '/logs/nginx.pid' or die $!;
        chomp(my $pid = <$in>);
        kill 'HUP', $pid;

        my $end;
        for (1 .. 10 * $Patience) {
            $end = !event($page) and last;
        }

        ok($end, 'a reload ends it');
        ok(event(http('GET', '/status', 'text/event-stream')), 'and the next worker goes on');
    },

    browser => sub {
        my ($chromium) = grep { -x $_ } map { ("$_/chromium", "$_/chromium-browser") } split /:/, $ENV{PATH};

        SKIP: {
            skip 'no chromium', 1 if !$chromium;
            skip 'no node', 1 if !grep { -x "$_/node" } split /:/, $ENV{PATH};

            my $dir = $ENV{CCPROXY_SHOTS} // server_root();
            my $out = qx{node $FindBin::Bin/page/page.mjs $chromium http://127.0.0.1:@{[server_port()]} $dir 2>&1};
            my @lines = split /\n/, $out;

            ok($_ !~ /^not ok/, s/^(?:not )?ok - //r) for grep { /^(?:not )?ok - / } @lines;
            is($?, 0, 'all of it was looked at') or diag($out);
        }
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    master_process_enabled($block->name =~ /reload/ ? 1 : 0);
    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config);
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
    $block->set_value('no_error_log', '[alert]');
});

add_response_body_check(sub {
    my ($block) = @_;

    $Checks{$block->does}->();
});

no_root_location();
no_shuffle();
no_long_string();
run_tests();

__DATA__

=== TEST 1: the document
--- does: document



=== TEST 2: the root
--- does: index



=== TEST 3: events
--- does: live



=== TEST 4: a reload
--- does: reload



=== TEST 5: in a browser
--- does: browser
