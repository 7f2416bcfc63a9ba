import { formatSize } from '../../platform/description/units.ts';
import {
  type Claim,
  describePartitions,
  rangeText,
  type SurveyedDevice,
  sharedRoot,
  surveyDevices,
} from '../../shared-devices/index.ts';
import { EXIT } from '../exit-codes.ts';

function claimText(claim: Claim): string {
  return `dpa ${rangeText(claim)} (${formatSize(claim.end - claim.start)}) as ${claim.dax}`;
}

function deviceText({ name, partitions, folder, hosts }: SurveyedDevice): string {
  const width = Math.max(...hosts.map((host) => host.name.length));
  const lines = hosts.map(
    (host) => `  ${host.name.padEnd(width)}  ${host.claims.map(claimText).join(', ') || 'maps nothing'}\n`,
  );
  return `${name}  ${describePartitions(partitions)}  ${folder}\n${lines.join('')}`;
}

/** Prints the shared devices of this user. SharedDeviceError. */
export async function list({ json }: { readonly json?: boolean | undefined }): Promise<number> {
  const devices = surveyDevices(sharedRoot());
  process.stdout.write(json ? `${JSON.stringify(devices, null, 2)}\n` : devices.map(deviceText).join(''));
  return EXIT.ok;
}
