# Directives of nginx's in a location of ours: those that work there, those that
# are refused, and those that mean nothing. The table is in conf/RUNNING.md.
use Test::Nginx::Socket;
use FindBin ();

BEGIN {
    require "$FindBin::Bin/lib/OwnUpstreams.pm";
    OwnUpstreams->import;
    require "$FindBin::Bin/lib/Gateway.pm";
    Gateway->import;
}

$ENV{TEST_NGINX_UP_PORT}    = $Port{b};
$ENV{TEST_NGINX_PLAIN_PORT} = $Port{c};

our $HttpConfig = <<'END';
    ccproxy_provider up {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        key sk-of-the-upstream-0123456789;
        header X-Both block;
    }
    ccproxy_provider plain {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_PLAIN_PORT/v1;
    }
    upstream pool { ccproxy; ccproxy_target up; }
    upstream two { ccproxy; ccproxy_target up; ccproxy_target plain backup; }

    proxy_set_header Host $host;
    proxy_set_header X-Above above;
END

our $Config = <<'END';
    location /plain/ {
        ccproxy on;
        proxy_pass http://pool;
    }
    location /set/ {
        ccproxy on;
        proxy_set_header X-Mine "$arg_x and $ccproxy_protocol";
        proxy_set_header X-Both location;
        proxy_set_header Accept "";
        proxy_set_header Connection "";
        proxy_pass http://pool;
    }
    location /bare/ {
        ccproxy on;
        proxy_pass_request_headers off;
        proxy_pass http://pool;
    }
    location /hide/ {
        ccproxy on;
        proxy_hide_header X-Request-Id;
        proxy_pass http://pool;
    }
    location /once/ {
        ccproxy on;
        proxy_next_upstream off;
        proxy_pass http://two;
    }
    location /most/ {
        ccproxy on;
        proxy_next_upstream_tries 1;
        proxy_pass http://two;
    }
    location /catch/ {
        ccproxy on;
        proxy_intercept_errors on;
        error_page 500 503 = @caught;
        error_page 429 /page.html;
        proxy_pass http://pool;
    }
    location @caught {
        add_header X-Caught $ccproxy_upstream_status;
        return 200 "caught";
    }
    location = /page.html { return 200 "<html>page</html>"; }
    location = /ready { return 200 ready; }
END

# ---- what nginx -t says ----

# Written in the location: refused, and what is said.
our %Refused = (
    'proxy_set_body x'                   => qr/"ccproxy_replace"/,
    'proxy_method GET'                   => qr/method of their protocol/,
    'proxy_pass_request_body off'        => qr/needs the request/,
    'proxy_http_version 1.0'             => qr{HTTP/1\.1},
    'proxy_store on'                     => qr/"proxy_cache"/,
    'proxy_cache_background_update on'   => qr/who waits for it/,
    'proxy_cache_convert_head off'       => qr/no HEAD/,
    'proxy_cache_use_stale error'        => qr/no old answer/,
    'proxy_cache_revalidate on'          => qr/no provider says/,
    'proxy_force_ranges on'              => qr/no ranges/,
    'proxy_buffering on'                 => qr/never held back/,
    'proxy_next_upstream error http_502' => qr/"ccproxy_tries"/,
    'proxy_redirect http://a/ /'         => qr/no redirect/,
    'proxy_cookie_domain a b'            => qr/no cookie/,
    'proxy_cookie_path a b'              => qr/no cookie/,
    'proxy_cookie_flags a secure'        => qr/no cookie/,
    'proxy_pass_header Server'           => qr/"add_header"/,
    'proxy_limit_rate 1k'                => qr/"limit_rate"/,
    'proxy_bind 127.0.0.1'               => qr/not bound/,
    'proxy_ssl_verify off'               => qr/"tls_verify"/,
    'proxy_ssl_trusted_certificate a'    => qr/"tls_ca"/,
    'proxy_ssl_certificate a'            => qr/"tls_certificate"/,
    'proxy_ssl_certificate_key a'        => qr/"tls_certificate_key"/,
    'proxy_ssl_name a'                   => qr/"url"/,
    'proxy_ssl_server_name off'          => qr/always sent/,
    'proxy_set_header Host $host'        => qr/Host.*"url"/,
    'proxy_set_header Authorization x'   => qr/"key"/,
    'proxy_set_header X-API-Key x'       => qr/"key"/,
    'proxy_set_header Content-Type x'    => qr/body is made/,
);

