/**
 * `firmware/memN/`: the firmware upload device of a memdev
 * (`drivers/base/firmware_loader/sysfs_upload.c`, 7.2). A transfer is over when it starts; what was
 * transferred takes effect when the device is reset.
 */

import { Device } from '../../driver-core/device.ts';
import type { DeviceClass } from '../../driver-core/device-class.ts';
import { KernelError } from '../../errno.ts';
import type { Attribute } from '../../kernfs/attribute.ts';
import { kstrtobool, kstrtoint } from '../../kernfs/parse.ts';
import { stageFirmware } from '../mailbox/firmware.ts';
import type { Memdev } from '../objects/memdev.ts';
import type { MemoryHardware } from '../objects/memory-hardware.ts';
import { FIRMWARE_FILES } from '../sources.ts';

class FirmwareUpload {
  readonly hardware: MemoryHardware;
  /** Prints an error about this device. */
  readonly complain: (text: string) => void;
  loading = false;
  image = '';
  /** Of the last transfer: where it was, and what was wrong. */
  error = '';

  constructor(hardware: MemoryHardware, complain: (text: string) => void) {
    this.hardware = hardware;
    this.complain = complain;
  }
}

const START = 1;
const TRANSFER = 0;

/**
 * 1 starts to take data; 0 transfers it, -1 drops it, and so does any other number. EINVAL for
 * none. An image without a byte is refused by the device later: `error` says so.
 */
function storeLoading(upload: FirmwareUpload, text: string): void {
  const value = kstrtoint(text);
  if (value !== START && !upload.loading)
    upload.complain(`${value} in loading means nothing: no data was begun`);
  if (value === TRANSFER && upload.loading) transfer(upload);
  upload.loading = value === START;
  upload.image = '';
}

function transfer(upload: FirmwareUpload): void {
  const { hardware, image } = upload;
  upload.error = image === '' ? 'preparing:invalid-file-size' : '';
  if (upload.error === '') stageFirmware(hardware, image);
}

/** ENODEV unless loading. */
function storeData(upload: FirmwareUpload, text: string): void {
  if (!upload.loading) throw new KernelError('ENODEV', 'no firmware is being loaded');
  upload.image += text;
}

/** EINVAL unless true; ENODEV because no transfer is ever under way. */
function storeCancel(_upload: FirmwareUpload, text: string): void {
  if (!kstrtobool(text)) throw new KernelError('EINVAL', 'only a true value cancels');
  throw new KernelError('ENODEV', 'no transfer is under way');
}

const ATTRIBUTES: readonly Attribute<FirmwareUpload>[] = [
  {
    name: 'loading',
    mode: 0o644,
    show: ({ loading }) => (loading ? '1\n' : '0\n'),
    store: storeLoading,
  },
  {
    name: 'data',
    mode: 0o644,
    show: ({ image }) => image,
    store: storeData,
    options: { binary: true, size: 0 },
  },
  { name: 'status', mode: 0o444, show: () => 'idle\n' },
  { name: 'error', mode: 0o444, show: ({ error }) => (error === '' ? '' : `${error}\n`) },
  { name: 'remaining_size', mode: 0o444, show: () => '0\n' },
  { name: 'cancel', mode: 0o200, store: storeCancel },
];

/** firmware_upload_register(); held by `host`, the PCI function. */
export function addFirmwareUpload(
  firmwareClass: DeviceClass,
  memdev: Device<Memdev>,
  host: Device,
): void {
  const { log } = memdev.kernel;
  const { hardware } = memdev.object;
  const device = new Device<FirmwareUpload>(memdev.kernel, {
    name: memdev.name,
    object: new FirmwareUpload(hardware, (text) =>
      log.print('err', `firmware ${memdev.name}: ${text}`),
    ),
    parent: memdev,
    class: firmwareClass,
    type: { groups: [{ attributes: ATTRIBUTES }], source: FIRMWARE_FILES },
  });
  device.add();
  host.devres.add(`firmware ${memdev.name}`, () => device.del());
}
