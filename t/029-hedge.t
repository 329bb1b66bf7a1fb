# Hedging: a second pair is asked while the first is silent, and the one that
# speaks first serves the client.
#
# The upstreams a, b and c, and their clients, are this process
# (lib/OwnUpstreams.pm).
use Test::Nginx::Socket 'no_plan';
use IO::Socket::INET;
use IO::Select;
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
BEGIN { require "$FindBin::Bin/lib/Certificates.pm"; Certificates->import }
BEGIN { require "$FindBin::Bin/lib/OwnUpstreams.pm"; OwnUpstreams->import }

Ports::take(qw(TLSA TLSB));

# A port whose queue of connections is full: those that come now are not made.
our $Full = IO::Socket::INET->new(Listen => 0, LocalAddr => '127.0.0.1',
    ReuseAddr => 1) || die "listen: $!";
our @Filling = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1',
    PeerPort => $Full->sockport, Blocking => 0) } 1 .. 3;

self_signed('server', 'localhost', 'DNS:localhost');

our $HttpConfig = <<"END";
    ccproxy_provider a { protocol anthropic; url http://127.0.0.1:$Port{a}/; key literal:ka; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$Port{b}/v1; key literal:kb; }
    ccproxy_provider c { protocol chat; url http://127.0.0.1:$Port{c}/v1; key literal:kc; }
    ccproxy_provider full { protocol chat; url http://127.0.0.1:${\ $Full->sockport}/v1; connect_timeout 30s; }
    ccproxy_provider mute { protocol chat; url https://127.0.0.1:$Port{a}/v1; tls_verify off; connect_timeout 30s; }
    ccproxy_provider gone { protocol chat; url http://127.0.0.1:1/v1; }
    ccproxy_provider pa { protocol anthropic; url http://a.invalid:80/; proxy http://127.0.0.1:$Port{a}; connect_timeout 30s; }
    ccproxy_provider pb { protocol chat; url http://b.invalid:80/v1; proxy http://127.0.0.1:$Port{b}; connect_timeout 30s; }
    ccproxy_provider ta { protocol anthropic; url https://localhost:\$TEST_NGINX_TLSA_PORT/; tls_ca $dir/server.pem; }
    ccproxy_provider tb { protocol chat; url https://localhost:\$TEST_NGINX_TLSB_PORT/v1; tls_ca $dir/server.pem; }

    server {
        listen 127.0.0.1:\$TEST_NGINX_TLSA_PORT ssl;
        listen 127.0.0.1:\$TEST_NGINX_TLSB_PORT ssl;
        ssl_certificate $dir/server.pem;
        ssl_certificate_key $dir/server.key;
        proxy_ignore_client_abort off;
        proxy_buffering off;
        location / { proxy_pass http://127.0.0.1:\$up\$request_uri; error_page 502 = \@end; }
        location \@end { return 444; }
    }
    map \$server_port \$up { \$TEST_NGINX_TLSA_PORT $Port{a}; \$TEST_NGINX_TLSB_PORT $Port{b}; }

    log_format tries "tries=\$ccproxy_tries provider=\$ccproxy_provider key=\$ccproxy_key_name upstreams=\$upstream_addr; statuses=\$upstream_status; status=\$status out=\$ccproxy_output_tokens.";
END

our %Checks;

%Checks = (

    second => sub {
        my $client = ask();
        my $a = asked('a');
        my $b = asked('b');
        say_to($b, chat('from b'));
        client_gets($client, qr/^HTTP\/1.1 200.*"type":"message".*from b/s);
        is(ends($a), 1, 'the first is left');
        like(${*$b}{got}, qr{^POST /v1/chat/completions .*Bearer kb}s,
            'the second has its own request');
        ok(logged(qr/tries=2 provider=b key=b-1 upstreams=127.0.0.1:$Port{a}, 127.0.0.1:$Port{b}; statuses=-, 200; status=200 out=5\./),
            'the log tells both');
        free_again();
    },

    early => sub {
        my $client = ask();
        my $a = asked('a');
        say_to($a, message('from a'));
        client_gets($client, qr/from a/);
        ok(not_asked('b'), 'the second is not asked');
        ok(logged(qr/tries=1 provider=a /), 'one try');
        free_again();
    },

    first => sub {
        my $client = ask();
        my $a = asked('a');
        my $b = asked('b');
        say_to($a, message('from a'));
        client_gets($client, qr/^HTTP\/1.1 200.*"type":"message".*from a/s);
        is(ends($b), 1, 'the second is left');
        ok(logged(qr/tries=2 provider=a key=a-1 upstreams=127.0.0.1:$Port{a}, 127.0.0.1:$Port{b}, 127.0.0.1:$Port{a}; statuses=-, -, 200; status=200 out=7\./),
            'the log tells who served');
        free_again();
    },

    swapped => sub {
        my $client = ask();
        my ($a, $b) = (asked('a'), asked('b'));
        say_to($a, message('from a'));
        client_gets($client, qr/^HTTP\/1.1 200.*"type":"message".*from a/s);
    },

    # a's beginning is all that comes for a while: b stays until it is good
    slow => sub {
        my $client = ask();
        my $a = asked('a');
        my $b = asked('b');
        my $answer = message('from a');
        say_to($a, substr $answer, 0, 12);
        say_to($b, chat('from b'));
        say_to($a, substr $answer, 12);
        is(ends($b), 1, 'the second is left');

        # nginx lingers for a client that does not close: no try is under way

        is(ends($client), 1, 'the answer is complete');
        free_again();
        client_gets($client, qr/from a/);
    },

    silent => sub {
        my $client = ask();
        my $a = asked('a');
        my $b = asked('b');
        client_gets($client, qr{^HTTP/1.1 504 .*"type":"error"}s,
            'the time-out is told');
        ok(ends($a) && ends($b), 'both are left');
        ok(logged(qr/tries=2 .*status=504/), 'two tries');
    },

    closes => sub {
        my $client = ask();
        my $a = asked('a');
        my $b = asked('b');
        close $a;
        ok(logged_error(qr/provider "t?a", key "\S*" was silent to the end/),
            'the first is given up');
        say_to($b, chat('from b'));
        client_gets($client, qr/from b/);
    },

    # the answer of the first is an error: the second goes on as the try
    error => sub {
        my $client = ask();
        my $a = asked('a');
        my $b = asked('b');
        say_to($a, broken());
        ok(logged_error(qr/provider "a", key "a-1" failed with status 500/),
            'the first has failed');
        ok(not_asked('b'), 'the second is not asked anew');
        say_to($b, chat('from b'));
        client_gets($client, qr/^HTTP\/1.1 200.*from b/s);
        ok(logged(qr/tries=2 provider=b .*statuses=-, -, 500, 200; status=200/),
            'and it serves');
    },

    # both fail: what is told is one of their errors
    errors => sub {
        my $client = ask();
        my $a = asked('a');
        my $b = asked('b');
        say_to($b, broken());
        ok(logged_error(qr/provider "b", key "b-1" failed with status 500/),
            'the second has failed');
        say_to($a, whole('{"type":"error","error":{"type":"overloaded_error",'
            . '"message":"Overloaded"}}', '529 Overloaded'));
        client_gets($client, qr/^HTTP\/1.1 529.*Overloaded/s);
    },

    # the second fails: a third is asked, and the first is still there
    third => sub {
        my $client = ask();
        my $a = asked('a');
        my $b = asked('b');
        say_to($b, broken());
        my $c = asked('c');
        ok($c, 'the third is asked');
        say_to($a, message('from a'));
        client_gets($client, qr/^HTTP\/1.1 200.*from a/s);
        is(ends($c), 1, 'the third is left');
        ok(logged(qr/tries=3 provider=a /), 'three tries');
    },

    # tries are used up: the first is what remains
    back => sub {
        my ($wait) = @_;
        my $client = ask();
        my $a = asked('a');
        my $b = asked('b');
        select undef, undef, undef, $wait // 0;
        say_to($b, broken());
        ok(logged_error(qr/provider "b", key "b-1" failed with status 500/),
            'the second has failed');
        say_to($a, message('from a'));
        client_gets($client, qr/^HTTP\/1.1 200.*from a/s);
        ok(not_asked('c'), 'there is no third try');
    },

    # … or the time for them
    late => sub { $Checks{back}->(0.4) },

    gone => sub {
        my $client = ask();
        my $a = asked('a');
        ok(logged_error(qr/connect\(\) failed .*Connection refused/),
            'the second refuses');
        say_to($a, message('from a'));
        client_gets($client, qr/^HTTP\/1.1 200.*from a/s);
        ok(logged(qr/tries=2 provider=a /), 'two tries');
    },

    leaves => sub {
        my $client = ask();
        my $a = asked('a');
        my $b = asked('b');
        close $client;
        ok(ends($a) && ends($b), 'both see the end');
        ok(logged(qr/status=499/), 'the client left');
        free_again();
    },

    stream => sub {
        my $client = ask(stream => 1);
        my $a = asked('a');
        my $b = asked('b');
        my $head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            . "Connection: close\r\n\r\n";
        my $delta = sub { 'data: {"id":"c","object":"chat.completion.chunk",'
            . '"created":1,"model":"m","choices":[{"index":0,"delta":'
            . "$_[0],\"finish_reason\":$_[1]}]}\n\n" };
        say_to($b, $head . $delta->('{"role":"assistant","content":"Hel"}',
            'null'));
        is(read_until($client, qr/Hel/), 1, 'what it says comes at once');
        is(ends($a), 1, 'the first is left');
        say_to($b, $delta->('{"content":"lo"}', 'null')
            . $delta->('{}', '"stop"') . "data: [DONE]\n\n");
        close $b;
        client_gets($client, qr/lo.*event: message_stop/s);
        unlike(${*$client}{got}, qr/event: error/, 'without an error');
    },

    # Names too long for Chat: the map is made for b, and a's answer has none
    names => sub {
        my $name = 'n' x 100;
        my $client = ask(more => '"tools":[{"name":"' . $name
            . '","input_schema":{"type":"object"}}],');
        my $a = asked('a');
        my $b = asked('b');
        say_to($a, message('', '{"type":"tool_use","id":"t1","name":"' . $name
            . '","input":{"k":1}}'));
        client_gets($client, qr/"tool_use".*"$name"/s);
    },

    # No request gets through to the first: the second serves alone.
    unconnected => sub {
        my $client = ask();
        my $b = asked('b');
        say_to($b, chat('from b'));
        client_gets($client, qr/^HTTP\/1.1 200.*from b/s);
        ok(logged(qr/tries=2 provider=b .*statuses=-, 200/), 'two tries');
    },

    # … and if that fails the first is connected to anew
    reconnected => sub {
        my $client = ask();
        my $b = asked('b');
        ok($b, 'the second is asked');
        my $greeting = $Listen{a}->accept;
        is(ends($greeting), 1, 'the connection without an end is given up');
        say_to($b, broken());
        my $again = $Listen{a}->accept;
        read_until($again, qr/^\x16\x03/);
        like(${*$again}{got}, qr/^\x16\x03/, 'the first is asked after all');
        close $client;
        is(ends($again), 1, 'till the client leaves');
    },

    # A request that is being sent is none that is not answered.
    sending => sub {
        my $client = ask(text => 'x' x 12_000_000);
        IO::Select->new($Listen{a})->can_read($Patience);
        my $a = $Listen{a}->accept;
        ok(!IO::Select->new($Listen{b})->can_read(0.5),
            'the second is not asked while the request is sent');
        read_until($a, qr/\}\]\}\z/);
        my $b = asked('b');
        ok($b, 'but then');
        say_to($b, chat('from b'));
        client_gets($client, qr/from b/);
    },

    # Kept connections serve both of them, and are not mixed up.
    kept => sub {
        my $client = ask();
        my ($a, $b) = (asked('a'), asked('b'));
        (my $answer = chat('from b')) =~ s/Connection: close\r\n//;
        say_to($b, $answer);
        client_gets($client, qr/from b/);
        is(ends($a), 1, 'the first is left');

        $client = ask(text => 'two');
        $a = asked('a');
        ${*$b}{got} = '';
        is(read_until($b, qr/"two"/), 1, 'the kept connection is used');
        say_to($a, message('from a'));
        client_gets($client, qr/from a/);
        is(ends($b), 1, 'which is left in the middle of its answer');
    },

    tunnel_second => sub {
        my $client = ask();
        my $a = tunnelled('a');
        my $b = tunnelled('b');
        say_to($b, chat('from b'));
        client_gets($client, qr/from b/);
        is(ends($a), 1, 'the first is left');
    },

    tunnel_first => sub {
        my $client = ask();
        my $a = tunnelled('a');
        my $b = tunnelled('b');
        say_to($a, message('from a'));
        client_gets($client, qr/from a/);
        is(ends($b), 1, 'the second is left');
    },

    # the first speaks while the second's tunnel is still being made
    tunnel_late => sub {
        my $client = ask();
        my $a = tunnelled('a');
        IO::Select->new($Listen{b})->can_read($Patience);
        my $b = $Listen{b}->accept;
        is(read_until($b, qr/^CONNECT /), 1, 'the proxy is asked');
        say_to($a, message('from a'));
        client_gets($client, qr/from a/);
        is(ends($b), 1, 'and left');
    },

    # the proxy of the first does not answer
    tunnel_none => sub {
        my $client = ask();
        my $b = tunnelled('b');
        say_to($b, chat('from b'));
        client_gets($client, qr/from b/);
        my $a = $Listen{a}->accept;
        is(ends($a), 1, 'the first is left');
    },

    limits => sub {
        my $client = ask();
        my $a = asked('a');
        ok(!IO::Select->new($Listen{b})->can_read(0.5),
            'there is no second try');
        say_to($a, message('from a'));
        client_gets($client, qr/from a/);
        ok(logged(qr/tries=1 provider=a key=a-1 upstreams=127.0.0.1:$Port{a};/),
            'and none is told');
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig . $block->pool);

    return if defined $block->must_die;

    $block->set_value('config', <<'END');
    location /v1/ {
        ccproxy on;
        proxy_pass http://p;
        access_log logs/tries.log tries;
    }
    location = /ready { return 200 ready; }
END

    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
});

add_response_body_check(sub {
    my ($block) = @_;

    if (defined $block->does) {
        $Checks{$block->does}->();

        # nothing that one check left may reach the next

        for my $name (keys %Listen) {
            while (IO::Select->new($Listen{$name})->can_read(0)) {
                close $Listen{$name}->accept;
            }
        }
    }
});

no_shuffle();
no_long_string();
log_level('info');
run_tests();

__DATA__

=== TEST 1: the first is silent, the second serves
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m max_inflight=1; ccproxy_target b m max_inflight=1; }
--- does: second
--- error_log
provider "a", key "a-1" is silent, the next pair is asked too
--- no_error_log
[error]



=== TEST 2: the first speaks in time
--- pool
    upstream p { ccproxy; ccproxy_hedge 10s; ccproxy_target a m max_inflight=1; ccproxy_target b m max_inflight=1; }
--- does: early
--- no_error_log
[error]
is silent



=== TEST 3: the first speaks first after all
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m max_inflight=1; ccproxy_target b m max_inflight=1; }
--- does: first
--- error_log
provider "a", key "a-1" speaks first
--- no_error_log
[error]



=== TEST 4: the first begins to speak, and the second too
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m max_inflight=1; ccproxy_target b m max_inflight=1; }
--- does: slow
--- no_error_log
[error]



=== TEST 5: nobody speaks
--- pool
    upstream p { ccproxy; ccproxy_hedge 50ms; ccproxy_target a m; ccproxy_target b m; }
    proxy_read_timeout 400ms;
--- does: silent
--- no_error_log
[alert]



=== TEST 6: the first closes its connection
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m; ccproxy_target b m; }
--- does: closes
--- no_error_log
[error]



=== TEST 7: the first speaks of an error
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m; ccproxy_target b m; }
--- does: error
--- no_error_log
[error]



=== TEST 8: both speak of errors
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m; ccproxy_target b m; }
--- does: errors
--- no_error_log
[error]



