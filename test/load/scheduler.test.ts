import { describe, expect, test } from 'vitest';
import type { Invocation } from '../integration/harness/handler-process.ts';
import { hopsBefore, lineageIn, lineageName } from './lineage.ts';
import { Scheduler } from './scheduler.ts';
import { SimQueue } from './servers/queue.ts';
import { SimClock } from './sim-clock.ts';

interface Event {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

function setUp(
  answer: (event: Event, number: number, lineage: string) => Invocation,
  settings: { readonly batchSize?: number; readonly window?: number; readonly maxConcurrency?: number } = {},
  mayLoop = false,
) {
  const clock = new SimClock(() => 0, 0);
  const batches: string[][] = [];
  const dead: string[] = [];
  let atOnce = 0;
  let most = 0;
  const queue = new SimQueue(
    {
      name: 'q',
      arn: 'a',
      url: 'u',
      visibilityTimeout: 1800,
      redrive: { deadLetters: 'd', maxReceives: 2 },
    },
    {
      now: () => clock.now(),
      onArrival: () => undefined,
      onDead: ({ body }) => dead.push(String(body)),
    },
  );
  const scheduler = new Scheduler({
    clock,
    random: () => 0.5,
    killed: 0,
    duplicated: 0,
    lanes: [
      {
        mapping: { queue: 'q', functionId: 'f', batchSize: 2, window: 0, maxConcurrency: 2, ...settings },
        queue,
        lineageName: '00000002',
        mayLoop,
        invoke: async (event, lineage) => {
          atOnce += 1;
          most = Math.max(most, atOnce);
          await new Promise((resolve) => setImmediate(resolve));
          atOnce -= 1;
          batches.push((event as Event).Records.map(({ body }) => body));
          return answer(event as Event, batches.length, lineage);
        },
      },
    ],
  });
  return { clock, queue, scheduler, batches, dead, most: () => most };
}

const DONE: Invocation = { kind: 'returned', value: { batchItemFailures: [] } };

describe('the scheduler of the load model', () => {
  test('handles a queue in batches, within the concurrency of the mapping', async () => {
    const { queue, scheduler, batches, most } = setUp(() => DONE);
    for (const body of ['1', '2', '3', '4', '5', '6', '7']) queue.send(body);
    await scheduler.drain();
    expect(batches.map((batch) => batch.length).sort()).toEqual([1, 2, 2, 2]);
    expect(most()).toBe(2);
    expect(queue.hidden).toBe(0);
  });

  test('retries failed messages after the visibility timeout, and then moves them to the dead-letter queue', async () => {
    const { queue, scheduler, batches, dead, clock } = setUp(({ Records }) => ({
      kind: 'returned',
      value: {
        batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({
          itemIdentifier: messageId,
        })),
      },
    }));
    queue.send('good');
    queue.send('bad');
    await scheduler.drain();
    expect(batches).toEqual([['good', 'bad'], ['bad']]);
    expect(dead).toEqual(['bad']);
    expect(clock.jumped).toBe(2 * 1_800_000);
  });

  test('retries a whole batch if its process died', async () => {
    const { queue, scheduler, batches } = setUp((_, number) =>
      number === 1 ? { kind: 'died', signal: 'SIGKILL', code: null } : DONE,
    );
    queue.send('1');
    queue.send('2');
    await scheduler.drain();
    expect(batches).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
  });

  test('waits for a full batch until the window ends', async () => {
    const { queue, scheduler, batches, clock } = setUp(() => DONE, { batchSize: 1000, window: 300 });
    queue.send('1');
    queue.send('2');
    await scheduler.drain();
    expect(batches).toEqual([['1', '2']]);
    expect(clock.jumped).toBe(300_000);
  });
});

describe('a function that requeues each message in its own queue', () => {
  /** How often it is invoked until nothing is left, with 40 repeats meant. */
  async function chain(mayLoop: boolean) {
    const made = setUp(
      (_, number, lineage) => {
        if (number < 40)
          made.queue.send('again', { lineage: lineageIn(`Root=1-5e1b4151-0;Lineage=${lineage}`) });
        return DONE;
      },
      {},
      mayLoop,
    );
    made.queue.send('first');
    await made.scheduler.drain();
    return { invocations: made.batches.length, dead: made.dead };
  }

  test('is stopped after 16 invocations, and its message goes to the dead-letter queue', async () => {
    expect(await chain(false)).toEqual({ invocations: 16, dead: ['again'] });
  });

  test('continues if recursive loops are allowed', async () => {
    expect(await chain(true)).toEqual({ invocations: 40, dead: [] });
  });

  test('is not confused with another function in the chain', () => {
    expect(hopsBefore('00000002', ['1:00000003:16', undefined, '1:00000002:4', '1:00000002:3'])).toBe(4);
    expect(lineageIn('Root=1-5e1b4151-0;Sampled=0')).toBeUndefined();
    expect(lineageName(10)).toBe('0000000a');
  });
});
