# $ccproxy_session, $ccproxy_thinking and the like in each client's protocol.
use Test::Nginx::Socket 'no_plan';

use JSON::PP ();
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP SECOND));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

our $json = JSON::PP->new->canonical;

our $Http = <<'END';
    limit_req_zone $ccproxy_session zone=session:1m rate=1r/m;
    limit_req_zone $ccproxy_group zone=group:1m rate=1r/m;

    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        location / {
            default_type application/json;
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"key=$http_authorization session=$http_x_session thinking=$http_x_thinking; search=$http_x_search;"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}';
        }
    }

    ccproxy_provider alpha {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        header X-Session $ccproxy_session;
        header X-Thinking $ccproxy_thinking;
        header X-Search $ccproxy_web_search;
    }
    ccproxy_provider many {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        key literal:k1; key literal:k2; key literal:k3; key literal:k4; key literal:k5; key literal:k6;
        header X-Session $ccproxy_session;
    }

    upstream pool   { ccproxy; ccproxy_target alpha; }
    upstream sticky { ccproxy sticky $ccproxy_session; ccproxy_target many; }

    map $ccproxy_session $by_session { ~^s-1 sticky; default pool; }
END

our $Config = <<'END';
    location / { ccproxy on; proxy_pass http://pool; }
    location /sticky/ { ccproxy on; proxy_pass http://sticky; }
    location /map/ { ccproxy on; proxy_pass http://$by_session; }
    location /limit/ { ccproxy on; limit_req zone=session; limit_req_status 429; proxy_pass http://pool; }
    location /groups/ { ccproxy on; limit_req zone=group; limit_req_status 429; proxy_pass http://pool; }
    location /keys/ {
        ccproxy on; ccproxy_access_key joe joes-secret; ccproxy_access_key ann anns-secret;
        proxy_pass http://pool;
    }
END

our %Path = (
    anthropic => '/v1/messages', chat => '/v1/chat/completions', responses => '/v1/responses',
    gemini => '/v1beta/models/m:generateContent', ollama => '/api/chat');

# a conversation of user texts, with an answer and a tool's call between each two
sub talk {
    my ($protocol, $path, @texts) = @_;
    my (@list, %more);

    for my $i (0 .. $#texts) {
        my ($text, $id) = ($texts[$i], "call_$i");
        my %call = (name => 'look', args => {at => $i});

        if ($protocol eq 'anthropic') {
            push @list, {role => 'user', content => [{type => 'text', text => 'the same for all' x 100}, {type => 'text', text => $text}]};
            push @list, {role => 'assistant', content => [{type => 'tool_use', id => $id, name => 'look', input => $call{args}}]},
                {role => 'user', content => [{type => 'tool_result', tool_use_id => $id, content => "seen $i"}]},
                {role => 'assistant', content => "answer $i"} if $i < $#texts;
        } elsif ($protocol eq 'chat' || $protocol eq 'ollama') {
            push @list, {role => 'user', content => $text};
            push @list, {role => 'assistant', content => "answer $i"} if $i < $#texts;
        } elsif ($protocol eq 'responses') {
            push @list, {type => 'message', role => 'user', content => [{type => 'input_text', text => $text}]};
            push @list, {type => 'function_call', call_id => $id, name => 'look', arguments => '{}'},
                {type => 'function_call_output', call_id => $id, output => "seen $i"} if $i < $#texts;
        } else {
            push @list, {role => 'user', parts => [{text => '<context>' x 200}, {text => $text}]};
            push @list, {role => 'model', parts => [{text => "answer $i"}]} if $i < $#texts;
        }
    }

    my $body = $protocol eq 'responses' ? {model => 'm', input => \@list, instructions => 'turn ' . @texts}
        : $protocol eq 'gemini' ? {contents => \@list, systemInstruction => {parts => [{text => 'turn ' . @texts}]}}
        : $protocol eq 'anthropic' ? {model => 'm', max_tokens => 9, messages => \@list, system => 'turn ' . @texts}
        : {model => 'm', stream => JSON::PP::false, messages => \@list};

    return "POST $path$Path{$protocol}\n" . $json->encode($body);
}

sub think {
    my ($protocol, $more) = @_;
    my %body = (
        anthropic => '"model":"m","max_tokens":9000,"messages":[{"role":"user","content":"hi"}]',
        chat => '"model":"m","messages":[{"role":"user","content":"hi"}]',
        responses => '"model":"m","input":"hi"',
        gemini => '"contents":[{"role":"user","parts":[{"text":"hi"}]}]',
        ollama => '"model":"m","stream":false,"messages":[{"role":"user","content":"hi"}]');
    return "POST $Path{$protocol}\n{" . $body{$protocol} . ($more ? ",$more" : '') . '}';
}

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $Http);
    $block->set_value('config', $Config);
    $block->set_value('no_error_log', '[alert]') unless defined $block->no_error_log;

    # "turns": a conversation of two turns, then another; the first two are one session
    my $protocol = $block->turns;
    if (defined $protocol) {
        chomp $protocol;
        $block->set_value('request', [
            main::talk($protocol, '/sticky', 'where is it?'),
            main::talk($protocol, '/sticky', 'where is it?', 'and now?'),
            main::talk($protocol, '/sticky', 'where is it?', 'and now?', 'still?'),
            main::talk($protocol, '/sticky', 'where is she?', 'and now?')]);

        my ($first, $n) = (undef, 0);
        $block->set_value('response_body_filters', sub {
            my ($body) = @_;
            my ($s) = $body =~ /session=([0-9a-f]{16});?/ or return "no session: $body";
            my ($key) = $body =~ /key=Bearer (k\d)/ or return "no key: $body";
            $first //= "$s $key";
            my $same = "$s $key" eq $first ? 'same' : (split ' ', $first)[0] eq $s ? 'other key' : 'other';
            return $same;
        });
        $block->set_value('response_body', ['same', 'same', 'same', 'other']);
    }
});

run_tests();

__DATA__

=== TEST 1: Anthropic: one session over its turns
--- turns: anthropic



=== TEST 2: Chat
--- turns: chat



=== TEST 3: Responses
--- turns: responses



=== TEST 4: Gemini
--- turns: gemini



=== TEST 5: Ollama
--- turns: ollama



=== TEST 6: the client's header is stronger than all else
--- more_headers
session-id: s-of-the-header
--- request eval
"POST /v1/responses\n" . '{"model":"m","input":"hi","prompt_cache_key":"s-of-the-cache"}'
--- response_body_like: session=s-of-the-header



=== TEST 7: the cache key of Responses and Chat comes next
--- request eval
["POST /v1/responses\n" . '{"model":"m","input":"hi","prompt_cache_key":"s-of-the-cache"}',
 "POST /v1/chat/completions\n" . '{"model":"m","messages":[{"role":"user","content":"hi"}],"prompt_cache_key":"s-\u006ff-chat"}']
--- response_body_like eval
[qr/session=s-of-the-cache/, qr/session=s-of-chat/]



=== TEST 8: two clients that say the same are two sessions
--- request eval
[map { main::talk('gemini', '/keys', 'hello') =~ s/generateContent/generateContent?key=$_-secret/r } qw(joes anns joes)]
--- response_body_filters eval
my %seen;
sub { my ($s) = $_[0] =~ /session=([0-9a-f]{16});?/ or return $_[0]; return $seen{$s}++ ? 'seen' : 'new' }
--- response_body eval
['new', 'new', 'seen']



=== TEST 9: a map on the session chooses the pool
--- more_headers
x-claude-code-session-id: s-1
--- request eval: main::talk('anthropic', '/map', 'hello')
--- response_body_like: key=Bearer k\d session=s-1



=== TEST 10: another session goes elsewhere
--- more_headers
conversation_id: s-2
--- request eval: main::talk('anthropic', '/map', 'hello')
--- response_body_like: key= session=



=== TEST 11: limit_req by the session of a header, in the client's protocol
--- more_headers
x-claude-code-session-id: s-limited
--- request eval
[main::talk('anthropic', '/limit', 'hello'), main::talk('anthropic', '/limit', 'hello')]
--- error_code eval
[200, 429]
--- response_body_like eval
[qr/session=s-limited/, qr/"type":"error","error":\{"type":"rate_limit_error"/]
--- no_error_log
[alert]



=== TEST 12: limit_req by the group of the path
--- request eval
[main::talk('chat', '/groups/a', 'hello'), main::talk('chat', '/groups/b', 'hello'), main::talk('chat', '/groups/a', 'hello')]
--- error_code eval
[200, 200, 429]



=== TEST 13: thinking that was asked for
--- request eval
[main::think('anthropic', '"thinking":{"type":"enabled","budget_tokens":2000}'), main::think('anthropic', '"thinking":{"type":"adaptive"}'),
 main::think('chat', '"reasoning_effort":"high"'), main::think('responses', '"reasoning":{"effort":"medium"}'),
 main::think('gemini', '"generationConfig":{"thinkingConfig":{"thinkingBudget":1024}}'),
 main::think('gemini', '"generationConfig":{"thinkingConfig":{"thinkingLevel":"high"}}'),
 main::think('ollama', '"think":true'), main::think('ollama', '"think":"high"')]
--- response_body_like eval
[(qr/thinking=1;/) x 8]



=== TEST 14: thinking that was not, or was refused
--- request eval
[main::think('anthropic'), main::think('anthropic', '"thinking":{"type":"disabled"}'),
 main::think('chat'), main::think('chat', '"reasoning_effort":"none"'),
 main::think('responses'), main::think('responses', '"reasoning":{"effort":"none"}'),
 main::think('gemini'), main::think('gemini', '"generationConfig":{"thinkingConfig":{"thinkingBudget":0}}'),
 main::think('ollama'), main::think('ollama', '"think":false')]
--- response_body_like eval
[(qr/thinking=0;/) x 10]



=== TEST 15: web search that the provider would run
--- request eval
[main::think('anthropic', '"tools":[{"type":"web_search_20250305","name":"web_search"}]'),
 main::think('chat', '"web_search_options":{}'), main::think('responses', '"tools":[{"type":"web_search"}]'),
 main::think('gemini', '"tools":[{"googleSearch":{}}]')]
--- response_body_like eval
[(qr/search=1;/) x 4]



=== TEST 16: none, or the client's own
--- request eval
[main::think('anthropic', '"tools":[{"name":"web_search","input_schema":{"type":"object"}}]'), main::think('chat'),
 main::think('gemini'), main::think('ollama')]
--- response_body_like eval
[(qr/search=0;/) x 4]
