import { describe, expect, test } from 'vitest';
import { readStoredObject, readSweepMessage } from '../../lambda/runtime/messages.ts';
import { BUCKET, objectCreated } from '../functions/samples.ts';

describe('an event about a stored object', () => {
  const key = 'proposals/111122223333/role/a+b=c,d@e_f-g/0123456789abcdef0123456789abcdef/proposal.json';
  const read = (value: unknown) => readStoredObject(JSON.stringify(value), BUCKET);

  test('names the proposal by its key as it is', () => {
    expect(read(objectCreated(key))).toEqual({ kind: 'proposal', key });
  });

  const digits = '0123456789abcdef0123456789abcdef';
  test.each([`shared/111122223333/policy/a+b/${digits}/`, `shared/111122223333/group/Ops/${digits}/`])(
    'names the proposal about something shared: %s',
    (prefix) => {
      const stored = `${prefix}proposal.json`;
      expect(read(objectCreated(stored))).toEqual({ kind: 'proposal', key: stored });
      expect(read(objectCreated(`${prefix}report.html`)).kind).toBe('ignored');
      expect(read(objectCreated(`${prefix}state.json`))).toEqual({ kind: 'state', key: stored });
    },
  );

  test.each([
    ['a report', key.replace('proposal.json', 'report.html')],
    ['a policy called like a proposal', key.replace('proposal.json', 'policies/proposal.json')],
    ['a proposal under a type that is not shared', `shared/111122223333/role/a/${digits}/proposal.json`],
    ['the overview', 'index.json'],
    ['a failure', 'failures/f-1.json'],
  ])('about %s is ignored', (_, other) => {
    expect(read(objectCreated(other))).toEqual({ kind: 'ignored', reason: 'another object' });
  });

  test('of another bucket is ignored', () => {
    expect(readStoredObject(JSON.stringify(objectCreated(key)), 'mine')).toEqual({
      kind: 'ignored',
      reason: 'another bucket',
    });
  });

  test('of another kind is ignored', () => {
    expect(read({ ...objectCreated(key), 'detail-type': 'Object Deleted' }).kind).toBe('ignored');
  });

  test('without an object is malformed', () => {
    expect(read({ 'detail-type': 'Object Created', source: 'aws.s3', detail: {} })).toEqual({
      kind: 'malformed',
      problem: 'the event has an unexpected member detail.bucket (invalid_type)',
    });
    expect(readStoredObject('<xml>', BUCKET).kind).toBe('malformed');
  });
});

describe('a message about the rest of a sweep', () => {
  const REST =
    '{"analyzerArn":"a","sweepId":"s","phase":"list","nextToken":"t","restarts":0,"listed":{"from":0,"to":1,"isWhole":true}}';

  test('says where to continue and how often the sweep started over', () => {
    const body =
      '{"analyzerArn":"a","sweepId":"s","phase":"send","offset":3,"restarts":2,"listed":{"from":1,"to":2,"isWhole":true}}';
    expect(readSweepMessage(body)).toEqual({
      ok: true,
      value: {
        analyzerArn: 'a',
        sweepId: 's',
        restarts: 2,
        position: { phase: 'send', offset: 3, listed: { from: 1, to: 2, isWhole: true } },
      },
    });
  });

  test('without a token starts at the first page', () => {
    const body =
      '{"analyzerArn":"a","sweepId":"s","phase":"list","nextToken":null,"restarts":1,"listed":{"from":1,"to":1,"isWhole":true}}';
    expect(readSweepMessage(body)).toEqual({
      ok: true,
      value: {
        analyzerArn: 'a',
        sweepId: 's',
        restarts: 1,
        position: { phase: 'list', nextToken: undefined, listed: { from: 1, to: 1, isWhole: true } },
      },
    });
  });

  test.each([
    ['{}'],
    ['nonsense'],
    [REST.replace('"restarts":0', '"restarts":-1')],
    [REST.replace('"sweepId":"s"', '"sweepId":"../other"')],
    [REST.replace('"phase":"list"', '"phase":"later"')],
    [REST.replace('"sweepId":"s",', '')],
  ])('%s is refused', (body) => {
    expect(body).not.toBe(REST);
    expect(readSweepMessage(body).ok).toBe(false);
  });
});
