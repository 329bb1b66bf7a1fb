# Reader of the text after __DATA__: Test::Base's format.
#
#     === TEST 1: name
#     description, ignored
#     --- section
#     lines
#     --- section filter filter
#     lines
#     --- section filter: value on the same line
#
# A section passes the filters "norm" (line ends) and "trim" (blank lines
# around), then its own.  ONLY, SKIP and LAST choose among the blocks.
package Test::Nginx::Runner::Blocks;

# Code of an "eval" filter sees the names of the package which it is compiled
# in and every lexical above it: hence its place, ahead of all.
sub _evaluate {
    package Test::Nginx::Runner::Eval;

    use strict;
    use warnings;

    return eval $_[0];
}

use strict;
use warnings;

my (%Filter, %MapFilter, @AddedFilters);

# parse(TEXT, WHERE) returns the blocks chosen, filters not yet run.  WHERE
# names the text in error messages.  Dies on bad syntax.
sub parse {
    my ($text, $where) = @_;

    my @blocks;

    for my $hunk ($text =~ /^(===.*?(?=^===|\z))/msg) {
        my $block = _parse_block($hunk, $where);

        if ($block->has('ONLY')) {
            require Test::More;
            Test::More::diag('I found ONLY: maybe you\'re debugging?');
            @blocks = ($block);
            last;
        }

        next if $block->has('SKIP');

        push @blocks, $block;

        last if $block->has('LAST');
    }

    my $number = 1;

    $_->set_value(seq_num => $number++) for @blocks;

    return @blocks;
}

sub _parse_block {
    my ($hunk, $where) = @_;

    $hunk =~ s/\A===[ \t]*(.*)\s+// or die "$where: bad block: $hunk";

    my $name  = $1;
    my $block = Test::Nginx::Runner::Block->new($name);

    my (undef, @parts) = split /^--- +\(?(\w+)\)? *(.*)?\n/m, $hunk;

    while (my ($section, $filters, $value) = splice @parts, 0, 3) {
        $_ //= '' for $filters, $value;

        die "$where: $name: '$section' is a reserved name\n"
            if Test::Nginx::Runner::Block->can($section) || $section =~ /^_/;

        if ($filters =~ /:(?:\s|\z)/) {
            die "$where: $name: extra lines in section '$section', whose"
                . " value stands on its first line\n"
                if $value =~ /\S/;

            ($filters, $value) = split /\s*:(?:\s+|\z)/, $filters, 2;

            $value //= '';
            $value =~ s/^\s+|\s+$//g;
        }

        $block->add_section($section, $filters, $value);
    }

    return $block;
}

# filters('name', ...) adds to every section's filters, filters({section =>
# 'name' or [names]}) to those of one.
sub add_filters {
    if (ref $_[0] eq 'HASH') {
        %MapFilter = %{$_[0]};

    } else {
        push @AddedFilters, @_;
    }
}

# Names of the filters of one section, in the order in which they run.
sub filter_names {
    my ($section, $own) = @_;

    my $mapped = $MapFilter{$section} // [];

    $mapped = [$mapped] if !ref $mapped;

    my (@names, @appended);

    for my $name (qw(norm trim), @AddedFilters, @$mapped, split ' ', $own) {

        if ($name =~ /^-(.*)/) {
            my $removed = $1;
            @names = grep { $_ ne $removed } @names;

        } elsif ($name =~ /^\+(.*)/) {
            push @appended, $1;

        } else {
            push @names, $name;
        }
    }

    return @names, @appended;
}

