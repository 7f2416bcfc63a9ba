/**
 * All workloads of a machine by name: the library's side of `/sys/kernel/debug/cxlbox/workload`.
 */
import type { WorkloadRequest } from '../../cxlbox-abi/workload.ts';
import { KernelError } from '../../errno.ts';
import { Workload } from './workload.ts';
import type { WorkloadContext } from './workload-context.ts';

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;
/** Files beside the directories of the workloads. */
const TAKEN = ['create', 'delete'];

export class Workloads {
  private readonly context: WorkloadContext;
  private readonly workloads = new Map<string, Workload>();

  private readonly deleted: ((name: string) => void)[] = [];

  constructor(context: WorkloadContext) {
    this.context = context;
  }

  get(name: string): Workload | undefined {
    return this.workloads.get(name);
  }

  /** In the order in which they were made. */
  list(): readonly Workload[] {
    return [...this.workloads.values()];
  }

  /**
   * EINVAL: an impossible name, a policy without nodes, a node without memory, no whole huge pages;
   * EEXIST: the name is taken; ENOMEM: it does not fit, nothing was taken.
   */
  create(request: WorkloadRequest): Workload {
    this.check(request);
    const workload = new Workload(this.context, request);
    try {
      workload.resize(request.size);
    } catch (error) {
      this.context.nodes.owners.delete(workload.owner);
      throw error;
    }
    this.workloads.set(workload.name, workload);
    return workload;
  }

  /** Ends the workload; all its pages are free. ENOENT: there is none of this name. */
  delete(name: string): void {
    const workload = this.workloads.get(name);
    if (workload === undefined) throw new KernelError('ENOENT', `no workload '${name}'`);
    workload.resize(0);
    this.workloads.delete(name);
    this.context.nodes.owners.delete(workload.owner);
    for (const listener of this.deleted) listener(name);
  }

  /** Tells `listener` the name of each workload that ended. */
  onDelete(listener: (name: string) => void): void {
    this.deleted.push(listener);
  }

  private check({ name, policy, nodes = [], home, size }: WorkloadRequest): void {
    const states = this.context.nodes;
    if (!NAME.test(name)) throw new KernelError('EINVAL', `'${name}' is no name of a directory`);
    if (this.workloads.has(name) || TAKEN.includes(name))
      throw new KernelError('EEXIST', `a workload '${name}' exists already`);
    if (!Number.isSafeInteger(size) || size < 0)
      throw new KernelError('EINVAL', `${size} is not a size`);
    if (policy !== undefined && policy !== 'default' && nodes.length === 0)
      throw new KernelError('EINVAL', `policy ${policy} needs node=`);
    if (policy === 'default' && nodes.length > 0)
      throw new KernelError('EINVAL', 'the default policy takes no nodes');
    const empty = nodes.find((nid) => !states.hasMemory(nid));
    if (empty !== undefined) throw new KernelError('EINVAL', `node ${empty} has no memory`);
    if (home !== undefined && !states.isOnline(home))
      throw new KernelError('EINVAL', `node ${home} is not online`);
  }
}
