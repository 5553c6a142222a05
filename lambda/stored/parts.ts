import * as z from 'zod/mini';
import { GRANT_SOURCES } from '../core/model/principal.ts';
import { ok, refuse, type Result } from '../core/pattern/result.ts';

/* Schemas that several stored documents share. */

export const count = z.number().check(z.int(), z.nonnegative());

export const principalSchema = z.object({
  arn: z.string(),
  type: z.enum(['role', 'user']),
  name: z.string(),
  path: z.string(),
  accountId: z.string(),
});

/** A shared policy or a group. */
export const subjectSchema = z.object({
  type: z.enum(['policy', 'group']),
  arn: z.string(),
  name: z.string(),
  path: z.string(),
  accountId: z.string(),
});

const findingTypeSchema = z.enum([
  'UnusedPermission',
  'UnusedIAMRole',
  'UnusedIAMUserAccessKey',
  'UnusedIAMUserPassword',
]);

export const grantSourceSchema = z.enum(GRANT_SOURCES);

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

/** How many actions there are of each access level. */
export const levelCountsSchema = z.object({
  list: count,
  read: count,
  tagging: count,
  write: count,
  permissions: count,
  unknown: count,
});

export const generalizeSchema = z.enum(['shortest', 'least', 'enumerate']);

export const catalogueSchema = z.object({
  source: z.string(),
  version: z.string(),
  date: z.optional(z.string()),
  services: count,
  actions: count,
});

/** The finding that a proposal was made from, or one of them. */
export const findingSchema = z.object({
  id: z.string(),
  analyzerArn: z.nullable(z.string()),
  source: z.optional(z.enum(['access-analyzer', 'last-accessed'])),
  findingType: findingTypeSchema,
  updatedAt: z.nullable(z.string()),
});

/** The reading of last use that warnings and remarks are based on. */
export const lastUseSchema = z.object({
  asOf: z.nullable(z.string()),
  isPartial: z.optional(z.literal(true)),
  remarks: z.array(z.string()),
});

export const sharedKindSchema = z.enum(['refine-shared-policy', 'refine-group']);

/** Whether to refine the shared subject or a copy for each holder. */
export const adviceSchema = z.object({
  better: z.enum(['shared', 'shared-first', 'separate']),
  reason: z.string(),
});

/**
 * Parses JSON text as plain data. The engine's error message is dropped, because it would quote the text, which may be
 * anything.
 */
export function parseJson(text: string): Result<unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return ok(value);
  } catch {
    return refuse('not JSON');
  }
}

/** The path of the first value that does not match a schema, with dots; empty if the whole value does not match. */
export function placeIn({ issues }: z.core.$ZodError): string {
  return issues[0]?.path.map(String).join('.') ?? '';
}

/**
 * Parses JSON text with a schema. A problem never quotes the text.
 * @param what who writes such documents, for the message: `a sweep writes`
 */
export function readRecord<T>(content: string, schema: z.ZodMiniType<T>, what: string): Result<T> {
  const json = parseJson(content);
  const record = schema.safeParse(json.ok ? json.value : undefined);
  if (record.success) return ok(record.data);
  const place = placeIn(record.error);
  return refuse(`it is not what ${what}${place === '' ? '' : ` at ${place}`}`);
}
