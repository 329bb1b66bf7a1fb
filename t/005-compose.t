# A location of ours among others: its body is nginx's too, and subrequests are
# requests.
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
    }
    ccproxy_provider none {
        protocol chat;
        url http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/v1;
    }
    upstream pool { ccproxy; ccproxy_target up; }
    upstream dead { ccproxy; ccproxy_target none; }
    log_format body escape=none 'body: $request_body';
END

our $Config = <<'END';
    client_body_buffer_size 1k;

    location /log/ {
        ccproxy on;
        access_log logs/tries.log body;
        proxy_pass http://pool;
    }
    location /file/ {
        ccproxy on;
        client_body_in_file_only clean;
        proxy_pass http://pool;
    }
    location /copied/ {
        ccproxy on;
        mirror /copy;
        proxy_pass http://pool;
    }
    location = /copy {
        internal;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT/copy;
    }
    location /plain/ {
        mirror /shadow;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT;
    }
    location = /shadow {
        internal;
        ccproxy on;
        rewrite ^ /v1/messages break;
        proxy_pass http://pool;
    }
    location /blind/ {
        mirror /shadow;
        mirror_request_body off;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT;
    }
    location /from/ {
        proxy_connect_timeout 1s;
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        error_page 502 = @pool;
    }
    location /piped/ {
        proxy_request_buffering off;
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        error_page 502 = @pool;
    }
    location /errors/ {
        proxy_intercept_errors on;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        error_page 503 = @pool;
    }
    location @pool {
        ccproxy on;
        proxy_pass http://pool;
    }
    location /into/ {
        ccproxy on;
        proxy_pass http://dead;
        error_page 502 = @plain;
    }
    location /status/ {
        ccproxy on;
        proxy_pass http://dead;
        error_page 502 @plain;
    }
    location @plain {
        proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT;
    }
    location = /ssi.html {
        ssi on;
        default_type text/html;
        return 200 '<!--#include virtual="/ssi/v1/models" --> and <!--#include virtual="/ssi/v1/messages" -->';
    }
    location /ssi/ {
        ccproxy on;
        proxy_pass http://pool;
    }
    location = /ready { return 200 ready; }
END

sub plain {
    my ($text, $status) = @_;
    $status //= '200 OK';
    return "HTTP/1.1 $status\r\nContent-Type: text/plain\r\n"
        . "Connection: close\r\nContent-Length: " . length($text)
        . "\r\n\r\n$text";
}

# The upstream of a pool is asked in Chat, with all of the text.
sub converted {
    my ($up, $text) = @_;
    ok($up, 'the pool is asked') or return;
    like(got($up), qr{^POST /v1/chat/completions HTTP/1\.1\r\n},
        'in its protocol');
    like(got($up), qr/"messages":\[\{"role":"user","content":"\Q$text\E"\}\]/,
        'the whole request');
}

our $Long = 'long ' x 20_000;

