# Connections to providers: how long they are kept, what becomes of one that
# the upstream closed meanwhile, TLS with all that can be wrong with it, client
# certificates.
use Test::Nginx::Socket 'no_plan';

use IO::Select;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER);
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
BEGIN { require "$FindBin::Bin/lib/Certificates.pm"; Certificates->import }
BEGIN { require "$FindBin::Bin/lib/Servers.pm"; Servers->import }

Ports::take(qw(UP TLS13 TLS12 OTHER EXPIRED SELF MTLS STALE PAIR));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

self_signed('ca', 'authority');
self_signed('self', 'localhost', 'DNS:localhost');
certificate('good', 'DNS:localhost,IP:127.0.0.1', 2);
certificate('other', 'DNS:other.example', 2);
certificate('client', 'DNS:client.example', 2);
# it was good till yesterday
certificate('expired', 'DNS:localhost', -1);
openssl('rsa -aes256 -passout pass:geheim -in client.key -out locked.key');

# An upstream of plain sockets.  The path says what it does with the second
# request of a connection; its answers tell which connection, which request.

sub answer {
    my ($text) = @_;

    my $json = '{"id":"c","object":"chat.completion","created":1,"model":"m",'
        . '"choices":[{"index":0,"message":{"role":"assistant","content":"'
        . $text . '"},"finish_reason":"stop"}]}';

    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        . 'Content-Length: ' . length($json) . "\r\n\r\n$json";
}

sub answer_once {
    my ($listen) = @_;

    my $select = IO::Select->new($listen);
    my (%head, %requests, %number, %count, @held);

    while (1) {
        for my $ready ($select->can_read) {

            if ($ready == $listen) {
                my $client = $listen->accept or next;
                $select->add($client);
                $head{$client} = '';
                $requests{$client} = 0;
                next;
            }

            my $n = sysread $ready, $head{$ready}, 65536, length $head{$ready};

            my ($what) = $head{$ready} =~ m{^POST /(\w+)};

            if ($n && ($head{$ready} !~ /\r\n\r\n\{.*\}\z/s)) {
                next;
            }

            if ($n) {
                $number{$ready} //= ++$count{$what};
                $requests{$ready}++;
                $head{$ready} = '';

                # "twice": no connection answers but the first
                if ($requests{$ready} == 1
                    && !($what eq 'twice' && $number{$ready} > 1))
                {
                    my $answer = answer("$what connection=$number{$ready}"
                        . " request=$requests{$ready}");

                    # "pair": the first two are answered together
                    push @held, [$ready, $answer];
                    next if $what eq 'pair' && $number{$ready} == 1;

                    syswrite $_->[0], $_->[1] for splice @held;
                    next;
                }

                setsockopt $ready, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)
                    if $what eq 'reset';
            }

            $select->remove($ready);
            delete @$_{$ready} for \(%head, %requests, %number);
            close $ready;
        }
    }
}

our $body = '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user",'
    . '"content":"hi"}]}';

# A client that asks twice at a time, and then once more.

sub ask {
    my $nginx = IO::Socket::INET->new(PeerAddr => '127.0.0.1:'
        . server_port()) or die "nginx: $!";

    print {$nginx} "POST /v1/messages HTTP/1.0\r\nHost: localhost\r\n"
        . 'Content-Length: ' . length($main::body) . "\r\n\r\n$main::body";

    return $nginx;
}

sub ask_pair {
    my ($listen) = @_;

    while (1) {
        my $client = $listen->accept or next;
        1 while ($_ = <$client> // '') =~ /\S/;

        local $/;
        my @answers = map { scalar <$_> } ask(), ask();
        push @answers, scalar readline ask();

        my $text = join '|', map {/"text":"(.*?)"/} @answers;

        print {$client} "HTTP/1.0 200 OK\r\n\r\n$text";
        close $client;
    }
}

my $stale = listen_at($ENV{TEST_NGINX_STALE_PORT});
my $pair = listen_at($ENV{TEST_NGINX_PAIR_PORT});

serve(sub { answer_once($stale) }, sub { ask_pair($pair) });

add_block_preprocessor(sub {
    my $block = shift;

    my $show = 'content":"port=$server_port requests=$connection_requests'
        . ' sni=$ssl_server_name reused=$ssl_session_reused protocol=$ssl_protocol client=$ssl_client_s_dn;"';
    my $echo = <<"CONF";
        location / {
            default_type application/json;
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","$show},"finish_reason":"stop"}]}';
        }
