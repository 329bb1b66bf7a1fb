# The scripted TCP server of a block: --- tcp_listen and its companions.  A
# child process accepts one connection, reads, replies and closes.
package Test::Nginx::Runner::Mock;

use strict;
use warnings;

use File::Temp ();
use IO::Handle ();
use IO::Select ();
use IO::Socket::INET ();
use IO::Socket::UNIX ();
use POSIX ();
use Socket qw(IPPROTO_TCP SOCK_STREAM TCP_NODELAY);
use Test::More ();
use Time::HiRes qw(sleep time);
use Test::Nginx::Util ();
use Test::Nginx::Runner::Process ();

# start(BLOCK) returns the running server, undef if the block has none.  It
# listens from here on: nginx can't come too early.
sub start {
    my ($class, $block) = @_;

    return undef if !defined $block->tcp_listen;

    my $name = $block->name;

    my $target = Test::Nginx::Util::expand_env_in_text(
        scalar $block->tcp_listen, $name, $Test::Nginx::Util::RandPorts);

    $target =~ s/\s+\z//;

    die "$name - --- tcp_listen without --- tcp_reply\n"
        if !defined $block->tcp_reply && !defined $block->tcp_shutdown;

    my $self = bless {
        block  => $block,
        name   => $name,
        reply  => scalar $block->tcp_reply,
        socket => _listen($name, $target),
        query  => File::Temp->new(UNLINK => 1),
        path   => $target =~ /^\d+$/ ? undef : $target,
    }, $class;

    $self->{query_length} = $block->tcp_query_len
        // (defined $block->tcp_query ? length $block->tcp_query : undef);

    $_->flush for \*STDOUT, \*STDERR;

    $self->{pid} = fork // die "fork() failed: $!\n";

    if ($self->{pid} == 0) {
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP __DIE__ __WARN__);

        # _exit: the test file's END blocks are not the child's

        eval { $self->_serve; 1 }
            or print STDERR "$name - tcp server: $@";

        POSIX::_exit(0);
    }

    return $self;
}

sub _listen {
    my ($name, $target) = @_;

    my $socket;

    if ($target =~ /^\d+$/) {
        $socket = IO::Socket::INET->new(
            LocalAddr => '127.0.0.1',
            LocalPort => $target,
            Proto     => 'tcp',
            ReuseAddr => 1,
            Listen    => 5,
        );

    } elsif ($target =~ /^\S+\.sock$/) {
        unlink $target;

        $socket = IO::Socket::UNIX->new(
            Local  => $target,
            Type   => SOCK_STREAM,
            Listen => 5,
        );

    } else {
        die "$name - bad --- tcp_listen '$target': a port, or a path that"
            . " ends in .sock\n";
    }

    return $socket // die "$name - cannot listen on $target: $!\n";
}

sub _serve {
    my ($self) = @_;

    my $block  = $self->{block};
    my $client = $self->{socket}->accept or die "accept() failed: $!\n";

    setsockopt $client, IPPROTO_TCP, TCP_NODELAY, 1 if !$self->{path};

    my $shutdown = $block->tcp_shutdown;

    if (defined $shutdown) {
        sleep($block->tcp_shutdown_delay // 0);
        shutdown $client, $shutdown;
    }

    my $request = '';

    # 0 and 2 shut the reading side, 1 and 2 the writing side

    if (!defined $shutdown || $shutdown == 1) {
        $request = $self->_receive($client);
    }

    sleep(Test::Nginx::Util::parse_time(scalar $block->tcp_reply_delay) // 0);

    if (!defined $shutdown) {
        $self->_send($client, $request);
    }

    if (defined $block->tcp_no_close) {
        sleep 1 while 1;
    }

    close $client;

    return;
}

sub _receive {
    my ($self, $client) = @_;

    my $block   = $self->{block};
    my $timeout = $block->tcp_query_auto_timeout;
    my $request = '';

    if (defined $timeout && $timeout eq '') {
        $timeout = 0.1;
    }

    while (1) {
        last if defined $timeout
            && !IO::Select->new($client)->can_read($timeout);

        my $count = sysread $client, $request, 65536, length $request;

        die "failed to receive: $!\n" if !defined $count;
        last if $count == 0;

        # noted at once: the parent looks while this process still serves

        syswrite $self->{query}, substr $request, -$count;

        last if !defined $timeout
            && length $request >= ($self->{query_length} // 1);
    }

    return $request;
}

sub _send {
    my ($self, $client, $request) = @_;

    my $reply = $self->{reply};

    $reply = $reply->($request) if ref $reply eq 'CODE';

    local $SIG{PIPE} = 'IGNORE';

    for my $piece (ref $reply eq 'ARRAY' ? @$reply : $reply) {
        next if !defined $piece;

        my $rest = $piece;

        while (length $rest) {
            my $count = syswrite $client, $rest
                // die "failed to send the reply: $!\n";

            substr $rest, 0, $count, '';
        }
    }

    return;
}

# finish() runs the tests on what the server received, and ends it.
sub finish {
    my ($self) = @_;

    my $block = $self->{block};
    my $query = '';

    if (defined $self->{query_length}) {
        my $deadline = time + Test::Nginx::Runner::Process::slowness();

        while (-s "$self->{query}" < $self->{query_length}) {
            last if time > $deadline || waitpid($self->{pid},
                POSIX::WNOHANG()) != 0;
            sleep 0.002;
        }

        $query = Test::Nginx::Runner::Process::read_log("$self->{query}");
    }

    $self->end;

    if (defined $block->tcp_query) {
        Test::Nginx::Util::is_str($query, scalar $block->tcp_query,
            "$self->{name} - tcp_query ok");
    }

    if (defined $block->tcp_query_len) {
        Test::More::is(length $query, $block->tcp_query_len,
            "$self->{name} - TCP query length ok");
    }

    return;
}

# end() kills the server and frees its address.
sub end {
    my ($self) = @_;

    my $pid = delete $self->{pid};

    return if !defined $pid;

    kill 'KILL', $pid;
    waitpid $pid, 0;

    close $self->{socket};
    unlink $self->{path} if defined $self->{path};

    return;
}

1;
