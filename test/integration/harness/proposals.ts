import * as z from 'zod';

const DOCUMENT = z.looseObject({ Statement: z.unknown() });

/**
 * What the tests look at in a `proposal.json`: written from the documented contract, not from the code's own types, so that
 * a slip in those shows.
 */
const PROPOSAL = z.looseObject({
  schemaVersion: z.literal(1),
  kind: z.enum(['refine-permissions', 'remove-role', 'remove-access-key', 'remove-password']),
  proposalId: z.string().regex(/^[0-9a-f]{32}$/),
  principal: z.object({
    arn: z.string(),
    type: z.enum(['role', 'user']),
    name: z.string(),
    path: z.string(),
    accountId: z.string(),
  }),
  finding: z.looseObject({ id: z.string(), analyzerArn: z.nullable(z.string()), findingType: z.string() }),
  policies: z
    .array(
      z.looseObject({
        source: z.string(),
        name: z.string(),
        disposition: z.string(),
        before: DOCUMENT,
        after: z.array(z.object({ name: z.string(), document: DOCUMENT })),
        removed: z.array(z.string()),
      }),
    )
    .default([]),
  residue: z.array(z.looseObject({ action: z.string(), through: z.string() })).default([]),
  verification: z.looseObject({ verdict: z.string() }).optional(),
  summary: z.looseObject({ actionsGrantedBefore: z.number(), actionsGrantedAfter: z.number() }).optional(),
});

export type ReadProposal = z.output<typeof PROPOSAL>;

/** @throws ZodError when the text is not a proposal of schema version 1 */
export function readProposal(text: string): ReadProposal {
  return PROPOSAL.parse(JSON.parse(text));
}
