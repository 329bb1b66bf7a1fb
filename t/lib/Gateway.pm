# What tests of a location among nginx's own directives share: a client that
# sends what it is told to, upstreams that show all that they got.
#
#   my $client = post('/v1/messages', question('hello'), 'X-A: b');
#   my $up = heard('b');            its connection; got($up) is the request
#   say_to($up, chat('fine'));
#   client_gets($client, qr/fine/);
package Gateway;

use strict;
use warnings;

use Exporter 'import';
use IO::Select ();
use IO::Socket::INET ();

use Test::Nginx::Socket;

# Where nginx listens, if that is not where the test's own does.
our $Port;

our @EXPORT = qw(post send_raw question heard got);

# A request to nginx, as it is; the connection.
sub send_raw {
    my ($text) = @_;

    my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $Port // server_port()) || die "connect: $!";

    $client->print($text);
    $client->flush;

    return $client;
}

sub post {
    my ($path, $body, @headers) = @_;

    return send_raw("POST $path HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\nContent-Length: " . length($body) . "\r\n"
        . join('', map {"$_\r\n"} @headers) . "\r\n$body");
}

# A request of an Anthropic client.
sub question {
    my ($text, $more) = @_;
    return '{"model":"m","max_tokens":9,' . ($more // '')
        . '"messages":[{"role":"user","content":"' . $text . '"}]}';
}

# The connection on which the upstream of that name has a whole request, undef
# if none comes.
sub heard {
    my ($name) = @_;

    my $listen = $OwnUpstreams::Listen{$name};

    IO::Select->new($listen)->can_read($OwnUpstreams::Patience)
        or return undef;

    my $up = $listen->accept;
    OwnUpstreams::read_until($up, qr/\r\n\r\n/) or return undef;

    my ($n) = got($up) =~ /\r\nContent-Length: *(\d+)\r\n/i;
    $n //= 0;

    OwnUpstreams::read_until($up,
        got($up) =~ /\r\nTransfer-Encoding: *chunked/i
        ? qr/\r\n0\r\n\r\n$/ : qr/\r\n\r\n.{$n}$/s) or return undef
        if $n < 30000;

    if ($n >= 30000) {
        my $head = index(got($up), "\r\n\r\n") + 4;
        while (length(got($up)) < $head + $n) {
            IO::Select->new($up)->can_read($OwnUpstreams::Patience)
                or return undef;
            sysread($up, ${*$up}{got}, 65536, length ${*$up}{got})
                or return undef;
        }
    }

    return $up;
}

# What came on a connection so far.
sub got { return ${*{$_[0]}}{got} // '' }

1;
