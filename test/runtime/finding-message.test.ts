import { describe, expect, test } from 'vitest';
import { readFindingMessage } from '../../lambda/runtime/messages.ts';
import { ANALYZER, FINDING_EVENT, SWEPT_FINDING } from '../functions/samples.ts';

function read(value: unknown) {
  return readFindingMessage(typeof value === 'string' ? value : JSON.stringify(value), ANALYZER);
}
function event(detail: Readonly<Record<string, unknown>>, part: Readonly<Record<string, unknown>> = {}) {
  return { ...FINDING_EVENT, ...part, detail: { ...FINDING_EVENT.detail, ...detail } };
}

describe('an event', () => {
  const reference = {
    analyzerArn: ANALYZER,
    findingId: 'b8ae0460-5d29-4922-b92a-ba956c986277',
    accountId: '111122223333',
    resource: 'arn:aws:iam::111122223333:role/FindingIntegTestFakeRole',
    activeAt: '2023-09-29T17:31:40Z',
  };

  test("as documented names the finding, the analyzer and the principal's account", () => {
    expect(read(FINDING_EVENT)).toEqual({ kind: 'finding', reference, isEvent: true });
  });

  test('may have the id of the finding as detail.id', () => {
    expect(read(event({ findingId: undefined, id: reference.findingId }))).toEqual({
      kind: 'finding',
      reference,
      isEvent: true,
    });
  });

  test.each([
    ['deleted', event({ isDeleted: true })],
    ['resolved', event({ status: 'RESOLVED' })],
    ['archived', event({ status: 'ARCHIVED' })],
  ])(
    'of a %s finding is accepted, since it settles proposals, but does not mean that the finding is active',
    (_, value) => {
      expect(read(value)).toMatchObject({ kind: 'finding', reference: { activeAt: undefined } });
    },
  );

  test.each([
    ['of a finding with an error', event({ error: 'INTERNAL_ERROR' }), 'analysis error'],
    [
      'about external access',
      event({}, { 'detail-type': 'Access Analyzer Finding' }),
      'another kind of event',
    ],
    ['of another source', event({}, { source: 'my.app' }), 'another kind of event'],
    ['of another analyzer', event({}, { resources: [`${ANALYZER}-2`] }), 'another analyzer'],
  ])('%s is ignored', (_, value, reason) => {
    expect(read(value)).toEqual({ kind: 'ignored', reason });
  });

  test.each([
    ['without an id of its finding', event({ findingId: undefined })],
    ['without an analyzer', event({}, { resources: [] })],
    ['with an account that is none', event({ accountId: 'mine' })],
    ['without details', { ...FINDING_EVENT, detail: undefined }],
  ])('%s is malformed', (_, value) => {
    expect(read(value).kind).toBe('malformed');
  });
});

describe('a message', () => {
  test('of a sweep names the finding', () => {
    expect(read(SWEPT_FINDING)).toEqual({ kind: 'finding', reference: SWEPT_FINDING, isEvent: false });
  });

  test('about another analyzer is ignored', () => {
    expect(read({ ...SWEPT_FINDING, analyzerArn: 'arn:other' })).toEqual({
      kind: 'ignored',
      reason: 'another analyzer',
    });
  });

  test.each([['not JSON'], ['null'], ['[]'], ['"text"'], ['{}'], ['{"analyzerArn":"a","findingId":""}']])(
    '%s is malformed',
    (body) => {
      expect(read(body).kind).toBe('malformed');
    },
  );

  test('that is malformed is described without being quoted', () => {
    const message = read('{"Statement":[{"Effect":"Allow"');
    expect(message).toEqual({ kind: 'malformed', problem: 'the message is not JSON' });
    expect(read({ ...SWEPT_FINDING, accountId: 'secret' })).toEqual({
      kind: 'malformed',
      problem: 'the message has an unexpected member accountId (invalid_format)',
    });
  });
});
