# Settings of a test file and its run: what Test::Nginx::Socket's exported
# functions read and write, what the TEST_NGINX_* environment says, and the
# expansion of $TEST_NGINX_* in a block's text.  The package variables bear the
# names which tests know from CPAN's Test::Nginx::Util.
package Test::Nginx::Util;

use strict;
use warnings;
use feature 'state';

use Carp qw(croak);
use File::Spec ();
use IO::Socket::INET ();
use IO::Socket::UNIX ();
use List::Util qw(min);
use Test::More ();
use Time::HiRes ();

our $Verbose        = $ENV{TEST_NGINX_VERBOSE};
our $Randomize      = $ENV{TEST_NGINX_RANDOMIZE};
our $NginxBinary    = $ENV{TEST_NGINX_BINARY} || 'nginx';
our $UseValgrind    = $ENV{TEST_NGINX_USE_VALGRIND};
our $LoadModules    = $ENV{TEST_NGINX_LOAD_MODULES};
our $NoShuffle      = $ENV{TEST_NGINX_NO_SHUFFLE} || 0;
our $Timeout        = $ENV{TEST_NGINX_TIMEOUT} || 3;
our $TestNginxSleep = $ENV{TEST_NGINX_SLEEP} || 0.015;
our $LogLevel       = $ENV{TEST_NGINX_LOG_LEVEL} || 'debug';
our $PostponeOutput = $ENV{TEST_NGINX_POSTPONE_OUTPUT};
our $EventType      = $ENV{TEST_NGINX_EVENT_TYPE};
our $WorkerUser     = $ENV{TEST_NGINX_WORKER_USER};

our $MasterProcessEnabled = $ENV{TEST_NGINX_MASTER_PROCESS} || 'off';
our $CheckAccumErrLog     = $ENV{TEST_NGINX_CHECK_ACCUM_ERR_LOG};

our $ServerAddr        = '127.0.0.1';
our $ServerName        = 'localhost';
our $Workers           = 1;
our $WorkerConnections = 64;
our $RepeatEach        = 1;
our $NoRootLocation    = 0;
our $NoLongString      = 0;
our $ConfigPreamble    = '';

our @EnvToNginx;
our @BlockPreprocessors;
our @TestCleanupHandlers;
our @CleanupHandlers;
our @ResponseBodyChecks;

our $NginxVersion;      # 1.22.1 is 1.022001
our $RandPorts = {};    # this block's TEST_NGINX_RAND_PORT_n

our $ServerPort = $ENV{TEST_NGINX_SERVER_PORT} || $ENV{TEST_NGINX_PORT};

if ($Randomize) {
    $ServerPort = gen_rand_port();
}

$ServerPort ||= 1984;

our $ServerPortForClient = $ENV{TEST_NGINX_CLIENT_PORT} || $ServerPort;

our $ServRoot = File::Spec->rel2abs(
    $Randomize
        ? "t/servroot_$ServerPort"
        : $ENV{TEST_NGINX_SERVROOT} || 't/servroot'
);

our $LogDir     = "$ServRoot/logs";
our $ErrLogFile = "$LogDir/error.log";
our $AccLogFile = "$LogDir/access.log";
our $PidFile    = "$LogDir/nginx.pid";
our $HtmlDir    = "$ServRoot/html";
our $ConfDir    = "$ServRoot/conf";
our $ConfFile   = "$ConfDir/nginx.conf";

$ENV{TEST_NGINX_SERVER_ROOT} = $ServRoot;
$ENV{TEST_NGINX_SERVER_PORT} = $ServerPort;


# Everything a test file may call before run_tests().

sub no_long_string ()   { $NoLongString = 1 }
sub no_shuffle ()       { $NoShuffle = 1 }
sub no_root_location () { $NoRootLocation = 1 }
sub master_on ()        { $MasterProcessEnabled = 'on' }
sub master_off ()       { $MasterProcessEnabled = 'off' }
sub html_dir ()         { $HtmlDir }
sub server_root ()      { $ServRoot }

sub check_accum_error_log () { $CheckAccumErrLog = 1 }
sub config_preamble ($)      { $ConfigPreamble = shift }

# These read without an argument and write with one.

sub _setting {
    my ($variable, @value) = @_;

    $$variable = $value[0] if @value;

    return $$variable;
}

sub repeat_each (@)        { _setting(\$RepeatEach, @_) }
sub workers (@)            { _setting(\$Workers, @_) }
sub worker_connections (@) { _setting(\$WorkerConnections, @_) }
sub log_level (@)          { _setting(\$LogLevel, @_) }
sub timeout (@)            { _setting(\$Timeout, @_) }
sub server_addr (@)        { _setting(\$ServerAddr, @_) }
sub server_name (@)        { _setting(\$ServerName, @_) }
sub server_port (@)        { _setting(\$ServerPort, @_) }

sub server_port_for_client (@) { _setting(\$ServerPortForClient, @_) }

sub master_process_enabled (@) {
    $MasterProcessEnabled = $_[0] ? 'on' : 'off' if @_;

    return $MasterProcessEnabled;
}

