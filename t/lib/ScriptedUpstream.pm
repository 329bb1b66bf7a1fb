# What tests of failover and of headers share: requests and answers of the
# five protocols, and a server that answers or fails as its URI says.
#
#   my $up = ScriptedUpstream->start;     a child process; ->port, ->stop
#   http://127.0.0.1:PORT/WHAT/…          $ScriptedUpstream::Faults{WHAT}, or
#                                         "good": an answer whose text is
#                                         the request's line, host and
#                                         credential
package ScriptedUpstream;

use strict;
use warnings;

use IO::Handle ();
use IO::Select ();
use IO::Socket::INET ();
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER);

our @Protocols = qw(anthropic chat responses gemini ollama);

our %Root = (anthropic => '/v1', chat => '/v1', responses => '/v1',
    gemini => '/v1beta', ollama => '');

# What ends a stream of each protocol, and what tells of an error in it.
our %Terminal = (
    anthropic => qr/event: message_stop\n/,
    chat      => qr/"finish_reason":"stop".*data: \[DONE\]\n/s,
    responses => qr/event: response\.completed\n/,
    gemini    => qr/"finishReason":"STOP"/,
    ollama    => qr/"done":true/,
);

our %ErrorEvent = (
    anthropic => qr/event: error\ndata: \{"type":"error","error":\{/,
    chat      => qr/data: \{"error":\{"message":/,
    responses => qr/event: response\.failed\n/,
    gemini    => qr/data: \{"error":\{"code":\d+,/,
    ollama    => qr/^\{"error":"/m,
);

# The error document of each protocol.
our %ErrorBody = (
    anthropic => qr/"type":"error","error":\{"type":"\w+","message":"/,
    chat      => qr/"error":\{"message":"/,
    responses => qr/"error":\{"message":"/,
    gemini    => qr/"error":\{"code":\d+,"message":"/,
    ollama    => qr/\{"error":"/,
);

# Path and body of a client's request.
sub request {
    my ($proto, $stream, $text) = @_;

    my $s = $stream ? 'true' : 'false';
    my $messages = '"messages":[{"role":"user","content":"' . $text . '"}]';

    return ("/v1/messages",
        qq({"model":"m","max_tokens":99,"stream":$s,$messages}))
        if $proto eq 'anthropic';

    return ("/v1/chat/completions", qq({"model":"m","stream":$s,$messages}))
        if $proto eq 'chat';

    return ("/v1/responses", qq({"model":"m","stream":$s,"input":"$text"}))
        if $proto eq 'responses';

    return ('/v1beta/models/m:' . ($stream ? 'streamGenerateContent?alt=sse'
                                           : 'generateContent'),
        qq({"contents":[{"role":"user","parts":[{"text":"$text"}]}]}))
        if $proto eq 'gemini';

    return ('/api/chat', qq({"model":"m","stream":$s,$messages}));
}

# ---- answers ----

sub http {
    my ($status, $type, $body, @headers) = @_;

    return "HTTP/1.1 $status\r\nContent-Type: $type\r\nConnection: close\r\n"
        . join('', map { "$_\r\n" } @headers)
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
}

sub stream_type {
    return $_[0] eq 'ollama' ? 'application/x-ndjson' : 'text/event-stream';
}

# The header of a stream that ends with its connection.
sub stream_head {
    my ($proto, @headers) = @_;

    return "HTTP/1.1 200 OK\r\nContent-Type: " . stream_type($proto)
        . "\r\n" . join('', map { "$_\r\n" } @headers)
        . "Connection: close\r\n\r\n";
}

sub event {
    my ($name, $data) = @_;
    return ($name ? "event: $name\n" : '') . "data: $data\n\n";
}

# Events of an answer: what comes before its content, the content, the end.
sub events {
    my ($proto, $text) = @_;

    if ($proto eq 'anthropic') {
        return (event('message_start', '{"type":"message_start","message":'
            . '{"id":"m","type":"message","role":"assistant","model":"m",'
            . '"content":[],"stop_reason":null,"stop_sequence":null,'
            . '"usage":{"input_tokens":1,"output_tokens":1}}}')
            . event('content_block_start', '{"type":"content_block_start",'
            . '"index":0,"content_block":{"type":"text","text":""}}'),
            event('content_block_delta', '{"type":"content_block_delta",'
            . '"index":0,"delta":{"type":"text_delta","text":"' . $text
            . '"}}'),
            event('content_block_stop', '{"type":"content_block_stop",'
            . '"index":0}')
            . event('message_delta', '{"type":"message_delta","delta":'
            . '{"stop_reason":"end_turn","stop_sequence":null},'
            . '"usage":{"output_tokens":2}}')
            . event('message_stop', '{"type":"message_stop"}'));
    }

    if ($proto eq 'chat') {
        my $chunk = sub { event('', '{"id":"c","object":'
            . '"chat.completion.chunk","created":1,"model":"m","choices":'
            . '[{"index":0,"delta":' . $_[0] . ',"finish_reason":' . $_[1]
            . '}]}') };
        return ($chunk->('{"role":"assistant","content":""}', 'null'),
            $chunk->('{"content":"' . $text . '"}', 'null'),
            $chunk->('{}', '"stop"') . "data: [DONE]\n\n");
    }

    if ($proto eq 'responses') {
        my $response = sub { '{"id":"r","object":"response","created_at":1,'
            . '"model":"m","status":"' . $_[0] . '","output":[' . $_[1]
            . '],"usage":' . ($_[1] ? '{"input_tokens":1,"output_tokens":2,'
            . '"total_tokens":3}' : 'null') . '}' };
        my $part = sub { '{"type":"output_text","text":"' . $_[0]
            . '","annotations":[]}' };
        my $item = sub { '{"type":"message","id":"i","role":"assistant",'
            . '"status":"' . $_[0] . '","content":[' . $_[1] . ']}' };
        my $where = '"item_id":"i","output_index":0,"content_index":0';
        my $n = 0;
        my $e = sub { event($_[0], '{"type":"' . $_[0]
            . '","sequence_number":' . $n++ . ",$_[1]}") };
        my $begin = $e->('response.created', '"response":'
            . $response->('in_progress', ''))
            . $e->('response.output_item.added', '"output_index":0,"item":'
            . $item->('in_progress', ''))
            . $e->('response.content_part.added', "$where,\"part\":"
            . $part->(''));
        my $content = $e->('response.output_text.delta',
            "$where,\"delta\":\"$text\"");
        my $end = $e->('response.output_text.done', "$where,\"text\":\"$text\"")
            . $e->('response.content_part.done', "$where,\"part\":"
            . $part->($text))
            . $e->('response.output_item.done', '"output_index":0,"item":'
            . $item->('completed', $part->($text)))
            . $e->('response.completed', '"response":'
            . $response->('completed', $item->('completed', $part->($text))));
        return ($begin, $content, $end);
    }

    if ($proto eq 'gemini') {
        my $candidate = sub { event('', '{"candidates":[{"content":{"role":'
            . '"model","parts":[{"text":"' . $_[0] . '"}]}' . $_[1]
            . ',"index":0}],"modelVersion":"m","usageMetadata":'
            . '{"promptTokenCount":1,"candidatesTokenCount":2,'
            . '"totalTokenCount":3}}') };
        return ('', $candidate->($text, ''),
            $candidate->('', ',"finishReason":"STOP"'));
    }

    my $line = sub { '{"model":"m","created_at":"2025-01-01T00:00:00Z",'
        . '"message":{"role":"assistant","content":"' . $_[0] . '"},"done":'
        . $_[1] . "}\n" };
    return ($line->('', 'false'), $line->($text, 'false'),
        $line->('', 'true,"done_reason":"stop","prompt_eval_count":1,'
        . '"eval_count":2'));
}

# The same as one document.
sub document {
    my ($proto, $text) = @_;

    return '{"id":"m","type":"message","role":"assistant","model":"m",'
        . '"content":[{"type":"text","text":"' . $text . '"}],"stop_reason":'
        . '"end_turn","stop_sequence":null,"usage":{"input_tokens":1,'
        . '"output_tokens":2}}' if $proto eq 'anthropic';

    return '{"id":"c","object":"chat.completion","created":1,"model":"m",'
        . '"choices":[{"index":0,"message":{"role":"assistant","content":"'
        . $text . '"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,'
        . '"completion_tokens":2,"total_tokens":3}}' if $proto eq 'chat';

    if ($proto eq 'responses') {
        my ($last) = (events($proto, $text))[2] =~ /"response":(.*)\}\n\n\z/;
        return $last;
    }

    if ($proto eq 'gemini') {
        return '{"candidates":[{"content":{"role":"model","parts":[{"text":"'
            . $text . '"}]},"finishReason":"STOP","index":0}],"modelVersion":'
            . '"m","usageMetadata":{"promptTokenCount":1,'
            . '"candidatesTokenCount":2,"totalTokenCount":3}}';
    }

    return '{"model":"m","created_at":"2025-01-01T00:00:00Z","message":'
        . '{"role":"assistant","content":"' . $text . '"},"done":true,'
        . '"done_reason":"stop","prompt_eval_count":1,"eval_count":2}';
}

# An error of the protocol: its document; type and code as the class has it.
sub error {
    my ($proto, $message, %o) = @_;

    my $type = $o{type} // 'api_error';

    return qq({"type":"error","error":{"type":"$type","message":"$message"}})
        if $proto eq 'anthropic';

    return '{"error":{"code":' . ($o{status} // 500) . ',"message":"'
        . $message . '","status":"' . ($o{code} // 'INTERNAL') . '"'
        . ($o{details} ? ',"details":[' . $o{details} . ']' : '') . '}}'
        if $proto eq 'gemini';

    return qq({"error":"$message"}) if $proto eq 'ollama';

    return qq({"error":{"message":"$message","type":"$type","param":null,)
        . '"code":' . ($o{code} ? "\"$o{code}\"" : 'null') . '}}';
}

# An error as the event of a stream.
sub error_event {
    my ($proto, $message) = @_;

    return event('error', error($proto, $message)) if $proto eq 'anthropic';

    return event('response.failed', '{"type":"response.failed",'
        . '"sequence_number":1,"response":{"id":"r","object":"response",'
        . '"created_at":1,"model":"m","status":"failed","output":[],"error":'
        . '{"code":"server_error","message":"' . $message . '"}}}')
        if $proto eq 'responses';

    return error($proto, $message) . "\n" if $proto eq 'ollama';

    return event('', error($proto, $message));
}

# ---- failures ----

sub cut {
    my ($sock) = @_;
    setsockopt $sock, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
    close $sock;
}

sub silent {
    my ($sock) = @_;
    1 while sysread $sock, my $rest, 65536;
}

# By name: what is sent, and done with the connection, for a request of that
# protocol that wants a stream or not.
our %Faults;

for my $status (401, 402, 403, 408, 409, 429, 500, 502, 503, 504, 529) {
    $Faults{"s$status"} = sub { print {$_[0]} http("$status Fault",
        'application/json', error($_[1], 'bad upstream', status => $status)) };
}

%Faults = (%Faults,
    close  => sub { },
    reset  => sub { cut($_[0]) },
    half   => sub { },
    header => sub { print {$_[0]} "HTTP/1.1 200 OK\r\nContent-Ty" },
    header_reset => sub { print {$_[0]} "HTTP/1.1 200 OK\r\nContent-Ty";
        $_[0]->flush; cut($_[0]) },
    garbage => sub { print {$_[0]} "SSH-2.0-OpenSSH_9.2p1 bad upstream\r\n" },
    silent => sub { silent($_[0]) },
    html   => sub { print {$_[0]} http('200 OK', 'text/html; charset=utf-8',
        '<html><title>bad upstream</title><body>Please log in</body></html>') },
    html502 => sub { print {$_[0]} http('502 Bad Gateway', 'text/html',
        '<html><title>bad upstream</title></html>') },
    redirect => sub { print {$_[0]} http('302 Found', 'text/html',
        '<html>bad upstream</html>', 'Location: http://127.0.0.1/bad') },
    empty  => sub { print {$_[0]} $_[2] ? stream_head($_[1])
        : http('200 OK', 'application/json', '') },
    empty_chunked => sub { print {$_[0]} "HTTP/1.1 200 OK\r\nContent-Type: "
        . ($_[2] ? stream_type($_[1]) : 'application/json')
        . "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
    empty_close => sub { print {$_[0]} "HTTP/1.1 200 OK\r\nContent-Type: "
        . "application/json\r\n\r\n" },
    object => sub { print {$_[0]} http('200 OK', 'application/json',
        error($_[1], 'bad upstream')) },
    object_close => sub { print {$_[0]} "HTTP/1.1 200 OK\r\nContent-Type: "
        . "application/json\r\n\r\n" . error($_[1], 'bad upstream') },
    bare   => sub { print {$_[0]} http('503 Unavailable', 'text/plain', '') },
    switch => sub { print {$_[0]} http('101 Switching Protocols', 'text/plain',
        'bad upstream', 'Upgrade: websocket') },
    bloated => sub { print {$_[0]} http('200 OK', 'text/plain', 'x',
        'X-Big: ' . 'x' x 70_000) },
    list   => sub { print {$_[0]} http('200 OK', 'application/json', '[]') },
    event  => sub { print {$_[0]} $_[2] ? stream_head($_[1])
        . error_event($_[1], 'bad upstream')
        : http('200 OK', 'application/json', error($_[1], 'bad upstream')) },
    begun  => sub { print {$_[0]} $_[2] ? stream_head($_[1])
        . (events($_[1], ''))[0] . error_event($_[1], 'bad upstream')
        : http('200 OK', 'application/json', error($_[1], 'bad upstream')) },
    body_cut => sub { print {$_[0]} $_[2] ? stream_head($_[1])
        : substr http('200 OK', 'application/json',
        document($_[1], 'bad upstream')), 0, -20 },
    body_reset => sub { print {$_[0]} $_[2] ? stream_head($_[1])
        : substr http('200 OK', 'application/json',
        document($_[1], 'bad upstream')), 0, -20;
        $_[0]->flush; cut($_[0]) },
    not_json => sub { print {$_[0]} $_[2] ? stream_head($_[1])
        . ($_[1] eq 'ollama' ? "bad upstream\n" : "data: bad upstream\n\n")
        : http('200 OK', 'application/json', 'bad upstream') },
);

# Errors that only some protocols have.
our %Own = (
    key400 => ['gemini', sub { print {$_[0]} http('400 Bad Request',
        'application/json', error('gemini', 'bad upstream', status => 400,
        code => 'INVALID_ARGUMENT', details => '{"@type":'
        . '"type.googleapis.com/google.rpc.ErrorInfo","reason":'
        . '"API_KEY_INVALID"}')) }],
    quota => ['chat', sub { print {$_[0]} http('429 Too Many Requests',
        'application/json', error('chat', 'bad upstream',
        type => 'insufficient_quota', code => 'insufficient_quota')) }],
    credit => ['anthropic', sub { print {$_[0]} http('400 Bad Request',
        'application/json', error('anthropic', 'bad upstream: Your credit '
        . 'balance is too low', type => 'invalid_request_error')) }],
);

$Faults{$_} = $Own{$_}[1] for keys %Own;

# What no other pair would mend: status, and class of error.
our %Kept = (
    s400 => [400, 'invalid_request_error'],
    s404 => [404, 'not_found_error'],
    s413 => [413, 'request_too_large'],
    s422 => [422, 'invalid_request_error'],
);

for my $name (keys %Kept) {
    my ($status, $type) = @{$Kept{$name}};
    $Faults{$name} = sub { print {$_[0]} http("$status Kept",
        'application/json', error($_[1], 'kept words', type => $type,
        status => $status)) };
}

# After content: nothing is taken back.
our %Late = (
    late_close => sub { },
    late_reset => sub { $_[0]->flush; cut($_[0]) },
    late_event => sub { print {$_[0]} error_event($_[1], 'bad upstream') },
);

# The same after the stream began, and before content: it depends on whether
# the beginning was passed on already.
for my $name (keys %Late) {
    $Faults{$name =~ s/late/start/r} = sub {
        print {$_[0]} stream_head($_[1]), (events($_[1], 'begun'))[0];
        $Late{$name}->(@_);
    };
}

for my $name (keys %Late) {
    $Faults{$name} = sub {
        print {$_[0]} stream_head($_[1]), (events($_[1], 'begun'))[0, 1];
        $Late{$name}->(@_);
    };
}

# ---- the server ----

sub start {
    my ($class) = @_;

    my $socket = IO::Socket::INET->new(Listen => 64, ReuseAddr => 1,
        LocalAddr => '127.0.0.1', LocalPort => 0) || die "listen: $!";

    my $self = bless { socket => $socket, port => $socket->sockport }, $class;

    $_->flush for \*STDOUT, \*STDERR;

    $self->{parent} = $$;
    $self->{pid} = fork // die "fork: $!";

    if ($self->{pid} == 0) {
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP __DIE__ __WARN__);
        $SIG{PIPE} = 'IGNORE';

        while (my $sock = $socket->accept) {
            eval { $self->_serve($sock); 1 } or print STDERR "# $@";
            close $sock;
        }

        POSIX::_exit(0);
    }

    return $self;
}

sub port { return $_[0]{port} }

sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid};

    if ($pid && $self->{parent} == $$) {
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }
}

sub DESTROY { local $?; $_[0]->stop }

sub _protocol {
    my ($uri) = @_;

    return 'anthropic' if $uri =~ m{/messages};
    return 'chat'      if $uri =~ m{/chat/completions};
    return 'responses' if $uri =~ m{/responses};
    return 'gemini'    if $uri =~ m{/models/};
    return 'ollama';
}

sub _serve {
    my ($self, $sock) = @_;

    my $in = '';

    while ($in !~ /\r\n\r\n/) {
        sysread $sock, $in, 65536, length $in or return;
    }

    my ($uri, $what) = $in =~ m{^\S+ (/(\w+)\S*) };

    if ($what eq 'half') {
        shutdown $sock, 1;
        return silent($sock);
    }

    my ($length) = $in =~ /^Content-Length: (\d+)/mi;
    my $head = $in =~ s/\r\n\r\n.*/\r\n/sr;
    my $body = $in =~ s/.*?\r\n\r\n//sr;

    while (length $body < $length) {
        sysread $sock, $body, 65536, length $body or return;
    }

    my $proto = _protocol($uri);
    my $stream = $body =~ /"stream":\s*true/ || $uri =~ /streamGenerate/;

    if ($Faults{$what}) {
        $Faults{$what}->($sock, $proto, $stream);

    } else {
        print {$sock} $self->answer($proto, $stream, $uri, $head, $body);
    }

    $sock->flush if $sock->opened;
}

# The good answer; tests may have another.
sub answer {
    my ($self, $proto, $stream, $uri, $head, $body) = @_;

    my ($host) = $head =~ /^Host: (\S+)/mi;
    my ($key) = $head =~ /^(?:x-api-key|x-goog-api-key|Authorization): (.*?)\r$/mi;
    my ($model) = $body =~ /"model":"([^"]*)"/;

    # spelled in another way, since a key in an answer is masked
    ($key //= '') =~ tr/-/_/;

    my $text = "uri=$uri host=$host key=$key model="
        . ($model // '') . ';';

    return $stream ? stream_head($proto) . join('', events($proto, $text))
        : http('200 OK', 'application/json', document($proto, $text));
}

# A request to nginx: status, header and body of the answer.
sub ask {
    my ($port, $path, $body, @headers) = @_;

    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $port, Timeout => 10) || die "connect: $!";

    print {$sock} "POST $path HTTP/1.0\r\nHost: localhost\r\n"
        . "Content-Type: application/json\r\n"
        . join('', map { "$_\r\n" } @headers)
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
    $sock->flush;

    my $in = '';

    while (IO::Select->new($sock)->can_read(20)) {
        last if !sysread $sock, $in, 65536, length $in;
    }

    my ($head, $rest) = split /\r\n\r\n/, $in, 2;
    my ($status) = ($head // '') =~ m{^HTTP/1\.\d (\d+)};

    return ($status // 0, $head // '', $rest // '');
}

1;
