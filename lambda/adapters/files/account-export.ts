import * as z from 'zod';
import { accountOfArn } from '../../core/model/account.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../core/model/json.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { GrantDocument } from '../../core/model/principal.ts';
import type { EntryFault } from '../../ports/account.ts';
import { readPolicyText, readTrustText } from '../../json/policy-text.ts';
import { readTrust } from '../../core/model/trust.ts';
import { AccountIndex } from '../account/account-index.ts';
import type {
  GroupRecord,
  InlineRecord,
  ManagedPolicyRecord,
  ReadDocument,
  RoleRecord,
} from '../account/account-records.ts';
import { checkInput } from './check-shape.ts';
import {
  DOCUMENTS,
  type EntityShape,
  groupSchema,
  inlineSchema,
  policySchema,
  type PolicyShape,
  type RoleShape,
  roleSchema,
  userSchema,
} from './export-schema.ts';
import { InputError } from './input-error.ts';
import { kindOfInput } from './input-kind.ts';
import { truncationMarker } from './more-to-come.ts';
import { nameOf, type TextFile } from './read-text.ts';
import { readValues, within } from './read-values.ts';

const PRINCIPAL_LISTS = ['RoleDetailList', 'UserDetailList', 'GroupDetailList'];
const LISTS = [...PRINCIPAL_LISTS, 'Policies'];

/** How many objects and arrays may be nested around a page, because scripts add them. */
const MOST_AROUND = 3;

/**
 * Reads the principals of one or several exported accounts. A file contains one answer, or its pages: one after the
 * other, in an array, or in an object.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 * An unreadable entry is a fault of its subject only.
 * @throws InputError that names the file and the position, also if a part of an account is missing, or no entry can be
 * read
 */
export function readAccountExport(file: TextFile): AccountIndex {
  const reader = new ExportReader(nameOf(file));
  for (const { value, root } of readValues(file)) reader.read(value, root);
  return reader.finish();
}

/** The facts about one page that show whether others are missing. */
interface Page {
  /** The member that says that more was to come, such as `Marker`; undefined if there is none. */
  readonly more: string | undefined;
  readonly accounts: Set<string>;
}

class ExportReader {
  readonly #file: string;
  readonly #index = new AccountIndex();
  readonly #pages: Page[] = [];
  /** AWS's own policies by ARN; every account's export has its own copy of them. */
  readonly #awsPolicies = new Map<string, ManagedPolicyRecord>();
  /** Groups without an ARN, and their positions. */
  readonly #anonymous: (readonly [GroupRecord, root: string])[] = [];
  #entries = 0;
  #kind: string | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  read(value: JsonValue, root: string, around: string | undefined = undefined, depth = 0): void {
    this.#kind ??= kindOfInput(value);
    if (isJsonArray(value)) {
      for (const [index, item] of value.entries()) this.read(item, within(root, index), around, depth + 1);
    } else if (isJsonObject(value)) {
      const more = truncationMarker(value) ?? around;
      if (LISTS.some((name) => Object.hasOwn(value, name))) this.#readPage(value, root, more);
      else if (depth < MOST_AROUND) {
        for (const [name, member] of Object.entries(value)) {
          if (typeof member === 'object') this.read(member, within(root, name), more, depth + 1);
        }
      }
    } else checkInput(z.unknown(), value, this.#file, root);
  }

