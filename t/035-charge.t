# What is charged of answers that have no end: their client left, or their
# upstream broke off.  Every protocol at either side; no figures ever came.
#
# Each case has a key of its own.  After an answer of more tokens than the key
# has for a minute, the next request finds none.
use Test::Nginx::Socket;
use IO::Select;
use IO::Socket::INET;
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/OwnUpstreams.pm"; OwnUpstreams->import }
BEGIN { require "$FindBin::Bin/lib/ScriptedUpstream.pm" }
BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

my $Long = 'the quick brown fox ' x 500;
my @Protocols = @ScriptedUpstream::Protocols;

sub sse { return map { "event: $_->[0]\ndata: $_->[1]\n\n" } @_ }

# The beginning of a stream in each protocol.
my %Begins = (
    anthropic => join('', sse(
        ['message_start', '{"type":"message_start","message":{"id":"m",'
            . '"type":"message","role":"assistant","model":"m","content":[],'
            . '"stop_reason":null,"stop_sequence":null,'
            . '"usage":{"input_tokens":9,"output_tokens":1}}}'],
        ['content_block_start', '{"type":"content_block_start","index":0,'
            . '"content_block":{"type":"text","text":""}}'],
        ['content_block_delta', '{"type":"content_block_delta","index":0,'
            . '"delta":{"type":"text_delta","text":"' . $Long . '"}}'])),
    chat => delta('{"role":"assistant","content":"' . $Long . '"}'),
    responses => join('', sse(
        ['response.created', '{"type":"response.created","response":{"id":"r",'
            . '"object":"response","created_at":1,"status":"in_progress",'
            . '"model":"m","output":[]}}'],
        ['response.output_item.added', '{"type":"response.output_item.added",'
            . '"output_index":0,"item":{"type":"message","id":"i",'
            . '"role":"assistant","status":"in_progress","content":[]}}'],
        ['response.content_part.added', '{"type":'
            . '"response.content_part.added","item_id":"i","output_index":0,'
            . '"content_index":0,"part":{"type":"output_text","text":""}}'],
        ['response.output_text.delta', '{"type":"response.output_text.delta",'
            . '"item_id":"i","output_index":0,"content_index":0,"delta":"'
            . $Long . '"}'])),
    gemini => 'data: {"candidates":[{"content":{"role":"model","parts":'
        . '[{"text":"' . $Long . '"}]},"index":0}]}' . "\n\n",
    ollama => '{"model":"m","created_at":"2026-01-01T00:00:00Z","message":'
        . '{"role":"assistant","content":"' . $Long . '"},"done":false}' . "\n",
);

my ($Http, $Locations) = ('', '');

for my $client (@Protocols) {
    for my $up (@Protocols) {
        for my $how (qw(left broken)) {
            my $name = "$client-$up-$how";
            $Http .= "ccproxy_provider $name { protocol $up; url "
                . "http://127.0.0.1:$Port{b}$ScriptedUpstream::Root{$up}; "
                . "key literal:key-of-$name tpm=2000; }\n"
                . "upstream pool-$name { ccproxy; ccproxy_target $name m; }\n";
            $Locations .= "location /$name/ { ccproxy on; "
                . "proxy_pass http://pool-$name; }\n";
        }
    }
}

sub send_to {
    my ($name, $client) = @_;

    my ($path, $body) = ScriptedUpstream::request($client, 1, 'x');
    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => server_port()) || die "connect: $!";

    say_to($sock, "POST /$name$path HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\nContent-Length: " . length($body)
        . "\r\n\r\n$body");

    return $sock;
}

# Whether the tenant's next request is refused, nobody being asked.
sub spent {
    my ($name, $client) = @_;

    my $sock = send_to($name, $client);
    ends($sock);

    return ${*$sock}{got} =~ m{^HTTP/1.1 429 } && not_asked('b');
}

