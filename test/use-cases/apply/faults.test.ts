/* Faults that `apply` and `rollback` once had; each test says what is right. */
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import { ReceiptFile } from '../../../lambda/adapters/iam-writer/receipt-file.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { PrincipalRef } from '../../../lambda/core/model/principal.ts';
import { documentsByFile } from '../../../lambda/core/plan/names.ts';
import { makePlan } from '../../../lambda/core/plan/make-plan.ts';
import { makeRemovalPlan } from '../../../lambda/core/plan/plan-removal.ts';
import type { ProposedPolicy } from '../../../lambda/core/model/proposed-policy.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import type { ManagedPolicyState } from '../../../lambda/ports/apply.ts';
import { FakeIam } from './fake-iam.ts';
import { Killed } from './killed.ts';
import { MemoryJournal, run } from './run.ts';
import type { WorldPolicy } from './world.ts';

const ROLE: PrincipalRef = { arn: 'arn:aws:iam::123456789012:role/app', type: 'role', name: 'app', path: '/', accountId: '123456789012' }; // prettier-ignore
const USER: PrincipalRef = { ...ROLE, arn: 'arn:aws:iam::123456789012:user/ana', type: 'user', name: 'ana' };
const OWN = 'arn:aws:iam::123456789012:policy/Own';
const SHARED = 'arn:aws:iam::123456789012:policy/Shared';
const IDLE = 'arn:aws:iam::123456789012:policy/Idle';
const COPY = 'arn:aws:iam::123456789012:policy/Shared-app-0000000001';
const ID = '0123456789abcdef0123456789abcdef';
const KEY = 'AKIAIOSFODNN7EXAMPLE';

const allow = (...actions: readonly string[]): JsonValue => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }] }); // prettier-ignore
const WIDE = allow('s3:GetObject', 's3:PutObject');
const NARROW = allow('s3:GetObject');
/** What its owner made of it since: s3:GetObject and the new sqs:SendMessage are in use. */
const GROWN = allow('s3:GetObject', 's3:PutObject', 'sqs:SendMessage');
const base = { reason: '', removed: ['s3:PutObject'], changes: [], before: WIDE } as const;
const policies = (inlineBefore: JsonValue = WIDE): readonly ProposedPolicy[] => [
  { ...base, before: inlineBefore, source: 'role-inline', name: 'Inline', disposition: 'update', after: [{ name: 'Inline', document: NARROW }] },
  { ...base, source: 'customer-managed', name: 'Own', arn: OWN, versionId: 'v1', disposition: 'new-version', after: [{ name: 'Own', document: NARROW }] },
  { ...base, source: 'customer-managed', name: 'Shared', arn: SHARED, versionId: 'v1', disposition: 'replace', after: [{ name: 'Shared-app-0000000001', document: NARROW }] },
  { ...base, source: 'customer-managed', name: 'Idle', arn: IDLE, versionId: 'v1', disposition: 'remove', after: [] },
]; // prettier-ignore

function setUp(proposalId = ID, inlineBefore: JsonValue = WIDE) {
  const managed = (arn: string, shared: boolean): WorldPolicy => ({ arn, name: arn.slice(arn.lastIndexOf('/') + 1), path: '/', tags: [], versions: [WIDE], defaultVersion: 'v1', aws: false, shared }); // prettier-ignore
  const world = { principal: ROLE, inline: [{ name: 'Inline', document: inlineBefore }], managed: [managed(OWN, false), managed(SHARED, true), managed(IDLE, true)] }; // prettier-ignore
  const all = policies(inlineBefore);
  const plan = makePlan({ proposalId, subject: ROLE, policies: all, grants: [], digest: sha256 });
  return { iam: new FakeIam(world), journal: new MemoryJournal(), proposal: { proposalId, plan, documents: documentsByFile(all, plan.documents), world } }; // prettier-ignore
}

function removal(kind: 'remove-role' | 'remove-access-key' | 'remove-password') {
  const principal = kind === 'remove-role' ? ROLE : USER;
  const plan = makeRemovalPlan({ kind, principal, accessKeyId: KEY, digest: sha256 });
  const iam = new FakeIam({ principal });
  iam.keys.set(KEY, 'Active');
  iam.hasPassword = true;
  return { iam, journal: new MemoryJournal(), proposal: { proposalId: ID, plan, documents: documentsByFile([], plan.documents), world: { principal } } }; // prettier-ignore
}

