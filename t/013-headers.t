# What may pass: no credential of a client gets to an upstream or into a log,
# and of an upstream's header no more than an allow-list gets to a client.
use Test::Nginx::Socket 'no_plan';
use File::Temp ();
use FindBin;
use MIME::Base64 ();

BEGIN { require "$FindBin::Bin/lib/ScriptedUpstream.pm" }

our @Protocols = @ScriptedUpstream::Protocols;
our $Seen = File::Temp->new;
our $Key = 'provider-key';

# An upstream that notes what it got and answers with many headers.
{
    package LoudUpstream;
    our @ISA = ('ScriptedUpstream');

    our @Loud = (
        'Server: loud', 'Via: 1.1 loud', 'Set-Cookie: loud=provider-key',
        'X-Accel-Redirect: /ready', 'X-Accel-Limit-Rate: 1',
        'X-Accel-Expires: 0', 'X-Accel-Charset: koi8-r',
        'X-Accel-Buffering: yes', 'Location: http://loud.example/',
        'Refresh: 1; url=http://loud.example/', 'Alt-Svc: h3=":443"',
        'WWW-Authenticate: Bearer realm=loud',
        'Proxy-Authenticate: Basic realm=loud', 'X-Key: provider-key',
        'Link: </loud>; rel=preload', 'Access-Control-Allow-Origin: loud',
        'Strict-Transport-Security: max-age=1', 'Vary: *', 'Age: 7',
        'Expires: Thu, 01 Jan 1970 00:00:01 GMT', 'ETag: "loud"',
        'Last-Modified: Thu, 01 Jan 1970 00:00:01 GMT',
        'Cache-Control: public, max-age=77', 'CF-Ray: loud',
        'OpenAI-Organization: loud', 'Anthropic-Organization-Id: loud',
        'Content-Language: loud', 'Content-Disposition: attachment',
        'Request-Id: req-1', 'X-Request-ID: req-2', 'X-Should-Retry: true',
        'Anthropic-RateLimit-Requests-Remaining: 41',
        'X-RateLimit-Remaining-Tokens: 42', 'Retry-After: 9',
        'X-Codex-Turn-State: t', 'X-Codex-Primary-Used-Percent: 5',
        'OpenAI-Model: m',
    );

    sub answer {
        my ($self, $proto, $stream, $uri, $head, $body) = @_;

        open my $out, '>', "$main::Seen" or die $!;
        print {$out} $head, $body;
        close $out;

        my ($status) = $uri =~ m{^/error(\d+)/};

        return ScriptedUpstream::http("$status Loud", 'application/json',
            ScriptedUpstream::error($proto, "loud words: $main::Key is wrong"),
            grep { !/^Retry-After/ } @Loud) if $status;

        return ScriptedUpstream::stream_head($proto, @Loud)
            . join('', ScriptedUpstream::events($proto, 'text')) if $stream;

        return ScriptedUpstream::http('200 OK', 'application/json',
            ScriptedUpstream::document($proto, 'text'), @Loud);
    }
}

our $Upstream = LoudUpstream->start;

our $Secret = 'client-secret-42';
our $Basic = MIME::Base64::encode("u:$Secret", '');

# Forms of credentials, as header lines or as a query.
our %Forms = (
    bearer => ["Authorization: Bearer $Secret"],
    basic  => ["Authorization: Basic $Basic"],
    x_api_key => ["X-Api-Key: $Secret"],
    api_key => ["Api-Key: $Secret"],
    goog   => ["X-Goog-Api-Key: $Secret"],
    query  => ["?key=$Secret"],
    cookie => ["Cookie: session=$Secret; x=$Secret"],
    proxy  => ["Proxy-Authorization: Basic $Basic"],
    others => ["X-Auth-Token: $Secret", "X-Forwarded-Authorization: $Secret",
        "X-Amz-Security-Token: $Secret", "X-Csrf-Token: $Secret",
        "Referer: http://a.example/page"],
);

# nginx refuses a second Authorization
$Forms{all} = [map { @{$Forms{$_}} } grep { $_ ne 'basic' } sort keys %Forms];

# Names that an upstream may see, whatever the client sends.
our $ToUpstream = qr/^(?:host|user-agent|connection|content-length|content-type|accept
    |accept-encoding|authorization|x-api-key|x-goog-api-key|anthropic-(?:version|beta)
    |x-stainless-lang|openai-beta)$/x;

# Names that a client may see.
our $ToClient = qr/^(?:server|date|connection|content-type|content-length
    |cache-control|x-accel-buffering|retry-after|x-ccproxy-request-id
    |request-id|x-request-id|x-should-retry)$/x;
our $Limits = qr/^(?:anthropic-ratelimit-requests-remaining
    |x-ratelimit-remaining-tokens|x-codex-turn-state
    |x-codex-primary-used-percent|openai-model)$/x;

sub names {
    my ($head) = @_;
    return map { lc } $head =~ /^([^\s:]+):/mg;
}

sub seen {
    open my $in, '<', "$Seen" or die $!;
    local $/;
    return scalar <$in>;
}

sub ask_with {
    my ($client, $pool, $stream, $form) = @_;

    my ($path, $body) = ScriptedUpstream::request($client, $stream, 'hi');
    my @headers = ("X-Pool: $pool", 'X-Forwarded-For: 10.1.2.3',
        'Origin: http://localhost:3000', 'X-Stainless-Lang: js',
        'Accept-Encoding: gzip', 'Te: trailers');

    for my $line (@$form) {
        if ($line =~ /^\?(.*)/) {
            $path .= ($path =~ /\?/ ? '&' : '?') . $1;
        } else {
            push @headers, $line;
        }
    }

    return ScriptedUpstream::ask(server_port(), $path, $body, @headers);
}