# Passes @values through one filter: main::NAME of the test file if there is
# such a function, else one of the table below.
sub run_filter {
    my ($where, $filter, @values) = @_;

    my ($name, $argument) = split /=/, $filter, 2;

    if (my $function = main->can($name)) {
        local $_ = join '', grep { defined } @values;

        my @result = $function->(@values);

        # a function that returns no text has worked on $_

        return $_ if !@result
                     || @result == 1 && ($result[0] // 'x') =~ /\A\d*\z/;

        return @result;
    }

    my $function = $Filter{$name}
        or die "$where: no filter '$name' (a function main::$name, or one of "
            . join(' ', sort keys %Filter) . ")\n";

    return $function->({where => $where, argument => $argument}, @values);
}

sub _one {
    my ($context, @values) = @_;

    die "$context->{where}: the filter takes one value, not a list\n"
        if @values != 1;

    return $values[0];
}

%Filter = (
    norm => sub {
        my $text = &_one // '';

        $text =~ s/\r\n?/\n/g;

        return $text;
    },

    trim => sub {
        my ($context, @values) = @_;

        for (@values) {
            s/\A(?:[ \t]*\n)+//;
            s/(?<=\n)\s*\z//;
        }

        return @values;
    },

    chomp => sub {
        my ($context, @values) = @_;

        CORE::chomp @values;

        return @values;
    },

    chop => sub {
        my ($context, @values) = @_;

        CORE::chop for @values;

        return @values;
    },

    eval => sub {
        my ($context) = @_;

        my @values = _evaluate(qq{#line 1 "$context->{where}"\n} . &_one);

        die $@ if $@;

        return @values;
    },

    escape => sub {
        my $text = &_one;

        $text =~ s/(\\.)/eval qq{"$1"}/ge;

        return $text;
    },

    regexp => sub {
        my ($context) = @_;

        my $text  = &_one;
        my $flags = $context->{argument} // '';

        if ($text =~ /\n.*?\n/s) {
            $flags = 'xism' if !defined $context->{argument};

        } else {
            CORE::chomp $text;
        }

        return qr/(?$flags:$text)/;
    },

    lines => sub { (&_one) =~ /^(.*\n?)/gm },

    split => sub {
        my ($context) = @_;

        my $separator = $context->{argument} // '\s+';

        $separator =~ s{^/(.*)/$}{$1};

        return split /$separator/, &_one;
    },

    join => sub {
        my ($context, @values) = @_;

        return join $context->{argument} // '', @values;
    },

    append  => sub { my $c = shift; map { $_ . $c->{argument} } @_ },
    prepend => sub { my $c = shift; map { $c->{argument} . $_ } @_ },
    unchomp => sub { my $c = shift; map {"$_\n"} @_ },
    array   => sub { my $c = shift; [@_] },
    flatten => sub { @{&_one} },
    reverse => sub { my $c = shift; CORE::reverse @_ },

    base64_decode => sub { require MIME::Base64; MIME::Base64::decode(&_one) },
    base64_encode => sub { require MIME::Base64; MIME::Base64::encode(&_one) },

    read_file => sub {
        my ($context) = @_;

        CORE::chomp(my $path = &_one);

        open my $in, '<', $path or die "$context->{where}: $path: $!\n";
        local $/;

        return scalar <$in>;
    },
);


# A block.  $block->NAME is the value of the section NAME after its filters:
# the first value in scalar context, all of them in list context, undef (or an
# empty list) if the block has no such section.
package Test::Nginx::Runner::Block;

our $AUTOLOAD;

sub new {
    my ($class, $name) = @_;

    return bless {
        value => {name => [$name], description => [$name]},
        order => [],
        own   => {},
    }, $class;
}

sub AUTOLOAD {
    my ($self) = @_;

    my $section = $AUTOLOAD =~ s/.*:://r;

    my @values = @{$self->{value}{$section} || []};

    return wantarray ? @values : $values[0];
}

sub DESTROY {
}

sub has {
    my ($self, $section) = @_;

    return exists $self->{value}{$section};
}

sub set_value {
    my ($self, $section, @values) = @_;

    $self->{value}{$section} = [@values];

    return;
}

sub add_section {
    my ($self, $section, $filters, $value) = @_;

    push @{$self->{order}}, $section if !exists $self->{own}{$section};

    $self->{own}{$section} = $filters;
    $self->set_value($section, $value);

    return;
}

# Names of the sections as the test file has them.
sub section_names {
    my ($self) = @_;

    return @{$self->{order}};
}

# Replaces each section's text by what its filters make of it, once.
sub run_filters {
    my ($self) = @_;

    return if $self->{filtered}++;

    for my $section (@{$self->{order}}) {
        my $where = "$self->{value}{name}[0], section $section";
        my $own   = $self->{own}{$section};

        for my $filter (Test::Nginx::Runner::Blocks::filter_names(
            $section, $own))
        {
            my @values = @{$self->{value}{$section}};

            $self->set_value($section,
                Test::Nginx::Runner::Blocks::run_filter($where, $filter,
                    @values));
        }
    }

    return;
}

1;
