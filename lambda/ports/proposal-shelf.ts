import type { ProposalState } from '../core/drift/proposal-state.ts';
import type { PrincipalRef } from '../core/model/principal.ts';
import type { Proposal } from '../core/proposal/schema.ts';

/** One complete proposal on the shelf. */
export interface ShelvedProposal {
  /** `proposals/<accountId>/<role|user>/<name>/<proposalId>/` */
  readonly prefix: string;
  readonly proposalId: string;
  /** Whether anything was ever said about it: it may be that it is current again. */
  readonly hasState: boolean;
  /** When it was stored, and when that was said; milliseconds since 1970. Absent where the store does not tell. */
  readonly storedAt?: number | undefined;
  readonly stateAt?: number | undefined;
}

/** The stored proposals about one principal, and what is said of each beside it. All throw `AdapterError`. */
export interface ProposalShelf {
  /** One call however many there are, up to some hundred. */
  list(principal: PrincipalRef): Promise<readonly ShelvedProposal[]>;
  /** Undefined when it was deleted meanwhile. */
  read(prefix: string): Promise<Proposal | undefined>;
  readState(prefix: string): Promise<ProposalState | undefined>;
  mark(prefix: string, state: ProposalState): Promise<void>;
}
