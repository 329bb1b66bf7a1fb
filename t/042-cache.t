# proxy_cache in a location of ours: whole answers are kept and converted again,
# each client's for itself; streams go past it.
use Test::Nginx::Socket;
use File::Find;
use FindBin ();
use IO::Compress::Gzip ();

BEGIN {
    require "$FindBin::Bin/lib/OwnUpstreams.pm";
    OwnUpstreams->import;
    require "$FindBin::Bin/lib/Gateway.pm";
    Gateway->import;
}

$ENV{TEST_NGINX_B_PORT} = $Port{b};

our $HttpConfig = <<'END';
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_B_PORT/v1;
        key sk-of-the-upstream-0123456789;
        price * in=1000 out=1000;
    }
    ccproxy_provider bad {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_B_PORT/v1;
    }
    upstream pool { ccproxy; ccproxy_target up; }
    upstream other { ccproxy; ccproxy_target bad; }
    proxy_cache_path $TEST_NGINX_SERVER_ROOT/cache keys_zone=c:1m;
END

our $Config = <<'END';
    location /v1 {
        ccproxy on;
        proxy_cache c;
        proxy_cache_key $ccproxy_digest;
        proxy_cache_valid any 10m;
        add_header X-Cache "$upstream_cache_status $ccproxy_digest";
        proxy_pass http://pool;
    }
    location /keys/ {
        ccproxy on;
        ccproxy_access_key red red-secret-0123;
        ccproxy_access_key blue blue-secret-0123;
        proxy_cache c;
        proxy_cache_key $ccproxy_digest;
        proxy_cache_valid 200 10m;
        proxy_pass http://pool;
    }
    location /rules/ {
        ccproxy on;
        ccproxy_prompt enhance "be brief";
        proxy_cache c;
        proxy_cache_key $ccproxy_digest;
        proxy_cache_valid 200 10m;
        proxy_pass http://pool;
    }
    location /other/ {
        ccproxy on;
        proxy_cache c;
        proxy_cache_key $ccproxy_digest;
        proxy_cache_valid any 10m;
        add_header X-Cache $upstream_cache_status always;
        proxy_pass http://other;
    }
    location /ways/ {
        ccproxy on;
        proxy_cache c;
        proxy_cache_key "$uri $ccproxy_digest";
        proxy_cache_valid 200 10m;
        proxy_cache_bypass $arg_fresh;
        proxy_no_cache $arg_once;
        proxy_cache_lock on;
        proxy_pass http://pool;
    }
    location /twice/ {
        ccproxy on;
        proxy_cache c;
        proxy_cache_key $ccproxy_digest;
        proxy_cache_valid 200 10m;
        proxy_cache_min_uses 2;
        proxy_pass http://pool;
    }
    location = /metrics { ccproxy_metrics; }
    location = /ready { return 200 ready; }
END

# The upstream is asked, and what the client gets.
sub asked_for {
    my ($path, $body, $answer, @headers) = @_;
    my $client = post($path, $body, @headers);
    my $up = heard('b');
    if (!ok($up, 'the upstream is asked')) {
        ends($client);
        return ${*$client}{got};
    }
    say_to($up, $answer);
    close $up;
    ends($client);
    return ${*$client}{got};
}

# Nobody is asked.
sub kept {
    my ($path, $body, @headers) = @_;
    my $client = post($path, $body, @headers);
    ends($client);
    ok(not_asked('b'), 'nobody is asked');
    return ${*$client}{got};
}

sub gzip {
    my ($text) = @_;
    IO::Compress::Gzip::gzip(\$text, \my $packed) or die;
    return $packed;
}

# The sums of metrics: requests, what they cost, those unpriced, tokens.
sub counted {
    my $client = send_raw("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n");
    ends($client);
    my ($text, @sums) = got($client);
    for my $name (qw(requests cost unpriced_answers tokens)) {
        my $sum = 0;
        $sum += $1 while $text
            =~ /^ccproxy_${name}_total(?:\{[^}]*\})? (\S+)/mg;
        push @sums, $sum;
    }
    return @sums;
}