CONF
    my $http = "server { listen 127.0.0.1:$ENV{TEST_NGINX_UP_PORT}; $echo }\n";

    my %tls = (
        $ENV{TEST_NGINX_TLS13_PORT} => ['good', 'ssl_protocols TLSv1.3;'],
        $ENV{TEST_NGINX_TLS12_PORT} => ['good', 'ssl_protocols TLSv1.2;'],
        $ENV{TEST_NGINX_OTHER_PORT} => ['other', ''],
        $ENV{TEST_NGINX_EXPIRED_PORT} => ['expired', ''],
        $ENV{TEST_NGINX_SELF_PORT} => ['self', ''],
        $ENV{TEST_NGINX_MTLS_PORT} => ['good',
            "ssl_verify_client on; ssl_client_certificate $dir/ca.pem;"],
    );

    for my $port (sort keys %tls) {
        my ($name, $more) = @{ $tls{$port} };
        $http .= "server { listen 127.0.0.1:$port ssl; $more"
            . " ssl_certificate $dir/$name.pem;"
            . " ssl_certificate_key $dir/$name.key;"
            . " ssl_session_cache shared:s$port:1m; $echo }\n";
    }

    my $own = $block->http_config;
    $own =~ s/\bDIR\b/$dir/g;

    $block->set_value('http_config', $http
        . "ccproxy_provider last { protocol chat; url http://127.0.0.1:$ENV{TEST_NGINX_UP_PORT}/last; }\n"
        . $own);

    for my $section (qw(error_log)) {
        my $value = $block->$section // next;
        $block->set_value($section, $value =~ s/\bDIR\b/$dir/gr);
    }

    $block->set_value('config', <<'CONF');
    location /v1/ { ccproxy on; proxy_pass http://p; }
    location = /pair { proxy_pass http://127.0.0.1:$TEST_NGINX_PAIR_PORT; }
    location = /pause { echo_sleep 0.3; echo paused; }
CONF

    return if defined $block->must_die;

    my @requests = map { $_ eq '+' ? "POST /v1/messages\n$body"
            : $_ eq '-' ? 'GET /pause' : "GET $_" }
        split ' ', $block->ask // '+';

    $block->set_value(@requests > 1 ? 'pipelined_requests' : 'request',
        @requests > 1 ? \@requests : $requests[0]);
});

run_tests();

__DATA__

=== TEST 1: a connection is kept for keepalive_timeout and no longer
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; keepalive_timeout 100ms; }
    upstream p { ccproxy; ccproxy_target a; }
--- ask: + + - +
--- response_body_like eval
[qr/ requests=1 /, qr/ requests=2 /, qr/paused/, qr/ requests=1 /]
--- no_error_log
[error]



=== TEST 2: and by default longer than that
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; }
    upstream p { ccproxy; ccproxy_target a; }
--- ask: + - +
--- response_body_like eval
[qr/ requests=1 /, qr/paused/, qr/ requests=2 /]
--- no_error_log
[error]



=== TEST 3: closed by the upstream as the request comes: once more, on a new connection
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_STALE_PORT/close; }
    upstream p { ccproxy; ccproxy_target a; }
--- ask: + +
--- response_body_like eval
[qr/close connection=1 request=1/, qr/close connection=2 request=1/]
--- no_error_log
[alert]



=== TEST 4: reset by it
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_STALE_PORT/reset; }
    upstream p { ccproxy; ccproxy_target a; }
--- ask: + +
--- response_body_like eval
[qr/reset connection=1 request=1/, qr/reset connection=2 request=1/]
--- no_error_log
[alert]



=== TEST 5: once, and not twice: then the next pair; the one that failed is left alone
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_STALE_PORT/twice; }
    upstream p { ccproxy; ccproxy_target a; ccproxy_target last backup; }
    log_format tries "tries=$upstream_addr;";
    access_log logs/access.log tries;
--- ask: + +
--- response_body_like eval
[qr/twice connection=1 request=1/, qr/port=$ENV{TEST_NGINX_UP_PORT}/]
--- access_log eval
"tries=127.0.0.1:$ENV{TEST_NGINX_STALE_PORT}, 127.0.0.1:$ENV{TEST_NGINX_STALE_PORT}, 127.0.0.1:$ENV{TEST_NGINX_UP_PORT};"
--- no_error_log
[alert]



=== TEST 6: a pair whose kept connection was closed is as good as before
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_STALE_PORT/good; }
    upstream p { ccproxy; ccproxy_target a; ccproxy_target last backup; }
--- ask: + + +
--- response_body_like eval
[qr/good connection=1 request=1/, qr/good connection=2 request=1/, qr/good connection=3 request=1/]
--- no_error_log
[alert]



=== TEST 7: two were kept, and both were closed: the second is not tried
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_STALE_PORT/pair; }
    upstream p { ccproxy; ccproxy_target a; }
    log_format tries "tries=$upstream_addr;";
    access_log logs/access.log tries;
--- ask: /pair
--- response_body_like: ^pair connection=(1 request=1\|pair connection=2|2 request=1\|pair connection=1) request=1\|pair connection=3 request=1$
--- access_log eval
"tries=127.0.0.1:$ENV{TEST_NGINX_STALE_PORT}, 127.0.0.1:$ENV{TEST_NGINX_STALE_PORT};"
--- no_error_log
[alert]



=== TEST 8: TLS 1.3: SNI, sessions are resumed on new connections
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_TLS13_PORT/v1; tls_ca DIR/ca.pem; keepalive 0; }
    upstream p { ccproxy; ccproxy_target a; }
