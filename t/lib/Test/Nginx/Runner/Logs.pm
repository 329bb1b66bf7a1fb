# The tests on nginx's logs.  error_log, no_error_log, access_log,
# no_access_log and the shutdown pair make one test a line or array element,
# grep_error_log makes one; they run once for each request.
#
# nginx writes a log line after the bytes that the client has seen.  A line
# that must be there is therefore waited for; before lines that must not be
# there are looked for, the connections of the client have to be closed by
# nginx too, which it does after its log phase.
package Test::Nginx::Runner::Logs;

use strict;
use warnings;

use Test::More ();
use Time::HiRes qw(sleep time);
use Test::Nginx::Util ();
use Test::Nginx::Runner::Process ();

my $PATIENCE = 1;

my $ErrorLogPosition = 0;

# Called at a block's start: its first check sees error.log from the beginning,
# every other one what has come since.
sub rewind {
    $ErrorLogPosition = 0;
}

# check_logs(BLOCK, REPEAT): the tests after a request.
sub check_logs {
    my ($block, $repeat) = @_;

    _settle();
    check_error_log($block, $repeat);

    if (!defined $block->ignore_response) {
        _check_pair($block, 'access_log', 'no_access_log', 'access.log',
            " (req $repeat)", \&_access_lines);
    }

    return;
}

sub check_error_log {
    my ($block, $repeat) = @_;

    my $name  = $block->name;
    my $lines = _error_lines();
    my $read  = sub { $lines = _error_lines() };

    my $position = $ErrorLogPosition;

    if (defined $block->grep_error_log) {
        _check_grep($block, $repeat, $read);

    } elsif (defined $block->grep_error_log_out) {
        die "$name - --- grep_error_log_out without --- grep_error_log\n";
    }

    _check_pair($block, 'error_log', 'no_error_log', 'error.log',
        " (req $repeat)", $read);

    _note_severe($block, $lines);

    if (!$Test::Nginx::Util::CheckAccumErrLog) {
        $ErrorLogPosition = $position + length join '', @$lines;
    }

    return;
}

# The tests of --- shutdown_error_log and --- no_shutdown_error_log, for when
# nginx has ended.
sub check_shutdown {
    my ($block) = @_;

    _check_pair($block, 'shutdown_error_log', 'no_shutdown_error_log',
        'error.log', '', \&_error_lines);

    return;
}

sub _error_lines {
    return _lines($Test::Nginx::Util::ErrLogFile, $ErrorLogPosition);
}

sub _access_lines {
    return _lines($Test::Nginx::Util::AccLogFile, 0);
}

# Complete lines only: the rest is still being written.
sub _lines {
    my ($path, $position) = @_;

    open my $in, '<:raw', $path or return [];
    seek $in, $position, 0;

    my @lines = <$in>;

    pop @lines if @lines && $lines[-1] !~ /\n\z/;

    return \@lines;
}

# Patterns of a section: lines of text, one regular expression, or an array of
# both.
sub _patterns {
    my ($value) = @_;

    return if !defined $value;
    return @$value if ref $value eq 'ARRAY';
    return $value if ref $value;

    return grep { length } split /\n+/, $value;
}

sub _matches {
    my ($line, $pattern) = @_;

    return ref $pattern ? $line =~ /$pattern/ : index($line, $pattern) >= 0;
}

# One section of lines that must be there, one of lines that must not.
sub _check_pair {
    my ($block, $wanted, $unwanted, $file, $which, $read) = @_;

    my $name     = $block->name;
    my @wanted   = _patterns(scalar $block->$wanted);
    my @unwanted = _patterns(scalar $block->$unwanted);

    return if !@wanted && !@unwanted;

    my $lines = $read->();

    for my $pattern (@wanted) {
        my $has_it = sub {
            return scalar grep { _matches($_, $pattern) } @$lines;
        };

        my $found = $has_it->()
            || _await(sub { $lines = $read->(); $has_it->() });

        my $text = Test::Nginx::Util::fmt_str($pattern);

        Test::More::ok($found,
            "$name - $wanted: pattern \"$text\" matches a line in $file$which");
    }

    for my $pattern (@unwanted) {
        my ($line) = grep { _matches($_, $pattern) } @$lines;

        my $text = Test::Nginx::Util::fmt_str($pattern);

        Test::More::ok(!defined $line,
            "$name - $unwanted: pattern \"$text\" matches no line in"
                . " $file$which")
            or Test::More::diag("    it matches: $line");
    }

    return;
}