sub body_of { return $_[0] =~ s/^.*?\r\n\r\n//sr =~ s/"id":"[^"]*"//gr }

our $Question = question('x', '"temperature":0.5,');
our $Spelled  = '{ "messages" : [ {"content":"\u0078", "role":"user"} ],'
    . ' "temperature":0.5, "max_tokens":9, "model":"m" }';

our %Checks = (
    whole => sub {
        my $first = asked_for('/v1/messages', $Question, chat('kept')
            =~ s/\r\n/\r\nX-Request-Id: r\r\nETag: "e"\r\nSet-Cookie: a=b\r
X-Accel-Redirect: \/ready\r\n/r);
        like($first, qr/X-Cache: MISS [0-9a-f]{64}\r.*"text":"kept"/s, 'a miss');

        for my $body ($Question, $Spelled) {
            my $again = kept('/v1/messages', $body);
            like($again, qr{^HTTP/1\.1\ 200\ .*application/json.*
                X-Cache:\ HIT\ [0-9a-f]{64}\r}xs, 'a hit');
            is(body_of($again), body_of($first), 'the same answer');
            unlike($again, qr/ETag|Set-Cookie|ccproxy-/, 'and no more');
        }

        for my $other (question('y'), question('x', '"temperature":0.6,')) {
            like(asked_for('/v1/messages', $other, chat('other')),
                qr/MISS.*"text":"other"/s, 'another question');
        }

        like(asked_for('/v1/chat/completions', '{"model":"m","messages":'
            . '[{"role":"user","content":"x"}]}', chat('spliced')),
            qr/MISS.*"content":"spliced"/s, 'another protocol');
        like(kept('/v1/chat/completions', '{"messages":[{"role":"user",'
            . '"content":"x"}],"model":"m"}'),
            qr/HIT.*"content":"spliced"/s, 'has its own');
    },

    streams => sub {
        for (1, 2) {
            my $client = post('/v1/messages', question('s', '"stream":true,'));
            my $up = heard('b');
            ok($up, 'each stream is asked for');
            say_to($up, $Begin);
            ok(read_until($client, qr/"Hello"/), 'and comes as it is said');
            say_to($up, $End);
            close $up;
            client_gets($client, qr/event: message_stop\n/);
        }
    },

    errors => sub {
        for (1, 2) {
            like(asked_for('/v1/messages', question('e'), broken()),
                qr{^HTTP/1\.1 500 .*broken}s, 'no error is kept');
        }
        my $cut = substr chat('cut' x 20000), 0, -200;
        my ($body) = $cut =~ /\r\n\r\n(.*)/s;
        for my $answer ($cut, $cut =~ s/Content-Length: \d+\r\n//r,
            whole($body))
        {
            like(asked_for('/v1/messages', question('g'), $answer),
                qr/"type":"error"/, 'nor one that breaks off');
        }
        like(asked_for('/v1/messages', question('g'), chat('good')),
            qr/MISS.*"text":"good"/s, 'until one is whole');
        like(kept('/v1/messages', question('g')), qr/HIT.*"text":"good"/s);
        for (1, 2) {
            like(asked_for('/other/v1/messages', question('f'),
                whole('{"error":{"message":"broken"}}')),
                qr{^HTTP/1\.1 5\d\d .*broken}s, 'nor one that comes as 200');
        }
    },

    clients => sub {
        my @red = ('x-api-key: red-secret-0123');
        my @blue = ('x-api-key: blue-secret-0123');
        like(asked_for('/keys/v1/messages', $Question, chat('red'), @red),
            qr/"text":"red"/, 'one client');
        like(asked_for('/keys/v1/messages', $Question, chat('blue'), @blue),
            qr/"text":"blue"/, 'another asks for itself');
        like(kept('/keys/v1/messages', $Question, @red), qr/"text":"red"/);
        like(kept('/keys/v1/messages', $Question, @blue), qr/"text":"blue"/);
        like(kept('/keys/v1/messages', $Question), qr/ 401 /, 'no key');
        like(asked_for('/rules/v1/messages', $Question, chat('brief')),
            qr/"text":"brief"/, 'other rules, another answer');

        my $files = 0;
        find(sub {
            return if !-f;
            open my $file, '<', $_ or die "$_: $!";
            my $all = do { local $/; <$file> };
            unlike($all, qr/secret|sk-of|Set-Cookie|X-Accel/, 'no secret');
            $files++;
        }, server_root() . '/cache');
        cmp_ok($files, '>=', 3, 'in what is kept');
    },

    cost => sub {
        my @before = counted();
        asked_for('/v1/messages', question('p'), chat('dear'));
        my @once = counted();
        cmp_ok($once[1], '>', $before[1], 'an answer costs');
        kept('/v1/messages', question('p'));
        my @twice = counted();
        is($twice[0], $once[0] + 1, 'one that was kept is a request');
        is_deeply([@twice[1 .. 3]], [@once[1 .. 3]], 'and costs nothing');
    },

    odd => sub {
        for (1, 2) {
            like(asked_for('/v1/messages', question('t'), chat('text')
                =~ s/application.json/text\/plain/r), qr/"text":"text"/,
                'no other type is kept');
        }
        my $packed = gzip(chat('packed') =~ s/^.*?\r\n\r\n//sr);
        for (1, 2) {
            like(asked_for('/v1/messages', question('z'), whole($packed)
                =~ s/\r\n/\r\nContent-Encoding: gzip\r\n/r),
                qr/"text":"packed"/, 'nor what is packed');
        }
        my $chunked = chat('chunked') =~ s/Content-Length: (\d+)/
            'Transfer-Encoding: chunked'/er;
        $chunked =~ s/\r\n\r\n(.*)/"\r\n\r\n" . sprintf("%x", length $1)
            . "\r\n$1\r\n0\r\n\r\n"/es;
        my $first = asked_for('/v1/messages', question('c'), $chunked);
        like($first, qr/"text":"chunked"/, 'chunks are');
        is(body_of(kept('/v1/messages', question('c'))), body_of($first));
    },

    ways => sub {
        my $ways = '/ways/v1/messages';
        like(asked_for("$ways?once=1", $Question, chat('one')),
            qr/"text":"one"/, 'proxy_no_cache');
        like(asked_for($ways, $Question, chat('two')), qr/"text":"two"/);
        like(kept("$ways?once=1", $Question), qr/"text":"two"/);
        like(asked_for("$ways?fresh=1", $Question, chat('three')),
            qr/"text":"three"/, 'proxy_cache_bypass');
        like(kept($ways, $Question), qr/"text":"three"/);

        for (1, 2) {
            like(asked_for('/twice/v1/messages', $Question, chat('four')),
                qr/"text":"four"/, 'proxy_cache_min_uses');
        }
        like(kept('/twice/v1/messages', $Question), qr/"text":"four"/);

        my @clients = map { post($ways, question('lock')) } 1, 2;
        my $up = heard('b');
        ok($up, 'proxy_cache_lock: one asks');
        say_to($up, chat('locked'));
        close $up;
        for my $client (@clients) {
            ok(ends($client));
            like(got($client), qr/"text":"locked"/, 'each gets it');
        }
        ok(not_asked('b'), 'no other asks');
    },

    left => sub {
        my $client = post('/v1/messages', question('l'));
        my $up = heard('b');
        ok($up, 'the upstream is asked');
        close $client;
        ends($up);
        like(asked_for('/v1/messages', question('l'), chat('late')),
            qr/MISS.*"text":"late"/s, 'the next one asks');
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value('http_config', $HttpConfig);
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

=== TEST 1: whole answers
--- does: whole
--- no_error_log
[alert]



=== TEST 2: streams
--- does: streams
--- no_error_log
[alert]



=== TEST 3: errors
--- does: errors
--- no_error_log
[alert]



=== TEST 4: each client's
--- does: clients
--- no_error_log
[alert]



=== TEST 5: other directives of the cache, other answers
--- does: ways odd cost
--- no_error_log
[alert]



=== TEST 6: a client that leaves
--- does: left
--- no_error_log
[alert]



=== TEST 7: a key without the digest
--- config
    location /v1 { ccproxy on; proxy_cache c; proxy_pass http://pool; }
--- must_die
--- error_log
write "proxy_cache_key $ccproxy_digest;"



=== TEST 8: what is let through
--- config
    location /v1 { ccproxy on; ccproxy_pass files; proxy_cache c; proxy_cache_key $ccproxy_digest; proxy_pass http://pool; }
--- must_die
--- error_log
"proxy_cache" does not keep what "ccproxy_pass" lets through



=== TEST 9: the digest where nothing is read
--- config
    location /v1 { proxy_cache c; proxy_cache_key $ccproxy_digest; proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
"$ccproxy_digest" is empty without "ccproxy on"
