# What networks and upstreams do to connections, with real sockets: refused,
# reset, black-holed, half-closed, silent.  Before the first byte it is the
# next pair's chance; where there is none, and after content, the client gets
# an error of its own protocol, within the times that are set.
use Test::Nginx::Socket 'no_plan';

use IO::Select;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER);
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
BEGIN { require "$FindBin::Bin/lib/Servers.pm"; Servers->import }

Ports::take(qw(FAULTS RESETS FULL UP NONE));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

sub chunk {
    my ($text, $finish) = @_;

    $finish //= 'null';

    my $event = 'data: {"id":"c","object":"chat.completion.chunk","created":1,'
        . '"model":"m","choices":[{"index":0,"delta":{"role":"assistant",'
        . '"content":"' . $text . '"},"finish_reason":' . $finish . '}]}' . "\n\n";

    return sprintf "%x\r\n%s\r\n", length $event, $event;
}

sub reset_it {
    my ($socket) = @_;

    setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
    close $socket;
}

# Till the other side has gone, too.
sub wait_for_end {
    my ($socket) = @_;

    1 while sysread $socket, my $rest, 65536;
}

our $head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    . "Transfer-Encoding: chunked\r\n\r\n";

our %fault = (
    reset     => sub { reset_it(@_) },
    half      => sub { shutdown $_[0], 1; wait_for_end(@_) },
    halfhead  => sub { syswrite $_[0], substr $head, 0, 30; shutdown $_[0], 1; wait_for_end(@_) },
    resethead => sub { syswrite $_[0], substr $head, 0, 30; reset_it(@_) },
    silent    => sub { wait_for_end(@_) },
    headonly  => sub { syswrite $_[0], $head; wait_for_end(@_) },
    slow      => sub { select undef, undef, undef, 0.5; syswrite $_[0], $head . chunk('late but there', '"stop"') . "0\r\n\r\n" },
    midhalf   => sub { syswrite $_[0], $head . chunk('so far'); shutdown $_[0], 1; wait_for_end(@_) },
    midreset  => sub { syswrite $_[0], $head . chunk('so far'); IO::Select->new($_[0])->can_read(0.1); reset_it(@_) },
    midsilent => sub { syswrite $_[0], $head . chunk('so far'); wait_for_end(@_) },
);

my $faults = listen_at($ENV{TEST_NGINX_FAULTS_PORT});
my $resets = listen_at($ENV{TEST_NGINX_RESETS_PORT});

# What has no room for another connection answers no SYN.
my $full = listen_at($ENV{TEST_NGINX_FULL_PORT}, 1);
my @fill;

while (1) {
    my $c = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ENV{TEST_NGINX_FULL_PORT}",
        Blocking => 0) or last;

    push @fill, $c;
    last if !IO::Select->new($c)->can_write(0.2);
}