sub charged {
    my ($client, $up, $how) = @_;

    my $name = "$client-$up-$how";
    my $sock = send_to($name, $client);

    IO::Select->new($Listen{b})->can_read($Patience) or return 'not asked';
    my $b = $Listen{b}->accept;
    read_until($b, qr/\r\n\r\n\{.*\}$/s) or return 'no request';

    say_to($b, "HTTP/1.1 200 OK\r\nContent-Type: "
        . ($up eq 'ollama' ? 'application/x-ndjson' : 'text/event-stream')
        . "\r\nConnection: close\r\n\r\n$Begins{$up}");

    if ($how eq 'left') {
        read_until($sock, qr/quick brown/) or return 'no answer';
        close $sock;
        ends($b) or return 'the upstream goes on';

    } else {
        close $b;
        ends($sock) or return 'the client waits';
    }

    return spent($name, $client) ? 'charged' : 'free';
}

our %Checks = (
    left => sub { cases('left') },
    broken => sub { cases('broken') },
);

sub cases {
    my ($how) = @_;

    for my $client (@Protocols) {
        for my $up (@Protocols) {
            is(charged($client, $up, $how), 'charged',
                "$client client, $up upstream, $how");
        }
    }
}

add_block_preprocessor(sub {
    my ($block) = @_;

    if (defined $block->does) {
        $block->set_value('http_config', $Http);
        $block->set_value('config',
            "$Locations location = /ready { return 200 ready; }\n");
        $block->set_value('request', 'GET /ready');
        $block->set_value('response_body', 'ready');
        $block->set_value('timeout', 20);
    }
});

add_response_body_check(sub {
    my ($block) = @_;

    $Checks{$block->does}->() if defined $block->does;
});

plan tests => repeat_each() * (50 + 2 * 3 + 6 * 2 + 5 * 2);

no_shuffle();
no_long_string();
no_root_location();
run_tests();

__DATA__

=== TEST 1: who leaves pays for what came till then
--- does: left
--- no_error_log
[alert]



=== TEST 2: so is what a broken upstream has sent
--- does: broken
--- no_error_log
[alert]



=== TEST 3: two names of one secret share its limits, of any host
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        default_type application/json;
        location / { return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":5,"total_tokens":10}}'; }
    }
    ccproxy_provider one   { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:shared-secret name=first rpm=2; }
    ccproxy_provider two   { protocol chat; url http://localhost:$TEST_NGINX_UP_PORT/v1; key literal:shared-secret name=second rpm=2; }
    ccproxy_provider three { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:shared-secret name=third; }
    ccproxy_provider four  { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:another-secret rpm=2; }
    resolver 127.0.0.1;
    upstream a { ccproxy; ccproxy_target one m; }
    upstream b { ccproxy; ccproxy_target two m; }
    upstream c { ccproxy; ccproxy_target three m; }
    upstream d { ccproxy; ccproxy_target four m; }
--- config
    location /a/ { ccproxy on; proxy_pass http://a; }
    location /b/ { ccproxy on; proxy_pass http://b; }
    location /c/ { ccproxy on; proxy_pass http://c; }
    location /d/ { ccproxy on; proxy_pass http://d; }
--- request eval
[map { "POST /$_/v1/chat/completions\n{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}" } qw(a b a b c d)]
--- error_code eval
[200, 200, 429, 429, 429, 200]
--- response_body_like eval
[qr/"ok"/, qr/"ok"/, qr/limits set for each key are reached/, qr/limits set for each key are reached/, qr/limits set for each key are reached/, qr/"ok"/]



=== TEST 4: who got nothing, since its upstream broke, pays nothing
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        location / { return 444; }
    }
    ccproxy_provider up { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key literal:provider-key; }
    upstream pool { ccproxy; ccproxy_target up m; }
--- config
    location / { ccproxy on; ccproxy_access_key team team-secret tpm=100; proxy_pass http://pool; }
--- more_headers
Authorization: Bearer team-secret
--- request eval
[map { "POST /v1/chat/completions\n{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"" . ('word ' x 60) . "\"}]}" } 1 .. 5]
--- error_code eval
[(502) x 5]
--- response_body_like eval
[(qr/"error"/) x 5]