  /** @throws InputError if a part is missing, or the file is not an export */
  finish(): AccountIndex {
    if (!this.#hasPrincipals) {
      const kind = this.#kind === undefined ? '' : `${this.#kind}; it `;
      throw new InputError(
        `${this.#file}: ${kind}has none of ${PRINCIPAL_LISTS.join(', ')}; expected the output of aws iam get-account-authorization-details`,
      );
    }
    const [fault] = this.#index.faults;
    // If no entry can be read, this is another kind of file.
    if (fault !== undefined && this.#entries === 0) throw new InputError(`${this.#file}: ${fault}`);
    for (const page of this.#pages) this.#refusePart(page);
    for (const policy of this.#awsPolicies.values()) this.#index.addPolicy(policy);
    const accounts = this.#index.accountIds;
    for (const [group, root] of this.#anonymous) {
      if (accounts.length > 1) {
        throw new InputError(
          `${this.#file}: ${root}: the group ${JSON.stringify(group.name)} has no Arn, and the export holds ${String(accounts.length)} accounts, so it is not known whose it is`,
        );
      }
      this.#once(root, group.name, this.#index.addGroup(group));
    }
    return this.#index;
  }

  #hasPrincipals = false;

  /** A page that says that more was to come needs a last page of the same account. */
  #refusePart({ more, accounts }: Page): void {
    if (more === undefined) return;
    const last = this.#pages.filter((page) => page.more === undefined);
    const isWhole = (accountId: string): boolean =>
      last.some((page) => page.accounts.has(accountId) || page.accounts.size === 0);
    if (accounts.size === 0 ? last.length > 0 : [...accounts].every(isWhole)) return;
    throw new InputError(
      `${this.#file}: ${more} says that more was to come, so a part of the account is missing; export it without --no-paginate and --max-items, or give all its pages`,
    );
  }

  #readPage(value: JsonObject, root: string, more: string | undefined): void {
    const page: Page = { more, accounts: new Set() };
    this.#pages.push(page);
    if (PRINCIPAL_LISTS.some((name) => Object.hasOwn(value, name))) this.#hasPrincipals = true;
    for (const name of Object.keys(value)) {
      const member = value[name] ?? null;
      const place = within(root, name);
      if (!LISTS.includes(name)) {
        // The member is not used, but it must not have duplicate keys either.
        checkInput(z.unknown(), member, this.#file, place, DOCUMENTS);
        continue;
      }
      if (member === null) continue;
      if (!isJsonArray(member)) checkInput(z.array(z.unknown()), member, this.#file, place);
      else member.forEach((entry, index) => this.#readEntry(name, entry, within(place, index), page));
    }
  }

  #readEntry(list: string, entry: JsonValue, root: string, page: Page): void {
    switch (list) {
      case 'RoleDetailList': {
        const role = this.#check(roleSchema, entry, root, { type: 'role', page });
        const inline =
          role && this.#inline('role', role, role.RolePolicyList, within(root, 'RolePolicyList'));
        if (!inline) return;
        this.#once(root, role.Arn, this.#index.addRole(roleRecord(role, inline)));
        return;
      }
      case 'UserDetailList': {
        const user = this.#check(userSchema, entry, root, { type: 'user', page });
        const inline =
          user && this.#inline('user', user, user.UserPolicyList, within(root, 'UserPolicyList'));
        if (!inline) return;
        const record = { ...entityRecord(user), id: user.UserId, inline, groups: user.GroupList };
        this.#once(root, user.Arn, this.#index.addUser(record));
        return;
      }
      case 'GroupDetailList': {
        const group = this.#check(groupSchema, entry, root, { type: 'group', page });
        const inline =
          group && this.#inline('group', group, group.GroupPolicyList, within(root, 'GroupPolicyList'));
        if (!inline) return;
        const record: GroupRecord = {
          name: group.GroupName,
          id: group.GroupId,
          arn: group.Arn,
          inline,
          attached: attachedRecords(group),
        };
        if (group.Arn === undefined) this.#anonymous.push([record, root]);
        else this.#once(root, group.Arn, this.#index.addGroup(record));
        return;
      }
      default: {
        const policy = this.#check(policySchema, entry, root, { type: 'policy', page });
        if (policy) this.#addPolicy(policyRecord(policy), root);
      }
    }
  }

  /** Reads an entry of one of the lists. If it cannot be read, the fault is recorded and the result is undefined. */
  #check<T>(
    schema: z.core.$ZodType<T>,
    entry: JsonValue,
    root: string,
    { type, page }: { readonly type: EntryFault['type']; readonly page: Page },
  ): T | undefined {
    const arn = arnIn(entry);
    const account = arn === undefined ? '' : accountOfArn(arn);
    if (account !== '' && account !== 'aws') page.accounts.add(account);
    try {
      const read = checkInput(schema, entry, this.#file, root, DOCUMENTS);
      this.#entries += 1;
      return read;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#fault(type, arn, error.message);
      return undefined;
    }
  }

  #fault(type: EntryFault['type'], arn: string | undefined, message: string): void {
    const start = `${this.#file}: `;
    const problem = message.startsWith(start) ? message.slice(start.length) : message;
    this.#index.addFault({ type, arn, problem });
  }

  /**
   * Reads inline policies one by one; an unreadable one is refused when it is refined. Undefined if two have the same
   * name, because IAM does not allow that and it is unknown which one exists.
   */
  #inline(
    type: EntryFault['type'],
    { Arn }: { readonly Arn?: string | undefined },
    entries: readonly JsonValue[],
    root: string,
  ): readonly InlineRecord[] | undefined {
    const records = entries.map((entry, index): InlineRecord => {
      try {
        const { PolicyName, PolicyDocument } = checkInput(
          inlineSchema,
          entry,
          this.#file,
          within(root, index),
          DOCUMENTS,
        );
        return { name: PolicyName, read: documentReader(PolicyDocument ?? null) };
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        const problem = error.message.slice(this.#file.length + 2);
        return { name: `unreadable-${String(index)}`, read: () => ({ readable: false, text: '', problem }) };
      }
    });
    const names = records.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice === undefined) return records;
    this.#fault(type, Arn, `${this.#file}: ${root}: ${JSON.stringify(twice)} occurs twice`);
    return undefined;
  }

  /** AWS's own policies occur once in each account's export; if they differ, the later version is the one in force. */
  #addPolicy(policy: ManagedPolicyRecord, root: string): void {
    if (accountOfArn(policy.arn) !== 'aws') {
      this.#once(root, policy.arn, this.#index.addPolicy(policy));
      return;
    }
    const known = this.#awsPolicies.get(policy.arn);
    if (!known || numberOf(known) < numberOf(policy)) this.#awsPolicies.set(policy.arn, policy);
  }

