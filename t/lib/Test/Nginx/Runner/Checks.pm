# The tests on a response.  How many each section makes is a contract with the
# plans of test files: error_code 1 (also where the section is absent),
# response_body* 1, raw_response_headers_* 1 each, response_headers* one a line.
package Test::Nginx::Runner::Checks;

use strict;
use warnings;

use Test::More ();
use Test::Nginx::Util ();

# check_response(BLOCK, AT, RESPONSE, RAW_HEADERS); AT says which response it
# is: {index, repeat, many}.  With many an expectation is an array, by index.
sub check_response {
    my ($block, $at, $response, $raw_headers) = @_;

    _check_code($block, $at, $response);
    _check_raw_headers($block, $at, $raw_headers);
    _check_headers($block, $at, $response, $raw_headers);

    if (defined $response) {
        _filter_body($block, $at, $response);
    }

    _check_body($block, $at, $response);

    for my $check (@Test::Nginx::Util::ResponseBodyChecks) {
        $check->($block, $response && $response->content, $at->{index},
            $at->{repeat}, 0);
    }

    return;
}

# The section's value for this response.
sub expected {
    my ($block, $at, $section) = @_;

    my $value = $block->$section;

    return $value->[$at->{index}] if ref $value eq 'ARRAY';

    die $block->name, " - several requests: --- $section must be an array\n"
        if $at->{many};

    return $value;
}

sub _expand_ports {
    my ($text) = @_;

    return $text if !defined $text || ref $text;

    my %port = (
        ServerPort          => $Test::Nginx::Util::ServerPort,
        ServerPortForClient => $Test::Nginx::Util::ServerPortForClient,
    );

    return $text =~ s/\$(ServerPort(?:ForClient)?)\b/$port{$1}/gr;
}

sub _check_code {
    my ($block, $at, $response) = @_;

    my $label = $block->name . ' - status code ok';
    my $code  = $response && $response->code || '';

    if (defined $block->error_code_like) {
        my $pattern = expected($block, $at, 'error_code_like');

        Test::More::like($code, qr/$pattern/sm, $label);

    } elsif (defined $block->error_code) {
        Test::More::is($code, expected($block, $at, 'error_code'), $label);

    } else {
        Test::More::is($code, 200, $label);
    }

    return;
}

sub _check_raw_headers {
    my ($block, $at, $raw_headers) = @_;

    my $name = $block->name;

    if (defined $block->raw_response_headers_like) {
        my $pattern = expected($block, $at, 'raw_response_headers_like');

        Test::More::like($raw_headers, qr/$pattern/s,
            "$name - raw resp headers like");
    }

    if (defined $block->raw_response_headers_unlike) {
        my $pattern = expected($block, $at, 'raw_response_headers_unlike');

        Test::More::unlike($raw_headers, qr/$pattern/s,
            "$name - raw resp headers unlike");
    }

    return;
}

sub _check_headers {
    my ($block, $at, $response, $raw_headers) = @_;

    my $name = $block->name;

    if (defined $block->response_headers) {
        my $headers = parse_headers(
            scalar expected($block, $at, 'response_headers'));

        for my $key (sort keys %$headers) {
            my $value = $headers->{$key};

            if (!defined $value) {
                Test::More::unlike($raw_headers, qr/^\s*\Q$key\E\s*:/mi,
                    "$name - header $key not present in the raw headers");
                next;
            }

            my $got = $response ? $response->header($key) : undef;

            Test::More::is($got // '', _expand_ports($value),
                "$name - header $key ok");
        }

    } elsif (defined $block->response_headers_like) {
        my $headers = parse_headers(
            scalar expected($block, $at, 'response_headers_like'));

        for my $key (sort keys %$headers) {
            my $got = $response ? $response->header($key) : undef;

            Test::More::like($got // '', qr/^$headers->{$key}$/,
                "$name - header $key like ok");
        }
    }

    return;
}

# "Name: value" lines as a hash; "!Name" has the value undef.
sub parse_headers {
    my ($text) = @_;

    my %headers;

    for my $line (split /\n/, $text // '') {
        $line =~ s/^\s+|\s+$//g;

        if ($line =~ s/^!\s*//) {
            $headers{$line} = undef;

        } else {
            my ($key, $value) = split /\s*:\s*/, $line, 2;
            $headers{$key // ''} = $value // '';
        }
    }

    return \%headers;
}


my %BodyFilter = (
    md5_hex  => sub { require Digest::MD5; Digest::MD5::md5_hex($_[0]) },
    sha1_hex => sub { require Digest::SHA; Digest::SHA::sha1_hex($_[0]) },
    uc       => sub { uc $_[0] },
    lc       => sub { lc $_[0] },
    ucfirst  => sub { ucfirst $_[0] },
    lcfirst  => sub { lcfirst $_[0] },
    length   => sub { length $_[0] },
);

# --- response_body_filters: names, code, or an array of them; with an array of
# arrays each response has its own.
sub _filter_body {
    my ($block, $at, $response) = @_;

    my $filters = $block->response_body_filters;

    return if !defined $filters;

    my $name = $block->name;

    if (!ref $filters) {
        $filters = [split ' ', $filters];

    } elsif (ref $filters ne 'ARRAY') {
        $filters = [$filters];

    } elsif (ref $filters->[0] eq 'ARRAY') {
        $filters = $filters->[$at->{index}]
            // die "$name - --- response_body_filters lacks a response\n";
    }

    my $content = $response->content;

    for my $filter (@$filters) {
        my $code = ref $filter eq 'CODE' ? $filter : $BodyFilter{$filter}
            // die "$name - unknown response body filter '$filter'\n";

        $content = $code->($content);
    }

    $response->content($content);

    return;
}

sub _check_body {
    my ($block, $at, $response) = @_;

    my $name    = $block->name;
    my $content = $response ? $response->content : undef;
    my $which   = "(repeated req $at->{repeat}, req $at->{index})";

    if (defined $block->response_body) {
        my $expected = _expand_ports(
            scalar expected($block, $at, 'response_body'));

        $expected = Test::Nginx::Util::expand_env_in_text($expected, $name,
            $Test::Nginx::Util::RandPorts);

        if (defined $block->response_body_json_sort && defined $content) {
            $content = _sorted_json($content);
        }

        if (ref $expected) {
            Test::More::like($content, $expected,
                "$name - response_body - like $which");

        } else {
            Test::Nginx::Util::is_str($content, $expected,
                "$name - response_body - response is expected $which");
        }

        return;
    }

    my %test = (
        response_body_like   => \&Test::More::like,
        response_body_unlike => \&Test::More::unlike,
    );

    for my $section (sort keys %test) {
        next if !defined $block->$section;

        my $pattern = _expand_ports(scalar expected($block, $at, $section));

        die "$name - --- $section lacks response $at->{index}\n"
            if !defined $pattern;

        # a missing response matches nothing and lacks nothing: both fail

        if (defined $content) {
            $test{$section}->($content, qr/$pattern/s,
                "$name - $section - response is expected");

        } else {
            Test::More::fail("$name - $section - there is no response");
        }

        return;
    }

    return;
}

sub _sorted_json {
    my ($content) = @_;

    require JSON::PP;

    my $json  = JSON::PP->new->canonical(1)->loose(1);
    my $value = eval { $json->decode($content) };

    return defined $value ? $json->encode($value) . "\n" : $content;
}

1;