=== TEST 9: the second fails, there is a third
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m; ccproxy_target b m; ccproxy_target c m; }
--- does: third
--- no_error_log
[error]



=== TEST 10: the second fails, tries are bounded
--- pool
    upstream p { ccproxy; ccproxy_tries 2; ccproxy_hedge 100ms; ccproxy_target a m; ccproxy_target b m; ccproxy_target c m; }
--- does: back
--- no_error_log
[error]



=== TEST 11: the second fails, and it is late
--- pool
    upstream p { ccproxy; ccproxy_tries_timeout 400ms; ccproxy_hedge 100ms; ccproxy_target a m; ccproxy_target b m; ccproxy_target c m; }
--- does: late
--- no_error_log
[error]



=== TEST 12: the second refuses the connection
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m; ccproxy_target gone m; }
--- does: gone
--- no_error_log
[alert]



=== TEST 13: the client leaves
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m max_inflight=1; ccproxy_target b m max_inflight=1; }
--- does: leaves
--- no_error_log
[error]



=== TEST 14: a stream
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m; ccproxy_target b m; }
--- does: stream
--- no_error_log
[error]



=== TEST 15: what was made for the second's request is not the first's
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m; ccproxy_target b m; }
--- does: names
--- no_error_log
[error]



=== TEST 16: no connection to the first comes about
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target full m; ccproxy_target b m; }
--- does: unconnected
--- no_error_log
[error]



