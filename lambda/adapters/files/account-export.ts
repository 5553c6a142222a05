import { z } from 'zod';
import { isJsonObject, JsonDefect, type JsonValue } from '../../core/model/json.ts';
import type { GrantDocument } from '../../core/model/principal.ts';
import { AccountIndex, type InlineRecord, type RoleRecord } from '../account/account-index.ts';
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
  Arn: z.string().optional(),
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

type Entity = Pick<
  z.infer<typeof roleSchema>,
  'Arn' | 'AttachedManagedPolicies' | 'Tags' | 'PermissionsBoundary'
>;

/**
 * The principals of an exported account.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 * @throws InputError that names the file and the place
 */
export function readAccountExport(file: string): AccountIndex {
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
  const index = new AccountIndex();
  // Of two entries with one name one would be lost without a word.
  const once = (list: string, place: number, name: string, isNew: boolean): void => {
    if (!isNew) {
      throw new InputError(`${file}: ${list}[${String(place)}]: ${JSON.stringify(name)} stands there twice`);
    }
  };
  for (const [place, role] of account.RoleDetailList.entries()) {
    const record = { ...entityRecord(role), inline: inlineRecords(role.RolePolicyList) };
    once('RoleDetailList', place, role.Arn, index.addRole(record));
  }
  for (const [place, user] of account.UserDetailList.entries()) {
    const inline = inlineRecords(user.UserPolicyList);
    const isNew = index.addUser({ ...entityRecord(user), inline, groups: user.GroupList });
    once('UserDetailList', place, user.Arn, isNew);
  }
  for (const [place, group] of account.GroupDetailList.entries()) {
    const isNew = index.addGroup({
      name: group.GroupName,
      arn: group.Arn,
      inline: inlineRecords(group.GroupPolicyList),
      attached: attachedRecords(group),
    });
    once('GroupDetailList', place, group.GroupName, isNew);
  }
  for (const [place, policy] of account.Policies.entries()) {
    const isNew = index.addPolicy({
      arn: policy.Arn,
      path: policy.Path,
      versionId: policy.DefaultVersionId,
      versions: policy.PolicyVersionList.map((version) => version.VersionId).toReversed(),
      attachments: policy.AttachmentCount,
      boundaryUses: policy.PermissionsBoundaryUsageCount,
      read: () => defaultDocument(policy),
    });
    once('Policies', place, policy.Arn, isNew);
  }
  return index;
}

function entityRecord(entity: Entity): Omit<RoleRecord, 'inline'> {
  return {
    arn: entity.Arn,
    tags: entity.Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
    boundaryArn: entity.PermissionsBoundary?.PermissionsBoundaryArn,
    attached: attachedRecords(entity),
  };
}

function attachedRecords({ AttachedManagedPolicies }: Pick<Entity, 'AttachedManagedPolicies'>) {
  return AttachedManagedPolicies.map(({ PolicyName, PolicyArn }) => ({ name: PolicyName, arn: PolicyArn }));
}

function inlineRecords(policies: readonly z.infer<typeof inlineSchema>[]): readonly InlineRecord[] {
  return policies.map(({ PolicyName, PolicyDocument }) => ({
    name: PolicyName,
    read: () => readDocument(PolicyDocument),
  }));
}

/** Documents are objects in what the command line prints, and percent-encoded strings in what the API returns. */
function readDocument(document: JsonValue): GrantDocument {
  return typeof document === 'string' ? readPolicyText(document) : { readable: true, value: document };
}

function defaultDocument(policy: z.infer<typeof policySchema>): GrantDocument {
  const version = policy.PolicyVersionList.find(({ VersionId }) => VersionId === policy.DefaultVersionId);
  if (version?.Document === undefined) {
    const problem = `the export lacks the document of its default version ${policy.DefaultVersionId}`;
    return { readable: false, text: '', problem };
  }
  return readDocument(version.Document);
}
