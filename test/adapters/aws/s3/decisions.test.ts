import { describe, expect, test } from 'vitest';
import { S3Decisions, S3DecisionStore } from '../../../../lambda/adapters/aws/s3/decisions.ts';
import type { Put } from '../../../../lambda/adapters/aws/s3/objects.ts';
import type { Decision } from '../../../../lambda/core/decision/decision.ts';
import { recordDecision } from '../../../../lambda/use-cases/decisions/record-decision.ts';

const ACCOUNT = '123456789012';
const keep = (by: string, until?: string): Decision => ({
  about: `arn:aws:iam::${ACCOUNT}:role/${by}`,
  decision: 'keep',
  keep: ['s3:GetObject'],
  reason: 'why',
  by,
  on: '2026-11-01',
  ...(until === undefined ? {} : { until }),
});

/** A bucket with conditional writes, in which every call takes a turn. */
class Bucket {
  readonly objects = new Map<string, { text: string; etag: string }>();
  reads = 0;
  #writes = 0;

  async read<T>(
    key: string,
    parse: (text: string) => { ok: true; value: T } | { ok: false; problem: string },
  ) {
    this.reads += 1;
    await Promise.resolve();
    const object = this.objects.get(key);
    if (object === undefined) return undefined;
    const parsed = parse(object.text);
    if (!parsed.ok) throw new Error(parsed.problem);
    return { value: parsed.value, etag: object.etag, storedAt: undefined };
  }

  async put(key: string, text: string, { onlyIf }: Put = {}) {
    await Promise.resolve();
    const known = this.objects.get(key);
    const holds = onlyIf === 'absent' ? known === undefined : known?.etag === onlyIf?.etag;
    if (!holds) return undefined;
    this.#writes += 1;
    const etag = String(this.#writes);
    this.objects.set(key, { text, etag });
    return { etag };
  }
}

describe('decisions in the bucket', () => {
  test('of several people who write at the same time are all kept', async () => {
    const bucket = new Bucket();
    const people = ['ana', 'ben', 'cem', 'dan', 'eva'];
    await Promise.all(people.map((by) => recordDecision(new S3DecisionStore(bucket, ACCOUNT), keep(by))));
    const { decisions } = await new S3DecisionStore(bucket, ACCOUNT).read();
    expect(decisions.map(({ by }) => by).sort()).toEqual(people);
    expect([...bucket.objects.keys()]).toEqual(['decisions/123456789012.json']);
  });

  test('are in force until the end of their last day, and are read once a minute', async () => {
    const bucket = new Bucket();
    await recordDecision(new S3DecisionStore(bucket, ACCOUNT), keep('ana', '2026-11-29'));
    bucket.reads = 0;
    let now = '2026-11-29T23:59:30.000Z';
    const source = new S3Decisions(bucket, { now: () => now, remainingMillis: () => 60_000 });
    expect(await source.inForce(ACCOUNT)).toHaveLength(1);
    now = '2026-11-30T00:00:10.000Z';
    expect(await source.inForce(ACCOUNT)).toHaveLength(0);
    expect(bucket.reads).toBe(1);
    await recordDecision(new S3DecisionStore(bucket, ACCOUNT), keep('ben'));
    now = '2026-11-30T00:01:00.000Z';
    expect(await source.inForce(ACCOUNT)).toHaveLength(1);
  });

  test('that cannot be parsed stop the refinement, so that nothing is proposed as if nothing had been decided', async () => {
    const bucket = new Bucket();
    bucket.objects.set('decisions/123456789012.json', { text: '{}', etag: '1' });
    const source = new S3Decisions(bucket, {
      now: () => '2026-11-29T00:00:00.000Z',
      remainingMillis: () => 1,
    });
    await expect(source.inForce(ACCOUNT)).rejects.toThrow('schemaVersion');
  });
});
