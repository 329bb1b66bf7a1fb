# Lua and njs beside a location of ours: each sees what the other has.  Needs
# Debian's libnginx-mod-http-lua and libnginx-mod-http-js.
use Test::Nginx::Socket;
use FindBin ();

BEGIN {
    require "$FindBin::Bin/lib/OwnUpstreams.pm";
    OwnUpstreams->import;
    require "$FindBin::Bin/lib/Gateway.pm";
    Gateway->import;
}

our $Dir = $ENV{CCPROXY_MODULES} // '/usr/lib/nginx/modules';
our @Modules = map {"$Dir/$_.so"}
    qw(ndk_http_module ngx_http_lua_module ngx_http_js_module);

if (($ENV{TEST_NGINX_BINARY} // '') ne '/usr/sbin/nginx'
    || $ENV{CCPROXY_STATIC} || grep { !-e } @Modules)
{
    plan(skip_all => 'no modules of Lua and njs for this nginx');
}

$ENV{TEST_NGINX_UP_PORT} = $Port{b};

our $HttpConfig = <<'END';
    lua_load_resty_core off;
    js_path $TEST_NGINX_SERVER_ROOT/html;
    js_import script.js;
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
    }
    upstream pool { ccproxy; ccproxy_target up; }
END

our $Config = <<'END';
    location /v1/ {
        ccproxy on;
        proxy_pass http://pool;
    }
    location /lua/read/ {
        ccproxy on;
        access_by_lua_block {
            ngx.req.read_body()
            ngx.header["X-Seen"] = tostring(#ngx.req.get_body_data())
        }
        proxy_pass http://pool;
    }
    location /lua/set/ {
        ccproxy on;
        access_by_lua_block {
            ngx.req.read_body()
            local body = ngx.req.get_body_data()
            ngx.req.set_body_data((body:gsub("ask", "instead")))
        }
        proxy_pass http://pool;
    }
    location /lua/body/ {
        ccproxy on;
        header_filter_by_lua_block {
            ngx.header["X-Type"] = ngx.header["Content-Type"]
            ngx.header["Content-Length"] = nil
        }
        body_filter_by_lua_block {
            ngx.arg[1] = (ngx.arg[1]:gsub("end_turn", "seen_by_lua"))
        }
        proxy_pass http://pool;
    }
    location = /lua/capture {
        content_by_lua_block {
            ngx.req.read_body()
            local one = ngx.location.capture("/v1/messages",
                { method = ngx.HTTP_POST, always_forward_body = true })
            local two = ngx.location.capture("/v1/messages",
                { method = ngx.HTTP_POST, body = "{" })
            ngx.print(one.status, " ", one.header["Content-Type"], " ",
                one.body, "\n", two.status, " ", two.body)
        }
    }
    location = /lua/multi {
        content_by_lua_block {
            ngx.req.read_body()
            local o = { method = ngx.HTTP_POST, always_forward_body = true }
            local one, two = ngx.location.capture_multi({
                { "/v1/messages", o }, { "/v1/messages", o } })
            ngx.print(one.body, "\n", two.body)
        }
    }
    location = /js/fetch { js_content script.fetch; }
    location /js/body/ {
        ccproxy on;
        js_header_filter script.head;
        js_body_filter script.body;
        proxy_pass http://pool;
    }
    location = /ready { return 200 ready; }
END

our $Script = <<'END';
>>> script.js
async function fetch(r) {
    let one = await r.subrequest('/v1/messages',
        { method: 'POST', body: r.requestText });
    let two = await r.subrequest('/v1/messages', { method: 'POST', body: '{' });
    r.return(200, one.status + ' ' + one.responseText + '\n'
        + two.status + ' ' + two.responseText);
}

function head(r) { delete r.headersOut['Content-Length']; }

function body(r, data, flags) {
    r.sendBuffer(data.replace('end_turn', 'seen_by_js'), flags);
}

export default { fetch, head, body };
END

our $Long = 'long ' x 20_000;

# The pool's upstream gets that text, the client what the pattern says.
sub through {
    my ($path, $text, $asked, $pattern, $more) = @_;

    my $client = post($path, question($text, $more));
    my $up = heard('b');
    ok($up, "$path: the pool is asked") or return;
    like(got($up), qr/"content":"\Q$asked\E"/, 'with the text');
    say_to($up, $more ? $Begin . $End : chat('fine'));
    close $up;
    client_gets($client, $pattern, 'the client gets the answer');
}

our %Checks = (

    lua_read => sub {
        through('/lua/read/v1/messages', 'ask', 'ask',
            qr/X-Seen: 73\r\n.*"text":"fine"/s);
    },

    lua_set => sub {
        through('/lua/set/v1/messages', 'ask', 'instead',
            qr/"text":"fine"/);
    },

    lua_body => sub {
        through('/lua/body/v1/messages', 'ask', 'ask',
            qr{X-Type: application/json\r\n.*"text":"fine".*"seen_by_lua"}s);
        through('/lua/body/v1/messages', 'ask', 'ask',
            qr{X-Type: text/event-stream.*"seen_by_lua"}s,
            '"stream":true,');
    },

    lua_capture => sub {
        for my $text ('ask', $Long) {
            through('/lua/capture', $text, $text, qr{200\ application/json
                \ \{.*"text":"fine".*\}\s400\ .*not\ valid\ JSON}xs);
        }
        through('/lua/capture', 'ask', 'ask', qr{200\ text/event-stream.*\ event:
            \ message_start.*"Hello".*event:\ message_stop}xs,
            '"stream":true,');
    },

    lua_multi => sub {
        my $client = post('/lua/multi', question('both'));
        my @up = (heard('b'), heard('b'));
        say_to($up[1], chat('second'));
        say_to($up[0], chat('first'));
        client_gets($client, qr/"text":"(?:first|second)".*\n.*"text":"/);
    },

    js_fetch => sub {
        through('/js/fetch', 'ask', 'ask',
            qr/200 \{.*"text":"fine".*\}\s+400 .*not valid JSON/s);
        through('/js/fetch', 'ask', 'ask',
            qr/200 event: message_start.*"Hello".*event: message_stop/s,
            '"stream":true,');
    },

    js_body => sub {
        through('/js/body/v1/messages', 'ask', 'ask',
            qr{"text":"fine".*"seen_by_js"}s);
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('main_config',
        join('', map {"load_module $_;\n"} @Modules));
    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config);
    $block->set_value('user_files', $Script);
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
});

add_response_body_check(sub {
    my ($block) = @_;
    $Checks{$_}->() for split ' ', $block->does;
});

no_long_string();
no_shuffle();

plan 'no_plan';

run_tests();

__DATA__

=== TEST 1: Lua reads the body
--- does: lua_read
--- no_error_log
[alert]



=== TEST 2: Lua puts another body in its place
--- does: lua_set
--- no_error_log
[alert]



=== TEST 3: Lua's filters see what the client gets
--- does: lua_body
--- no_error_log
[alert]



=== TEST 4: Lua's subrequests
--- does: lua_capture lua_multi
--- no_error_log
[alert]



=== TEST 5: subrequests of njs
--- does: js_fetch
--- no_error_log
[alert]



=== TEST 6: filters of njs see what the client gets
--- does: js_body
--- no_error_log
[alert]
