# What tests of the configuration share: a file that the http block includes, so
# that its lines are counted from 1.
#
#   add_block_preprocessor(sub {
#       my ($block) = @_;
#       ConfigFile::of($block, $block->conf, $block->refused, $block->line);
#   });
#
# --- conf     the file; blocks without one are left alone
# --- refused  part of the message, if it is a mistake
# --- line     where that points to
package ConfigFile;

use strict;
use warnings;

use File::Spec ();

use Test::Nginx::Socket;

sub of {
    my ($block, $conf, $refused, $line) = @_;

    return if !defined $conf;

    my $html = File::Spec->rel2abs(html_dir());

    $block->set_value('user_files', [
        ['ccproxy.conf', $conf],
        ['open.key', "sk-open\n"],
    ]);
    $block->set_value('http_config', "include $html/ccproxy.conf;\n");
    $block->set_value('config', '');

    if (defined $refused) {
        chomp($refused, $line);

        $block->set_value('must_die', '');
        $block->set_value('error_log', [$refused, "ccproxy.conf:$line\n"]);
        $block->set_value('no_error_log', ['sk-', '[alert]']);

    } else {
        $block->set_value('request', 'GET /');
        $block->set_value('no_error_log', ['[emerg]', '[alert]']);
    }

    return;
}

1;
