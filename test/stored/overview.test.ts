import { expect, test } from 'vitest';
import { readIndexData, renderIndexData } from '../../lambda/stored/overview.ts';
import type { PrincipalFacts, ProposalFacts } from '../../lambda/ports/proposals.ts';
import { facts, sharedFacts } from '../report/facts.ts';

const CATALOGUE = { source: 'test', version: '1', services: 1, actions: 3 };
const USER = {
  arn: 'arn:aws-cn:iam::123456789012:user/a/b/ana',
  type: 'user',
  name: 'ana',
  path: '/a/b/',
  accountId: '123456789012',
} as const;
const REFUSED = {
  source: 'role-inline',
  name: 'Odd',
  disposition: 'refused',
  reason: 'it is not JSON',
  removed: 0,
} as const;

const ALL: readonly PrincipalFacts[] = [
  facts('Orders', { owner: 'payments', catalogue: CATALOGUE, retained: 2, residue: 1, policies: [REFUSED] }),
  facts('Web', { catalogue: CATALOGUE, state: { name: 'applied', reason: 'it is in place' } }),
  facts('ana', {
    kind: 'remove-access-key',
    findingType: 'UnusedIAMUserAccessKey',
    prefix: 'proposals/123456789012/user/ana/0123456789abcdef0123456789abcdef/',
    principal: USER,
    summary: undefined,
    generalize: undefined,
    accessKeyId: 'AKIAEXAMPLE',
  }),
];

function read(text: string): readonly ProposalFacts[] {
  const index = readIndexData(text);
  if (!index.ok) throw new Error(index.problem);
  return index.value;
}

test('rows are read back as written, and each catalogue is written once', () => {
  const text = renderIndexData(ALL);
  expect(read(text)).toEqual(ALL);
  expect(text.match(/"version"/g)).toHaveLength(1);
  expect(text.split('\n')).toHaveLength(6);
  expect(read(renderIndexData([]))).toEqual([]);
});

test('decisions are stored with both kinds, and earlier rows have none', () => {
  const decisions = ['accepted by ana on 2026-11-29: agreed'];
  const rows = [facts('Orders', { decisions }), sharedFacts('Shared', { decisions })];
  expect(read(renderIndexData(rows)).map((one) => one.decisions)).toEqual([decisions, decisions]);
  const before = renderIndexData([facts('Orders', {}), sharedFacts('Shared')]);
  expect(before).not.toContain('decisions');
  expect(read(before).map((one) => one.decisions)).toEqual([undefined, undefined]);
});

test('a proposal that nobody was notified of is marked with the same member for both kinds', () => {
  const rows = [facts('Orders', { unannounced: true }), sharedFacts('Shared', { unannounced: true })];
  const text = renderIndexData(rows);
  expect(text.match(/"unannounced":true/g)).toHaveLength(2);
  expect(read(text)).toEqual(rows);
});

test('refined policies are not stored, because the overview does not show them', () => {
  const policy = { ...REFUSED, disposition: 'update' } as const;
  const [one] = read(renderIndexData([facts('Orders', { policies: [policy, REFUSED] })]));
  expect(one?.policies).toEqual([REFUSED]);
});

test('a principal that its ARN does not determine is stored completely', () => {
  const principal = { ...USER, path: '/another/' };
  const [one] = read(renderIndexData([facts('x', { principal })]));
  expect(one).toHaveProperty('principal', principal);
});

test('rows about shared subjects come last', () => {
  const state = { name: 'applied', reason: 'it is as it proposes' } as const;
  const shared = sharedFacts('Orders', { owner: 'payments', policies: [REFUSED], state });
  const text = renderIndexData([shared, ...ALL]);
  expect(read(text)).toEqual([...ALL, shared]);
  expect(JSON.parse(text)).toMatchObject({ schemaVersion: 1, proposals: { length: 3 }, shared: [shared] });
});

test.each([
  '',
  '[]',
  '{"schemaVersion":2,"catalogues":[],"proposals":[],"shared":[]}',
  '{"schemaVersion":1,"proposals":[]}',
])('another document is refused: %s', (text) => {
  expect(readIndexData(text)).toEqual({ ok: false, problem: 'it is not an overview of schema version 1' });
});
