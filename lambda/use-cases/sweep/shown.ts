import { aboutPrincipals, isShared, type ProposalFacts } from '../../ports/proposals.ts';
import type { FindingReference } from '../../ports/findings.ts';

/** What the overview shows as current. */
export interface Shown {
  /** By finding: whom it is about, and the prefixes of the proposals that are shown as resting on it. */
  readonly byFinding: ReadonlyMap<
    string,
    Pick<FindingReference, 'accountId' | 'resource'> & { readonly shown: readonly string[] }
  >;
  /** Accounts of which something is shown about what several share. */
  readonly sharedAccounts: ReadonlySet<string>;
}

export function shownIn(rows: readonly ProposalFacts[]): Shown {
  const current = rows.filter(({ state }) => state === undefined);
  const byFinding = new Map<string, { accountId: string; resource: string; shown: string[] }>();
  for (const { findingId, prefix, principal } of aboutPrincipals(current)) {
    const known = byFinding.get(findingId);
    if (known) known.shown.push(prefix);
    else {
      byFinding.set(findingId, { accountId: principal.accountId, resource: principal.arn, shown: [prefix] });
    }
  }
  const sharedAccounts = new Set(current.filter(isShared).map(({ subject }) => subject.accountId));
  return { byFinding, sharedAccounts };
}
