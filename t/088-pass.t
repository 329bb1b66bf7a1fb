# ccproxy_pass: endpoints that nobody converts go through, with the pool's key
# and the location's rules.
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
$ENV{TEST_NGINX_A_PORT} = $Port{a};

our $HttpConfig = <<'END';
    ccproxy_provider chat {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_B_PORT/root/v1;
        key sk-first-0123456789;
        key sk-second-0123456789;
    }
    ccproxy_provider claude {
        protocol anthropic;
        url http://127.0.0.1:$TEST_NGINX_C_PORT/v1;
        key sk-claude-0123456789;
    }
    ccproxy_provider gemini {
        protocol gemini;
        url http://127.0.0.1:$TEST_NGINX_C_PORT/v1beta;
        key sk-gemini-0123456789;
    }
    ccproxy_provider ollama {
        protocol ollama;
        url http://127.0.0.1:$TEST_NGINX_C_PORT;
    }
    upstream pool {
        ccproxy;
        ccproxy_target claude m;
        ccproxy_target chat m;
    }
    upstream rest { ccproxy; ccproxy_target gemini m; ccproxy_target ollama m; }
END

our $Config = <<'END';

    location / {
        ccproxy on;
        ccproxy_pass files batches images audio moderations rerank completions;
        proxy_pass http://pool;
    }
    location /off/ { ccproxy on; proxy_pass http://pool; }
    location /keys/ {
        ccproxy on;
        ccproxy_access_key red red-secret-0123;
        ccproxy_access_key blue blue-secret-0123;
        ccproxy_access_key bound bound-secret-0123 models=a*;
        ccproxy_access_key other other-secret-0123 pools=rest;
        ccproxy_pass files batches;
        proxy_pass http://pool;
    }
    location /rest/ {
        ccproxy on;
        ccproxy_pass files cachedContents pull blobs delete show;
        proxy_pass http://rest;
    }
    location /away/ {
        ccproxy on;
        ccproxy_pass files;
        client_max_body_size 8;
        error_page 404 413 502 504 = /elsewhere;
        proxy_pass http://rest;
    }
    location = /elsewhere { return 200 '{"id":"elsewhere"}'; }
    location = /ready { return 200 ready; }
END

sub asks {
    my ($line, @headers) = @_;
    my ($body) = grep { !/^[\w-]+: / } @headers;
    @headers = grep { /^[\w-]+: / } @headers;
    push @headers, 'Content-Length: ' . length $body if defined $body;
    return send_raw("$line HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        . join('', map {"$_\r\n"} @headers) . "\r\n" . ($body // ''));
}

sub json { return whole(@_) }

# A request that goes to the upstream as the pattern says.
sub through {
    my ($name, $line, $want, $answer, @more) = @_;
    my $client = asks($line, @more);
    my $up = heard($name);
    ok($up, "$line: goes through") or return '';
    like(got($up), $want, '... as it is');
    unlike(got($up), qr/-secret-|OpenAI-Organization|key=/i,
        '... without what is not for there');
    say_to($up, $answer // json('{"id":"x"}'));
    close $up;
    ends($client);
    return ${*$client}{got};
}

sub refused {
    my ($line, $status, $why, @more) = @_;
    my $client = asks($line, @more);
    ends($client);
    like(${*$client}{got}, qr{^HTTP/1\.1 $status .*$why}s,
        "$line: $status, $why");
    ok(not_asked($_), '... nobody is asked') for qw(b c);
}

our $Binary = join '', map { chr $_ % 256 } 0 .. 99_999;

our %Checks = (
    forms => sub {
        my $got = through('b', 'POST /v1/audio/transcriptions?purpose=x&key=k',
            qr{^POST\ /root/v1/audio/transcriptions\?purpose=x\ HTTP/1\.1\r\n
               .*Content-Length:\ 100000\r\n.*
               Authorization:\ Bearer\ sk-\w+-0123456789\r\n.*
               Content-Type:\ multipart/form-data;\ boundary=b\r\n
               (?:[^\n]*\n)*?\r\n\Q$Binary\E$}xs,
            "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nX-Secret: s\r\n"
                . "Connection: close\r\n\r\n$Binary",
            'Content-Type: multipart/form-data; boundary=b',
            'OpenAI-Organization: mine', 'Authorization: Bearer mine-secret-1',
            $Binary);
        like($got, qr{^HTTP/1\.1\ 200\ .*Content-Type:\ audio/mpeg\r\n}xs,
            'its type is kept');
        unlike($got, qr/X-Secret/, 'other headers are not');
        my $body = $got =~ s/^.*?\r\n\r\n//sr;
        my $whole = '';
        $whole .= substr($body, 0, hex $1, '')
            while $body =~ s/^(?:\r\n)?([0-9a-f]+)\r\n// && hex $1;
        ok($whole eq $Binary, 'every byte of it');

        like(through('b', 'POST /team/v1/images/generations',
            qr{^POST /root/v1/images/generations HTTP}, undef, '{"a":1}'),
            qr/\{"id":"x"\}/, 'a group before it');
        through('c', 'POST /v1/messages/batches',
            qr{^POST\ /v1/messages/batches\ HTTP.*x-api-key:\ sk-claude}xs,
            undef, 'anthropic-version: 2023-06-01', '{"requests":[]}');
        through('c', 'GET /v1/files/f-1/content',
            qr{^GET\ /v1/files/f-1/content\ HTTP(?!.*Content-Length)}xs,
            undef, 'anthropic-version: 2023-06-01');
        through('b', 'GET /v1/files?limit=2&organization=o',
            qr{^GET /root/v1/files\?limit=2 HTTP});
    },

    # Both bodies are on their way before either is complete.
    streams => sub {
        my $client = send_raw("POST /v1/files HTTP/1.1\r\nHost: localhost\r\n"
            . "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            . "5\r\nfirst\r\n");
        my $listen = $Listen{b};
        IO::Select->new($listen)->can_read($Patience) or die;
        my $up = $listen->accept;
        ok(read_until($up, qr/Transfer-Encoding: chunked\r\n.*first/s),
            'the upstream has the first piece');
        say_to($client, "4\r\nlast\r\n0\r\n\r\n");
        ok(read_until($up, qr/last\r\n0\r\n\r\n$/), 'and the rest');
        say_to($up, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
            . "Connection: close\r\n\r\nhalf");
        ok(read_until($client, qr/half/), 'the client has half an answer');
        say_to($up, 'whole');
        close $up;
        client_gets($client, qr/whole/, 'and the rest');
    },

    bounds => sub {
        refused('POST /off/v1/images/generations', 404, 'no endpoint', '{}');
        refused('GET /v1/uploads/x', 404, 'no endpoint');
        refused('PUT /v1/files/x', 405, 'not allowed', 'x');
        refused('GET /v1/files/..%2f..%2fadmin', 404, 'no endpoint');
        refused('GET /v1/files/a%2fb', 404, 'object');
        refused('GET /v1/files/x/../../nothing', 404, 'no endpoint');
        refused('GET /v1/files/%78', 404, 'object');
        refused('POST /v1/moderations/more', 404, 'object', '{}');
        refused('GET /v1/files/' . 'x' x 300, 404, 'object');
        refused('POST /rest/v1/files', 404, 'no target', '{}');
    },

    # What an account has stays with its key, and with who made it.
    objects => sub {
        my @red = ('Authorization: Bearer red-secret-0123');
        my @blue = ('Authorization: Bearer blue-secret-0123');
        my %key;

        for my $n (1 .. 6) {
            my $got = through('b', 'POST /keys/v1/files',
                qr{^POST /root/v1/files}, json(qq({"object":"file","id":"r$n"})),
                @red, 'x');
            like($got, qr/"r$n"/, 'the client has it');
        }

        my $client = asks('GET /keys/v1/files/r1', @red);
        my $up = heard('b');
        my ($first) = got($up) =~ /Bearer (sk-\w+)/;
        say_to($up, json('{"id":"r1"}'));
        close $up;
        ends($client);
        ok($first, 'its owner gets it');

        for (1 .. 4) {
            $client = asks('GET /keys/v1/files/r2/content', @red);
            $up = heard('b');
            my ($again) = got($up) =~ /Bearer (sk-\w+)/;
            is($again, $first, 'with the same key');
            say_to($up, json('{}'));
            close $up;
            ends($client);
        }

        refused('GET /keys/v1/files/r1', 404, 'no such object', @blue);
        refused('DELETE /keys/v1/files/r1', 404, 'no such object', @blue);
        through('b', 'POST /keys/v1/files', qr{^POST /root/v1/files},
            json('{"metadata":{"id":"r1"},"id":"b1"}'), @blue, 'x');
        refused('GET /keys/v1/files/r1', 404, 'no such object', @blue);
        through('b', 'GET /keys/v1/files/r1', qr{^GET /root/v1/files/r1},
            undef, @red);
        refused('GET /keys/v1/files/unheard-of', 404, 'no such object', @red);
        refused('GET /keys/v1/files', 403, 'a list would show', @red);
        refused('POST /keys/v1/batches', 403, 'bound to models',
            'Authorization: Bearer bound-secret-0123', '{}');
        refused('POST /keys/v1/files', 403, 'not good for the pool',
            'Authorization: Bearer other-secret-0123', 'x');
        refused('POST /keys/v1/files', 401, 'access key', 'x');
    },

    rest => sub {
        through('c', 'POST /rest/api/pull', qr{^POST\ /api/pull\ HTTP
            .*\{"model":"q"\}$}xs, undef, '{"model":"q"}');
        through('c', 'DELETE /rest/api/delete', qr{^DELETE /api/delete HTTP},
            undef, '{"model":"q"}');
        through('c', 'POST /rest/api/show', qr{^POST /api/show HTTP}, undef,
            '{"model":"q"}');
        through('c', 'POST /rest/upload/v1beta/files?uploadType=multipart&key=k',
            qr{^POST\ /upload/v1beta/files\?uploadType=multipart\ HTTP
               .*x-goog-api-key:\ sk-gemini}xs, undef, 'x');
        through('c', 'PATCH /rest/v1beta/cachedContents/c1?updateMask=ttl',
            qr{^PATCH /v1beta/cachedContents/c1\?updateMask=ttl HTTP}, undef,
            '{}');
    },

    # An error is the upstream's, but no key gets out with it.
    errors => sub {
        my $got = through('b', 'POST /v1/moderations', qr/moderations/,
            json('{"error":{"message":"wrong key sk-first-0123456789 '
                . 'sk-second-0123456789"}}', '401 No'), '{}');
        like($got, qr{^HTTP/1\.1 401 .*wrong key}s, 'the error is told');
        unlike($got, qr/sk-first-0123456789.*sk-second-0123456789/,
            'not with the key');

        for my $client (asks('POST /away/v1/files', 'x'),
            send_raw("POST /away/v1/files HTTP/1.1\r\nHost: localhost\r\n"
                . "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                . "9\r\ntoo large\r\n0\r\n\r\n"))
        {
            ends($client);
            like(${*$client}{got}, qr{^HTTP/1\.1 200 .*"id":"elsewhere"}s,
                'an answer from elsewhere is no object');
        }
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;
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
no_root_location();

plan 'no_plan';

run_tests();

__DATA__

=== TEST 1: any form, any size
--- does: forms
--- no_error_log
[alert]



=== TEST 2: streamed both ways
--- does: streams
--- no_error_log
[alert]



=== TEST 3: bounds of path, query and headers
--- does: bounds
--- no_error_log
[alert]



=== TEST 4: objects stay with their key and their client
--- does: objects
--- no_error_log
[alert]



=== TEST 5: Gemini and Ollama
--- does: rest
--- no_error_log
[alert]



=== TEST 6: errors
--- does: errors
--- no_error_log
[alert]



=== TEST 7: a name that nobody knows
--- config
    location / { ccproxy on; ccproxy_pass files nonsense; proxy_pass http://pool; }
--- must_die
--- error_log
"ccproxy_pass" knows no "nonsense"



=== TEST 8: rules for prompts would be passed by
--- config
    location / { ccproxy on; ccproxy_pass completions; ccproxy_temperature_ratio 0.5; proxy_pass http://pool; }
--- must_die
--- error_log
"ccproxy_pass completions" would pass by the location's rules
