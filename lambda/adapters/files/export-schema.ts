import { z } from 'zod';
import type { JsonValue } from '../../core/model/json.ts';

/** Whatever stands there: one document that cannot be read concerns that policy only. */
const documentSchema = z.custom<JsonValue | undefined>(() => true).optional();
const inlineSchema = z.object({ PolicyName: z.string(), PolicyDocument: documentSchema });
const attachedSchema = z.object({ PolicyName: z.string(), PolicyArn: z.string() });
const tagSchema = z.object({ Key: z.string(), Value: z.string().default('') });
const boundarySchema = z.object({ PermissionsBoundaryArn: z.string().optional() });
/** Other programs write times in their own ways; one that cannot be read is not there. */
const timeSchema = z
  .union([z.string(), z.number()])
  .optional()
  .catch(undefined)
  .transform((time) => {
    const date = new Date(typeof time === 'number' ? time * 1000 : (time ?? Number.NaN));
    return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  });
const entityFields = {
  Arn: z.string(),
  CreateDate: timeSchema,
  Path: z.string().default('/'),
  AttachedManagedPolicies: z.array(attachedSchema).default([]),
  Tags: z.array(tagSchema).default([]),
  PermissionsBoundary: boundarySchema.optional(),
};
export const roleSchema = z.object({
  ...entityFields,
  RoleName: z.string(),
  RoleId: z.string().optional(),
  AssumeRolePolicyDocument: documentSchema,
  RoleLastUsed: z.object({ LastUsedDate: timeSchema }).optional().catch(undefined),
  RolePolicyList: z.array(inlineSchema).default([]),
});
export const userSchema = z.object({
  ...entityFields,
  UserName: z.string(),
  UserId: z.string().optional(),
  UserPolicyList: z.array(inlineSchema).default([]),
  GroupList: z.array(z.string()).default([]),
});
export const groupSchema = z.object({
  GroupName: z.string(),
  GroupId: z.string().optional(),
  Arn: z.string().optional(),
  GroupPolicyList: z.array(inlineSchema).default([]),
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
  Arn: z.string(),
  PolicyId: z.string().optional(),
  Path: z.string().default('/'),
  DefaultVersionId: z.string(),
  UpdateDate: timeSchema,
  AttachmentCount: z.number().optional(),
  PermissionsBoundaryUsageCount: z.number().optional(),
  PolicyVersionList: z.array(versionSchema).default([]),
});

/** Members that hold policy documents. A fault in one of them concerns that policy only. */
export const DOCUMENTS: ReadonlySet<string> = new Set([
  'PolicyDocument',
  'Document',
  'AssumeRolePolicyDocument',
]);

export type EntityShape = Pick<
  z.infer<typeof roleSchema>,
  'Arn' | 'AttachedManagedPolicies' | 'Tags' | 'PermissionsBoundary' | 'CreateDate'
>;
export type InlineShape = z.infer<typeof inlineSchema>;
export type PolicyShape = z.infer<typeof policySchema>;
export type RoleShape = z.infer<typeof roleSchema>;
