import { z } from 'zod';

/** The last second that JavaScript's dates know, and that ISO 8601 writes with four digits for the year. */
const LAST_SECOND = 253_402_300_799;

/** The command line prints times as ISO 8601 or, when told so, as seconds since 1970. */
const timeSchema = z
  .union(
    [z.string(), z.number().min(0).max(LAST_SECOND)],
    'expected a time in ISO 8601 or in seconds since 1970',
  )
  .nullish()
  .transform((time) =>
    typeof time === 'number' ? new Date(time * 1000).toISOString() : (time ?? undefined),
  );

const datedActionSchema = z.object({ action: z.string(), lastAccessed: timeSchema });

/** The article writes actions as plain strings, the API as objects. */
const actionSchema = z.preprocess(
  (value) => (typeof value === 'string' ? { action: value } : value),
  datedActionSchema,
);

/** One entry of unused access. Without actions it means the whole service. */
export const unusedEntrySchema = z.object({
  serviceNamespace: z.string(),
  actions: z.array(actionSchema).nullish(),
  lastAccessed: timeSchema,
});

const detailSchema = z.object({
  unusedPermissionDetails: unusedEntrySchema.optional(),
  unusedIamRoleDetails: z.object({ lastAccessed: timeSchema }).optional(),
  unusedIamUserAccessKeyDetails: z.object({ accessKeyId: z.string(), lastAccessed: timeSchema }).optional(),
  unusedIamUserPasswordDetails: z.object({ lastAccessed: timeSchema }).optional(),
});

/**
 * One page of what `aws accessanalyzer get-finding-v2` prints.
 * Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingV2.html
 */
export const findingPageSchema = z.object({
  id: z.string(),
  resource: z.string().min(1, 'expected the ARN of a role or user, found an empty string'),
  resourceOwnerAccount: z.string().optional(),
  status: z.enum(['ACTIVE', 'ARCHIVED', 'RESOLVED']),
  findingType: z.string(),
  updatedAt: timeSchema,
  error: z.string().nullish(),
  analyzerArn: z.string().optional(),
  /** On every page but the last. */
  nextToken: z.string().nullish(),
  findingDetails: z.array(detailSchema).default([]),
});

export type FindingPage = z.infer<typeof findingPageSchema>;
