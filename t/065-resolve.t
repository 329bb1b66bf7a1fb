# Names of providers: asked for by the workers, several addresses, TTL.  A
# small name server runs beside nginx; GET /asked at its TCP port is answered
# once it has answered for the name in the query.
use Test::Nginx::Socket 'no_plan';

use IO::Select;
use IO::Socket::INET;
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
BEGIN { require "$FindBin::Bin/lib/Servers.pm"; Servers->import }

Ports::take(qw(UP NAMES));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

# what the names stand for
our %address = (
    'one.test' => ['127.0.0.1'],
    'two.test' => ['127.0.0.9', '127.0.0.1'],
);

sub answer {
    my ($query) = @_;

    my ($id, $flags, $questions) = unpack 'nnn', $query;
    my ($name, $at) = ('', 12);

    while (my $n = unpack "\@$at C", $query) {
        $name .= ($name eq '' ? '' : '.') . substr $query, $at + 1, $n;
        $at += $n + 1;
    }

    my $type = unpack '@' . ($at + 1) . ' n', $query;
    my @a = $type == 1 ? @{ $address{$name} || [] } : ();
    my $code = $address{$name} ? 0 : 3;

    my $reply = pack('n6', $id, 0x8180 | $code, 1, scalar @a, 0, 0)
        . substr($query, 12, $at + 5 - 12);

    # the name again by a pointer to the question
    $reply .= pack 'nnnNna4', 0xc00c, 1, 1, 60, 4, pack('C4', split /\./)
        for @a;

    return ($name, $type, $reply);
}

sub serve_names {
    my ($udp, $tcp) = @_;

    my $select = IO::Select->new($udp, $tcp);
    my (%asked, @waiting);

    while (1) {
        for my $ready ($select->can_read) {

            if ($ready == $tcp) {
                my $client = $tcp->accept or next;
                my $line = <$client> // '';
                1 while ($_ = <$client> // '') =~ /\S/;
                push @waiting, [$client, $line =~ m{GET /(\S+)}];
                next;
            }

            my $peer = $udp->recv(my $query, 512) or next;
            my ($name, $type, $reply) = answer($query);
            $udp->send($reply, 0, $peer);
            $asked{$name}{$type} = 1;
        }

        # IPv4 and IPv6 are two questions
        for my $w (splice @waiting) {
            if (keys %{ $asked{$w->[1]} || {} } == 2) {
                print { $w->[0] } "HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nasked\n";
                close $w->[0];
            } else {
                push @waiting, $w;
            }
        }
    }
}

my $udp = IO::Socket::INET->new(Proto => 'udp', LocalAddr => "127.0.0.1:$ENV{TEST_NGINX_NAMES_PORT}")
    or die "udp: $!";
my $tcp = listen_at($ENV{TEST_NGINX_NAMES_PORT});

serve(sub { serve_names($udp, $tcp) });

our $body = '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user",'
    . '"content":"hi"}]}';

add_block_preprocessor(sub {
    my $block = shift;

    my $name = $block->host;

    chomp $name;
    $block->set_value('http_config', <<"CONF");
    resolver 127.0.0.1:\$TEST_NGINX_NAMES_PORT;
    ccproxy_provider a { protocol chat; url http://\U$name\E:\$TEST_NGINX_UP_PORT/v1; }
    upstream p { ccproxy; ccproxy_target a; }
    server {
        listen 127.0.0.1:\$TEST_NGINX_UP_PORT;
        default_type application/json;
        location / {
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"host=\$http_host requests=\$connection_requests"},"finish_reason":"stop"}]}';
        }
    }
CONF

    $block->set_value('config', <<"CONF");
    location /v1/ { ccproxy on; proxy_pass http://p; }
    location = /asked { proxy_pass http://127.0.0.1:\$TEST_NGINX_NAMES_PORT/$name; }
CONF

    $block->set_value('pipelined_requests',
        ['GET /asked', "POST /v1/messages\n$main::body",
         "POST /v1/messages\n$main::body"]);
});

run_tests();

__DATA__

=== TEST 1: a name that is asked for when nginx has started
--- host: one.test
--- response_body_like eval
[qr/asked/, qr/host=one.test:$ENV{TEST_NGINX_UP_PORT} requests=1/, qr/requests=2/]
--- no_error_log
[error]



=== TEST 2: an address of two is dead
--- host: two.test
--- response_body_like eval
[qr/asked/, qr/host=two.test:$ENV{TEST_NGINX_UP_PORT} requests=1/, qr/requests=2/]
