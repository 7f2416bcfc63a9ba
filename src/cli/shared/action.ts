import {
  type Claim,
  describePartitions,
  foreignFolders,
  rangeText,
  type SurveyedDevice,
  sharedRoot,
  surveyDevices,
} from '../../shared-devices/index.ts';
import { exactSize } from '../../units.ts';
import { EXIT } from '../exit-codes.ts';

const NONE =
  'no shared devices: no box of yours runs a machine that gives a device a `shared` name\n' +
  '  (docs/dax-memory.md, "Several hosts, one memory")\n';

function claimText(claim: Claim): string {
  return `dpa ${rangeText(claim)} (${exactSize(claim.end - claim.start)}) as ${claim.dax}`;
}

function deviceText({ name, partitions, folder, hosts }: SurveyedDevice): string {
  const width = Math.max(...hosts.map((host) => host.name.length));
  const lines = hosts.map(
    (host) =>
      `  ${host.name.padEnd(width)}  ${host.claims.map(claimText).join(', ') || 'maps nothing'}\n`,
  );
  return `${name}  ${describePartitions(partitions)}  ${folder}\n${lines.join('')}`;
}

/**
 * Prints the shared devices of this user; those of others are mentioned on standard error.
 * SharedDeviceError.
 */
export async function list({ json }: { readonly json?: boolean | undefined }): Promise<number> {
  const root = sharedRoot();
  const devices = surveyDevices(root);
  const foreign = foreignFolders(root);
  for (const { folder, uid } of foreign)
    process.stderr.write(
      `cxlbox: ${folder} belongs to user ${uid} and is not shown: only boxes of one user can share devices\n`,
    );
  const text = devices.map(deviceText).join('');
  const nothing = text === '' && foreign.length === 0 ? NONE : '';
  process.stdout.write(json ? `${JSON.stringify(devices, null, 2)}\n` : text || nothing);
  return EXIT.ok;
}
