import { afterFile, beforeFile } from '../plan/file-names.ts';
import type { ApiCall } from '../plan/schema.ts';
import type { NamedDocument, ProposedPolicy } from '../model/proposed-policy.ts';
import { countCharacters } from '../model/characters.ts';
import type { SharedHolders, SharedStep, SharedSubject } from './schema.ts';

export interface SharedSteps {
  readonly apply: readonly SharedStep[];
  readonly rollback: readonly SharedStep[];
}

/** One change and its inverse. `growth` in characters; negative where the policy shrinks. */
interface Change {
  readonly growth: number;
  readonly adds: readonly Pair[];
  readonly takes: readonly Pair[];
}

interface Pair {
  readonly forth: SharedStep;
  readonly back: SharedStep;
}

/**
 * The IAM calls that put a joint proposal in place, in order, and those that take it back, in the reverse order. What
 * takes the place of a policy is attached before that is detached, so that at every moment everybody has what the
 * proposal leaves; only where a group has no room for both it is done policy by policy.
 *
 * @param room managed policies that can still be attached to a group
 */
export function sharedSteps(
  policies: readonly ProposedPolicy[],
  subject: SharedSubject,
  holders: SharedHolders,
  room: number,
): SharedSteps {
  const changes = policies
    .map((policy, index) => changeOf(policy, index, subject, holders))
    .sort((a, b) => a.growth - b.growth);
  const copies = changes.reduce((sum, { adds }) => sum + adds.length / 2, 0);
  const pairs =
    copies <= room
      ? [...changes.flatMap(({ adds }) => adds), ...changes.flatMap(({ takes }) => takes)]
      : changes.flatMap(({ adds, takes }) => [...adds, ...takes]);
  return { apply: pairs.map(({ forth }) => forth), rollback: pairs.map(({ back }) => back).reverse() };
}

const NO_CHANGE: Change = { growth: 0, adds: [], takes: [] };

function changeOf(
  policy: ProposedPolicy,
  index: number,
  subject: SharedSubject,
  holders: SharedHolders,
): Change {
  const { disposition, after, name } = policy;
  const staysInPlace = disposition === 'update' || disposition === 'new-version';
  if (!staysInPlace && disposition !== 'replace' && disposition !== 'remove') return NO_CHANGE;
  const before = `file://${beforeFile(index, name)}`;
  const files = after.map((document, part) => ({
    document,
    file: `file://${afterFile(index, name, part, after.length)}`,
  }));
  const copies = files.slice(staysInPlace ? 1 : 0);
  const own = staysInPlace ? files[0] : undefined;
  return {
    growth: countCharacters(own?.document.document ?? '') - countCharacters(policy.before),
    adds: copies.flatMap(({ document, file }) => copyPairs(policy, document, file, subject)),
    takes: own ? inPlace(policy, own.file, before, subject) : away(policy, before, subject, holders),
  };
}

function copyPairs(
  policy: ProposedPolicy,
  { name }: NamedDocument,
  file: string,
  subject: SharedSubject,
): readonly Pair[] {
  const partition = subject.arn.split(':')[1] ?? 'aws';
  const path = policy.source === 'group-customer-managed' ? pathOf(policy.arn ?? '') : '/';
  const PolicyArn = `arn:${partition}:iam::${subject.accountId}:policy${path}${name}`;
  const attach = { GroupName: subject.name, PolicyArn };
  return [
    pair(
      step(`carries what is used of ${policy.name}`, {
        call: 'CreatePolicy',
        parameters: { PolicyName: name, Path: path, PolicyDocument: file },
      }),
      step('nothing needs the copy any more', { call: 'DeletePolicy', parameters: { PolicyArn } }),
    ),
    pair(
      step(`before ${policy.name} is changed, so that no used permission is missing in between`, {
        call: 'AttachGroupPolicy',
        parameters: attach,
      }),
      step('the original is in place again', { call: 'DetachGroupPolicy', parameters: attach }),
    ),
  ];
}

/** `arn:aws:iam::123456789012:policy/team/Orders` lies in `/team/`. */
function pathOf(arn: string): string {
  const resource = arn.split(':').slice(5).join(':');
  return resource.slice('policy'.length, resource.lastIndexOf('/') + 1);
}

function inPlace(
  policy: ProposedPolicy,
  after: string,
  before: string,
  subject: SharedSubject,
): readonly Pair[] {
  const why = `no longer grants ${actions(policy.removed.length)} that nobody uses`;
  if (policy.arn === undefined) {
    const inline = { GroupName: subject.name, PolicyName: policy.name };
    return [
      pair(
        step(why, { call: 'PutGroupPolicy', parameters: { ...inline, PolicyDocument: after } }),
        step('puts back the document as it was', {
          call: 'PutGroupPolicy',
          parameters: { ...inline, PolicyDocument: before },
        }),
      ),
    ];
  }
  const PolicyArn = policy.arn;
  const makeRoom: ApiCall = {
    call: 'DeletePolicyVersion',
    parameters: { PolicyArn, VersionId: 'OLDEST' },
    when: 'the policy has five versions: put the id of the oldest that is not the default in the place of OLDEST, after you saved its document',
  };
  const create: ApiCall = {
    call: 'CreatePolicyVersion',
    parameters: { PolicyArn, PolicyDocument: after, SetAsDefault: true },
  };
  const back: ApiCall =
    policy.versionId === undefined
      ? { call: 'CreatePolicyVersion', parameters: { PolicyArn, PolicyDocument: before, SetAsDefault: true } }
      : { call: 'SetDefaultPolicyVersion', parameters: { PolicyArn, VersionId: policy.versionId } };
  return [
    pair(
      step(why, makeRoom, create),
      step('puts back the version that was the default, for everybody at once', back),
    ),
  ];
}

/** Detaches a policy of which nothing is left here, or whose place a copy has taken; deletes an inline one. */
function away(
  policy: ProposedPolicy,
  before: string,
  subject: SharedSubject,
  holders: SharedHolders,
): readonly Pair[] {
  const why = policy.after.length > 0 ? 'the copy has taken its place' : 'nothing that it grants is used';
  if (policy.arn === undefined) {
    const inline = { GroupName: subject.name, PolicyName: policy.name };
    return [
      pair(
        step(why, { call: 'DeleteGroupPolicy', parameters: inline }),
        step('puts back the document as it was', {
          call: 'PutGroupPolicy',
          parameters: { ...inline, PolicyDocument: before },
        }),
      ),
    ];
  }
  const PolicyArn = policy.arn;
  const holdersOf =
    subject.type === 'group'
      ? [{ kind: 'Group', name: subject.name }]
      : [
          ...holders.roles.map((arn) => ({ kind: 'Role', name: nameIn(arn) })),
          ...holders.users.map((arn) => ({ kind: 'User', name: nameIn(arn) })),
          ...holders.groups.map(({ name }) => ({ kind: 'Group', name })),
        ];
  return holdersOf.map(({ kind, name }) => {
    const parameters = { [`${kind}Name`]: name, PolicyArn };
    return pair(
      step(why, { call: `Detach${kind}Policy`, parameters }),
      step('attaches the original again', { call: `Attach${kind}Policy`, parameters }),
    );
  });
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function step(why: string, ...calls: readonly ApiCall[]): SharedStep {
  return { why, calls };
}

function pair(forth: SharedStep, back: SharedStep): Pair {
  return { forth, back };
}

function actions(count: number): string {
  return count === 1 ? '1 action' : `${String(count)} actions`;
}
