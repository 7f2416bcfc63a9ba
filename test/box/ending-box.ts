/**
 * A box that is busy in all ways at once, to be ended at any moment: programs inside read, write,
 * map, and wait for slow answers; clients of its socket do the same from outside.
 */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SocketClient } from '../../src/sysfs-client/socket-client.ts';
import { ROOT } from '../cxlbox.ts';
import { type Finished, finish, outputHas, startProgram, type Who } from './box-process.ts';

const CLI = join(ROOT, 'bin', 'cxlbox.js');
const MAP = join(ROOT, 'examples', 'map-dax.pl');
const CXL = '/sys/bus/cxl';

/**
 * Two devices: one that other hosts see, whose blocks go online slowly, and one for a checked dax
 * device.
 */
export const BUSY_MACHINE = `
about: A host that is slow.
dax_memory: checked
nodes: [{ id: 0, cpus: "0-1", memory: [{ base: 0x0, size: 2GiB }] }]
windows: [{ base: 0x190000000, size: 16GiB, targets: [12] }]
host_bridges: [{ uid: 12, root_ports: [{ id: 0, device: slow }, { id: 1, device: mapped }] }]
devices: { slow: { ram: 4GiB, shared: slow, mem: 0 }, mapped: { ram: 4GiB, mem: 1 } }
regions: [{ devices: [slow], size: 4GiB }, { devices: [mapped], size: 4GiB }]
faults: [{ slow_online: 6s }]
`;

/** Waits for the bridge nearly all of its time. */
const ASK_MAILBOX =
  'open my $device, "+<", "/dev/cxl/mem0" or die; while (1) { ioctl $device, 0x8008ce01, my $query = pack "x408" }';

/** Loops end with the box only; what they print, and what they are refused, is of no matter. */
const BUSY = `
echo region1 > ${CXL}/drivers/cxl_devdax_region/bind
poison=/sys/kernel/debug/cxl/mem1
loop() { while :; do "$@"; done > /dev/null 2>&1 & }
loop ls -lR /sys/bus
loop grep -r . ${CXL}/devices/
loop perl ${MAP} write /dev/dax1.0 0 8388608
loop sh -c "echo 0x100000 > $poison/inject_poison; echo 0x100000 > $poison/clear_poison"
loop sh -c "echo dax1.0 > /sys/bus/dax/drivers/device_dax/unbind; echo dax1.0 > /sys/bus/dax/drivers/device_dax/bind"
loop perl -e '${ASK_MAILBOX}'
cat /sys/kernel/uevent_seqnum > /dev/null
echo bu""sy
read -r line
exit 3
`;

/** Those whose end is the end of the box. */
export const VICTIMS = [
  'cxlbox',
  'unshare',
  'shell',
  'keeper',
  'machine',
  'sockets',
  'command',
] as const;
export type Victim = (typeof VICTIMS)[number] | 'bridge';
/** By command line; arguments are separated by NUL. */
const PATTERNS: Readonly<Record<Victim, RegExp>> = {
  cxlbox: /^[^\0]*node\0[^\0]*cxlbox\.js/,
  unshare: /^unshare\0/,
  shell: /^\/bin\/sh\0-c\0printf/,
  keeper: /^\/bin\/sh\0-c\0\nexec 9>/,
  machine: /^[^\0]*node\0.*\0machine-process/,
  sockets: /^[^\0]*node\0.*\0socket-process\0/,
  bridge: /^cxlbox: bridge/,
  command: /^sh\0-c\0\necho region1/,
};

const DEVICE = '/dev/fuse';

/** Empty if the process has ended. */
function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty if it is closed meanwhile. */
function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

export class BusyBox {
  readonly child: ChildProcess;
  readonly ended: Promise<Finished>;
  private readonly marker: string;
  private readonly clients: SocketClient[] = [];
  private readonly root: string;

  constructor(who: Who, root: string, machine: string, marker: string) {
    this.marker = `CXLBOX_ENDING=${marker}.`;
    this.root = root;
    const args = ['run', '-m', machine, '--host', 'busy', '--', 'sh', '-c', BUSY];
    this.child = startProgram(who, [process.execPath, CLI, ...args], {
      env: { CXLBOX_SHARED: root, CXLBOX_ENDING: `${marker}.` },
    });
    this.child.stdin?.on('error', () => {});
    this.ended = finish(this.child);
  }

  /** Resolves when all are busy inside and outside. */
  async start(): Promise<void> {
    const early = this.ended.then(({ stderr }) => {
      throw new Error(`the box ended: ${stderr}`);
    });
    await Promise.race([outputHas(this.child, 'busy'), early]);
    early.catch(() => {});
    for (let count = 0; count < 3; count += 1)
      this.clients.push(await SocketClient.connect(join(this.root, 'slow', 'sockets', 'busy')));
    const [writer, reader, flood] = this.clients;
    void this.makeSlow(writer).catch(() => {});
    void this.readOn(reader).catch(() => {});
    for (let count = 0; count < 2000; count += 1)
      void flood?.list('/sys/devices/system/memory').catch(() => {});
  }

  private async makeSlow(client: SocketClient | undefined): Promise<void> {
    await client?.write(`${CXL}/drivers/cxl_sysram_region/bind`, 'region0');
    await client?.write(`${CXL}/devices/sysram_region0/online_type`, 'online_movable');
    await client?.write(`${CXL}/drivers/cxl_dax_kmem_region/bind`, 'sysram_region0');
  }

  private async readOn(client: SocketClient | undefined): Promise<never> {
    for (;;) await client?.read(`${CXL}/devices/region0/uevent`);
  }

  /** Processes of the box, by id; those outside of it too. */
  processes(): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid)
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(this.marker);
        } catch {
          return false;
        }
      });
  }

  /** Those of them that have /dev/fuse open. */
  holders(): number[] {
    return this.processes().filter((pid) => {
      const descriptors = `/proc/${pid}/fd`;
      return names(descriptors).some((each) => target(`${descriptors}/${each}`) === DEVICE);
    });
  }

  is(victim: Victim, pid: number): boolean {
    return PATTERNS[victim].test(this.commandLine(pid));
  }

  private commandLine(pid: number): string {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    } catch {
      return '';
    }
  }

  /** Signals those processes that are the victim. */
  signal(victim: Victim, signal: NodeJS.Signals): void {
    for (const pid of this.processes()) {
      if (!this.is(victim, pid)) continue;
      try {
        process.kill(pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  /**
   * What is left after so many milliseconds: process ids, and `streams` if those are still held.
   */
  async left(milliseconds: number): Promise<(number | 'streams')[]> {
    const due = Date.now() + milliseconds;
    let closed = false;
    void this.ended.then(() => {
      closed = true;
    });
    const all = (): (number | 'streams')[] => [
      ...this.processes(),
      ...(closed ? [] : ['streams' as const]),
    ];
    while (all().length > 0 && Date.now() < due)
      await new Promise((later) => setTimeout(later, 50));
    for (const client of this.clients) client.close();
    return all();
  }
}
