# What tests share that wait for nginx: for an answer's end, for what a file
# or a page comes to say.
package Patient;

use strict;
use warnings;

use Exporter 'import';

use Test::Nginx::Socket;

our @EXPORT = qw(slurp await rest);

# Seconds until it is too late.
our $Seconds = $ENV{TEST_NGINX_USE_VALGRIND} ? 100 : 20;

# All of a file, by its path or its name under the server's root; '': none.
sub slurp {
    my ($name) = @_;

    open my $in, '<', $name =~ m{^/} ? $name : server_root() . "/$name"
        or return '';
    local $/;
    return scalar <$in> // '';
}

# The first true value of a function; a failed test, if there is none.
sub await {
    my ($what, $until) = @_;

    for (1 .. 20 * $Seconds) {
        my $found = $until->();
        return $found if $found;
        select undef, undef, undef, 0.05;
    }

    Test::More::fail("no $what after $Seconds seconds");
    return;
}

# What comes on a connection until its end.
sub rest {
    my ($sock) = @_;

    return 'no connection' if !$sock;

    my $text = '';
    local $SIG{ALRM} = sub { die "time-out\n" };

    eval {
        alarm $Seconds;
        1 while sysread $sock, $text, 65536, length $text;
        alarm 0;
        1;
    } or $text .= $@;

    return $text;
}

1;
