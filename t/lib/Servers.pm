# Servers of a test file that run beside nginx, each a process of its own which
# ends with the file: upstreams, proxies, name servers, clients that nginx asks
# to ask again.
#
#   BEGIN { require "$FindBin::Bin/lib/Servers.pm"; Servers->import }
#
#   my $listen = listen_at($ENV{TEST_NGINX_UP_PORT});
#   serve(sub { each_client($listen, sub { my ($client) = @_; … }) });
#
# What nginx itself can play, or this process (OwnUpstreams.pm), needs none.
package Servers;

use strict;
use warnings;

use Exporter 'import';
use IO::Socket::INET ();

use Test::Nginx::Socket;

our @EXPORT = qw(listen_at serve each_client);

my @pids;

add_cleanup_handler(sub { kill 'TERM', @pids });

# A socket of that port, made before nginx starts.
sub listen_at {
    my ($port, $backlog) = @_;

    return IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port",
        Listen => $backlog // 16, ReuseAddr => 1) // die "port $port: $!";
}

# Runs each of the functions in a process.
sub serve {
    for my $serve (@_) {
        my $pid = fork // die "fork: $!";

        if (!$pid) {
            $SIG{PIPE} = 'IGNORE';
            $serve->();
            exit;
        }

        push @pids, $pid;
    }

    return;
}

# Calls fn with each connection, in a process for it.
sub each_client {
    my ($listen, $fn) = @_;

    $SIG{CHLD} = 'IGNORE';

    while (1) {
        my $client = $listen->accept or next;

        next if fork;
        close $listen;

        $fn->($client);
        exit;
    }
}

1;
