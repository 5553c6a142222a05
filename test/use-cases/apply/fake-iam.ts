import {
  isJsonArray,
  isJsonObject,
  type JsonValue,
  countCharacters,
} from '../../../lambda/core/model/json.ts';
import type { HolderRef, Subject } from '../../../lambda/core/model/subject.ts';
import { HOLDER_QUOTAS } from '../../../lambda/core/plan/limits.ts';
import type { CreatePolicyAction } from '../../../lambda/core/plan/schema.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import type {
  AccessKeyState,
  AccountQuotas,
  GroupState,
  IamWriter,
  ManagedPolicyState,
  NamedHolder,
  PolicyHolders,
  SubjectState,
} from '../../../lambda/ports/apply.ts';
import { statementsOf } from './scenario.ts';
import type { PrincipalState, World } from './world.ts';

interface StoredPolicy {
  policyId: string;
  readonly path: string;
  readonly description: string;
  readonly tags: CreatePolicyAction['tags'];
  readonly versions: Map<string, JsonValue>;
  next: number;
  defaultVersionId: string;
  /** Others than the holders of this world that have it attached. */
  others: number;
  boundaryUses: number;
}

/** IAM in memory for one subject and those around it, with IAM's own refusals. `onWrite` runs after each change. */
export class FakeIam implements IamWriter {
  readonly inline = new Map<string, JsonValue>();
  readonly attached = new Set<string>();
  readonly policies = new Map<string, StoredPolicy>();
  readonly keys = new Map<string, 'Active' | 'Inactive'>();
  hasPassword = false;
  /** The subject of the proposal; of a shared policy, a role that nothing is about. */
  principal: Subject;
  id = 'AROA000000000000BEGIN';
  createdAt: string | undefined = undefined;
  lastUsedAt: string | undefined = undefined;
  passwordCreatedAt: string | undefined = undefined;
  readonly keysLastUsed = new Map<string, string>();
  /** What others have attached, by `role name`, `user name` or `group name`. */
  readonly elsewhere = new Map<string, Set<string>>();
  /** Unique ids of others than the subject, by `role name`, `user name` or `group name`. */
  readonly ids = new Map<string, string>();
  /** ARNs of the members by the name of the group. */
  readonly members = new Map<string, string[]>();
  readonly writes: string[] = [];
  onWrite: () => void = () => undefined;
  attachmentQuota = 20;
  inlineQuota = 10_240;
  policyQuota = 1_500;
  #ids = 0;

  constructor(world: { readonly principal: Subject } & Partial<Pick<World, 'inline' | 'managed'>>) {
    this.principal = world.principal;
    for (const { name, document } of world.inline ?? []) this.inline.set(name, document);
    for (const policy of world.managed ?? []) {
      const first = policy.versions.length === 1 ? Number(policy.defaultVersion.slice(1)) : 1;
      this.policies.set(policy.arn, {
        policyId: this.nextId(),
        path: policy.path,
        description: '',
        tags: policy.tags,
        versions: new Map(policy.versions.map((document, index) => [`v${String(first + index)}`, document])),
        next: first + policy.versions.length,
        defaultVersionId: policy.defaultVersion,
        others: policy.shared ? 1 : 0,
        boundaryUses: 0,
      });
      this.attached.add(policy.arn);
    }
  }

  state(): PrincipalState {
    return {
      inline: new Map(this.inline),
      attached: new Map([...this.attached].map((arn) => [arn, this.documentInForce(arn)])),
    };
  }

  /** Every action of every statement in force, as it is written. */
  granted(): ReadonlySet<string> {
    const documents = [
      ...this.inline.values(),
      ...[...this.attached].map((arn) => this.documentInForce(arn)),
    ];
    return new Set(documents.flatMap(actionsOf));
  }

  nextId(): string {
    this.#ids += 1;
    return `ID${String(this.#ids)}`;
  }

