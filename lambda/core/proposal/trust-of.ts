import type { RefineProposal } from './schema.ts';

/** What a reviewer wants to know of a role besides its permissions. */
export function trustOf({
  assumedBy,
  lastUsedAt,
}: {
  readonly assumedBy?: readonly string[] | undefined;
  readonly lastUsedAt?: string | null | undefined;
}): Pick<RefineProposal, 'assumedBy' | 'lastUsedAt'> {
  return {
    ...(assumedBy === undefined ? {} : { assumedBy }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
  };
}