serve(
    sub {
        each_client($faults, sub {
            my ($client) = @_;

            my $request = '';
            while ($request !~ /\r\n\r\n\{.*\}\z/s) {
                sysread($client, $request, 65536, length $request) or last;
            }

            my ($what) = $request =~ m{^POST /(\w+)};
            $fault{$what // 'silent'}->($client);
        });
    },
    sub {
        while (1) {
            my $client = $resets->accept or next;
            reset_it($client);
        }
    },
);

our %client = (
    anthropic => ['/v1/messages',
        '{"model":"x","max_tokens":9,STREAM"messages":[{"role":"user","content":"hi"}]}',
        qr/\{"type":"error","error":\{"type":/],
    chat => ['/v1/chat/completions',
        '{"model":"x",STREAM"messages":[{"role":"user","content":"hi"}]}',
        qr/\{"error":\{"message":/],
    responses => ['/v1/responses', '{"model":"x",STREAM"input":"hi"}',
        qr/"error":\{/],
    gemini => ['/v1beta/models/x:STREAMgenerateContent',
        '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
        qr/\{"error":\{"code":50\d,/],
    ollama => ['/api/chat',
        '{"model":"x",STREAM"messages":[{"role":"user","content":"hi"}]}',
        qr/\{"error":"/],
);

add_block_preprocessor(sub {
    my $block = shift;

    my $url = $block->fault;
    my $more = $block->more // '';
    my $patience = $block->patient ? "5s" : "400ms";
    my $last = $block->alone ? '' : 'ccproxy_target last;';
    my $name = $block->client // 'anthropic';

    chomp($url, $name);
    $url = "http://127.0.0.1:$ENV{TEST_NGINX_FAULTS_PORT}/$url" if $url !~ /:/;

    $block->set_value('http_config', <<"CONF");
    ccproxy_provider a { protocol chat; url $url; connect_timeout 300ms; read_timeout $patience; $more }
    ccproxy_provider last { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/last; }
    upstream p { ccproxy; ccproxy_target a weight=100; $last }
    server {
        listen 127.0.0.1:\$TEST_NGINX_UP_PORT;
        location / {
            default_type application/json;
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"the next pair"},"finish_reason":"stop"}]}';
        }
    }
CONF
    $block->set_value('config',
        'location / { ccproxy on; proxy_pass http://p; }');

    my ($path, $body, $error) = @{ $client{$name} };
    my $stream = $block->stream;

    $body =~ s/STREAM/$stream ? '"stream":true,' : '"stream":false,'/e;
    $path =~ s/STREAM(.)/$stream ? "stream\U$1" : $1/e;

    $block->set_value('request', "POST $path\n$body");
    $block->set_value('timeout', 2);

    if ($block->alone) {
        $block->set_value('error_code', $block->alone);
        $block->set_value('response_body_like', $error);

    } elsif (!defined $block->response_body_like) {
        $block->set_value('response_body_like', qr/the next pair/);
    }
});

run_tests();

__DATA__

=== TEST 1: refused
--- fault: http://127.0.0.1:$TEST_NGINX_NONE_PORT/v1
--- error_log
connect() failed (111: Connection refused) while connecting to upstream
--- no_error_log
[alert]



=== TEST 2: refused, alone
--- fault: http://127.0.0.1:$TEST_NGINX_NONE_PORT/v1
--- alone: 502
--- client: chat
--- no_error_log
[alert]



=== TEST 3: reset as soon as it is there
--- fault: http://127.0.0.1:$TEST_NGINX_RESETS_PORT/v1
--- no_error_log
[alert]



=== TEST 4: the same, alone
--- fault: http://127.0.0.1:$TEST_NGINX_RESETS_PORT/v1
--- alone: 502
--- client: gemini
--- no_error_log
[alert]



=== TEST 5: black-holed: connect_timeout
--- fault: http://127.0.0.1:$TEST_NGINX_FULL_PORT/v1
--- error_log
upstream timed out (110: Connection timed out) while connecting to upstream
--- no_error_log
[alert]



=== TEST 6: the same, alone
--- fault: http://127.0.0.1:$TEST_NGINX_FULL_PORT/v1
--- alone: 504
--- client: ollama
--- no_error_log
[alert]



=== TEST 7: black-holed on the way to TLS
--- fault: https://127.0.0.1:$TEST_NGINX_FULL_PORT/v1
--- alone: 504
--- client: responses
--- no_error_log
[alert]



=== TEST 8: TLS that is never answered
--- fault: https://127.0.0.1:$TEST_NGINX_FAULTS_PORT/v1
--- more: tls_verify off;
--- error_log
while SSL handshaking to upstream
--- no_error_log
[alert]



=== TEST 9: reset after the request
--- fault: reset
--- error_log
Connection reset by peer) while reading response header from upstream
--- no_error_log
[alert]



=== TEST 10: half-closed without an answer
--- fault: half
--- error_log
upstream prematurely closed connection
--- no_error_log
[alert]



=== TEST 11: the same, alone
--- fault: half
--- alone: 502
--- client: responses
--- no_error_log
[alert]



=== TEST 12: half-closed within the header
--- fault: halfhead
--- no_error_log
[alert]



=== TEST 13: reset within the header
--- fault: resethead
--- no_error_log
[alert]



=== TEST 14: silent: read_timeout
--- fault: silent
--- error_log
upstream timed out (110: Connection timed out) while reading response header from upstream
--- no_error_log
[alert]



=== TEST 15: the same, alone
--- fault: silent
--- alone: 504
--- no_error_log
[alert]



=== TEST 16: a header and then nothing
--- fault: headonly
--- stream: 1
--- response_body_like: ^event: message_start(?![\s\S]*event: message_start)[\s\S]*the next pair[\s\S]*message_stop
--- no_error_log
[alert]



=== TEST 17: a slow first byte, too slow
--- fault: slow
--- stream: 1
--- client: chat
--- response_body_like: the next pair
--- no_error_log
[alert]



=== TEST 18: it is no fault while there is time
--- fault: slow
--- patient: 1
--- stream: 1
--- response_body_like: late but there[\s\S]*message_stop
--- no_error_log
[error]



=== TEST 19: half-closed after content: an error event, once, and no next pair
--- fault: midhalf
--- stream: 1
--- response_body_like: ^(?![\s\S]*the next pair)[\s\S]*so far[\s\S]*event: error\ndata: \{"type":"error"(?![\s\S]*event:)
--- no_error_log
[alert]



=== TEST 20: reset after content
--- fault: midreset
--- stream: 1
--- client: chat
--- response_body_like: ^(?![\s\S]*the next pair)[\s\S]*so far[\s\S]*data: \{"error":\{
--- no_error_log
[alert]



=== TEST 21: silent after content: read_timeout
--- fault: midsilent
--- stream: 1
--- client: gemini
--- response_body_like: ^(?![\s\S]*the next pair)[\s\S]*so far[\s\S]*\{"error":\{"code":
--- error_log
upstream timed out (110: Connection timed out) while reading upstream
--- no_error_log
[alert]
