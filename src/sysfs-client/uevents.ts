/**
 * The uevents of a machine in this process, as a stream to iterate over.
 */
import type { Uevent } from '../driver-core/uevent.ts';
import type { Machine } from '../platform/machine.ts';

class UeventIterator implements AsyncIterator<Uevent, undefined> {
  private readonly ready: Uevent[] = [];
  private readonly waiting: ((result: IteratorResult<Uevent, undefined>) => void)[] = [];
  private readonly unsubscribe: () => void;
  private ended = false;

  constructor(machine: Machine) {
    this.unsubscribe = machine.kernel.uevents.subscribe((value) => {
      const wanted = this.waiting.shift();
      if (wanted === undefined) this.ready.push(value);
      else wanted({ done: false, value });
    });
  }

  next(): Promise<IteratorResult<Uevent, undefined>> {
    const value = this.ready.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  return(): Promise<IteratorResult<Uevent, undefined>> {
    this.ended = true;
    this.ready.length = 0;
    this.unsubscribe();
    for (const resolve of this.waiting.splice(0)) resolve({ done: true, value: undefined });
    return Promise.resolve({ done: true, value: undefined });
  }
}

/**
 * The uevents that `machine` sends from the start of an iteration on, in order, none left out: what
 * is not yet taken waits. Those of the boot are over by then. Sent are, as by the kernel: `add` and
 * `remove` of devices, buses, drivers and modules; `bind` and `unbind` of drivers; `online`,
 * `offline` and `change` of memory blocks; and what is written to a `uevent` file.
 *
 * The iteration never ends by itself; leaving the loop (`break`, `return`) ends it. To listen
 * before something is done, take the iterator first.
 *
 * @example
 * ```ts
 * import { boot, loadMachine, MachineClient, uevents } from 'cxlbox';
 *
 * const machine = boot(loadMachine('default'));
 * const client = new MachineClient(machine);
 * const events = uevents(machine)[Symbol.asyncIterator]();
 * await client.write('/sys/bus/cxl/drivers/cxl_devdax_region/bind', 'region0\n');
 * const { value } = await events.next();
 * console.log(`${value?.action} ${value?.subsystem}`); // add cxl
 * await events.return?.();
 * ```
 */
export function uevents(machine: Machine): AsyncIterable<Uevent> {
  return { [Symbol.asyncIterator]: () => new UeventIterator(machine) };
}
