import { describe, expect, test } from 'vitest';
import { SimQueue } from './servers/queue.ts';

function makeQueue(maxReceives = 2) {
  const dead: string[] = [];
  const clock = { now: 1_000 };
  const queue = new SimQueue(
    {
      name: 'q',
      arn: 'arn:aws:sqs:us-east-1:123456789012:q',
      url: 'http://127.0.0.1/123456789012/q',
      visibilityTimeout: 30,
      redrive: { deadLetters: 'd', maxReceives },
    },
    {
      now: () => clock.now,
      onArrival: () => undefined,
      onDead: ({ body }) => dead.push(typeof body === 'string' ? body : body()),
    },
  );
  return { queue, dead, clock };
}

const bodies = (messages: readonly { readonly body: string }[]): readonly string[] =>
  messages.map(({ body }) => body);

describe('the queue of the load model', () => {
  test('hides received messages until their timeout, and counts the receives', () => {
    const { queue, clock } = makeQueue();
    queue.send('a');
    expect(queue.receive(10)).toMatchObject([{ body: 'a', received: 1 }]);
    expect(queue.receive(10)).toEqual([]);
    expect(queue.nextDue).toBe(31_000);
    clock.now = 30_999;
    expect(queue.receive(10)).toEqual([]);
    clock.now = 31_000;
    expect(queue.receive(10)).toMatchObject([{ body: 'a', received: 2 }]);
  });

  test('moves messages that are received too often to the dead-letter queue', () => {
    const { queue, dead, clock } = makeQueue();
    queue.send(() => 'a');
    for (const times of [1, 2]) {
      expect(queue.receive(1)).toMatchObject([{ received: times }]);
      clock.now += 30_000;
    }
    expect(queue.receive(1)).toEqual([]);
    expect(dead).toEqual(['a']);
    expect(queue.visible + queue.hidden).toBe(0);
  });

  test('does not deliver a deleted message again, and ignores an old receipt handle', () => {
    const { queue, clock } = makeQueue();
    queue.send('a');
    const [first] = queue.receive(1);
    clock.now += 30_000;
    const [second] = queue.receive(1);
    queue.delete(first!.receipt);
    expect(queue.hidden).toBe(1);
    queue.delete(second!.receipt);
    expect(queue.hidden).toBe(0);
  });

  test('alternates between groups, so that a large group delays no other', () => {
    const { queue } = makeQueue();
    for (const body of ['a1', 'a2', 'a3', 'a4']) queue.send(body, { group: 'a' });
    queue.send('b1', { group: 'b' });
    queue.send('c1', { group: 'c' });
    expect(bodies(queue.receive(4))).toEqual(['a1', 'b1', 'c1', 'a2']);
    expect(bodies(queue.receive(4))).toEqual(['a3', 'a4']);
  });

  test('delays a message', () => {
    const { queue, clock } = makeQueue();
    queue.send('later', { delay: 10 });
    expect(queue.visible).toBe(0);
    clock.now += 10_000;
    expect(bodies(queue.receive(1))).toEqual(['later']);
  });
});
