# Answers that break, client and upstream of the same protocol: every way ends
# as an error of that protocol, on a line of its own, behind whole events only,
# or as the end that the answer had already.
use Test::Nginx::Socket 'no_plan';

use IO::Select;
use Socket qw(SOL_SOCKET SO_LINGER);
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
BEGIN { require "$FindBin::Bin/lib/Servers.pm"; Servers->import }

Ports::take(qw(UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();

our @protocols = qw(anthropic chat responses gemini array ollama);

# What a client asks; STREAM is told in the body, or in the path.
my %asks = (
    anthropic => ['/v1/messages',
        '{"model":"x","max_tokens":9,STREAM"messages":[{"role":"user","content":"hi"}]}'],
    chat      => ['/v1/chat/completions', '{"model":"x",STREAM"messages":[{"role":"user","content":"hi"}]}'],
    responses => ['/v1/responses', '{"model":"x",STREAM"input":"hi"}'],
    gemini    => ['/v1beta/models/x:STREAMgenerateContent', '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}'],
    ollama    => ['/api/chat', '{"model":"x",STREAM"messages":[{"role":"user","content":"hi"}]}'],
);
$asks{array} = $asks{gemini};

sub event { return "event: $_[0]\ndata: {\"type\":\"$_[0]\",$_[1]}\n\n" }

my $gemini = '{"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"so far"}]}END}]}';

# How each stream begins; what ends it; and what would end the client's.
our %begins = (
    anthropic => event('message_start', '"message":{"id":"msg_1","type":"message","role":"assistant","model":"x",'
            . '"content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}')
        . event('content_block_start', '"index":0,"content_block":{"type":"text","text":""}')
        . event('content_block_delta', '"index":0,"delta":{"type":"text_delta","text":"so far"}'),
    chat      => chat('{"role":"assistant","content":"so far"}', 'null'),
    responses => event('response.created', '"sequence_number":0,"response":{"id":"resp_up","object":"response",'
            . '"created_at":1,"status":"in_progress","output":[]}')
        . event('response.output_item.added', '"sequence_number":1,"output_index":0,"item":{"id":"msg_1",'
            . '"type":"message","role":"assistant","status":"in_progress","content":[]}')
        . event('response.output_text.delta', '"sequence_number":7,"item_id":"msg_1","output_index":0,'
            . '"content_index":0,"delta":"so far"'),
    gemini    => 'data: ' . ($gemini =~ s/END//r) . "\r\n\r\n",
    array     => '[' . ($gemini =~ s/END//r),
    ollama    => '{"model":"x","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"so far"},"done":false}' . "\n",
);

our %ends = (
    anthropic => event('message_delta', '"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}'),
    chat      => chat('{}', '"stop"'),
    responses => event('response.completed', '"sequence_number":8,"response":{"id":"resp_up","object":"response",'
            . '"created_at":1,"status":"completed","output":[]}'),
    gemini    => 'data: ' . ($gemini =~ s/END/,"finishReason":"STOP"/r) . "\r\n\r\n",
    array     => ",\r\n" . ($gemini =~ s/END/,"finishReason":"STOP"/r),
    ollama    => '{"model":"x","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}' . "\n",
);

our %complete = (
    anthropic => qr/event: message_stop\ndata: \{"type":"message_stop"\}\n\n\z/,
    chat      => qr/data: \[DONE\]\n\n\z/,
    responses => qr/event: response\.completed\ndata: \{.*\}\n\n\z/,
    gemini    => qr/"finishReason":"STOP"\}\]\}\r?\n\r?\n\z/,
    array     => qr/"finishReason":"STOP"\}\]\}\]\r\n\z/,
    ollama    => qr/"done_reason":"stop"\}\n\z/,
);

# Half of an event that never was.
our %half = (
    (map { $_ => "event: content_block_delta\ndata: {\"type\":\"content_blo" } qw(anthropic responses)),
    chat   => 'data: {"id":"c","object":"chat.comp',
    gemini => 'data: {"candidates":[{"ind',
    array  => ",\r\n{\"candidates\":[{\"ind",
    ollama => '{"model":"x","mess',
);

