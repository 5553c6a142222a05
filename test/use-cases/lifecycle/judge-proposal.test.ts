import { describe, expect, test } from 'vitest';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import type { Verdict } from '../../../lambda/core/lifecycle/judge-drift.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { Grant } from '../../../lambda/core/model/principal.ts';
import type {
  PrincipalProposal,
  Proposal,
  RefineProposal,
  SharedProposal,
} from '../../../lambda/core/proposal/schema.ts';
import type { AccountInventory, GroupHoldings } from '../../../lambda/ports/account.ts';
import type { FindingAnswer } from '../../../lambda/ports/findings.ts';
import {
  type JudgeDependencies,
  type Judgement,
  judgeWith,
  settleRivals,
} from '../../../lambda/use-cases/lifecycle/judge-proposal.ts';
import { KEY_PROPOSAL, PROPOSAL } from '../../adapters/aws/proposals.ts';

const ACCOUNT = '111122223333';
const ORDERS = 'arn:aws:iam::111122223333:role/Orders';
const CATALOGUE = makeCatalogue({ source: 'test', version: '1', date: '' }, [
  ['s3', ['GetBucketPolicy', 'GetBucketTagging', 'GetObject']],
]);
const [POLICY] = PROPOSAL.policies;
const REFINE: RefineProposal = { ...PROPOSAL, policies: [{ ...POLICY!, removed: ['s3:GetBucketPolicy'] }] };
const BEFORE = POLICY!.before;
const AFTER = POLICY!.after[0]!.document;

const inline = (value: JsonValue): Grant => ({
  source: 'role-inline',
  name: 'Read',
  document: { readable: true, value },
});
const UNREADABLE: Grant = {
  source: 'role-inline',
  name: 'Other',
  document: { readable: false, text: '%', problem: 'it is no JSON' },
};

const OPEN: FindingAnswer = {
  kind: 'found',
  finding: {
    id: 'f-1',
    analyzerArn: null,
    findingType: 'UnusedPermission',
    status: 'ACTIVE',
    resource: ORDERS,
    accountId: ACCOUNT,
    updatedAt: null,
    details: {
      type: 'UnusedPermission',
      entries: [{ serviceNamespace: 's3', actions: [{ action: 'GetBucketPolicy' }] }],
    },
  },
};

interface World {
  /** The policies of the role; `gone` if there is no such role. */
  readonly grants?: readonly Grant[] | 'gone';
  readonly covers?: boolean;
  readonly finding?: FindingAnswer;
  readonly inventory?: Partial<AccountInventory>;
}

function judge(
  proposal: Proposal,
  { grants = [inline(BEFORE)], covers = true, finding = OPEN, inventory = {} }: World = {},
): Promise<Judgement> {
  const policies: JudgeDependencies['policies'] = {
    getPrincipal: (ref) =>
      Promise.resolve(
        grants === 'gone'
          ? { kind: 'gone' }
          : { kind: 'found', principal: { ref, tags: [], boundaryArn: undefined, grants } },
      ),
    covers: () => covers,
    inventory: (accountId) => ({
      accountId,
      customerManagedPolicies: 0,
      sharedPolicies: () => [],
      groups: () => [],
      ...inventory,
    }),
  };
  const findings = { getFinding: () => Promise.resolve(finding) };
  return judgeWith({ policies, findings, catalogue: CATALOGUE, known: [] })(proposal);
}

