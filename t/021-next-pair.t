# Each way in which an upstream can fail, of each protocol, for clients of
# each protocol: the next pair serves, of another protocol again, and the
# client sees nothing but its answer.
use Test::Nginx::Socket 'no_plan';
use FindBin;
use IO::Socket::INET;

BEGIN { require "$FindBin::Bin/lib/ScriptedUpstream.pm" }

our @Protocols = @ScriptedUpstream::Protocols;
our $Bad = ScriptedUpstream->start;
our $Good = ScriptedUpstream->start;

# A port whose queue of connections is full: those that come now are not made.
our $Full = IO::Socket::INET->new(Listen => 0, LocalAddr => '127.0.0.1',
    ReuseAddr => 1) || die "listen: $!";
our @Filling = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1',
    PeerPort => $Full->sockport, Blocking => 0) } 1 .. 3;

# One that nobody listens on.
our $Free = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
    ->sockport;

# Those that take their time are tried with one client protocol each.
our @Fast = sort grep { !/^(?:late_.*|start_.*|silent)$/
    && !$ScriptedUpstream::Kept{$_} && !$ScriptedUpstream::Own{$_} }
    keys %ScriptedUpstream::Faults;

our %GoodUri = (
    anthropic => qr{/good/v1/messages},
    chat      => qr{/good/v1/chat/completions},
    responses => qr{/good/v1/responses},
    gemini    => qr{/good/v1beta/models/gm:(?:stream)?[gG]enerateContent},
    ollama    => qr{/good/api/chat},
);

our @Combinations;
our $Http = '';

# Pool, provider and all of one combination: nothing cools for the next one.
sub combination {
    my ($fault, $bad, $client, $stream, $port) = @_;

    my $n = @Combinations;
    my $good = $Protocols[($n + 1 + ($n / 5)) % 5];
    my $at = $port // $Bad->port;

    push @Combinations, { n => $n, fault => $fault, bad => $bad,
        good => $good, client => $client, stream => $stream };

    $Http .= "ccproxy_provider bad$n { protocol $bad; "
        . "url http://127.0.0.1:$at/$fault$ScriptedUpstream::Root{$bad}; "
        . "key literal:secret-bad; keepalive 0; read_timeout 250ms; "
        . "connect_timeout 250ms; }\n"
        . "upstream pool$n { ccproxy; ccproxy_target bad$n bm; "
        . "ccproxy_target good_$good gm backup; }\n";
}

sub matrix {
    my ($with) = @_;

    @Combinations = ();
    $Http = "ccproxy_zone ccproxy:8m;\n";

    $Http .= "ccproxy_provider good_$_ { protocol $_; url http://localhost:"
        . $Good->port . "/good$ScriptedUpstream::Root{$_}; "
        . "key literal:key-$_; keepalive 0; }\n" for @Protocols;

    $with->();
}

sub ask_for {
    my ($c) = @_;

    my ($path, $body) = ScriptedUpstream::request($c->{client}, $c->{stream},
        'hi');

    return ScriptedUpstream::ask(server_port(), $path, $body,
        "X-Pool: pool$c->{n}");
}

sub name_of {
    my ($c) = @_;
    return "$c->{fault} of $c->{bad}, then $c->{good}, for $c->{client}"
        . ($c->{stream} ? ', a stream' : '');
}

# What is wrong with an answer that should be the good upstream's.
sub wrong_with {
    my ($c, $status, $head, $body) = @_;

    return "status $status" if $status != 200;
    return 'tries' if $head !~ /^X-Tries: 2\r?$/m;
    return 'bad words' if "$head$body" =~ /bad upstream|secret-bad|Location/;
    return 'URI' if $body !~ /uri=$GoodUri{$c->{good}}/;
    return 'host' if $body !~ /host=localhost:${\ $Good->port} /;
    return 'key' if $body !~ /key=(?:Bearer )?key_$c->{good} /;
    return 'model' if $c->{good} ne 'gemini' && $body !~ /model=gm;/;
    return 'an error' if $body =~ $ScriptedUpstream::ErrorEvent{$c->{client}};
    return 'no end' if $c->{stream}
        && $body !~ $ScriptedUpstream::Terminal{$c->{client}};
    return 'beginning twice' if $c->{stream} && 1 < (() = $body
        =~ /event: message_start|"role":"assistant","content":"",|event: response.created/g);
    return '';
}

