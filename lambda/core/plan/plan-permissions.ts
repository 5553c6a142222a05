import { byCodeUnit } from '../model/order.ts';
import { jsonObject, type JsonValue } from '../model/json.ts';
import type { HolderRef, Subject } from '../model/subject.ts';
import { holderOf } from './limits.ts';
import type { DocumentRef, HoldersCheck, Plan, PlanStep } from './schema.ts';

/** The run that the permissions are for. */
interface PlanRun {
  readonly direction: 'apply' | 'rollback';
  readonly subject: Subject;
  readonly plan: Plan;
  /** Characters of a document of the plan, as IAM counts them. */
  readonly charactersOf: (document: DocumentRef) => number;
}

/** One action on one resource; attaching and detaching also name the policy. */
interface Permission {
  readonly action: string;
  readonly resources: readonly string[];
  readonly policyArn?: string;
}

/**
 * The smallest identity policy that can apply or undo a plan: the calls that it makes, including those that depend on
 * the state at that moment, on the resources that it touches, and nothing else.
 * Source:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
export function planPermissions(run: PlanRun): JsonValue {
  return jsonObject([
    ['Version', '2012-10-17'],
    ['Statement', statementsOf([...guarding(run), ...stepsOf(run).flatMap((step) => ofStep(step, run))])],
  ]);
}

function stepsOf({ direction, plan }: PlanRun): readonly PlanStep[] {
  return direction === 'apply' ? plan.apply : plan.rollback;
}

/** The calls for the checks before each step, and those for the quotas. */
function guarding(run: PlanRun): readonly Permission[] {
  const { plan, subject } = run;
  const permissions: Permission[] = [];
  const add = (action: string, ...resources: readonly string[]): void => {
    permissions.push({ action, resources });
  };
  if (subject.type !== 'policy') add(`Get${KINDS[subject.type]}`, subject.arn);
  for (const check of plan.checks) {
    if (check.check === 'holders') {
      if (subject.type === 'policy') add('ListEntitiesForPolicy', subject.arn);
      for (const { name } of check.groups) add('GetGroup', ...groupArns(name, subject));
    }
  }
  const needsRoom = stepsOf(run).some(
    (step) => step.op === 'attach-policy' || step.op === 'create-policy' || isGrowing(step, run),
  );
  if (needsRoom) add('GetAccountSummary', '*');
  return permissions;
}

function ofStep(step: PlanStep, run: PlanRun): readonly Permission[] {
  const { subject, plan, direction } = run;
  const permissions: Permission[] = [];
  const on =
    (...resources: readonly string[]) =>
    (...actions: readonly string[]): void => {
      for (const action of actions) permissions.push({ action, resources });
    };
  const holder = holderOf(step, subject);
  const kind = holder === undefined ? '' : KINDS[holder.type];
  const onHolder = on(...(holder === undefined ? [] : holderArns(holder, run)));
  if (holder !== undefined) onHolder(`ListAttached${kind}Policies`);
  switch (step.op) {
    case 'put-inline-policy':
      onHolder(`Get${kind}Policy`, `Put${kind}Policy`);
      if (isGrowing(step, run)) onHolder(`List${kind}Policies`);
      break;
    case 'delete-inline-policy':
      onHolder(`Get${kind}Policy`, `Delete${kind}Policy`);
      break;
    case 'create-policy':
      on(step.policyArn)('GetPolicy', 'GetPolicyVersion', 'CreatePolicy');
      if (step.tags.length > 0) on(step.policyArn)('TagPolicy');
      break;
    case 'delete-policy':
      on(step.policyArn)(
        'GetPolicy',
        'GetPolicyVersion',
        'ListPolicyVersions',
        'DeletePolicyVersion',
        'DeletePolicy',
      );
      break;
    case 'attach-policy':
    case 'detach-policy': {
      const change = step.op === 'attach-policy' ? 'Attach' : 'Detach';
      const resources = holder === undefined ? [] : holderArns(holder, run);
      permissions.push({ action: `${change}${kind}Policy`, resources, policyArn: step.policyArn });
      const isLookedAt = plan.checks.some(
        (check) => (check.check === 'attached-policy' || check.check === 'copy') && check.policyArn === step.policyArn,
      ); // prettier-ignore
      if (isLookedAt) on(step.policyArn)('GetPolicy', 'GetPolicyVersion');
      // A holder without attachments is in no list, so its id is looked up by name.
      if (direction === 'rollback' && step.op === 'attach-policy' && isKnownById(step.holder, plan)) {
        onHolder(`Get${kind}`);
      }
      break;
    }
    case 'create-default-version':
    case 'restore-default-version':
      on(step.policyArn)(
        'GetPolicy',
        'GetPolicyVersion',
        'ListPolicyVersions',
        'CreatePolicyVersion',
        'DeletePolicyVersion',
      );
      if (step.op === 'restore-default-version') on(step.policyArn)('SetDefaultPolicyVersion');
      if (subject.type !== 'policy') on(subject.arn)(`ListAttached${KINDS[subject.type]}Policies`);
      break;
    case 'set-access-key-status':
      on(subject.arn)('ListAccessKeys', 'GetAccessKeyLastUsed', 'UpdateAccessKey');
      break;
    case 'delete-password':
      on(subject.arn)('GetLoginProfile', 'DeleteLoginProfile');
      break;
    default:
      return step satisfies never;
  }
  return permissions;
}

