# Conversations held for clients: on every upstream, for each client apart,
# over reloads and workers that are killed.
use Test::Nginx::Socket 'no_plan';
use File::Temp ();
use FindBin ();
use JSON::PP ();

BEGIN { require "$FindBin::Bin/lib/ScriptedUpstream.pm" }
BEGIN { require "$FindBin::Bin/lib/Patient.pm"; Patient->import }

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');
workers(2);
master_on();

our $json = JSON::PP->new->canonical->allow_nonref;
# Answers wN with aN, under an id of its own, and writes down which of these
# words it was told, after the id that it was told them to follow.
package Listener {
    our @ISA = ('ScriptedUpstream');

    sub answer {
        my ($self, $proto, $stream, $uri, $head, $body) = @_;
        my $n = ++$self->{asked};
        my ($key) = $head =~ /^(?:x-api-key|x-goog-api-key|Authorization): (?:Bearer )?(.*?)\r$/mi;
        my ($before) = $body =~ /"(?:previous_response_id|conversation)":"?([^",]+)/;
        my ($more) = $body =~ /(tools|secret|instructed)/;
        my $heard = join ' ', $key // 'none', $before // '-', $body =~ /\b([wa]\d+)\b/g;

        # of an answer that is made in the background: queued, in progress, complete
        my $later = sub {
            my ($id, $status) = @_;
            my $doc = ScriptedUpstream::document('responses', $status eq 'completed' ? 'a1' : '');
            $doc =~ s/"output":\[.*\],"usage":\{.*?\}/"output":[],"usage":null/s if $status ne 'completed';
            $doc =~ s/"status":"completed"/"status":"$status"/ if $status ne 'completed';
            $doc =~ s/"id":"i"/"id":"msg_$id"/g;
            return ScriptedUpstream::http('200 OK', 'application/json', $doc =~ s/"id":"r"/"id":"$id"/r);
        };

        if ($head =~ m{^(GET|DELETE|POST) \S+/responses/(resp_up\d+)(/cancel)? }) {
            my ($method, $id, $cancel) = ($1, $2, $3 // '');
            open my $log, '>>', $self->{log} or die;
            print $log "$key $method $id$cancel\n";
            close $log;

            return ScriptedUpstream::http('200 OK', 'application/json', qq({"id":"$id","object":"response","deleted":true}))
                if $method eq 'DELETE';
            return $later->($id, $cancel ? 'cancelled' : $self->{polls}{$id}++ ? 'completed' : 'in_progress');
        }

        open my $log, '>>', $self->{log} or die;
        print $log $heard, $more ? " $more" : '', "\n";
        close $log;

        return ScriptedUpstream::http('429 Busy', 'application/json', ScriptedUpstream::error($proto, 'busy'), 'Retry-After: 60')
            if -e "$self->{log}.busy" && $key =~ /1/;

        return $later->("resp_up$n", 'queued') if $body =~ /"background":true/;

        my ($said) = reverse $body =~ /\bw(\d+)\b/g;
        my @text = ($proto, "a$said");
        my $out = $stream ? ScriptedUpstream::stream_head($proto) . join('', ScriptedUpstream::events(@text))
            : ScriptedUpstream::document(@text);

        $out =~ s/"id":"r"/"id":"resp_up$n"/g;
        $out =~ s/"(id|item_id)":"i"/"$1":"msg_up$n"/g;
        $out =~ s/"id":"m"/"id":"up$n"/g;

        return $stream ? $out : ScriptedUpstream::http('200 OK', 'application/json', $out);
    }
}

our $log = File::Temp->new;