# Those count from levels above as well, all others there mean nothing.
our %Everywhere = map { $_ => 1 } qw(proxy_set_body proxy_method
    proxy_pass_request_body proxy_http_version proxy_store
    proxy_cache_background_update proxy_force_ranges);

our @Fine = ('proxy_method POST', 'proxy_http_version 1.1',
    'proxy_buffering off', 'proxy_request_buffering off', 'proxy_store off',
    'proxy_redirect off', 'proxy_cookie_path off', 'proxy_ssl_verify on',
    'proxy_ssl_server_name on', 'proxy_set_header Connection ""',
    'proxy_set_header Upgrade $http_upgrade', 'proxy_bind off',
    'proxy_ignore_headers Cache-Control', 'proxy_ssl_protocols TLSv1.3',
    'proxy_ssl_session_reuse off', 'proxy_socket_keepalive on',
    'proxy_connect_timeout 1s', 'proxy_send_timeout 1s',
    'proxy_read_timeout 1s', 'proxy_buffer_size 8k',
    'proxy_ignore_client_abort on', 'proxy_pass_request_headers off',
    'proxy_hide_header X-A', 'proxy_intercept_errors on',
    'proxy_next_upstream off', 'proxy_next_upstream_tries 2',
    'proxy_next_upstream_timeout 2s', 'proxy_set_header X-A b');