=== TEST 17: no handshake with the first comes to an end
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target mute m; ccproxy_target b m; }
--- does: reconnected
--- no_error_log
[error]



=== TEST 18: a request takes its time to be sent
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m; ccproxy_target b m; }
--- does: sending
--- no_error_log
[error]



=== TEST 19: kept connections
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m; ccproxy_target b m; }
--- does: kept
--- no_error_log
[error]



=== TEST 20: TLS: the second serves
--- pool
    upstream p { ccproxy; ccproxy_hedge 300ms; ccproxy_target ta m; ccproxy_target tb m; }
--- does: stream
--- no_error_log
[alert]



=== TEST 21: TLS: the first serves
--- pool
    upstream p { ccproxy; ccproxy_hedge 300ms; ccproxy_target ta m; ccproxy_target tb m; }
--- does: names
--- error_log
provider "ta", key "" speaks first
--- no_error_log
[alert]



=== TEST 22: TLS: the first ends without a word
--- pool
    upstream p { ccproxy; ccproxy_hedge 300ms; ccproxy_target ta m; ccproxy_target tb m; }
--- does: closes
--- no_error_log
[alert]



=== TEST 23: one pair
--- pool
    upstream p { ccproxy; ccproxy_hedge 50ms; ccproxy_target a m; }