  /** Refuses two entries of the same name, because one of them would be lost silently. */
  #once(root: string, name: string, isNew: boolean): void {
    if (isNew) return;
    throw new InputError(`${this.#file}: ${root}: ${JSON.stringify(name)} occurs twice`);
  }
}

/** The ARN of an entry, if it has one. */
function arnIn(entry: JsonValue): string | undefined {
  const arn = isJsonObject(entry) ? entry['Arn'] : undefined;
  return typeof arn === 'string' && /^arn:aws[a-z-]*:iam::(\d{12}|aws):\w+\/./.test(arn) ? arn : undefined;
}

/** `v12` is the twelfth version. */
function numberOf({ versionId }: ManagedPolicyRecord): number {
  return Number(/^v(\d+)$/.exec(versionId)?.[1] ?? 0);
}

function policyRecord(policy: PolicyShape): ManagedPolicyRecord {
  const versions = policy.PolicyVersionList;
  const [version, ...others] = versions.filter(({ VersionId }) => VersionId === policy.DefaultVersionId);
  const problem =
    others.length > 0
      ? `its default version ${policy.DefaultVersionId} occurs twice`
      : `the export lacks the document of its default version ${policy.DefaultVersionId}`;
  return {
    arn: policy.Arn,
    id: policy.PolicyId,
    path: policy.Path,
    versionId: policy.DefaultVersionId,
    versions: versions.map(({ VersionId }) => VersionId).toReversed(),
    attachments: policy.AttachmentCount,
    boundaryUses: policy.PermissionsBoundaryUsageCount,
    updatedAt: [policy.UpdateDate, version?.CreateDate]
      .filter((time) => time !== undefined)
      .sort(byCodeUnit)
      .at(-1),
    read:
      (version?.Document ?? null) === null || others.length > 0
        ? () => ({ readable: false, text: '', problem })
        : documentReader(version?.Document ?? null),
  };
}

/** Documents are objects in the output of the AWS CLI, and percent-encoded strings in answers of the API. */
function documentReader(document: JsonValue): ReadDocument {
  if (typeof document !== 'string') return () => ({ readable: true, value: document });
  let read: GrantDocument | undefined;
  return () => (read ??= readPolicyText(document));
}

/** `RoleLastUsed` without a date means that no use is recorded. If the member is missing, the last use is unknown. */
function roleRecord(role: RoleShape, inline: readonly InlineRecord[]): RoleRecord {
  const { RoleLastUsed: used } = role;
  const lastUsedAt = used && (used.LastUsedDate ?? null);
  const assumedBy = trustOf(role.AssumeRolePolicyDocument);
  return { ...entityRecord(role), id: role.RoleId, inline, lastUsedAt, assumedBy };
}

function trustOf(document: JsonValue | undefined): readonly string[] | undefined {
  if (document === undefined || document === null) return undefined;
  return typeof document === 'string' ? readTrustText(document) : readTrust(document);
}

function entityRecord(entity: EntityShape): Omit<RoleRecord, 'inline'> {
  return {
    arn: entity.Arn,
    tags: entity.Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
    boundaryArn: entity.PermissionsBoundary?.PermissionsBoundaryArn,
    createdAt: entity.CreateDate,
    attached: attachedRecords(entity),
  };
}

/** A policy that is listed twice is attached once. */
function attachedRecords({ AttachedManagedPolicies }: Pick<EntityShape, 'AttachedManagedPolicies'>) {
  const byArn = new Map(AttachedManagedPolicies.map(({ PolicyName, PolicyArn }) => [PolicyArn, PolicyName]));
  return [...byArn].map(([arn, name]) => ({ name, arn }));
}
