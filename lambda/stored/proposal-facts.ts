import * as z from 'zod/mini';

const count = z.number().check(z.int(), z.nonnegative());

export const principalSchema = z.object({
  arn: z.string(),
  type: z.enum(['role', 'user']),
  name: z.string(),
  path: z.string(),
  accountId: z.string(),
});

export const findingTypeSchema = z.enum([
  'UnusedPermission',
  'UnusedIAMRole',
  'UnusedIAMUserAccessKey',
  'UnusedIAMUserPassword',
]);

export const grantSourceSchema = z.enum([
  'role-inline',
  'user-inline',
  'customer-managed',
  'aws-managed',
  'group-inline',
  'group-customer-managed',
  'group-aws-managed',
]);

export const dispositionSchema = z.enum([
  'unchanged',
  'update',
  'new-version',
  'replace',
  'remove',
  'inherited',
  'refused',
]);

export const summarySchema = z.object({
  actionsGrantedBefore: count,
  actionsGrantedAfter: count,
  servicesGrantedBefore: count,
  servicesGrantedAfter: count,
  charactersBefore: count,
  charactersAfter: count,
});

export const generalizeSchema = z.enum(['shortest', 'least', 'enumerate']);

export const catalogueSchema = z.object({
  source: z.string(),
  version: z.string(),
  services: count,
  actions: count,
});

/** A shared policy or a group, and which way of refining it is better. */
export const subjectSchema = z.object({
  type: z.enum(['policy', 'group']),
  arn: z.string(),
  name: z.string(),
  path: z.string(),
  accountId: z.string(),
});
export const adviceSchema = z.object({
  better: z.enum(['shared', 'joint-first', 'separate']),
  reason: z.string(),
});

/** Why a proposal is no longer current. */
export const stateSchema = z.object({
  name: z.enum(['applied', 'resolved', 'superseded']),
  reason: z.string(),
});

/** A row of the overview, as it is kept in the bucket. */
export const factsSchema = z.object({
  prefix: z.string(),
  proposalId: z.string(),
  kind: z.enum(['refine-permissions', 'remove-role', 'remove-access-key', 'remove-password']),
  principal: principalSchema,
  owner: z.optional(z.string()),
  findingId: z.string(),
  findingType: findingTypeSchema,
  signature: z.string(),
  summary: z.optional(summarySchema),
  catalogue: z.optional(catalogueSchema),
  generalize: z.optional(generalizeSchema),
  policies: z.array(
    z.object({
      source: grantSourceSchema,
      name: z.string(),
      disposition: dispositionSchema,
      reason: z.string(),
      removed: count,
    }),
  ),
  retained: count,
  residue: count,
  accessKeyId: z.optional(z.string()),
  state: z.optional(stateSchema),
  remark: z.optional(z.string()),
});
