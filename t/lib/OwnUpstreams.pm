# Upstreams and clients that are the test itself: it sees who is asked, says who
# speaks when, and sees whose connection nginx ends.  a speaks Anthropic, b and c
# Chat.
#
#   BEGIN { require "$FindBin::Bin/lib/OwnUpstreams.pm"; OwnUpstreams->import }
#
#   my $client = ask();             asks nginx
#   my $a = asked('a');             the connection on which a was asked
#   say_to($a, message('Hello'));
#   client_gets($client, qr/Hello/);
package OwnUpstreams;

use strict;
use warnings;

use Exporter 'import';
use IO::Select ();
use IO::Socket::INET ();
use Test::More;

use Test::Nginx::Socket;

our @EXPORT = qw(%Listen %Port $Patience read_until ends ask asked tunnelled
    not_asked say_to whole message chat delta $Begin $End broken client_gets
    free_again logged logged_error);

our $Patience = $ENV{TEST_NGINX_USE_VALGRIND} ? 60 : 10;

our %Listen = map { $_ => IO::Socket::INET->new(
    Listen => 16, LocalAddr => '127.0.0.1', LocalPort => 0, ReuseAddr => 1,
) || die "listen: $!" } qw(a b c);

our %Port = map { $_ => $Listen{$_}->sockport } keys %Listen;

# Reads from a socket until the pattern is there (true), or the end (false).
sub read_until {
    my ($sock, $pattern) = @_;
    my $select = IO::Select->new($sock);
    my $got = \${*$sock}{got};
    $$got //= '';

    while ($$got !~ $pattern) {
        $select->can_read($Patience) or return 0;
        sysread($sock, $$got, 65536, length $$got) or return 0;
    }

    return 1;
}

# Whether the other side ends the connection before patience is lost.
sub ends {
    my ($sock) = @_;
    my $select = IO::Select->new($sock);

    while ($select->can_read($Patience)) {
        my $n = sysread $sock, my $rest, 65536;
        return 1 if !$n;
        ${*$sock}{got} .= $rest;
    }

    return 0;
}

# A client that asks; its text is what upstreams tell requests by.
sub ask {
    my (%o) = @_;

    my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => server_port()) || die "connect: $!";

    my $body = '{"model":"m","max_tokens":9,'
        . ($o{stream} ? '"stream":true,' : '') . ($o{more} // '')
        . '"messages":[{"role":"user","content":"' . ($o{text} // 'x') . '"}]}';

    $client->print("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\nContent-Length: " . length($body)
        . "\r\n\r\n$body");
    $client->flush;

    return $client;
}

# The connection of an upstream that is asked next, undef if it is not.
sub asked {
    my ($name, $patience) = @_;

    IO::Select->new($Listen{$name})->can_read($patience // $Patience)
        or return undef;

    my $up = $Listen{$name}->accept;
    read_until($up, qr/\r\n\r\n.*"content":.*\]/s) or return undef;

    return $up;
}

# The same where the upstream is asked through a proxy, which this is as well.
sub tunnelled {
    my ($name) = @_;

    IO::Select->new($Listen{$name})->can_read($Patience) or return undef;

    my $up = $Listen{$name}->accept;
    read_until($up, qr/^CONNECT .*\r\n\r\n/s) or return undef;
    ${*$up}{got} = '';
    say_to($up, "HTTP/1.1 200 Connected\r\n\r\n");
    read_until($up, qr/\r\n\r\n.*"content":.*\]/s) or return undef;

    return $up;
}

sub not_asked {
    my ($name) = @_;
    return !IO::Select->new($Listen{$name})->can_read(0);
}

sub say_to {
    my ($sock, $text) = @_;
    $sock->print($text);
    $sock->flush;
}

sub whole {
    my ($body, $status) = @_;
    return 'HTTP/1.1 ' . ($status // '200 OK') . "\r\nContent-Type: "
        . "application/json\r\nConnection: close\r\nContent-Length: "
        . length($body) . "\r\n\r\n$body";
}

# a's answer (Messages) and that of b and c (Chat)
sub message {
    return whole('{"id":"m","type":"message","role":"assistant","model":"m",'
        . '"content":[' . ($_[1] // "{\"type\":\"text\",\"text\":\"$_[0]\"}")
        . '],"stop_reason":"end_turn","stop_sequence":null,'
        . '"usage":{"input_tokens":1,"output_tokens":7}}');
}

sub chat {
    return whole('{"id":"c","object":"chat.completion","created":1,'
        . '"model":"m","choices":[{"index":0,"message":{"role":"assistant",'
        . '"content":"' . $_[0] . '"},"finish_reason":"stop"}],'
        . '"usage":{"prompt_tokens":1,"completion_tokens":5,"total_tokens":6}}');
}

# b's and c's answer as a stream: its beginning, a piece, its end.
sub delta {
    my ($delta, $finish) = @_;
    return 'data: {"id":"c","object":"chat.completion.chunk","created":1,'
        . '"model":"m","choices":[{"index":0,"delta":' . $delta
        . ',"finish_reason":' . ($finish ? "\"$finish\"" : 'null') . "}]}\n\n";
}

our $Begin = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    . "Connection: close\r\n\r\n"
    . delta('{"role":"assistant","content":"Hello"}');
our $End = delta('{"content":" world"}') . delta('{}', 'stop')
    . "data: [DONE]\n\n";

sub broken { return whole('{"error":{"message":"broken"}}', '500 Broken') }

sub client_gets {
    my ($client, $pattern, $what) = @_;
    ends($client);
    close $client;
    like(${*$client}{got}, $pattern, $what // 'the client gets the answer');
}

# What a request left behind is seen by two more at a time: each target may
# have one of them.
sub free_again {
    my @clients = (ask(text => 'one'), ask(text => 'two'));
    my ($a, $b) = (asked('a'), asked('b'));
    ok($a && $b, 'both targets can be asked again');
    say_to($a, message('again')) if $a;
    say_to($b, chat('again')) if $b;
    client_gets($_, qr/again/) for @clients;
}

# Whether the log of tries, or the error log, has it or will have it.
sub logged       { return in_log('tries.log', @_) }
sub logged_error { return in_log('error.log', @_) }

sub in_log {
    my ($name, $pattern) = @_;

    for (1 .. 100 * $Patience) {
        open my $in, '<', server_root() . "/logs/$name" or die $!;
        local $/;
        return 1 if <$in> =~ $pattern;
        select undef, undef, undef, 0.01;
    }

    return 0;
}

1;
