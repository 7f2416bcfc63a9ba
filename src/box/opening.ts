/**
 * One try to open a box around a command, from outside: what the shells and the machine's process
 * inside are told, and when.
 */
import { spawn } from 'node:child_process';
import type { SharedMemory } from '../media/shared-memory.ts';
import { enterView, joinView, mapUsers, TIDY_VIEW, viewLine, viewRefusal } from './box-view.ts';
import { BridgeWatch } from './bridge.ts';
import { dyingWithBox, environmentOf, goLine, launchArguments, launcher } from './command.ts';
import { makePtmx } from './dev-table.ts';
import { BoxError } from './errors.ts';
import { guardCommand } from './guard.ts';
import { SOCKETS_LOST, startSockets } from './host-sockets.ts';
import { Inside, type Remains, type Said } from './inside.ts';
import { COMMAND, closed, FD, keeperCommand, quote, record } from './keeper.ts';
import { hearMachine, tellMachine } from './machine-channel.ts';
import { assertMounted, MAKE_STAGE, MOUNT_TABLE, mountOne, STAGE_DEV } from './mount-table.ts';
import { unshareArguments, unshareError } from './namespace.ts';
import { nodeProgram } from './node-program.ts';
import { realEntries } from './proc-mounts.ts';
import type { BoxSpec, FromMachine, MachineToBoot, ToMachine } from './protocol.ts';
import { forwardSignals } from './signals.ts';
import { spawnFailure } from './spawn-failure.ts';
import { mark } from './timing.ts';

/** How one try to open a box ended. */
export type Ending = { readonly status: number } | 'retry';

/**
 * Of the machine's Node: one thread for what V8 does beside. Not flags of V8 itself, such as the
 * size of its young generation: with any, V8 refuses the compiled code that Node brings of its own
 * modules, and a start takes a fifth longer.
 */
const OPTIONS = ['--v8-pool-size=1'] as const;

/**
 * Shell text that opens the device and starts the machine's process. A shell waits for its end and
 * reports it.
 */
function startMachine({ processNamespace }: BoxSpec): string {
  const dying = dyingWithBox({ processNamespace }, []);
  const node = [...dying, ...nodeProgram('machine-process', OPTIONS)].map(quote).join(' ');
  const own = closed('control', 'stderr', 'go', 'sockets', 'stdout');
  const started = `${node} 2>&${FD.stderr} ${own} &`;
  const ended = `exec ${closed('device')}; wait "$!"; ${record('machine', '"$?"')}`;
  const both = `${started} ${ended}`;
  const shell = processNamespace
    ? `{ ${both}; }`
    : [...dying, '/bin/sh', '-c', quote(both)].join(' ');
  // A shell says how a child of its was killed.
  const streams = `</dev/null >&${FD.stdout} 2>/dev/null`;
  return `exec ${FD.device}<>/dev/fuse; ${shell} ${streams} &`;
}

/** Shell text for the mounts of root that may be refused: then the entries are made up. */
function realMounts(): string {
  return realEntries()
    .map((entry) => `${mountOne(entry)} || :`)
    .join('\n');
}

export class Opening {
  private readonly spec: BoxSpec;
  private readonly inside: Inside;
  private readonly machine: () => Promise<MachineToBoot>;
  private readonly timing: number | undefined;
  private readonly onReady: () => void;
  private readonly bridge: BridgeWatch;
  private readonly prepared: Promise<void>;
  private tellPrepared = (): void => {};
  private shared: SharedMemory | undefined;
  private guard: Promise<void> | undefined;
  /** Of the command, in its namespace; 0: there is no view yet. */
  private pid = 0;
  private ending: Ending | { readonly error: unknown } | undefined;

  /** CXLBOX_NO_UNSHARE, CXLBOX_LIMIT. */
  constructor(
    spec: BoxSpec,
    machine: () => Promise<MachineToBoot>,
    timing: number | undefined,
    onReady: () => void,
  ) {
    this.spec = spec;
    this.machine = machine;
    this.timing = timing;
    this.onReady = onReady;
    this.bridge = new BridgeWatch(spec);
    const { administrator, processNamespace } = spec;
    const shells = keeperCommand(launchArguments(spec));
    const args = [...unshareArguments(administrator, processNamespace), ...shells];
    this.inside = new Inside(args, environmentOf(spec), (said) => this.take(said));
    this.prepared = new Promise((prepared) => {
      this.tellPrepared = prepared;
    });
  }

  /** Resolves when all of the box is gone. */
  async run(): Promise<Ending> {
    const { inside } = this;
    const stopForwarding = forwardSignals((signal) => this.pass(signal));
    hearMachine(inside.stream(FD.machine), (message) => this.hear(message));
    const machine = this.machine();
    // It is awaited later, by both who need it.
    machine.catch(() => {});
    // It never ends if the box does before.
    void this.open(machine).catch((error: unknown) => this.endWith({ error }));
    try {
      return this.endingOf(await inside.closed);
    } finally {
      // It may have to undo what it is at.
      await machine.catch(() => {});
      await this.guard;
      stopForwarding();
    }
  }