our %Checks = (

    log => sub {
        my $client = post('/log/v1/messages', question('log me'));
        say_to(heard('b'), chat('fine'));
        client_gets($client, qr/"text":"fine"/);
        ok(logged(qr/^body: \{"model":"m","max_tokens":9,.*log me"\}\]\}$/m),
            '$request_body is what the client sent');
    },

    chunked => sub {
        my $body = question('in chunks');
        my $client = send_raw("POST /log/v1/messages HTTP/1.1\r\n"
            . "Host: localhost\r\nConnection: close\r\n"
            . "Transfer-Encoding: chunked\r\n\r\n"
            . join('', map { sprintf "%x\r\n%s\r\n", length, $_ }
                  $body =~ /.{1,7}/gs) . "0\r\n\r\n");
        say_to(heard('b'), chat('fine'));
        client_gets($client, qr/"text":"fine"/);
        ok(logged(qr/^body: \Q$body\E$/m), 'chunks are one body');
    },

    file => sub {
        my $client = post('/file/v1/messages', question($Long));
        my $up = heard('b');
        converted($up, $Long);
        say_to($up, chat('fine'));
        client_gets($client, qr/"text":"fine"/);
    },

    mirror_of => sub {
        my $body = question($Long);
        my $client = post('/copied/v1/messages', $body);
        my $copy = heard('c');
        like(got($copy), qr{^POST /copy HTTP/1\.0\r\n.*\r\n\r\n\Q$body\E$}s,
            'the mirror gets what the client sent');
        say_to($copy, plain('ignored'));
        close $copy;
        my $up = heard('b');
        converted($up, $Long);
        say_to($up, chat('fine'));
        client_gets($client, qr/"text":"fine"/);
    },

    mirror_into => sub {
        my $client = post('/plain/v1/messages',
            question($Long, '"stream":true,'));
        my $plain = heard('c');
        like(got($plain), qr/\Q$Long\E/, 'the upstream gets it');
        say_to($plain, plain('from the plain one'));
        close $plain;
        my $up = heard('b');
        converted($up, $Long);
        say_to($up, $Begin);
        ok(read_until($client, qr/from the plain one$/),
            'nobody waits for the mirror');
        ok(!IO::Select->new($up)->can_read(0),
            'whose answer is read on after its header');
        say_to($up, $End);
        close $up;
        client_gets($client, qr/from the plain one$/, 'its answer is dropped');
    },

    blind => sub {
        my $client = post('/blind/v1/messages', question('unseen'));
        my $plain = heard('c');
        say_to($plain, plain('plain'));
        close $plain;
        client_gets($client, qr/plain$/);
        ok(logged_error(qr/the subrequest to \S+ has no body/),
            'a mirror without the body is refused for that');
        ok(not_asked('b'), 'and nobody is asked');
    },

    from => sub {
        for my $text ('short', $Long) {
            my $client = post('/from/v1/messages', question($text));
            my $up = heard('b');
            converted($up, $text);
            say_to($up, chat('from the pool'));
            client_gets($client, qr{200 OK.*"text":"from the pool"}s);
        }
    },

    from_error => sub {
        my $client = post('/errors/v1/messages',
            question($Long, '"stream":true,'));
        my $plain = heard('c');
        say_to($plain, plain('busy', '503 Busy'));
        close $plain;
        my $up = heard('b');
        converted($up, $Long);
        say_to($up, $Begin . $End);
        close $up;
        client_gets($client, qr{200 OK.*"Hello".*event: message_stop\n}s);
    },

    piped => sub {
        my $client = post('/piped/v1/messages', question($Long));
        client_gets($client, qr{500\ .*"the\ body\ is\ gone:\ .*
            proxy_request_buffering\ on;}xs,
            'a body that is gone is said to be gone');
        ok(not_asked('b'), 'and nobody is asked');
    },

    into => sub {
        for my $text ('short', $Long) {
            my $body = question($text);
            my $client = post('/into/v1/messages', $body, 'X-Mine: yes');
            my $plain = heard('c');
            like(got($plain), qr{^POST\ /into/v1/messages\ HTTP/1\.0\r\n
                .*Content-Length:\ @{[length $body]}\r\n
                .*X-Mine:\ yes\r\n(?:.*\r\n)?\r\n\Q$body\E$}xs,
                'headers and body of the client');
            say_to($plain, plain('from the plain one'));
            close $plain;
            client_gets($client, qr{200 OK.*from the plain one$}s);
        }
    },

    status => sub {
        my $client = post('/status/v1/messages', question('x'));
        my $plain = heard('c');
        say_to($plain, plain('from the plain one'));
        close $plain;
        client_gets($client, qr{502 .*from the plain one$}s,
            'the upstream answers, though the status stays');
    },

    ssi => sub {
        my $client = send_raw("GET /ssi.html HTTP/1.1\r\nHost: localhost\r\n"
            . "Connection: close\r\n\r\n");
        client_gets($client, qr/"object":"list".*\ and\ .*method\ GET\ is\ not
            \ allowed[^"]*use\ POST/xs, 'included answers');
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig)
        if !defined $block->http_config;
    $block->set_value('config', $Config) if !defined $block->config;
    $block->set_value('request', 'GET /ready')
        if !defined $block->request && !defined $block->raw_request;
    $block->set_value('response_body', 'ready')
        if !defined $block->response_body
        && !defined $block->response_body_like;
});

add_response_body_check(sub {
    my ($block) = @_;

    my $does = $block->does // return;
    $Checks{$_}->() for split ' ', $does;
});

no_long_string();
no_shuffle();

plan 'no_plan';

run_tests();

__DATA__

=== TEST 1: a log of $request_body
--- does: log chunked
--- no_error_log
[alert]



=== TEST 2: a body that nginx keeps in a file
--- does: file
--- no_error_log
[alert]



=== TEST 3: a mirror of a pool's location
--- does: mirror_of
--- no_error_log
[alert]



=== TEST 4: a mirror that is a pool's location
--- does: mirror_into blind
--- no_error_log
[alert]



=== TEST 5: error_page from a plain location into a pool
--- does: from from_error piped
--- no_error_log
[alert]



=== TEST 6: error_page from a pool into a plain location
--- does: into status
--- no_error_log
[alert]



=== TEST 7: SSI
--- does: ssi
--- no_error_log
[alert]
