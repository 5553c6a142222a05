import { z } from 'zod';
import type { FindingAnswer, FindingReference } from '../../ports/findings.ts';

/** The last second that JavaScript's dates know, and that ISO 8601 writes with four digits for the year. */
const LAST_SECOND = 253_402_300_799;

/** The AWS CLI prints times as ISO 8601 or, if configured, as seconds since 1970. */
const timeSchema = z
  .union(
    [z.string(), z.number().min(0).max(LAST_SECOND)],
    'expected a time in ISO 8601 or in seconds since 1970',
  )
  .optional()
  .transform((time) => (typeof time === 'number' ? new Date(time * 1000).toISOString() : time));

const datedActionSchema = z.object({ action: z.string(), lastAccessed: timeSchema });

/** The article writes actions as plain strings, the API as objects. */
const actionSchema = z.preprocess(
  (value) => (typeof value === 'string' ? { action: value } : value),
  datedActionSchema,
);

/** One entry of unused access. Without actions it means the whole service. */
export const unusedEntrySchema = z.object({
  serviceNamespace: z.string(),
  actions: z.array(actionSchema).optional(),
  lastAccessed: timeSchema,
});

const detailSchema = z.object({
  unusedPermissionDetails: unusedEntrySchema.optional(),
  unusedIamRoleDetails: z.object({ lastAccessed: timeSchema }).optional(),
  unusedIamUserAccessKeyDetails: z.object({ accessKeyId: z.string(), lastAccessed: timeSchema }).optional(),
  unusedIamUserPasswordDetails: z.object({ lastAccessed: timeSchema }).optional(),
});

/** What a finding and its summary in a list say alike. */
const summaryFields = {
  id: z.string(),
  resource: z.string().min(1, 'expected the ARN of a role or user, found an empty string'),
  resourceOwnerAccount: z.string().optional(),
  status: z.enum(['ACTIVE', 'ARCHIVED', 'RESOLVED']),
  findingType: z.string(),
  updatedAt: timeSchema,
  analyzedAt: timeSchema,
  error: z.string().optional(),
  analyzerArn: z.string().optional(),
};

/**
 * One page of what `aws accessanalyzer get-finding-v2` prints. Whether more is to come is read apart.
 * Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingV2.html
 */
export const findingPageSchema = z.object({ ...summaryFields, findingDetails: z.array(detailSchema) });

/** An element of what `aws accessanalyzer list-findings-v2` prints; also a finding that could not be analysed. */
export const findingSummarySchema = z.object({
  ...summaryFields,
  findingDetails: z.undefined().optional(),
});

export type FindingPage = z.infer<typeof findingPageSchema> | z.infer<typeof findingSummarySchema>;

/** One page of a finding as a file has it, and where: for messages. */
export interface PlacedPage {
  readonly page: FindingPage;
  /** Whether further pages follow. */
  readonly isLast: boolean;
  /** True where a list of findings names it; it says how the finding stands, and nothing of its details. */
  readonly isListed: boolean;
  readonly file: string;
  readonly root: string;
}

/** What files say of one finding. Plain data. */
export interface FindingRecord {
  readonly reference: FindingReference;
  readonly answer: FindingAnswer;
  /** Whether the last page is missing, so that what is reported is not all. */
  readonly isPartial: boolean;
}
