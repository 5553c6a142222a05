import { describe, expect, it } from 'vitest';
import type { PrincipalFacts } from '../../../lambda/ports/proposals.ts';
import { publishedBytes } from '../../../lambda/report/notice/notice.ts';
import { composeOverview } from '../../../lambda/report/notice/overview-notice.ts';
import { CONTEXT, facts, sharedFacts } from '../facts.ts';

const WHERE = { ...CONTEXT, indexKey: 'index.html' };

function at(name: string, accountId: string, part: Partial<PrincipalFacts> = {}): PrincipalFacts {
  return facts(name, {
    prefix: `proposals/${accountId}/role/${name}/0123456789abcdef0123456789abcdef/`,
    principal: { arn: `arn:aws:iam::${accountId}:role/${name}`, type: 'role', name, path: '/', accountId },
    ...part,
  });
}

const SMALL = [
  at('Orders', '111122223333', { owner: 'payments' }),
  at('Old', '111122223333', { kind: 'remove-role', summary: undefined }),
  at('Web', '444455556666', { owner: 'web', summary: { ...facts('x').summary!, actionsGrantedAfter: 83 } }),
];

describe('the overview of everything', () => {
  it('lists shared proposals separately, and counts none of their actions twice', () => {
    const group = sharedFacts('Ops', {
      kind: 'refine-group',
      subject: { ...sharedFacts('Ops').subject, type: 'group', arn: 'arn:aws:iam::123456789012:group/Ops' },
      principals: 3,
    });
    const items = [...SMALL, sharedFacts('Queues', { owner: 'messaging' }), group];
    const { text, json, attributes } = composeOverview(items, undefined, WHERE);
    expect(text).toContain(
      '5 proposals to remove unused access, for 3 principals, 1 shared policy and 1 group, in 3 accounts.',
    );
    expect(text).toContain(`- 1 shared policy would lose actions that are reported unused for every holder
- 1 group would lose actions that are reported unused for every member

Together, the proposals for principals would remove 31 of 168 granted actions (18%).`);
    expect(text).toContain('- messaging: 1 proposal in 1 account\n');
    expect(text).toContain(
      '1. shared policy Queues of 12 principals, account 123456789012, owner messaging\n',
    );
    expect(text).toContain('2. group Ops of 3 users, account 123456789012\n');
    expect(attributes.kinds).toEqual([
      'refine-group',
      'refine-permissions',
      'refine-shared-policy',
      'remove-role',
    ]);
    expect(JSON.parse(json)).toMatchObject({
      proposalCount: 5,
      principalCount: 3,
      actionsGrantedBefore: 168,
      kinds: { 'refine-shared-policy': 1, 'refine-group': 1 },
    });
  });

  it('says how many proposals there are, of which kinds and owners, the largest, and where the rest is', () => {
    const notice = composeOverview(SMALL, 2, WHERE);
    expect(notice.subject).toBe('Overview: 3 proposals to remove unused access, for 3 principals');
    expect(notice.text).toBe(`3 proposals to remove unused access, for 3 principals, in 2 accounts.
The previous overview had 2 proposals.

Each proposal removes what findings report unused, and nothing else.

By kind:
- 2 principals would lose permissions that are reported unused
- 1 role is reported unused

Together, they would remove 31 of 168 granted actions (18%).

By owner:
- payments: 1 proposal for 1 principal in 1 account, to remove 30 actions
- web: 1 proposal for 1 principal in 1 account, to remove 1 action
- without an owner: 1 proposal for 1 principal in 1 account

The riskiest:

1. role Orders, account 111122223333, owner payments
   It would lose 30 of 84 actions, and 1 of 3 services entirely.
   https://eu-central-1.console.aws.amazon.com/s3/object/access-proposals?region=eu-central-1&prefix=proposals/111122223333/role/Orders/0123456789abcdef0123456789abcdef/report.html

2. role Web, account 444455556666, owner web
   It would lose 1 of 84 actions, and 1 of 3 services entirely.
   https://eu-central-1.console.aws.amazon.com/s3/object/access-proposals?region=eu-central-1&prefix=proposals/444455556666/role/Web/0123456789abcdef0123456789abcdef/report.html

All proposals:
https://eu-central-1.console.aws.amazon.com/s3/object/access-proposals?region=eu-central-1&prefix=index.html

Nothing changes unless you do it:

Yes. Apply it:
  npx --no-install unused-access-refiner apply PROPOSAL
Part. Keep some actions; the next run proposes the others:
  npx --no-install unused-access-refiner decide PROPOSAL --keep 'service:Action' --reason "…"
No. It is proposed again only if it would remove something riskier:
  npx --no-install unused-access-refiner decide PROPOSAL --reject --reason "…"

Replace PROPOSAL with s3://access-proposals/ and the folder in the link: proposals/…/<id> or shared/…/<id>.

Think first of jobs that run less often: quarter ends, restores, failover, key rotation.

The links open in the S3 console: sign in first to account 999900001111, then choose "Open".
`);
    expect(notice.attributes).toEqual({
      accountIds: ['111122223333', '444455556666'],
      kinds: ['refine-permissions', 'remove-role'],
      proposalCount: 3,
      overview: true,
    });
  });

  it('has the same facts for programs', () => {
    const json = JSON.parse(composeOverview(SMALL, undefined, WHERE).json) as Record<string, unknown>;
    expect(json).toMatchObject({
      schemaVersion: 1,
      type: 'unused-access-overview',
      proposalCount: 3,
      principalCount: 3,
      accountCount: 2,
      proposalCountBefore: null,
      actionsGrantedBefore: 168,
      actionsGrantedAfter: 137,
      kinds: { 'refine-permissions': 2, 'remove-role': 1 },
      accountIds: ['111122223333', '444455556666'],
      ownersOmitted: 0,
      largest: [{ owner: 'payments', actionsGrantedAfter: 54 }, { owner: 'web' }],
    });
    expect(json['owners']).toEqual([
      {
        owner: null,
        proposals: 1,
        principals: 1,
        accounts: 1,
        actionsGrantedBefore: 0,
        actionsGrantedAfter: 0,
      },
      {
        owner: 'payments',
        proposals: 1,
        principals: 1,
        accounts: 1,
        actionsGrantedBefore: 84,
        actionsGrantedAfter: 54,
      },
      {
        owner: 'web',
        proposals: 1,
        principals: 1,
        accounts: 1,
        actionsGrantedBefore: 84,
        actionsGrantedAfter: 83,
      },
    ]);
  });

  it('omits owners if none is known, and reductions if there are none', () => {
    const { text } = composeOverview(
      [at('Old', '111122223333', { kind: 'remove-role', summary: undefined })],
      undefined,
      WHERE,
    );
    expect(text).not.toMatch(/owner|Together|riskiest:|One by one|previous overview/);
    expect(text).toContain('- 1 role is reported unused\n\nAll proposals:\n');
  });

  it('stays small for fifty thousand proposals of three thousand owners in two thousand accounts', () => {
    const owner = (i: number) => `the-team-with-a-rather-long-name-${String(i % 3000).padStart(4, '0')}`;
    const many = Array.from({ length: 50_000 }, (_, i) =>
      at(`role-${String(i)}`, String(100_000_000_000 + (i % 2000)), { owner: owner(i) }),
    );
    const notice = composeOverview(many, 12, WHERE);
    expect(publishedBytes(notice)).toBeLessThan(256 * 1024);
    expect(notice.subject).toBe('Overview: 50,000 proposals to remove unused access, for 50,000 principals');
    expect(notice.attributes.accountIds).toHaveLength(1000);
    expect(notice.text).toContain('\n- 2,980 more owners: 49,660 proposals\n');
    const json = JSON.parse(notice.json) as { owners: unknown[]; ownersOmitted: number; largest: unknown[] };
    expect([json.owners.length, json.ownersOmitted, json.largest.length]).toEqual([200, 2800, 20]);
  });

  it('fits even if every owner has the longest name that a tag allows', () => {
    const many = Array.from({ length: 2_000 }, (_, i) =>
      at(`role-${String(i)}`, String(100_000_000_000 + i), {
        owner: String(i).padStart(4, '0') + '\u{20000}'.repeat(252),
      }),
    );
    const notice = composeOverview(many, 12, WHERE);
    expect(publishedBytes(notice)).toBeLessThan(256 * 1024);
    expect(notice.text).toContain('\n- 1,990 more owners: 1,990 proposals\n');
  });

  it('does not depend on the order of its proposals', () => {
    expect(composeOverview([...SMALL].reverse(), 2, WHERE)).toEqual(composeOverview(SMALL, 2, WHERE));
  });

  it('is refused without any proposal', () => {
    expect(() => composeOverview([], undefined, WHERE)).toThrow('at least one proposal');
  });
});
