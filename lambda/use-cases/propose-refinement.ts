import type { Catalogue } from '../core/catalogue/catalogue.ts';
import type { Clock } from '../ports/clock.ts';
import type { Digest } from '../ports/digest.ts';
import type { FindingReference, FindingSource } from '../ports/finding-source.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import type { ProposalStore } from '../ports/proposal-store.ts';
import type { ReportWriter } from '../ports/report-writer.ts';
import type { ProposeOutcome, RefinementSettings } from './outcome.ts';

export interface ProposeDependencies {
  readonly findings: FindingSource;
  readonly policies: PolicySource;
  readonly store: ProposalStore;
  readonly reports: ReportWriter;
  readonly catalogue: Catalogue;
  readonly settings: RefinementSettings;
  readonly digest: Digest;
  readonly clock: Clock;
  /** Identifies the run in object metadata. */
  readonly runId: string;
  readonly engineVersion: string;
}

/**
 * The whole way of one finding: read it, read what the principal is granted, refine, verify, store.
 * @throws AdapterError when a source or the store fails, with the decision to retry or not
 * @throws VerificationError when the verifier rejects the refiner's result: a bug of ours, nothing is stored
 */
export async function proposeRefinement(
  reference: FindingReference,
  dependencies: ProposeDependencies,
): Promise<ProposeOutcome> {
  throw new Error(`not yet: ${reference.findingId} ${dependencies.runId}`);
}
