import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { Grant, PrincipalRef } from '../../../lambda/core/model/principal.ts';
import type { ProposedPolicy } from '../../../lambda/core/model/proposed-policy.ts';
import type { Subject } from '../../../lambda/core/model/subject.ts';
import { documentsByFile } from '../../../lambda/core/plan/names.ts';
import { makePlan, type PlanInput } from '../../../lambda/core/plan/make-plan.ts';
import { makeRemovalPlan } from '../../../lambda/core/plan/plan-removal.ts';
import type { HolderRef } from '../../../lambda/core/model/subject.ts';
import type { Receipt } from '../../../lambda/ports/apply.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import { FakeIam } from './fake-iam.ts';
import { Killed } from './killed.ts';
import { MemoryJournal, type Proposal, run } from './run.ts';
import type { WorldPolicy } from './world.ts';

const ACCOUNT = '123456789012';
const ROLE: PrincipalRef = { arn: `arn:aws:iam::${ACCOUNT}:role/app`, type: 'role', name: 'app', path: '/', accountId: ACCOUNT }; // prettier-ignore
const USER: PrincipalRef = { ...ROLE, arn: `arn:aws:iam::${ACCOUNT}:user/ana`, type: 'user', name: 'ana' };
const GROUP: Subject = { ...ROLE, arn: `arn:aws:iam::${ACCOUNT}:group/devs`, type: 'group', name: 'devs' };
const SHARED_ARN = `arn:aws:iam::${ACCOUNT}:policy/Shared`;
const IDLE_ARN = `arn:aws:iam::${ACCOUNT}:policy/Idle`;
const SHARED_POLICY: Subject = { ...ROLE, arn: SHARED_ARN, type: 'policy', name: 'Shared' };
const COPY = `${SHARED_ARN}-copy`;
const ID = '0123456789abcdef0123456789abcdef';
const KEY = 'AKIAIOSFODNN7EXAMPLE';
const ANALYSED = '2026-11-20T00:00:00.000Z';

const allow = (...actions: readonly string[]): JsonValue => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }],
});
const WIDE = allow('s3:GetObject', 's3:PutObject');
const NARROW = allow('s3:GetObject');

const base = { reason: '', removed: ['s3:PutObject'], changes: [], before: WIDE } as const;
const REPLACE: ProposedPolicy = {
  ...base,
  source: 'customer-managed',
  name: 'Shared',
  arn: SHARED_ARN,
  versionId: 'v1',
  disposition: 'replace',
  after: [{ name: 'Shared-copy', document: NARROW }],
};
const IDLE: ProposedPolicy = { ...REPLACE, name: 'Idle', arn: IDLE_ARN, disposition: 'remove', after: [] };

function managed(arn: string): WorldPolicy {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  return { arn, name, path: '/', tags: [], versions: [WIDE], defaultVersion: 'v1', aws: false, shared: true };
}

function refinement(
  policies: readonly ProposedPolicy[],
  more: Partial<PlanInput> = {},
  status: Proposal['status'] = {},
) {
  const subject = more.subject ?? ROLE;
  const plan = makePlan({ proposalId: ID, subject, policies, grants: [], digest: sha256, ...more });
  const iam = new FakeIam({ principal: subject, managed: [managed(SHARED_ARN), managed(IDLE_ARN)] });
  const proposal: Proposal = {
    proposalId: ID,
    plan,
    documents: documentsByFile(policies, plan.documents),
    world: { principal: subject },
    status: { analysedAt: ANALYSED, ...status },
  };
  return { iam, journal: new MemoryJournal(), proposal };
}

