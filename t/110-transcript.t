# Transcripts: a line for each request, with what was said on both sides; what
# must not be in it; what happens where it can't be written.
#
# The upstreams are this process (lib/OwnUpstreams.pm): a speaks Anthropic, b
# Chat.
use utf8;
use Test::Nginx::Socket 'no_plan';
use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use Digest::SHA qw(sha256_hex);
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/OwnUpstreams.pm"; OwnUpstreams->import }

$ENV{TEST_NGINX_A_PORT} = $Port{a};
$ENV{TEST_NGINX_B_PORT} = $Port{b};
$ENV{TEST_NGINX_C_PORT} = $Port{c};

our $HttpConfig = <<'END';
    ccproxy_provider a {
        protocol anthropic; url http://127.0.0.1:$TEST_NGINX_A_PORT/v1;
        key literal:sk-secret-of-a/1 name=ka;
    }
    ccproxy_provider b {
        protocol chat; url http://127.0.0.1:$TEST_NGINX_B_PORT/v1;
        key literal:sk-secret-of-b name=kb;
    }
    upstream a { ccproxy; ccproxy_target a claude-a; }
    upstream b { ccproxy; ccproxy_target b gpt-b; }
    upstream race { ccproxy; ccproxy_hedge 100ms; ccproxy_target a claude-a weight=100; ccproxy_target b gpt-b; }
    upstream ab { ccproxy; ccproxy_target a claude-a weight=100; ccproxy_target b gpt-b; }
END

