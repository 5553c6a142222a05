import * as z from 'zod';
import type { JsonValue } from '../../core/model/json.ts';

/** Any value: an unreadable document is a fault of its policy only. */
const documentSchema = z.custom<JsonValue | undefined>(() => true).optional();
export const inlineSchema = z.object({ PolicyName: z.string(), PolicyDocument: documentSchema });
const attachedSchema = z.object({ PolicyName: z.string(), PolicyArn: arnSchema('policy') });
const tagSchema = z.object({ Key: z.string(), Value: z.string().default('') });
const boundarySchema = z.object({ PermissionsBoundaryArn: z.string().optional() });
/** Other programs format times in their own ways; an unreadable one counts as absent. */
const timeSchema = z
  .union([z.string(), z.number()])
  .optional()
  .catch(undefined)
  .transform((time) => {
    const date = new Date(typeof time === 'number' ? time * 1000 : (time ?? Number.NaN));
    return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  });
/** A list whose entries are read one by one. */
const entriesSchema = z.array(z.custom<JsonValue>(() => true)).default([]);
const entityFields = {
  CreateDate: timeSchema,
  Path: z.string().default('/'),
  AttachedManagedPolicies: z.array(attachedSchema).default([]),
  Tags: z.array(tagSchema).default([]),
  PermissionsBoundary: boundarySchema.optional(),
};
export const roleSchema = z.object({
  ...entityFields,
  Arn: arnSchema('role'),
  RoleName: z.string(),
  RoleId: z.string().optional(),
  AssumeRolePolicyDocument: documentSchema,
  RoleLastUsed: z.object({ LastUsedDate: timeSchema }).optional().catch(undefined),
  RolePolicyList: entriesSchema,
});
export const userSchema = z.object({
  ...entityFields,
  Arn: arnSchema('user'),
  UserName: z.string(),
  UserId: z.string().optional(),
  UserPolicyList: entriesSchema,
  GroupList: z.array(z.string()).default([]),
});
export const groupSchema = z.object({
  GroupName: z.string(),
  GroupId: z.string().optional(),
  Arn: arnSchema('group').optional(),
  GroupPolicyList: entriesSchema,
  AttachedManagedPolicies: z.array(attachedSchema).default([]),
});
const versionSchema = z.object({
  VersionId: z.string(),
  CreateDate: timeSchema,
  IsDefaultVersion: z.boolean().optional(),
  Document: documentSchema,
});
export const policySchema = z.object({
  PolicyName: z.string(),
  Arn: arnSchema('policy'),
  PolicyId: z.string().optional(),
  Path: z.string().default('/'),
  DefaultVersionId: z.string(),
  UpdateDate: timeSchema,
  AttachmentCount: z.number().optional(),
  PermissionsBoundaryUsageCount: z.number().optional(),
  PolicyVersionList: z.array(versionSchema).default([]),
});

function arnSchema(type: 'role' | 'user' | 'group' | 'policy') {
  const account = type === 'policy' ? '(\\d{12}|aws)' : '\\d{12}';
  return z
    .string()
    .regex(new RegExp(`^arn:aws[a-z-]*:iam::${account}:${type}/.`), `expected the ARN of a ${type}`);
}

/** Members that contain policy documents. A fault in one of them concerns that policy only. */
export const DOCUMENTS: ReadonlySet<string> = new Set([
  'PolicyDocument',
  'Document',
  'AssumeRolePolicyDocument',
]);

export type EntityShape = Pick<
  z.infer<typeof roleSchema>,
  'Arn' | 'AttachedManagedPolicies' | 'Tags' | 'PermissionsBoundary' | 'CreateDate'
>;
export type PolicyShape = z.infer<typeof policySchema>;
export type RoleShape = z.infer<typeof roleSchema>;
