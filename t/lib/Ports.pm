# Free ports for the servers and providers of a test file, so that files run
# beside each other, and beside whatever else listens on the machine.
#
#   use FindBin;
#   BEGIN { require "$FindBin::Bin/lib/Ports.pm" }
#   Ports::take(qw(UP TLS));
#
# A block's sections then say $TEST_NGINX_UP_PORT, Perl code says
# $ENV{TEST_NGINX_UP_PORT}.
package Ports;

use strict;
use warnings;

use IO::Socket::INET ();
use Test::Nginx::Util ();

my %taken;

# Puts a port into the environment for each name; nobody listens on it, be it
# by TCP or UDP, on any address.
sub take {
    for my $name (@_) {
        my $port = free();

        $taken{$port} = 1;
        $ENV{"TEST_NGINX_${name}_PORT"} = $port;
    }

    return;
}

sub free {
    for (1 .. 100) {
        my $port = Test::Nginx::Util::gen_rand_port(1000, \%taken) // last;

        return $port
            if IO::Socket::INET->new(Proto => 'udp', LocalPort => $port)
            && IO::Socket::INET->new(Proto => 'tcp', LocalPort => $port,
                Listen => 1, ReuseAddr => 1);
    }

    die "no free port\n";
}

1;
