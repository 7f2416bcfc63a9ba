/**
 * What can go wrong with a box itself, under stable codes, and the exit statuses of a run.
 */

/**
 * Exit statuses that are not the command's own. The same as those of env(1), docker and chroot(1).
 */
export const EXIT_STATUS = {
  /** The box could not be opened, or was lost. */
  boxFailed: 125,
  /** The command was found and cannot be executed. */
  notExecutable: 126,
  /** The command was not found. */
  notFound: 127,
  /** The command was ended by signal n: this plus n. */
  signalBase: 128,
} as const;

interface ErrorText {
  readonly what: string;
  readonly remedy: string;
}

export const BOX_ERRORS = {
  /** User: the host has no FUSE. */
  CXLBOX_NO_FUSE: {
    what: 'this host has no /dev/fuse',
    remedy:
      'load the module (`modprobe fuse`); in a container, pass the device (`docker run --device /dev/fuse`)',
  },
  /** User: FUSE is there, but not for this user. */
  CXLBOX_FUSE_ACCESS: {
    what: '/dev/fuse cannot be opened for reading and writing',
    remedy: 'make it mode 0666, as udev does (`chmod 666 /dev/fuse` as root), or run as root',
  },
  /** User: unshare(1) of util-linux is missing. */
  CXLBOX_NO_UNSHARE: {
    what: 'a program of util-linux was not found: unshare, nsenter or setpriv',
    remedy: 'install util-linux, or put it on PATH',
  },
  /** User: mount(8) of util-linux is missing. */
  CXLBOX_NO_MOUNT: {
    what: 'the program `mount` was not found',
    remedy: 'install the package that contains mount(8), or put `mount` on PATH',
  },
  /** User: an ordinary user may not make user namespaces here. */
  CXLBOX_NO_USERNS: {
    what: 'an ordinary user cannot make a user namespace on this host',
    remedy:
      'as root, allow it: `sysctl user.max_user_namespaces=15000 kernel.unprivileged_userns_clone=1 ' +
      'kernel.apparmor_restrict_unprivileged_userns=0` (those that exist), or run as root; ' +
      'in a container, allow it in the seccomp profile',
  },
  /** User: root without the right to make a mount namespace, as in most containers. */
  CXLBOX_NO_NAMESPACE: {
    what: 'a private mount namespace cannot be made',
    remedy:
      'in a container, add `--cap-add SYS_ADMIN --security-opt apparmor=unconfined --device /dev/fuse`',
  },
  /** User: root's box cannot be kept from the host, for want of user namespaces. */
  CXLBOX_NO_GUARD: {
    what: 'the host cannot be kept safe from root in the box: there is no user namespace to be had',
    remedy:
      'allow them (`sysctl user.max_user_namespaces=15000`; in a container, by its seccomp profile), ' +
      'or do without that by `--allow-host-writes`',
  },
  /** User: a box in a box. */
  CXLBOX_IN_BOX: {
    what: 'this is inside a box already, where no other one can be opened',
    remedy:
      'leave it first, or open the other one from outside, in another terminal; boxes can share devices',
  },
  /** User: a limit of the process or of the host. */
  CXLBOX_LIMIT: {
    what: 'a limit of this host was reached',
    remedy:
      'raise it: `ulimit -n` (files), `ulimit -u` (processes), `ulimit -v` (memory), or the limits of the container',
  },
  /** User: the directory that the command is to start in. */
  CXLBOX_WORKING_DIRECTORY: {
    what: 'the working directory cannot be entered',
    remedy: 'change to a directory that exists, in the box as well, and that the user may enter',
  },
  /** User: flock(1) of util-linux is missing: the hosts of a shared device need it. */
  CXLBOX_NO_FLOCK: {
    what: 'a shared device needs flock(1) of util-linux',
    remedy: 'install util-linux, or put its `flock` on PATH',
  },
  /** User: the folder of shared devices, or one in it, cannot be used. */
  CXLBOX_SHARED_FOLDER: {
    what: 'the folder of a shared device cannot be used',
    remedy:
      'set CXLBOX_SHARED to a folder of your own on a tmpfs, the same for all boxes that share devices',
  },
  /** User: a shared device has other sizes for the hosts that are attached to it. */
  CXLBOX_SHARED_MISMATCH: {
    what: 'the hosts attached to a shared device see it with other sizes',
    remedy:
      'give the device the same `ram`, `pmem` and `dynamic_ram_a` in all machine files, or another `shared` name; ' +
      '`cxlbox shared list` shows which hosts have which sizes',
  },
  /** User: two hosts of one name on one shared device. */
  CXLBOX_SHARED_HOST_TAKEN: {
    what: 'a host of that name is already attached to the shared device',
    remedy:
      'choose another name with `--host`, or leave it out; `cxlbox shared list` shows the names in use',
  },
  /** User: `--bridge` was given, and there is none to be had. */
  CXLBOX_NO_BRIDGE: {
    what: 'the box cannot have a bridge, which answers ioctl(2) of its devices',
    remedy:
      'install perl; in a container, allow seccomp(2) and do not have it watched by the container manager; ' +
      'or do without: leave `--bridge` out',
  },
  /** System: a mount inside the namespace was refused. */
  CXLBOX_MOUNT_REFUSED: {
    what: 'a mount inside the box was refused',
    remedy:
      'see the reason above; in a container, a seccomp or AppArmor profile may forbid mount(2)',
  },
  /** System: the machine did not boot. */
  CXLBOX_BOOT_FAILED: {
    what: 'the machine did not boot',
    remedy:
      'check the machine file; if it is correct, this is a bug in cxlbox: please report it with the file',
  },
  /** System: the box ended before its command. */
  CXLBOX_LOST: {
    what: 'the box ended before its command',
    remedy:
      'it was killed (by a person, or for want of memory: see `dmesg` and `ulimit -v`), or this is a bug of cxlbox',
  },
} as const satisfies Readonly<Record<string, ErrorText>>;

export type BoxErrorCode = keyof typeof BOX_ERRORS;

/** A box could not be opened or was lost: what failed, why, and what to do about it. */
export class BoxError extends Error {
  readonly code: BoxErrorCode;
  readonly why: string;
  readonly remedy: string;

  /** `remedy`: what to do in this very case, in place of what the code says. */
  constructor(code: BoxErrorCode, why: string, remedy: string = BOX_ERRORS[code].remedy) {
    const { what } = BOX_ERRORS[code];
    super(why === '' ? what : `${what}: ${why}`);
    this.name = 'BoxError';
    this.code = code;
    this.why = why;
    this.remedy = remedy;
  }
}

/** The text of any thrown value, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
