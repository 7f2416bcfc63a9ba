import type { LogLine } from '../../cxlbox-abi/log.ts';
import { HostClient } from '../../sysfs-client/host-client.ts';
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import { readLog } from '../common/box-files.ts';
import { EXIT } from '../exit-codes.ts';

interface DmesgOptions {
  readonly json?: boolean | undefined;
}

function lineText({ sequence, level, text }: LogLine): string {
  return `[${String(sequence).padStart(5)}] ${level.padEnd(5)} ${text}`;
}

/**
 * Prints the kernel log of the box around this process: what drivers and memory management said,
 * and why writes were refused. Throws NotInBoxError.
 */
export async function dmesg(
  { json }: DmesgOptions,
  client: SysfsClient = new HostClient(),
  print: (text: string) => void = (text) => void process.stdout.write(text),
): Promise<number> {
  const records = await readLog(client);
  print(records.map((each) => `${json ? JSON.stringify(each) : lineText(each)}\n`).join(''));
  return EXIT.ok;
}
