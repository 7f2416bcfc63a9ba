# Becomes a command under a seccomp filter with a listener, as under a container manager that
# watches system calls: listener.pl COMMAND ...
use strict;
use warnings;
use Config;
my ($seccomp, $prctl) = $Config{archname} =~ /^aarch64/ ? (277, 167) : (317, 157);
my $no_new_privs = 38;
my ($set_mode_filter, $new_listener) = (1, 8);
# Allows everything.
my $instructions = pack 'SCCL', 0x06, 0, 0, 0x7fff0000;
my $program = pack 'Sx6P', 1, $instructions;
# An ordinary user may not do it otherwise.
syscall $prctl, $no_new_privs, 1, 0, 0, 0 if $> != 0;
my $listener = syscall $seccomp, $set_mode_filter, $new_listener, $program;
die "seccomp: $!\n" if $listener < 0;
# The listener is there as long as somebody has it.
my $command = $$;
if (!fork) {
    close $_ for *STDIN, *STDOUT, *STDERR;
    select undef, undef, undef, 0.05 while getppid == $command;
    exit;
}
exec { $ARGV[0] } @ARGV;
die "$ARGV[0]: $!\n";