  attachedTo(holder: HolderRef): Set<string> {
    if (this.#isSubject(holder)) return this.attached;
    const key = `${holder.type} ${holder.name}`;
    const attached = this.elsewhere.get(key) ?? new Set();
    this.elsewhere.set(key, attached);
    return attached;
  }

  subject(holder: HolderRef): Promise<SubjectState | undefined> {
    const { principal, id, createdAt, lastUsedAt } = this;
    if (this.#isSubject(holder)) return Promise.resolve({ arn: principal.arn, id, createdAt, lastUsedAt });
    const { type, name } = holder;
    const other = this.ids.get(`${type} ${name}`);
    const arn = `arn:aws:iam::${principal.accountId}:${type}/${name}`;
    return Promise.resolve(
      other === undefined ? undefined : { arn, id: other, createdAt: undefined, lastUsedAt: undefined },
    );
  }
  inlinePolicy(_: HolderRef, policyName: string): Promise<JsonValue | undefined> {
    return Promise.resolve(this.inline.get(policyName));
  }
  inlinePolicyNames(): Promise<readonly string[]> {
    return Promise.resolve([...this.inline.keys()]);
  }
  attachedPolicies(holder: HolderRef): Promise<readonly string[]> {
    return Promise.resolve([...this.attachedTo(holder)]);
  }
  managedPolicy(policyArn: string): Promise<ManagedPolicyState | undefined> {
    const policy = this.policies.get(policyArn);
    return Promise.resolve(
      policy && {
        policyId: policy.policyId,
        defaultVersionId: policy.defaultVersionId,
        updatedAt: undefined,
        attachments: this.#attachments(policyArn),
        boundaryUses: policy.boundaryUses,
        description: policy.description,
      },
    );
  }
  policyVersions(policyArn: string): Promise<readonly string[]> {
    return Promise.resolve([...this.#policy(policyArn).versions.keys()]);
  }
  versionDocument(policyArn: string, versionId: string): Promise<JsonValue | undefined> {
    return Promise.resolve(this.policies.get(policyArn)?.versions.get(versionId));
  }
  policyHolders(policyArn: string): Promise<PolicyHolders> {
    const named = (type: HolderRef['type']): readonly NamedHolder[] =>
      [
        ...(this.principal.type === type && this.attached.has(policyArn) ? [this.principal.name] : []),
        ...[...this.elsewhere].flatMap(([key, attached]) =>
          key.startsWith(`${type} `) && attached.has(policyArn) ? [key.slice(type.length + 1)] : [],
        ),
      ].map((name) => ({ name, id: this.ids.get(`${type} ${name}`) }));
    return Promise.resolve({ roles: named('role'), users: named('user'), groups: named('group') });
  }
  group(groupName: string): Promise<GroupState | undefined> {
    const members = this.members.get(groupName);
    const idOf = (arn: string) => this.ids.get(`user ${arn.slice(arn.lastIndexOf('/') + 1)}`);
    return Promise.resolve(
      members && {
        id: this.ids.get(`group ${groupName}`),
        members: members.map((arn) => ({ arn, id: idOf(arn) })),
      },
    );
  }
  accessKey(_: string, accessKeyId: string): Promise<AccessKeyState | undefined> {
    const status = this.keys.get(accessKeyId);
    return Promise.resolve(status && { status, lastUsedAt: this.keysLastUsed.get(accessKeyId) });
  }
  password(): Promise<{ readonly createdAt: string | undefined } | undefined> {
    return Promise.resolve(this.hasPassword ? { createdAt: this.passwordCreatedAt } : undefined);
  }
  quotas(): Promise<AccountQuotas> {
    const quota = { attachments: this.attachmentQuota, inlineCharacters: this.inlineQuota };
    return Promise.resolve({
      holders: { ...HOLDER_QUOTAS, [this.principal.type]: quota },
      policies: {
        used: [...this.policies.keys()].filter((arn) => !arn.includes(':aws:policy/')).length,
        quota: this.policyQuota,
      },
      assumed: false,
    });
  }

  async putInlinePolicy(_: HolderRef, policyName: string, document: JsonValue): Promise<void> {
    const others = [...this.inline].filter(([name]) => name !== policyName);
    const total = [...others.map(([, other]) => other), document].reduce<number>(
      (sum, one) => sum + countCharacters(one),
      0,
    );
    if (total > this.inlineQuota) throw refused(`LimitExceeded ${policyName}`);
    this.inline.set(policyName, document);
    await this.#wrote(`put ${policyName}`);
  }
  async deleteInlinePolicy(_: HolderRef, policyName: string): Promise<void> {
    if (!this.inline.delete(policyName)) throw refused(`NoSuchEntity ${policyName}`);
    await this.#wrote(`delete ${policyName}`);
  }
  async createPolicy(policy: CreatePolicyAction, document: JsonValue): Promise<'created' | 'exists'> {
    const name = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1).toLowerCase();
    if ([...this.policies.keys()].some((arn) => name(arn) === policy.policyName.toLowerCase()))
      return 'exists';
    const { path, description, tags } = policy;
    this.policies.set(policy.policyArn, {
      policyId: this.nextId(),
      path,
      description,
      tags,
      versions: new Map([['v1', document]]),
      next: 2,
      defaultVersionId: 'v1',
      others: 0,
      boundaryUses: 0,
    });
    await this.#wrote(`create ${policy.policyArn}`);
    return 'created';
  }
  async deletePolicy(policyArn: string): Promise<void> {
    const policy = this.#policy(policyArn);
    if (policy.versions.size > 1 || this.#attachments(policyArn) > 0) {
      throw refused(`DeleteConflict ${policyArn}`);
    }
    this.policies.delete(policyArn);
    await this.#wrote(`delete ${policyArn}`);
  }
  async attachPolicy(holder: HolderRef, policyArn: string): Promise<'attached' | 'missing'> {
    if (!this.policies.has(policyArn)) return 'missing';
    const attached = this.attachedTo(holder);
    if (attached.size >= this.attachmentQuota) throw refused('LimitExceeded');
    attached.add(policyArn);
    await this.#wrote(`attach ${policyArn}`);
    return 'attached';
  }
  async detachPolicy(holder: HolderRef, policyArn: string): Promise<void> {
    if (!this.attachedTo(holder).delete(policyArn)) throw refused(`NoSuchEntity ${policyArn}`);
    await this.#wrote(`detach ${policyArn}`);
  }
  async createDefaultVersion(policyArn: string, document: JsonValue): Promise<void> {
    const policy = this.#policy(policyArn);
    if (policy.versions.size >= 5) throw refused(`LimitExceeded ${policyArn}`);
    const id = `v${String(policy.next)}`;
    policy.next += 1;
    policy.versions.set(id, document);
    policy.defaultVersionId = id;
    await this.#wrote(`version ${policyArn}`);
  }
  async setDefaultVersion(policyArn: string, versionId: string): Promise<void> {
    const policy = this.#policy(policyArn);
    if (!policy.versions.has(versionId)) throw refused(`NoSuchEntity ${versionId}`);
    policy.defaultVersionId = versionId;
    await this.#wrote(`default ${policyArn}`);
  }
  async deleteVersion(policyArn: string, versionId: string): Promise<void> {
    const policy = this.#policy(policyArn);
    if (policy.defaultVersionId === versionId) throw refused(`DeleteConflict ${versionId}`);
    if (!policy.versions.delete(versionId)) throw refused(`NoSuchEntity ${versionId}`);
    await this.#wrote(`delete version ${policyArn} ${versionId}`);
  }
  async setAccessKeyStatus(_: string, accessKeyId: string, status: 'Active' | 'Inactive'): Promise<void> {
    if (!this.keys.has(accessKeyId)) throw refused(`NoSuchEntity ${accessKeyId}`);
    this.keys.set(accessKeyId, status);
    await this.#wrote(`key ${accessKeyId} ${status}`);
  }
  async deletePassword(): Promise<void> {
    if (!this.hasPassword) throw refused('NoSuchEntity');
    this.hasPassword = false;
    await this.#wrote('delete password');
  }

  #isSubject({ type, name }: HolderRef): boolean {
    return type === this.principal.type && name === this.principal.name;
  }

  #attachments(policyArn: string): number {
    const holders = [this.attached, ...this.elsewhere.values()];
    return (
      (this.policies.get(policyArn)?.others ?? 0) +
      holders.filter((attached) => attached.has(policyArn)).length
    );
  }

  #policy(policyArn: string): StoredPolicy {
    const policy = this.policies.get(policyArn);
    if (!policy) throw refused(`NoSuchEntity ${policyArn}`);
    return policy;
  }

  documentInForce(policyArn: string): JsonValue {
    const policy = this.#policy(policyArn);
    return policy.versions.get(policy.defaultVersionId) ?? null;
  }

  #wrote(what: string): Promise<void> {
    this.writes.push(what);
    this.onWrite();
    return Promise.resolve();
  }
}

export function actionsOf(document: JsonValue): readonly string[] {
  return statementsOf(document).flatMap((statement) => {
    const actions = isJsonObject(statement) ? statement['Action'] : undefined;
    return (isJsonArray(actions) ? actions : [actions]).filter((action) => typeof action === 'string');
  });
}

function refused(problem: string): AdapterError {
  return new AdapterError(problem, 'permanent', 'invalid');
}
