import { z } from 'zod';
import { isJsonObject, JsonDefect, type JsonValue, renderJson } from '../../core/model/json.ts';
import type {
  Grant,
  GrantDocument,
  GrantSource,
  ManagedPolicyFacts,
  Principal,
  PrincipalRef,
} from '../../core/model/principal.ts';
import type { PolicySource, PrincipalAnswer } from '../../ports/policy-source.ts';
import { readPolicyText } from '../json/policy-text.ts';
import { readJson } from '../json/read-json.ts';
import { checkShape } from './check-shape.ts';
import { InputError } from './input-error.ts';
import { readText } from './read-text.ts';

const documentSchema = z.custom<JsonValue>(
  (value) => value !== undefined,
  'expected a policy document, found nothing',
);
const inlineSchema = z.object({ PolicyName: z.string(), PolicyDocument: documentSchema });
const attachedSchema = z.object({ PolicyName: z.string(), PolicyArn: z.string() });
const tagSchema = z.object({ Key: z.string(), Value: z.string() });
const boundarySchema = z.object({ PermissionsBoundaryArn: z.string().optional() });
const entityFields = {
  Arn: z.string(),
  Path: z.string().default('/'),
  AttachedManagedPolicies: z.array(attachedSchema).default([]),
  Tags: z.array(tagSchema).default([]),
  PermissionsBoundary: boundarySchema.optional(),
};
const roleSchema = z.object({
  ...entityFields,
  RoleName: z.string(),
  RolePolicyList: z.array(inlineSchema).default([]),
});
const userSchema = z.object({
  ...entityFields,
  UserName: z.string(),
  UserPolicyList: z.array(inlineSchema).default([]),
  GroupList: z.array(z.string()).default([]),
});
const groupSchema = z.object({
  GroupName: z.string(),
  GroupPolicyList: z.array(inlineSchema).default([]),
  AttachedManagedPolicies: z.array(attachedSchema).default([]),
});
const versionSchema = z.object({
  VersionId: z.string(),
  IsDefaultVersion: z.boolean().optional(),
  Document: documentSchema.optional(),
});
const policySchema = z.object({
  PolicyName: z.string(),
  Arn: z.string(),
  Path: z.string().default('/'),
  DefaultVersionId: z.string(),
  AttachmentCount: z.number().optional(),
  PermissionsBoundaryUsageCount: z.number().optional(),
  PolicyVersionList: z.array(versionSchema).default([]),
});

/** What `aws iam get-account-authorization-details` prints; any of the lists may be left out by its `--filter`. */
const exportSchema = z.object({
  /** True where the answer of one call was cut off; the command line joins the pages unless it is told not to. */
  IsTruncated: z.boolean().default(false),
  RoleDetailList: z.array(roleSchema).default([]),
  UserDetailList: z.array(userSchema).default([]),
  GroupDetailList: z.array(groupSchema).default([]),
  Policies: z.array(policySchema).default([]),
});

/** Members that hold policy documents. A fault in one of them concerns that policy only. */
const DOCUMENTS: ReadonlySet<string> = new Set(['PolicyDocument', 'Document', 'AssumeRolePolicyDocument']);

type AccountExport = z.infer<typeof exportSchema>;
type Entity = Pick<
  z.infer<typeof roleSchema>,
  'Path' | 'AttachedManagedPolicies' | 'Tags' | 'PermissionsBoundary'
>;