--- does: limits
--- no_error_log
[error]



=== TEST 24: one try
--- pool
    upstream p { ccproxy; ccproxy_hedge 50ms; ccproxy_tries 1; ccproxy_target a m; ccproxy_target b m; }
--- does: limits
--- no_error_log
[error]



=== TEST 25: no other pair is free
--- pool
    upstream p { ccproxy; ccproxy_hedge 50ms; ccproxy_target a m; ccproxy_target b m context=1; }
--- does: limits
--- no_error_log
[error]



=== TEST 26: off
--- pool
    upstream p { ccproxy; ccproxy_hedge off; ccproxy_target a m; ccproxy_target b m; }
--- does: limits
--- no_error_log
[error]



=== TEST 27: proxies: the second serves
--- pool
    upstream p { ccproxy; ccproxy_hedge 200ms; ccproxy_target pa m; ccproxy_target pb m; }
--- does: tunnel_second
--- no_error_log
[error]



=== TEST 28: proxies: the first serves
--- pool
    upstream p { ccproxy; ccproxy_hedge 200ms; ccproxy_target pa m; ccproxy_target pb m; }
--- does: tunnel_first
--- no_error_log
[error]



=== TEST 29: proxies: the first serves, there is no tunnel to the second yet
--- pool
    upstream p { ccproxy; ccproxy_hedge 200ms; ccproxy_target pa m; ccproxy_target pb m; }
