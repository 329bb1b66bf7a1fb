# Addresses of providers: both families, TTL, name servers that come late or
# go away, reloads, unix sockets.  A small name server runs beside nginx, and a
# client that asks until something is so.
use Test::Nginx::Socket 'no_plan';

use File::Temp ();
use IO::Select;
use IO::Socket::INET;
use IO::Socket::IP;
use Socket qw(inet_pton AF_INET AF_INET6);
use Time::HiRes qw(time sleep);
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
BEGIN { require "$FindBin::Bin/lib/Servers.pm"; Servers->import }

Ports::take(qw(UP PROXY NAMES ASK));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');
master_on();
timeout(15);

our $dir = File::Temp->newdir;

# What names stand for.  A name that is mute gets no answer; of two lists the
# second holds once "/switch/NAME" was asked for.
our %address = (
    'both.test'  => [['127.0.0.9', '::1']],
    'many.test'  => [[map({"127.0.0.$_"} 11 .. 16), '::1']],
    'late.test'  => [[], ['127.0.0.1']],
    'keep.test'  => [['127.0.0.1'], []],
    'gone.test'  => [['127.0.0.1'], undef],
    'move.test'  => [['127.0.0.1'], ['127.0.0.2']],
    'proxy.test' => [['127.0.0.1']],
);
our %switched;

sub reply {
    my ($query) = @_;

    my ($id) = unpack 'n', $query;
    my ($name, $at) = ('', 12);

    while (my $n = unpack "\@$at C", $query) {
        $name .= ($name eq '' ? '' : '.') . substr $query, $at + 1, $n;
        $at += $n + 1;
    }

    my $type = unpack '@' . ($at + 1) . ' n', $query;
    my $have = ($address{$name} || [])->[$switched{$name} ? 1 : 0];

    # mute
    return if $have && !@$have;

    my @a = map { inet_pton($type == 1 ? AF_INET : AF_INET6, $_) }
        grep { ($type == 1) == !/:/ } @{ $have || [] };

    my $reply = pack('n6', $id, 0x8180 | ($have ? 0 : 3), 1, scalar @a, 0, 0)
        . substr($query, 12, $at + 5 - 12);

    $reply .= pack 'nnnNn/a*', 0xc00c, $type, 1, 1, $_ for @a;

    return $reply;
}

