import { accountOfArn } from '../../core/model/account.ts';
import { renderJson } from '../../core/model/json.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type {
  Grant,
  GrantDocument,
  GrantSource,
  ManagedPolicyFacts,
  Principal,
  PrincipalRef,
} from '../../core/model/principal.ts';
import type { AccountInventory, EntryFault } from '../../ports/account.ts';
import type { PolicySource, PrincipalAnswer } from '../../ports/policies.ts';
import { AdapterError } from '../../ports/system.ts';
import { inventoryOf } from './account-holders.ts';
import type {
  AttachedRecord,
  GroupRecord,
  HolderRecord,
  InlineRecord,
  ManagedPolicyRecord,
  RoleRecord,
  UserRecord,
} from './account-records.ts';

/** Groups and policies of a principal that the description of the account lacks. */
interface MissingParts {
  readonly groups: readonly string[];
  readonly groupPolicies: readonly { readonly group: string; readonly policy: string }[];
  /** Attached to the principal itself. */
  readonly policies: readonly string[];
}

/** Stands for the only account of a description that lacks the ARNs of its groups. */
const ANY_ACCOUNT = '';

/**
 * One or several accounts, as described by `GetAccountAuthorizationDetails`, from a live account or a file. Add
 * everything before reading the first principal, because the refinement depends on who else a policy is attached to.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
export class AccountIndex implements PolicySource {
  readonly #roles = new Map<string, RoleRecord>();
  readonly #users = new Map<string, UserRecord>();
  /** By account and name, because names of groups are unique only within an account. */
  readonly #groups = new Map<string, GroupRecord>();
  readonly #policies = new Map<string, ManagedPolicyRecord>();
  readonly #attachments = new Map<string, number>();
  readonly #boundaries = new Map<string, number>();
  readonly #members = new Map<string, number>();
  /** `role 123456789012`: kinds and accounts with at least one added principal. */
  readonly #covered = new Set<string>();
  readonly #faults: EntryFault[] = [];

  /** @returns false if the role was already added; the first one is kept */
  addRole(role: RoleRecord): boolean {
    if (!addOnce(this.#roles, role.arn, role)) return false;
    this.#countPrincipal('role', role);
    return true;
  }

  /** @returns false if the user was already added; the first one is kept */
  addUser(user: UserRecord): boolean {
    if (!addOnce(this.#users, user.arn, user)) return false;
    this.#countPrincipal('user', user);
    for (const group of new Set(user.groups))
      increase(this.#members, groupKey(accountOfArn(user.arn), group));
    return true;
  }

  /**
   * A group without an ARN counts as the group of that name in every account, so add it only if there is one account.
   * @returns false if the group was already added; the first one is kept
   */
  addGroup(group: GroupRecord): boolean {
    const account = group.arn === undefined ? ANY_ACCOUNT : accountOfArn(group.arn);
    if (!addOnce(this.#groups, groupKey(account, group.name), group)) return false;
    this.#countAttached(group);
    return true;
  }

  /** @returns false if the policy was already added; the first one is kept */
  addPolicy(policy: ManagedPolicyRecord): boolean {
    return addOnce(this.#policies, policy.arn, policy);
  }

  /** Records an entry that exists but cannot be read. */
  addFault(fault: EntryFault): void {
    this.#faults.push(fault);
    const { type, arn } = fault;
    if (arn !== undefined && (type === 'role' || type === 'user'))
      this.#covered.add(`${type} ${accountOfArn(arn)}`);
  }

  /** What is wrong with the unreadable entries, and where. The other entries are used. */
  get faults(): readonly string[] {
    return this.#faults.map(({ problem }) => problem);
  }

  /**
   * Why nothing can be concluded about a missing principal: its entry, or one that may be its entry, cannot be read.
   */
  faultOf({ type, arn }: PrincipalRef): string | undefined {
    if (this.#roles.has(arn) || this.#users.has(arn)) return undefined;
    const own = this.#faults.find((fault) => fault.type === type && fault.arn === arn);
    if (own) return `its entry cannot be read: ${own.problem}`;
    const other = this.#faults.find((fault) => fault.type === type && fault.arn === undefined);
    return other && `it is not there, and an entry that may be its own cannot be read: ${other.problem}`;
  }

  /**
   * Whether a principal that is missing from the index is missing from the account too. If no principal of its kind
   * and account was added, it belongs to another account, or the export left out its kind.
   */
  covers({ type, accountId }: PrincipalRef): boolean {
    return this.#covered.has(`${type} ${accountId}`);
  }

  getPrincipal(ref: PrincipalRef): Promise<PrincipalAnswer> {
    const principal = ref.type === 'role' ? this.#role(ref) : this.#user(ref);
    if (principal) return Promise.resolve({ kind: 'found', principal });
    const fault = this.faultOf(ref);
    if (fault === undefined) return Promise.resolve({ kind: 'gone' });
    return Promise.reject(new AdapterError(`the export: ${fault}`, 'permanent', 'malformed'));
  }

  /** ARNs of all roles and users, sorted. */
  get principals(): readonly string[] {
    return [...this.#roles.keys(), ...this.#users.keys()].sort(byCodeUnit);
  }

  /** The accounts with added principals, sorted. */
  get accountIds(): readonly string[] {
    return [...new Set([...this.#covered].map((kind) => kind.split(' ')[1] ?? ''))].sort(byCodeUnit);
  }

  /** Who holds which policies in one of them. */
  inventory(accountId: string): AccountInventory {
    return inventoryOf(accountId, {
      roles: this.#roles.values(),
      users: this.#users.values(),
      groups: this.#groups.values(),
      policies: this.#policies,
      boundaryUses: (arn) => this.#boundaries.get(arn) ?? 0,
      grantOf: (policy) => this.#attached([policy]),
      grantsOfGroup: (name) => this.#group(accountId, name),
      unread: (type) => this.#unread(type, accountId)[0]?.problem,
    });
  }

  /** Groups and managed policies that give the principal permissions and were not added. */
  missingPartsOf({ arn, type, accountId }: PrincipalRef): MissingParts {
    const user = type === 'user' ? this.#users.get(arn) : undefined;
    const names = [...new Set(user?.groups ?? [])];
    const groups = names.flatMap((name) => this.#groupOf(accountId, name) ?? []);
    const missing = (holder: HolderRecord | undefined): readonly string[] =>
      (holder?.attached ?? []).filter((policy) => !this.#policies.has(policy.arn)).map(({ name }) => name);
    return {
      groups: names.filter((name) => !this.#groupOf(accountId, name) && !this.#faultOfGroup(accountId, name)),
      groupPolicies: groups.flatMap((group) =>
        missing(group).map((policy) => ({ group: group.name, policy })),
      ),
      policies: missing(user ?? this.#roles.get(arn)),
    };
  }

  /** The faults of a kind that are or may be about the account. */
  #unread(type: EntryFault['type'], accountId: string): readonly EntryFault[] {
    return this.#faults.filter(
      (fault) => fault.type === type && (fault.arn === undefined || accountOfArn(fault.arn) === accountId),
    );
  }

  #faultOfGroup(accountId: string, name: string): EntryFault | undefined {
    return this.#unread('group', accountId).find(({ arn }) => arn?.slice(arn.lastIndexOf('/') + 1) === name);
  }

  /** How many roles, users and groups have unknown policies: if IAM's count is missing, each may have the policy. */
  #unreadHolders(policyArn: string): number {
    const account = accountOfArn(policyArn);
    return (['role', 'user', 'group'] as const).reduce(
      (sum, type) => sum + this.#unread(type, account).length,
      0,
    );
  }

  #groupOf(accountId: string, name: string): GroupRecord | undefined {
    return this.#groups.get(groupKey(accountId, name)) ?? this.#groups.get(groupKey(ANY_ACCOUNT, name));
  }

  #countPrincipal(type: PrincipalRef['type'], record: RoleRecord): void {
    this.#covered.add(`${type} ${accountOfArn(record.arn)}`);
    if (record.boundaryArn !== undefined) increase(this.#boundaries, record.boundaryArn);
    this.#countAttached(record);
  }

  #countAttached({ attached }: HolderRecord): void {
    for (const { arn } of attached) increase(this.#attachments, arn);
  }

  #role(ref: PrincipalRef): Principal | undefined {
    const role = this.#roles.get(ref.arn);
    if (!role) return undefined;
    const inline = role.inline.map((policy) => inlineGrant('role-inline', policy));
    return describe(ref, role, [...inline, ...this.#attached(role.attached)]);
  }

  #user(ref: PrincipalRef): Principal | undefined {
    const user = this.#users.get(ref.arn);
    if (!user) return undefined;
    const inline = user.inline.map((policy) => inlineGrant('user-inline', policy));
    const groups = [...new Set(user.groups)].flatMap((name) => this.#group(ref.accountId, name));
    return describe(ref, user, [...inline, ...this.#attached(user.attached), ...groups]);
  }

  #group(accountId: string, name: string): readonly Grant[] {
    const about = { group: { name, members: this.#members.get(groupKey(accountId, name)) } };
    const group = this.#groupOf(accountId, name);
    if (!group) {
      const fault = this.#faultOfGroup(accountId, name);
      const problem = fault
        ? `its entry cannot be read, so what it grants is not known: ${fault.problem}`
        : 'the export lacks this group, so what it grants is not known; export with --filter Group too';
      return [{ source: 'group-inline', name, document: { readable: false, text: '', problem }, ...about }];
    }
    return [
      ...group.inline.map((policy) => ({ ...inlineGrant('group-inline', policy), ...about })),
      ...this.#attached(group.attached, 'group-').map((grant) => ({ ...grant, ...about })),
    ];
  }

  #attached(policies: readonly AttachedRecord[], prefix: '' | 'group-' = ''): readonly Grant[] {
    return policies.map(({ name, arn }) => {
      const kind = /^arn:aws[a-z-]*:iam::aws:policy\//.test(arn) ? 'aws-managed' : 'customer-managed';
      const policy = this.#policies.get(arn);
      const facts: ManagedPolicyFacts = {
        arn,
        ...(policy?.id === undefined ? {} : { id: policy.id }),
        path: policy?.path ?? '/',
        versionId: policy?.versionId ?? '',
        ...(policy?.versions === undefined ? {} : { versions: policy.versions }),
        attachments: Math.max(
          policy?.attachments ?? 0,
          (this.#attachments.get(arn) ?? 0) +
            (policy?.attachments === undefined ? this.#unreadHolders(arn) : 0),
        ),
        boundaryUses: Math.max(policy?.boundaryUses ?? 0, this.#boundaries.get(arn) ?? 0),
        ...(policy?.updatedAt === undefined ? {} : { updatedAt: policy.updatedAt }),
      };
      const document = policy ? policy.read() : this.#lacking(arn);
      return { ...named(`${prefix}${kind}`, name, document), managed: facts };
    });
  }

  #lacking(arn: string): GrantDocument {
    const fault = this.#faults.find((one) => one.type === 'policy' && one.arn === arn);
    if (!fault) return LACKS_POLICY;
    return { readable: false, text: '', problem: `its entry cannot be read: ${fault.problem}` };
  }
}

const LACKS_POLICY: GrantDocument = {
  readable: false,
  text: '',
  problem:
    'the export lacks this policy; export with --filter LocalManagedPolicy and --filter AWSManagedPolicy too',
};

function describe(ref: PrincipalRef, record: RoleRecord, grants: readonly Grant[]): Principal {
  const { id, tags, boundaryArn, createdAt, lastUsedAt, assumedBy } = record;
  return {
    ref,
    ...(id === undefined ? {} : { id }),
    tags,
    grants,
    ...(assumedBy === undefined ? {} : { assumedBy }),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
    boundaryArn,
  };
}

function inlineGrant(source: GrantSource, { name, read }: InlineRecord): Grant {
  return named(source, name, read());
}

/** The policy names that IAM accepts. The name becomes part of file names and commands. */
const POLICY_NAME = /^[\w+=,.@-]{1,128}$/;

function named(source: GrantSource, name: string, document: GrantDocument): Grant {
  if (POLICY_NAME.test(name)) return { source, name, document };
  const text = document.readable ? renderJson(document.value, 0) : document.text;
  const problem = `${JSON.stringify(name)} is not a policy name that IAM takes (up to 128 letters, digits and _+=,.@-)`;
  const safe = name.replace(/[^\w+=,.@-]/g, '-').slice(0, 128) || '-';
  return { source, name: safe, document: { readable: false, text, problem } };
}

function groupKey(accountId: string, name: string): string {
  return `${accountId} ${name}`;
}

function addOnce<T>(map: Map<string, T>, key: string, value: T): boolean {
  if (map.has(key)) return false;
  map.set(key, value);
  return true;
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
