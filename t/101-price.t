# Prices: what answers cost, to the last digit.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/ConfigFile.pm" }
BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();

sub ask {
    my ($model, $path) = @_;

    return "POST " . ($path // '') . "/v1/messages\n"
        . '{"model":"' . $model . '","max_tokens":9,"messages":[{"role":'
        . '"user","content":"hi"}]}';
}

our $Config = <<'CONF';
    location / {
        ccproxy on;
        access_log logs/access.log cost;
        ccproxy_route list-* list;
        ccproxy_route * p;
        proxy_pass http://$ccproxy_pool;
    }
    location /anthropic/ {
        ccproxy on;
        access_log logs/access.log cost;
        proxy_pass http://a;
    }
    location = /metrics { ccproxy_metrics; }
CONF

our $HttpConfig = <<'CONF';
    log_format cost 'cost[$ccproxy_cost]';

    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        price cheap-* in=0.15 out=0.6 cached=0.075;
        price plain in=0.15 out=0.6;
        price fine in=0.000000001 out=0.0028;
        price thousand per=1K in=0.00015 out=0.0006;
        price long in=2 out=4 above=25;
        price long in=1 out=2;
        price free in=0 out=0;
    }
    ccproxy_provider openai {
        preset openai;
        url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        key literal:secret-of-it;
        price list-own in=1 out=1;
        price default;
    }
    ccproxy_provider ant {
        preset anthropic;
        url http://127.0.0.1:$TEST_NGINX_UP_PORT/a/v1;
        key literal:secret-of-it;
        price claude in=3 out=15 cached=0.3 write=3.75 write_1h=6;
    }
    upstream p { ccproxy; ccproxy_target up; }
    upstream list { ccproxy; ccproxy_target openai gpt-4o-mini-2024-07-18; }
    upstream a { ccproxy; ccproxy_target ant claude; }

    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        default_type application/json;
        location / {
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":30,"completion_tokens":12,"total_tokens":42,"prompt_tokens_details":{"cached_tokens":20},"completion_tokens_details":{"reasoning_tokens":5}}}';
        }
        location /a/ {
            return 200 '{"id":"m","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":100,"cache_read_input_tokens":1000,"cache_creation_input_tokens":500,"cache_creation":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":200},"output_tokens":10}}';
        }
    }
CONF

add_block_preprocessor(sub {
    my $block = shift;

    if (defined $block->conf) {
        ConfigFile::of($block, $block->conf, $block->refused, $block->line);
        return;
    }

    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config);
    $block->set_value('response_body_like', '"text":"hi"')
        if !defined $block->response_body_like;
});

run_tests();

__DATA__

=== TEST 1: fresh, cached, output; reasoning is part of the output
--- request eval
main::ask('cheap-one')
--- access_log: cost[0.0000102]



=== TEST 2: without a price for it, what is cached costs as the rest
--- request eval
main::ask('plain')
--- access_log: cost[0.0000117]



=== TEST 3: parts of 10^-9 are added up before they are rounded
--- request eval
main::ask('fine')
--- access_log: cost[0.000000034]



=== TEST 4: another number of tokens
--- request eval
main::ask('thousand')
--- access_log: cost[0.0000117]



=== TEST 5: above a number of tokens
--- request eval
main::ask('long')
--- access_log: cost[0.000108]



=== TEST 6: for nothing, which is not unknown
--- request eval
main::ask('free')
--- access_log: cost[0]



=== TEST 7: no price
--- request eval
main::ask('other')
--- access_log: cost[-]



=== TEST 8: the list price of the preset, dated model
--- request eval
main::ask('list-x')
--- access_log: cost[0.0000102]



=== TEST 9: writing into a cache for minutes and for an hour
--- request eval
main::ask('x', '/anthropic')
--- access_log: cost[0.003075]



=== TEST 10: metrics have the sum
--- request eval
[main::ask('cheap-one'), main::ask('free'), main::ask('cheap-one'), main::ask('other'), 'GET /metrics']
--- response_body_like eval
[(qr/"text":"hi"/) x 4, qr/\nccproxy_cost_total\{[^}]*model="cheap-one"[^}]*\} 0\.0000204\n(?:.*\n)*ccproxy_unpriced_answers_total\{[^}]*model="other"[^}]*\} 1\n(?!ccproxy_unp)/]



=== TEST 11: a price that is none
--- conf
ccproxy_provider x { preset groq; key literal:12345678;
    price a in=1 out=-1;
}
--- refused: invalid price "out=-1": write it once, as a decimal such as "in=0.15", for a million tokens
--- line: 2



=== TEST 12: finer than money is counted
--- conf
ccproxy_provider x { preset groq; key literal:12345678;
    price a in=0.0000000001 out=1;
}
--- refused: invalid price "in=0.0000000001": write it once
--- line: 2



=== TEST 13: a word that is none
--- conf
ccproxy_provider x { preset groq; key literal:12345678;
    price a in=1 out=1 input=2;
}
--- refused: unknown word "input=2" in "price": write "price MODEL in=0.15 out=0.6 cached=0.075;"
--- line: 2



=== TEST 14: twice the same
--- conf
ccproxy_provider x { preset groq; key literal:12345678;
    price a in=1 in=1 out=1;
}
--- refused: invalid price "in=1": write it once
--- line: 2



=== TEST 15: a provider whose prices nobody lists
--- conf
ccproxy_provider x { protocol chat; url http://127.0.0.1/v1;
    price default;
}
--- refused: no list prices are known for provider "x": write "price MODEL in=PRICE out=PRICE;"
--- line: 2



=== TEST 16: a model alone
--- conf
ccproxy_provider x { preset groq; key literal:12345678;
    price a;
}
--- refused: "price" needs prices behind the model: write "price MODEL in=0.15 out=0.6;", or "price default;" for the list prices of the preset
--- line: 2
