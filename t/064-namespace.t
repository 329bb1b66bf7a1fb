# An upstream whose packets are dropped on the way: neither end nor reset, just
# silence.  The test moves into a network namespace of its own, and the
# upstream into another, at the other end of a virtual cable; a black hole in
# the upstream's routes swallows what it sends.  The machine's own network is
# not touched.  Needs root and iproute2.

BEGIN {
    if (!$ENV{CCPROXY_TEST_NAMESPACE}) {

        # all that the test will do, tried where it does no harm
        my $try = 'ip link set lo up && ip link add ccp0 type veth peer name'
            . ' ccp1 && ip route add blackhole 198.18.0.1/32';

        if (system("unshare --net sh -c '$try' >/dev/null 2>&1") == 0) {
            $ENV{CCPROXY_TEST_NAMESPACE} = 1;

            # the -I directories are in @INC, and not in @ARGV
            exec 'unshare', '--net', $^X, map({"-I$_"} grep { !ref } @INC), $0;
            die "unshare: $!";
        }

        require Test::More;
        Test::More::plan(skip_all => 'no network namespaces can be made here:'
            . ' that takes root, unshare (util-linux) and ip (iproute2)');
    }
}

use Test::Nginx::Socket 'no_plan';

use File::Temp ();
use IO::Socket::INET;
use IO::Socket::UNIX;
use IO::Select;

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');
timeout(6);

our ($here, $there) = ('198.18.0.1', '198.18.0.2');
our $dir = File::Temp->newdir;

sub run {
    my ($command) = @_;

    system("$command >$dir/log 2>&1") == 0
        or die "$command: " . `cat $dir/log`;
}

sub chunk {
    my ($text, $finish) = @_;

    my $event = 'data: {"id":"c","object":"chat.completion.chunk","created":1,'
        . '"model":"m","choices":[{"index":0,"delta":{"role":"assistant",'
        . '"content":"' . $text . '"},"finish_reason":' . $finish
        . '}]}' . "\n\n";

    return sprintf "%x\r\n%s\r\n", length $event, $event;
}

my $head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    . "Transfer-Encoding: chunked\r\n\r\n";

sub drop { run("ip route add blackhole $here/32") }

sub undrop { system "ip route del blackhole $here/32 2>/dev/null" }

# What the last request brought of bytes must be on the other side.
sub is_there {
    my ($socket) = @_;

    my $left = pack 'i', 1;

    # SIOCOUTQ
    select undef, undef, undef, 0.005
        while ioctl($socket, 0x5411, $left) && unpack 'i', $left;
}

sub serve {
    my ($client) = @_;

    while (1) {
        my $request = '';

        while ($request !~ /\r\n\r\n\{.*\}\z/s) {
            sysread($client, $request, 65536, length $request) or return;
        }

        my ($what) = $request =~ m{^POST /(\w+)};

        drop() if $what eq 'first';

        # longer than connect_timeout
        select undef, undef, undef, 1 if $what eq 'later';

        syswrite $client, $head . chunk("from $what", 'null');
        is_there($client) if $what ne 'first';

        drop() if $what eq 'middle';

        syswrite $client, chunk('the rest', '"stop"') . "0\r\n\r\n";

        if ($what eq 'kept') {
            is_there($client);
            drop();
        }
    }
}

# The upstream: "drop" and "pass" through a socket of the file system, which
# is the same in all namespaces.
sub upstream {
    my ($control) = @_;

    # connections that nobody hears of any more end with it
    setpgrp 0, 0;
    open STDOUT, '>', '/dev/null';

    IO::Select->new($control)->can_read(5) or exit 1;
    my $peer = $control->accept;
    <$peer>;

    run("ip addr add $there/30 dev ccp1");
    run('ip link set ccp1 up');

    my $listen = IO::Socket::INET->new(LocalAddr => $there, LocalPort => 22441,
        Listen => 16) or die "listen: $!";

    print {$peer} "done\n";
    close $peer;

    $SIG{CHLD} = 'DEFAULT';
    my $select = IO::Select->new($control, $listen);
    my $parent = getppid;

    # an orphan has nothing to do
    while (getppid == $parent) {
        for my $ready ($select->can_read(1)) {
            my $client = $ready->accept or next;

            if ($ready == $control) {
                my $what = <$client>;
                $what =~ /drop/ ? drop() : undrop();
                print {$client} "done\n";
                next;
            }

            my $pid = fork;
            next if $pid;

            close $listen;
            close $control;
            open STDERR, '>', '/dev/null';
            $SIG{PIPE} = 'IGNORE';
            serve($client);
            exit;
        }
    }
}

sub control {
    my ($what) = @_;

    my $socket = IO::Socket::UNIX->new(Peer => "$dir/control")
        or die "control: $!";

    print {$socket} "$what\n";
    <$socket> eq "done\n" or die "control: $what failed";
}

our @pids;

