# ccproxy_prefix_cache: what is remembered of requests, and that nothing but
# the time they take depends on it.
use Test::Nginx::Socket;
use FindBin ();

BEGIN {
    require "$FindBin::Bin/lib/OwnUpstreams.pm";
    OwnUpstreams->import;
    require "$FindBin::Bin/lib/Gateway.pm";
    Gateway->import;
}

$ENV{TEST_NGINX_UP_PORT} = $Port{b};

our $Pool = <<'END';
    ccproxy_provider up { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; key sk-of-the-upstream-0123456789; }
    upstream pool { ccproxy; ccproxy_target up; }
END

our $Config = <<'END';
    location = /ready { return 200 ready; }
    location /open/ { ccproxy on; proxy_pass http://pool; }
    location /keys/ {
        ccproxy on;
        ccproxy_access_key anna anna-key-0123456789;
        ccproxy_access_key bert bert-key-0123456789;
        proxy_pass http://pool;
    }
END

# A turn of a conversation: all turns before it, and one that is new.
sub turn {
    my ($turns, $who, $tools_last) = @_;

    my $tools = '"tools":[' . join(',', map { '{"name":"tool_' . $_
        . '","description":"What it does.","input_schema":{"type":"object","properties":{"path":{"type":"string",'
        . '"description":"' . ('where to look ' x 8) . '"},"deep":{"type":"null","x":null}}}}' } 1 .. 12) . ']';
    my $messages = '"messages":[' . join(',', map { '{"role":"' . ($_ % 2 ? 'user' : 'assistant')
        . '","content":[{"type":"text","text":"' . "$who says in turn $_: caf\xc3\xa9 \\\"x\\\" " . ('and so on ' x 20)
        . '"}]}' } 1 .. 2 * $turns - 1) . ']';

    return '{"model":"m","max_tokens":900,' . join(',', $tools_last ? ($messages, $tools) : ($tools, $messages))
        . ',"system":"Be brief."}';
}

# What the upstream gets of it.
sub converted {
    my ($path, $body, @headers) = @_;

    my $client = post($path, $body, @headers);
    my $up = heard('b') or return 'not asked';
    my ($got) = got($up) =~ /\r\n\r\n(.*)$/s;

    say_to($up, chat('fine'));
    close $up;
    client_gets($client, qr/fine/);

    return $got;
}

our @Turns = map { my $last = $_; map { ([$_, 'anna', $last], [$_, 'bert', $last]) } 1 .. 6 } 0, 1;

# All turns, one after the other; the same whatever is remembered.
our %First;

sub all_turns {
    my ($path) = @_;

    for my $t (@Turns) {
        my $got = converted("$path/v1/messages", turn(@$t), $path eq "/keys" ? "x-api-key: $t->[1]-key-0123456789" : ());
        my $n = () = $got =~ /$t->[1] says in turn/g;
        my $k = () = $got =~ /"name":"tool_\d+"/g;

        $First{"@$t"} //= $got;
        ok($got eq $First{"@$t"} && $n == 2 * $t->[0] - 1 && $k == 12,
            "turn @$t: all $n messages, $k tools, the same bytes");
    }
}

our %Checks = (
    turns => sub { all_turns("/open") },
    keys => sub { all_turns('/keys') },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $Pool . ($block->http_config // ''));
    $block->set_value('config', $Config);
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
});

add_response_body_check(sub {
    my ($block) = @_;

    my $does = $block->does // return;
    $Checks{$does}->();
});

no_long_string();
no_shuffle();

plan 'no_plan';

run_tests();

__DATA__

=== TEST 1: conversations by turns, with the memory that is set by default
--- does: turns



=== TEST 2: the same without memory
--- http_config
    ccproxy_prefix_cache off;
--- does: turns



=== TEST 3: the same with little memory
--- http_config
    ccproxy_prefix_cache 1m;
--- does: turns



=== TEST 4: the same for two access keys
--- does: keys