our $Locations = <<'END';
    location /a/ { ccproxy on; proxy_pass http://a; }
    location /b/ { ccproxy on; proxy_pass http://b; }
    location /ab/ { ccproxy on; proxy_pass http://ab; }
    location /race/ { ccproxy on; proxy_pass http://race; }
    location = /ready { return 200 ready; }
    location = /status { ccproxy_status; }
END

my $read = 0;

sub path { return server_root() . '/logs/transcript.jsonl' }

# The transcript's next line, decoded; its text is $Line.
our $Line;

sub record {
    for (1 .. 100 * $Patience) {
        open my $in, '<', path() or die path() . ": $!";
        my @lines = <$in>;

        if (@lines > $read && $lines[$read] =~ /\n\z/) {
            $Line = $lines[$read++];
            my $record = eval { JSON::PP::decode_json($Line) };
            ok($record, 'the line is JSON') or diag($Line);
            return $record // {};
        }

        select undef, undef, undef, 0.01;
    }

    fail('a line is there');
    return {};
}

sub post {
    my ($path, $body, @headers) = @_;

    my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => server_port()) || die "connect: $!";

    $client->print("POST $path HTTP/1.1\r\nHost: localhost\r\n"
        . join('', map { "$_\r\n" } @headers)
        . "Connection: close\r\nContent-Length: " . length($body)
        . "\r\n\r\n$body");
    $client->flush;

    return $client;
}

sub messages {
    my ($content, $more) = @_;
    return '{"model":"m","max_tokens":9,' . ($more // '')
        . '"messages":[{"role":"user","content":' . $content . '}]}';
}

our %Checks = (

    # both forms where a request is converted

    converted => sub {
        my $client = post('/b/v1/messages', messages('"Hi"'),
            'User-Agent: tester', 'anthropic-version: 2023-06-01',
            'Authorization: Bearer client-secret-1');
        say_to(asked('b'), chat('Hello'));
        client_gets($client, qr/"text":"Hello"/);

        my $r = record();
        like($r->{time}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'time');
        like($r->{id}, qr/^\w{24}$/, 'id');
        is($r->{status}, 200, 'status');
        is($r->{end}, 'complete', 'end');
        is($r->{path}, '/b/v1/messages', 'path');
        is($r->{protocol}, 'anthropic', 'protocol');
        is($r->{model}, 'm', 'model');
        is($r->{provider}, 'b', 'provider');
        is($r->{target_model}, 'gpt-b', 'target model');
        is($r->{key}, 'kb', 'key');
        is($r->{stream}, JSON::PP::false(), 'no stream');
        is($r->{input_tokens}, 1, 'input tokens');
        is($r->{output_tokens}, 5, 'output tokens');
        is($r->{stop_reason}, 'end', 'stop reason');
        is($r->{headers}{'user-agent'}, 'tester', 'user agent');
        ok($r->{seconds} >= 0 && $r->{seconds} < $Patience, 'seconds');
        is(scalar @{$r->{tries}}, 1, 'one try');
        is($r->{tries}[0]{outcome}, 'good', 'which was good');
        is($r->{tries}[0]{status}, 200, 'its status');
        is($r->{request}{messages}[0]{content}, 'Hi', 'what the client sent');
        is($r->{upstream_request}{model}, 'gpt-b',
            'what the upstream was sent');
        is($r->{upstream_response}{choices}[0]{message}{content}, 'Hello',
            'what the upstream answered');
        is($r->{response}{content}[0]{text}, 'Hello', 'what the client got');
        unlike($Line, qr/secret/, 'no secret');
    },

    # a stream is told as one message

    stream => sub {
        my $client = post('/b/v1/messages', messages('"x"', '"stream":true,'));
        my $up = asked('b');
        say_to($up, $Begin . $End);
        close $up;
        client_gets($client, qr/message_stop/);

        my $r = record();
        is($r->{stream}, JSON::PP::true(), 'a stream');
        ok(defined $r->{ttft_seconds}, 'time to the first token');
        is($r->{upstream_response}{object}, 'chat.completion',
            'the upstream\'s message');
        is($r->{upstream_response}{choices}[0]{message}{content},
            'Hello world', 'is whole');
        is($r->{response}{type}, 'message', 'the client\'s message');
        is($r->{response}{content}[0]{text}, 'Hello world', 'is whole');
        unlike($Line, qr/chunk|content_block_delta/, 'no pieces');
    },

    # the same protocol on both sides: one form, with the model that was sent

    splice => sub {
        my $client = post('/a/v1/messages', messages('"x"'));
        say_to(asked('a'), message('Hi'));
        client_gets($client, qr/"text":"Hi"/);

        my $r = record();
        is($r->{upstream_request}{model}, 'claude-a', 'the model is another');
        is($r->{response}{content}[0]{text}, 'Hi', 'the answer');
        ok(!exists $r->{upstream_response}, 'is told once');

        $client = post('/b/v1/chat/completions', '{"model":"gpt-b",'
            . '"stream":true,"messages":[{"role":"user","content":"x"}]}');
        my $up = asked('b');
        say_to($up, $Begin . $End);
        close $up;
        client_gets($client, qr/\[DONE\]/);

        $r = record();
        ok(!exists $r->{upstream_request} || $r->{upstream_request}{stream},
            'the request');
        is($r->{response}{choices}[0]{message}{content}, 'Hello world',
            'a stream that passes as it is');
    },

    failover => sub {
        my $client = post('/ab/v1/messages', messages('"x"'));
        say_to(asked('a'), whole('{"type":"error","error":{"type":'
            . '"overloaded_error","message":"no sk-secret-of-a\\/1"}}',
            '529 Overloaded'));
        say_to(asked('b'), chat('from b'));
        client_gets($client, qr/from b/);

        my $r = record();
        is(scalar @{$r->{tries}}, 2, 'two tries');
        is($r->{tries}[0]{provider}, 'a', 'the first');
        is($r->{tries}[0]{status}, 529, 'its status');
        is($r->{tries}[0]{outcome}, 'server error', 'its outcome');
        is($r->{tries}[1]{provider}, 'b', 'the second');
        is($r->{provider}, 'b', 'who answered');
        unlike($Line, qr/secret/, 'no secret');
    },

    # two are asked at once, and one answers

    hedge => sub {
        my $client = post('/race/v1/messages', messages('"x"'));
        my $a = asked('a');
        say_to(asked('b'), chat('from b'));
        client_gets($client, qr/from b/);
        is(ends($a), 1, 'the silent one is left');

        my $r = record();
        my %tried = map { $_->{provider} => $_ } @{$r->{tries}};
        is_deeply([sort keys %tried], ['a', 'b'], 'two tries');
        is($tried{a}{outcome}, 'nothing', 'of the silent one nothing is known');
        ok(!exists $tried{a}{status}, 'it had no status');
        is($tried{b}{outcome}, 'good', 'the other was good');
        is($r->{provider}, 'b', 'who answered');
        is($r->{upstream_request}{model}, 'gpt-b', 'what it was sent');
        is($r->{upstream_response}{choices}[0]{message}{content}, 'from b',
            'what it answered');
        is($r->{response}{content}[0]{text}, 'from b', 'what the client got');
    },

    # an error of the upstream's, which repeats our key in some spelling

    error => sub {
        my $client = post('/a/v1/messages', messages('"x"'));
        say_to(asked('a'), whole('{"type":"error","error":{"type":'
            . '"invalid_request_error","message":"no: sk-secret-of-a\\/1, '
            . 'sk-\u0073ecret-of-a/1"}}', '400 Bad'));
        client_gets($client, qr/invalid_request_error/);

        my $r = record();
        is($r->{status}, 400, 'status');
        is($r->{end}, 'error', 'end');
        like($r->{error}, qr/^no: /, 'error');
        unlike($Line, qr/ecret/, 'no secret in any spelling');
    },

    # nobody was asked

    refused => sub {
        my $client = post('/b/v1/messages', '{"model":');
        client_gets($client, qr/not valid JSON/);

        my $r = record();
        is($r->{status}, 400, 'status');
        is($r->{request}, '{"model":', 'what came is a text');
        like($r->{response}{error}{message}, qr/not valid JSON/, 'the answer');
        is_deeply($r->{tries}, [], 'no try');
    },

    # clients that leave, before and in a stream

    leave => sub {
        my $client = post('/b/v1/messages', messages('"x"'));
        my $up = asked('b');
        close $client;
        ends($up);

        my $r = record();
        is($r->{status}, 499, 'status');
        is($r->{end}, 'client_left', 'end');
        is($r->{tries}[0]{outcome}, 'nothing', 'the try came to nothing');

        $client = post('/b/v1/messages', messages('"x"', '"stream":true,'));
        $up = asked('b');
        say_to($up, $Begin);
        read_until($client, qr/Hello/);
        close $client;
        ends($up);

        $r = record();
        is($r->{end}, 'client_left', 'end');
        is($r->{upstream_response}{choices}[0]{message}{content}, 'Hello',
            'what came until then');
        like($r->{upstream_response_error}, qr/./, 'it is not whole');
        is($r->{response}{content}[0]{text}, 'Hello', 'what the client got');
    },

    # media by length and hash; what patterns find; long texts

    media => sub {
        my $bytes = join '', map { chr($_ * 7 % 256) } 0 .. 4999;
        my $base64 = encode_base64($bytes, '');
        my $hash = sha256_hex($bytes);

        my $client = post('/b/v1/messages', messages('[{"type":"image",'
            . '"source":{"type":"base64","media_type":"image/png","data":"'
            . $base64 . '"}},{"type":"text","text":"my pin 123456, '
            . '\u0031\u0031\u0031\u0031\u0031\u0031"}]'));
        say_to(asked('b'), chat('pin 654321'));
        client_gets($client, qr/654321/);

        my $r = record();
        is($r->{request}{messages}[0]{content}[0]{source}{data},
            "[left out: 5000 bytes, sha256 $hash]", 'media, as the client had it');
        like($Line, qr/data:image\/png;base64,\[left out: 5000 bytes, sha256 $hash\]/,
            'media, as the upstream was sent it');
        is($r->{request}{messages}[0]{content}[1]{text},
            'my pin [redacted], [redacted]', 'a pattern, in any spelling');
        is($r->{response}{content}[0]{text}, 'pin [redacted]',
            'a pattern in the answer');
        unlike($Line, qr/\d{6}"/, 'nowhere else');
    },

    large => sub {
        # our key goes over the place where the text may be cut

        my $text = 'y' x 3000;
        substr $text, $_ - 7, 14, 'sk-secret-of-b' for 64, 256, 1024;

        my $client = post('/b/v1/messages', messages(
            '[' . join(',', map { qq({"type":"text","text":"$text"}) } 1 .. 4)
            . ']'));
        say_to(asked('b'), chat('ok'));
        client_gets($client, qr/ok/);

        my $r = record();
        ok(length $Line <= 8192, 'the line is bounded');
        like($r->{request}{messages}[0]{content}[3]{text},
            qr/^[y*]+… \[cut: 3000 bytes, sha256 @{[sha256_hex($text)]}\]$/,
            'texts are cut');
        unlike($Line, qr/sk-s/, 'no beginning of a secret');
        is($r->{response}{content}[0]{text}, 'ok', 'others are not');

        $client = post('/b/v1/messages', messages(
            '[' . join(',', map { '{"type":"text","text":"z"}' } 1 .. 2000)
            . ']'));
        say_to(asked('b'), chat('ok'));
        client_gets($client, qr/ok/);

        $r = record();
        ok(length $Line <= 8192, 'the line is bounded');
        ok($r->{request}{cut} > 40000, 'a body without long texts is left out');
    },

    meta => sub {
        my $client = post('/b/v1/messages', messages('"private"'));
        say_to(asked('b'), chat('answer'));
        client_gets($client, qr/answer/);

        my $r = record();
        is($r->{output_tokens}, 5, 'figures');
        is(scalar @{$r->{tries}}, 1, 'tries');
        unlike($Line, qr/private|answer/, 'no texts');
    },

    filter => sub {
        for my $model ('other', 'm') {
            my $client = post('/b/v1/messages', '{"model":"' . $model
                . '","max_tokens":9,"messages":[{"role":"user",'
                . '"content":"x"}]}');
            say_to(asked('b'), chat('ok'));
            client_gets($client, qr/ok/);
        }

        is(record()->{model}, 'm', 'the other one is not there');
    },

    reopen => sub {
        my $client = post('/b/v1/messages', messages('"one"'));
        say_to(asked('b'), chat('ok'));
        client_gets($client, qr/ok/);
        is(record()->{request}{messages}[0]{content}, 'one', 'before');
        is(sprintf('%o', (stat path())[2] & 0777), '600',
            'the file is closed to others');

        rename path(), path() . '.1' or die $!;
        open my $in, '<', server_root() . '/logs/nginx.pid' or die $!;
        chomp(my $pid = <$in>);
        kill 'USR1', $pid;

        for (1 .. 100 * $Patience) {
            last if -e path();
            select undef, undef, undef, 0.01;
        }

        # a worker opens it after the master did

        for (1 .. 100 * $Patience) {
            $client = post('/b/v1/messages', messages('"two"'));
            say_to(asked('b'), chat('ok'));
            client_gets($client, qr/ok/);
            last if -s path();
        }

        $read = 0;
        is(record()->{request}{messages}[0]{content}, 'two', 'after');
        ok(-s path() . '.1', 'the old file is there');
    },

    # scripts/transcript: which, all of one, and again

    script => sub {
        my $script = "$FindBin::Bin/../scripts/transcript";
        my $run = sub { my $out = qx{$script @_ 2>&1}; utf8::decode($out); $out };

        for my $text ('first', "it's \\u00e9") {
            my $client = post('/b/v1/messages', messages(qq("$text")),
                'anthropic-version: 2023-06-01');
            say_to(asked('b'), chat('Hello'));
            client_gets($client, qr/Hello/);
        }

        my $client = post('/b/v1/messages', '{"model":');
        client_gets($client, qr/not valid JSON/);

        my ($first, $second, $third) = map { record() } 1 .. 3;
        my $path = path();

        my @rows = split /\n/, $run->($path);
        is(scalar @rows, 3, 'a row for each');
        like($rows[0], qr/ 200  complete .* 1\/5 .*anthropic m -> b gpt-b$/,
            'a row');
        is($run->("$path --error --json"), $Line, 'those that failed');
        is($run->("$path --status 2xx --model m --client x"), '', 'no client');
        is(scalar(split /\n/, $run->("$path --status 2xx --model 'm*'")), 2,
            'by status and model');
        is($run->("$path --until 1h"), '', 'none that old');
        is(scalar(split /\n/, $run->("$path --since 1h")), 3, 'all that new');
        like($run->("$path --grep first"), qr/^\S+  \Q@{[substr $first->{id}, 0, 8]}\E/,
            'by text');
        like($run->("$path $second->{id}"), qr/--- upstream_request\n/, 'one');
        like($run->("$path zzz"), qr/^transcript: no request zzz$/, 'none');

        my $url = 'http://127.0.0.1:' . server_port();
        my $id = substr $second->{id}, 0, 10;
        my $command = $run->("$path $id --curl $url");
        my $pid = open my $curl, '-|', 'sh', '-c', $command or die $!;
        my $up = asked('b');
        like(${*$up}{got}, qr/"content":"it's \x{c3}\x{a9}"/,
            'it is asked again');
        say_to($up, chat('again'));
        my $answer = do { local $/; <$curl> };
        like($answer, qr/"text":"again"/, 'and answered');

        SKIP: {
            my $convert = $ENV{CONVERT} // "$FindBin::Bin/../build/ccproxy-convert";
            skip 'no ccproxy-convert (make convert)', 1 if !-x $convert;
            local $ENV{CONVERT} = $convert;
            like($run->("$path $id --convert"),
                qr/--from anthropic --to chat.*--- as the upstream was sent it/s,
                'the converter makes the same of it');
        }

        like($run->("$path $third->{id} --curl $url"), qr/not in the transcript/,
            'a body that is none');
    },

    full => sub {
        for (1 .. 3) {
            my $client = post('/b/v1/messages', messages('"x"'));
            say_to(asked('b'), chat("answer $_"));
            client_gets($client, qr/answer $_/, 'the client is served');
        }

        ok(logged_error(qr/transcripts for "\/dev\/full" are lost, writing failed/),
            'the log tells');
        open my $in, '<', server_root() . '/logs/error.log' or die $!;
        local $/;
        my @told = <$in> =~ /are lost/g;
        is(scalar @told, 1, 'once');
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    master_process_enabled($block->name =~ /worker/ ? 1 : 0);
    $block->set_value('http_config', $HttpConfig . ($block->http_config // ''));
    $block->set_value('config', $Locations . ($block->config
        // 'ccproxy_transcript logs/transcript.jsonl;'));
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
    $block->set_value('no_error_log', '[alert]');
});

add_response_body_check(sub {
    my ($block) = @_;

    $read = 0;
    $Checks{$block->does}->();
});

no_shuffle();
no_long_string();
run_tests();

__DATA__

=== TEST 1: both forms of what is converted
--- does: converted



=== TEST 2: a stream is one message
--- does: stream



=== TEST 3: the same protocol on both sides
--- does: splice



=== TEST 4: failover
--- does: failover



=== TEST 5: an error that repeats the key
--- does: error



=== TEST 6: a request that can't be read
--- does: refused



=== TEST 7: clients that leave
--- does: leave



=== TEST 8: media and patterns
--- config
    ccproxy_transcript logs/transcript.jsonl;
    ccproxy_redact '\b\d{6}\b' 'never-there';
--- does: media



=== TEST 9: large requests
--- config
    ccproxy_transcript logs/transcript.jsonl max=8k;
--- does: large



=== TEST 10: figures alone
--- config
    ccproxy_transcript logs/transcript.jsonl format=meta;
--- does: meta



=== TEST 11: some requests
--- http_config
    map $ccproxy_model $wanted { m 1; default 0; }
--- config
    ccproxy_transcript logs/transcript.jsonl if=$wanted;
--- does: filter



=== TEST 12: a worker opens the file anew
--- does: reopen



=== TEST 13: a disk that is full
--- config
    ccproxy_transcript /dev/full;
--- does: full



=== TEST 14: what shows them
--- does: script



=== TEST 15: two are asked at once
--- does: hedge
