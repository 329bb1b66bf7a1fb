# The client: requests from a block's sections, sent in the pieces and at the
# times asked for, and the responses taken apart.
package Test::Nginx::Runner::Client;

use strict;
use warnings;

use Errno qw(EAGAIN EINTR EWOULDBLOCK);
use IO::Select ();
use IO::Socket::INET ();
use List::Util qw(min max);
use Test::More ();
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(sleep time);
use Test::Nginx::Util ();
use Test::Nginx::Runner::Process ();

# requests(BLOCK) returns a list of requests, each for a connection of its own:
# an array of pieces {value => bytes, delay_before => seconds}.
sub requests {
    my ($block) = @_;

    my $name = $block->name;

    if (defined(my $raw = $block->raw_request)) {
        return [map { {value => $_} } ref $raw eq 'ARRAY' ? @$raw : $raw];
    }

    if (my $pipelined = $block->pipelined_requests) {
        return _pipelined($block, $pipelined);
    }

    my $request = $block->request;

    die "$name - no --- request\n" if !defined $request;

    if (!ref $request) {
        die "$name - \$TEST_NGINX_* is not expanded in --- request: use"
            . " --- request eval and \$ENV{...}\n"
            if $request =~ /\$TEST_NGINX_/;

        # blank lines and comments, also ahead of the body: as CPAN's does

        1 while $request =~ s/^\s*\#[^\n]+\s+|^\s+//g;
    }

    my @list = ref $request eq 'ARRAY' ? @$request : ($request);
    my @result;

    for my $i (0 .. $#list) {
        my $pieces = ref $list[$i] eq 'ARRAY' ? $list[$i] : [$list[$i]];

        my @values = map { ref $_ eq 'HASH' ? $_->{value} : $_ } @$pieces;

        my $wire = complete($name, _headers($block, $i), 'close', \@values);

        push @result, [
            map {
                ref $pieces->[$_] eq 'HASH'
                    ? {%{$pieces->[$_]}, value => $wire->[$_]}
                    : {value => $wire->[$_]}
            } 0 .. $#$wire
        ];
    }

    return @result;
}

sub _pipelined {
    my ($block, $requests) = @_;

    my $name = $block->name;
    my $wire = '';

    die "$name - --- pipelined_requests eval: an array is expected\n"
        if ref $requests ne 'ARRAY';

    for my $i (0 .. $#$requests) {
        my $text = Test::Nginx::Util::expand_env_in_text($requests->[$i],
            $name, $Test::Nginx::Util::RandPorts);

        my $connection = $i == $#$requests ? 'close' : 'keep-alive';

        $wire .= complete($name, _headers($block, $i), $connection, [$text])
            ->[0];
    }

    return [{value => $wire}];
}

