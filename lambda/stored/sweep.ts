import * as z from 'zod/mini';

const text = z.string();
const count = z.number().check(z.int(), z.nonnegative());

export const referenceSchema = z.object({
  analyzerArn: text,
  findingId: text,
  accountId: text,
  resource: text,
});

const listedSchema = z.object({ from: count, to: count, isWhole: z.boolean() });

/** The last line of what a slice listed. */
export const listingEndSchema = z.object({
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
  tags: z.array(z.object({ key: text, value: text })),
  boundaryArn: z.nullable(text),
};

export const pageSchema = z.object({
  roles: z.array(z.object(principal)),
  users: z.array(z.object({ ...principal, groups: z.array(text) })),
  groups: z.array(z.object({ ...holder, name: text })),
  policies: z.array(
    z.object({
      arn: text,
      path: text,
      versionId: text,
      attachments: count,
      boundaryUses: count,
      document: text,
    }),
  ),
  nextMarker: z.nullable(text),
});

/** Compact: of a service that is unused as a whole there are no actions. */
export const unusedPartSchema = z.object({
  next: count,
  findings: z.array(
    z.object({
      id: text,
      analyzerArn: z.nullable(text),
      resource: text,
      accountId: text,
      updatedAt: z.nullable(text),
      unused: z.nullable(z.array(z.tuple([text, z.array(text)]))),
    }),
  ),
});