# What nginx -t says of a directive above the location, and in it.
sub tested {
    my ($above, $in) = @_;

    my $dir  = server_root();
    my $file = "$dir/conf/tested.conf";

    open my $out, '>', $file or die "$file: $!";
    print $out map({"load_module $_;\n"} split ' ',
            $ENV{TEST_NGINX_LOAD_MODULES} // ''),
        "pid $dir/tested.pid;\nevents {}\nhttp {\n",
        "ccproxy_provider p { protocol chat; url http://127.0.0.1:9/v1; }\n",
        "upstream pool { ccproxy; ccproxy_target p m; }\n",
        "server { listen unix:$dir/tested.sock;\n$above\n",
        "location / { ccproxy on;\n$in\nproxy_pass http://pool; }\n",
        "location /other/ { proxy_pass http://127.0.0.1:9; }\n}}\n";
    close $out;

    my $nginx = $ENV{TEST_NGINX_BINARY} // 'nginx';
    my $said  = `'$nginx' -p '$dir' -e stderr -c '$file' -t 2>&1`;
    $said =~ s/\Q$file\E:(\d+)/"conf:" . $1/ge;

    return ($? == 0, $said);
}

our %Checks = (

    refused => sub {
        for my $line (sort keys %Refused) {
            my ($name) = split ' ', $line;
            my $at = 7 + split ' ', $ENV{TEST_NGINX_LOAD_MODULES} // '';

            my ($ok, $said) = tested('', "$line;");
            ok(!$ok, "$line: refused");
            like($said, qr/\[emerg\].*"\Q$name\E.*$Refused{$line}/,
                '... in words');
            like($said, qr/ in conf:@{[$at + 2]}$/m, '... with its line');

            next if $line =~ /set_header|ssl_(?:trus|cert)/;

            ($ok, $said) = tested("$line;", '');
            is($ok ? 1 : 0, $Everywhere{$name} ? 0 : 1,
                "... above it: " . ($Everywhere{$name} ? 'too' : 'not'));
        }
    },

    fine => sub {
        for my $line (@Fine) {
            my ($ok, $said) = tested('', "$line;");
            ok($ok, "$line: taken") or diag($said);
        }
    },

    # Every directive of the page's table has its test here.
    table => sub {
        open my $in, '<', "$FindBin::Bin/../conf/RUNNING.md" or die $!;
        local $/;
        my ($table) = <$in> =~ /^## Directives of nginx's\n(.*?)(?:^## |\z)/ms;
        my %here = map { (split ' ')[0] => 1 } keys %Refused, @Fine;

        my $text = '';
        for my $name (__FILE__, "$FindBin::Bin/042-cache.t") {
            open my $own, '<', $name or die "$name: $!";
            $text .= <$own>;
        }
        my @named = $table =~ /`((?:proxy|error)_\w+)/g;
        cmp_ok(scalar @named, '>', 30, 'the page has a table');
        ok($here{$_} || $text =~ /^    +\Q$_\E /m, "$_: is tested")
            for @named;

        my %named = map { $_ => 1 } @named;
        ok($named{$_}, "$_: is in the table") for sort keys %here;
    },
);

# ---- what the upstream and the client get ----

sub asked_with {
    my ($path, $headers, $has, $lacks, $answer) = @_;
    my $client = post($path, question('x'), @$headers);
    my $up = heard('b');
    my ($head) = got($up) =~ /^(.*?\r\n)\r\n/s;
    like($head, $_, "$path: $_") for @$has;
    unlike($head, $_, "$path: not $_") for @$lacks;
    say_to($up, $answer // chat('fine'));
    close $up;
    return $client;
}

our $Key = qr/^Authorization: Bearer sk-of-the-upstream-0123456789\r$/m;

$Checks{set} = sub {
    client_gets(asked_with('/set/v1/messages?x=1', [],
        [qr/^X-Mine: 1 and anthropic\r$/m, qr/^X-Both: block\r$/m, $Key,
         qr/^Host: 127\.0\.0\.1:$Port{b}\r$/m],
        [qr/X-Above/, qr/^Accept:/m, qr/location/, qr/^Connection/m]),
        qr/"text":"fine"/);
    client_gets(asked_with('/plain/v1/messages', [],
        [qr/^X-Above: above\r$/m, qr/^Host: 127\.0\.0\.1:$Port{b}\r$/m, $Key],
        []), qr/"text":"fine"/);
};

our @Trace = ('traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b71692033'
    . '31-01', 'tracestate: a=b');

$Checks{trace} = sub {
    my @has = map { my $t = $_; qr/^$t\r$/m } @Trace;
    client_gets(asked_with('/plain/v1/messages', \@Trace, \@has,
        [qr/X-Client/i]), qr/"text":"fine"/);
    client_gets(asked_with('/bare/v1/messages', \@Trace, [$Key],
        [qr/trace/]), qr/"text":"fine"/);
};

$Checks{hide} = sub {
    my $answer = chat('fine') =~ s/\r\n/\r\nX-Request-Id: r-1\r\n/r;
    client_gets(asked_with('/plain/v1/messages', [], [], [], $answer),
        qr/^X-Request-Id: r-1\r$/m);
    my $client = asked_with('/hide/v1/messages', [], [], [], $answer);
    client_gets($client, qr/^(?!.*X-Request-Id).*"text":"fine"/s);
};

$Checks{once} = sub {
    for my $path (qw(/once /most)) {
        my $client = post("$path/v1/messages", question('x'));
        say_to(heard('b'), whole('{"error":{"message":"fell over"}}',
            '500 Broken'));
        client_gets($client, qr{HTTP/1\.1 500 .*fell over}s,
            "$path: the first error is the client's");
        ok(not_asked('c'), 'nobody else is asked');
    }
};

$Checks{catch} = sub {
    my $client = post('/catch/v1/messages', question('x'));
    say_to(heard('b'), whole('{"error":{"message":"fell over"}}',
        '503 Broken'));
    client_gets($client, qr{200 OK.*X-Caught: 503\r.*caught$}s,
        'error_page answers');

    $client = post('/catch/v1/messages', question('x'));
    say_to(heard('b'), whole('{"error":{"message":"slow down","type":'
        . '"rate_limit_error"}}', '429 Slow'));
    client_gets($client, qr{\ 429\ .*"rate_limit_error","message":"slow\ down"
        }xs, "a page keeps the upstream's words");
};

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value('http_config', $HttpConfig);
    $block->set_value('config', $Config);
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

=== TEST 1: what is refused
--- does: refused
--- no_error_log
[alert]



=== TEST 2: what is taken
--- does: fine
--- no_error_log
[alert]



=== TEST 3: the table
--- does: table
--- no_error_log
[alert]



=== TEST 4: proxy_set_header
--- does: set
--- no_error_log
[alert]



=== TEST 5: traces; proxy_pass_request_headers
--- does: trace
--- no_error_log
[alert]



=== TEST 6: proxy_hide_header
--- does: hide
--- no_error_log
[alert]



=== TEST 7: proxy_next_upstream
--- does: once
--- no_error_log
[alert]



=== TEST 8: proxy_intercept_errors
--- does: catch
--- no_error_log
[alert]