describe('a stored proposal about a role', () => {
  test.each<readonly [string, World, Judgement]>([
    [
      'is current while nothing has changed',
      {},
      {
        kind: 'judged',
        verdict: { state: 'current', reason: 'nothing that it was made from has changed', remarks: [] },
        catalogue: undefined,
      },
    ],
    [
      'is resolved if the account has roles, but no longer this one',
      { grants: 'gone' },
      {
        kind: 'judged',
        verdict: { state: 'resolved', reason: 'the role is gone', remarks: [] },
        catalogue: undefined,
      },
    ],
    [
      'is not known to be resolved by a description of the account without any roles',
      { grants: 'gone', covers: false },
      {
        kind: 'unknown',
        by: 'account',
        reason: `it holds no roles, so it cannot tell whether ${ORDERS} is gone`,
      },
    ],
    [
      'is applied if its policy is as proposed',
      { grants: [inline(AFTER)] },
      {
        kind: 'judged',
        verdict: { state: 'applied', reason: 'inline policy Read is as it proposes', remarks: [] },
        catalogue: undefined,
      },
    ],
    [
      'is not known to be applied while a policy of the role cannot be read',
      { grants: [inline(AFTER), UNREADABLE] },
      { kind: 'unknown', by: 'account', reason: 'policy Other cannot be read now: it is no JSON' },
    ],
    [
      'is not known to be current while its finding cannot be read',
      { finding: { kind: 'unreadable', reason: 'its last page is missing' } },
      { kind: 'unknown', by: 'finding', reason: 'its last page is missing' },
    ],
  ])('%s', async (_, world, expected) => {
    expect(await judge(REFINE, world)).toEqual(expected);
  });
});

describe('a stored proposal about a group', () => {
  const subject = {
    type: 'group',
    arn: `arn:aws:iam::${ACCOUNT}:group/Ops`,
    name: 'Ops',
    path: '/',
    accountId: ACCOUNT,
  } as const;
  const proposal = {
    kind: 'refine-group',
    subject,
    holders: { principals: 0, roles: [], users: [], groups: [] },
    findings: [],
    policies: REFINE.policies,
  } as Partial<SharedProposal> as SharedProposal;
  const other: GroupHoldings = {
    name: 'Dev',
    arn: `arn:aws:iam::${ACCOUNT}:group/Dev`,
    members: [],
    grants: () => [],
  };

  test('is resolved if the account has groups, but no longer this one', async () => {
    expect(await judge(proposal, { inventory: { groups: () => [other] } })).toEqual({
      kind: 'judged',
      verdict: { state: 'resolved', reason: 'the group is gone', remarks: [] },
      catalogue: undefined,
    });
  });

  test('is not known to be resolved by a description of the account without any groups', async () => {
    expect(await judge(proposal)).toEqual({
      kind: 'unknown',
      by: 'account',
      reason: `it holds no groups, so it cannot tell whether ${subject.arn} is gone`,
    });
  });
});

describe('several current proposals about one principal', () => {
  const CURRENT: Verdict = { state: 'current', reason: 'as before', remarks: [] };
  const made = (id: string, updatedAt: string | null, of: PrincipalProposal = REFINE) => ({
    proposal: { ...of, proposalId: id, finding: { ...of.finding, updatedAt } },
    verdict: CURRENT,
  });
  const rival = (id: string): Verdict => ({
    ...CURRENT,
    remarks: [
      {
        kind: 'rival',
        text: `proposal ${id} is current as well, made with other settings or another catalogue`,
      },
    ],
  });

  test('are superseded by the one with the latest finding', () => {
    expect(
      settleRivals([
        made('old', '2026-11-01T00:00:00Z'),
        made('new', '2026-11-20T00:00:00Z'),
        made('key', '2026-11-30T00:00:00Z', KEY_PROPOSAL),
      ]),
    ).toEqual([
      {
        state: 'superseded',
        reason: 'proposal new was made from a later state of the finding',
        remarks: [],
      },
      CURRENT,
      CURRENT,
    ]);
  });

  test('stay current with a remark if their findings have the same date', () => {
    const date = '2026-11-01T00:00:00Z';
    expect(settleRivals([made('a', date), made('b', date)])).toEqual([rival('b'), rival('a')]);
  });

  test('do not count those that are settled', () => {
    const applied: Verdict = { state: 'applied', reason: 'it is as proposed', remarks: [] };
    const settled = { ...made('new', '2026-11-20T00:00:00Z'), verdict: applied };
    expect(settleRivals([made('old', '2026-11-01T00:00:00Z'), settled])).toEqual([CURRENT, applied]);
  });
});