function removal(
  kind: 'remove-role' | 'remove-access-key' | 'remove-password',
  lastUsedAt?: string,
  passwordCreatedAt?: string,
) {
  const principal = kind === 'remove-role' ? ROLE : USER;
  const plan = makeRemovalPlan({
    kind,
    principal,
    accessKeyId: KEY,
    lastUsedAt,
    analysedAt: ANALYSED,
    principalId: 'ORIGINAL',
    ...(passwordCreatedAt === undefined ? {} : { passwordCreatedAt }),
    digest: sha256,
  });
  const iam = new FakeIam({ principal });
  iam.id = 'ORIGINAL';
  iam.keys.set(KEY, 'Active');
  iam.hasPassword = true;
  const proposal: Proposal = { proposalId: ID, plan, documents: documentsByFile([], plan.documents), world: { principal }, status: { analysedAt: ANALYSED } }; // prettier-ignore
  return { iam, journal: new MemoryJournal(), proposal };
}

const refused = (...problems: readonly RegExp[]) => ({
  kind: 'refused',
  problems: problems.map((problem) => expect.stringMatching(problem) as string),
});

describe('the state beside a proposal', () => {
  const cases: readonly (readonly [string, Proposal['status'], 'despiteState' | 'despiteWarning', RegExp])[] = [
    ['superseded', { state: { state: 'superseded', reason: 's3:PutObject is in use again' } }, 'despiteState', /^state\.json says that the proposal is superseded: s3:PutObject is in use again; make the proposal again .*--despite-state$/],
    ['resolved', { state: { state: 'resolved', reason: 'the finding is resolved' } }, 'despiteState', /^state\.json says that the proposal is resolved: .*--despite-state$/],
    ['withheld', { withheld: 'it grants more' }, 'despiteState', /^the proposal is withheld, because a check of AWS rejected it: it grants more; .*--despite-state$/],
    ['a newer rival', { newer: [{ proposalId: 'f'.repeat(32), analysedAt: '2026-11-22T00:00:00Z' }] }, 'despiteState', /^proposal f{32} about the same rests on a newer finding \(2026-11-22T00:00:00Z\): apply that one instead; .*--despite-state$/],
    ['a warning', { warnings: ['s3:PutObject was used on 2026-11-22'] }, 'despiteWarning', /^the proposal warns: s3:PutObject was used on 2026-11-22; .*--despite-warning$/],
  ]; // prettier-ignore

  test.each(cases)('%s is refused, and only its own option overrides that', async (_, status, option, problem) => {
    const { iam, journal, proposal } = refinement([IDLE], {}, status);
    const other = option === 'despiteState' ? 'despiteWarning' : 'despiteState';
    expect(await run('apply', proposal, iam, journal, { [other]: true, irreversible: true })).toEqual(refused(problem));
    expect(iam.writes).toEqual([]);
    expect(await run('apply', proposal, iam, journal, { [option]: true })).toMatchObject({ kind: 'done' });
  }); // prettier-ignore

  test('the prompt says how old the finding is if the proposal was never rechecked', async () => {
    const { iam, journal, proposal } = refinement([IDLE]);
    let told: readonly string[] = [];
    await run('apply', proposal, iam, journal, { confirm: (notes) => { told = notes; return false; } }); // prettier-ignore
    expect(told).toEqual([`the proposal was never rechecked: it rests on a finding of ${ANALYSED}`]);
  });

  test('reasons against applying a proposal do not prevent its rollback', async () => {
    const set = refinement([IDLE]);
    await run('apply', set.proposal, set.iam, set.journal);
    const status = { ...set.proposal.status, warnings: ['late use'], withheld: 'no' };
    const outcome = await run('rollback', { ...set.proposal, status }, set.iam, set.journal);
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(set.iam.attached.has(IDLE_ARN)).toBe(true);
  });
});

