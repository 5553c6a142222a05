import type { Grant, Principal, PrincipalRef, Tag } from '../../core/model/principal.ts';
import type { AccountPage, EncodedPolicy } from '../../ports/account.ts';
import type { AccountMemory } from '../../ports/account.ts';
import type { PolicySource, PrincipalAnswer } from '../../ports/policies.ts';
import type { PolicyTags } from '../../ports/policies.ts';
import { readPolicyText } from '../../json/policy-text.ts';
import { AccountIndex } from './account-index.ts';
import type { InlineRecord } from './account-records.ts';

/**
 * The principals of one account that was read as a whole, described exactly as if each had been read on its own.
 * Anything that the pages lack, because the account changed while they were read, is read with its own calls.
 */
export class BulkPolicies implements AccountMemory, PolicyTags {
  readonly index = new AccountIndex();
  readonly #live: PolicySource;
  readonly #source: PolicyTags;
  readonly #includesAges: boolean;
  readonly #tags = new Map<string, Promise<readonly Tag[]>>();
  readonly #known = new Map<string, readonly Tag[]>();
  /**
   * @param live reads single principals
   * @param tags called once for each policy, and only for policies of which a copy is proposed
   * @param includesAges whether principals have their age and last use, and policies the time of their newest version
   */
  constructor(live: PolicySource, tags: PolicyTags, includesAges = false) {
    this.#live = live;
    this.#source = tags;
    this.#includesAges = includesAges;
  }

  get principals(): readonly string[] {
    return this.index.principals;
  }

  get faults(): readonly string[] {
    return this.index.faults;
  }

  addPage({ roles, users, groups, policies, faults = [] }: AccountPage): void {
    for (const fault of faults) this.index.addFault(fault);
    const ageless = this.#includesAges ? {} : { createdAt: undefined, lastUsedAt: undefined };
    for (const role of roles) this.index.addRole({ ...role, ...record(role), ...ageless });
    for (const user of users) this.index.addUser({ ...user, ...record(user), ...ageless });
    for (const group of groups) this.index.addGroup({ ...group, inline: inlineRecords(group.inline) });
    for (const { document, ...policy } of policies) {
      const updatedAt = this.#includesAges ? policy.updatedAt : undefined;
      const read = () => readPolicyText(document);
      this.index.addPolicy({ ...policy, updatedAt, versions: undefined, read });
    }
  }

  async getPrincipal(ref: PrincipalRef): Promise<PrincipalAnswer> {
    const missing = this.index.missingPartsOf(ref);
    if (Object.values(missing).some(({ length }) => length > 0)) return this.#live.getPrincipal(ref);
    if (this.index.faultOf(ref) !== undefined) return this.#live.getPrincipal(ref);
    const answer = await this.index.getPrincipal(ref);
    if (answer.kind === 'gone') return this.#live.getPrincipal(ref);
    return { kind: 'found', principal: this.#withKnownTags(answer.principal) };
  }

  tagsOf(accountId: string, policyArn: string): Promise<readonly Tag[]> {
    const asked = this.#tags.get(policyArn);
    if (asked !== undefined) return asked;
    const tags = this.#source.tagsOf(accountId, policyArn);
    this.#tags.set(policyArn, tags);
    tags.then(
      (known) => this.#known.set(policyArn, known),
      () => this.#tags.delete(policyArn),
    );
    return tags;
  }

  #withKnownTags(principal: Principal): Principal {
    const grants = principal.grants.map((grant): Grant => {
      const tags = grant.managed && this.#known.get(grant.managed.arn);
      return grant.managed && tags ? { ...grant, managed: { ...grant.managed, tags } } : grant;
    });
    return { ...principal, grants };
  }
}

function record(holder: { readonly inline: readonly EncodedPolicy[]; readonly boundaryArn: string | null }) {
  return { inline: inlineRecords(holder.inline), boundaryArn: holder.boundaryArn ?? undefined };
}

function inlineRecords(policies: readonly EncodedPolicy[]): readonly InlineRecord[] {
  return policies.map(({ name, document }) => ({ name, read: () => readPolicyText(document) }));
}
