# Control of the nginx under test: a child process of the test file, started
# for a block, stopped before the next one, and judged by how it ended.
package Test::Nginx::Runner::Process;

use strict;
use warnings;

use Config ();
use File::Spec ();
use IO::Handle ();
use POSIX ();
use Time::HiRes qw(sleep time);
use Test::Nginx::Util ();

# Reports of sanitizers, in error.log (nginx redirects its stderr there) or in
# what nginx wrote to stderr before.  UBSan also speaks of nginx's own sources,
# which copy nothing from NULL here and there.
my $SANITIZER_REPORT = qr{^(?:
    (?:==\d+==\s*)? (?:ERROR|WARNING|SUMMARY):\ \w+Sanitizer\b
  | (?!src/(?:core|event|http|os)/)\S+:\d+:\d+:\ runtime\ error:
)}x;

my $VALGRIND_EXIT = 99;

my $Library = (__FILE__ =~ s{/?Test/Nginx/Runner/[^/]+\z}{}r) || '.';

# The child, and its wait status once it has ended; $StdErr is the file which
# takes what it writes to stderr.
my ($Pid, $Status, $Valgrind, $StdErr);

# Factor of all time-outs: valgrind runs code some 30 times slower.
sub slowness {
    return $Test::Nginx::Util::UseValgrind ? 10 : 1;
}

# True while nginx has not ended.
sub is_alive {
    return defined $Pid && !_has_ended();
}

sub _has_ended {
    if (!defined $Status && waitpid($Pid, POSIX::WNOHANG()) == $Pid) {
        $Status = $?;
    }

    return defined $Status;
}

# version() is "nginx -V"'s version as 1.022001 for 1.22.1; dies if nginx can't
# be run.
sub version {
    my $binary = $Test::Nginx::Util::NginxBinary;
    my $output = `'$binary' -V 2>&1`;

    die "cannot run '$binary -V' (TEST_NGINX_BINARY names another nginx)\n"
        if $? != 0;

    $output =~ m{/(\d+)\.(\d+)\.(\d+)}
        or die "no version in the output of $binary -V: $output\n";

    return sprintf '%d.%03d%03d', $1, $2, $3;
}

# Ends an nginx which an earlier run left behind on our server root.
sub end_stale {
    open my $in, '<', $Test::Nginx::Util::PidFile or return;
    my $pid = <$in>;
    close $in;

    return if !defined $pid || $pid !~ /^(\d+)/;

    $pid = $1;

    # the number may be another process's by now; nginx has the server root
    # on its command line, in the middle or, as "nginx: master", at its end

    my $is_ours = sub {
        my $command = read_log("/proc/$pid/cmdline");

        return $command =~ /\bnginx\b/
            && $command =~ m{[\0 ]\Q$Test::Nginx::Util::ServRoot\E/};
    };

    for my $signal (qw(TERM KILL)) {
        kill $signal, $pid if $is_ours->();
        last if _poll(3, sub { !$is_ours->() });
    }

    return;
}

# start(MUST_DIE) runs nginx with the configuration in the server root.  Returns
# undef once it is ready for connections, else the wait status with which it
# ended.  An nginx that must die does so without freeing all: neither valgrind
# nor LeakSanitizer looks on.
sub start {
    my ($must_die) = @_;

    my $root = $Test::Nginx::Util::ServRoot;

    my @command = (
        $Test::Nginx::Util::NginxBinary, '-e',
        "$root/logs/error.log", '-p', "$root/", '-c',
        $Test::Nginx::Util::ConfFile
    );

    $Valgrind = $Test::Nginx::Util::UseValgrind && !$must_die;
    $StdErr   = "$root/logs/stderr.log";

    unshift @command, _valgrind_command() if $Valgrind;

    # flushed now: the child must not write our output again
    $_->flush for \*STDOUT, \*STDERR;

    undef $Status;
    $Pid = fork // die "fork() failed: $!\n";

    if ($Pid == 0) {
        $ENV{ASAN_OPTIONS} = join ':', $ENV{ASAN_OPTIONS} // (),
            'detect_leaks=0' if $must_die;

        _exec_nginx(@command);
    }

    # nginx writes its pid file after it has opened its listening sockets

    my $ready = _poll(20 * slowness(), sub {
        return _has_ended() || -s $Test::Nginx::Util::PidFile;
    });

    if (defined $Status) {
        undef $Pid;
        return $Status;
    }

    if (!$ready) {
        stop();
        die "nginx is not ready after ", 20 * slowness(), " seconds\n";
    }

    return undef;
}