# The error, once, on a line of its own, and nothing of a half event.
our %broken = (
    anthropic => qr/\n\nevent: error\ndata: \{"type":"error","error":\{[^\n]*\}\n\n\z/,
    chat      => qr/\n\ndata: \{"error":\{[^\n]*\}\n\ndata: \[DONE\]\n\n\z/,
    responses => qr/\n\nevent:\ error\ndata:\ \{"type":"error","sequence_number":8,[^\n]*\}\n\n
                    event:\ response\.failed\ndata:\ \{"type":"response\.failed","sequence_number":9,
                    "response":\{"id":"resp_up",[^\n]*\}\n\n\z/x,
    gemini    => qr/\n\r\ndata: \{"error":\{[^\n]*\}\r\n\r\n\z/,
    array     => qr/\},\r\n\{"error":\{[^\n]*\}\]\r\n\z/,
    ollama    => qr/\}\n\{"error":"[^\n]*"\}\n\z/,
);

our %document = (
    anthropic => qr/\A\{"type":"error","error":\{/,
    (map { $_ => qr/\A\{"error":\{"message":"/ } qw(chat responses)),
    (map { $_ => qr/\A\{"error":\{"code":502,/ } qw(gemini array)),
    ollama    => qr/\A\{"error":"/,
);

sub chat {
    my ($delta, $finish) = @_;

    return 'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x",'
        . "\"choices\":[{\"index\":0,\"delta\":$delta,\"finish_reason\":$finish}]}\n\n";
}

sub chunk { return sprintf "%x\r\n%s\r\n", length $_[0], $_[0] }

sub head {
    my ($type, $framing) = @_;

    return "HTTP/1.1 200 OK\r\nContent-Type: $type\r\n$framing\r\n\r\n";
}

our $chunked = 'Transfer-Encoding: chunked';
our %type = (anthropic => 'text/event-stream', chat => 'text/event-stream', responses => 'text/event-stream',
    gemini => 'text/event-stream', array => 'application/json', ollama => 'application/x-ndjson');

# Faults behind content: how the bytes go on behind the beginning.
our %fault = (
    'half, then the end'   => sub { chunk($half{$_[0]}) . "0\r\n\r\n" },
    'half, then closed'    => sub { chunk($half{$_[0]}) },
    'half, then reset'     => sub { chunk($half{$_[0]}) },
    'half, then no chunk'  => sub { chunk($half{$_[0]}) . "zz\r\n" },
    'no chunk'             => sub { "-5\r\n" },
    'half a chunk'         => sub { "40\r\nda" },
    'no chunk size'        => sub { "\r\n\r\n" },
    'a huge chunk size'    => sub { 'f' x 40 . "\r\n" },
    'half of the last'     => sub { chunk(substr $ends{$_[0]}, 0, -9) . "0\r\n\r\n" },
    'end, then half'       => sub { chunk($ends{$_[0]} . $half{$_[0]}) . "0\r\n\r\n" },
    'end, then closed'     => sub { chunk($ends{$_[0]}) },
    'end, then no chunk'   => sub { chunk($ends{$_[0]} . $half{$_[0]}) . "zz\r\n" },
    'an end without its line end' => sub { chunk($ends{$_[0]} =~ s/\s+\z//r) . "0\r\n\r\n" },
);

# Faults in place of an answer.
our %instead = (
    'a status line of garbage'  => "HTTX/1.1 200 OK\r\n\r\n{}",
    'no status line'            => "hello there\r\n",
    'a letter'                  => 'H',
    'a status that is none'     => "HTTP/1.1 abc OK\r\n\r\n",
    'nothing'                   => '',
    'a header without end'      => "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-",
    'a header without a colon'  => "HTTP/1.1 200 OK\r\nthis is no header\x01\r\n\r\n{}",
    'a huge header'             => "HTTP/1.1 200 OK\r\nX-Huge: " . 'a' x 200_000 . "\r\n\r\n{}",
    'only 100'                  => "HTTP/1.1 100 Continue\r\n\r\n",
    '204'                       => "HTTP/1.1 204 No Content\r\n\r\n",
    '304'                       => "HTTP/1.1 304 Not Modified\r\n\r\n",
    'an empty 200'              => head('application/json', 'Content-Length: 0'),
    'an empty stream'           => head('text/event-stream', $chunked) . "0\r\n\r\n",
    'white space'               => head('text/event-stream', $chunked) . chunk("\n\n\r\n") . "0\r\n\r\n",
    'comments'                  => head('text/event-stream', $chunked) . chunk(": ping\n\n: ping\n\n") . "0\r\n\r\n",
    'no chunk at all'           => head('text/event-stream', $chunked) . "nonsense\r\n",
    'a wrong length'            => head('application/json', 'Content-Length: 900') . '{"id":',
    'a length that is none'     => head('application/json', 'Content-Length: many') . '{}',
    'both framings'             => head('application/json', "Content-Length: 2\r\n$chunked") . '{}',
    'an unknown framing'        => head('application/json', 'Transfer-Encoding: foo') . '{}',
    'half a document'           => head('application/json', 'Connection: close') . '{"id":"x","cho',
    'a page'                    => head('text/html', 'Content-Length: 21') . '<html>whatever</html>',
    'an empty object'           => head('application/json', 'Content-Length: 2') . '{}',
    'an empty array'            => head('application/json', 'Content-Length: 2') . '[]',
    'null'                      => head('application/json', 'Content-Length: 4') . 'null',
);

my $listen = listen_at($ENV{TEST_NGINX_UP_PORT});

serve(sub {
    each_client($listen, sub {
        my ($client) = @_;

        my $request = '';
        while ($request !~ /\r\n\r\n\{.*\}\z/s) {
            sysread($client, $request, 65536, length $request) or last;
        }

        my ($name, $what) = $request =~ m{^POST /(\w+)-up/([^/]+)/};
        $what =~ tr/_/ /;

        if (exists $instead{$what}) {
            syswrite $client, $instead{$what};

        } else {
            syswrite $client, head($type{$name}, $chunked) . chunk($begins{$name});
            select undef, undef, undef, 0.02;
            syswrite $client, $fault{$what}->($name);
        }

        if ($what =~ /reset/) {
            IO::Select->new($client)->can_read(0.1);
            setsockopt $client, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
            close $client;
            return;
        }

        shutdown $client, 1;
        1 while sysread $client, my $rest, 65536;
    });
});

add_block_preprocessor(sub {
    my $block = shift;

    my ($what) = $block->name =~ /^TEST \d+: (.*)$/;
    my $path = $what =~ tr/ /_/r;
    my ($http, $config, @requests, @bodies, @codes) = ('', '');

    for my $name (@protocols) {
        my $protocol = $name eq 'array' ? 'gemini' : $name;

        $http .= "ccproxy_provider $name { protocol $protocol; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/$name-up/$path; }\n"
            . "upstream $name { ccproxy; ccproxy_target $name; }\n";
        $config .= "location /$name/ { ccproxy on; proxy_pass http://$name; }\n";

        my ($uri, $body) = @{ $asks{$name} };
        my $stream = !defined $block->whole;

        $body =~ s/STREAM/$stream ? '"stream":true,' : '"stream":false,'/e;
        $uri =~ s/STREAM(.)/$stream ? "stream\U$1" : $1/e;
        $uri .= '?alt=sse' if $name eq 'gemini' && $stream;

        push @requests, "POST /$name$uri\n$body";
        push @codes, $block->status // 200;
        push @bodies, defined $block->status ? $document{$name}
            : $what =~ /^(?:an )?end/ ? $complete{$name}
            : qr/\A(?!.*(?:content_blo(?!ck)|chat\.comp(?!letion)|"ind[^e]|"mess(?!age))).*so far.*$broken{$name}/s;
    }

    $block->set_value('http_config', $http);
    $block->set_value('config', $config);
    $block->set_value('request', \@requests);
    $block->set_value('error_code', \@codes);
    $block->set_value('response_body_like', \@bodies);
    $block->set_value('no_error_log', '[alert]');
    $block->set_value('timeout', 5);
});

run_tests();

__DATA__

=== TEST 1: half, then the end



=== TEST 2: half, then closed



=== TEST 3: half, then reset



=== TEST 4: half, then no chunk



=== TEST 5: no chunk



=== TEST 6: half a chunk



=== TEST 7: no chunk size



=== TEST 8: a huge chunk size



=== TEST 9: half of the last



=== TEST 10: end, then half



=== TEST 11: end, then closed



=== TEST 12: end, then no chunk



=== TEST 13: an end without its line end



=== TEST 14: a status line of garbage
--- status: 502



=== TEST 15: no status line
--- status: 502



=== TEST 16: a letter
--- status: 502



=== TEST 17: a status that is none
--- status: 502



=== TEST 18: nothing
--- status: 502



=== TEST 19: a header without end
--- status: 502



=== TEST 20: a header without a colon
--- status: 502



=== TEST 21: a huge header
--- status: 502



=== TEST 22: only 100
--- status: 502



=== TEST 23: 204
--- status: 502



=== TEST 24: 304
--- status: 502



=== TEST 25: an empty 200
--- status: 502



=== TEST 26: an empty stream
--- status: 502



=== TEST 27: white space
--- status: 502



=== TEST 28: comments
--- status: 502



=== TEST 29: no chunk at all
--- status: 502



=== TEST 30: a wrong length
--- status: 502



=== TEST 31: a length that is none
--- status: 502



=== TEST 32: both framings
--- status: 502



=== TEST 33: an unknown framing
--- status: 502



=== TEST 34: half a document
--- status: 502



=== TEST 35: a page
--- status: 502



=== TEST 36: an empty object
--- status: 502



=== TEST 37: an empty array
--- status: 502



=== TEST 38: null
--- status: 502



=== TEST 39: half a document
--- whole: 1
--- status: 502



=== TEST 40: a wrong length
--- whole: 1
--- status: 502



=== TEST 41: nothing
--- whole: 1
--- status: 502



=== TEST 42: white space
--- whole: 1
--- status: 502



=== TEST 43: an empty stream
--- whole: 1
--- status: 502



=== TEST 44: an empty 200
--- whole: 1
--- status: 502



=== TEST 45: no chunk at all
--- whole: 1
--- status: 502



=== TEST 46: an empty object
--- whole: 1
--- status: 502



=== TEST 47: null
--- whole: 1
--- status: 502
