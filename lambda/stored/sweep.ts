import * as z from 'zod/mini';
import { ok, type Result } from '../core/pattern/result.ts';
import type { AccountPage, UnusedPart } from '../ports/account.ts';
import type { FindingReference } from '../ports/findings.ts';
import type { FoundInAccount, Listing } from '../ports/sweep.ts';
import { count, readRecord as readWritten } from './parts.ts';

/*
 * What a sweep stores until its accounts are handled. Findings are JSON Lines, and the last line says where the sweep
 * continues, or which proposals of the account are shown; everything else is JSON.
 */

const text = z.string();

const referenceSchema = z.object({
  analyzerArn: text,
  findingId: text,
  accountId: text,
  resource: text,
  shown: z.optional(z.array(text)),
});

const listedSchema = z.object({ from: count, to: count, isWhole: z.boolean() });

/** The last line of what a slice listed. */
const listingEndSchema = z.object({
  restarts: count,
  next: z.union([
    z.object({ phase: z.literal('list'), nextToken: text, listed: listedSchema }),
    z.object({ phase: z.literal('send'), offset: count, listed: listedSchema }),
  ]),
});

const holder = {
  inline: z.array(z.object({ name: text, document: text })),
  attached: z.array(z.object({ name: text, arn: text })),
};
const principal = {
  ...holder,
  arn: text,
  id: z.optional(text),
  tags: z.array(z.object({ key: text, value: text })),
  boundaryArn: z.nullable(text),
  assumedBy: z.optional(z.array(text)),
  createdAt: z.optional(text),
  lastUsedAt: z.optional(z.nullable(text)),
};

const pageSchema = z.object({
  roles: z.array(z.object(principal)),
  users: z.array(z.object({ ...principal, groups: z.array(text) })),
  groups: z.array(z.object({ ...holder, name: text, id: z.optional(text) })),
  policies: z.array(
    z.object({
      arn: text,
      id: z.optional(text),
      path: text,
      versionId: text,
      attachments: count,
      boundaryUses: count,
      updatedAt: z.optional(text),
      document: text,
    }),
  ),
  faults: z.optional(
    z.array(
      z.object({ type: z.enum(['role', 'user', 'group', 'policy']), arn: z.optional(text), problem: text }),
    ),
  ),
  nextMarker: z.nullable(text),
});

/** Compact: a service that is wholly unused has no actions. */
const unusedPartSchema = z.object({
  next: count,
  unread: z.array(text),
  findings: z.array(
    z.object({
      id: text,
      analyzerArn: z.nullable(text),
      source: z.optional(z.enum(['access-analyzer', 'last-accessed'])),
      resource: text,
      accountId: text,
      updatedAt: z.nullable(text),
      unused: z.nullable(z.array(z.tuple([text, z.array(text)]))),
    }),
  ),
});

function renderReferences(references: readonly FindingReference[]): string {
  return references
    .map(
      ({ analyzerArn, findingId, accountId, resource, shown }) =>
        `${JSON.stringify({ analyzerArn, findingId, accountId, resource, shown })}\n`,
    )
    .join('');
}

/** The last line of what a sweep found in an account. */
const accountEndSchema = z.object({
  since: count,
  shared: z.optional(z.array(text)),
  isPartial: z.optional(z.literal(true)),
});

export function renderFoundInAccount({ references, since, shared, isPartial }: FoundInAccount): string {
  return `${renderReferences(references)}${JSON.stringify({ since, shared, isPartial })}\n`;
}

export function readFoundInAccount(content: string): Result<FoundInAccount> {
  const lines = linesOf(content);
  const end = readRecord(lines.pop() ?? '', accountEndSchema);
  if (!end.ok) return end;
  const references = readLines(lines);
  return references.ok ? ok({ ...end.value, references: references.value }) : references;
}

export function renderListing({ references, restarts, next }: Listing): string {
  return `${renderReferences(references)}${JSON.stringify({ restarts, next })}\n`;
}

export function readListing(content: string): Result<Listing> {
  const lines = linesOf(content);
  const end = readRecord(lines.pop() ?? '', listingEndSchema);
  if (!end.ok) return end;
  const references = readLines(lines);
  return references.ok ? ok({ ...end.value, references: references.value }) : references;
}

export function readAccountPage(content: string): Result<AccountPage> {
  return readRecord(content, pageSchema);
}

export function readUnusedPart(content: string): Result<UnusedPart> {
  return readRecord(content, unusedPartSchema);
}

function readRecord<T>(content: string, schema: z.ZodMiniType<T>): Result<T> {
  return readWritten(content, schema, 'a sweep writes');
}

function linesOf(content: string): string[] {
  return content.split('\n').filter((line) => line !== '');
}

function readLines(lines: readonly string[]): Result<readonly FindingReference[]> {
  const references: FindingReference[] = [];
  for (const line of lines) {
    const reference = readRecord(line, referenceSchema);
    if (!reference.ok) return reference;
    references.push(reference.value);
  }
  return ok(references);
}
