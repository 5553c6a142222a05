import type { Proposal } from '../core/proposal/schema.ts';

/** One file of a proposal. `name` is relative to the proposal's folder, for example `policies/0-Orders.before.json`. */
export interface ProposalFile {
  readonly name: string;
  readonly contentType:
    'application/json' | 'text/html' | 'text/markdown' | 'text/plain' | 'text/x-shellscript';
  readonly body: string;
}

/** Facts about the run that stored a proposal: object metadata, never content. */
export interface Provenance {
  readonly findingId: string;
  readonly runId: string;
  readonly storedAt: string;
  readonly engineVersion: string;
}

export interface StoredProposal {
  /** `proposals/<accountId>/<role|user>/<name>/<proposalId>/` */
  readonly prefix: string;
  readonly outcome: 'stored' | 'exists';
}

/** Makes what goes beside `proposal.json`. It may take a while and cost something, so nobody calls it in vain. */
export type MakeFiles = () => Promise<readonly ProposalFile[]>;

/** A proposal with what was learnt about it while its files were made; its id is the same. */
export interface FinishedProposal {
  readonly proposal: Proposal;
  readonly files: readonly ProposalFile[];
}

/** Finishes a proposal that is not stored yet: AWS may be asked, so nobody calls it in vain. */
export type FinishProposal = () => Promise<FinishedProposal>;

/** A check of AWS spoke against this proposal before, and that is final. */
export interface KeptBack {
  readonly outcome: 'kept-back';
  /** What AWS said, without a full stop. */
  readonly reason: string;
}

/**
 * Keeps proposals. The files are written first and `proposal.json` last, under a condition that it is not there yet: a
 * proposal without its other files never exists. The same proposal twice is `exists`, not an error. What `finish` throws
 * is thrown on, and nothing is stored then.
 */
export interface ProposalStore {
  put(proposal: Proposal, finish: FinishProposal, provenance: Provenance): Promise<StoredProposal | KeptBack>;
}