sub set_up {
    my $control = IO::Socket::UNIX->new(Local => "$dir/control", Listen => 4)
        or die "control: $!";

    my $pid = fork // die "fork: $!";

    if (!$pid) {
        # perl has no call for it: a new process gets the socket
        $ENV{CCPROXY_TEST_UPSTREAM} = $control->fileno;
        $ENV{CCPROXY_TEST_DIR} = "$dir";
        require Fcntl;
        fcntl $control, Fcntl::F_SETFD(), 0;
        exec 'unshare', '--net', $^X, map({"-I$_"} grep { !ref } @INC), $0;
        die "unshare: $!";
    }

    @pids = ($pid);
    $control->close;

    run('ip link set lo up');

    # the namespace is another one when unshare has done its work
    my $own = readlink '/proc/self/ns/net';

    select undef, undef, undef, 0.01
        while (readlink("/proc/$pid/ns/net") // die 'upstream died') eq $own;

    run("ip link add ccp0 type veth peer name ccp1 netns $pid");
    run("ip addr add $here/30 dev ccp0");
    run('ip link set ccp0 up');
    control("up");
}

if (defined(my $fd = $ENV{CCPROXY_TEST_UPSTREAM})) {
    $dir = $ENV{CCPROXY_TEST_DIR};
    upstream(IO::Socket::UNIX->new_from_fd($fd, 'r+'));
    exit;
}

add_cleanup_handler(sub { kill '-TERM', @pids });
set_up();

our $body = '{"model":"x","max_tokens":9,"stream":true,'
    . '"messages":[{"role":"user","content":"hi"}]}';

add_block_preprocessor(sub {
    my $block = shift;

    my ($what, $last) = ($block->upstream, $block->last // '');
    my $read = $block->read // '500ms';
    chomp($what, $read);

    $block->set_value('http_config', <<"CONF");
    ccproxy_provider a { protocol chat; url http://$there:22441/$what; connect_timeout 500ms; read_timeout $read; }
    ccproxy_provider last { protocol chat; url http://127.0.0.1:22442/last; }
    upstream p { ccproxy; ccproxy_target a; $last }
    log_format tries "tries=\$upstream_addr;";
    access_log logs/access.log tries;
    server {
        listen 127.0.0.1:22442;
        location / {
            default_type application/json;
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"the next pair"},"finish_reason":"stop"}]}';
        }
    }
CONF
    $block->set_value('config',
        'location / { ccproxy on; proxy_pass http://p; }');
    $block->set_value('init', 'main::control("' . ($block->before // 'pass') . '")');

    my $times = $block->times || 1;

    $block->set_value($times > 1 ? 'pipelined_requests' : 'request',
        $times > 1 ? [("POST /v1/messages\n$body") x $times]
                   : "POST /v1/messages\n$body");
});

run_tests();

__DATA__

=== TEST 1: nothing is dropped
--- upstream: any
--- response_body_like: from any[\s\S]*the rest[\s\S]*message_stop
--- no_error_log
[error]



=== TEST 2: from the first packet on: connect_timeout, the next pair
--- upstream: any
--- before: drop
--- last: ccproxy_target last backup;
--- response_body_like: the next pair
--- error_log
upstream timed out (110: Connection timed out) while connecting to upstream
--- no_error_log
[alert]



=== TEST 3: before the first byte of the answer: read_timeout, the next pair
--- upstream: first
--- last: ccproxy_target last backup;
--- response_body_like: ^(?![\s\S]*from first)[\s\S]*the next pair[\s\S]*message_stop
--- error_log
upstream timed out (110: Connection timed out) while reading response header from upstream
--- no_error_log
[alert]



=== TEST 4: the same, and there is no other: an error of the client's protocol
--- upstream: first
--- error_code: 504
--- response_body_like: ^\{"type":"error","error":\{"type":
--- no_error_log
[alert]



=== TEST 5: in the middle of a stream: an error event, once
--- upstream: middle
--- last: ccproxy_target last backup;
--- response_body_like: ^(?![\s\S]*the next pair)[\s\S]*from middle(?![\s\S]*the rest)[\s\S]*event: error\ndata: \{"type":"error"(?![\s\S]*event:)
--- error_log
upstream timed out (110: Connection timed out) while reading upstream
--- no_error_log
[alert]



=== TEST 6: on a kept connection: connect_timeout, a new one, the next pair
--- upstream: kept
--- read: 60s
--- times: 2
--- last: ccproxy_target last backup;
--- response_body_like eval
[qr/from kept[\s\S]*message_stop/, qr/^(?![\s\S]*from kept)[\s\S]*the next pair[\s\S]*message_stop/]
--- access_log
tries=198.18.0.2:22441, 198.18.0.2:22441, 127.0.0.1:22442;
--- no_error_log
[alert]



=== TEST 7: where the answer only takes its time, the connection is good
--- upstream: later
--- read: 60s
--- times: 2
--- response_body_like eval
[qr/from later[\s\S]*message_stop/, qr/from later[\s\S]*message_stop/]
--- no_error_log
[error]
