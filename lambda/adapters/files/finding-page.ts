import * as z from 'zod';
import type { FindingAnswer, FindingReference } from '../../ports/findings.ts';

/** The last second of the year 9999, since 1970: ISO 8601 writes later years with more than four digits. */
const LAST_SECOND = 253_402_300_799;

/** The AWS CLI prints times as ISO 8601 or, if configured, as seconds since 1970. */
const timeSchema = z
  .union(
    [z.string(), z.number().min(0).max(LAST_SECOND)],
    'expected a time in ISO 8601 or in seconds since 1970',
  )
  .transform((time) => (typeof time === 'number' ? new Date(time * 1000).toISOString() : time))
  .optional();

const datedActionSchema = z.object({ action: z.string(), lastAccessed: timeSchema });

/** Actions may be plain strings, as in AWS's blog article, or objects, as in the API. */
const actionSchema = z.preprocess(
  (value) => (typeof value === 'string' ? { action: value } : value),
  datedActionSchema,
);

/** One entry of unused access. Without actions, the whole service is unused. */
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

/** The members that a finding and its summary in a list have in common. */
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
 * One page of what `aws accessanalyzer get-finding-v2` prints. Whether more follows is read separately.
 * Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingV2.html
 */
export const findingPageSchema = z.object({ ...summaryFields, findingDetails: z.array(detailSchema) });

/** An element of what `aws accessanalyzer list-findings-v2` prints; or a finding that could not be analysed. */
export const findingSummarySchema = z.object({
  ...summaryFields,
  findingDetails: z.undefined().optional(),
});

export type FindingPage = z.infer<typeof findingPageSchema> | z.infer<typeof findingSummarySchema>;

/** One page of a finding, and its file and position for messages. */
export interface PlacedPage {
  readonly page: FindingPage;
  /** Whether further pages follow. */
  readonly isLast: boolean;
  /** True for an entry of a list of findings, which has the status of the finding but not its details. */
  readonly isListed: boolean;
  readonly file: string;
  readonly root: string;
}

/** One finding, as read from files. Plain data. */
export interface FindingRecord {
  readonly reference: FindingReference;
  readonly answer: FindingAnswer;
  /** Whether the last page is missing, so that the finding may report more. */
  readonly isPartial: boolean;
}