describe('a reused name', () => {
  test('of a role is detected by the id', async () => {
    const { iam, journal, proposal } = refinement([IDLE], { subjectId: 'ORIGINAL' });
    expect(await run('apply', proposal, iam, journal)).toEqual(
      refused(/^the role app was deleted and created again: its id is AROA000000000000BEGIN, and ORIGINAL was analysed \(since the finding of 2026-11-20T00:00:00.000Z\); nothing of this proposal applies to it/),
    ); // prettier-ignore
    expect(iam.writes).toEqual([]);
  });

  test('of a role is detected by a creation after the analysis', async () => {
    const { iam, journal, proposal } = refinement([IDLE], { analysedAt: ANALYSED });
    iam.createdAt = '2026-11-21T10:00:00.000Z';
    expect(await run('apply', proposal, iam, journal)).toEqual(
      refused(/^the role app was created again after the analysis of 2026-11-20T00:00:00.000Z \(since 2026-11-21T10:00:00.000Z\)/),
    ); // prettier-ignore
    iam.createdAt = ANALYSED;
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
  });

  test('of a policy is detected by the id, even with the same document', async () => {
    const grant: Grant = {
      source: 'customer-managed',
      name: 'Idle',
      document: { readable: true, value: WIDE },
      managed: { arn: IDLE_ARN, id: 'ORIGINAL', path: '/', versionId: 'v1', attachments: 2, boundaryUses: 0 },
    };
    const { iam, journal, proposal } = refinement([IDLE], { grants: [grant] });
    expect(await run('apply', proposal, iam, journal)).toEqual(
      refused(/\/Idle was deleted and created again: its id is ID2, and ORIGINAL was analysed/),
    );
    iam.policies.get(IDLE_ARN)!.policyId = 'ORIGINAL';
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
  });

  test('is detected for a role to quarantine, a key, and a password', async () => {
    for (const kind of ['remove-role', 'remove-access-key', 'remove-password'] as const) {
      const { iam, journal, proposal } = removal(kind);
      iam.id = 'ANOTHER';
      expect(await run('apply', proposal, iam, journal, { irreversible: true }), kind).toEqual(
        refused(/was deleted and created again: its id is ANOTHER, and ORIGINAL was analysed/),
      );
      expect(iam.writes, kind).toEqual([]);
    }
  });

  test('is detected for a password that was set at another time than the analysed one', async () => {
    const analysed = '2025-03-01T08:00:00+00:00';
    const { iam, journal, proposal } = removal('remove-password', undefined, analysed);
    expect(proposal.plan.checks).toContainEqual({ check: 'password', createdAt: analysed, createdBefore: ANALYSED });
    iam.passwordCreatedAt = '2025-04-01T00:00:00.000Z';
    expect(await run('apply', proposal, iam, journal, { irreversible: true })).toEqual(
      refused(/^ana has another password than the one that was analysed, which was set on 2025-03-01T08:00:00\+00:00 \(since 2025-04-01T00:00:00.000Z\); wait until/),
    );
    iam.passwordCreatedAt = '2025-03-01T08:00:00.000Z';
    expect(await run('apply', proposal, iam, journal, { irreversible: true })).toMatchObject({ kind: 'done' });
  }); // prettier-ignore

  test('is detected for a password that was set after the analysis', async () => {
    const { iam, journal, proposal } = removal('remove-password');
    iam.passwordCreatedAt = '2026-11-21T00:00:00.000Z';
    expect(await run('apply', proposal, iam, journal, { irreversible: true })).toEqual(
      refused(/^ana has another password than the one that was analysed on 2026-11-20T00:00:00.000Z \(since 2026-11-21T00:00:00.000Z\); wait until/),
    ); // prettier-ignore
    expect(iam.hasPassword).toBe(true);
  });

  test('of a role is detected during a run, and the next step is not taken', async () => {
    const { iam, journal, proposal } = refinement([REPLACE], { subjectId: 'ORIGINAL' });
    iam.id = 'ORIGINAL';
    iam.onWrite = () => void (iam.id = 'ANOTHER');
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'failed' });
    expect(iam.writes).toEqual([`create ${COPY}`]);
  });
});

