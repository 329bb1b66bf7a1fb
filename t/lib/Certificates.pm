# Certificates for the servers and clients of a test file, in a folder that goes
# with the file's process.
#
#   BEGIN { require "$FindBin::Bin/lib/Certificates.pm"; Certificates->import }
#
#   self_signed('ca', 'authority');             $dir/ca.pem, $dir/ca.key
#   certificate('good', 'DNS:localhost', 2);    signed by ca, for two days
package Certificates;

use strict;
use warnings;

use Exporter 'import';
use File::Temp ();

our @EXPORT = qw($dir openssl self_signed certificate);

our $dir = File::Temp->newdir;

sub openssl {
    my ($command) = @_;

    system("cd $dir && openssl $command >openssl.log 2>&1") == 0
        or die "openssl $command: " . `cat $dir/openssl.log`;
}

sub self_signed {
    my ($name, $subject, $names) = @_;

    openssl("req -x509 -newkey rsa:2048 -nodes -keyout $name.key"
        . " -out $name.pem -days 2 -subj /CN=$subject"
        . (defined $names ? " -addext subjectAltName=$names" : ''));
}

sub certificate {
    my ($name, $names, $days) = @_;

    open my $out, '>', "$dir/$name.ext" or die $!;
    print {$out} "subjectAltName=$names\n";
    close $out;

    openssl("req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr"
        . " -subj /CN=$name");
    openssl("x509 -req -in $name.csr -CA ca.pem -CAkey ca.key"
        . " -CAcreateserial -out $name.pem -extfile $name.ext -days $days");
}

1;