sub _check_grep {
    my ($block, $repeat, $read) = @_;

    my $name    = $block->name;
    my $pattern = $block->grep_error_log;
    my $out     = $block->grep_error_log_out;

    die "$name - --- grep_error_log without --- grep_error_log_out\n"
        if !defined $out;

    $pattern = $pattern->[$repeat] if ref $pattern eq 'ARRAY';

    return if !defined $pattern;

    $out = $out->[$repeat] if ref $out eq 'ARRAY';

    $out = Test::Nginx::Util::expand_env_in_text($out, $name,
        $Test::Nginx::Util::RandPorts);

    $pattern = quotemeta $pattern if !ref $pattern;

    my $got;

    _await(sub {
        $got = '';

        for my $line (@{$read->()}) {
            $got .= "$&\n" if $line =~ /$pattern/ && $& !~ /\n/;
        }

        return ref $out ? $got =~ $out : $got eq ($out // '');
    });

    Test::Nginx::Util::is_str($got, $out,
        "$name - grep_error_log_out (req $repeat)");

    return;
}

# Shows severe lines which the block does not speak of; a failed assertion is a
# failed test.
sub _note_severe {
    my ($block, $lines) = @_;

    my $name = $block->name;

    my $spoken = join "\n", map { _patterns(scalar $block->$_) }
        qw(error_log no_error_log);

    for my $line (@$lines) {
        if ($line =~ /\bAssertion .*?failed\b/) {
            Test::More::fail("$name - " . Test::Nginx::Util::fmt_str($line));

        } elsif ($line =~ /\[(alert|crit|emerg)\]/
            && index($spoken, "[$1") < 0 && !defined $block->must_die)
        {
            Test::More::diag("WARNING: $name - $line");
        }
    }

    return;
}

# The lines above the level "notice" that are worth showing with a failure.
sub severe_lines {
    my @lines = grep { /\[(?:warn|error|crit|alert|emerg)\]/ }
        @{_lines($Test::Nginx::Util::ErrLogFile, 0)};

    splice @lines, 0, @lines - 15 if @lines > 15;

    return @lines;
}

sub _await {
    my ($condition) = @_;

    my $deadline = time
        + $PATIENCE * Test::Nginx::Runner::Process::slowness();

    while (1) {
        my $value = $condition->();

        return $value if $value || time > $deadline
            || !Test::Nginx::Runner::Process::is_alive();

        sleep 0.005;
    }
}

# Waits until nginx has closed its side of the client's connections.  Some
# remain by design (keepalive to itself): three times sleep_time() is enough.
sub _settle {
    my $deadline = time + 3 * $Test::Nginx::Util::TestNginxSleep
        * Test::Nginx::Runner::Process::slowness();

    while (time < $deadline && _server_connections() != 0) {
        sleep 0.001;
    }

    return;
}

# The number of nginx's sockets on the server port besides the listening one;
# 1 where /proc does not tell.
sub _server_connections {
    my $port  = sprintf '%04X', $Test::Nginx::Util::ServerPort;
    my $count = 0;

    open my $in, '<', '/proc/net/tcp' or return 1;

    while (my $line = <$in>) {
        my (undef, $local, undef, $state, undef, undef, undef, undef, undef,
            $inode) = split ' ', $line;

        # state 0A listens; a socket without an inode is closed by its process

        $count++ if $local =~ /:$port$/ && $state ne '0A' && $inode ne '0';
    }

    return $count;
}

1;
