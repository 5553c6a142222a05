import { describe, expect, test } from 'vitest';
import type { Decision } from '../../../lambda/core/decision/decision.ts';
import { againstDecisions, candidateOf } from '../../../lambda/core/proposal/against-decisions.ts';
import type { Proposal } from '../../../lambda/core/proposal/schema.ts';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/orders`;
const WEB = `arn:aws:iam::${ACCOUNT}:role/web`;
const ANA = `arn:aws:iam::${ACCOUNT}:user/ana`;
const POLICY = `arn:aws:iam::${ACCOUNT}:policy/Shared`;
const SAID = { reason: 'why', by: 'ana', on: '2026-11-29' };
const policy = {
  source: 'customer-managed',
  arn: POLICY,
  removed: ['s3:GetObject', 's3:PutObject', 'sqs:SendMessage'],
};
const OWN = {
  proposalId: 'a'.repeat(32),
  kind: 'refine-permissions',
  principal: { arn: ROLE, accountId: ACCOUNT },
  policies: [policy],
} as unknown as Proposal;
const SHARED = {
  proposalId: 'b'.repeat(32),
  kind: 'refine-shared-policy',
  subject: { arn: POLICY, accountId: ACCOUNT },
  holders: { roles: [ROLE, WEB], users: [], groups: [{ arn: '', members: [ANA] }] },
  policies: [policy],
} as unknown as Proposal;

const keep = (about: string, ...patterns: readonly string[]): Decision => ({
  ...SAID,
  about,
  decision: 'keep',
  keep: patterns,
});
const reject = (about: string): Decision => ({ ...SAID, about, decision: 'reject' });

describe('a proposal', () => {
  test.each<[string, Proposal, readonly Decision[], readonly string[]]>([
    ['nothing was decided', OWN, [], []],
    ['something else was decided', OWN, [keep(WEB, 's3:*'), reject(WEB)], []],
    ['it was rejected', OWN, [reject(ROLE)], ['it was rejected by ana on 2026-11-29: why']],
    [
      'it removes what is kept',
      OWN,
      [keep(ROLE, 's3:*'), keep(POLICY, 'sqs:SendMessage'), keep(ROLE, 'ec2:*')],
      [
        'it removes s3:GetObject and 1 more, kept by ana on 2026-11-29: why',
        'it removes sqs:SendMessage, kept by ana on 2026-11-29: why',
      ],
    ],
    [
      'a holder of a shared policy keeps something, and another one uses everything',
      SHARED,
      [keep(ANA, 'sqs:*'), reject(WEB)],
      [
        'it removes sqs:SendMessage, kept by ana on 2026-11-29: why',
        `${WEB} uses all that it grants, since its own proposal was rejected by ana on 2026-11-29: why`,
      ],
    ],
  ])('and decisions: %s', (_, proposal, decisions, expected) => {
    expect(againstDecisions(proposal, decisions)).toEqual(expected);
  });

  test('that removes a key is not opposed by a decision that keeps actions', () => {
    const removal = { ...OWN, kind: 'remove-access-key', policies: [] } as unknown as Proposal;
    expect(againstDecisions(removal, [keep(ROLE, '*')])).toEqual([]);
  });

  test('is compared with decisions by its subject', () => {
    expect(candidateOf(SHARED)).toEqual({
      proposalId: 'b'.repeat(32),
      kind: 'refine-shared-policy',
      arn: POLICY,
      accountId: ACCOUNT,
      removed: undefined,
    });
  });
});
