import * as z from 'zod/mini';
import { PROPOSAL_OBJECT, sharedPrefix } from '../contract/object-keys.ts';
import type { SharedFacts } from '../ports/proposals.ts';
import {
  adviceSchema,
  catalogueSchema,
  dispositionSchema,
  generalizeSchema,
  grantSourceSchema,
  stateSchema,
  subjectSchema,
  summarySchema,
} from './proposal-facts.ts';

const count = z.number().check(z.int(), z.nonnegative());

const kindSchema = z.enum(['refine-shared-policy', 'refine-group']);

/** `proposal.json` about something shared, schema version 1, as far as notices tell about it. Later versions may add members. */
export const StoredShared = z.object({
  schemaVersion: z.literal(1),
  proposalId: z.string(),
  kind: kindSchema,
  subject: subjectSchema,
  holders: z.object({ principals: count }),
  policies: z.array(
    z.object({
      source: grantSourceSchema,
      name: z.string(),
      disposition: dispositionSchema,
      reason: z.string(),
      removed: z.array(z.unknown()),
    }),
  ),
  retained: z.array(z.unknown()),
  summary: summarySchema,
  catalogue: catalogueSchema,
  generalize: generalizeSchema,
  advice: adviceSchema,
});

/** A row of `index.json`: the facts themselves; there are few of them. */
export const sharedRowSchema = z.object({
  prefix: z.string(),
  proposalId: z.string(),
  kind: kindSchema,
  subject: subjectSchema,
  owner: z.optional(z.string()),
  principals: count,
  summary: summarySchema,
  catalogue: catalogueSchema,
  generalize: generalizeSchema,
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
  advice: adviceSchema,
  state: z.optional(stateSchema),
});

/** Undefined where its subject and id do not belong to its key. */
export function sharedFactsOf(key: string, stored: z.infer<typeof StoredShared>): SharedFacts | undefined {
  const { proposalId, kind, subject, summary, catalogue, generalize, advice } = stored;
  const prefix = sharedPrefix(subject, proposalId);
  if (key !== prefix + PROPOSAL_OBJECT) return undefined;
  return {
    prefix,
    proposalId,
    kind,
    subject,
    principals: stored.holders.principals,
    summary,
    catalogue,
    generalize,
    policies: stored.policies.map((policy) => ({ ...policy, removed: policy.removed.length })),
    retained: stored.retained.length,
    advice,
  };
}
