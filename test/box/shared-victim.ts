/**
 * A user under attack by another user of the host, who lays things out where the user keeps shared
 * devices: in a mount namespace of their own, with a /dev/shm of its own for each attack.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram } from './box-process.ts';

const VISITS = fileURLToPath(new URL('./shared-victim.mjs', import.meta.url));
/** As test/box/box-process.ts has it. */
const VICTIM = 54321;
const ATTACKER = 54322;
export const OWN = `/dev/shm/cxlbox-${VICTIM}`;
/** A folder of the victim, with files that are called as those of shared devices are. */
export const PRECIOUS = '/dev/shm/precious';
const NAMES = [
  'host0',
  'x',
  'lock',
  'fabric',
  'device.json',
  'device.json.new',
  '0000000000000',
  'cut',
];

const asAttacker = `setpriv --reuid ${ATTACKER} --regid ${ATTACKER} --clear-groups sh -c`;

/**
 * Shell text of root: a /dev/shm of its own, the victim's files, then the attack, in `folder`. What
 * the attacker still runs ends when the file $END is there.
 */
export function layOut(attack: string, folder: string): string {
  const files = NAMES.map((name) => `echo precious > ${PRECIOUS}/${name}`).join('; ');
  return `mount -t tmpfs -o mode=1777 none /dev/shm && mkdir ${PRECIOUS} && { ${files}; echo open > ${PRECIOUS}/open; }
    chown -R ${VICTIM}:${VICTIM} ${PRECIOUS}; chmod 666 ${PRECIOUS}/open
    ${asAttacker} 'umask 0; mkdir -p ${folder}; cd ${folder} && { ${attack.replaceAll("'", "'\\''")}
    }'`;
}

/** All that lies in /dev/shm, with the contents of the victim's files. */
const LOOK = `find /dev/shm -mindepth 1 -printf '%p %y %U %m %n %s %l\\n' | sort
  tail -n +1 ${PRECIOUS}/*`;

/** Milliseconds: nothing waits for the lock of somebody else's device, which is half a minute. */
const PATIENCE = 20_000;

interface Attack {
  /** Shell text of the attacker, in `folder`. */
  readonly attack: string;
  readonly folder: string;
  /** Value of CXLBOX_SHARED of the victim. */
  readonly root: string;
  /** Whether the victim starts the program for each command; else it calls its main function. */
  readonly programs: boolean;
}

export class Victim {
  private readonly child = startProgram('user', [process.execPath, VISITS]);
  private readonly folder = mkdtempSync(join(tmpdir(), 'cxlbox-attacks-'));
  private attacks = 0;
  private errors = '';
  private printed = '';

  constructor() {
    chmodSync(this.folder, 0o755);
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.printed += chunk.toString('latin1');
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString('latin1');
    });
    this.child.stdin?.on('error', () => {});
  }

  /** Runs shell text as root where the victim is; what it prints, both streams. */
  private asRoot(script: string, env: Readonly<Record<string, string>> = {}): string {
    const inside = ['--target', `${this.child.pid}`, '--mount', 'sh', '-c', `exec 2>&1\n${script}`];
    return spawnSync('nsenter', inside, { encoding: 'utf8', env: { ...process.env, ...env } })
      .stdout;
  }

  /** The line that the victim answers to `line`. Rejects with its errors if it hangs or ends. */
  private ask(line: string): Promise<string> {
    this.printed = '';
    this.child.stdin?.write(`${line}\n`);
    return new Promise((answered, failed) => {
      const hangs = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE);
      const closed = (): void => failed(new Error(`the victim is gone: ${this.errors}`));
      const look = (): void => {
        if (!this.printed.endsWith('\n')) return;
        clearTimeout(hangs);
        this.child.off('close', closed);
        this.child.stdout?.off('data', look);
        answered(this.printed.trimEnd());
      };
      this.child.stdout?.on('data', look);
      this.child.on('close', closed);
    });
  }

  /** When it has its own mounts, and is the ordinary user. */
  async start(): Promise<void> {
    await this.ask('{}');
  }

  /** A line of what came of each command, then what it found changed, or that nothing was. */
  async visit({ attack, folder, ...asked }: Attack): Promise<string[]> {
    this.attacks += 1;
    const end = join(this.folder, `end-${this.attacks}`);
    const before = this.asRoot(`${layOut(attack, folder)}\n${LOOK}`, { END: end });
    const answer = JSON.parse(await this.ask(JSON.stringify(asked))) as string[];
    const after = this.asRoot(`${LOOK}\numount -l /dev/shm`);
    writeFileSync(end, '');
    return [...answer, ...(before === after ? ['intact'] : [before, after])];
  }

  leave(): Promise<void> {
    rmSync(this.folder, { recursive: true });
    const ended = new Promise<void>((closed) => this.child.on('close', () => closed()));
    this.child.stdin?.end();
    return ended;
  }
}
