import type { OpinionName } from '../contract/opinions.ts';
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

/**
 * A check of AWS spoke against a proposal: `kept-back.json`, where the proposal would lie, schema version 1. It holds no
 * policy document, and no time: the same disagreement gives the same bytes.
 */
export interface KeptBackRecord {
  readonly schemaVersion: 1;
  readonly proposalId: string;
  readonly opinion: OpinionName;
  /** What AWS said, without a full stop. */
  readonly reason: string;
}

/** What lies about one principal. */
export interface ShelfListing {
  readonly proposals: readonly ShelvedProposal[];
  /** Prefixes of proposals that AWS spoke against. */
  readonly keptBack: readonly string[];
}

/** The stored proposals about one principal, and what is said of each beside it. All throw `AdapterError`. */
export interface ProposalShelf {
  /** One call however many there are, up to some hundred. */
  list(principal: PrincipalRef): Promise<ShelfListing>;
  /** Undefined when it was deleted meanwhile. */
  read(prefix: string): Promise<Proposal | undefined>;
  readState(prefix: string): Promise<ProposalState | undefined>;
  mark(prefix: string, state: ProposalState): Promise<void>;
  /** Undefined when it was deleted meanwhile, which is how somebody has AWS asked again. */
  readKeptBack(prefix: string): Promise<KeptBackRecord | undefined>;
  keepBack(prefix: string, record: KeptBackRecord): Promise<void>;
}