# the log's name is known to the server's process
{
    no warnings 'redefine';
    my $serve = \&ScriptedUpstream::_serve;
    *ScriptedUpstream::_serve = sub { $_[0]{log} //= $log->filename; $serve->(@_) };
}

our $Up = Listener->start;

# What the upstream was told, since it was asked for the last time.
my $seen = 0;

sub heard {
    open my $in, '<', $log->filename or die;
    seek $in, $seen, 0;
    my $text = join '|', map { chomp; $_ } <$in>;
    $seen = tell $in;
    return $text;
}

sub call {
    my ($method, $path, $body, @headers) = @_;
    my $port = server_port();
    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 10) or die "connect: $!";

    $body = $json->encode($body) if ref $body;
    $body //= '';
    print $sock "$method $path HTTP/1.0\r\nHost: localhost\r\n", (map {"$_\r\n"} @headers),
        'Content-Length: ' . length($body) . "\r\n\r\n$body";
    $sock->flush;

    my $in = '';
    1 while sysread $sock, $in, 65536, length $in;

    my ($head, $rest) = split /\r\n\r\n/, $in, 2;
    my ($status) = ($head // '') =~ m{^HTTP/1\.\d (\d+)};
    my $doc = eval { $json->decode($rest) };

    # a stream's last document
    ($doc) = map { $_->{response} } grep { $_->{type} eq 'response.completed' } map { $json->decode($_) } $rest =~ /^data: (\{.*)/mg
        if $rest =~ /^event: /m;

    return {status => $status // 0, doc => $doc, text => $rest};
}

# A request to the pool of that name; answers with the response.
sub ask {
    my ($pool, $body, @headers) = @_;
    my $got = call('POST', "/$pool/v1/responses", {model => 'm', %$body}, @headers);
    $got->{id} = $got->{doc} && ref $got->{doc} eq 'HASH' ? $got->{doc}{id} // '' : '';
    return $got;
}

sub code { return $_[0]{doc}{error}{code} // 'none' }

our %Checks = (

    # whole and streamed, three turns, of which the last two go on from the first
    turns => sub {
        for my $pool (qw(anthropic chat gemini ollama)) {
            for my $stream ([], [stream => JSON::PP::true]) {
                my $how = "$pool, " . (@$stream ? 'streamed' : 'whole');

                my $first = ask($pool, {input => 'w1', instructions => 'instructed', @$stream});
                is(heard(), 'k1 - w1 instructed', "$how: the first turn") unless $pool =~ /anthropic|gemini|ollama/;
                heard();
                like($first->{id}, qr/^resp_\w{24}$/, "$how: has an id");
                is($first->{doc}{store}, JSON::PP::true, "$how: says that it is kept");

                my $second = ask($pool, {input => [{role => 'user', content => 'w2'}], previous_response_id => $first->{id}, @$stream});
                is(heard(), 'k1 - w1 a1 w2', "$how: the second turn has the first, without its instructions");
                is($second->{doc}{previous_response_id}, $first->{id}, "$how: says what it goes on from");

                ask($pool, {input => 'w3', previous_response_id => $second->{id}, @$stream});
                is(heard(), 'k1 - w1 a1 w2 a2 w3', "$how: the third turn has both");

                ask($pool, {input => 'w4', previous_response_id => $first->{id}, @$stream});
                is(heard(), 'k1 - w1 a1 w4', "$how: another way from the first");

                ask($pool, {input => [{role => 'user', content => 'w1'}, {type => 'item_reference', id => $second->{doc}{output}[0]{id}},
                    {id => $first->{doc}{output}[0]{id}}, {role => 'user', content => 'w5'}], @$stream});
                is(heard(), 'k1 - w1 a2 a1 w5', "$how: items by their ids");
            }
        }

        my $first = ask('chat', {input => 'w1'});
        my $second = ask('gemini', {input => 'w2', previous_response_id => $first->{id}});
        ask('anthropic', {input => 'w3', previous_response_id => $second->{id}, stream => JSON::PP::true});
        is((split /\|/, heard())[-1], 'k1 - w1 a1 w2 a2 w3', 'each turn by another upstream');
    },

    # tools: the call that was answered is known, the tools are sent again
    tools => sub {
        my $first = ask('chat', {input => 'w1', tools => [{type => 'function', name => 'tools', parameters => {type => 'object', properties => {}}}]});
        ask('chat', {input => [{type => 'function_call_output', call_id => 'c', output => 'w2'}], previous_response_id => $first->{id}});
        like(heard(), qr/^k1 - w1 tools\|k1 - w1 a1 w2$/, 'no tools but those that are sent');
    },

    # answers by their ids
    answers => sub {
        for my $stream (0, 1) {
            my $first = ask('chat', {input => 'w1', metadata => {k => 'v'}, $stream ? (stream => JSON::PP::true) : ()});
            my $second = ask('chat', {input => [{role => 'user', content => 'w2'}], previous_response_id => $first->{id}});
            my $got = call('GET', "/chat/v1/responses/$first->{id}");

            is($got->{status}, 200, 'it is there');
            is($json->encode($got->{doc}), $json->encode($first->{doc}), 'as it was answered');

            $got = call('GET', "/chat/v1/responses/$second->{id}/input_items?order=asc");
            is(join(' ', map { $_->{role} . '=' . $_->{content}[0]{text} } @{$got->{doc}{data}}), 'user=w1 assistant=a1 user=w2',
                'all that led to an answer');
            is(scalar(grep { $_->{id} =~ /^msg_\w+$/ } @{$got->{doc}{data}}), 3, 'by ids');
            is($got->{doc}{first_id}, $got->{doc}{data}[0]{id}, 'the first');
            is($got->{doc}{has_more}, JSON::PP::false, 'no more');

            my $page = call('GET', "/chat/v1/responses/$second->{id}/input_items?limit=1")->{doc};
            is($page->{data}[0]{content}[0]{text}, 'w2', 'the last one first');
            is($page->{has_more}, JSON::PP::true, 'and more');
            $page = call('GET', "/chat/v1/responses/$second->{id}/input_items?limit=1&after=$page->{last_id}")->{doc};
            is($page->{data}[0]{content}[0]{text}, 'a1', 'which follow');

            is(call('POST', "/chat/v1/responses/$first->{id}/cancel", '{}')->{status}, 400, 'nothing to cancel');
            is(call('PUT', "/chat/v1/responses/$first->{id}", '{}')->{status}, 404, 'no such method');
            is(call('GET', "/off/v1/responses/$first->{id}")->{status}, 404, 'no store');

            $got = call('DELETE', "/chat/v1/responses/$first->{id}");
            is($json->encode($got->{doc}), qq({"deleted":true,"id":"$first->{id}","object":"response"}), 'deleted');

            for my $how (['GET', ''], ['DELETE', ''], ['GET', '/input_items'], ['POST', '/cancel', '{}']) {
                $got = call($how->[0], "/chat/v1/responses/$first->{id}$how->[1]", $how->[2]);
                is("$got->{status} $got->{doc}{error}{code}", '404 response_not_found', "… and gone: @$how");
            }

            is(code(ask('chat', {input => 'w3', previous_response_id => $second->{id}})), 'previous_response_not_found',
                'what goes on from it has no history');
        }
    },

    # conversations with a name of their own
    conversations => sub {
        my $made = call('POST', '/chat/v1/conversations', {metadata => {topic => 't'}, items => [{role => 'user', content => 'w0'}]});
        is($made->{status}, 200, 'one is made');
        like($made->{text}, qr/^\{"id":"conv_\w{24}","object":"conversation","created_at":\d+,"metadata":\{"topic":"t"\}\}$/, 'as clients know it');
        my $id = $made->{doc}{id};

        my $first = ask('chat', {input => 'w1', conversation => $id});
        is($first->{doc}{conversation}{id}, $id, 'an answer is of it');
        my $second = ask('gemini', {input => 'w2', conversation => {id => $id}, stream => JSON::PP::true});
        is(heard(), 'k1 - w0 w1|k1 - w0 w1 a1 w2', 'its history goes to each upstream');

        my $added = call('POST', "/chat/v1/conversations/$id/items", {items => [{type => 'message', role => 'user', content => 'w3'}]});
        is($added->{doc}{data}[0]{content}[0]{text}, 'w3', 'an item is added');

        my $list = call('GET', "/chat/v1/conversations/$id/items?order=asc")->{doc};
        is(join(' ', map { $_->{content}[0]{text} } @{$list->{data}}), 'w0 w1 a1 w2 a2 w3', 'all items');

        my $item = call('GET', "/chat/v1/conversations/$id/items/$added->{doc}{first_id}");
        is($item->{doc}{content}[0]{text}, 'w3', 'one of them');
        is(call('DELETE', "/chat/v1/conversations/$id/items/$list->{data}[3]{id}")->{doc}{id}, $id, 'one is deleted');
        is(code(call('GET', "/chat/v1/conversations/$id/items/$list->{data}[3]{id}")), 'item_not_found', '… and gone');

        ask('chat', {input => 'w4', conversation => $id});
        is(heard(), 'k1 - w0 w1 a1 a2 w3 w4', 'the rest goes on');

        is(call('DELETE', "/chat/v1/responses/$first->{id}")->{status}, 200, 'an answer is deleted');
        ask('chat', {input => 'w5', conversation => $id});
        is(heard(), 'k1 - w0 w1 a1 a2 w3 w4 a4 w5', 'the conversation has it all the same');

        ask('chat', {input => 'w6', previous_response_id => $second->{id}});
        is(heard(), 'k1 - w0 w1 a1 w2 a2 w6', 'another way from one of its answers');
        is($json->encode(call('GET', "/chat/v1/responses/$second->{id}")->{doc}), $json->encode($second->{doc}), 'an answer of it');

        is($json->encode(call('POST', "/chat/v1/conversations/$id", {metadata => {a => 'b'}})->{doc}{metadata}), '{"a":"b"}', 'changed');
        is(call('GET', "/chat/v1/conversations/$id")->{doc}{created_at}, $made->{doc}{created_at}, 'found');

        for my $bad (['POST', "/$id/items", {items => []}], ['POST', "/$id/items", {items => [1]}], ['POST', '', {metadata => 1}],
            ['POST', '', 'no JSON'], ['POST', '', {items => 'x'}])
        {
            is(call($bad->[0], "/chat/v1/conversations$bad->[1]", $bad->[2])->{status}, 400, 'refused');
        }

        is(call('DELETE', "/chat/v1/conversations/$id")->{doc}{object}, 'conversation.deleted', 'deleted');

        for my $gone (['GET', ''], ['DELETE', ''], ['GET', '/items'], ['POST', '/items', {items => [{role => 'user', content => 'x'}]}]) {
            my $got = call($gone->[0], "/chat/v1/conversations/$id$gone->[1]", $gone->[2]);
            is("$got->{status} $got->{doc}{error}{code}", '404 conversation_not_found', "… and gone: $gone->[0]$gone->[1]");
        }

        is(code(ask('chat', {input => 'w7', conversation => $id})), 'conversation_not_found', 'nothing goes on with it');

        my $other = call('POST', '/named/v1/conversations', '', 'X-Who: joe')->{doc}{id};
        is(call('GET', "/named/v1/conversations/$other", '', 'X-Who: ann')->{status}, 404, "another client's is not there");
        is(call('GET', "/named/v1/conversations/$other", '', 'X-Who: joe')->{status}, 200, 'the own is');
    },

    # answers that an upstream makes in the background
    background => sub {
        my $first = ask('both', {input => 'w1', background => JSON::PP::true});
        my ($key) = heard() =~ /^(k\d) - w1$/;
        is("$first->{status} $first->{doc}{status}", '200 queued', 'passes as it comes');
        my $path = "/both/v1/responses/$first->{id}";

        my $got = call('GET', $path);
        is("$got->{status} $got->{doc}{status}", '200 in_progress', 'is asked for');
        is(heard(), "$key GET $first->{id}", '… where it is made');

        ask('both', {input => 'w2', previous_response_id => $first->{id}});
        is(heard(), "$key $first->{id} w2", 'what goes on from it goes there, too');
        is(code(ask('chat', {input => 'w2', previous_response_id => $first->{id}})), 'previous_response_not_found', '… and nowhere else');

        for my $asked ("$key GET $first->{id}", '') {
            $got = call('GET', $path);
            is("$got->{status} $got->{doc}{status}", '200 completed', 'complete');
            is(heard(), $asked, $asked ? 'as its upstream says' : 'from then on it is known here');
        }

        ask('chat', {input => 'w2', previous_response_id => $first->{id}});
        is(heard(), 'k1 - w1 a1 w2', 'and goes on everywhere');

        is(call('DELETE', $path)->{doc}{deleted}, JSON::PP::true, 'deleted');
        is(heard(), "$key DELETE $first->{id}", 'in both places');
        is(call('GET', $path)->{status}, 404, 'gone');

        my $second = ask('both', {input => 'w1', background => JSON::PP::true});
        ($key) = heard() =~ /^(k\d)/;
        is(call('POST', "/both/v1/responses/$second->{id}/cancel", '{}')->{doc}{status}, 'cancelled', 'cancelled');
        is(heard(), "$key POST $second->{id}/cancel", 'by its upstream');
        is(call('GET', "/both/v1/responses/$second->{id}?stream=true")->{status}, 400, 'no stream of it');

        $got = ask('chat', {input => 'w1', background => JSON::PP::true});
        is($got->{status}, 400, 'no upstream of another protocol has a background');
        is(heard(), '', 'nor is it asked');
    },

    # threads: a system prompt, tools and messages are sent once
    threads => sub {
        for my $pool (@ScriptedUpstream::Protocols) {
            for my $stream ([], [stream => JSON::PP::true]) {
                my $how = "$pool, " . (@$stream ? 'streamed' : 'whole');
                my $say = sub {
                    my ($text, $thread, %more) = @_;
                    my $got = call('POST', "/$pool/v1/messages", {model => 'm', max_tokens => 9, @$stream, %more,
                        messages => [{role => 'user', content => $text}], thread => $thread}, 'anthropic-version: 2026-10-21');
                    my ($id) = $got->{text} =~ /"id":"(\w+)"/;
                    return ($got, $id // '');
                };

                my ($got, $id) = $say->('w1', {type => 'create'}, system => 'instructed');
                is($got->{status}, 200, "$how: a thread begins");
                heard();

                for my $n (2 .. 3) {
                    ($got, $id) = $say->("w$n", {type => 'continue', previous_message_id => $id});
                    is($got->{status}, 200, "$how: it goes on");
                }

                is(heard(), 'k1 - w1 a1 w2 instructed|k1 - w1 a1 w2 a2 w3 instructed', "$how: with all that was before");

                ($got) = $say->('w4', {type => 'continue', previous_message_id => 'msg_lost'});
                is($got->{status}, 404, "$how: a thread that is not held");
                is($got->{doc}{error}{details}{error_code}, 'thread_not_found', '… has the code that SDKs act on');
            }
        }
    },

    # what is not there is refused; what the client does not want kept is not
    refused => sub {
        my $first = ask('chat', {input => 'w1', store => JSON::PP::false});
        is($first->{doc}{store}, JSON::PP::false, 'is not kept');

        for my $id ($first->{id}, 'resp_0', 'x' x 3000) {
            my $got = ask('chat', {input => 'w2', previous_response_id => $id});
            is($got->{status}, 400, 'no such answer: ' . substr $id, 0, 9);
            is(code($got), 'previous_response_not_found', '… with the code that clients act on');
        }

        my $got = ask('chat', {input => [{type => 'item_reference', id => $first->{doc}{output}[0]{id}}, {role => 'user', content => 'w2'}]});
        is($got->{status}, 400, 'nor item');

        $got = ask('chat', {input => 'w2', previous_response_id => 'resp_1', conversation => 'conv_1'});
        like($got->{text}, qr/exclude each other/, 'not both');
        is(heard(), 'k1 - w1', 'the upstream was not asked');

        my $off = ask('off', {input => 'w1'});
        is(ask('off', {input => 'w2', previous_response_id => $off->{id}})->{status}, 400, 'off');

        # longer than an item may be
        $got = ask('small', {input => [{role => 'user', content => 'w1 ' . 'x' x 5000}]});
        is($got->{status}, 200, 'a long one is answered');
        is(code(ask('small', {input => 'w2', previous_response_id => $got->{id}})), 'previous_response_not_found', '… and not kept');
    },

    # who has which object
    clients => sub {
        my @who = map {"Authorization: Bearer $_-secret-0123456789"} qw(joe ann);
        my $first = ask('keys', {input => 'w1'}, $who[0]);
        is(ask('keys', {input => 'w2', previous_response_id => $first->{id}}, $who[1])->{status}, 400, "another key's answer is not there");
        is(ask('keys', {input => 'w2', previous_response_id => $first->{id}}, $who[0])->{status}, 200, 'the own is');
        is(ask('chat', {input => 'w2', previous_response_id => $first->{id}})->{status}, 400, "an address is no key's name");

        $first = ask('named', {input => 'w1'}, 'X-Who: joe');
        is(ask('named', {input => 'w2', previous_response_id => $first->{id}}, 'X-Who: ann')->{status}, 400, 'nor that of another name');
        is(ask('keys', {input => 'w2', previous_response_id => $first->{id}}, $who[0])->{status}, 400, 'nor of a key of that name');
        is(ask('named', {input => 'w2', previous_response_id => $first->{id}}, 'X-Who: joe')->{status}, 200, 'the own is');
        is((split /\|/, heard())[-1], 'k1 - w1 a1 w2', 'with its history');
    },

    # policies of the location are about the whole conversation
    policy => sub {
        my $first = ask('chat', {input => [{role => 'system', content => 'secret'}, {role => 'user', content => 'w1'}]});
        ask('policy', {input => 'w2', previous_response_id => $first->{id}});
        is((split /\|/, heard())[-1], 'k1 - w1 a1 w2', 'a prompt of the history is replaced, too');
    },

    # an upstream that keeps its answers itself is asked first, by its own ids
    owner => sub {
        my $first = ask('both', {input => 'w1'});
        my ($key) = heard() =~ /^(k\d) - w1$/;
        like($first->{id}, qr/^resp_up\d+$/, 'an answer of its own');

        for (1 .. 3) {
            ask('both', {input => 'w2', previous_response_id => $first->{id}, stream => JSON::PP::true});
            is(heard(), "$key $first->{id} w2", 'the same key has it, and is told the id');
        }

        ask('both', {input => [{type => 'item_reference', id => $first->{doc}{output}[0]{id}}, {role => 'user', content => 'w3'}]});
        is(heard(), "$key - w3", 'likewise an item');

        ask('chat', {input => 'w2', previous_response_id => $first->{id}});
        is(heard(), 'k1 - w1 a1 w2', 'another upstream is told all');
    },

    cooling => sub {
        my $first;
        do { $first = ask('both', {input => 'w1'}) } until heard() =~ /^k1/;

        open my $busy, '>', $log->filename . '.busy' or die;
        close $busy;

        my $got = ask('both', {input => 'w2', previous_response_id => $first->{id}});
        is($got->{status}, 200, 'its key is busy: another one serves');
        is(heard(), "k1 $first->{id} w2|k2 - w1 a1 w2", '… which is told all');

        my $third = ask('both', {input => 'w3', previous_response_id => $got->{id}});
        is(heard(), "k2 $got->{id} w3", 'and has it from then on');

        ask('both', {input => 'w4', previous_response_id => $first->{id}});
        is(heard(), 'k2 - w1 a1 w4', 'the first one cools');
        unlink $log->filename . '.busy';
    },

    reload => sub {
        my $last = ask('chat', {input => 'w1'});
        my $n = 1;
        heard();

        for my $signal ('HUP', 'KILL', 'HUP') {
            my @pids = slurp('logs/error.log') =~ /start worker process (\d+)/g;

            kill $signal eq 'HUP' ? (HUP => slurp('logs/nginx.pid')) : (KILL => @pids[-2, -1]);
            await('new workers', sub { my @now = slurp('logs/error.log') =~ /start worker process (\d+)/g; @now >= @pids + 2 });
            await('end of the old', sub { my @gone = slurp('logs/error.log') =~ /worker process (\d+) exited/g; @gone >= @pids });

            $last = ask('chat', {input => 'w' . ++$n, previous_response_id => $last->{id}});
            is($last->{status}, 200, "$signal: the conversation goes on");
        }

        is((split /\|/, heard())[-1], 'k1 - w1 a1 w2 a2 w3 a3 w4', 'whole');
    },

    # many more conversations than there is room
    flood => sub {
        my @ids;
        my $bad = 0;

        for my $i (1 .. 300) {
            my $got = ask('tiny', {input => "w$i " . 'x' x 300});
            push @ids, $got->{id};
            $bad++ if $got->{status} != 200;
        }

        heard();
        my ($there, $gone) = (0, 0);

        for my $i (reverse 1 .. 300) {
            my $got = ask('tiny', {input => 'w0', previous_response_id => $ids[$i - 1]});

            if ($got->{status} == 200) {
                $there++;
                $bad++ if heard() ne "k1 - w$i a$i w0";
            } else {
                $gone++;
                $bad++ if code($got) ne 'previous_response_not_found';
            }
        }

        is($bad, 0, 'nothing is wrong');
        cmp_ok($there, '>', 10, "$there are there");
        cmp_ok($gone, '>', 100, "$gone are not found");
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;
    my $url = 'http://127.0.0.1:' . $Up->port . '/up';

    my $http = '';
    my $config = '';

    for my $proto (@ScriptedUpstream::Protocols) {
        $http .= "ccproxy_provider p_$proto { protocol $proto; url $url$ScriptedUpstream::Root{$proto}; key literal:k1; }\n"
            . "upstream u_$proto { ccproxy; ccproxy_target p_$proto m; }\n";
        $config .= "location /$proto/ { ccproxy on; proxy_pass http://u_$proto; }\n";
    }

    $http .= "ccproxy_store held:1m; ccproxy_store tight:64k ttl=1h; ccproxy_store short:1m item=4k;\n"
        . "ccproxy_provider two { protocol responses; url $url/v1; key literal:k1; key literal:k2; }\n"
        . "upstream both { ccproxy; ccproxy_target two m; }\n";

    $block->set_value('http_config', $http);
    $block->set_value('config', $config . '
        location /both/ { ccproxy on; proxy_pass http://both; }
        location /off/ { ccproxy on; ccproxy_store off; proxy_pass http://u_chat; }
        location /tiny/ { ccproxy on; ccproxy_store tight; proxy_pass http://u_chat; }
        location /small/ { ccproxy on; ccproxy_store short; proxy_pass http://u_chat; }
        location /policy/ { ccproxy on; ccproxy_prompt replace "other"; proxy_pass http://u_chat; }
        location /named/ { ccproxy on; ccproxy_access_key off; ccproxy_client $http_x_who; proxy_pass http://u_chat; }
        location /keys/ {
            ccproxy on; proxy_pass http://u_chat;
            ccproxy_access_key joe joe-secret-0123456789; ccproxy_access_key ann ann-secret-0123456789;
        }
        location = /ready { return 200 ready; }
    ');
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
    $block->set_value('no_error_log', "[alert]\n[emerg]") unless defined $block->error_log;
});

add_response_body_check(sub {
    my ($block) = @_;

    chomp(my $does = $block->does);
    heard();
    $Checks{$does}->();
});

run_tests();

__DATA__

=== TEST 1: an answer goes on from another, on each upstream
--- does: turns



=== TEST 2: tools are sent anew
--- does: tools



=== TEST 3: what is not there
--- does: refused



=== TEST 4: each client has its own
--- does: clients



=== TEST 5: policies are about the whole
--- does: policy



=== TEST 6: an upstream that keeps its answers has them
--- does: owner



=== TEST 7: … unless it cools
--- does: cooling



=== TEST 8: over reloads and killed workers
--- does: reload
--- error_log
exited on signal 9



=== TEST 9: answers by their ids
--- does: answers



=== TEST 10: conversations with a name
--- does: conversations



=== TEST 11: threads
--- does: threads



=== TEST 12: answers of the background
--- does: background



=== TEST 13: more than there is room for
--- does: flood
--- timeout: 60