  private endingOf({ status, messages, entered }: Remains): Ending {
    const { ending } = this;
    if (ending === 'retry') return ending;
    if (ending !== undefined && 'error' in ending) throw ending.error;
    if (ending !== undefined) return ending;
    if (!entered) throw unshareError(this.spec.administrator, messages);
    const ended = `its first process ended with status ${status}`;
    throw new BoxError('CXLBOX_LOST', [ended, messages].filter((text) => text !== '').join('; '));
  }

  /** The first reason counts. */
  private endWith(ending: Exclude<Opening['ending'], undefined>): void {
    this.ending ??= ending;
    this.inside.end();
  }

  private tell(message: ToMachine): void {
    tellMachine(this.inside.stream(FD.machine), message);
  }

  private async open(machine: Promise<MachineToBoot>): Promise<void> {
    const { inside, spec } = this;
    void inside.run(startMachine(spec));
    assertMounted(await inside.run(MAKE_STAGE));
    if (spec.guarded) await inside.run(makePtmx(STAGE_DEV));
    mark('stage made');
    this.tell({ type: 'start', spec, timing: this.timing });
    const [owned] = await Promise.all([
      this.mount(),
      machine.then((received) => {
        mark('machine file read');
        this.shared = received.shared;
        this.tell({ type: 'machine', machine: received });
      }),
    ]);
    if (owned) this.tell({ type: 'mounted' });
    else this.endWith('retry');
  }

  /** False: a /proc of its own was refused. */
  private async mount(): Promise<boolean> {
    const { inside, spec } = this;
    await this.prepared;
    const [mounted, , owned] = await Promise.all([
      inside.run(MOUNT_TABLE),
      inside.run(`exec ${closed('device')}`),
      inside.run(spec.processNamespace ? '[ /proc/self -ef "/proc/$$" ]' : ':'),
    ]);
    if (owned.status !== 0) return false;
    assertMounted(mounted);
    if (spec.administrator) await inside.run(realMounts());
    mark('mounts made');
    // It waits until the machine is served.
    const view = enterView(spec.guarded, launcher(spec));
    void inside.run(`${COMMAND}=${quote(view)}`);
    return true;
  }

  private hear(message: FromMachine): void {
    if (message.type === 'prepared') this.tellPrepared();
    if (message.type === 'guard') this.startGuard();
    if (message.type === 'unbridged') this.bridge.close();
    if (message.type === 'serving') this.inside.stream(FD.go).write(viewLine(message.addedEntries));
    if (message.type === 'failed') this.endWith({ error: new BoxError(message.code, message.why) });
  }

  private take({ name, value, text }: Said): void {
    const status = Number(value);
    if (name === 'view') void this.release(status).catch((error) => this.endWith({ error }));
    if (name === 'bridge') this.hearBridge(value);
    if (name === 'ready') {
      mark('command starts');
      this.onReady();
    }
    if (name === 'lost')
      this.endWith({ error: new BoxError('CXLBOX_WORKING_DIRECTORY', this.spec.cwd) });
    if (name === 'machine') this.lose(`the process of its machine ended with status ${status}`);
    if (name === SOCKETS_LOST) this.lose('the process that serves its sockets ended');
    if (name !== 'exited') return;
    mark('command ended');
    this.endWith(
      this.pid > 0 ? { status } : { error: viewRefusal(status, text, this.spec.guarded) },
    );
  }

  private hearBridge(report: string): void {
    try {
      this.bridge.hear(report);
    } catch (error) {
      this.endWith({ error });
    }
  }

  private lose(why: string): void {
    this.endWith({ error: new BoxError('CXLBOX_LOST', why) });
  }

  /** The view is there, and the command's process in it. */
  private async release(pid: number): Promise<void> {
    const { inside, shared, spec } = this;
    this.pid = pid;
    mark('view made');
    const tidied = inside.run(TIDY_VIEW);
    if (spec.guarded) {
      const { status, text } = await inside.run(mapUsers(pid));
      if (status !== 0) throw new BoxError('CXLBOX_NO_GUARD', text);
    }
    await tidied;
    if (shared !== undefined) {
      const join = (program: readonly string[]) => joinView(pid, spec.guarded, program);
      const listening = new Promise((heard) => inside.stream(FD.sockets).once('data', heard));
      const { status } = await inside.run('command -v nsenter > /dev/null');
      if (status !== 0) throw new BoxError('CXLBOX_NO_UNSHARE', 'nsenter ENOENT');
      await inside.run(startSockets(shared, join));
      await listening;
    }
    this.bridge.start();
    inside.stream(FD.go).write(goLine(shared));
  }

  private pass(signal: NodeJS.Signals): void {
    if (this.pid > 0) void this.inside.run(`kill -s ${signal.slice('SIG'.length)} ${this.pid}`);
  }

  /** It holds none of our streams: it outlives us, if we are killed. */
  private startGuard(): void {
    const [program = '', ...args] = guardCommand(
      this.spec.administrator,
      this.inside.child.pid ?? 0,
    );
    const guard = spawn(program, args, { stdio: 'ignore', cwd: '/', detached: true });
    this.guard = new Promise((ended) => {
      guard.on('error', (error) => {
        this.endWith({ error: spawnFailure(error, 'CXLBOX_NO_UNSHARE') });
        ended();
      });
      guard.on('exit', () => ended());
    });
    // A box whose guard is gone might stay when it ends.
    void this.guard.then(() => this.inside.end());
  }
}
