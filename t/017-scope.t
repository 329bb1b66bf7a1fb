# What a client chooses is its own: three tenants use one word for their session
# and ask for betas.
use Test::Nginx::Socket;
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/Ports.pm" }

Ports::take(qw(UP));

our $Answer = '{"id":"m","type":"message","role":"assistant","model":"m",'
    . '"content":[{"type":"text","text":"key=$n;beta=$http_anthropic_beta;idem=$http_idempotency_key;"}],'
    . '"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}';

our $HttpConfig = '
    server {
        listen 127.0.0.1:$TEST_NGINX_UP_PORT;
        default_type application/json;
        location / {
            set $n none;
            if ($http_x_api_key ~ "-(.*)") { set $n $1; }
            return 200 \'' . $Answer . '\';
        }
    }
    ccproxy_provider up {
        protocol anthropic;
        url http://127.0.0.1:$TEST_NGINX_UP_PORT/v1;
        ' . join(' ', map {"key literal:upstream-$_;"} 10 .. 25) . '
    }
    upstream pool { ccproxy sticky $http_x_conversation; ccproxy_target up m; }
';

our $Keys = join ' ',
    map {"ccproxy_access_key $_ tenant-$_-secret;"} qw(a b c);
our $Body = '{"model":"m","max_tokens":9,"messages":'
    . '[{"role":"user","content":"x"}]}';

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', $HttpConfig);

    if (!defined $block->config) {
        my $more = $block->more // '';
        $block->set_value('config', "location / { ccproxy on; $Keys $more "
            . "proxy_pass http://pool; }\n");
    }

    $block->set_value('request', "POST /v1/messages\n$Body")
        if !defined $block->request;
});

plan tests => repeat_each() * (36 + 6 * 2 );

no_shuffle();
no_long_string();
no_root_location();
run_tests();

__DATA__

=== TEST 1: one word of three clients is three sessions, each stays with its key
--- more_headers eval
[map { ("X-Api-Key: tenant-$_-secret\nX-Conversation: one") x 6 } qw(a b c)]
--- request eval
[("POST /v1/messages\n$main::Body") x 18]
--- response_body_filters eval
sub { my ($text) = @_; our ($n, @of); my ($key) = $text =~ /key=(\d+);/; push @of, $key // 'none'; return 'seen' if @of < 18; my @home = @of[0, 6, 12]; my $stays = !grep { $of[$_] ne $home[int($_ / 6)] } 0 .. 17; my %all = map { $_ => 1 } @home; return $stays && keys %all > 1 ? 'own' : "@of" }
--- response_body_like eval
[(qr/^seen$/) x 17, qr/^own$/]



=== TEST 2: betas of the list pass
--- more: ccproxy_beta context-1m-* tools-2025;
--- more_headers
X-Api-Key: tenant-a-secret
anthropic-beta: context-1m-2025-08-07, files-api-2025-04-14 ,tools-2025
--- response_body_like: beta=context-1m-2025-08-07,tools-2025;



=== TEST 3: a list of none of them is no header
--- more: ccproxy_beta context-1m-*;
--- more_headers
X-Api-Key: tenant-b-secret
anthropic-beta: files-api-2025-04-14
--- response_body_like: beta=;



=== TEST 4: no betas at all
--- more: ccproxy_beta off;
--- more_headers
X-Api-Key: tenant-c-secret
anthropic-beta: context-1m-2025-08-07
--- response_body_like: beta=;



=== TEST 5: all of them, where there is no list
--- more_headers
X-Api-Key: tenant-c-secret
anthropic-beta: context-1m-2025-08-07,files-api-2025-04-14
--- response_body_like: beta=context-1m-2025-08-07,files-api-2025-04-14;



=== TEST 6: a word for one request is nobody's
--- more_headers
X-Api-Key: tenant-a-secret
Idempotency-Key: order-17
--- response_body_like: idem=;



=== TEST 7: a list that is empty
--- config
    location / { ccproxy on; ccproxy_beta ""; proxy_pass http://pool; }
--- must_die
--- error_log
"ccproxy_beta" directive needs names of betas: write "ccproxy_beta context-1m-*;", or "ccproxy_beta off;"
