import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WorkQueue } from './work-queue.ts';

describe('delayed work', () => {
  it('runs when its time has passed, and not before', () => {
    const work = new WorkQueue();
    const done: string[] = [];
    work.after(100, 'late', () => done.push('late'));
    expect(work.nextDue?.milliseconds).toBe(100);
    work.settle();
    work.advance(99);
    expect([done, work.nextDue?.milliseconds]).toEqual([[], 1]);
    work.advance(1);
    expect([done, work.nextDue?.milliseconds]).toEqual([['late'], undefined]);
  });

  it('runs in order of due time; at the same time, in the order in which it was asked for', () => {
    const work = new WorkQueue();
    const done: string[] = [];
    const delay = (milliseconds: number, name: string): void =>
      void work.after(milliseconds, name, () => done.push(name));
    delay(20, 'c');
    delay(10, 'a');
    delay(20, 'd');
    work.advance(5);
    delay(15, 'e');
    delay(5, 'b');
    work.advance(1000);
    expect(done).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('what it queues is done before the next is due, and what it delays counts from then', () => {
    const work = new WorkQueue();
    const done: string[] = [];
    const note = (name: string) => (): void => void done.push(name);
    work.after(10, 'first', () => {
      done.push('first');
      work.schedule('queued', note('queued'));
      work.after(10, 'again', note('again'));
    });
    work.after(11, 'second', note('second'));
    work.advance(19);
    expect(done).toEqual(['first', 'queued', 'second']);
    expect([work.nextDue?.milliseconds, work.pending]).toEqual([1, []]);
    work.advance(1);
    expect(done.at(-1)).toBe('again');
  });

  it('without a delay it runs at the next rest of the machine', () => {
    const work = new WorkQueue();
    const done: string[] = [];
    work.after(0, 'now', () => done.push('now'));
    work.settle();
    expect(done).toEqual(['now']);
  });

  it('does not run once it was called off', () => {
    const work = new WorkQueue();
    const done: string[] = [];
    const cancel = work.after(1, 'off', () => done.push('off'));
    work.after(1, 'on', () => done.push('on'));
    cancel();
    work.advance(1);
    cancel();
    expect(done).toEqual(['on']);
  });

  it('time that passes while work runs passes after it', () => {
    const work = new WorkQueue();
    const done: string[] = [];
    work.after(2, 'second', () => done.push('second'));
    work.after(1, 'first', () => {
      work.advance(1);
      done.push('first');
    });
    work.advance(1);
    expect(done).toEqual(['first', 'second']);
  });

  it('work that throws is done, and the rest goes on at the next occasion', () => {
    const work = new WorkQueue();
    const done: string[] = [];
    work.after(1, 'bad', () => {
      throw new Error('bad');
    });
    work.after(2, 'good', () => done.push('good'));
    expect(() => work.advance(5)).toThrow('bad');
    work.settle();
    expect([done, work.nextDue?.milliseconds]).toEqual([['good'], undefined]);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('%f milliseconds do not pass', (by) => {
    const work = new WorkQueue();
    expect(() => work.advance(by)).toThrow(RangeError);
  });
});

/** Work that asks for more when it runs. */
interface Plan {
  readonly delay: number;
  readonly then: readonly Plan[];
}

function planOf(depth: number): fc.Arbitrary<Plan> {
  const then = depth === 0 ? fc.constant([]) : fc.array(planOf(depth - 1), { maxLength: 3 });
  return fc.record({ delay: fc.nat(20), then });
}

const plans = fc.array(planOf(2), { maxLength: 8 });

/** What is due first is looked for each time: names in the order of running, with their times. */
function expected(asked: readonly Plan[], until: number): string[] {
  const ran: string[] = [];
  let number = 0;
  const ask = (from: number) => (one: Plan) => ({ ...one, due: from + one.delay, id: number++ });
  let waiting = asked.map(ask(0));
  for (;;) {
    const due = Math.min(...waiting.map((one) => one.due));
    const next = waiting.find((one) => one.due === due);
    if (next === undefined || due > until) return ran;
    ran.push(`${next.id}`);
    waiting = [...waiting.filter((one) => one !== next), ...next.then.map(ask(due))];
  }
}

function run(asked: readonly Plan[], steps: readonly number[]): string[] {
  const work = new WorkQueue();
  const ran: string[] = [];
  let number = 0;
  const ask = ({ delay, then }: Plan): void => {
    const id = `${number++}`;
    work.after(delay, id, () => {
      ran.push(id);
      for (const one of then) ask(one);
    });
  };
  for (const one of asked) ask(one);
  for (const step of steps) work.advance(step);
  return ran;
}

describe('however time is cut into steps', () => {
  it('the same runs, in the order of due time', () => {
    const cuts = fc.array(fc.nat(15), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(plans, cuts, (asked, steps) => {
        const until = steps.reduce((sum, step) => sum + step, 0);
        expect(run(asked, steps)).toEqual(expected(asked, until));
        expect(run(asked, [until])).toEqual(expected(asked, until));
      }),
    );
  });
});
