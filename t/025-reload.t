# What pools know over reloads, and over workers that are killed.
use Test::Nginx::Socket 'no_plan';
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(time);
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
BEGIN { require "$FindBin::Bin/lib/Patient.pm"; Patient->import }

Ports::take(qw(UP GROUP));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');
workers(2);
master_on();

our $Answer = '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":'
    . '{"role":"assistant","content":"auth=$http_authorization;"},"finish_reason":"stop"}]}';
our $Event = '{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":%s,'
    . '"finish_reason":%s}]}';

sub event {
    return "echo 'data: " . sprintf($Event, @_) . "'; echo ''; echo_flush;";
}

our $Upstream = '
    log_format up "$http_authorization";
    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        default_type application/json;
        access_log logs/up.log up;
        location / { return 200 \'' . $Answer . '\'; }
        location /wait/ {
            if ($http_authorization = "Bearer k1") {
                add_header Retry-After 30 always;
                return 429 \'{"error":{"message":"wait a while"}}\';
            }
            return 200 \'' . $Answer . '\';
        }
        location /wrong/ {
            if ($http_authorization = "Bearer k1") { return 401 \'{"error":{"message":"wrong key"}}\'; }
            return 200 \'' . $Answer . '\';
        }
        location /slow/ {
            default_type text/event-stream;
            ' . event('{"role":"assistant","content":"begun"}', 'null') . '
            echo_sleep 0.5;
            ' . event('{"content":" going"}', 'null') . '
            echo_sleep 0.5;
            ' . event('{"content":" ended"}', 'null') . event('{}', '"stop"') . '
            echo \'data: [DONE]\'; echo \'\';
        }
    }
';

our $Config = '
    location / { ccproxy on; proxy_pass http://p; }
    location /slow/ { ccproxy on; proxy_pass http://slow; }
    location = /status { ccproxy_status; }
    location = /ready { return 200 ready; }
';

sub begin {
    my ($head, $body) = @_;
    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => server_port()) or return;

    print $sock "$head HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
        'Content-Length: ' . length($body // '') . "\r\n\r\n", $body // '';
    $sock->flush;
    return $sock;
}

sub ask {
    my ($stream) = @_;

    return begin('POST ' . ($stream ? '/slow' : '') . '/v1/messages', '{"model":"claude-x","max_tokens":9,'
        . ($stream ? '"stream":true,' : '') . '"messages":[{"role":"user","content":"hi"}]}');
}

# How many lines of the error log hold the pattern.
sub logged {
    my ($pattern) = @_;
    my @found = slurp('logs/error.log') =~ /$pattern/g;
    return scalar @found;
}

# Sums over the pairs of the pool of that name, and their states.
sub status {
    my ($pool) = @_;
    my $text = rest(begin('GET /status'));
    my ($pairs) = $text =~ /"name":"$pool","balancing":"\w+","pairs":\[(.*?)\]/ or return {};
    my %sum = (state => join ' ', $pairs =~ /"state":"(\w+)"/g);

    for my $what (qw(served failed inflight)) {
        $sum{$what} += $_ for $pairs =~ /"$what":(\d+)/g;
    }

    return \%sum;
}

# Changes the configuration and reloads it; back when no old worker is left.
sub reload {
    my (@edits) = @_;
    my $file = server_root() . '/conf/nginx.conf';
    my $text = slurp('conf/nginx.conf');

    while (my ($from, $to) = splice @edits, 0, 2) {
        $text =~ s/\Q$from\E/$to/ or die "no $from in $file";
    }

    open my $out, '>', $file or die "$file: $!";
    print $out $text;
    close $out;

    my $ended = logged(qr/exited with code 0/);
    kill HUP => slurp('logs/nginx.pid');

    return await('end of workers', sub { logged(qr/exited with code 0/) >= $ended + 2 });
}

# Asks without a pause, some times and till the file is there; answers with what went wrong.
sub load {
    my ($stream, $stop) = @_;
    pipe my $in, my $out or die "pipe: $!";
    my $pid = fork // die "fork: $!";

    if ($pid) {
        close $out;
        return $in;
    }

    my ($n, $bad) = (0, '');

    while ($n < ($stream ? 2 : 10) || !-e $stop) {
        my $text = rest(ask($stream));
        my $ok = $stream ? $text =~ /begun.* going.* ended.*message_stop/s : $text =~ /auth=Bearer k\d;/;
        $n++;
        $bad ||= $text if !$ok;
    }

    syswrite $out, "$n $bad";
    POSIX::_exit(0);
}

sub write_conf {
    my ($file, $text) = @_;
    open my $out, '>', $file or die "$file: $!";
    print $out $text;
    close $out;
}

sub get_group {
    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $ENV{TEST_NGINX_GROUP_PORT}) || return '';
    print $sock "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n";
    local $/;
    return <$sock> // '';
}

our %Checks = (

    traffic => sub {
        my $stop = server_root() . '/stop';
        my @load = map { load($_, $stop) } 0, 0, 0, 1, 1, 1;

        for (1 .. 3) {
            my $started = logged(qr/start worker process \d/);
            select undef, undef, undef, 0.3;
            kill HUP => slurp('logs/nginx.pid');
            await('new workers', sub { logged(qr/start worker process \d/) >= $started + 2 });
        }

        open my $out, '>', $stop or die "$stop: $!";
        my @said = map { my $in = $_; local $/; <$in> } @load;
        unlink $stop;

        is(join('', map {s/^\d+ //r} @said), '', 'no request lost, no stream cut');

        my ($whole, $streams) = (0, 0);
        $whole += $_ for map {/^(\d+)/} @said[0 .. 2];
        $streams += $_ for map {/^(\d+)/} @said[3 .. 5];

        cmp_ok($whole, '>=', 30, "$whole requests");
        cmp_ok($streams, '>=', 6, "$streams streams");

        await('end of tries', sub { status('p')->{inflight} + status('slow')->{inflight} == 0 });
        is(status('p')->{served}, $whole, 'all are counted');
        is(status('slow')->{served}, $streams, 'streams too');
        is(status('p')->{failed} + status('slow')->{failed}, 0, 'none failed');
    },

    cooling => sub {
        like(rest(ask()), qr/auth=Bearer k2;/, 'the first key has to wait') for 1 .. 2;
        is(status('p')->{state}, 'cooling ready', 'it cools');
        reload('key literal:k1;', 'key literal:k0; key literal:k1;', 'ccproxy_target a m;',
            'ccproxy_target a m weight=3;');
        is(status('p')->{state}, 'ready cooling ready', 'it still does, though it is another one in the list');
        is(status('p')->{served}, 2, 'what was counted is as well');
        unlike(rest(ask()), qr/wait a while/, 'the others serve') for 1 .. 6;
        is(scalar(() = slurp('logs/up.log') =~ /Bearer k1/g), 1, 'it was not asked again');
    },

    mended => sub {
        like(rest(ask()), qr/auth=Bearer k2;/, 'the first key is refused') for 1 .. 2;
        is(status('p')->{state}, 'cooling ready', 'it is left alone');
        reload('key literal:k1;', 'key literal:k3;');
        is(status('p')->{state}, 'ready ready', 'not so the one in its place');
        like(join('', map { rest(ask()) } 1 .. 2), qr/auth=Bearer k3;/, 'which serves at once');
    },

    resized => sub {
        my $stream = ask(1);
        sysread $stream, my $head, 1;
        is(status('slow')->{inflight}, 1, 'a stream is under way');

        reload('shared:128k', 'shared:256k');

        like(rest($stream), qr/ended.*message_stop/s, 'it comes to its end');
        is(status('slow')->{served}, 0, 'a zone of another size is a new one');
        like(rest(ask()), qr/auth=Bearer/, 'and serves');
        is(status('p')->{served}, 1, 'and counts');
    },

    small => sub {
        like(rest(ask()), qr/auth=Bearer/, 'it serves') for 1 .. 2;
        my $file = server_root() . '/conf/nginx.conf';
        my $text = slurp('conf/nginx.conf');
        my $keys = join ' ', map {"key literal:x$_;"} 1 .. 500;
        $text =~ s/key literal:k1;/key literal:k1; $keys/;
        open my $out, '>', $file or die "$file: $!";
        print $out $text;
        close $out;

        kill HUP => slurp('logs/nginx.pid');
        await('refusal', sub { slurp('logs/error.log') =~ /the zone "shared" is too small by \d+ pairs/ });
        like(rest(ask()), qr/auth=Bearer k\d;/, 'the old configuration goes on') for 1 .. 4;
        is(status('p')->{served}, 6, 'with what it knows');
    },

    refused => sub {
        my $file = server_root() . '/conf/nginx.conf';
        my $text = slurp('conf/nginx.conf');
        my $busy = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1',
            LocalPort => 0) or die "listen: $!";
        like(rest(ask()), qr/auth=Bearer/, 'it serves') for 1 .. 2;

        # so many that two of them would fill the zone

        for my $n (1, 2) {
            my $keys = join ' ', map {"key literal:n$n-$_;"} 1 .. 60;
            my $new = $text;
            $new =~ s/key literal:k1;/key literal:k1; $keys/;
            $new =~ s/ccproxy_active_group a;/ccproxy_active_group b;/;
            $new =~ s/(listen 127\.0\.0\.1:$ENV{TEST_NGINX_UP_PORT};)/
                "$1 listen 127.0.0.1:" . $busy->sockport . ';'/e;
            write_conf($file, $new);
            kill HUP => slurp('logs/nginx.pid');
            await('refusal', sub {
                logged(qr/still could not bind/) >= $n;
            });
        }

        like(rest(ask()), qr/auth=Bearer/, 'the old one goes on');
        is(status('p')->{served}, 3, 'with what it knows');
        like(get_group(), qr/"active_group":"a"/, 'and its group');

        close $busy;
        my $keys = join ' ', map {"key literal:m-$_;"} 1 .. 60;
        $text =~ s/key literal:k1;/key literal:k1; $keys/;
        $text =~ s/ccproxy_active_group a;/ccproxy_active_group c;/;
        write_conf($file, $text);
        my @old = slurp('logs/error.log') =~ /start worker process (\d+)/g;
        kill HUP => slurp('logs/nginx.pid');
        await('workers', sub { logged(qr/start worker process \d/) > @old });
        await('group', sub { get_group() =~ /"active_group":"c"/ });
        like(get_group(), qr/"active_group":"c"/, 'one that is taken changes it');
        unlike(slurp('logs/error.log'), qr/is too small by/, 'and finds room');
    },

    killed => sub {
        my @streams = map { ask(1) } 1 .. 4;
        sysread $_, my $head, 1 for @streams;
        is(status('slow')->{inflight}, 4, 'streams are under way');

        my @pids = slurp('logs/error.log') =~ /start worker process (\d+)/g;
        kill KILL => @pids;
        unlike(rest($_), qr/message_stop/, 'cut') for @streams;

        await('new workers', sub { logged(qr/start worker process \d/) > @pids });
        ok(await('count', sub { defined status('slow')->{inflight} && status('slow')->{inflight} == 0 }),
            'nothing is under way any more');
        like(rest(ask(1)), qr/message_stop/, 'a new one is served');
        is(status('slow')->{served}, 5, 'and counted, beside those that had begun');
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    my $zone = $block->zone // '';
    my $path = $block->path // 'v1';
    chomp($zone, $path);

    $block->set_value('http_config', $Upstream . $zone . "
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$ENV{TEST_NGINX_UP_PORT}/$path; key literal:k1; key literal:k2; }
    ccproxy_provider s { protocol chat; url http://127.0.0.1:$ENV{TEST_NGINX_UP_PORT}/slow; key literal:k1; key literal:k2; }
    upstream p { ccproxy; ccproxy_target a m; }
    upstream slow { ccproxy; ccproxy_target s; }
");
    $block->set_value('config', $Config);
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
});

add_response_body_check(sub {
    my ($block) = @_;

    chomp(my $does = $block->does);
    $Checks{$does}->();
});

run_tests();

__DATA__

=== TEST 1: reloads under traffic: nothing is lost, cut or counted wrong
--- does: traffic
--- timeout: 30
--- no_error_log
[alert]
[emerg]



=== TEST 2: a cooldown is kept over a reload that changes the pool
--- path: wait
--- does: cooling
--- no_error_log
[alert]



=== TEST 3: another secret in a key's place has no past
--- path: wrong
--- does: mended
--- no_error_log
[alert]



=== TEST 4: a zone of another size
--- zone: ccproxy_zone shared:128k;
--- does: resized
--- no_error_log
[alert]



=== TEST 5: a zone that is too small for the new configuration
--- zone: ccproxy_zone shared:128k;
--- does: small
--- no_error_log
[alert]



=== TEST 6: workers are killed amid streams
--- does: killed
--- error_log
exited on signal 9



=== TEST 7: a configuration that nginx refuses in the end changes nothing
--- zone: ccproxy_zone shared:128k; ccproxy_active_group a; server { listen 127.0.0.1:$TEST_NGINX_GROUP_PORT; location / { ccproxy_active_group; } }
--- does: refused
--- timeout: 30
--- no_error_log
[alert]
