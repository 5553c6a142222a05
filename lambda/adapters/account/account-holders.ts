import { accountOfArn } from '../../core/model/account.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { Grant } from '../../core/model/principal.ts';
import type {
  AccountInventory,
  EntryFault,
  GroupHoldings,
  GroupMembers,
  Holder,
  SharedPolicy,
} from '../../ports/account.ts';
import type {
  AttachedRecord,
  GroupRecord,
  ManagedPolicyRecord,
  RoleRecord,
  UserRecord,
} from './account-records.ts';

/** The records that an inventory is made from. */
interface HoldingRecords {
  readonly roles: Iterable<RoleRecord>;
  readonly users: Iterable<UserRecord>;
  readonly groups: Iterable<GroupRecord>;
  readonly policies: ReadonlyMap<string, ManagedPolicyRecord>;
  /** How many of the principals seen have a policy as their boundary. */
  boundaryUses(policyArn: string): number;
  grantOf(policy: AttachedRecord): readonly Grant[];
  grantsOfGroup(name: string): readonly Grant[];
  /** What is wrong with an unreadable entry of that kind, if it belongs to the account or its account is unknown. */
  unread(type: EntryFault['type']): string | undefined;
}

interface Entry {
  readonly policy: AttachedRecord;
  readonly roles: Holder[];
  readonly users: Holder[];
  readonly groups: GroupMembers[];
}

/** Who holds which policies in one account. Records of other accounts are skipped. */
export function inventoryOf(accountId: string, records: HoldingRecords): AccountInventory {
  const isOurs = (arn: string): boolean => accountOfArn(arn) === accountId;
  const entries = new Map<string, Entry>();
  const entryOf = (policy: AttachedRecord): Entry => {
    const known = entries.get(policy.arn);
    if (known) return known;
    const fresh: Entry = { policy, roles: [], users: [], groups: [] };
    entries.set(policy.arn, fresh);
    return fresh;
  };
  // The ARNs of AWS's own policies have `aws` instead of an account id.
  const ours = (attached: readonly AttachedRecord[]): readonly AttachedRecord[] => [
    ...new Map(attached.filter(({ arn }) => isOurs(arn)).map((policy) => [policy.arn, policy])).values(),
  ];
  for (const role of records.roles) {
    if (!isOurs(role.arn)) continue;
    for (const policy of ours(role.attached)) entryOf(policy).roles.push(holderOf(role));
  }
  const members = new Map<string, Holder[]>();
  let hasUsers = false;
  for (const user of records.users) {
    if (!isOurs(user.arn)) continue;
    hasUsers = true;
    for (const policy of ours(user.attached)) entryOf(policy).users.push(holderOf(user));
    for (const group of new Set(user.groups)) {
      const list = members.get(group);
      if (list) list.push(holderOf(user));
      else members.set(group, [holderOf(user)]);
    }
  }
  const groups: GroupHoldings[] = [];
  // An unreadable entry may be a member.
  const unreadUser = records.unread('user');
  for (const { name, id, arn, attached } of records.groups) {
    const own = members.get(name) ?? [];
    const groupArn = arn ?? arnLike(name, own, accountId);
    if (!isOurs(groupArn)) continue;
    const known: GroupMembers = { name, id, members: hasUsers && unreadUser === undefined ? own : undefined };
    for (const policy of ours(attached)) entryOf(policy).groups.push(known);
    groups.push({ ...known, arn: groupArn, grants: () => records.grantsOfGroup(name) });
  }
  const byArn = (a: { readonly arn: string }, b: { readonly arn: string }): number =>
    byCodeUnit(a.arn, b.arn);
  return {
    accountId,
    unread: (type, arn) => {
      // Without IAM's count, every holder that cannot be read may have the policy.
      const isUncounted = type === 'policy' && records.policies.get(arn)?.attachments === undefined;
      const holders = isUncounted ? (['role', 'user', 'group'] as const) : [];
      const [problem] = [type, ...holders].flatMap((kind) => records.unread(kind) ?? []);
      if (problem !== undefined)
        return `it is not there, and an entry that may be its own cannot be read: ${problem}`;
      const { roles = [], users = [], groups: some = [] } = entries.get(arn) ?? {};
      const shown = roles.length + users.length + some.length;
      const { attachments = shown } = records.policies.get(arn) ?? {};
      return attachments > Math.max(shown, 1)
        ? `it is attached to ${String(attachments)} roles, users and groups, of which the description of the account shows ${String(shown)}`
        : undefined;
    },
    customerManagedPolicies: [...records.policies.keys()].filter(isOurs).length,
    *sharedPolicies() {
      const shared = [...entries.values()].filter(
        ({ roles, users, groups: some }) => roles.length + users.length + some.length > 1,
      );
      for (const { policy, ...holders } of shared.sort((a, b) => byArn(a.policy, b.policy))) {
        yield sharedPolicy(policy, holders, records);
      }
    },
    *groups() {
      yield* [...groups].sort(byArn);
    },
  };
}

function holderOf({ arn, id, tags }: RoleRecord): Holder {
  return { arn, id, tags };
}

/** The ARN of a group whose ARN the source leaves out: the partition of its members, and no path. */
function arnLike(name: string, members: readonly Holder[], accountId: string): string {
  const [, partition = 'aws', , , account = accountId] = members[0]?.arn.split(':') ?? [];
  return `arn:${partition}:iam::${account}:group/${name}`;
}

function sharedPolicy(
  policy: AttachedRecord,
  holders: Omit<Entry, 'policy'>,
  records: HoldingRecords,
): SharedPolicy {
  const record = records.policies.get(policy.arn);
  const counted = records.boundaryUses(policy.arn);
  return {
    arn: policy.arn,
    ...holders,
    attachments: record?.attachments,
    boundaryUses:
      record?.boundaryUses === undefined ? counted || undefined : Math.max(record.boundaryUses, counted),
    grant: () => {
      const [grant] = records.grantOf(policy);
      if (!grant) throw new TypeError(`no grant for ${policy.arn}`);
      return grant;
    },
  };
}