/**
 * Principals of an exported account.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
export class AccountExportPolicies implements PolicySource {
  readonly #roles: ReadonlyMap<string, z.infer<typeof roleSchema>>;
  readonly #users: ReadonlyMap<string, z.infer<typeof userSchema>>;
  readonly #groups: ReadonlyMap<string, z.infer<typeof groupSchema>>;
  readonly #policies: ReadonlyMap<string, z.infer<typeof policySchema>>;
  readonly #attachments: ReadonlyMap<string, number>;
  readonly #boundaries: ReadonlyMap<string, number>;
  readonly #members: ReadonlyMap<string, number>;
  /** `role 123456789012`: kinds and accounts of which the export names somebody. */
  readonly #covered: ReadonlySet<string>;

  private constructor(account: AccountExport, file: string) {
    this.#roles = index('RoleDetailList', account.RoleDetailList, (role) => role.Arn, file);
    this.#users = index('UserDetailList', account.UserDetailList, (user) => user.Arn, file);
    this.#groups = index('GroupDetailList', account.GroupDetailList, (group) => group.GroupName, file);
    this.#policies = index('Policies', account.Policies, (policy) => policy.Arn, file);
    const covered = (type: string, arns: Iterable<string>): readonly string[] =>
      [...arns].map((arn) => `${type} ${arn.split(':')[4] ?? ''}`);
    this.#covered = new Set([...covered('role', this.#roles.keys()), ...covered('user', this.#users.keys())]);
    const holders = [...account.RoleDetailList, ...account.UserDetailList, ...account.GroupDetailList];
    this.#attachments = count(holders.flatMap((h) => h.AttachedManagedPolicies.map((p) => p.PolicyArn)));
    this.#boundaries = count(
      [...account.RoleDetailList, ...account.UserDetailList].flatMap((h) => boundaryOf(h) ?? []),
    );
    this.#members = count(account.UserDetailList.flatMap((user) => [...new Set(user.GroupList)]));
  }

  /**
   * Reads the export.
   * @throws InputError that names the file and the place
   */
  static fromFile(file: string): AccountExportPolicies {
    const json = readJson(readText(file));
    if (!json.ok) throw new InputError(`${file}: ${json.problem}`);
    const value = json.value;
    if (value instanceof JsonDefect) throw new InputError(`${file}: ${value.problem}`);
    const lists = ['RoleDetailList', 'UserDetailList', 'GroupDetailList'];
    if (!isJsonObject(value) || !lists.some((name) => Object.hasOwn(value, name))) {
      throw new InputError(
        `${file}: has none of ${lists.join(', ')}; expected the output of aws iam get-account-authorization-details`,
      );
    }
    const account = checkShape(exportSchema, value, file, '', DOCUMENTS);
    if (account.IsTruncated) {
      throw new InputError(
        `${file}: IsTruncated is true, so a part of the account is missing; export it without --no-paginate and --max-items`,
      );
    }
    return new AccountExportPolicies(account, file);
  }

  /**
   * Whether a principal that is not in the export is not in the account either. It is another account's, or its kind
   * was left out by `--filter`, where the export names none of that kind and account.
   */
  covers({ type, accountId }: PrincipalRef): boolean {
    return this.#covered.has(`${type} ${accountId}`);
  }

  getPrincipal(ref: PrincipalRef): Promise<PrincipalAnswer> {
    const principal = ref.type === 'role' ? this.#role(ref) : this.#user(ref);
    return Promise.resolve(principal ? { kind: 'found', principal } : { kind: 'gone' });
  }

  #role(ref: PrincipalRef): Principal | undefined {
    const role = this.#roles.get(ref.arn);
    if (!role) return undefined;
    const inline = role.RolePolicyList.map((policy) => inlineGrant('role-inline', policy));
    return describe(ref, role, [...inline, ...this.#attached(role.AttachedManagedPolicies)]);
  }

  #user(ref: PrincipalRef): Principal | undefined {
    const user = this.#users.get(ref.arn);
    if (!user) return undefined;
    const inline = user.UserPolicyList.map((policy) => inlineGrant('user-inline', policy));
    const groups = [...new Set(user.GroupList)].flatMap((name) => this.#group(name));
    return describe(ref, user, [...inline, ...this.#attached(user.AttachedManagedPolicies), ...groups]);
  }

  #group(name: string): readonly Grant[] {
    const about = { group: { name, members: this.#members.get(name) } };
    const group = this.#groups.get(name);
    if (!group) {
      const problem =
        'the export lacks this group, so what it grants is not known; export with --filter Group too';
      return [{ source: 'group-inline', name, document: { readable: false, text: '', problem }, ...about }];
    }
    return [
      ...group.GroupPolicyList.map((policy) => ({ ...inlineGrant('group-inline', policy), ...about })),
      ...this.#attached(group.AttachedManagedPolicies, 'group-').map((grant) => ({ ...grant, ...about })),
    ];
  }

  #attached(
    policies: readonly z.infer<typeof attachedSchema>[],
    prefix: '' | 'group-' = '',
  ): readonly Grant[] {
    return policies.map(({ PolicyName: name, PolicyArn: arn }) => {
      const kind = /^arn:aws[a-z-]*:iam::aws:policy\//.test(arn) ? 'aws-managed' : 'customer-managed';
      const policy = this.#policies.get(arn);
      const facts: ManagedPolicyFacts = {
        arn,
        path: policy?.Path ?? '/',
        versionId: policy?.DefaultVersionId ?? '',
        ...(policy
          ? { versions: policy.PolicyVersionList.map((version) => version.VersionId).toReversed() }
          : {}),
        attachments: Math.max(policy?.AttachmentCount ?? 0, this.#attachments.get(arn) ?? 0),
        boundaryUses: Math.max(policy?.PermissionsBoundaryUsageCount ?? 0, this.#boundaries.get(arn) ?? 0),
      };
      return { ...named(`${prefix}${kind}`, name, defaultDocument(policy)), managed: facts };
    });
  }
}

function describe(ref: PrincipalRef, entity: Entity, grants: readonly Grant[]): Principal {
  return {
    ref,
    tags: entity.Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
    grants,
    boundaryArn: boundaryOf(entity),
  };
}

function boundaryOf(entity: Pick<Entity, 'PermissionsBoundary'>): string | undefined {
  return entity.PermissionsBoundary?.PermissionsBoundaryArn;
}

function inlineGrant(source: GrantSource, policy: z.infer<typeof inlineSchema>): Grant {
  return named(source, policy.PolicyName, readDocument(policy.PolicyDocument));
}

/** What IAM takes as a policy's name; it becomes part of a file's name and of commands. */
const POLICY_NAME = /^[\w+=,.@-]{1,128}$/;

function named(source: GrantSource, name: string, document: GrantDocument): Grant {
  if (POLICY_NAME.test(name)) return { source, name, document };
  const text = document.readable ? renderJson(document.value, 0) : document.text;
  const problem = `${JSON.stringify(name)} is not a policy name that IAM takes (up to 128 letters, digits and _+=,.@-)`;
  const safe = name.replace(/[^\w+=,.@-]/g, '-').slice(0, 128) || '-';
  return { source, name: safe, document: { readable: false, text, problem } };
}

/** Documents are objects in what the command line prints, and percent-encoded strings in what the API returns. */
function readDocument(document: JsonValue): GrantDocument {
  return typeof document === 'string' ? readPolicyText(document) : { readable: true, value: document };
}

function defaultDocument(policy: z.infer<typeof policySchema> | undefined): GrantDocument {
  if (!policy) {
    const problem =
      'the export lacks this policy; export with --filter LocalManagedPolicy and --filter AWSManagedPolicy too';
    return { readable: false, text: '', problem };
  }
  const version = policy.PolicyVersionList.find(({ VersionId }) => VersionId === policy.DefaultVersionId);
  if (version?.Document === undefined) {
    const problem = `the export lacks the document of its default version ${policy.DefaultVersionId}`;
    return { readable: false, text: '', problem };
  }
  return readDocument(version.Document);
}

/** @throws InputError when two entries have one name, since one of them would be lost without a word */
function index<T>(
  list: string,
  entries: readonly T[],
  nameOf: (entry: T) => string,
  file: string,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const [place, entry] of entries.entries()) {
    const name = nameOf(entry);
    if (found.has(name)) {
      throw new InputError(`${file}: ${list}[${String(place)}]: ${JSON.stringify(name)} stands there twice`);
    }
    found.set(name, entry);
  }
  return found;
}

function count(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