# What is wrong with the upstream's request.
sub leaks {
    my ($upstream) = @_;

    my $seen = seen();
    my $head = $seen =~ s/\r\n\{.*//sr;

    return 'the client\'s credential' if $seen =~ /$Secret|\Q$Basic\E/i;
    return 'no provider\'s key' if $seen !~ /provider-key/;
    return 'more than one key' if 1 < (() = $seen =~ /provider-key/g);

    my %n;
    $n{$_}++ for names($head);

    return join ' ', map { !/$ToUpstream/ ? $_ : $n{$_} > 1 ? "$_ twice" : () }
        sort keys %n;
}

sub strangers {
    my ($head, $same) = @_;

    my @names = names($head);
    my $limits = grep { /$Limits/ } @names;

    return 'the key' if $head =~ /provider-key/;
    return 'its server' if $head =~ /loud/;
    return 'limits: ' . $limits if $limits != ($same ? 5 : 0);
    return 'no request-id' if $head !~ /^request-id: req-1\r?$/mi;

    return join ' ', grep { !/$ToClient/ && !/$Limits/ } @names;
}

our %Checks;

%Checks = (

    requests => sub {
        my ($forms) = @_;

        for my $client (@Protocols) {
            for my $upstream (@Protocols) {
                for my $form (sort keys %$forms) {
                    my ($status) = ask_with($client, $upstream, 0,
                        $forms->{$form});

                    is("$status " . leaks($upstream), '200 ',
                        "$form, from $client to $upstream");
                }
            }
        }

        for my $log (qw(access.log error.log)) {
            open my $in, '<', server_root() . "/logs/$log" or die $!;
            local $/;
            unlike(scalar <$in> // '', qr/$Secret|\Q$Basic\E|provider-key/,
                "$log has no secret");
        }
    },

    access => sub {
        $Checks{requests}->({ map { $_ => $Forms{$_} }
            qw(bearer x_api_key goog query all) });
    },

    replaced => sub {
        for my $client (@Protocols) {
            ask_with($client, 'agent', 0, ['User-Agent: sdk/1']);

            my $head = seen() =~ s/\r\n\{.*//sr;

            is(join(' ', $head =~ /^user-agent: (.*?)\r?$/mig), 'lit/1',
                "$client: the user agent, once");
            is(join(' ', $head =~ /^accept-encoding: (.*?)\r?$/mig), 'gzip',
                '… and the encodings');
            is(join(' ', $head =~ /^accept: (.*?)\r?$/mig), 'any/thing',
                '… and the types');
        }
    },

    answers => sub {
        for my $client (@Protocols) {
            for my $upstream (@Protocols) {
                for my $stream (0, 1) {
                    my ($status, $head, $body) = ask_with($client, $upstream,
                        $stream, []);

                    is($status . ' ' . strangers($head, $client eq $upstream),
                        '200 ', "from $upstream to $client"
                        . ($stream ? ', a stream' : '')) or diag($head);
                    like($body, qr/text/, '… is the answer');
                }
            }
        }
    },

    errors => sub {
        for my $client (@Protocols) {
            for my $upstream (@Protocols) {
                for my $status (400, 401, 500) {
                    my ($got, $head, $body) = ask_with($client,
                        "${upstream}_$status", 0, []);

                    is($got . ' ' . strangers($head, $client eq $upstream),
                        "$status ", "$status from $upstream to $client")
                        or diag($head);
                    like($body, qr/loud words: x{12} is wrong/,
                        '… is told without the key');
                }
            }
        }
    },
);

our $HttpConfig = '';

for my $proto (@Protocols) {
    for my $what ('ok', 'error400', 'error401', 'error500') {
        my $name = $proto . ($what eq 'ok' ? '' : $what =~ s/error/_/r);

        $HttpConfig .= "ccproxy_provider $name { protocol $proto; "
            . 'url http://127.0.0.1:' . $Upstream->port
            . "/$what$ScriptedUpstream::Root{$proto}; "
            . "key literal:provider-key; keepalive 0; }\n"
            . "upstream $name { ccproxy; ccproxy_target $name m; }\n";
    }
}

$HttpConfig .= 'ccproxy_provider agent { protocol chat; url http://127.0.0.1:' . $Upstream->port
    . '/ok/v1; key literal:provider-key; header User-Agent lit/1; header Accept-Encoding gzip; header accept any/thing; }'
    . "\nupstream agent { ccproxy; ccproxy_target agent m; }\n";

add_block_preprocessor(sub {
    my ($block) = @_;

    my $keys = $block->keys // '';

    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', <<"END");
    location = /ready { return 200 ready; }
    location /v1 { ccproxy on; proxy_pass http://\$http_x_pool; $keys }
    location /api { ccproxy on; proxy_pass http://\$http_x_pool; $keys }
END

    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
});

add_response_body_check(sub {
    my ($block) = @_;
    $Checks{$block->does}->($block->does eq 'requests' ? \%Forms : ());
});

no_shuffle();
no_long_string();
log_level('info');
run_tests();

__DATA__

=== TEST 1: credentials of clients stay here
--- does: requests
--- no_error_log
[alert]



=== TEST 2: so do those that let clients in
--- keys: ccproxy_access_key me client-secret-42;
--- does: access
--- no_error_log
[alert]



=== TEST 3: headers of upstreams
--- does: answers
--- no_error_log
[alert]



=== TEST 4: headers of errors
--- does: errors
--- no_error_log
[alert]



=== TEST 5: what the provider's block says in place of lines of the module's
--- does: replaced
--- no_error_log
[alert]
