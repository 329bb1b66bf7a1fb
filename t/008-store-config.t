# ccproxy_store: what is accepted, and what is refused with file, line and
# what to write instead.
use Test::Nginx::Socket 'no_plan';
use FindBin ();

BEGIN { require "$FindBin::Bin/lib/ConfigFile.pm" }

repeat_each(1);
no_shuffle();
no_long_string();

our $Pool = 'ccproxy_provider p { protocol chat; url http://127.0.0.1:9/v1; } upstream one { ccproxy; ccproxy_target p m; }';

add_block_preprocessor(sub {
    my ($block) = @_;
    my $conf = "$Pool\n" . $block->conf;

    $conf =~ s/\$pid/$$/;
    ConfigFile::of($block, $conf, $block->refused, $block->line);
});

run_tests();

__DATA__

=== TEST 1: stores, and who uses which
--- conf
server {
    listen unix:/tmp/ccproxy-$pid-test;
    location / { ccproxy on; proxy_pass http://one; }
    location /long/ { ccproxy on; ccproxy_store long; proxy_pass http://one; }
    location /off/ { ccproxy on; ccproxy_store off; proxy_pass http://one; }
}
ccproxy_store conversations:1m;
ccproxy_store long:256k ttl=30d item=64k;



=== TEST 2: off for all
--- conf
ccproxy_store off;
server { listen unix:/tmp/ccproxy-$pid-test; location / { ccproxy on; proxy_pass http://one; } }



=== TEST 3: no such store
--- conf
server {
    listen unix:/tmp/ccproxy-$pid-test;
    location / { ccproxy on;
        ccproxy_store mine; proxy_pass http://one; }
}
--- refused: there is no store "mine": write "ccproxy_store mine:16m;" in "http {}"
--- line: 5



=== TEST 4: a size beside a location
--- conf
server {
    listen unix:/tmp/ccproxy-$pid-test;
    ccproxy_store mine:16m;
}
--- refused: "ccproxy_store NAME:SIZE" belongs into "http {}"
--- line: 4



=== TEST 5: a size that is none
--- conf
ccproxy_store mine:lots;
--- refused: write "ccproxy_store conversations:16m;"
--- line: 2



=== TEST 6: too small
--- conf
ccproxy_store mine:4k;
--- refused: the least is
--- line: 2



=== TEST 7: a time that is none
--- conf
ccproxy_store mine:1m ttl=soon;
--- refused: invalid time in "ttl=soon": write a time such as "ttl=1h"
--- line: 2



=== TEST 8: a bound that is none
--- conf
ccproxy_store mine:1m item=0;
--- refused: invalid size in "item=0": write a size such as "item=1m"
--- line: 2



=== TEST 9: an unknown parameter
--- conf
ccproxy_store mine:1m size=1m;
--- refused: unknown parameter "size=1m" of "ccproxy_store"
--- line: 2



=== TEST 10: a parameter without a size
--- conf
ccproxy_store mine ttl=1h;
--- refused: write "ccproxy_store mine:16m ttl=1h;" in "http {}"
--- line: 2



=== TEST 11: declared twice
--- conf
ccproxy_store mine:1m;
ccproxy_store mine:2m;
--- refused: the store "mine" is declared twice
--- line: 3



=== TEST 12: a zone of the module's own
--- conf
ccproxy_store ccproxy_counters:1m;
--- refused: names that begin with "ccproxy_" are of the module's own zones
--- line: 2



=== TEST 13: memory of something else
--- conf
ccproxy_zone shared:1m;
ccproxy_store shared:1m;
--- refused: the shared memory "shared" is in use for something else
--- line: 3