# The header lines which --- more_headers has for request $i.
sub _headers {
    my ($block, $i) = @_;

    my $headers = $block->more_headers;

    if (ref $headers eq 'ARRAY') {
        $headers = $headers->[$i]
            // die $block->name, " - --- more_headers lacks request $i\n";
    }

    my $lines = '';

    for my $line (split /\n+/, $headers // '') {
        next if $line =~ /^\s*\#/;

        my ($key, $value) = split /:\s*/, $line, 2;

        $lines .= sprintf "%s: %s\r\n", $key, ($value // '') =~ s/\r\z//r;
    }

    return $lines;
}

# complete(NAME, HEADERS, CONNECTION, PIECES) makes a request for the wire of
# "METHOD [URL [VERSION]]\nbody", given in pieces: Host, Connection and
# Content-Length are added unless HEADERS has them.  Returns as many pieces; a
# boundary stays between the bytes between which it was.
sub complete {
    my ($name, $headers, $connection, $pieces) = @_;

    my $text = join '', @$pieces;

    my ($line, $body) = $text =~ /\A([^\n]*\n?)(.*)\z/s;

    my ($before, $method, $gap1, $url, $gap2, $version, $after)
        = $line =~ /^(\s*)(\S+)( *)(?:(\S+)( *))?(?:(\S+) *)?(\s*)$/
        or die "$name - bad request line '$line': METHOD [URL [VERSION]]\n";

    my $version_length = length($version // '');
    my $tail = length($line) - length($before . $method . $gap1)
        - length($url // '') - length($gap2 // '') - $version_length;

    my $content = $body;

    if ($content ne '' && $headers !~ /^Content-Length:/m
        && $headers !~ /^Transfer-Encoding: chunked\r$/mi)
    {
        $content =~ s/^\s+|\s+\z//g;
        $headers .= sprintf "Content-Length: %d\r\n", length $content;
    }

    $headers = "Connection: $connection\r\n$headers"
        if $headers !~ /^Connection/mi;

    $headers = "Host: $Test::Nginx::Util::ServerName\r\n$headers"
        if $headers !~ /^Host:/mi;

    # pairs: length in the text given, what stands there on the wire

    return _replace(
        $pieces,
        [length $before,          ''],
        [length $method,          "$method "],
        [length $gap1,            ''],
        [length($url // ''),      ($url // '/') . ' '],
        [length($gap2 // ''),     ''],
        [$version_length,         ($version // 'HTTP/1.1') . "\r\n"],
        [$tail,                   ''],
        [0,                       "$headers\r\n"],
        [length $body,            $content]
    );
}

sub _replace {
    my ($pieces, @parts) = @_;

    my $wire = join '', map { $_->[1] } @parts;
    my $end  = 0;
    my @cuts = (0);

    for my $piece (@$pieces) {
        $end += length $piece;
        push @cuts, _wire_position($end, @parts);
    }

    $cuts[-1] = length $wire;

    return [
        map { substr $wire, $cuts[$_], $cuts[$_ + 1] - $cuts[$_] }
            0 .. $#cuts - 1
    ];
}

sub _wire_position {
    my ($boundary, @parts) = @_;

    my ($at, $position) = (0, 0);

    for my $part (@parts) {
        my ($length, $value) = @$part;

        if ($at + $length > $boundary) {
            return $position + min($boundary - $at, length $value);
        }

        $at       += $length;
        $position += length $value;
    }

    return $position;
}


# exchange(BLOCK, PIECES) sends a request and returns the bytes that came until
# nginx closed the connection or --- timeout passed without a byte; a time-out
# is a failed test unless the block has --- abort.
sub exchange {
    my ($block, $pieces) = @_;

    my $name   = $block->name;
    my $socket = _connect($block) or return '';

    my $timeout = Test::Nginx::Util::parse_time(scalar $block->timeout)
        // Test::Nginx::Util::timeout();

    # --- abort means to leave before the response is complete

    my $slowness = Test::Nginx::Runner::Process::slowness();

    $timeout *= defined $block->abort ? min($slowness, 3) : $slowness;

    my $state = {
        socket => $socket,
        name   => $name,
        queue  => [grep { length $_->{value} } map { {%$_} } @$pieces],
        pause  => scalar $block->raw_request_middle_delay,
        resp   => '',
        send_at => 0,
    };

    my $shutdown = $block->shutdown;
    my $deadline = time + $timeout;

    while (1) {
        my $now = time;
        my $due = @{$state->{queue}} && $state->{send_at} <= $now;

        my $wait = $deadline - $now;

        if (@{$state->{queue}} && !$due) {
            $wait     = min($wait, $state->{send_at} - $now);
            $deadline = max($deadline, $state->{send_at} + $timeout);
        }

        my ($readable, $writable) = IO::Select->select(
            IO::Select->new($socket), $due ? IO::Select->new($socket) : undef,
            undef, max($wait, 0));

        if (($readable && @$readable) || ($writable && @$writable)) {
            $deadline = time + $timeout;
        }

        last if $readable && @$readable && !_read($state);

        if ($writable && @$writable && !_write($state)) {
            @{$state->{queue}} = ();
        }

        if (!@{$state->{queue}} && defined $shutdown) {
            shutdown $socket, $shutdown eq '' ? 1 : $shutdown;
            undef $shutdown;
        }

        if (time >= $deadline) {
            Test::More::fail("ERROR: client socket timed out - $name")
                if !defined $block->abort;
            last;
        }
    }

    close $socket;

    return $state->{resp};
}

sub _connect {
    my ($block) = @_;

    my $port     = $Test::Nginx::Util::ServerPortForClient;
    my $address  = $block->server_addr_for_client
        // $Test::Nginx::Util::ServerAddr;
    my $deadline = time + 5 * Test::Nginx::Runner::Process::slowness();
    my $error;

    while (1) {
        my $socket = IO::Socket::INET->new(
            PeerAddr => $address,
            PeerPort => $port,
            Proto    => 'tcp',
            Timeout  => 5,
        );

        if ($socket) {
            setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;
            $socket->blocking(0);
            return $socket;
        }

        $error = $!;

        last if time > $deadline || !Test::Nginx::Runner::Process::is_alive();

        sleep 0.01;
    }

    Test::More::fail(
        $block->name . " - can't connect to $address:$port: $error");

    return undef;
}

# Returns false at the end of the response.
sub _read {
    my ($state) = @_;

    my $count = sysread $state->{socket}, $state->{resp}, 65536,
        length $state->{resp};

    return $count if defined $count;
    return 1 if $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR;

    Test::More::diag("$state->{name} - response read failure: $!");

    return 0;
}

# Returns false if nothing more can be sent.
sub _write {
    my ($state) = @_;

    my $piece = $state->{queue}[0];
    my $count = eval { syswrite $state->{socket}, $piece->{value} };

    if (!defined $count) {
        my $error = $@ || "$!";

        return 1 if !$@ && ($! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR);

        Test::More::diag("$state->{name} - write failed: $error");
        $state->{resp} = "write failed: $error" if $@;

        return 0;
    }

    substr $piece->{value}, 0, $count, '';

    if ($piece->{value} eq '') {
        shift @{$state->{queue}};

        my $next = $state->{queue}[0];

        $state->{send_at} = time + ($next->{delay_before}
            // $state->{pause} // 0) if $next;
    }

    return 1;
}


# parse_response(NAME, BYTES, IS_HEAD) takes one response off BYTES.  Returns
# the response (undef after a failed test if its chunks are broken), the bytes
# of its header and the bytes that follow it, if any.
sub parse_response {
    my ($name, $bytes, $is_head) = @_;

    my $raw_headers = $bytes =~ /\A(.*?\r\n)\r\n/s ? $1 : '';

    my ($head, $body) = split /\r?\n\r?\n/, $bytes, 2;

    my ($status, @lines) = split /\r?\n/, $head // '';

    my ($code) = ($status // '') =~ m{^\S+ +(\d+)(?: |$)};

    my $response = Test::Nginx::Runner::Response->new($code, \@lines,
        $body // '');

    if (defined $code && ($code == 304 || $code == 101)) {
        return $response, $raw_headers, undef;
    }

    my $length = $response->header('Content-Length');
    my $left;

    if (lc($response->header('Transfer-Encoding') // '') eq 'chunked') {
        my ($content, $rest, $error) = _dechunk($response);

        if (defined $error) {
            Test::More::fail("$name - $error");
            return undef, $raw_headers, undef;
        }

        $response->content($content);
        $left = $rest if $rest ne '';

    } elsif (defined $length && $length =~ /^\d+$/) {
        my $got = length $response->content;

        if ($got > $length) {
            $left = substr $response->content, $length;
            $response->content(substr $response->content, 0, $length);

        } elsif ($got < $length && !$is_head) {
            Test::More::diag("$name - response body truncated: $length bytes"
                . " expected, but got $got");
        }
    }

    return $response, $raw_headers, $left;
}

# Returns the content and what follows it, or (undef, undef, error).
sub _dechunk {
    my ($response) = @_;

    my $raw     = $response->content;
    my $decoded = '';

    pos($raw) = 0;

    while ($raw =~ /\G[ \t]*([0-9A-Fa-f]+)[ \t]*(?:;[^\r\n]*)?\r\n/gc) {
        my $size = hex $1;

        if ($size == 0) {
            for my $trailer ($response->headers('Trailer')) {
                $raw =~ /\G\Q$trailer\E: [^\n]*\r\n/gci
                    or return undef, undef,
                        "invalid trailer data received (expected $trailer)";
            }

            $raw =~ /\G\r\n/gc
                or return undef, undef,
                    'invalid chunked data received (expected CRLF)';

            return $decoded, substr $raw, pos $raw;
        }

        my $at = pos $raw;

        return undef, undef, 'invalid chunked data received (not enough'
            . ' octets for the data section)'
            if length($raw) - $at < $size;

        $decoded .= substr $raw, $at, $size;
        pos($raw) = $at + $size;

        $raw =~ /\G\r\n/gc
            or return undef, undef,
                'invalid chunked data received (expected CRLF)';
    }

    my $rest = substr $raw, pos($raw) // 0;

    return undef, undef, $rest eq ''
        ? "no last chunk found - $raw"
        : "invalid chunked body received: $rest";
}


# A response: code, content and headers, with the names of HTTP::Response.
package Test::Nginx::Runner::Response;

sub new {
    my ($class, $code, $lines, $content) = @_;

    my (%header, $last);

    for my $line (@$lines) {
        if ($line =~ /^([^\s:]+)[ \t]*:[ \t]*(.*?)[ \t]*$/) {
            $last = _canonical($1);
            push @{$header{$last}}, $2;

        } elsif (defined $last && $line =~ /^[ \t]+(.*)/) {
            $header{$last}[-1] .= " $1";
        }
    }

    return bless {code => $code, header => \%header, content => $content},
        $class;
}

sub _canonical {
    my ($name) = @_;

    return lc $name =~ tr/_/-/r;
}

sub code {
    my ($self) = @_;

    return $self->{code};
}

# The header's value, several joined by ", "; undef if it is not there.
sub header {
    my ($self, $name) = @_;

    my $values = $self->{header}{_canonical($name)};

    return $values ? join(', ', @$values) : undef;
}

# All values of the header.
sub headers {
    my ($self, $name) = @_;

    return @{$self->{header}{_canonical($name)} || []};
}

sub content {
    my ($self, @new) = @_;

    $self->{content} = $new[0] if @new;

    return $self->{content};
}

1;
