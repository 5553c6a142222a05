import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { PrincipalRef } from '../../../lambda/core/model/principal.ts';
import { documentsByFile } from '../../../lambda/core/plan/names.ts';
import { makePlan } from '../../../lambda/core/plan/make-plan.ts';
import { makeRemovalPlan } from '../../../lambda/core/plan/plan-removal.ts';
import type { ProposedPolicy } from '../../../lambda/core/model/proposed-policy.ts';
import { FakeIam } from './fake-iam.ts';
import { MemoryJournal, run } from './run.ts';
import type { WorldPolicy } from './world.ts';

const ROLE: PrincipalRef = {
  arn: 'arn:aws:iam::123456789012:role/app',
  type: 'role',
  name: 'app',
  path: '/',
  accountId: '123456789012',
};
const USER: PrincipalRef = { ...ROLE, arn: 'arn:aws:iam::123456789012:user/ana', type: 'user', name: 'ana' };
const OWN = 'arn:aws:iam::123456789012:policy/Own';
const SHARED = 'arn:aws:iam::123456789012:policy/Shared';
const COPY = 'arn:aws:iam::123456789012:policy/Shared-app-0000000001';
const ID = '0123456789abcdef0123456789abcdef';

const allow = (...actions: readonly string[]): JsonValue => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }],
});
const WIDE = allow('s3:GetObject', 's3:PutObject');
const NARROW = allow('s3:GetObject');
const OTHER = allow('iam:*');

const base = { reason: '', removed: ['s3:PutObject'], changes: [], before: WIDE } as const;
const POLICIES: readonly ProposedPolicy[] = [
  { ...base, source: 'role-inline', name: 'Inline', disposition: 'update', after: [{ name: 'Inline', document: NARROW }] },
  { ...base, source: 'customer-managed', name: 'Own', arn: OWN, versionId: 'v5', disposition: 'new-version', after: [{ name: 'Own', document: NARROW }] },
  { ...base, source: 'customer-managed', name: 'Shared', arn: SHARED, versionId: 'v1', disposition: 'replace', after: [{ name: 'Shared-app-0000000001', document: NARROW }] },
]; // prettier-ignore

function setUp() {
  const managed = (arn: string, versions: readonly JsonValue[], shared: boolean): WorldPolicy => ({
    arn,
    name: arn.slice(arn.lastIndexOf('/') + 1),
    path: '/',
    tags: [],
    versions,
    defaultVersion: `v${String(versions.length)}`,
    aws: false,
    shared,
  });
  const world = {
    principal: ROLE,
    inline: [{ name: 'Inline', document: WIDE }],
    managed: [
      managed(OWN, [allow('a:1'), allow('a:2'), allow('a:3'), allow('a:4'), WIDE], false),
      managed(SHARED, [WIDE], true),
    ],
  };
  const plan = makePlan({ proposalId: ID, subject: ROLE, policies: POLICIES, grants: [], digest: sha256 });
  const proposal = { proposalId: ID, plan, documents: documentsByFile(POLICIES, plan.documents), world };
  return { iam: new FakeIam(world), journal: new MemoryJournal(), proposal };
}

