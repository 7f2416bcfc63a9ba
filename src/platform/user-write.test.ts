// One way of a write: what is refused is told with its reason, what it sets in motion is done, and
// time is owed.
import { beforeEach, describe, expect, it } from 'vitest';
import { Kernel } from '../driver-core/kernel.ts';
import { KernelError } from '../errno.ts';
import { KernfsFile } from '../kernfs/node.ts';
import { writePath } from './user-write.ts';

let kernel: Kernel;
let done: string[];
const texts = () => kernel.log.lines().map(({ text }) => text);

beforeEach(() => {
  kernel = new Kernel();
  done = [];
  const later = (refuse: boolean) => (text: string) => {
    kernel.work.schedule('later', () => done.push(text));
    kernel.owed.owe(5);
    if (refuse) throw new KernelError('EBUSY', 'in use');
  };
  const directory = kernel.directory('dir');
  directory.add(new KernfsFile('takes', 0o200, { store: later(false) }));
  directory.add(new KernfsFile('refuses', 0o200, { store: later(true) }));
  directory.add(
    new KernfsFile('leaves', 0o200, {
      store: () => {
        directory.remove('leaves');
        throw new KernelError('EIO', 'gone');
      },
    }),
  );
  directory.add(new KernfsFile('reads', 0o444, { show: () => '' }));
});

describe('a write', () => {
  it('is taken, and what it set in motion is done', () => {
    expect(writePath(kernel, '/sys/dir/takes', 'text')).toBe(4);
    expect([done, texts(), kernel.owed.take()]).toEqual([['text'], [], 5]);
  });

  it('that is refused is at rest as well, and its reason is in the log', () => {
    expect(() => writePath(kernel, '/sys/dir/refuses', 'text')).toThrow('EBUSY: in use');
    expect([done, kernel.owed.take()]).toEqual([['text'], 5]);
    expect(texts()).toEqual(['/sys/dir/refuses: write refused: EBUSY: in use']);
  });

  it('to a file that cannot be written is refused at open, and told alike', () => {
    expect(() => writePath(kernel, '/sys/dir/reads', 'text')).toThrow('EACCES');
    expect(texts()).toEqual(['/sys/dir/reads: write refused: EACCES: reads cannot be written']);
  });

  it('that removes its own file is told by the path that it had', () => {
    expect(() => writePath(kernel, '/sys/dir/leaves', 'text')).toThrow('EIO');
    expect(texts()).toEqual(['/sys/dir/leaves: write refused: EIO: gone']);
  });

  it('to nothing is no file of which anything could be told', () => {
    expect(() => writePath(kernel, '/sys/dir/nothing', 'text')).toThrow('ENOENT');
    expect(texts()).toEqual([]);
  });
});