describe('A1 a policy that was deleted and created again under its name starts at v1 again', () => {
  const recreate = (iam: FakeIam) => {
    // detach everywhere, DeletePolicy, CreatePolicy (same name) with another document, attach again
    iam.policies.get(SHARED)!.versions.clear();
    iam.policies.get(SHARED)!.versions.set('v1', GROWN);
  };
  test('apply stops, because it is not the analysed policy', async () => {
    const { iam, journal, proposal } = setUp();
    recreate(iam);
    const outcome = await run('apply', proposal, iam, journal);
    expect([...iam.granted()], 'sqs:SendMessage, which the owner added, is lost').toContain(
      'sqs:SendMessage',
    );
    expect(outcome).toMatchObject({ kind: 'refused' });
  });
  test('rollback says that the document that it attaches again is another one', async () => {
    const { iam, journal, proposal } = setUp();
    await run('apply', proposal, iam, journal);
    recreate(iam);
    const outcome = await run('rollback', proposal, iam, journal);
    expect(outcome).toMatchObject({ kind: 'done', notes: [expect.stringMatching(/another document/)] });
  });
});

describe('A2 something changes while the prompt waits', () => {
  const withPrompt = (set: ReturnType<typeof setUp>, meanwhile: () => void) =>
    run('apply', set.proposal, set.iam, set.journal, {
      confirm: () => {
        meanwhile();
        return true;
      },
    });
  test('the original gets a new version, whose new permission is not removed', async () => {
    const set = setUp();
    const outcome = await withPrompt(set, () => void set.iam.createDefaultVersion(SHARED, GROWN));
    expect(outcome.kind).not.toBe('done');
    expect([...set.iam.granted()]).toContain('sqs:SendMessage');
  });
  test('the policy is attached to another principal, and gets no new default version for both', async () => {
    const set = setUp();
    const outcome = await withPrompt(set, () => void (set.iam.policies.get(OWN)!.others = 1));
    expect(outcome.kind).not.toBe('done');
    expect(set.iam.policies.get(OWN)!.versions.get(set.iam.policies.get(OWN)!.defaultVersionId)).toEqual(
      WIDE,
    );
  });
  test('the policy becomes a permissions boundary', async () => {
    const set = setUp();
    const outcome = await withPrompt(set, () => void (set.iam.policies.get(OWN)!.boundaryUses = 1));
    expect(outcome.kind).not.toBe('done');
  });
});

describe('A3 a key that somebody else deactivated must not be activated', () => {
  test('if security deactivates the leaked key after apply and rollback, and rollback runs again', async () => {
    const { iam, journal, proposal } = removal('remove-access-key');
    await run('apply', proposal, iam, journal);
    await run('rollback', proposal, iam, journal);
    iam.keys.set(KEY, 'Inactive'); // somebody else
    const outcome = await run('rollback', proposal, iam, journal);
    expect(iam.keys.get(KEY)).toBe('Inactive');
    expect(outcome.kind).toBe('refused');
  });
  test('if IAM refused apply, security deactivates the key, and rollback runs', async () => {
    const { iam, journal, proposal } = removal('remove-access-key');
    const set = iam.setAccessKeyStatus.bind(iam);
    iam.setAccessKeyStatus = () =>
      Promise.reject(new AdapterError('AccessDenied', 'permanent', 'access-denied'));
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'failed' });
    iam.setAccessKeyStatus = set;
    iam.keys.set(KEY, 'Inactive'); // somebody else
    await run('rollback', proposal, iam, journal);
    expect(iam.keys.get(KEY)).toBe('Inactive');
  });
});

describe('A4 rollback must not restore what apply did not remove', () => {
  test('a policy that somebody detached before apply is not attached by rollback', async () => {
    const { iam, journal, proposal } = setUp();
    iam.attached.delete(IDLE); // an incident: somebody took it away by hand
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect(journal.receipt?.runs[0]?.steps.find(({ what }) => what === `detach ${IDLE}`)?.outcome).toBe(
      'already',
    );
    await run('rollback', proposal, iam, journal);
    expect(iam.attached.has(IDLE)).toBe(false);
  });
  test('rollback of a proposal that was never applied attaches nothing', async () => {
    const { iam, journal, proposal } = setUp();
    iam.attached.delete(IDLE);
    const outcome = await run('rollback', proposal, iam, journal);
    expect(iam.attached.has(IDLE), JSON.stringify(outcome)).toBe(false);
  });
});