sub serve_names {
    my ($udp, $tcp) = @_;

    my $select = IO::Select->new($udp, $tcp);

    while (1) {
        for my $ready ($select->can_read) {

            if ($ready == $udp) {
                my $peer = $udp->recv(my $query, 512) or next;
                my $reply = reply($query) // next;
                $udp->send($reply, 0, $peer);
                next;
            }

            my $client = $tcp->accept or next;
            my ($name) = (<$client> // '') =~ m{/switch/(\S+)} or next;
            1 while ($_ = <$client> // '') =~ /\S/;
            $switched{$name} = 1;
            print {$client} "HTTP/1.0 200 OK\r\nContent-Length: 8\r\n\r\nswitched";
        }
    }
}

our $body = '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user",'
    . '"content":"hi"}]}';

sub ask {
    my ($request) = @_;

    my $nginx = IO::Socket::INET->new(PeerAddr => '127.0.0.1:'
        . server_port()) or return '';

    print {$nginx} "$request HTTP/1.0\r\nHost: localhost\r\nContent-Length: "
        . ($request =~ /^POST/ ? length $body : 0) . "\r\n\r\n"
        . ($request =~ /^POST/ ? $body : '');

    local $/;

    return <$nginx> // '';
}

# Asks until the answer is of that kind, and gives the last one.
sub until_like {
    my ($request, $like) = @_;

    my $till = time + 12;
    my $answer = '';

    while (time < $till) {
        $answer = ask($request);
        last if $answer =~ $like;
        sleep 0.02;
    }

    return $answer;
}

# Of a worker of the new configuration: the old one may take requests for a
# while yet.
sub reload {
    my ($old) = ask('POST /v1/messages') =~ /^X-Pid: (\d+)/m;

    open my $in, '<', server_root() . '/logs/nginx.pid' or die "pid: $!";
    chomp(my $master = <$in>);

    kill 'HUP', $master;

    return until_like('POST /v1/messages', qr/^X-Pid: (?!$old\b)\d/m);
}

my $udp = IO::Socket::INET->new(Proto => 'udp', LocalAddr => "127.0.0.1:$ENV{TEST_NGINX_NAMES_PORT}")
    or die "udp: $!";
my $names = listen_at($ENV{TEST_NGINX_NAMES_PORT});
my $asking = listen_at($ENV{TEST_NGINX_ASK_PORT});

serve(sub { serve_names($udp, $names) }, sub {
    each_client($asking, sub {
        my ($client) = @_;

        my ($what, $arg) = (<$client> // '') =~ m{^GET /(\w+)/(\S*)};
        1 while ($_ = <$client> // '') =~ /\S/;

        my $answer = $what eq 'reload' ? reload()
            : until_like('POST /v1/messages', qr/$arg/);

        print {$client} "HTTP/1.0 200 OK\r\nContent-Length: "
            . length($answer) . "\r\n\r\n$answer";
    });
});

our $six = IO::Socket::IP->new(LocalHost => '::1', LocalPort => 0,
    Listen => 1) ? 1 : 0;

add_block_preprocessor(sub {
    my $block = shift;

    my ($url) = split ' ', $block->url // '', 2;
    my $more = $block->more // '';
    my $listen = $six ? 'listen [::1]:$TEST_NGINX_UP_PORT;' : '';
    my $last = $block->last // '';

    $block->set_value('http_config', <<"CONF");
    resolver 127.0.0.1:\$TEST_NGINX_NAMES_PORT;
    resolver_timeout 200ms;
    ccproxy_provider a { protocol chat; url $url; keepalive 0; $more }
    ccproxy_provider last { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/last; }
    upstream p { ccproxy; ccproxy_target a weight=100; $last }
    log_format tries "tries=\$upstream_addr;";
    server {
        listen 127.0.0.1:\$TEST_NGINX_UP_PORT;
        listen 127.0.0.2:\$TEST_NGINX_UP_PORT;
        $listen
        listen unix:$dir/llm.sock;
        default_type application/json;
        location / {
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"at=\$server_addr host=\$http_host uri=\$request_uri;"},"finish_reason":"stop"}]}';
        }
    }
    server { listen 127.0.0.1:\$TEST_NGINX_PROXY_PORT; }
CONF

    $block->set_value('config', <<'CONF');
    location /v1/ {
        ccproxy on;
        proxy_pass http://p;
        access_log logs/access.log tries;
        add_header X-Pid $pid always;
        add_header X-Tries $upstream_addr always;
    }
    location /switch/ { proxy_pass http://127.0.0.1:$TEST_NGINX_NAMES_PORT; }
    location /until/ { proxy_pass http://127.0.0.1:$TEST_NGINX_ASK_PORT; }
    location /reload/ { proxy_pass http://127.0.0.1:$TEST_NGINX_ASK_PORT; }
CONF

    my @requests = map { $_ eq '+' ? "POST /v1/messages\n$body" : "GET $_" }
        split ' ', $block->ask // '+';

    $block->set_value(@requests > 1 ? 'pipelined_requests' : 'request',
        @requests > 1 ? \@requests : $requests[0]);
});

run_tests();

__DATA__

=== TEST 1: IPv4 is dead, IPv6 answers
--- skip_eval: 3: !$main::six
--- url: http://both.test:$TEST_NGINX_UP_PORT/v1
--- ask: /until/at=
--- response_body_like eval
qr/at=::1 host=both.test:$ENV{TEST_NGINX_UP_PORT}/
--- no_error_log
[alert]



=== TEST 2: six IPv4 addresses are dead: the second that is tried is IPv6
--- skip_eval: 4: !$main::six
--- url: http://many.test:$TEST_NGINX_UP_PORT/v1
--- ask: /until/at=
--- response_body_like: at=::1 
--- access_log eval
"tries=127.0.0.11:$ENV{TEST_NGINX_UP_PORT}, [::1]:$ENV{TEST_NGINX_UP_PORT};"
--- no_error_log
[alert]



=== TEST 3: an address instead of a name
--- skip_eval: 3: !$main::six
--- url: http://[::1]:$TEST_NGINX_UP_PORT/v1
--- response_body_like eval
qr/at=::1 host=\[::1\]:$ENV{TEST_NGINX_UP_PORT} /
--- no_error_log
[error]



=== TEST 4: a unix socket
--- url eval
"http://unix:$main::dir/llm.sock:/v1"
--- response_body_like: at=unix:\S+llm.sock host=localhost uri=/v1/chat/completions
--- no_error_log
[error]



=== TEST 5: the name server is mute: nginx starts, the provider is skipped
--- url: http://late.test:$TEST_NGINX_UP_PORT/v1
--- last: ccproxy_target last;
--- response_body_like eval
qr!at=127.0.0.1 host=127.0.0.1:$ENV{TEST_NGINX_UP_PORT} uri=/last/chat!
--- error_log
provider "a" is skipped: no address of "late.test" is known
--- no_error_log
[alert]



=== TEST 6: it is the only one: an error, till the name server answers
--- url: http://late.test:$TEST_NGINX_UP_PORT/v1
--- ask: + /switch/late.test /until/at=
--- error_code eval
[502, 200, 200]
--- response_body_like eval
[qr/"type":"error"/, qr/switched/, qr/at=127.0.0.1 host=late.test:$ENV{TEST_NGINX_UP_PORT}/]
--- no_error_log
[alert]



=== TEST 7: a name has another address after its TTL
--- url: http://move.test:$TEST_NGINX_UP_PORT/v1
--- ask: /until/at= /switch/move.test /until/at=127.0.0.2
--- response_body_like eval
[qr/at=127.0.0.1 /, qr/switched/, qr/at=127.0.0.2 /]
--- no_error_log
[error]



=== TEST 8: reload with a mute name server: addresses are still known
--- url: http://keep.test:$TEST_NGINX_UP_PORT/v1
--- ask: /until/at= /switch/keep.test /reload/
--- response_body_like eval
[qr/at=127.0.0.1 /, qr/switched/, qr/200 OK.*at=127.0.0.1 host=keep.test/s]
--- no_error_log
is skipped
[alert]



=== TEST 9: and with one that no longer knows the name
--- url: http://gone.test:$TEST_NGINX_UP_PORT/v1
--- ask: /until/at= /switch/gone.test /reload/
--- response_body_like eval
[qr/at=127.0.0.1 /, qr/switched/, qr/200 OK.*at=127.0.0.1 host=gone.test/s]
--- no_error_log
is skipped
[alert]



=== TEST 10: behind a proxy the proxy's name is asked for, and not the provider's
--- url: http://late.test:$TEST_NGINX_UP_PORT/v1
--- more: proxy http://proxy.test:$TEST_NGINX_PROXY_PORT;
--- last: ccproxy_target last backup;
--- ask: /until/Tries.*,
--- response_body_like: uri=/last/chat
--- error_log eval
qr/the proxy "proxy.test:$ENV{TEST_NGINX_PROXY_PORT}" of provider "a" answered 4\d\d when asked for a tunnel to "late.test:$ENV{TEST_NGINX_UP_PORT}"/
--- no_error_log
host "late.test"
[alert]
