#!/usr/bin/perl
# The bridge of a box: brings system calls that no file can answer to the machine (docs/bridge.md).
#
#   perl bridge.pl REPORT BOX SURFACES if-possible|required -- COMMAND ...
#
# This process puts a seccomp filter on itself and becomes COMMAND. A second one, which is not
# filtered and no child of it, gets the filter's listener, and does for each call what the machine
# orders. It knows nothing of what calls mean.
#
# On descriptor REPORT the box is told `on`, or `off` and why, in a record (src/box/keeper.ts). When
# the other end of descriptor BOX closes, the box is gone. COMMAND gets both, and closes them.
use strict;
use warnings;

my $CALLS = '/sys/kernel/debug/cxlbox/calls';
my ($REPORT, $BOX, $surfaces, $wish, undef, @command) = @ARGV;

# Numbers of system calls. Calls are told to the machine by those of x86_64.
my %NUMBERS = (
    x86_64 => { audit => 0xC000003E, ioctl => 16, sendmsg => 46, recvmsg => 47, setsid => 112,
                prctl => 157, seccomp => 317 },
    aarch64 => { audit => 0xC00000B7, ioctl => 29, sendmsg => 211, recvmsg => 212, setsid => 157,
                 prctl => 167, seccomp => 277 },
);
require Config;
my ($processor) = $Config::Config{archname} =~ /^(x86_64|aarch64)/;
my %SYS = %{ $NUMBERS{ $processor // '' } // {} };

# Instructions of the filter (linux/bpf_common.h): operation, jump if true, if false, operand.
my ($LOAD, $AND, $JUMP_EQUAL, $JUMP_GREATER_EQUAL, $RETURN) = (0x20, 0x54, 0x15, 0x35, 0x06);
my ($NOTIFY, $ALLOW) = (0x7fc00000, 0x7fff0000);
# Offsets in struct seccomp_data: arguments are 64 bits, the lower half first.
my ($AT_NUMBER, $AT_PROCESSOR, $AT_ARGUMENTS) = (0, 4, 16);
my $X32_BIT = 0x40000000;

sub instruction { my ($operation, $operand, $true, $false) = @_;
    return pack 'SCCL', $operation, $true // 0, $false // 0, $operand;
}

# ioctl(2) of type 0xCE, and the first numbers of type N, which are libnvdimm's.
sub trap_ioctl {
    return (
        instruction($JUMP_EQUAL, $SYS{ioctl}, 0, 6),
        instruction($LOAD, $AT_ARGUMENTS + 8),
        instruction($AND, 0xfff0),
        instruction($JUMP_EQUAL, 0xCE00, 1, 0),
        instruction($JUMP_EQUAL, 0x4E00, 0, 1),
        instruction($RETURN, $NOTIFY),
        instruction($RETURN, $ALLOW),
    );
}

my %TRAPS = (ioctl => \&trap_ioctl);

sub filter { my (@surfaces) = @_;
    my @traps = map { $TRAPS{$_}->() } @surfaces;
    return join '',
        instruction($LOAD, $AT_PROCESSOR),
        instruction($JUMP_EQUAL, $SYS{audit}, 1, 0),
        instruction($RETURN, $ALLOW),
        instruction($LOAD, $AT_NUMBER),
        instruction($JUMP_GREATER_EQUAL, $X32_BIT, 0, 1),
        instruction($RETURN, $ALLOW),
        @traps,
        instruction($RETURN, $ALLOW);
}

my ($SET_MODE_FILTER, $NEW_LISTENER, $WAIT_KILLABLE_RECV) = (1, 8, 32);
my ($EACCES, $EINVAL) = (13, 22);
my $PR_SET_NO_NEW_PRIVS = 38;

# The listener, or undef with the reason in $!. Without WAIT_KILLABLE_RECV (Linux 5.19) a signal
# makes the caller's system call start again.
sub install_filter { my (@surfaces) = @_;
    my $instructions = filter(@surfaces);
    my $program = pack 'Sx6P', length($instructions) / 8, $instructions;
    my $try = sub { syscall $SYS{seccomp}, $SET_MODE_FILTER, $_[0], $program };
    my $flags = $NEW_LISTENER | $WAIT_KILLABLE_RECV;
    my $listener = $try->($flags);
    $listener = $try->($flags = $NEW_LISTENER) if $listener < 0 && $! == $EINVAL;
    if ($listener < 0 && $! == $EACCES) {
        syscall $SYS{prctl}, $PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0;
        $listener = $try->($flags);
    }
    return $listener < 0 ? undef : $listener;
}

# struct msghdr for one byte and one descriptor (SCM_RIGHTS).
sub message { my ($data, $control) = @_;
    my $vector = pack 'PQ', $$data, 1;
    return (pack('QLx4PQPQLx4', 0, 0, $vector, 1, $$control, length $$control, 0), $vector);
}

sub send_descriptor { my ($socket, $descriptor) = @_;
    my ($byte, $control) = ('L', pack 'QllLx4', 20, 1, 1, $descriptor);
    my ($message, $vector) = message(\$byte, \$control);
    return syscall($SYS{sendmsg}, fileno $socket, $message, 0) == 1;
}

sub receive_descriptor { my ($socket) = @_;
    # Buffers that the kernel writes to must not be constants.
    my ($byte, $control) = map { "\0" x $_ } 1, 24;
    my ($message, $vector) = message(\$byte, \$control);
    my $close_on_exec = 0x40000000;
    return undef if syscall($SYS{recvmsg}, fileno $socket, $message, $close_on_exec) != 1;
    return unpack 'x16L', $control;
}

# --- the process that brings calls to the machine ---

my ($calls, $listener, $orders);
my ($NOTIFICATION_RECEIVE, $NOTIFICATION_SEND, $NOTIFICATION_VALID, $NOTIFICATION_FLAGS) =
    (0xC0502100, 0xC0182101, 0x40082102, 0x40082104);
my ($EINTR, $EIO, $EFAULT) = (4, 5, 14);
my ($READ, $WRITE, $DONE, $CONTINUE) = (1, 2, 3, 4);

sub put { my ($bytes) = @_;
    while (length $bytes) {
        my $written = syswrite $calls, $bytes;
        next if !defined $written && $! == $EINTR;
        die "write: $!\n" if !$written;
        substr $bytes, 0, $written, '';
    }
}

sub take { my ($count) = @_;
    while (length $orders < $count) {
        my $got = sysread $calls, $orders, 65536, length $orders;
        next if !defined $got && $! == $EINTR;
        die "read: $!\n" if !$got;
    }
    return substr $orders, 0, $count, '';
}

# The caller's memory at an address, unless the caller is no longer the one that called.
sub memory { my ($id, $pid, $address) = @_;
    open my $memory, '+<:raw', "/proc/$pid/mem" or return undef;
    return undef if syscall($SYS{ioctl}, $listener, $NOTIFICATION_VALID, pack 'Q', $id) != 0;
    return sysseek($memory, $address, 0) ? $memory : undef;
}

sub read_memory { my ($id, $pid, $address, $count) = @_;
    my $memory = memory($id, $pid, $address) or return '';
    my $bytes = '';
    while (length $bytes < $count) {
        last if !sysread $memory, $bytes, $count - length $bytes, length $bytes;
    }
    return $bytes;
}

sub write_memory { my ($id, $pid, $address, $bytes) = @_;
    my $memory = memory($id, $pid, $address) or return 0;
    return (syswrite($memory, $bytes) // -1) == length $bytes;
}

sub respond { my ($id, $value, $errno, $flags) = @_;
    # The caller may be gone.
    syscall $SYS{ioctl}, $listener, $NOTIFICATION_SEND, pack 'QqlL', $id, $value, -$errno, $flags;
}

sub obey { my ($id, $pid) = @_;
    my $faulted = 0;
    while (1) {
        my ($operation, $a, $b) = unpack 'LLQ', take(24);
        if ($operation == $READ) {
            my $bytes = read_memory($id, $pid, $b, $a);
            put(pack('L', length $bytes) . $bytes);
        } elsif ($operation == $WRITE) {
            my $bytes = take($a);
            $faulted = 1 if !write_memory($id, $pid, $b, $bytes);
        } elsif ($operation == $DONE) {
            my $errno = $a || ($faulted ? $EFAULT : 0);
            return respond($id, $errno ? 0 : unpack('q', pack 'Q', $b), $errno, 0);
        } elsif ($operation == $CONTINUE) {
            return respond($id, 0, 0, 1);
        } else {
            die "unknown order $operation\n";
        }
    }
}

sub serve_call {
    my $notification = "\0" x 80;
    return if syscall($SYS{ioctl}, $listener, $NOTIFICATION_RECEIVE, $notification) != 0;
    my ($id, $pid, undef, $number, undef, undef, @arguments) = unpack 'QLLlLQQ6', $notification;
    my ($name) = grep { $SYS{$_} == $number } keys %TRAPS;
    $orders = '';
    my $answered = eval {
        put(pack 'QllQ6', $id, $pid, $NUMBERS{x86_64}{$name}, @arguments);
        obey($id, $pid);
        1;
    };
    respond($id, 0, $EIO, 0) if !$answered;
}

sub bridge { my ($socket, $command) = @_;
    $0 = "cxlbox: bridge";
    syscall $SYS{setsid};
    $SIG{$_} = 'IGNORE' for qw(HUP INT QUIT PIPE ALRM TERM USR1 USR2 TSTP TTIN TTOU);
    chdir '/';
    my $tell = sub { syswrite $socket, "$_[0]\n" };
    if (!open $calls, '+<:raw', $CALLS) { $tell->("$CALLS: $!"); exit 1 }
    if (!open my $memory, '+<:raw', "/proc/$command/mem") {
        $tell->("/proc/$command/mem: $!");
        exit 1;
    }
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', '/dev/null';
    open STDERR, '>', '/dev/null';
    close_descriptor($REPORT);
    $tell->('ready');
    $listener = receive_descriptor($socket) // exit 0;
    # The caller's processor is to be left at once to who answers (Linux 6.6).
    syscall $SYS{ioctl}, $listener, $NOTIFICATION_FLAGS, 1;
    $tell->('serving');
    close $socket;
    my $waited = '';
    vec($waited, $_, 1) = 1 for $listener, $BOX;
    while (1) {
        my $ready = $waited;
        next if select($ready, undef, undef, undef) < 1;
        exit 0 if vec $ready, $BOX, 1;
        serve_call() if vec $ready, $listener, 1;
    }
}

# --- the process that becomes the command ---

sub close_descriptor { my ($descriptor) = @_;
    open my $handle, '<&=', $descriptor or return;
    close $handle;
}

# A process of its own, whose parent ends at once. False: it could not be started.
sub start_bridge { my ($ours, $theirs) = @_;
    my $command = $$;
    local $SIG{CHLD} = 'DEFAULT';
    my $child = fork // return 0;
    if ($child == 0) {
        my $second = fork // exit 1;
        exit 0 if $second != 0;
        close $ours;
        bridge($theirs, $command);
    }
    close $theirs;
    waitpid $child, 0;
    return $? == 0;
}

sub line_of { my ($socket) = @_;
    my $line = '';
    while ($line !~ /\n/) {
        my $got = sysread $socket, $line, 256, length $line;
        next if !defined $got && $! == $EINTR;
        return 'the bridge ended' if !$got;
    }
    return $line =~ s/\n.*//sr;
}

# Why there is no bridge; undef: there is one.
sub connect_bridge { my (@surfaces) = @_;
    return "no numbers of system calls for $Config::Config{archname}" if !%SYS;
    socketpair my $ours, my $theirs, 1, 1, 0 or return "socketpair: $!";
    start_bridge($ours, $theirs) or return "fork: $!";
    my $line = line_of($ours);
    return $line if $line ne 'ready';
    my $descriptor = install_filter(@surfaces) // return "seccomp: $!";
    send_descriptor($ours, $descriptor);
    # If it has ended, trapped calls give ENOSYS.
    line_of($ours);
    return undef;
}

my $missing = connect_bridge(split /,/, $surfaces);
# COMMAND gets it.
$^F = $REPORT;
open my $report, '>&=', $REPORT or die "descriptor $REPORT: $!\n";
syswrite $report, "\x1ebridge " . (defined $missing ? "off $missing" : 'on') . "\n";
exit 125 if defined $missing && $wish eq 'required';
exec { $command[0] } @command;
die "$command[0]: $!\n";