sub _valgrind_command {
    my $use = $Test::Nginx::Util::UseValgrind;

    my @options = $use =~ /^\d+$/
        ? qw(--leak-check=full --errors-for-leak-kinds=definite
             --show-leak-kinds=definite --num-callers=30)
        : split ' ', $use;

    my @suppressions = map {"--suppressions=$_"}
        grep { -f } map {"$_/valgrind.suppress"} $Library, '.', 't';

    return 'valgrind', '-q', @options, @suppressions,
        "--error-exitcode=$VALGRIND_EXIT",
        "--log-file=$Test::Nginx::Util::LogDir/valgrind.log";
}

# In the child.  The process group of its own lets stop() reach the workers
# and keeps the terminal's interrupt from nginx: the test file ends it.
sub _exec_nginx {
    my (@command) = @_;

    POSIX::setpgid(0, 0);

    open STDIN,  '<', '/dev/null';
    open STDOUT, '>', '/dev/null';
    open STDERR, '>', $StdErr;

    if (defined $ENV{TEST_NGINX_LD_PRELOAD}) {
        $ENV{LD_PRELOAD} = join ' ', $ENV{TEST_NGINX_LD_PRELOAD},
            $ENV{LD_PRELOAD} // ();
    }

    $ENV{LSAN_OPTIONS} //= join ':', 'print_suppressions=0',
        'suppressions=' . File::Spec->rel2abs("$Library/lsan.suppress");

    exec {$command[0]} @command
        or print STDERR "cannot execute $command[0]: $!\n";

    POSIX::_exit(127);
}

# stop() ends nginx if it runs.  Returns complaints: an empty list if nginx
# ended as it should, and left no report of a sanitizer or valgrind.
sub stop {
    return if !defined $Pid;

    my @complaints;

    # a graceful end first, a fast one for a master whose workers still serve

    my $patience = Test::Nginx::Util::timeout() * slowness();

    for my $signal (qw(QUIT TERM)) {
        last if _has_ended();

        kill $signal, $Pid;
        _poll($patience, \&_has_ended);
    }

    if (_has_ended()) {
        push @complaints, status_complaint($Status);

    } else {
        push @complaints, 'nginx ignores QUIT and TERM';
        kill 'KILL', -$Pid;
        waitpid $Pid, 0;
    }

    undef $Pid;

    push @complaints, report_complaints();

    return @complaints;
}

# Kills nginx and its workers whatever they do: for an aborted test file.
sub kill_now {
    return if !defined $Pid;

    kill 'TERM', $Pid;
    _poll(2, \&_has_ended);
    kill 'KILL', -$Pid;
    undef $Pid;

    return;
}

# What a wait status says against nginx; nothing if it ended well.
sub status_complaint {
    my ($status) = @_;

    return if !$status;

    return 'nginx exited on signal ' . signal_name($status & 127)
        if $status & 127;

    my $code = $status >> 8;

    # its log says more, see below

    return if $Valgrind && $code == $VALGRIND_EXIT;

    return "nginx exited with code $code";
}

sub signal_name {
    my ($number) = @_;

    my @names = split ' ', $Config::Config{sig_name};

    return "$number (SIG" . ($names[$number] // '?') . ')';
}

# What a sanitizer, valgrind or nginx's master reports about the processes.
sub report_complaints {
    my @complaints;

    for my $path ($Test::Nginx::Util::ErrLogFile, $StdErr) {
        open my $in, '<', $path or next;

        while (my $line = <$in>) {
            if ($line =~ $SANITIZER_REPORT) {
                push @complaints, "sanitizer report:\n"
                    . join '', $line, map { scalar(<$in>) // () } 1 .. 25;
                last;
            }

            if ($line =~ /\] \d+#\d+: (worker process \d+ exited on signal.*)/)
            {
                push @complaints, $1;
            }
        }
    }

    if ($Valgrind) {
        my $report = read_log("$Test::Nginx::Util::LogDir/valgrind.log");

        push @complaints, "valgrind found errors:\n$report"
            if $report ne '' || ($Status // 0) == $VALGRIND_EXIT << 8;
    }

    return @complaints;
}

# What nginx wrote to stderr before it had its log.
sub stderr_text {
    return defined $StdErr ? read_log($StdErr) : '';
}

sub read_log {
    my ($path) = @_;

    open my $in, '<', $path or return '';
    local $/;

    return scalar(<$in>) // '';
}

# Waits until CONDITION is true, $seconds at most; returns its value.
sub _poll {
    my ($seconds, $condition) = @_;

    my $deadline = time + $seconds;
    my $pause    = 0.001;

    while (1) {
        my $value = $condition->();

        return $value if $value || time > $deadline;

        sleep $pause;
        $pause = $pause * 1.5 if $pause < 0.02;
    }
}

1;
