# HTTP/2 clients.  The client is a few frames of this file's own: the header
# block is literal, and of the answer only what is asked for is read.
use Test::Nginx::Socket;
use IO::Socket::INET;
use IO::Select;
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
BEGIN { require "$FindBin::Bin/lib/OwnUpstreams.pm"; OwnUpstreams->import }

Ports::take('H2');
$ENV{TEST_NGINX_UP_PORT} = $Port{b};

our $HttpConfig = <<'END';
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
    }
    upstream pool { ccproxy; ccproxy_target up; }
    server {
        listen 127.0.0.1:$TEST_NGINX_H2_PORT http2;
        location /v1/ {
            ccproxy on;
            client_max_body_size 2m;
            proxy_pass http://pool;
        }
    }
END

# Types of frames (RFC 9113, section 6) and their flags.
my ($DATA, $HEADERS, $RST, $SETTINGS, $WINDOW) = (0, 1, 3, 4, 8);
my ($END_STREAM, $ACK, $END_HEADERS) = (1, 1, 4);

sub frame {
    my ($type, $flags, $stream, $payload) = @_;
    return substr(pack('N', length $payload), 1)
        . pack('CCN', $type, $flags, $stream) . $payload;
}

# A literal header field without indexing (RFC 7541, section 6.2.2).
sub field {
    return "\0" . join '', map { pack('C', length) . $_ } @_;
}

