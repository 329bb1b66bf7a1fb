# The server root of a block: directories, the user's files, nginx.conf.
package Test::Nginx::Runner::Config;

use strict;
use warnings;

use File::Path qw(make_path remove_tree);
use Test::Nginx::Util ();

# prepare(BLOCK) makes a fresh server root for BLOCK.  Dies if it can't.
sub prepare {
    my ($block) = @_;

    _make_server_root();

    if (defined(my $code = $block->post_setup_server_root)) {
        eval $code;
        die $block->name, " - post_setup_server_root failed: $@" if $@;
    }

    write_user_files($block);
    _write_nginx_conf($block);

    return;
}

sub _make_server_root {
    no warnings 'once';

    my $root = $Test::Nginx::Util::ServRoot;

    # only what the runner and nginx make is removed: TEST_NGINX_SERVROOT
    # may name a directory which holds something else, too

    remove_tree(
        $Test::Nginx::Util::ConfDir, $Test::Nginx::Util::LogDir,
        $Test::Nginx::Util::HtmlDir, "$root/cache",
        glob("$root/*_cache"), glob("$root/*_temp")
    );

    make_path(
        $Test::Nginx::Util::ConfDir, $Test::Nginx::Util::LogDir,
        $Test::Nginx::Util::HtmlDir
    );

    _write_file("$Test::Nginx::Util::HtmlDir/index.html",
        '<html><head><title>It works!</title></head>'
            . '<body>It works!</body></html>');

    return;
}

sub _write_file {
    my ($path, $content) = @_;

    open my $out, '>:raw', $path or die "cannot write $path: $!\n";
    print {$out} $content;
    close $out or die "cannot write $path: $!\n";

    return;
}

# Writes the files of the section user_files: ">>> NAME [DATE]" and lines, or
# an array of [name, content, date].  A relative name is below html/.
sub write_user_files {
    my ($block) = @_;

    my $files = $block->user_files;
    my $name  = $block->name;

    return if !defined $files;

    if (!ref $files) {
        my @list;

        for my $line (split /^/, $files) {
            if ($line =~ /^>>> (\S+)(?:\s+(\S.*))?$/) {
                push @list, [$1, '', $2];

            } elsif (@list) {
                $list[-1][1] .= $line;

            } else {
                die "$name - user_files: '>>> name' expected first\n";
            }
        }

        $files = \@list;
    }

    for my $file (@$files) {
        my ($path, $content, $date) = @$file;

        if ($path !~ m{^/}) {
            $path = "$Test::Nginx::Util::HtmlDir/$path";
        }

        make_path($path =~ s{/[^/]*\z}{}r);

        _write_file($path,
            Test::Nginx::Util::expand_env_in_text($content // '', $name,
                $Test::Nginx::Util::RandPorts));

        if (defined $date) {
            local $ENV{TZ} = 'GMT';
            system('touch', '-t', $date, $path) == 0
                or die "$name - user_files: bad date '$date'\n";
        }
    }

    return;
}

sub _write_nginx_conf {
    my ($block) = @_;

    my $name = $block->name;
    my %part;

    for my $section (qw(config http_config main_config post_main_config
        error_log_file))
    {
        $part{$section} = Test::Nginx::Util::expand_env_in_text(
            scalar $block->$section, $name, $Test::Nginx::Util::RandPorts);
    }

    $_ //= '' for @part{qw(config http_config main_config post_main_config)};

    $part{error_log_file} ||= $Test::Nginx::Util::ErrLogFile;
    $part{log_level} = $block->log_level || $Test::Nginx::Util::LogLevel;

    $part{server_name} = $block->server_name // $Test::Nginx::Util::ServerName;

    _write_file($Test::Nginx::Util::ConfFile,
        _main_part(%part) . _http_part(%part) . _events_part(%part));

    return;
}

sub _main_part {
    my (%part) = @_;

    my $modules = join '', map {"load_module $_;\n"} split ' ',
        $Test::Nginx::Util::LoadModules // '';

    my $env = join '', map { /\s/ ? "env '$_';\n" : "env $_;\n" }
        qw(LD_PRELOAD LD_LIBRARY_PATH ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS),
        @Test::Nginx::Util::EnvToNginx;

    my $user = $Test::Nginx::Util::WorkerUser // ($> == 0 ? 'root' : undef);

    $user = defined $user ? "user $user;\n" : '';

    # "daemon off", as nginx must be a child whose exit status can be seen

    return <<"END";
${modules}worker_processes $Test::Nginx::Util::Workers;
daemon off;
master_process $Test::Nginx::Util::MasterProcessEnabled;
error_log $part{error_log_file} $part{log_level};
pid $Test::Nginx::Util::PidFile;
$user$env
$part{main_config}

END
}

sub _http_part {
    my (%part) = @_;

    my $root = $Test::Nginx::Util::ServRoot;
    my $temp = '';

    for my $kind (qw(client_body proxy fastcgi scgi uwsgi)) {
        my $directive = "${kind}_temp_path";

        next if $part{http_config} =~ /\b$directive\b/;

        $temp .= "    $directive $root/${kind}_temp;\n";
    }

    my $postpone = $Test::Nginx::Util::PostponeOutput;

    if (defined $postpone && $part{http_config} !~ /\bpostpone_output\b/) {
        $temp .= "    postpone_output $postpone;\n";
    }

    my $location = $Test::Nginx::Util::NoRootLocation ? '' : <<"END";
        location / {
            root $Test::Nginx::Util::HtmlDir;
            index index.html index.htm;
        }
END

    return <<"END";
http {
    access_log $Test::Nginx::Util::AccLogFile;
$temp
    default_type text/plain;
    keepalive_timeout 68000ms;

$part{http_config}

    server {
        listen $Test::Nginx::Util::ServerPort;
        server_name '$part{server_name}';

        client_max_body_size 30M;

$Test::Nginx::Util::ConfigPreamble
$part{config}

$location    }
}

END
}

sub _events_part {
    my (%part) = @_;

    my $use = $Test::Nginx::Util::EventType;

    $use = defined $use ? "    use $use;\n" : '';

    return <<"END";
$part{post_main_config}

events {
    accept_mutex off;
    worker_connections $Test::Nginx::Util::WorkerConnections;
$use}
END
}

1;
