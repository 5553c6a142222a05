import type { Clock } from '../../ports/system.ts';
import type { ProposalFacts, ProposalReader } from '../../ports/proposals.ts';
import { type Fail, RESERVE } from './outcome.ts';

/** Objects read at once. */
const READERS = 16;

/** Reads proposals, each for itself: one that cannot be read keeps none of the others from being told. */
export async function readStored(
  keys: readonly string[],
  reader: ProposalReader,
  clock: Clock,
  fail: Fail,
): Promise<{ readonly facts: ReadonlyMap<string, ProposalFacts>; readonly gone: number }> {
  const facts = new Map<string, ProposalFacts>();
  let gone = 0;
  for (let start = 0; start < keys.length; start += READERS) {
    const some = keys.slice(start, start + READERS);
    if (start > 0 && clock.remainingMillis() < RESERVE) {
      for (const key of keys.slice(start)) fail('time', key, undefined);
      break;
    }
    const readings = await Promise.allSettled(some.map((key) => reader.read(key)));
    for (const [place, reading] of readings.entries()) {
      const key = some[place] ?? '';
      if (reading.status === 'rejected') fail('read', key, reading.reason);
      else if (reading.value.kind === 'gone') gone += 1;
      else facts.set(key, reading.value.facts);
    }
  }
  return { facts, gone };
}
