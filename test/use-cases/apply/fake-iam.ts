import { isJsonArray, isJsonObject, type JsonValue } from '../../../lambda/core/model/json.ts';
import type { PrincipalRef } from '../../../lambda/core/model/principal.ts';
import type { CreatePolicyAction } from '../../../lambda/core/plan/schema.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import type { IamWriter, ManagedPolicyState } from '../../../lambda/ports/apply.ts';
import { statementsOf } from './scenario.ts';
import type { PrincipalState, World } from './world.ts';

interface StoredPolicy {
  readonly path: string;
  readonly description: string;
  readonly tags: CreatePolicyAction['tags'];
  readonly versions: Map<string, JsonValue>;
  next: number;
  defaultVersionId: string;
  /** Others than the principal that have it attached. */
  others: number;
  boundaryUses: number;
}

/** IAM in memory for one principal, with IAM's own refusals. `onWrite` runs after each change. */
export class FakeIam implements IamWriter {
  readonly inline = new Map<string, JsonValue>();
  readonly attached = new Set<string>();
  readonly policies = new Map<string, StoredPolicy>();
  readonly keys = new Map<string, 'Active' | 'Inactive'>();
  password = false;
  principal: PrincipalRef;
  readonly writes: string[] = [];
  onWrite: () => void = () => undefined;
  attachmentQuota = 20;

  constructor(world: Pick<World, 'principal'> & Partial<World>) {
    this.principal = world.principal;
    for (const { name, document } of world.inline ?? []) this.inline.set(name, document);
    for (const policy of world.managed ?? []) {
      const first = policy.versions.length === 1 ? Number(policy.defaultVersion.slice(1)) : 1;
      this.policies.set(policy.arn, {
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
      attached: new Map([...this.attached].map((arn) => [arn, this.#defaultDocument(arn)])),
    };
  }

  /** Every action of every statement in force, as it is written. */
  granted(): ReadonlySet<string> {
    const documents = [
      ...this.inline.values(),
      ...[...this.attached].map((arn) => this.#defaultDocument(arn)),
    ];
    return new Set(documents.flatMap(actionsOf));
  }

  principalArn(): Promise<string | undefined> {
    return Promise.resolve(this.principal.arn);
  }
  inlinePolicy(_: PrincipalRef, policyName: string): Promise<JsonValue | undefined> {
    return Promise.resolve(this.inline.get(policyName));
  }
  attachedPolicies(): Promise<readonly string[]> {
    return Promise.resolve([...this.attached]);
  }
  managedPolicy(policyArn: string): Promise<ManagedPolicyState | undefined> {
    const policy = this.policies.get(policyArn);
    return Promise.resolve(
      policy && {
        defaultVersionId: policy.defaultVersionId,
        attachments: policy.others + (this.attached.has(policyArn) ? 1 : 0),
        boundaryUses: policy.boundaryUses,
        description: policy.description,
      },
    );
  }
  policyVersions(policyArn: string): Promise<readonly string[]> {
    return Promise.resolve([...this.#policy(policyArn).versions.keys()]);
  }
  versionDocument(policyArn: string, versionId: string): Promise<JsonValue | undefined> {
    return Promise.resolve(this.#policy(policyArn).versions.get(versionId));
  }
  accessKeyStatus(_: string, accessKeyId: string): Promise<'Active' | 'Inactive' | undefined> {
    return Promise.resolve(this.keys.get(accessKeyId));
  }
  hasPassword(): Promise<boolean> {
    return Promise.resolve(this.password);
  }

  async putInlinePolicy(_: PrincipalRef, policyName: string, document: JsonValue): Promise<void> {
    this.inline.set(policyName, document);
    await this.#wrote(`put ${policyName}`);
  }
  async deleteInlinePolicy(_: PrincipalRef, policyName: string): Promise<void> {
    if (!this.inline.delete(policyName)) throw refused(`NoSuchEntity ${policyName}`);
    await this.#wrote(`delete ${policyName}`);
  }
  async createPolicy(policy: CreatePolicyAction, document: JsonValue): Promise<'created' | 'exists'> {
    const name = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1).toLowerCase();
    if ([...this.policies.keys()].some((arn) => name(arn) === policy.policyName.toLowerCase()))
      return 'exists';
    const { path, description, tags } = policy;
    this.policies.set(policy.policyArn, {
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
    if (policy.versions.size > 1 || policy.others > 0 || this.attached.has(policyArn)) {
      throw refused(`DeleteConflict ${policyArn}`);
    }
    this.policies.delete(policyArn);
    await this.#wrote(`delete ${policyArn}`);
  }
  async attachPolicy(_: PrincipalRef, policyArn: string): Promise<'attached' | 'missing'> {
    if (!this.policies.has(policyArn)) return 'missing';
    if (this.attached.size >= this.attachmentQuota) throw refused('LimitExceeded');
    this.attached.add(policyArn);
    await this.#wrote(`attach ${policyArn}`);
    return 'attached';
  }
  async detachPolicy(_: PrincipalRef, policyArn: string): Promise<void> {
    if (!this.attached.delete(policyArn)) throw refused(`NoSuchEntity ${policyArn}`);
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
    if (!this.password) throw refused('NoSuchEntity');
    this.password = false;
    await this.#wrote('delete password');
  }

  #policy(policyArn: string): StoredPolicy {
    const policy = this.policies.get(policyArn);
    if (!policy) throw refused(`NoSuchEntity ${policyArn}`);
    return policy;
  }

  #defaultDocument(policyArn: string): JsonValue {
    const policy = this.#policy(policyArn);
    return policy.versions.get(policy.defaultVersionId) ?? null;
  }

  #wrote(what: string): Promise<void> {
    this.writes.push(what);
    this.onWrite();
    return Promise.resolve();
  }
}

function actionsOf(document: JsonValue): readonly string[] {
  return statementsOf(document).flatMap((statement) => {
    const actions = isJsonObject(statement) ? statement['Action'] : undefined;
    return (isJsonArray(actions) ? actions : [actions]).filter((action) => typeof action === 'string');
  });
}

function refused(problem: string): AdapterError {
  return new AdapterError(problem, 'permanent', 'invalid');
}