describe('the check of last use before a removal', () => {
  test.each([
    ['remove-role', (iam: FakeIam, at: string): void => void (iam.lastUsedAt = at), 'the role app'],
    ['remove-password', (iam: FakeIam, at: string): void => void (iam.lastUsedAt = at), 'the password of ana'],
    ['remove-access-key', (iam: FakeIam, at: string): void => void iam.keysLastUsed.set(KEY, at), `the access key ${KEY} of ana`],
  ] as const)('refuses %s if it was used later', async (kind, use, what) => {
    const known = '2026-06-01T08:00:00.000Z';
    const { iam, journal, proposal } = removal(kind, known);
    use(iam, '2026-11-22T09:00:00.000Z');
    expect(await run('apply', proposal, iam, journal, { irreversible: true })).toEqual(
      refused(new RegExp(`^${what} was used on 2026-11-22T09:00:00.000Z, and the finding knows of its use on ${known}: keep it, or wait`)),
    );
    expect(iam.writes).toEqual([]);
    use(iam, known);
    expect(await run('apply', proposal, iam, journal, { irreversible: true })).toMatchObject({ kind: 'done' });
  }); // prettier-ignore

  test('refuses a removal after a use even if the finding has none', async () => {
    const { iam, journal, proposal } = removal('remove-role');
    iam.lastUsedAt = '2026-11-20T06:00:00.000Z';
    expect(await run('apply', proposal, iam, journal)).toEqual(refused(/the finding knows of no use/));
  });

  test('is repeated after the prompt', async () => {
    const { iam, journal, proposal } = removal('remove-access-key');
    const outcome = await run('apply', proposal, iam, journal, {
      confirm: () => {
        iam.keysLastUsed.set(KEY, '2026-11-23T00:00:00.000Z');
        return true;
      },
    });
    expect(outcome).toEqual(refused(/was used on 2026-11-23/));
    expect(iam.keys.get(KEY)).toBe('Active');
  });
});

describe('an access key that somebody else may have deactivated', () => {
  test('stays inactive if the process died during the call, or there was no answer', async () => {
    for (const error of [new Killed(), new AdapterError('socket hang up', 'retry', 'unavailable')]) {
      const { iam, journal, proposal } = removal('remove-access-key');
      iam.setAccessKeyStatus = () => {
        // The request never arrives, and security deactivates the key in this moment.
        iam.keys.set(KEY, 'Inactive');
        return Promise.reject(error);
      };
      await run('apply', proposal, iam, journal).catch((thrown: unknown) => {
        if (!(thrown instanceof Killed)) throw thrown;
      });
      expect(await run('rollback', proposal, iam, journal)).toEqual(
        refused(/^no receipt says that apply was the last to deactivate the access key AKIAIOSFODNN7EXAMPLE: .*aws iam update-access-key/),
      );
    }
  }); // prettier-ignore
});

describe('a role without room for an inline policy', () => {
  const grants: readonly Grant[] = [
    { source: 'role-inline', name: 'Big', document: { readable: true, value: 'x'.repeat(10_230) } },
  ];
  test("is quarantined with AWS's own policy that denies everything, and released again", async () => {
    const plan = makeRemovalPlan({ kind: 'remove-role', principal: ROLE, grants, digest: sha256 });
    const denyAll = 'arn:aws:iam::aws:policy/AWSDenyAll';
    const iam = new FakeIam({ principal: ROLE, managed: [managed(denyAll)] });
    iam.attached.delete(denyAll);
    const journal = new MemoryJournal();
    const proposal: Proposal = { proposalId: ID, plan, documents: new Map(), world: { principal: ROLE } };
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect([...iam.attached]).toEqual([denyAll]);
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect([...iam.attached]).toEqual([]);
    // Somebody else's quarantine stays.
    iam.attached.add(denyAll);
    await run('apply', proposal, iam, journal);
    await run('rollback', proposal, iam, journal);
    expect([...iam.attached]).toEqual([denyAll]);
  });

  test('or another attachment gets an error that says what has to be freed first', () => {
    const full = Array.from({ length: 20 }, (_, index): Grant => ({
      source: 'customer-managed',
      name: `p${String(index)}`,
      document: { readable: true, value: WIDE },
      managed: { arn: `${IDLE_ARN}${String(index)}`, path: '/', versionId: 'v1', attachments: 1, boundaryUses: 0 },
    }));
    const plan = makeRemovalPlan({ kind: 'remove-role', principal: ROLE, grants: [...grants, ...full], digest: sha256 });
    expect(plan.freeFirst).toEqual([expect.stringMatching(/first free \d+ of them$/)]);
  }); // prettier-ignore
});

