import { describe, expect, it } from 'vitest';
import { WorkQueue } from '../driver-core/work-queue.ts';
import { MachineTime } from './machine-time.ts';

class Box {
  readonly work = new WorkQueue();
  readonly done: string[] = [];
  /** Not a whole number, as no clock's is. */
  now = 1000.25;
  looks = 0;
  private readonly time = new MachineTime(this.work, () => {
    this.looks += 1;
    return this.now;
  });

  after(milliseconds: number, name: string): void {
    this.work.after(milliseconds, name, () => this.done.push(name));
  }

  /** One request at that time: was anything due before it, and what is due after it. */
  request(at: number, handle: () => void = () => {}): [due: boolean, next: string] {
    this.now = at;
    const due = this.time.pass();
    handle();
    const next = this.time.nextDue();
    return [due, next === undefined ? 'never' : `${next.at} in ${next.milliseconds}`];
  }
}

describe('the time of a machine in a box', () => {
  it('does not look at the clock while no work waits', () => {
    const box = new Box();
    box.request(2000);
    box.request(3000);
    expect(box.looks).toBe(0);
  });

  it('counts from the request that delayed the work', () => {
    const box = new Box();
    expect(box.request(500_000.5, () => box.after(100, 'a'))).toEqual([false, '100 in 101']);
    expect(box.request(500_040)).toEqual([false, '100 in 62']);
    expect(box.request(500_100.4)).toEqual([false, '100 in 2']);
    expect(box.done).toEqual([]);
    expect(box.request(500_100.5)).toEqual([true, 'never']);
    expect(box.done).toEqual(['a']);
  });

  it('says what is due first, whenever it was delayed', () => {
    const box = new Box();
    const next = [
      box.request(0, () => box.after(100, 'b')),
      box.request(20, () => box.after(200, 'c')),
      box.request(30.5, () => box.after(5, 'a')),
      box.request(36),
      box.request(100),
      box.request(220),
    ];
    expect(next).toEqual([
      [false, '100 in 101'],
      [false, '100 in 81'],
      [false, '35 in 6'],
      [true, '100 in 65'],
      [true, '220 in 121'],
      [true, 'never'],
    ]);
    expect(box.done).toEqual(['a', 'b', 'c']);
  });

  it('stands still between two waits', () => {
    const box = new Box();
    box.request(0, () => box.after(10, 'a'));
    box.request(500);
    expect(box.request(10_000, () => box.after(10, 'b'))).toEqual([false, '510 in 11']);
  });

  it('what is due long ago runs once, in order', () => {
    const box = new Box();
    box.request(0, () => {
      box.after(2, 'b');
      box.after(1, 'a');
    });
    expect(box.request(1e9)).toEqual([true, 'never']);
    expect(box.done).toEqual(['a', 'b']);
  });

  it('work that throws does not stop time', () => {
    const box = new Box();
    box.request(0, () => {
      box.work.after(1, 'bad', () => {
        throw new Error('bad');
      });
      box.after(2, 'good');
    });
    expect(() => box.request(1)).toThrow('bad');
    expect(box.request(2)[0]).toBe(true);
    expect(box.done).toEqual(['good']);
  });
});
