/**
 * The CXL drivers as loadable modules: what `modprobe` and `rmmod` do to the machine. A kernel with
 * everything built in has all of them loaded and cannot unload any.
 */

import type { Kernel } from '../driver-core/kernel.ts';
import { KernelError } from '../errno.ts';

/** A registered driver, as its module's exit function takes it back. */
export interface Registered {
  /** Throws KernelError where unregistering would bring Linux down. */
  assertReleasable?(): void;
  unregister(): void;
}

export interface CxlModule {
  readonly name: string;
  /** Modules whose symbols it uses: loaded before it, and not unloaded while it is loaded. */
  readonly uses: readonly string[];
  register(): readonly Registered[];
}

/** The modules of one kernel. Other subsystems may add theirs. */
export class CxlModules {
  private readonly kernel: Kernel;
  private readonly known = new Map<string, CxlModule>();
  private readonly loaded = new Map<string, readonly Registered[]>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  add(module: CxlModule): void {
    this.known.set(module.name, module);
  }

  isLoaded(name: string): boolean {
    return this.loaded.has(name);
  }

  /** Loaded modules that use `name`. */
  usersOf(name: string): string[] {
    return [...this.loaded.keys()].filter((user) => this.known.get(user)?.uses.includes(name));
  }

  /** modprobe: success if it is loaded. ENOENT: no such module. */
  load(name: string): void {
    const module = this.known.get(name);
    if (module === undefined) throw new KernelError('ENOENT', `no module ${name}`);
    if (this.loaded.has(name)) return;
    for (const used of module.uses) this.load(used);
    this.loaded.set(name, module.register());
  }

  /** rmmod. ENOENT: not loaded; EBUSY: in use by another module. */
  unload(name: string): void {
    const registered = this.loaded.get(name);
    if (registered === undefined) throw new KernelError('ENOENT', `module ${name} is not loaded`);
    const users = this.usersOf(name);
    if (users.length > 0)
      throw new KernelError('EBUSY', `module ${name} is in use by: ${users.join(' ')}`);
    for (const each of registered) each.assertReleasable?.();
    this.loaded.delete(name);
    for (const each of [...registered].reverse()) each.unregister();
    this.kernel.directory('module').remove(name);
  }
}