our %Checks = (

    served => sub {
        for my $c (@Combinations) {
            my @answer = ask_for($c);
            is(wrong_with($c, @answer), '', name_of($c)) or diag("@answer");
        }
    },

    kept => sub {
        for my $c (@Combinations) {
            my ($status, $head, $body) = ask_for($c);
            my $wanted = $ScriptedUpstream::Kept{$c->{fault}}[0];

            # no protocol but two has a status of its own for 422 or 413
            my @may = ($wanted, $wanted =~ /422|413/ ? 400 : ());

            ok((grep { $status == $_ } @may)
                && $head =~ /^X-Tries: 1\r?$/m && $body =~ /kept words/
                && $body =~ $ScriptedUpstream::ErrorBody{$c->{client}}
                && $body !~ /uri=/, name_of($c)) or diag("$status $head $body");
        }
    },

    either => sub {
        for my $c (@Combinations) {
            my ($status, $head, $body) = ask_for($c);

            if ($head =~ /^X-Tries: 2/m) {
                is(wrong_with($c, $status, $head, $body), '', name_of($c))
                    or diag("$status $head $body");
                next;
            }

            ok($status == 200 && 1 == (() = $body
                =~ /$ScriptedUpstream::ErrorEvent{$c->{client}}/g)
                && $body !~ $ScriptedUpstream::Terminal{$c->{client}},
                name_of($c)) or diag("$status $head $body");
        }
    },

    late => sub {
        for my $c (@Combinations) {
            my ($status, $head, $body) = ask_for($c);

            ok($status == 200 && $head =~ /^X-Tries: 1\r?$/m
                && $body =~ /begun/ && $body !~ /uri=/, name_of($c))
                or diag("$status $head $body");
            is(scalar(() = $body
                =~ /$ScriptedUpstream::ErrorEvent{$c->{client}}/g), 1,
                '… and one error at its end') or diag($body);
            unlike($body, $ScriptedUpstream::Terminal{$c->{client}},
                '… in place of the terminal event');
        }
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    matrix($block->matrix);
    $block->set_value('http_config', $Http);
    $block->set_value('config', <<'END');
    location /v1 { ccproxy on; proxy_pass http://$http_x_pool; add_header X-Tries $ccproxy_tries always; }
    location /api { ccproxy on; proxy_pass http://$http_x_pool; add_header X-Tries $ccproxy_tries always; }
    location = /ready { return 200 ready; }
END

    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
});

add_response_body_check(sub { $Checks{$_[0]->does}->() });

no_shuffle();
no_long_string();
log_level('warn');
run_tests();

__DATA__

=== TEST 1: whatever an upstream does before content
--- matrix eval
sub {
    my $n = 0;
    for my $fault (@main::Fast) {
        for my $bad (@main::Protocols) {
            for my $client (@main::Protocols) {
                main::combination($fault, $bad, $client, $n++ % 2);
            }
        }
    }
}
--- does: served
--- no_error_log
[alert]
secret-bad



=== TEST 2: no connection, or nothing on it
--- matrix eval
sub {
    my $n = 0;
    for my $bad (@main::Protocols) {
        my $client = $main::Protocols[++$n % 5];
        main::combination('silent', $bad, $client, $n % 2);
        main::combination('refused', $bad, $client, $n % 2, $main::Free);
        main::combination('full', $bad, $client, $n % 2,
            $main::Full->sockport);
    }
}
--- does: served
--- no_error_log
[alert]



=== TEST 3: the request's own faults
--- matrix eval
sub {
    my $n = 0;
    for my $fault (sort keys %ScriptedUpstream::Kept) {
        for my $bad (@main::Protocols) {
            for my $client (@main::Protocols) {
                main::combination($fault, $bad, $client, $n++ % 2);
            }
        }
    }
}
--- does: kept
--- no_error_log
[alert]



=== TEST 4: after content
--- matrix eval
sub {
    for my $fault (sort keys %ScriptedUpstream::Late) {
        for my $bad (@main::Protocols) {
            for my $client (@main::Protocols) {
                main::combination($fault, $bad, $client, 1);
            }
        }
    }
}
--- does: late
--- no_error_log
[alert]



=== TEST 5: after the beginning
--- matrix eval
sub {
    for my $fault (grep { /^start_/ } sort keys %ScriptedUpstream::Faults) {
        for my $bad (@main::Protocols) {
            for my $client (@main::Protocols) {
                main::combination($fault, $bad, $client, 1);
            }
        }
    }
}
--- does: either
--- no_error_log
[alert]



=== TEST 6: errors that only some protocols have
--- matrix eval
sub {
    my $n = 0;
    for my $fault (sort keys %ScriptedUpstream::Own) {
        for my $client (@main::Protocols) {
            main::combination($fault, $ScriptedUpstream::Own{$fault}[0],
                $client, $n++ % 2);
        }
    }
}
--- does: served
--- no_error_log
[alert]