const KINDS = { role: 'Role', user: 'User', group: 'Group' } as const;

/** Whether an inline policy becomes longer, so that the quota has to be checked. */
function isGrowing(step: PlanStep, { plan, charactersOf }: PlanRun): boolean {
  if (step.op !== 'put-inline-policy') return false;
  const check = plan.checks.find(
    (one) => one.check === 'inline-policy' && one.policyName === step.policyName,
  );
  if (check?.check !== 'inline-policy') return true;
  const others = [check.before, check.after].filter((ref) => ref?.digest !== step.document.digest);
  return others.some((ref) => charactersOf(step.document) > (ref === null ? 0 : charactersOf(ref)));
}

function isKnownById(holder: HolderRef | undefined, { checks }: Plan): boolean {
  return checks.some(
    (check) =>
      check.check === 'holders' &&
      check.ids?.some(({ type, name }) => type === holder?.type && name === holder.name) === true,
  );
}

function holderArns(holder: HolderRef, { plan, subject }: PlanRun): readonly string[] {
  if (holder.type === subject.type && holder.name === subject.name) return [subject.arn];
  if (holder.type === 'group') return groupArns(holder.name, subject);
  const holders = plan.checks.filter((check): check is HoldersCheck => check.check === 'holders');
  return holders
    .flatMap((check) => (holder.type === 'role' ? check.roles : check.users))
    .filter((arn) => arn.slice(arn.lastIndexOf('/') + 1) === holder.name);
}

/** The path of a group that has a policy is not known, but its name is unique in the account. */
function groupArns(name: string, subject: Subject): readonly string[] {
  if (subject.type === 'group' && subject.name === name) return [subject.arn];
  const account = subject.arn.split(':').slice(0, 5).join(':');
  return [`${account}:group/${name}`, `${account}:group/*/${name}`];
}

/** One statement for each set of resources, in an order that does not depend on that of the steps. */
function statementsOf(permissions: readonly Permission[]): readonly JsonValue[] {
  const byAction = new Map<string, Grouped>();
  for (const { action, resources, policyArn } of permissions) {
    for (const resource of resources) {
      const key = `${action} ${resource}`;
      const one = byAction.get(key) ?? { action, resource, policyArns: new Set<string>() };
      byAction.set(key, one);
      if (policyArn !== undefined) one.policyArns.add(policyArn);
    }
  }
  const byPlace = groupedBy([...byAction.values()], ({ resource, policyArns }) =>
    JSON.stringify([resource, sorted(policyArns)]),
  ).map((some) => ({
    actions: sorted(some.map(({ action }) => `iam:${action}`)),
    resource: some[0]?.resource ?? '',
    policyArns: sorted(some[0]?.policyArns ?? []),
  }));
  return groupedBy(byPlace, ({ actions, policyArns }) => JSON.stringify([actions, policyArns]))
    .map((some) => ({ ...some[0], resources: sorted(some.map(({ resource }) => resource)) }))
    .map(({ actions = [], policyArns = [], resources }) =>
      jsonObject([
        ['Effect', 'Allow'],
        ['Action', actions],
        ['Resource', resources],
        ...(policyArns.length === 0
          ? []
          : [['Condition', { ArnEquals: { 'iam:PolicyARN': policyArns } }] as const]),
      ]),
    );
}

interface Grouped {
  readonly action: string;
  readonly resource: string;
  readonly policyArns: Set<string>;
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups].sort(([a], [b]) => byCodeUnit(a, b)).map(([, group]) => group);
}

function sorted(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort(byCodeUnit);
}