sub env_to_nginx (@) {
    croak 'env_to_nginx: no arguments specified' if !@_;

    for my $entry (@_) {
        croak "env_to_nginx: bad argument value: $entry"
            if $entry !~ /^[A-Za-z_]/ || $entry =~ /\n/;

        push @EnvToNginx, $entry;
    }
}

# The handler added last runs first.

sub add_block_preprocessor (&)   { unshift @BlockPreprocessors,  shift }
sub add_test_cleanup_handler ($) { unshift @TestCleanupHandlers, shift }
sub add_cleanup_handler ($)      { unshift @CleanupHandlers,     shift }
sub add_response_body_check ($)  { push @ResponseBodyChecks,     shift }

sub use_hup () {
    die "use_hup() needs CPAN's Test::Nginx::Socket\n";
}

sub no_nginx_manager () {
    die "no_nginx_manager() needs CPAN's Test::Nginx::Socket\n";
}

# Ends the whole run: use it where no further test could make sense.
sub bail_out (@) {
    Test::More::BAIL_OUT(join '', @_);
}


# Comparison of texts that may be long.  With no_long_string() a failure shows
# both in full; without it, the place of the first difference.
sub is_str (@) {
    my ($got, $expected, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return Test::More::like($got, $expected, $name)
        if ref $expected eq 'Regexp';

    return Test::More::is($got, $expected, $name)
        if $NoLongString || !defined $got || !defined $expected;

    return 1 if Test::More::ok($got eq $expected, $name);

    ($got ^ $expected) =~ /^\0*/;

    my $at   = min($+[0], length $got, length $expected);
    my $line = 1 + (substr($expected, 0, $at) =~ tr/\n//);

    Test::More::diag(
        sprintf "         got: %s\n      length: %d\n    expected: %s\n"
            . "      length: %d\n    strings begin to differ at byte %d"
            . " (line %d)",
        _excerpt($got, $at), length $got, _excerpt($expected, $at),
        length $expected, $at, $line
    );

    return 0;
}

sub _excerpt {
    my ($text, $at) = @_;

    my $from = $at > 20 ? $at - 20 : 0;
    my $part = substr($text, $from, 80) =~ s/(["\\])/\\$1/gr;

    return ($from ? '...' : '') . '"' . fmt_str($part) . '"'
        . ($from + 80 < length $text ? '...' : '');
}

# One line that shows control characters.
sub fmt_str {
    my ($text) = @_;

    $text =~ s/\r/\\r/g;
    $text =~ s/\n/\\n/g;
    $text =~ s/\t/\\t/g;
    $text =~ s/([^\x20-\x7e])/sprintf '\\x{%02x}', ord $1/ge;

    return $text;
}

# Seconds of "3", "3s" or "300ms"; undef stays undef.
sub parse_time ($) {
    my ($time) = @_;

    return undef if !defined $time;

    $time =~ s/\s+\z//;

    return $time / 1000 if $time =~ s/(?<=[\d.])ms\z//;

    $time =~ s/(?<=[\d.])s\z//;

    return $time + 0;
}


# A port nothing listens on, not among the keys of $used.  As nobody listens on
# it between two blocks, either, it stays reserved till this process ends: by a
# socket of that name, which no other process of this runner can have then.
sub gen_rand_port {
    my ($tries, $used) = @_;

    state @reserved;

    for (1 .. $tries || 1000) {
        my $port = 10000 + int rand 22000;    # below the ephemeral ports

        next if $used && $used->{$port};

        my $reserved = IO::Socket::UNIX->new(
            Local => "\0test-nginx-port-$port",
            Listen => 1,
        ) or next;

        my $socket = IO::Socket::INET->new(
            LocalAddr => '127.0.0.1',
            LocalPort => $port,
            Proto     => 'tcp',
            Listen    => 1,
            ReuseAddr => 1,
        ) or next;

        close $socket;
        push @reserved, $reserved;

        return $port;
    }

    return undef;
}

# Replaces $TEST_NGINX_RAND_PORT_n, kept in $ports for the block, and every
# other $TEST_NGINX_NAME by the environment's value.
sub expand_env_in_text ($$$) {
    my ($text, $name, $ports) = @_;

    return $text if !defined $text || ref $text;

    $text =~ s/\$(TEST_NGINX_[_A-Z0-9]+)/_env_value($1, $name, $ports)/eg;

    return $text;
}

sub _env_value {
    my ($variable, $name, $ports) = @_;

    if ($variable =~ /^TEST_NGINX_RAND_PORT_\d+$/) {
        my %used = map { $_ => 1 } $ServerPort, values %$ports;

        return $ports->{$variable} //= gen_rand_port(1000, \%used)
            // die "$name - no free port for $variable\n";
    }

    return $ENV{$variable} if defined $ENV{$variable};

    my %known = (
        TEST_NGINX_HTML_DIR => 'html_dir()',
        TEST_NGINX_SERVROOT => 'server_root()',
    );

    die "$name - no environment variable $variable",
        ($known{$variable}
            ? "; say \$ENV{$variable} ||= $known{$variable}; before run_tests()"
            : ''),
        "\n";
}

1;