--- ask: + +
--- response_body_like eval
[qr/port=$ENV{TEST_NGINX_TLS13_PORT} requests=1 sni=localhost reused=. protocol=TLSv1.3/, qr/requests=1 sni=localhost reused=r protocol=TLSv1.3/]
--- no_error_log
[error]



=== TEST 9: TLS 1.2
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_TLS12_PORT/v1; tls_ca DIR/ca.pem; keepalive 0; }
    upstream p { ccproxy; ccproxy_target a; }
--- ask: + +
--- response_body_like eval
[qr/reused=. protocol=TLSv1.2/, qr/sni=localhost reused=r protocol=TLSv1.2/]
--- no_error_log
[error]



=== TEST 10: a certificate of another name
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_OTHER_PORT/v1; tls_ca DIR/ca.pem; }
    upstream p { ccproxy; ccproxy_target a weight=100; ccproxy_target last; }
--- response_body_like eval
qr/port=$ENV{TEST_NGINX_UP_PORT}/
--- error_log
upstream SSL certificate does not match "localhost"
--- no_error_log
[alert]



=== TEST 11: an expired one
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_EXPIRED_PORT/v1; tls_ca DIR/ca.pem; }
    upstream p { ccproxy; ccproxy_target a weight=100; ccproxy_target last; }
--- response_body_like eval
qr/port=$ENV{TEST_NGINX_UP_PORT}/
--- error_log
upstream SSL certificate verify error: (10:certificate has expired)
--- no_error_log
[alert]



=== TEST 12: a self-signed one, and nobody else to ask: the client's own kind of error
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_SELF_PORT/v1; tls_ca DIR/ca.pem; }
    upstream p { ccproxy; ccproxy_target a; }
--- error_code: 502
--- response_headers
Content-Type: application/json
--- response_body_like: ^\{"type":"error"
--- error_log eval
qr/upstream SSL certificate verify error: \(18:self[- ]signed certificate\)/
--- no_error_log
[alert]



=== TEST 13: it is trusted where it is named
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_SELF_PORT/v1; tls_ca DIR/self.pem; }
    upstream p { ccproxy; ccproxy_target a; }
--- response_body_like eval
qr/port=$ENV{TEST_NGINX_SELF_PORT}/
--- no_error_log
[error]



=== TEST 14: plain HTTP where TLS should be
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_UP_PORT/v1; tls_ca DIR/ca.pem; }
    upstream p { ccproxy; ccproxy_target a weight=100; ccproxy_target last; }
--- response_body_like eval
qr/port=$ENV{TEST_NGINX_UP_PORT} .* sni= /
--- error_log
SSL_do_handshake() failed
--- no_error_log
[alert]



=== TEST 15: a client certificate
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_MTLS_PORT/v1; tls_ca DIR/ca.pem; tls_certificate DIR/client.pem; tls_certificate_key DIR/client.key; }
    upstream p { ccproxy; ccproxy_target a; }
--- response_body_like eval
qr/port=$ENV{TEST_NGINX_MTLS_PORT} .* client=CN=client;/
--- no_error_log
[error]



=== TEST 16: none where one is needed
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_MTLS_PORT/v1; tls_ca DIR/ca.pem; }
    upstream p { ccproxy; ccproxy_target a; }
--- error_code: 400
--- response_body_like: "type":"error"
--- no_error_log
[alert]



=== TEST 17: a certificate without its key
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_MTLS_PORT/v1; tls_certificate DIR/client.pem; }
    upstream p { ccproxy; ccproxy_target a; }
--- must_die
--- error_log eval
qr/provider "a" needs both "tls_certificate" and "tls_certificate_key" in \S+nginx.conf:\d+/



=== TEST 18: a key that is not there
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_MTLS_PORT/v1; tls_certificate DIR/client.pem; tls_certificate_key DIR/none.key; }
    upstream p { ccproxy; ccproxy_target a; }
--- must_die
--- error_log eval
qr/can't read the certificate's key in "\S+none.key": name a PEM file .* in \S+nginx.conf:\d+/



=== TEST 19: a key of another certificate
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_MTLS_PORT/v1; tls_certificate DIR/client.pem; tls_certificate_key DIR/other.key; }
    upstream p { ccproxy; ccproxy_target a; }
--- must_die
--- error_log eval
qr/"\S+client.pem" and "\S+other.key" must be a certificate and its key without a password, as PEM, in \S+nginx.conf:\d+/



=== TEST 20: a key with a password: nobody is asked for it
--- http_config
    ccproxy_provider a { protocol chat; url https://localhost:$TEST_NGINX_MTLS_PORT/v1; tls_certificate DIR/client.pem; tls_certificate_key DIR/locked.key; }
    upstream p { ccproxy; ccproxy_target a; }
--- must_die
--- error_log
must be a certificate and its key without a password, as PEM, in



=== TEST 21: no time
--- http_config
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; keepalive_timeout 0; }
    upstream p { ccproxy; ccproxy_target a; }
--- must_die
--- error_log
"keepalive_timeout" needs a time such as "10s"