describe('a change of something shared', () => {
  const holders = {
    roles: [`arn:aws:iam::${ACCOUNT}:role/a`],
    users: [`arn:aws:iam::${ACCOUNT}:user/u`],
    groups: [{ name: 'devs', members: [`arn:aws:iam::${ACCOUNT}:user/m`] }],
  };
  const version: ProposedPolicy = {
    ...REPLACE,
    disposition: 'new-version',
    after: [{ name: 'Shared', document: NARROW }],
  };
  const setUp = (policy: ProposedPolicy) => {
    const set = refinement([policy], { subject: SHARED_POLICY, holders });
    set.iam.principal = ROLE;
    set.iam.attached.clear();
    set.iam.policies.get(SHARED_ARN)!.others = 0;
    for (const holder of ['role a', 'user u', 'group devs'])
      set.iam.elsewhere.set(holder, new Set([SHARED_ARN]));
    set.iam.members.set('devs', [...holders.groups[0]!.members]);
    return set;
  };
  const defaultOf = (iam: FakeIam): JsonValue | undefined => {
    const policy = iam.policies.get(SHARED_ARN)!;
    return policy.versions.get(policy.defaultVersionId);
  };

  test('gives a shared policy a new version for all holders, and removes it on rollback', async () => {
    const { iam, journal, proposal } = setUp(version);
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect(defaultOf(iam)).toEqual(NARROW);
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect(defaultOf(iam)).toEqual(WIDE);
    expect([...iam.policies.get(SHARED_ARN)!.versions.keys()]).toEqual(['v1']);
  });

  test('detaches a policy of which nothing is left from all holders, and attaches it again on rollback', async () => {
    const { iam, journal, proposal } = setUp({ ...version, disposition: 'remove', after: [] });
    const has = (): readonly boolean[] =>
      (['role a', 'user u', 'group devs'] as const).map((holder) =>
        iam.elsewhere.get(holder)!.has(SHARED_ARN),
      );
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect(has()).toEqual([false, false, false]);
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect(has()).toEqual([true, true, true]);
  });

  test.each([
    ['a role', (iam: FakeIam): void => void iam.elsewhere.set('role late', new Set([SHARED_ARN])), /\/Shared is now attached to the role late, too/],
    ['a member of a group', (iam: FakeIam): void => void iam.members.get('devs')!.push(`arn:aws:iam::${ACCOUNT}:user/new`), /^new joined the group devs/],
    ['a boundary', (iam: FakeIam): void => void (iam.policies.get(SHARED_ARN)!.boundaryUses = 1), /\/Shared is now a permissions boundary/],
  ] as const)('refuses %s that was added later, on apply and on rollback', async (_, come, problem) => {
    const early = setUp(version);
    come(early.iam);
    expect(await run('apply', early.proposal, early.iam, early.journal)).toEqual(refused(problem));
    const waiting = setUp(version);
    expect(
      await run('apply', waiting.proposal, waiting.iam, waiting.journal, { confirm: () => { come(waiting.iam); return true; } }),
    ).toEqual(refused(problem));
    expect(waiting.iam.writes).toEqual([]);
    const late = setUp(version);
    await run('apply', late.proposal, late.iam, late.journal);
    come(late.iam);
    expect(await run('rollback', late.proposal, late.iam, late.journal)).toEqual(refused(problem));
    expect(defaultOf(late.iam)).toEqual(NARROW);
  }); // prettier-ignore

  const holderIds = [
    { type: 'group', name: 'devs', id: 'AGPADEVS' },
    { type: 'role', name: 'a', id: 'AROAA' },
    { type: 'user', name: 'm', id: 'AIDAM' },
    { type: 'user', name: 'u', id: 'AIDAU' },
  ] as const;
  const withIds = (policy: ProposedPolicy) => {
    const set = refinement([policy], { subject: SHARED_POLICY, holders, holderIds });
    const { iam } = setUp(policy);
    for (const { type, name, id } of holderIds) iam.ids.set(`${type} ${name}`, id);
    return { ...set, iam };
  };

  test.each([
    ['role a', /^the role a was deleted and created again: its id is ANOTHER, and AROAA was analysed/],
    ['user u', /^the user u was deleted and created again: its id is ANOTHER, and AIDAU was analysed/],
    ['group devs', /^the group devs was deleted and created again: its id is ANOTHER, and AGPADEVS was analysed/],
    ['user m', /^the user m was deleted and created again: its id is ANOTHER, and AIDAM was analysed/],
  ] as const)('detects %s created again under its name, on apply and on rollback', async (key, problem) => {
    const early = withIds(version);
    early.iam.ids.set(key, 'ANOTHER');
    expect(await run('apply', early.proposal, early.iam, early.journal)).toEqual(refused(problem));
    const late = withIds(version);
    expect(await run('apply', late.proposal, late.iam, late.journal)).toMatchObject({ kind: 'done' });
    late.iam.ids.set(key, 'ANOTHER');
    expect(await run('rollback', late.proposal, late.iam, late.journal)).toEqual(refused(problem));
    expect(defaultOf(late.iam)).toEqual(NARROW);
  }); // prettier-ignore

  test('does not attach a policy again to a holder that was created again without it', async () => {
    const set = withIds({ ...version, disposition: 'remove', after: [] });
    expect(await run('apply', set.proposal, set.iam, set.journal)).toMatchObject({ kind: 'done' });
    set.iam.ids.set('role a', 'ANOTHER');
    expect(await run('rollback', set.proposal, set.iam, set.journal)).toEqual(
      refused(/^the role a was deleted and created again.*; attach .*Shared by hand/),
    );
    expect(set.iam.elsewhere.get('role a')).toEqual(new Set());
  });

  test('does not compare an id that is missing from the input', async () => {
    const { iam, journal, proposal } = setUp(version);
    iam.ids.set('role a', 'WHOEVER');
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
  });

  test('detects a group that was created again under its name', async () => {
    const policies: readonly ProposedPolicy[] = [{ ...REPLACE, source: 'group-customer-managed', group: 'devs' }];
    const members = [`arn:aws:iam::${ACCOUNT}:user/m`];
    const about = { subject: GROUP, subjectId: 'AGPADEVS', holders: { roles: [], users: [], groups: [{ name: 'devs', members }] } };
    const { iam, journal, proposal } = refinement(policies, about);
    iam.members.set('devs', members);
    iam.id = 'AGPAOTHER';
    expect(await run('apply', proposal, iam, journal)).toEqual(
      refused(/^the group devs was deleted and created again: its id is AGPAOTHER, and AGPADEVS was analysed/),
    );
    iam.id = 'AGPADEVS';
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
  }); // prettier-ignore

  test('gives a group copies with a description, and removes them on rollback', async () => {
    const members = [`arn:aws:iam::${ACCOUNT}:user/m`];
    const policies: readonly ProposedPolicy[] = [
      { ...REPLACE, source: 'group-customer-managed', group: 'devs' },
      { ...base, source: 'group-inline', name: 'Own', group: 'devs', disposition: 'update', after: [{ name: 'Own', document: NARROW }] },
    ]; // prettier-ignore
    const { iam, journal, proposal } = refinement(policies, {
      subject: GROUP,
      holders: { roles: [], users: [], groups: [{ name: 'devs', members }] },
    });
    iam.inline.set('Own', WIDE);
    iam.members.set('devs', [...members]);
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect(iam.policies.get(COPY)?.description).toBe(
      `unused-access-refiner proposal ${ID}: takes the place of ${SHARED_ARN} for ${GROUP.arn}`,
    );
    expect([...iam.attached].sort()).toEqual([IDLE_ARN, COPY].sort());
    expect(iam.inline.get('Own')).toEqual(NARROW);
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect([...iam.attached].sort()).toEqual([IDLE_ARN, SHARED_ARN].sort());
    expect(iam.policies.has(COPY)).toBe(false);
  });
});