test('A5 after an interruption and a change by somebody else, apply can be completed', async () => {
  const { iam, journal, proposal } = setUp();
  // The process dies after the copy was attached.
  dieAfterWrite(iam, 2);
  await expect(run('apply', proposal, iam, journal)).rejects.toThrow(Killed);
  iam.onWrite = () => undefined;
  iam.inline.set('Inline', GROWN); // somebody changes another policy of the role
  const again = await run('apply', proposal, iam, journal);
  const back = await run('rollback', proposal, iam, journal);
  // So the proposal is made again, as the message says; the copy's name is the same, since its document is.
  const next = setUp('f'.repeat(32), GROWN);
  const made = await run('apply', next.proposal, iam, new MemoryJournal());
  expect([again.kind, back.kind, made]).toContainEqual(expect.objectContaining({ kind: 'done' }));
});

test('A6 versions that somebody added to the copy are saved, or the copy is kept', async () => {
  const { iam, journal, proposal } = setUp();
  await run('apply', proposal, iam, journal);
  iam.policies.get(COPY)!.versions.set('v2', GROWN); // staged, not the default yet
  await run('rollback', proposal, iam, journal);
  expect(iam.policies.has(COPY) || journal.backups.size > 0).toBe(true);
});

test('A7 backups of two accounts with receipts in one folder do not overwrite each other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'receipts-'));
  await new ReceiptFile(join(folder, 'one.json'), ID).backup(
    'arn:aws:iam::111111111111:policy/Deploy',
    'v1',
    NARROW,
  );
  await new ReceiptFile(join(folder, 'two.json'), ID).backup(
    'arn:aws:iam::222222222222:policy/Deploy',
    'v1',
    GROWN,
  );
  const texts = readdirSync(join(folder, 'backup'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  const found: readonly unknown[] = texts.map((text) => JSON.parse(text) as unknown);
  expect(found).toHaveLength(2);
  expect(found).toContainEqual(NARROW);
  expect(found).toContainEqual(GROWN);
});

describe('A8 IAM is eventually consistent', () => {
  class Stale extends FakeIam {
    staleFor = 0;
    #old: ManagedPolicyState | undefined;
    frozen: string | undefined;
    freeze(arn: string, times: number): Promise<void> {
      return super.managedPolicy(arn).then((state) => {
        this.#old = state;
        this.frozen = arn;
        this.staleFor = times;
      });
    }
    override managedPolicy(arn: string): Promise<ManagedPolicyState | undefined> {
      if (arn === this.frozen && this.staleFor > 0) {
        this.staleFor -= 1;
        return Promise.resolve(this.#old);
      }
      return super.managedPolicy(arn);
    }
  }
  const staleOf = () => {
    const set = setUp();
    return { ...set, iam: new Stale(set.proposal.world) };
  };
  test("CreatePolicy: the answer is lost, the SDK's retry finds the policy, and GetPolicy does not show it yet", async () => {
    const { iam, journal, proposal } = staleOf();
    const create = iam.createPolicy.bind(iam);
    iam.createPolicy = async (policy, document) => {
      await iam.freeze(COPY, 2);
      await create(policy, document);
      return create(policy, document);
    };
    expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
  });
  test('rollback: GetPolicy shows the old default once more, and the added version is still deleted', async () => {
    const { iam, journal, proposal } = staleOf();
    await run('apply', proposal, iam, journal);
    const setDefault = iam.setDefaultVersion.bind(iam);
    iam.setDefaultVersion = async (arn, version) => {
      await iam.freeze(arn, 1);
      await setDefault(arn, version);
    };
    expect(await run('rollback', proposal, iam, journal)).toMatchObject({ kind: 'done' });
    expect([...iam.policies.get(OWN)!.versions.keys()]).toEqual(['v1']);
  });
});

test("A9 a delete whose first answer was lost, so that the SDK's retry finds nothing, is done and not failed", async () => {
  const { iam, journal, proposal } = setUp();
  const detach = iam.detachPolicy.bind(iam);
  iam.detachPolicy = async (principal, arn) => {
    await detach(principal, arn); // done, answer lost
    await detach(principal, arn); // the SDK's second attempt: NoSuchEntity
  };
  expect(await run('apply', proposal, iam, journal)).toMatchObject({ kind: 'done' });
});

/** The process dies once its nth write took effect. */
function dieAfterWrite(iam: FakeIam, nth: number): void {
  let writes = 0;
  iam.onWrite = () => {
    writes += 1;
    if (writes === nth) throw new Killed();
  };
}
