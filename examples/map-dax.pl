#!/usr/bin/perl
# Maps a DAX device, and writes or checks a pattern in it through the mapping, with no read(2) or write(2) on the device.
#
#   perl map-dax.pl write /dev/dax1.0 OFFSET LENGTH
#   perl map-dax.pl check /dev/dax1.0 OFFSET LENGTH
#
# Perl because every Debian has it; it has no mmap of its own, so this calls the system's. Bytes get into the mapping by
# a read(2) from a pipe straight to the mapped address, and out of it by unpack's pointer.
use strict;
use warnings;

my %NUMBERS = (x86_64 => { mmap => 9, munmap => 11, read => 0 }, aarch64 => { mmap => 222, munmap => 215, read => 63 });
my ($PROT_READ, $PROT_WRITE, $MAP_SHARED) = (1, 2, 1);

my ($mode, $device, $offset, $length) = @ARGV;
die "usage: map-dax.pl write|check DEVICE OFFSET LENGTH\n" if @ARGV != 4 || $mode !~ /^(write|check)$/;
$_ = oct for grep { /^0x/ } ($offset, $length);
chomp(my $machine = `uname -m`);
my $number = $NUMBERS{$machine} or die "map-dax.pl knows no system call numbers for $machine\n";

open(my $file, '+<', $device) or die "open $device: $!\n";
my $address = syscall($number->{mmap}, 0, $length + 0, $PROT_READ | $PROT_WRITE, $MAP_SHARED, fileno($file), $offset + 0);
die "mmap $device: $!\n" if $address == -1;

# One recognisable line a page, so that a page out of place shows.
my $page = 4096;
my $wrong = 0;
for (my $at = 0; $at < $length; $at += $page) {
    my $line = sprintf("cxlbox page %012x of %s\n", $offset + $at, $device);
    $mode eq 'write' ? put($address + $at, $line) : ($wrong += get($address + $at, length $line) ne $line);
}
syscall($number->{munmap}, $address, $length + 0);
die "$device: $wrong pages differ from the pattern\n" if $wrong;
printf "%s: %s %d pages through mmap, process %d\n", $device, $mode eq 'write' ? 'wrote' : 'found', $length / $page, $$;

sub put {
    my ($to, $bytes) = @_;
    pipe(my $out, my $in) or die "pipe: $!\n";
    syswrite($in, $bytes) == length $bytes or die "pipe: $!\n";
    syscall($number->{read}, fileno($out), $to, length $bytes) == length $bytes or die "read into the mapping: $!\n";
}

sub get {
    my ($from, $count) = @_;
    return unpack("P$count", pack('J', $from));
}