describe('no used permission is missing in between:', () => {
  test('attachments must be listed, and some seconds pass, before the first step that removes', async () => {
    const { iam, journal, proposal } = refinement([REPLACE, IDLE]);
    const log: string[] = [];
    iam.onWrite = () => void log.push(iam.writes.at(-1) ?? '');
    let unlisted = 2;
    const list = iam.attachedPolicies.bind(iam);
    iam.attachedPolicies = async (holder: HolderRef) => {
      const all = await list(holder);
      if (!all.includes(COPY) || unlisted === 0) return all;
      unlisted -= 1;
      log.push('not listed yet');
      return all.filter((arn) => arn !== COPY);
    };
    const pause = (millis: number): Promise<void> => {
      log.push(`${String(millis)} ms`);
      return Promise.resolve();
    };
    await run('apply', proposal, iam, journal, { pause });
    expect(log).toEqual([
      `create ${COPY}`,
      `attach ${COPY}`,
      'not listed yet',
      '500 ms',
      'not listed yet',
      '1000 ms',
      '10000 ms',
      `detach ${SHARED_ARN}`,
      `detach ${IDLE_ARN}`,
    ]);
  });

  test('an attachment that never becomes visible stops the run before anything is removed', async () => {
    const { iam, journal, proposal } = refinement([REPLACE]);
    const list = iam.attachedPolicies.bind(iam);
    iam.attachedPolicies = async (holder) => (await list(holder)).filter((arn) => arn !== COPY);
    expect(await run('apply', proposal, iam, journal)).toMatchObject({
      kind: 'failed',
      problem: 'IAM does not show the change yet: run the same command again in a minute',
    });
    expect(iam.attached.has(SHARED_ARN)).toBe(true);
  });

  test('if somebody detaches a copy meanwhile, its original is kept', async () => {
    const { iam, journal, proposal } = refinement([REPLACE]);
    const pause = (millis: number): Promise<void> => {
      if (millis === 10_000) iam.attached.delete(COPY);
      return Promise.resolve();
    };
    expect(await run('apply', proposal, iam, journal, { pause })).toMatchObject({
      kind: 'failed',
      problem: expect.stringMatching(/\/Shared must stay for now: .*\/Shared-copy, which has a part of it, is not attached/) as string,
    }); // prettier-ignore
    expect(iam.attached.has(SHARED_ARN)).toBe(true);
  });

  test('on rollback a copy stays while its original is missing', async () => {
    const { iam, journal, proposal } = refinement([REPLACE]);
    await run('apply', proposal, iam, journal);
    const pause = (millis: number): Promise<void> => {
      if (millis === 10_000) iam.attached.delete(SHARED_ARN);
      return Promise.resolve();
    };
    expect(await run('rollback', proposal, iam, journal, { pause })).toMatchObject({ kind: 'failed' });
    expect(iam.attached.has(COPY)).toBe(true);
  });
});

