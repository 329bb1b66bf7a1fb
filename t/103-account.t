# Accounts over parallel requests, reloads, killed workers and restarts.
use Test::Nginx::Socket 'no_plan';
use IO::Socket::INET;
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/ConfigFile.pm" }
BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
BEGIN { require "$FindBin::Bin/lib/Patient.pm"; Patient->import }

Ports::take(qw(UP OWN));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');
workers(2);
master_on();

our $Event = '{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":%s,'
    . '"finish_reason":%s}]%s}';

sub event {
    return "echo 'data: " . sprintf($Event, @_, '') . "'; echo ''; echo_flush;";
}

our $Usage = ',"usage":{"prompt_tokens":30,"completion_tokens":12,"total_tokens":42}';

our $Upstream = '
    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        default_type application/json;
        location / {
            return 200 \'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]' . $Usage . '}\';
        }
        location /slow/ {
            default_type text/event-stream;
            ' . event('{"role":"assistant","content":"begun"}', 'null') . '
            echo_sleep 1;
            ' . event('{"content":" ended"}', 'null') . '
            echo \'data: ' . sprintf($Event, '{}', '"stop"', $Usage) . '\'; echo \'\';
            echo \'data: [DONE]\'; echo \'\';
        }
    }
    ccproxy_provider a { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1; }
    ccproxy_provider s { protocol chat; url http://127.0.0.1:$TEST_NGINX_UP_PORT/slow; }
    upstream p { ccproxy; ccproxy_target a m; }
    ccproxy_provider g { protocol chat; url http://127.0.0.1:1/v1; }
    upstream slow { ccproxy; ccproxy_target s m; }
    upstream gone { ccproxy; ccproxy_target g m; }
';

our $Keys = '
        ccproxy on;
        ccproxy_access_key one secret-one concurrency=1;
        ccproxy_access_key three secret-three concurrency=3;
        ccproxy_access_key few secret-few budget=100tokens/day;
        ccproxy_access_key day secret-day budget=50tokens/day;
';

our $Config = "
    location / { $Keys proxy_pass http://p; }
    location /slow/ { $Keys proxy_pass http://slow; }
    location /gone/ { $Keys proxy_pass http://gone; }
" . '
    location = /copied { mirror /gone/v1/messages; echo copied; }
    location = /metrics { ccproxy_metrics; }
    location = /ready { return 200 ready; }
';

sub begin {
    my ($head, $body, $key, $port) = @_;
    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port // server_port()) or return;

    print $sock "$head HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nx-api-key: secret-$key\r\n",
        'Content-Length: ' . length($body) . "\r\n\r\n", $body;
    $sock->flush;
    return $sock;
}

sub ask {
    my ($key, $port, $path) = @_;

    return rest(begin('POST ' . ($path // '/v1/messages'), '{"model":"x","max_tokens":60,"messages":[{"role":"user","content":"hi"}]}',
        $key, $port));
}

# A stream that has begun.
sub stream {
    my ($key) = @_;
    my $sock = begin('POST /slow/v1/messages', '{"model":"x","max_tokens":60,"stream":true,"messages":'
        . '[{"role":"user","content":"hi"}]}', $key);

    sysread $sock, my $head, 15;
    return ($sock, $head);
}

sub metric {
    my ($name) = @_;
    my $sum = 0;
    $sum += $_ for rest(begin('GET /metrics', '', 'none')) =~ /^\Q$name\E(?:\{.*\})? (\d+)$/mg;
    return $sum;
}

# Another nginx, with the same locations and a file of state.
my $own = {
    run => sub {
        my (@args) = @_;
        my $modules = join '', map {"load_module $_;\n"} split ' ', $ENV{TEST_NGINX_LOAD_MODULES} // '';
        my $root = server_root() . '/own';
        my $up = $Upstream =~ s/\$TEST_NGINX_UP_PORT/$ENV{TEST_NGINX_UP_PORT}/gr;

        # the upstream is that of the first nginx
        $up =~ s/^    server \{.*?^    \}\n//ms;

        mkdir $root;
        mkdir "$root/logs";
        chmod 0777, $root;

        open my $out, '>', "$root/nginx.conf" or die "$root: $!";
        print $out $modules, "worker_processes 2;\nerror_log $root/logs/error.log info;\npid $root/nginx.pid;\n",
            "events {}\nhttp {\naccess_log off;\nproxy_cache_path $root/cache keys_zone=c:1m;\nccproxy_zone ccproxy:1m state=$root/state;\n$up",
            "server { listen 127.0.0.1:$ENV{TEST_NGINX_OWN_PORT};\n$Config }\n}\n";
        close $out;

        return system($ENV{TEST_NGINX_BINARY} // 'nginx', '-p', "$root/", '-c', "$root/nginx.conf", @args);
    },
    root => sub { server_root() . '/own' },
    try => sub {
        my $root = server_root() . '/own';
        my $nginx = $ENV{TEST_NGINX_BINARY} // 'nginx';
        return scalar `$nginx -p $root/ -c $root/nginx.conf -t 2>&1`;
    },
};

sub own_start {
    is($own->{run}->(), 0, 'nginx starts');
    return await('nginx', sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $ENV{TEST_NGINX_OWN_PORT}) });
}

sub own_stop {
    my ($signal) = @_;
    my $pid = slurp($own->{root}->() . '/nginx.pid') =~ s/\s//gr;
    kill $signal => $pid;

    # the master process writes the state when its file of the pid is gone

    return await('end of nginx', sub { !kill 0 => $pid });
}

our %Checks = (

    concurrency => sub {
        my ($stream, $head) = stream('one');
        like($head, qr/200/, 'a stream begins');
        like(ask('one'), qr/ 429 .*Retry-After: \d+\r\n.*the limit of \\"one\\", 1 requests at a time, is reached/s, 'a second request has to wait');
        like(rest($stream), qr/message_stop/, 'the stream ends');
        like(ask('one'), qr/ 200 /, 'then it is let in');
        like(ask('one'), qr/ 200 /, 'one after the other');
    },

    reserved => sub {
        my ($one, $head) = stream('few');
        my ($two, $head2) = stream('few');
        like("$head$head2", qr/200.*200/s, 'two streams reserve what they may use');
        like(ask('few'), qr/ 429 .*is reserved by requests under way/s, 'more than the budget has');
        like(rest($_), qr/message_stop/, 'one ends') for $one, $two;
        like(ask('few'), qr/ 200 /, 'they used less');
        like(ask('few'), qr/ 402 .*Retry-After: \d+\r\n.*the budget of \\"few\\", 100 tokens a day, is used up/s, 'now it is used up');
    },

    subrequest => sub {
        like(ask('one', undef, '/copied'), qr/ 200 .*copied/s, 'its mirror fails');
        like(ask('one'), qr/ 200 /, 'and is under way no more');
        is(metric('ccproxy_requests_total'), 2, 'both are counted');
    },

    killed => sub {
        my @streams = map { (stream('three'))[0] } 1 .. 3;
        like(ask('three'), qr/ 429 /, 'three are under way');

        my @pids = slurp(server_root() . '/logs/error.log') =~ /start worker process (\d+)/g;

        # one is not to see that the other is gone
        kill STOP => @pids;
        kill KILL => @pids;
        unlike(rest($_), qr/message_stop/, 'cut') for @streams;

        ok(await('answer', sub { ask('three') =~ / 200 / }), 'nothing is under way any more');
        is(metric('ccproxy_lost_requests_total'), 3, 'three are known to be lost');
    },

    reload => sub {
        like(ask('day'), qr/ 200 /, 'let in') for 1 .. 2;
        like(ask('day'), qr/ 402 /, 'its budget is used up');
        my $log = server_root() . '/logs/error.log';
        my $ended = () = slurp($log) =~ /exited with code 0/g;
        kill HUP => slurp(server_root() . '/logs/nginx.pid');
        await('end of workers', sub { (() = slurp($log) =~ /exited with code 0/g) >= $ended + 2 });
        like(ask('day'), qr/ 402 /, 'still');

        # a refusal is counted a moment after it was sent
        ok(await('count', sub { metric('ccproxy_requests_total') == 4 }), 'all are counted');
        is(metric('gen_ai_server_request_duration_seconds_count'), 4, 'histograms too');
    },

    restart => sub {
        my $port = $ENV{TEST_NGINX_OWN_PORT};
        my $state = $own->{root}->() . '/state';

        own_start();
        like(ask('day', $port), qr/ 200 /, 'let in') for 1 .. 2;
        own_stop('QUIT');
        ok(-s $state, 'the state is written down');
        is((stat $state)[2] & 0777, 0600, 'for nobody else');

        own_start();
        like(ask('day', $port), qr/ 402 /, 'the budget is used up after a restart');
        own_stop('TERM');

        my $text = slurp($state);
        substr($text, 60, 1) ^= "\1";
        open my $out, '>', $state or die $!;
        print $out $text;
        close $out;

        own_start();
        like(slurp($own->{root}->() . '/logs/error.log'), qr/\[warn\] .*the state file ".*" is broken/, 'a broken one is told of');
        like(ask('day', $port), qr/ 200 /, 'and ignored');
        ok(await('state', sub { slurp($state) ne $text }), 'a whole one comes in its place, while nginx runs');
        own_stop('QUIT');
        unlike(slurp($own->{root}->() . '/logs/error.log'), qr/exited on signal/, 'no process of the cache meddles with it');

        open $out, '>', $state or die $!;
        print $out "somebody's own text, longer than what a state begins with\n";
        close $out;
        my $said = $own->{try}->();
        like($said, qr/holds something else than the state of accounts: give "state=" a file of its own in .*nginx\.conf:\d+/, "another's file is refused");
    },
);

add_block_preprocessor(sub {
    my ($block) = @_;

    if (defined $block->conf) {
        ConfigFile::of($block, $block->conf, $block->refused, $block->line);
        return;
    }

    $block->set_value('http_config', $Upstream);
    $block->set_value('config', $Config);
    $block->set_value('request', 'GET /ready');
    $block->set_value('response_body', 'ready');
});

add_response_body_check(sub {
    my ($block) = @_;

    return if !defined $block->does;

    chomp(my $does = $block->does);
    $Checks{$does}->();
});

run_tests();

__DATA__

=== TEST 1: requests at a time
--- does: concurrency
--- no_error_log
[alert]



=== TEST 2: what parallel requests reserve
--- does: reserved
--- no_error_log
[alert]



=== TEST 3: what a killed worker had under way is given back
--- does: killed
--- timeout: 30
--- error_log
exited on signal 9



=== TEST 4: a reload
--- does: reload
--- no_error_log
[alert]



=== TEST 5: restarts, with a broken state and with another's file
--- does: restart
--- timeout: 60
--- no_error_log
[alert]



=== TEST 6: a subrequest that fails
--- does: subrequest
--- no_error_log
[alert]



=== TEST 7: a word that is none
--- conf
ccproxy_zone ccproxy:1m save=x;
--- refused: "ccproxy_zone" directive knows one word behind name and size: "state=FILE"
--- line: 1



=== TEST 8: a folder
--- conf
ccproxy_zone ccproxy:1m state=/tmp/;
--- refused: "ccproxy_zone" directive needs a file behind "state=": write "ccproxy_zone ccproxy:1m state=/var/lib/nginx/ccproxy.state;"
--- line: 1
