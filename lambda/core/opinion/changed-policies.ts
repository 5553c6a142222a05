import type { NamedDocument, ProposedPolicy } from '../model/proposed-policy.ts';
import type { DraftProposal } from '../proposal/schema.ts';

/** One new document and the policy whose place it takes. */
export interface ChangedDocument {
  readonly policy: ProposedPolicy;
  readonly proposed: NamedDocument;
}

const CHANGING: ReadonlySet<ProposedPolicy['disposition']> = new Set(['update', 'new-version', 'replace']);

/** The policies in whose place new documents would stand. One that goes without a successor is none of them. */
export function changedPolicies(proposal: DraftProposal): readonly ProposedPolicy[] {
  return proposal.policies.filter(({ disposition, after }) => CHANGING.has(disposition) && after.length > 0);
}

/** Every new document beside the policy it comes from, in the order of the proposal. */
export function changedDocuments(proposal: DraftProposal): readonly ChangedDocument[] {
  return changedPolicies(proposal).flatMap((policy) =>
    policy.after.map((proposed) => ({ policy, proposed })),
  );
}
