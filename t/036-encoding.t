# Content-Encoding: requests that come compressed, and answers that do though
# none was asked to; all four encodings where their libraries were found, one
# around the other, at every cut, too large, and wrong.
use Test::Nginx::Socket 'no_plan';

use Compress::Zlib ();
use FindBin ();
use IO::Select ();
use IO::Socket::INET ();
use MIME::Base64 ();

BEGIN { require "$FindBin::Bin/lib/OwnUpstreams.pm"; OwnUpstreams->import }

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

our %Plain = (
    request  => '{"model":"m","stream":false,"messages":[{"role":"user","content":"packed words, packed words"}]}',
    document => '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":'
        . '{"role":"assistant","content":"unpacked"},"finish_reason":"stop"}],'
        . '"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}',
    stream   => chunk('{"role":"assistant","content":"un"}') . chunk('{"content":"packed"}') . chunk('{}', '"stop"')
        . "data: [DONE]\n\n",
    error    => '{"error":{"message":"packed complaint","type":"invalid_request_error","param":"x","code":null}}',
);

# What Perl has no encoder for.
our %Packed = (
    request => {
        br   => 'G18AQIzTFfMjhHWvRfbatrYOS1dfqMkB62/Pn2S3BRI3D5xjIZqHivnhHerikiRGLG2XpTUwHuHBi1Q+O/wSyHc=',
        zstd => 'KLUv/SRgTQIAQgUQEaDtDn9Mhye2oc//+o9T/4UBlVSDsAe6Cc6VKc/CsT02ZxwMv9LCXw6aDuF9KrtnDt9VkDArh3'
            . 'EdzCy8fhwzDQEAUHAzCkmOfPs=',
    },
    document => {
        br   => 'G+IAAIzDdKM9f4RwbTYZQW5L/UICaJFAEIMBZSrpW4elq69urhpqNxg0pIEIRuXp/7M9HNzU59EopLh/v3ANHOIbyH'
            . 'R8CsFlsMnRuTHlvTYtWFukCCQBViAHF+3CvgEf5/AcqnWqAPbHl71uX+8z19+z18/NsCkdKsxIiqg/',
        zstd => 'KLUv/STjrQQAoosgGIBtDiT+0oKEPbJGFPaiDObFsAsVLMzAEdNEOKu3rwaG2mwfHd8+Eboypsdtfh4uL32OhR10yd'
            . 'X0pg1bEULPN9SGy67ecDU75vW8OvtcyquymPVdBflIG3SXijwrc7uwq7/nHW37roR80176sKvDda1OfMuAXgt7vpky'
            . 'yF6dPd/cpQUANAvnlDD9Ag1rX+S8QQopnaxa',
    },
    stream => {
        br   => 'G8sBgIzCtr1RvkUIZxXWCNrctMaxS61Nq0iEBkbklNNT67Ao9LXcAfvh7+nx4X97Pc5qa0sSzCABSTCQq0VJ1PyO6Y'
            . '9y35dwN1QhRx79/JIXY6p9jkcakC3vtXjlbkkOiGTNgRRhZIlthOjeMYdHVD2manj4xV++Mc5A2PrzV4NaIAgddyH5'
            . 'q8leNg==',
        zstd => 'KLUv/WTMAM0EAIJLIRhwbw4+M0WV9bDTloj1eyY+B7Go93V664kAoBgHUiSXZM87hrZJAHApF4RU1Ec5G0+LM198zd'
            . 'n1SF3fkTvKPXvH1vPN2a5nKKdb+taQ3dmgr9jFdyvRT94nnT17dD1kJ6MzQu+4G097dihSzgpRvmYoRXKFbs5e38sP'
            . 'I8++17t3K9DWzQUFEAcIowweCGBoUQxAKqdUCmTQ+co=',
    },
    error => {
        br   => 'G14AEBwJduyEG8fggDzUIl97fTPNDa9YdNzgBKSkLI+ygXbKEQQFNf8tk4PeQ+qA6IHqnSTBrEnLWIQ0U/tqWLKVfg'
            . '==',
        zstd => 'KLUv/SRffQIAkoUREpDPAWzTDhscdyLE7rr/rO8OmPemJJd4F0YeTi+u+HF7GBG2dP1GOYnnOhfvVuPD4zqcmmIElE'
            . 'aE28XbMIStbsUfe69vAwEADwwBCg0w7m0=',
    },
);