describe('a plan is refused, without any change, if', () => {
  const refusals: readonly (readonly [string, (iam: FakeIam) => void, RegExp])[] = [
    ['an inline policy holds something else', (iam) => void iam.inline.set('Inline', OTHER), /^the inline policy Inline holds neither/],
    ['an inline policy is gone', (iam) => void iam.inline.delete('Inline'), /^the inline policy Inline no longer exists; make the proposal again/],
    ['a managed policy has another default version', (iam) => void iam.policies.get(OWN)!.versions.set('v5', OTHER), /^the default version v5 of .*\/Own holds neither/],
    ['a managed policy was attached to others', (iam) => void (iam.policies.get(OWN)!.others = 1), /\/Own is now attached to others too/],
    ['a managed policy became a boundary', (iam) => void (iam.policies.get(OWN)!.boundaryUses = 1), /\/Own is now attached to others too/],
    ['a managed policy was detached', (iam) => void iam.attached.delete(OWN), /\/Own is no longer attached to app; make the proposal again/],
    ['the original of a copy was changed', (iam) => void Object.assign(iam.policies.get(SHARED)!, { defaultVersionId: 'v2', versions: new Map([['v2', OTHER]]) }), /\/Shared now has another document \(version v2\); make the proposal again/],
    ['the original of a copy was detached', (iam) => void iam.attached.delete(SHARED), /\/Shared is as proposed, but .*\/Shared-app-0000000001, which has a part of it, is not attached; run `npx --no-install unused-access-refiner rollback` on this proposal/],
    ['the name of a copy is taken', (iam) => void iam.policies.set(COPY, { ...iam.policies.get(SHARED)!, description: 'mine' }), /\/Shared-app-0000000001 exists already and was not made by this proposal; see it with `aws iam get-policy/],
    ['another account has a role of that name', (iam) => void (iam.principal = { ...ROLE, arn: 'arn:aws:iam::999999999999:role/app' }), /^these credentials see arn:aws:iam::999999999999:role\/app, and the proposal is for arn:aws:iam::123456789012:role\/app: use credentials of account 123456789012$/],
  ]; // prettier-ignore

  test.each(refusals)('%s', async (_, change, problem) => {
    const { iam, journal, proposal } = setUp();
    change(iam);
    const outcome = await run('apply', proposal, iam, journal);
    expect(outcome).toEqual({ kind: 'refused', problems: [expect.stringMatching(problem)] });
    expect(iam.writes).toEqual([]);
    expect(journal.receipt).toBeUndefined();
  });

  test('a document of the proposal was edited after the plan was made', async () => {
    const { iam, journal, proposal } = setUp();
    const documents = new Map(proposal.documents).set('policies/0-Inline.after.json', OTHER);
    expect(await run('apply', { ...proposal, documents }, iam, journal)).toEqual({
      kind: 'refused',
      problems: [
        'the document for policies/0-Inline.after.json is not the one that the plan was made for; make the proposal again',
      ],
    });
    expect(iam.writes).toEqual([]);
  });

  test('the caller declines, or wants a dry run', async () => {
    const { iam, journal, proposal } = setUp();
    expect(await run('apply', proposal, iam, journal, { confirm: false })).toEqual({ kind: 'declined' });
    expect(await run('apply', proposal, iam, journal, { dryRun: true })).toMatchObject({ kind: 'dry-run' });
    expect(iam.writes).toEqual([]);
    expect(journal.receipt).toBeUndefined();
  });
});

test('the oldest of five versions is saved and then deleted', async () => {
  const { iam, journal, proposal } = setUp();
  await run('apply', proposal, iam, journal);
  expect([...iam.policies.get(OWN)!.versions.keys()]).toEqual(['v2', 'v3', 'v4', 'v5', 'v6']);
  expect([...journal.backups]).toEqual([[`backup/${OWN} v1`, allow('a:1')]]);
  expect(journal.receipt?.runs[0]?.saved).toEqual([
    { policyArn: OWN, versionId: 'v1', file: `backup/${OWN} v1` },
  ]);
  await run('rollback', proposal, iam, journal);
  expect(iam.policies.get(OWN)!.defaultVersionId).toBe('v5');
  expect([...iam.policies.get(OWN)!.versions.keys()]).toEqual(['v2', 'v3', 'v4', 'v5']);
});

test('if the analysed version is gone, rollback restores its document as a new version', async () => {
  const { iam, journal, proposal } = setUp();
  await run('apply', proposal, iam, journal);
  iam.policies.get(OWN)!.versions.delete('v5');
  expect(await run('rollback', proposal, iam, journal)).toMatchObject({ kind: 'done' });
  const own = iam.policies.get(OWN)!;
  expect(own.defaultVersionId).toBe('v7');
  expect(own.versions.get('v7')).toEqual(WIDE);
  expect(own.versions.has('v6')).toBe(false);
});

test('if IAM refuses midway, the outcome lists what was done and what was not, and the next run continues', async () => {
  const { iam, journal, proposal } = setUp();
  const quotas = await iam.quotas();
  // Nobody could have seen it beforehand.
  iam.quotas = () => Promise.resolve(quotas);
  iam.attachmentQuota = 2;
  const failed = await run('apply', proposal, iam, journal);
  expect(failed).toEqual({
    kind: 'failed',
    problem: 'LimitExceeded',
    done: ['create the managed policy /Shared-app-0000000001 (policies/2-Shared.after.json)'],
    notDone: [
      `attach ${COPY}`,
      'put the inline policy Inline (policies/0-Inline.after.json)',
      `create a new default version of ${OWN} (policies/1-Own.after.json)`,
      `detach ${SHARED}`,
    ],
  });
  expect(journal.receipt?.runs[0]).toMatchObject({ outcome: 'failed', problem: 'LimitExceeded' });
  iam.attachmentQuota = 3;
  expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
  expect(journal.receipt?.runs[1]?.steps.map(({ outcome }) => outcome)).toEqual([
    'already',
    'done',
    'done',
    'done',
    'done',
  ]);
});

test('if a copy exceeds a quota, no step is taken', async () => {
  const { iam, journal, proposal } = setUp();
  iam.attachmentQuota = 2;
  expect(await run('apply', proposal, iam, journal)).toEqual({
    kind: 'refused',
    problems: [
      'the role app has 2 managed policies attached and would have 3 for a moment, with a quota of 2: first detach one that is not needed, or have AWS raise the quota (to 25 at most); then run the same command again',
    ],
  });
  iam.attachmentQuota = 3;
  iam.policyQuota = 2;
  expect(await run('apply', proposal, iam, journal)).toEqual({
    kind: 'refused',
    problems: [
      'the account has 2 customer managed policies with a quota of 2, and 1 more are needed: delete some first, then run the same command again',
    ],
  });
  expect(iam.writes).toEqual([]);
});

test('if the quotas cannot be read, a refusal says that AWS may have raised them', async () => {
  const { iam, journal, proposal } = setUp();
  iam.attachmentQuota = 2;
  const quotas = await iam.quotas();
  iam.quotas = () => Promise.resolve({ ...quotas, assumed: true });
  expect(await run('apply', proposal, iam, journal)).toEqual({
    kind: 'refused',
    problems: [
      'the role app has 2 managed policies attached and would have 3 for a moment, with a quota of 2: first detach one that is not needed, or have AWS raise the quota (to 25 at most); then run the same command again',
      'the quotas above are those that hold unless AWS raised them: these credentials may not call iam:GetAccountSummary',
    ],
  });
});

describe('rollback', () => {
  test('keeps a copy that somebody changes while it is deleted', async () => {
    const { iam, journal, proposal } = setUp();
    await run('apply', proposal, iam, journal);
    const deletePolicy = iam.deletePolicy.bind(iam);
    iam.deletePolicy = async (arn) => {
      await iam.createDefaultVersion(arn, OTHER);
      await deletePolicy(arn);
    };
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({
      kind: 'done',
      notes: [`${COPY} was changed since this proposal made it, so it was kept`],
    });
    expect(iam.policies.has(COPY)).toBe(true);
  });

  test('without a receipt leaves a policy attached that has the name of a copy and was made by somebody else', async () => {
    const { iam, journal, proposal } = setUp();
    await run('apply', proposal, iam, journal);
    journal.receipt = undefined;
    iam.policies.set(COPY, { ...iam.policies.get(COPY)!, description: 'made by hand' });
    const outcome = await run('rollback', proposal, iam, journal);
    expect(outcome).toMatchObject({
      kind: 'done',
      notes: [
        `not undone: detach ${SHARED} (no receipt says that apply did it, and somebody else may have); to undo it by hand: attach ${SHARED}`,
        `not undone: attach ${COPY} (no receipt says that apply did it, and somebody else may have); to undo it by hand: detach ${COPY}`,
      ],
    });
    expect(iam.attached.has(COPY)).toBe(true);
    expect(iam.attached.has(SHARED)).toBe(false);
  });

  test('detaches and keeps a copy that others use by now', async () => {
    const { iam, journal, proposal } = setUp();
    await run('apply', proposal, iam, journal);
    iam.policies.get(COPY)!.others = 1;
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({
      kind: 'done',
      notes: [`${COPY} is now in use elsewhere, so it was kept`],
    });
    expect(iam.attached.has(COPY)).toBe(false);
    expect(iam.policies.has(COPY)).toBe(true);
  });

  test('detaches and keeps a copy that was changed since', async () => {
    const { iam, journal, proposal } = setUp();
    await run('apply', proposal, iam, journal);
    await iam.createDefaultVersion(COPY, OTHER);
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({
      kind: 'done',
      notes: [
        `${COPY} was changed since this proposal made it`,
        `${COPY} was changed since this proposal made it, so it was kept`,
      ],
    });
    expect(iam.attached.has(COPY)).toBe(false);
    expect(iam.policies.has(COPY)).toBe(true);
  });

  test('does not overwrite what was changed since apply', async () => {
    const { iam, journal, proposal } = setUp();
    await run('apply', proposal, iam, journal);
    iam.inline.set('Inline', OTHER);
    const writes = iam.writes.length;
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({ kind: 'refused' });
    expect(iam.writes).toHaveLength(writes);
  });

  test('attaches an original again that its owner changed since, and says so', async () => {
    const { iam, journal, proposal } = setUp();
    await run('apply', proposal, iam, journal);
    await iam.createDefaultVersion(SHARED, OTHER);
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({
      kind: 'done',
      notes: [`${SHARED} now has another document (version v2)`],
    });
    expect(iam.attached.has(SHARED)).toBe(true);
  });
});

describe('a plan to remove something', () => {
  const removal = (kind: 'remove-role' | 'remove-access-key' | 'remove-password') => {
    const principal = kind === 'remove-role' ? ROLE : USER;
    const plan = makeRemovalPlan({ kind, principal, accessKeyId: 'AKIAIOSFODNN7EXAMPLE', digest: sha256 });
    const iam = new FakeIam({ principal });
    iam.keys.set('AKIAIOSFODNN7EXAMPLE', 'Active');
    iam.hasPassword = true;
    return {
      iam,
      journal: new MemoryJournal(),
      proposal: {
        proposalId: ID,
        plan,
        documents: documentsByFile([], plan.documents),
        world: { principal },
      },
    };
  };

  test('denies a role everything, and rollback releases it', async () => {
    const { iam, journal, proposal } = removal('remove-role');
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect([...iam.inline]).toEqual([
      [
        'unused-access-refiner-quarantine',
        { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] },
      ],
    ]);
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect([...iam.inline]).toEqual([]);
  });

  test('does not activate on rollback a key that was inactive before apply', async () => {
    const { iam, journal, proposal } = removal('remove-access-key');
    iam.keys.set('AKIAIOSFODNN7EXAMPLE', 'Inactive');
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({ kind: 'refused' });
    expect(iam.keys.get('AKIAIOSFODNN7EXAMPLE')).toBe('Inactive');
  });

  test('deletes a password only if the caller accepts that this cannot be undone', async () => {
    const { iam, journal, proposal } = removal('remove-password');
    expect(await run('apply', proposal, iam, journal)).toEqual({
      kind: 'refused',
      problems: [expect.stringMatching(/^a deleted password cannot be put back; .* --irreversible$/)],
    });
    expect(iam.hasPassword).toBe(true);
    expect(await run('apply', proposal, iam, journal, { irreversible: true })).toMatchObject({
      kind: 'done',
    });
    expect(iam.hasPassword).toBe(false);
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({ kind: 'refused' });
  });
});