describe('a copy from an earlier proposal', () => {
  const earlier = (description: string, document: JsonValue) => {
    const set = refinement([REPLACE]);
    set.iam.policies.set(COPY, { policyId: 'E', path: '/', description, tags: [], versions: new Map([['v1', document]]), next: 2, defaultVersionId: 'v1', others: 0, boundaryUses: 0 }); // prettier-ignore
    return set;
  };
  const ours = (original = SHARED_ARN): string =>
    `unused-access-refiner proposal ${'e'.repeat(32)}: takes the place of ${original} for ${ROLE.arn}`;

  test('is used again if it is for the same original and has the wanted document, and rollback keeps it', async () => {
    const { iam, journal, proposal } = earlier(ours(), NARROW);
    expect(await run('apply', proposal, iam, journal)).toMatchObject({
      kind: 'done',
      notes: [`${COPY} is there from an earlier proposal, and is used`],
    });
    expect(iam.attached.has(COPY)).toBe(true);
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect(iam.attached.has(COPY)).toBe(false);
    expect(iam.policies.has(COPY)).toBe(true);
  });

  test.each([
    ['another document', ours(), WIDE],
    ['another original', ours(IDLE_ARN), NARROW],
    ["somebody's own", 'mine', NARROW],
  ])('is refused with %s', async (_, description, document) => {
    const { iam, journal, proposal } = earlier(description, document);
    expect(await run('apply', proposal, iam, journal)).toEqual(
      refused(/\/Shared-copy exists already and was not made by this proposal/),
    );
    expect(iam.writes).toEqual([]);
  });
});