sub chunk {
    my ($delta, $finish) = @_;

    return 'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":'
        . $delta . ',"finish_reason":' . ($finish // 'null') . "}]}\n\n";
}

sub zlib {
    my ($text, %o) = @_;

    my ($d) = Compress::Zlib::deflateInit(-WindowBits => $o{bits} // 15);

    return join '', $d->deflate($text), $d->flush;
}

sub packed {
    my ($what, $encoding) = @_;
    my $text = $Plain{$what} // $what;

    return Compress::Zlib::memGzip($text) if $encoding =~ /gzip/;
    return zlib($text) if $encoding eq 'deflate';
    return zlib($text, bits => -15) if $encoding eq 'raw';
    return MIME::Base64::decode($Packed{$what}{$encoding});
}

# Encodings that this module was built with.
our @Encodings = qw(gzip deflate);
{
    open my $module, '<', $ENV{MODULE} // 'build/ngx_http_ccproxy_module.so' or die "module: $!";
    local $/;
    my $text = <$module>;
    push @Encodings, 'br' if $text =~ /libbrotlidec/;
    push @Encodings, 'zstd' if $text =~ /libzstd/;
}

# A request in pieces; what is left of it goes with the answer.
sub send_request {
    my (%o) = @_;

    my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => server_port()) || die "connect: $!";
    my $body = $o{body} // $Plain{request};
    my $path = $o{path} // '/v1/chat/completions';
    my $step = $o{step} // 1_000_000;

    $client->print("POST $path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        . join('', map { "$_\r\n" } @{ $o{headers} // [] })
        . ($o{chunked} ? "Transfer-Encoding: chunked\r\n\r\n" : 'Content-Length: ' . length($body) . "\r\n\r\n"));

    local $SIG{PIPE} = 'IGNORE';

    for (my $i = 0; $i < length $body; $i += $step) {
        my $piece = substr $body, $i, $step;
        $client->print($o{chunked} ? sprintf("%x\r\n%s\r\n", length $piece, $piece) : $piece) or last;
        $client->flush;
    }

    $client->print("0\r\n\r\n") if $o{chunked};
    $client->flush;

    return $client;
}

sub answer_of {
    my ($client) = @_;

    ends($client);

    my ($head, $body) = split /\r\n\r\n/, ${*$client}{got} // '', 2;
    my ($status) = ($head // '') =~ m{^HTTP/1\.\d (\d+)};

    $body = join '', map { /\A[0-9a-f]+\r\n\z/ ? () : $_ } split /^/, $body // '' if ($head // '') =~ /chunked/i;

    return ($status // 0, $head // '', $body // '');
}

# b's connection with all of the request that was sent there.
sub target_gets {
    my ($name) = @_;
    my $up = asked($name // 'b') or return (undef, '');

    return ($up, ${*$up}{got} =~ s/.*?\r\n\r\n//sr);
}

sub say_packed {
    my ($up, $body, %o) = @_;

    my $type = $o{type} // 'application/json';

    say_to($up, "HTTP/1.1 " . ($o{status} // '200 OK') . "\r\nContent-Type: $type\r\n"
        . join('', map { "$_\r\n" } @{ $o{headers} }) . "Connection: close\r\n"
        . ($o{open} ? '' : 'Content-Length: ' . length($body) . "\r\n") . "\r\n");

    my $step = $o{step} // 1_000_000;

    for (my $i = 0; $i < length $body; $i += $step) {
        say_to($up, substr $body, $i, $step);
    }

    close $up if !$o{stay};
}

sub is_refused {
    my ($client, $status, $pattern, $what) = @_;
    my ($got, $head, $body) = answer_of($client);

    is($got, $status, "$what: $status");
    like($body, $pattern, '… that says why');
    return $head;
}

our %Checks = (

    requests => sub {
        my @rows = map { [$_, packed('request', $_)] } @Encodings;

        push @rows, ['deflate', packed('request', 'raw')], ['X-GZip', packed('request', 'gzip')],
            ['identity', $Plain{request}], ['', $Plain{request}],
            ['gzip, deflate', zlib(packed('request', 'gzip'))],
            ['identity,  deflate , identity,gzip', packed(packed('request', 'deflate'), 'gzip')],
            ['gzip', packed(substr($Plain{request}, 0, 30), 'gzip') . packed(substr($Plain{request}, 30), 'gzip')];

        for my $row (@rows) {
            for my $how ({}, { step => 1 }, { chunked => 1, step => 7 }) {
                my $client = send_request(%$how, body => $row->[1], headers => ["Content-Encoding: $row->[0]"]);
                my ($up, $body) = target_gets();

                is($body, $Plain{request}, "$row->[0]: the target gets it as it was");
                unlike(${*$up}{got}, qr/content-encoding/i, '… and nothing about it') if $up;
                say_to($up, whole($Plain{document})) if $up;
                is((answer_of($client))[0], 200, '… and answers');
            }
        }

        my $client = send_request(body => packed(packed('request', 'gzip'), 'gzip'),
            headers => ['Content-Encoding: gzip', 'Content-Encoding: gzip']);
        my ($up, $body) = target_gets();

        is($body, $Plain{request}, 'two lines are one list');
        close $up if $up;
        answer_of($client);
    },

    unknown => sub {
        my $names = join ', ', @Encodings;

        for my $value ('compress', 'gzip, snappy', 'gzip, gzip, gzip, gzip', 'gzip;q=1', '*') {
            my $client = send_request(headers => ["Content-Encoding: $value"]);
            my ($name) = $value =~ /(snappy)/ ? $1 : $value;
            my $head = is_refused($client, 415, qr/Content-Encoding \Q$name\E .*\Q$names\E/, $value);

            like($head, qr/^Accept-Encoding: \Q$names\E\r?$/m, '… and in the header what is read');
        }

        is_refused(send_request(path => '/v1/messages', headers => ['Content-Encoding: rot13']), 415,
            qr/^\{"type":"error","error":\{"type":"invalid_request_error"/, 'an Anthropic client');
        is_refused(send_request(path => '/v1beta/models/m:generateContent', headers => ['Content-Encoding: rot13']), 415,
            qr/^\{"error":\{"code":415,/, 'a Gemini client');
    },

    bombs => sub {
        my $bomb = '{"model":"' . 'a' x 30_000_000 . '"}';
        my %bombs = (gzip => packed($bomb, 'gzip'), deflate => packed($bomb, 'deflate'),
            'gzip, gzip' => packed(packed($bomb, 'gzip'), 'gzip'));

        for my $encoding (sort keys %bombs) {
            for my $step (1_000_000, 100) {
                is_refused(send_request(body => $bombs{$encoding}, step => $step,
                    headers => ["Content-Encoding: $encoding"]), 413, qr/client_max_body_size/, $encoding);
            }
        }

        # as large as it may be
        my $room = 100_000 - length($Plain{request});
        my $body = $Plain{request} =~ s/packed words,/'packed words,' . ' ' x $room/er;
        my $client = send_request(body => packed($body, 'gzip'), headers => ['Content-Encoding: gzip']);
        my ($up, $got) = target_gets();

        is(length $got, 100_000, 'at the limit');
        close $up if $up;
        answer_of($client);

        $client = send_request(body => packed("$body ", 'gzip'), headers => ['Content-Encoding: gzip']);
        is_refused($client, 413, qr/client_max_body_size/, 'one more');
        ok(not_asked('b'), 'nobody was asked for what is too large');
    },

    wrong => sub {
        my $gzip = packed('request', 'gzip');

        for my $row (['as it is', $Plain{request}, 'gzip'], ['cut off', substr($gzip, 0, -9), 'gzip'],
            ['a byte is missing', substr($gzip, 0, -1), 'gzip'], ['garbage behind it', $gzip . 'x', 'gzip'],
            ['a wrong sum', substr($gzip, 0, -8) . "\0" x 8, 'gzip'], ['one byte', 'x', 'deflate'],
            ['as it is', $Plain{request}, 'deflate'],
            (map { ["$_, as it is", $Plain{request}, $_], ["$_, cut", substr(packed('request', $_), 0, 20), $_] }
                grep { !/gzip|deflate/ } @Encodings))
        {
            for my $step (1_000_000, 1) {
                is_refused(send_request(body => $row->[1], step => $step, headers => ["Content-Encoding: $row->[2]"]),
                    400, qr/"type":"invalid_request_error".*|is not encoded as its Content-Encoding/, $row->[0]);
            }
        }

        is_refused(send_request(path => '/v1/messages', body => 'x' x 90, headers => ['Content-Encoding: gzip']), 400,
            qr/^\{"type":"error",.*is not encoded as its Content-Encoding/, 'an Anthropic client');
        ok(not_asked('b'), 'and nobody was asked');
    },

    answers => sub {
        for my $encoding (@Encodings, 'raw') {
            for my $step (1_000_000, 1) {
                for my $path ('/v1/chat/completions', '/v1/messages', '/two/v1/messages') {
                    my $body = $path =~ /messages/ ? '{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]}'
                        : $Plain{request};

                    my $client = send_request(path => $path, body => $body);
                    my ($up) = target_gets();
                    my $name = $encoding eq 'raw' ? 'deflate' : $encoding;

                    say_packed($up, packed('document', $encoding), step => $step,
                        headers => ["Content-Encoding: $name"]) if $up;

                    my ($status, $head, $got) = answer_of($client);

                    is($status, 200, "$encoding, to $path");
                    unlike($head, qr/^content-encoding/im, '… as it was');
                    $path =~ /messages/ ? like($got, qr/"text":"unpacked"/, '… and converted')
                        : is($got, $Plain{document}, '… to the byte');
                }
            }
        }
    },

    streams => sub {
        for my $encoding (@Encodings) {
            for my $step (1_000_000, 1) {
                for my $path ('/v1/chat/completions', '/v1/messages', '/two/v1/messages') {
                    my $client = send_request(path => $path, body => '{"model":"m","max_tokens":9,"stream":true,'
                        . '"messages":[{"role":"user","content":"x"}]}');
                    my ($up) = target_gets();

                    say_packed($up, packed('stream', $encoding), step => $step, type => 'text/event-stream', open => 1,
                        headers => ["Content-Encoding: $encoding"]) if $up;

                    my ($status, $head, $got) = answer_of($client);

                    is($status, 200, "$encoding, a stream, to $path");
                    $path =~ /messages/ ? like($got, qr/"text":"un".*"text":"packed".*message_stop/s, '… and converted')
                        : is(join('', $got =~ /^(data: .*\n)/mg), $Plain{stream} =~ s/\n\n/\n/gr, '… to the byte');
                }
            }
        }

        # an event leaves when it has come
        my $client = send_request(body => '{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}');
        my ($up) = target_gets();
        my ($d) = Compress::Zlib::deflateInit(-WindowBits => 31);

        say_packed($up, '', type => 'text/event-stream', open => 1, stay => 1, headers => ['Content-Encoding: gzip']);
        say_to($up, $d->deflate(chunk('{"role":"assistant","content":"early"}')) . $d->flush(Compress::Zlib::Z_SYNC_FLUSH()));
        ok(read_until($client, qr/early/), 'an event, before the next');
        say_to($up, $d->deflate(chunk('{"content":"late"}') . chunk('{}', '"stop"')) . $d->flush);
        close $up;
        like((answer_of($client))[2], qr/late.*\[DONE\]/s, '… which comes, too');

        # cut off
        $client = send_request(body => '{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}');
        ($up) = target_gets();
        ($d) = Compress::Zlib::deflateInit(-WindowBits => 31);
        say_packed($up, '', type => 'text/event-stream', open => 1, stay => 1, headers => ['Content-Encoding: gzip']);
        say_to($up, $d->deflate(chunk('{"role":"assistant","content":"early"}')) . $d->flush(Compress::Zlib::Z_SYNC_FLUSH()));
        close $up;
        like((answer_of($client))[2], qr/early.*\n\n\s*data: \{"error":\{"message":"[^"]*cut off/s, 'cut off: an error event');
    },

    failing => sub {
        for my $encoding (@Encodings) {
            for my $path ('/v1/chat/completions', '/v1/messages', '/two/v1/chat/completions') {
                my $client = send_request(path => $path,
                    body => $Plain{request} =~ s/"model":"m"/"model":"m","max_tokens":9/r);
                my ($up) = target_gets();

                say_packed($up, packed('error', $encoding), status => '400 Bad', headers => ["Content-Encoding: $encoding"])
                    if $up;
                is_refused($client, 400, qr/packed complaint/, "$encoding, an error, to $path");
            }
        }

        my $n = 10;

        # what nobody reads
        my $client = send_request(path => '/f0/v1/chat/completions');
        my ($up) = target_gets();
        say_packed($up, 'xxxx', headers => ['Content-Encoding: snap"py']);
        is_refused($client, 502, qr/"message":"[^"]*encoded as snap\\"py/, 'an unknown encoding');

        $client = send_request(path => '/f1/v1/chat/completions', body => $Plain{request} =~ s/false/true/r);
        ($up) = target_gets();
        say_packed($up, 'xxxx', type => 'text/event-stream', headers => ['Content-Encoding: snappy']);
        is_refused($client, 502, qr/encoded as snappy/, 'in a stream');

        $client = send_request(path => '/f2/v1/chat/completions');
        ($up) = target_gets();
        say_packed($up, 'xxxx', status => '404 No', headers => ['Content-Encoding: gzip']);
        is_refused($client, 404, qr/./, 'so does one that is not what it says');

        for my $row (['it is none', 'xxxx'], ['garbage behind it', packed('document', 'gzip') . 'x'],
            ['cut off', substr packed('document', 'gzip'), 0, -12])
        {
            $client = send_request(path => '/f' . ++$n . '/v1/chat/completions');
            ($up) = target_gets();
            say_packed($up, $row->[1], headers => ['Content-Encoding: gzip']);
            is_refused($client, 502, qr/not encoded as its Content-Encoding/, $row->[0]);
        }

        # another pair may be asked
        $client = send_request(path => '/two/v1/chat/completions');
        ($up) = target_gets('b');
        say_packed($up, 'xxxx', headers => ['Content-Encoding: snappy']);
        ($up) = target_gets('c');
        say_to($up, whole($Plain{document})) if $up;
        is((answer_of($client))[0], 200, 'the next pair answers');

        # an answer that is held is bounded
        $client = send_request(path => '/f8/v1/chat/completions');
        ($up) = target_gets();
        say_packed($up, packed('{"id":"' . 'a' x 60_000_000 . '"}', 'gzip'), headers => ['Content-Encoding: gzip']);
        is_refused($client, 502, qr/too large/, 'a bomb');

        $client = send_request(path => '/f9/v1/chat/completions');
        ($up) = target_gets();
        say_packed($up, 'xxxx', status => '429 Too Many', headers => ['Content-Encoding: snappy', 'Retry-After: 7']);
        like(is_refused($client, 429, qr/encoded as snappy/, 'an error in it stays one'), qr/^Retry-After: 7/m, '…');
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    # pairs of their own, since one that failed is left alone
    my $http = join '', map { "ccproxy_provider f$_ { protocol chat; url http://127.0.0.1:$Port{b}/v1; keepalive 0; }\n"
        . "upstream f$_ { ccproxy; ccproxy_target f$_ m; }\n" } 0 .. 15;
    my $locations = join '', map { "location /f$_/ { ccproxy on; proxy_pass http://f$_; }\n" } 0 .. 15;

    $block->set_value('http_config', $http . <<"END");
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$Port{b}/v1; keepalive 0; }
    ccproxy_provider c { protocol chat; url http://127.0.0.1:$Port{c}/v1; keepalive 0; }
    upstream one { ccproxy; ccproxy_target b m; }
    upstream two { ccproxy; ccproxy_target b m weight=100; ccproxy_target c m backup; }
END
    $block->set_value('config', $locations . <<'END');
    location / { ccproxy on; proxy_pass http://one; client_max_body_size 100000; }
    location /two/ { ccproxy on; proxy_pass http://two; }
    location = /ready { return 200 ready; }
END
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
    $block->set_value('no_error_log', '[alert]');
});

add_response_body_check(sub { $Checks{$_[0]->does}->() });

run_tests();

__DATA__

=== TEST 1: requests
--- does: requests



=== TEST 2: encodings that nobody reads
--- does: unknown



=== TEST 3: what becomes too large
--- does: bombs



=== TEST 4: what is not what it says
--- does: wrong



=== TEST 5: answers
--- does: answers



=== TEST 6: streams
--- does: streams



=== TEST 7: errors, and answers that can't be read
--- does: failing