sub request {
    my ($stream, $body, $path) = @_;

    my $head = frame($HEADERS, $END_HEADERS, $stream, join '',
        field(':method', 'POST'), field(':scheme', 'http'),
        field(':path', $path // '/v1/messages'), field(':authority', 'localhost'),
        field('content-type', 'application/json'));

    my @parts = $body =~ /.{1,16384}/gs;

    return $head . join '', map {
        frame($DATA, $_ == $#parts ? $END_STREAM : 0, $stream, $parts[$_])
    } 0 .. $#parts;
}

sub h2_connect {
    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $ENV{TEST_NGINX_H2_PORT}) || die "connect: $!";
    my $self = { sock => $sock, in => '', data => {}, status => {},
        closed => {} };

    syswrite $sock, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        . frame($SETTINGS, 0, 0, pack 'nN', 4, 1 << 30)
        . frame($WINDOW, 0, 0, pack 'N', 1 << 30);

    return $self;
}

# Takes one frame from nginx; false when there is none any more.
sub h2_frame {
    my ($self) = @_;

    while (length $self->{in} < 9
           || length $self->{in} < 9 + unpack 'N', "\0" . $self->{in})
    {
        IO::Select->new($self->{sock})->can_read($Patience) or return 0;
        sysread($self->{sock}, $self->{in}, 65536, length $self->{in})
            or return 0;
    }

    my $n = unpack 'N', "\0" . substr $self->{in}, 0, 3;
    my ($type, $flags, $stream) = unpack 'CCN', substr $self->{in}, 3, 6;
    my $payload = substr $self->{in}, 9, $n;
    substr($self->{in}, 0, 9 + $n) = '';

    if ($type == $DATA) {
        $self->{data}{$stream} .= $payload;

    } elsif ($type == $HEADERS) {
        $self->{status}{$stream} //= status_of($payload);

    } elsif ($type == $SETTINGS && !($flags & $ACK)) {
        syswrite $self->{sock}, frame($SETTINGS, $ACK, 0, '');
    }

    if ($type <= $HEADERS && $flags & $END_STREAM) {
        $self->{closed}{$stream} = 1;
    }

    return 1;
}

# :status stands first: one of the static table, or indexed by its name.
sub status_of {
    my ($block) = @_;

    my %table = (8 => 200, 9 => 204, 10 => 206, 11 => 304, 12 => 400,
        13 => 404, 14 => 500);

    $block =~ s/\A[\x20-\x3f]+//;   # sizes of the table
    my $first = ord $block;

    return $first & 0x80 ? $table{$first & 0x7f}
        : substr $block, 2, 3;
}

sub h2_until {
    my ($self, $stream, $pattern) = @_;

    while (($self->{data}{$stream} // '') !~ $pattern) {
        h2_frame($self) or return 0;
    }

    return 1;
}

sub h2_end {
    my ($self, $stream) = @_;

    while (!$self->{closed}{$stream}) {
        h2_frame($self) or return 0;
    }

    return 1;
}

# The upstream's side of a request; its body is in the glob.
sub upstream {
    IO::Select->new($Listen{b})->can_read($Patience) or die 'no connection';
    my $up = $Listen{b}->accept;
    my $got = '';

    until ($got =~ /\r\nContent-Length: (\d+)\r\n.*?\r\n\r\n/s
           && length $got >= $+[0] + $1)
    {
        IO::Select->new($up)->can_read($Patience) or die 'no request';
        sysread($up, $got, 65536, length $got) or die 'no request';
    }

    ${*$up}{got} = $got;
    return $up;
}

sub body {
    my ($text, $more) = @_;
    return '{"model":"m","max_tokens":9,' . ($more // '')
        . '"messages":[{"role":"user","content":"' . $text . '"}]}';
}

our $Stream = '"stream":true,';

our %Checks = (

    streams => sub {
        my $h2 = h2_connect();
        syswrite $h2->{sock}, request(1, body('one', $Stream));
        my $first = upstream();
        syswrite $h2->{sock}, request(3, body('two', $Stream));
        my $second = upstream();

        syswrite $first, $Begin;
        is(h2_until($h2, 1, qr/"Hello"/), 1, 'an event comes at once');
        is($h2->{status}{1}, 200, 'with its status');
        syswrite $second, $Begin . $End;
        close $second;
        is(h2_end($h2, 3), 1, 'the other stream ends meanwhile');
        syswrite $first, $End;
        close $first;
        is(h2_end($h2, 1), 1, 'and then the first one');
        like($h2->{data}{$_}, qr/" world".*event: message_stop\n[^\n]*\n\n\z/s,
            "stream $_ is complete") for 1, 3;
    },

    large => sub {
        my $h2 = h2_connect();
        my $out = request(1, body('x' x 1_000_000));

        # who reads a body whole opens the window as far as it goes

        while (length $out) {
            my $n = syswrite $h2->{sock}, $out or die "write: $!";
            substr($out, 0, $n) = '';
        }

        my $up = upstream();
        like(${*$up}{got}, qr/"(?:x{10000}){100}"/,
            'all of the body arrives');
        my $answer = '{"id":"c","object":"chat.completion","created":1,'
            . '"model":"m","choices":[{"index":0,"message":{"role":'
            . '"assistant","content":"fine"},"finish_reason":"stop"}]}';
        syswrite $up, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            . 'Content-Length: ' . length($answer) . "\r\n\r\n$answer";
        is(h2_end($h2, 1), 1, 'the answer ends');
        like($h2->{data}{1}, qr/"text":"fine"/, 'and is converted');
    },

    error => sub {
        my $h2 = h2_connect();
        syswrite $h2->{sock}, request(1, '{"model":')
            . request(3, body('x'), '/v1/nothing');
        is(h2_end($h2, 1), 1, 'an answer to bad JSON');
        is($h2->{status}{1}, 400, 'is an error');
        like($h2->{data}{1}, qr/\A\{"type":"error"/, "of the client's form");
        is(h2_end($h2, 3), 1, 'an answer to an unknown path');
        is($h2->{status}{3}, 404, 'is another');
    },

    died => sub {
        my $h2 = h2_connect();
        syswrite $h2->{sock}, request(1, body('one', $Stream));
        my $up = upstream();
        syswrite $up, $Begin;
        is(h2_until($h2, 1, qr/"Hello"/), 1, 'the stream begins');
        close $up;
        is(h2_end($h2, 1), 1, 'the stream ends');
        like($h2->{data}{1}, qr/event: error\n[^\n]*\n\n\z/, 'in an error');
    },

    cancel => sub {
        my $h2 = h2_connect();
        syswrite $h2->{sock}, request(1, body('one', $Stream));
        my $first = upstream();
        syswrite $h2->{sock}, request(3, body('two', $Stream));
        my $second = upstream();

        syswrite $first, $Begin;
        is(h2_until($h2, 1, qr/"Hello"/), 1, 'the stream begins');
        syswrite $h2->{sock}, frame($RST, 0, 1, pack 'N', 8);
        is(ends($first), 1, 'the upstream of a cancelled stream sees the end');

        syswrite $second, $Begin . $End;
        close $second;
        is(h2_end($h2, 3), 1, 'the other one goes on');
        like($h2->{data}{3}, qr/event: message_stop/, 'and is complete');
    },

    close => sub {
        my $h2 = h2_connect();
        syswrite $h2->{sock}, request(1, body('one', $Stream));
        my $up = upstream();
        close $h2->{sock};
        is(ends($up), 1, 'the upstream sees the end');
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', 'location = /ready { return 200 ready; }');
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
});

add_response_body_check(sub {
    my ($block) = @_;

    $Checks{$block->does}->();
});

plan tests => repeat_each() * (blocks() * 3 + 22);

no_long_string();
run_tests();

__DATA__

=== TEST 1: two streams at a time
--- does: streams
--- no_error_log
[alert]



=== TEST 2: a large request
--- does: large
--- no_error_log
[alert]



=== TEST 3: errors
--- does: error
--- no_error_log
[alert]



=== TEST 4: the upstream dies within a stream
--- does: died
--- no_error_log
[alert]



=== TEST 5: a stream is cancelled
--- does: cancel
--- no_error_log
[alert]



=== TEST 6: the client closes the connection
--- does: close
--- no_error_log
[alert]
