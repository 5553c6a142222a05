import * as z from 'zod';

/**
 * `proposal.json`, schema version 1, as people script against it. Written from the documented contract, and not from
 * the code's own types: members may be added, none of these may change.
 */
const json: z.ZodType = z.union([z.string(), z.record(z.string(), z.unknown())]);
const sortedUnique = (names: readonly string[]): boolean =>
  names.every((name, place) => place === 0 || (names[place - 1] ?? '') < name);
const qualified = z.string().regex(/^[\w.-]+:[\w.-]+$/);

const policy = z.object({
  source: z.enum([
    'role-inline',
    'user-inline',
    'customer-managed',
    'aws-managed',
    'group-inline',
    'group-customer-managed',
    'group-aws-managed',
  ]),
  name: z.string().min(1),
  arn: z.string().optional(),
  versionId: z.string().min(1).optional(),
  group: z.string().optional(),
  disposition: z.enum(['unchanged', 'update', 'new-version', 'replace', 'remove', 'inherited', 'refused']),
  reason: z.string().min(1),
  before: json,
  after: z.array(z.object({ name: z.string().min(1), document: json })),
  removed: z.array(qualified).refine(sortedUnique),
  changes: z.array(
    z.object({
      statement: z.number().int().min(0),
      sid: z.string().optional(),
      element: z.enum(['Action', 'NotAction']),
      pattern: z.string(),
      outcome: z.enum(['kept', 'narrowed', 'removed', 'added']),
      to: z.array(z.string()),
      reason: z.string().min(1),
    }),
  ),
});

const principal = z.object({
  arn: z.string().startsWith('arn:'),
  type: z.enum(['role', 'user']),
  name: z.string().min(1),
  path: z.string().startsWith('/').endsWith('/'),
  accountId: z.string().regex(/^\d{12}$/),
});

const finding = z.object({
  id: z.string().min(1),
  analyzerArn: z.string().nullable(),
  findingType: z.enum([
    'UnusedPermission',
    'UnusedIAMRole',
    'UnusedIAMUserAccessKey',
    'UnusedIAMUserPassword',
  ]),
  updatedAt: z.string().nullable(),
  unusedServices: z.array(z.string()).refine(sortedUnique),
  unusedActions: z.array(qualified).refine(sortedUnique),
});

const common = {
  schemaVersion: z.literal(1),
  proposalId: z.string().regex(/^[0-9a-f]{32}$/),
  principal,
  owner: z.string().optional(),
  finding,
};

/** Of proposals that refine no policy. */
const none = z.array(z.never()).length(0);
const nothing = { policies: none, retained: none, residue: none };

const count = z.number().int().min(0);

export const proposalShape = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('refine-permissions'),
    catalogue: z.object({
      source: z.string().min(1),
      version: z.string().min(1),
      services: count,
      actions: count,
    }),
    generalize: z.enum(['shortest', 'least', 'enumerate']),
    policies: z.array(policy).min(1),
    retained: z.array(z.object({ action: qualified, reason: z.string().min(1) })),
    residue: z.array(z.object({ action: qualified, through: z.string().min(1), reason: z.string().min(1) })),
    verification: z.object({ verdict: z.literal('exact'), statementsChecked: count, actionsChecked: count }),
    summary: z.object({
      actionsGrantedBefore: count,
      actionsGrantedAfter: count,
      servicesGrantedBefore: count,
      servicesGrantedAfter: count,
      charactersBefore: count,
      charactersAfter: count,
    }),
  }),
  z.object({ ...common, ...nothing, kind: z.literal('remove-role') }),
  z.object({ ...common, ...nothing, kind: z.literal('remove-access-key') }),
  z.object({ ...common, ...nothing, kind: z.literal('remove-password') }),
]);

export type RefineProposal = Extract<z.infer<typeof proposalShape>, { kind: 'refine-permissions' }>;