describe('rollback', () => {
  test('without a receipt undoes what only apply can have done, and lists the rest before the prompt', async () => {
    const { iam, journal, proposal } = refinement([REPLACE, IDLE]);
    await run('apply', proposal, iam, journal);
    journal.receipt = undefined;
    let told: readonly string[] = [];
    await run('rollback', proposal, iam, journal, { confirm: (notes) => { told = notes; return true; } }); // prettier-ignore
    expect(told).toEqual([
      `not undone: detach ${IDLE_ARN} (no receipt says that apply did it, and somebody else may have); to undo it by hand: attach ${IDLE_ARN}`,
    ]);
    expect([...iam.attached]).toEqual([SHARED_ARN]);
    expect(iam.policies.has(COPY)).toBe(false);
  });

  test('is not prevented by anything that it does not touch', async () => {
    const { iam, journal, proposal } = refinement([REPLACE, { ...base, source: 'role-inline', name: 'Inline', disposition: 'update', after: [{ name: 'Inline', document: NARROW }] }]); // prettier-ignore
    iam.inline.set('Inline', WIDE);
    const attach = iam.attachPolicy.bind(iam);
    iam.attachPolicy = () => Promise.reject(new Error('killed'));
    await expect(run('apply', proposal, iam, journal)).rejects.toThrow('killed');
    iam.attachPolicy = attach;
    iam.inline.set('Inline', allow('iam:*'));
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect(iam.policies.has(COPY)).toBe(false);
    expect(iam.inline.get('Inline')).toEqual(allow('iam:*'));
  });

  test('keeps a copy that somebody else relies on by now', async () => {
    const { iam, journal, proposal } = refinement([REPLACE]);
    await run('apply', proposal, iam, journal);
    const detach = iam.detachPolicy.bind(iam);
    iam.detachPolicy = () => Promise.reject(new AdapterError('Throttling', 'retry', 'throttled'));
    // Cut off: the original is attached again, and so is the copy.
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({ kind: 'failed' });
    iam.detachPolicy = detach;
    // A second person applies a proposal of their own, which uses the copy.
    iam.attached.delete(SHARED_ARN);
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({
      kind: 'done',
      notes: expect.arrayContaining([
        `${COPY} stays attached: ${SHARED_ARN} is not as it was before, and apply was not the last to change it`,
      ]) as string[],
    });
    expect([...iam.attached].sort()).toEqual([IDLE_ARN, COPY].sort());
  });

  test('is refused if it was edited by hand', async () => {
    const { iam, journal, proposal } = refinement([IDLE]);
    const [back] = proposal.plan.rollback;
    const plan = { ...proposal.plan, rollback: [{ ...back!, policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' } as typeof back & object] }; // prettier-ignore
    expect(await run('apply', { ...proposal, plan }, iam, journal)).toEqual(
      refused(/^the rollback of the plan is not the inverse of what it applies; make the proposal again/),
    );
  });
});

test('a receipt that cannot be written stops the run, and what was done is still listed', async () => {
  const { iam, proposal } = refinement([REPLACE]);
  class FullDisk extends MemoryJournal {
    override save(receipt: Receipt): Promise<void> {
      const [create] = receipt.runs[0]?.steps ?? [];
      return create?.outcome === 'done' ? Promise.reject(new Error('no space left')) : super.save(receipt);
    }
  }
  expect(await run('apply', proposal, iam, new FullDisk())).toEqual({
    kind: 'failed',
    problem:
      'the receipt cannot be written, so nothing more was changed: no space left; note what was done, mend that, and run the same command again',
    done: ['create the managed policy /Shared-copy (policies/0-Shared.after.json)'],
    notDone: [`attach ${COPY}`, `detach ${SHARED_ARN}`],
  });
  expect(iam.writes).toEqual([`create ${COPY}`]);
});
