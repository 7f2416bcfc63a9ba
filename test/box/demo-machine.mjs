/**
 * A small machine made by hand: a few attributes of each kind, links, a /proc file, device nodes. The box boots it in
 * place of a real machine, so that tests of the box do not depend on the model.
 */
import { Kernel } from '../../dist/driver-core/kernel.js';
import { KernelError } from '../../dist/errno.js';
import { KernfsDirectory, KernfsFile, linkTo } from '../../dist/kernfs/node.js';
import { deviceName, kstrtoint } from '../../dist/kernfs/parse.js';

const IOMEM =
  '00000000-7fffffff : System RAM\n100000000-1ffffffff : CXL Window 0\n  100000000-13fffffff : dax0.0\n';

function addKnobs(kernel) {
  const knobs = kernel.directory('devices/platform/knobs');
  let number = 7;
  let stored = '';
  let stores = 0;
  const add = (name, mode, content, options) =>
    knobs.add(new KernfsFile(name, mode, content, options));
  add('number', 0o644, {
    show: () => `${number}\n`,
    store: (text) => {
      number = kstrtoint(text);
    },
  });
  add('busy', 0o200, {
    store: () => {
      throw new KernelError('EBUSY', 'somebody uses it');
    },
  });
  add('broken', 0o644, {
    show: () => {
      throw new Error('a fault of the model');
    },
    store: () => {
      throw new TypeError('a fault');
    },
  });
  add('secret', 0o400, { show: () => 'secret\n' });
  add('read_only', 0o444, { show: () => 'fixed\n' });
  add('write_only', 0o200, {
    store: (text) => {
      stored = text;
      stores += 1;
    },
  });
  add('stored', 0o444, {
    show: () => `${stores} ${stored.length} ${JSON.stringify(stored.slice(0, 20))}\n`,
  });
  const state = add('state', 0o644, {
    show: () => `${number}\n`,
    store: () => kernel.work.schedule('wake', () => state.notify()),
  });
  add('remove', 0o200, {
    store: (text) => kernel.work.schedule('remove', () => knobs.remove(deviceName(text))),
  });
  add('add', 0o200, {
    store: (text) => {
      const name = deviceName(text);
      add(name, 0o644, { show: () => `${name}\n`, store: () => {} });
    },
  });
  add('big', 0o444, { show: () => 'x'.repeat(6000) });
  add('blob', 0o444, { show: () => 'y'.repeat(200000) }, { binary: true });
  kernel.directory('bus/demo/devices').add(linkTo('knobs', knobs));
}

function addDax(kernel) {
  const region = kernel.directory('devices/platform/region0');
  let size = 1 << 21;
  const listeners = [];
  const create = (name) => {
    const device = region.ensureDirectory(name);
    device.add(new KernfsFile('resource', 0o400, { show: () => '0x100000000\n' }));
    device.add(
      new KernfsFile('size', 0o644, {
        show: () => `${size}\n`,
        store: (text) => {
          size = kstrtoint(text);
          for (const changed of listeners) changed('dax0.0');
        },
      }),
    );
    const bus = kernel.directory('bus/dax');
    device.add(linkTo('subsystem', bus));
    kernel.directory('bus/dax/devices').add(linkTo(name, device));
    return { name, major: 250, minor: 1, mode: 0o600 };
  };
  const node = create('dax0.0');
  const driver = kernel.directory('bus/dax/drivers/device_dax');
  driver.add(new KernfsFile('bind', 0o200, { store: () => kernel.devtmpfs.add(node) }));
  driver.add(new KernfsFile('unbind', 0o200, { store: () => kernel.devtmpfs.remove(node.name) }));
  kernel.devtmpfs.add(node);
  kernel.devtmpfs.add({ name: 'cxl/mem0', major: 251, minor: 0, mode: 0o600 });
  const start = 0x1_0000_0000;
  const map = {
    start,
    size: 1 << 28,
    ways: 1,
    granularity: 256,
    targets: [{ device: 'demo', dpa: 0 }],
    xorMaps: [],
  };
  return {
    spans: () => [{ offset: 0, length: size, hpa: start, map }],
    onChange: (changed) => listeners.push(changed),
    isLost: () => false,
    onLoss: () => {},
    onErase: () => {},
    askOpenOf: () => {},
    allPoison: () => [],
  };
}

export function boot() {
  const kernel = new Kernel();
  addKnobs(kernel);
  const daxHardware = addDax(kernel);
  kernel.proc.add(new KernfsFile('iomem', 0o400, { show: () => IOMEM }, { binary: true }));
  kernel.directory('devices/system').add(new KernfsDirectory('memory'));
  return { kernel, daxHardware };
}
