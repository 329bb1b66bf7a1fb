# Keys of providers from files: line ends, modes, reloads.  The upstream shows
# the credential that it got; nothing else may.
use Test::Nginx::Socket 'no_plan';

use File::Temp ();
use IO::Socket::INET;
use Time::HiRes qw(time sleep);
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
BEGIN { require "$FindBin::Bin/lib/Servers.pm"; Servers->import }

Ports::take(qw(UP ASK));

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');
master_on();

our $dir = File::Temp->newdir;
chmod 0755, "$dir";

sub key_file {
    my ($name, $text, $mode) = @_;

    open my $out, '>', "$dir/$name" or die "$name: $!";
    print {$out} $text;
    close $out;
    chmod $mode, "$dir/$name";
}

key_file('plain.key', 'sk-plain', 0600);
key_file('lf.key', "sk-lf\n", 0400);
key_file('crlf.key', "sk-crlf\r\n\r\n", 0600);
key_file('group.key', "sk-group\n", 0640);
key_file('all.key', "sk-all\n", 0444);
key_file('empty.key', "\n", 0600);
key_file('two.key', "sk-two\nsk-lines\n", 0600);
key_file('long.key', 'sk-' . 'x' x 20000, 0600);
mkdir "$dir/a.dir", 0700;
symlink 'plain.key', "$dir/link.key";

our $body = '{"model":"x","max_tokens":9,"messages":[{"role":"user",'
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

# Gives the key file another text or mode, reloads, and asks until the signal
# was answered: by a new worker, as the old one may take requests for a while
# yet, or by an error in the log.
sub reload {
    my ($text, $mode) = @_;

    my ($old) = ask('POST /v1/messages') =~ /^X-Pid: (\d+)/m;

    key_file('rotated.key', "$text\n", oct $mode);

    open my $in, '<', server_root() . '/logs/nginx.pid' or die "pid: $!";
    chomp(my $master = <$in>);
    kill 'HUP', $master;

    my $till = time + 10;
    my $answer;

    while (time < $till) {
        open my $log, '<', server_root() . '/logs/error.log' or die "log: $!";
        my $refused = grep {/\[emerg\]/} <$log>;

        $answer = ask('POST /v1/messages');
        my ($pid) = $answer =~ /^X-Pid: (\d+)/m;

        last if $refused || $pid && $pid != $old;
        sleep 0.02;
    }

    return $answer;
}

my $listen = listen_at($ENV{TEST_NGINX_ASK_PORT});

serve(sub {
    while (1) {
        my $client = $listen->accept or next;

        my ($text, $mode) = (<$client> // '') =~ m{^GET /reload/(\S+)/(\d+) };
        1 while ($_ = <$client> // '') =~ /\S/;

        my $answer = reload($text, $mode);

        print {$client} "HTTP/1.0 200 OK\r\nContent-Length: "
            . length($answer) . "\r\n\r\n$answer";
        close $client;
    }
});

add_block_preprocessor(sub {
    my $block = shift;

    my $key = $block->key;
    chomp $key;
    $key =~ s/\bDIR\b/$dir/g;

    key_file('rotated.key', "sk-first\n", 0600);

    $block->set_value('http_config', <<"CONF");
    ccproxy_provider a { protocol chat; url http://127.0.0.1:\$TEST_NGINX_UP_PORT/v1; key $key; }
    upstream p { ccproxy; ccproxy_target a; }
    server {
        listen 127.0.0.1:\$TEST_NGINX_UP_PORT;
        default_type application/json;
        location / {
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"got <\$http_authorization>"},"finish_reason":"stop"}]}';
        }
    }
CONF

    $block->set_value('config', <<'CONF');
    location /v1/ { ccproxy on; proxy_pass http://p; add_header X-Pid $pid; }
    location /reload/ { proxy_pass http://127.0.0.1:$TEST_NGINX_ASK_PORT; }
    location = /status { ccproxy_status; }
CONF

    if (defined $block->refused) {
        my $refused = $block->refused;
        chomp $refused;
        $refused =~ s/\bDIR\b/$dir/g;

        $block->set_value('must_die', '');
        $block->set_value('error_log', [$refused, qr/nginx\.conf:\d+$/]);
        $block->set_value('no_error_log', ['sk-']);
        return;
    }

    my @requests = map { $_ eq '+' ? "POST /v1/messages\n$body" : "GET $_" }
        split ' ', $block->ask // '+';

    $block->set_value(@requests > 1 ? 'pipelined_requests' : 'request',
        @requests > 1 ? \@requests : $requests[0]);
    $block->set_value('no_error_log', ['sk-', '[alert]']);
});

run_tests();

__DATA__

=== TEST 1: a file without a line end
--- key: file:DIR/plain.key
--- response_body_like: got <Bearer sk-plain>



=== TEST 2: with one
--- key: file:DIR/lf.key
--- response_body_like: got <Bearer sk-lf>



=== TEST 3: with those of another system
--- key: file:DIR/crlf.key
--- response_body_like: got <Bearer sk-crlf>



=== TEST 4: a link
--- key: file:DIR/link.key
--- response_body_like: got <Bearer sk-plain>



=== TEST 5: others may read it, and that was said
--- key: file:DIR/all.key name=all mode=any
--- response_body_like: got <Bearer sk-all>



=== TEST 6: others may read it
--- key: file:DIR/all.key
--- refused: the key file "DIR/all.key" is open to other users than its owner: run "chmod 600 DIR/all.key", or add "mode=any"



=== TEST 7: the group may
--- key: file:DIR/group.key
--- refused: the key file "DIR/group.key" is open to other users than its owner



=== TEST 8: another mode
--- key: file:DIR/lf.key mode=0640
--- refused: "key" takes "mode=any" and no other mode



=== TEST 9: an empty file
--- key: file:DIR/empty.key
--- refused: the key from "DIR/empty.key" is empty



=== TEST 10: more than one line
--- key: file:DIR/two.key
--- refused: the key from "DIR/two.key" holds blanks, line ends or other characters that no key has



=== TEST 11: no key is so long
--- key: file:DIR/long.key
--- refused: the key file "DIR/long.key" is too long for a key



=== TEST 12: a directory
--- key: file:DIR/a.dir
--- refused: the key file "DIR/a.dir" is no file



=== TEST 13: reload: the file is read again
--- key: file:DIR/rotated.key
--- ask: + /reload/sk-second/600 
--- response_body_like eval
[qr/got <Bearer sk-first>/, qr/got <Bearer sk-second>/]



=== TEST 14: reload: a file that is open now is refused, the key of before serves on
--- key: file:DIR/rotated.key
--- ask: + /reload/sk-second/644
--- response_body_like eval
[qr/got <Bearer sk-first>/, qr/got <Bearer sk-first>/]



=== TEST 15: the status tells how many keys there are, not what they are
--- key: file:DIR/plain.key
--- ask: + /status
--- response_body_like eval
[qr/got/, qr/\A(?!.*sk-plain).*"keys":\s*1/s]
