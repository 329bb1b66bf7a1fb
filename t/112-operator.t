# The operator of the status page: what he may, who he is, what stays of it.
use Test::Nginx::Socket 'no_plan';
use JSON::PP ();
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/OwnUpstreams.pm"; OwnUpstreams->import }

$ENV{TEST_NGINX_A_PORT} = $Port{a};
$ENV{TEST_NGINX_B_PORT} = $Port{b};

our $HttpConfig = <<'END';
    ccproxy_provider a { protocol anthropic; url http://127.0.0.1:$TEST_NGINX_A_PORT/v1; key literal:sk-secret-a name=ka; }
    ccproxy_provider b { protocol chat; url http://127.0.0.1:$TEST_NGINX_B_PORT/v1; key literal:sk-secret-b name=kb; }
    upstream pool { ccproxy; ccproxy_target a m weight=3; ccproxy_target b n; }
END

our $Config = <<'END';
    location /v1/ { ccproxy on; proxy_pass http://pool; }
    location = /ready { return 200 ready; }
    location = /status { ccproxy_status admin; }
    location = /look { ccproxy_status; }
END

# An answer: its status and its body.
sub http {
    my ($method, $uri, @headers) = @_;

    my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => server_port()) || die "connect: $!";
    my $host = (grep { /^Host:/ } @headers) ? '' : "Host: localhost\r\n";

    $client->print("$method $uri HTTP/1.1\r\n$host"
        . join('', map { "$_\r\n" } @headers) . "Connection: close\r\n"
        . ($method eq 'POST' ? "Content-Length: 0\r\n" : '') . "\r\n");
    $client->flush;
    ends($client);
    my ($head, $body) = split /\r\n\r\n/, ${*$client}{got}, 2;
    return ($head =~ m{^HTTP/1.1 (\d+)} ? $1 : 0, $body, $head);
}

sub token {
    my (undef, $page) = http('GET', '/status', 'Accept: text/html', @_);
    return $page =~ /"token":"(\w{32})"/ ? $1 : undef;
}

sub order {
    my ($args, @headers) = @_;
    return http('POST', "/status?$args", 'X-Ccproxy-Token: ' . token(), @headers);
}

# The pairs of the pool, by provider.
sub pairs {
    my (undef, $body) = http('GET', '/look');
    my $status = JSON::PP::decode_json($body);
    return map { $_->{provider} => $_ } @{$status->{pools}[0]{pairs}};
}

# Who serves the next n requests.
sub serves {
    my ($n) = @_;
    my $who = '';

    for (1 .. $n) {
        my $client = ask();
        my $select = IO::Select->new($Listen{a}, $Listen{b});
        my ($ready) = $select->can_read($Patience) or last;
        my $name = $ready == $Listen{a} ? 'a' : 'b';
        say_to(asked($name), $name eq 'a' ? message('x') : chat('x'));
        ends($client);
        $who .= $name;
    }

    return join '', sort split //, $who;
}

our %Checks = (

    who => sub {
        my $token = token();
        like($token, qr/^\w{32}$/, 'the page has a token');
        is(token('Origin: http://evil.example'), undef,
            'but not for a page of another site');
        is(token('Host: evil.example'), undef,
            'nor for a name that was rebound to this address');

        my (undef, $json) = http('GET', '/status');
        unlike($json, qr/"token"|\Q$token\E/, 'JSON has none');
        my (undef, $look) = http('GET', '/look', 'Accept: text/html');
        unlike($look, qr/"token"/, 'nor has a page without operators');

        my $args = 'action=hold&what=target&provider=a';

        is((http('POST', "/status?$args"))[0], 403, 'no token');
        is((http('POST', "/status?$args", 'X-Ccproxy-Token: ' . 'a' x 32))[0],
            403, 'a wrong one');
        is((http('POST', "/look?$args", "X-Ccproxy-Token: $token"))[0], 403,
            'a location without operators');

        for my $header ('Origin: http://evil.example', 'Origin: null',
            'Origin: http://localhost:1', 'Host: evil.example')
        {
            is((order($args, $header))[0], 403, $header);
        }

        is((http('GET', "/status?$args", "X-Ccproxy-Token: $token"))[0], 200,
            'a GET is answered');
        my %p = pairs();
        is($p{a}{state}, 'ready', 'and nothing was changed by all that');

        is((order($args, 'Origin: http://localhost:' . server_port(),
            'Host: localhost:' . server_port()))[0], 200, 'the page itself');
        %p = pairs();
        is($p{a}{state}, 'held', 'may');
    },

    hold => sub {
        is(serves(4), 'aaab', 'by weight');

        my ($status, $body) = order('action=hold&what=target&provider=a&model=m');
        is($body, qq({"changed":1}\n), 'a target is held');
        is(serves(3), 'bbb', 'it gets nothing');

        my %p = pairs();
        is_deeply($p{a}{held}, ['target'], 'which is shown');

        order('action=hold&what=key&provider=b&key=kb');
        my $client = ask();
        client_gets($client, qr/on hold by an operator \(pool \\"pool\\"\)/,
            'nothing is left');

        order('action=release&what=key&provider=b&key=kb');
        order('action=release&what=target&provider=a');
        is(serves(4), 'aaab', 'taken back');
        ok(logged_error(qr/\[notice\].*an operator: hold of key, pool "", provider "b", model "", key "kb": 2 pairs/),
            'the log has it');
    },

    weight => sub {
        is((order('action=weight&provider=a&weight=1'))[0], 200, 'a weight');
        is(serves(4), 'aabb', 'holds');
        my %p = pairs();
        is($p{a}{operator_weight}, 1, 'is shown');
        is($p{a}{weight}, 3, 'beside its own');
        order('action=weight&provider=a&weight=0');
        is(serves(4), 'aaab', 'taken back');
    },

    thaw => sub {
        my $client = ask();
        say_to(asked('a'), whole('{"type":"error","error":{"type":'
            . '"authentication_error","message":"no"}}', '401 No'));
        say_to(asked('b'), chat('x'));
        client_gets($client, qr/"text":"x"/);

        my %p = pairs();
        is($p{a}{state}, 'cooling', 'a pair cools');
        is((order('action=thaw&provider=a'))[0], 200, 'until an operator ends it');
        %p = pairs();
        is($p{a}{state}, 'ready', 'it is ready');
        is(serves(4), 'aaab', 'and serves');

        my (undef, $body) = http('GET', '/look');
        my $f = JSON::PP::decode_json($body)->{failures}[0];
        is($f->{cause}, 'the key is not accepted', 'the failure is told');
        is("$f->{provider} $f->{model} $f->{key} $f->{status} $f->{pool}",
            'a m ka 401 pool', 'whose it was');
    },

    wrong => sub {
        is((order('action=hold&provider=nobody'))[0], 404, 'no such provider');
        is((order('action=hold&what=all&provider=a'))[0], 400, 'no such thing');
        is((order('action=hold'))[0], 400, 'no provider');
        is((order('action=explode&provider=a'))[0], 400, 'no such action');
        is((order('action=weight&provider=a&weight=-1'))[0], 400, 'no weight');
        is((order('action=stop&id=zzz'))[0], 404, 'no such request');
    },

    stop => sub {
        my $client = ask(stream => 1, more => '"metadata":{"user_id":"private"},');
        my $up = asked('a');
        say_to($up, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            . "Connection: close\r\n\r\n"
            . "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\","
            . "\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,"
            . "\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n");
        is(read_until($client, qr/message_start/), 1, 'a stream is open');

        my (undef, $body) = http('GET', '/look');
        my $open = JSON::PP::decode_json($body)->{open};
        is(scalar @$open, 1, 'which is shown');
        is("$open->[0]{provider} $open->[0]{model} $open->[0]{pool} $open->[0]{key} $open->[0]{protocol}",
            'a m pool ka anthropic', 'with where it goes');
        unlike($body, qr/private|secret/, 'and nothing else');

        is((order("action=stop&id=$open->[0]{id}"))[0], 200, 'an operator ends it');
        client_gets($client, qr/event: error\n.*operator/s, 'with an error');
        is(ends($up), 1, 'the upstream sees the end');

        my %p = pairs();
        is($p{a}{state}, 'ready', 'the pair is not blamed');

        # one that nothing came of yet is not asked of another

        $client = ask();
        my ($ready) = IO::Select->new($Listen{a}, $Listen{b})->can_read($Patience);
        $up = asked($ready == $Listen{a} ? 'a' : 'b');
        (undef, $body) = http('GET', '/look');
        $open = JSON::PP::decode_json($body)->{open};
        order("action=stop&id=$open->[0]{id}");
        client_gets($client, qr/operator/, 'before its answer');
        ok(not_asked('a') && not_asked('b'), 'nobody else is asked');

        (undef, $body) = http('GET', '/look');
        is_deeply(JSON::PP::decode_json($body)->{open}, [], 'nothing is under way');
    },

    reload => sub {
        order('action=hold&what=target&provider=a');
        order('action=weight&provider=b&weight=9');
        my $token = token();

        open my $in, '<', server_root() . '/logs/nginx.pid' or die $!;
        chomp(my $pid = <$in>);
        kill 'HUP', $pid;
        ok(logged_error(qr/gracefully shutting down/), 'a reload');

        my %p = pairs();
        is_deeply($p{a}{held}, ['target'], 'a hold stays');
        is($p{b}{operator_weight}, 9, 'a weight stays');
        is(token(), $token, 'the token stays');
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

log_level('notice');
no_shuffle();
no_long_string();
run_tests();

__DATA__

=== TEST 1: who may operate
--- does: who



=== TEST 2: holds
--- does: hold



=== TEST 3: weights
--- does: weight



=== TEST 4: the end of a cooldown
--- does: thaw



=== TEST 5: what can't be carried out
--- does: wrong



=== TEST 6: the end of a request
--- does: stop



=== TEST 7: what stays over a reload
--- does: reload