--- does: tunnel_late
--- no_error_log
[error]



=== TEST 30: proxies: there is no tunnel to the first
--- pool
    upstream p { ccproxy; ccproxy_hedge 200ms; ccproxy_target pa m; ccproxy_target pb m; }
--- does: tunnel_none
--- no_error_log
[error]



=== TEST 31: a time that is none
--- pool
    upstream p { ccproxy; ccproxy_hedge soon; ccproxy_target a m; }
--- config
    location / { return 204; }
--- must_die
--- error_log
invalid time "soon" in "ccproxy_hedge": write a time such as "5s" or "800ms", or "off"



=== TEST 32: twice
--- pool
    upstream p { ccproxy; ccproxy_hedge 1s; ccproxy_hedge 2s; ccproxy_target a m; }
--- config
    location / { return 204; }
--- must_die
--- error_log
"ccproxy_hedge" directive is duplicate



=== TEST 33: the first speaks first after all: nothing is encoded again
--- log_level: debug
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target a m; ccproxy_target b m; }
--- does: swapped
--- grep_error_log eval
qr/ccproxy (?:try: provider "\w+", (?:written|the client)|hedge: pair \d aside, pair \d)/
--- grep_error_log_out
ccproxy try: provider "a", the client
ccproxy hedge: pair 0 aside, pair 1
ccproxy try: provider "b", written
ccproxy hedge: pair 1 aside, pair 0



=== TEST 34: the second fails, no connection to the first was made: nor then
--- log_level: debug
--- pool
    upstream p { ccproxy; ccproxy_hedge 100ms; ccproxy_target mute m; ccproxy_target b m; }
--- does: reconnected
--- grep_error_log eval
qr/ccproxy (?:try: provider "\w+", written|hedge: (?:pair \d aside|back))/
--- grep_error_log_out
ccproxy try: provider "mute", written
ccproxy hedge: pair 0 aside
ccproxy try: provider "b", written
ccproxy hedge: back
