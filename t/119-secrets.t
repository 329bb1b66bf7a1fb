# A run with all features: no secret is in any log, page, answer or transcript.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/OwnUpstreams.pm"; OwnUpstreams->import }

$ENV{TEST_NGINX_A_PORT} = $Port{a};
$ENV{TEST_NGINX_B_PORT} = $Port{b};

our $HttpConfig = <<'END';
    log_format all '$request $status $ccproxy_client $ccproxy_key_name $ccproxy_error $ccproxy_provider $request_uri $args $http_user_agent';
    ccproxy_provider a { protocol anthropic; url http://127.0.0.1:$TEST_NGINX_A_PORT/v1; key literal:sk-hidden/of=a name=ka; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_B_PORT/v1; key literal:sk-hidden-of-b name=kb; }
    upstream only_b { ccproxy; ccproxy_target b n; }
    upstream pool { ccproxy; ccproxy_target a m weight=100; ccproxy_target b n; }
    ccproxy_access_key alice client-hidden-alice;
    ccproxy_access_key bob sha256:5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8;
END

our $Config = <<'END';
    access_log logs/all.log all;
    location / { ccproxy on; proxy_pass http://pool; ccproxy_transcript logs/t.jsonl; ccproxy_redact 'pin \d+'; }
    location /b/ { ccproxy on; proxy_pass http://only_b; ccproxy_transcript logs/t.jsonl; }
    location = /ready { ccproxy_access_key off; return 200 ready; }
    location = /status { ccproxy_access_key off; ccproxy_status admin try; }
END

sub http {
    my ($method, $uri, $body, @headers) = @_;

    my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => server_port()) || die "connect: $!";

    $client->print("$method $uri HTTP/1.1\r\nHost: localhost\r\n"
        . join('', map { "$_\r\n" } @headers)
        . "Connection: close\r\nContent-Length: " . length($body)
        . "\r\n\r\n$body");
    $client->flush;

    return $client;
}

my $got = '';

sub gets {
    my ($client) = @_;
    ends($client);
    $got .= ${*$client}{got} . "\n";
    return ${*$client}{got};
}

# Requests that go well, fail, are refused, break off; upstreams quote keys in
# several spellings.
sub run {
    my $body = '{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"my pin 4711, my key client-hidden-alice"}]}';
    my $key = 'x-api-key: client-hidden-alice';
    my $a = 'sk-hidden/of=a sk-hidden\\\\/of=a sk-\\\\u0068idden/of=a';
    my $b = 'sk-hidden-of-b sk-\\u0068idden-of-b';

    my $client = http('POST', '/v1/messages', $body, $key);
    say_to(asked('a'), message('fine, pin 4711'));
    gets($client);

    $client = http('POST', '/v1/messages?key=client-hidden-alice', $body);
    say_to(asked('a'), whole(qq({"type":"error","error":{"type":"invalid_request_error","message":"$a"}}), '400 Bad'));
    gets($client);

    $client = http('POST', '/v1beta/models/m:generateContent?key=client-hidden-alice',
        '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}');
    say_to(asked('a'), whole(qq({"type":"error","error":{"type":"overloaded_error","message":"$a"}}), '529 Busy'));
    say_to(asked('b'), whole(qq({"error":{"message":"$b"}}), '500 No'));
    gets($client);

    $client = http('POST', '/b/v1/chat/completions', '{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}',
        'Authorization: Bearer client-hidden-alice');
    my $up = asked('b');
    say_to($up, $Begin . delta(qq({"content":"sk-hidden-"})) . delta(qq({"content":"of-b and more"})));
    read_until($client, qr/more/);
    close $client;
    ends($up);

    gets(http('POST', '/v1/messages', $body, 'x-api-key: wrong-hidden-key'));
    gets(http('POST', '/v1/messages', $body, 'Authorization: Bearer wrong-hidden-key'));
    gets(http('GET', '/status', ''));
    gets(http('GET', '/status', '', 'Accept: text/html'));
    gets(http('GET', '/', '', 'Accept: text/html'));
}

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config);
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
});

add_response_body_check(sub {
    run();

    my $lines = 0;

    for (1 .. 100 * $Patience) {
        if (open my $in, '<', server_root() . '/logs/t.jsonl') {
            $lines = () = <$in>;
        }
        last if $lines >= 6;
        select undef, undef, undef, 0.01;
    }

    is($lines, 6, 'all requests are in the transcript');

    my %text = (answers => $got);

    for my $name (qw(error.log access.log all.log t.jsonl)) {
        open my $in, '<', server_root() . "/logs/$name" or next;
        local $/;
        $text{$name} = <$in> // '';
    }

    ok(exists $text{'all.log'} && length $text{'error.log'}, 'there is something to look at');

    for my $name (sort keys %text) {
        my $plain = $text{$name} =~ s/\\+u([0-9a-f]{4})/chr hex $1/ger =~ s{\\+/}{/}gr;

        unlike($plain, qr/idden\/of=a|idden-of-b/, "$name: no key of a provider");
        unlike($plain, qr/client-hidden/, "$name: no key of a client") if $name ne 'answers';
        unlike($plain, qr/wrong-hidden/, "$name: no wrong key");
    }

    unlike($text{'t.jsonl'}, qr/pin \d/, 'nor what a pattern finds');
    unlike($text{answers}, qr/client-hidden/, 'nor a client\'s key in answers');
});

log_level('info');
no_root_location();
no_shuffle();
no_long_string();
run_tests();

__DATA__

=== TEST 1: a run with all features
--- no_error_log
[alert]
