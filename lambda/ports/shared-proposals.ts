import type { ProposalState } from '../core/drift/proposal-state.ts';
import type { JointProposal, JointSubject } from '../core/joint/schema.ts';
import type { Universe } from '../core/catalogue/universe.ts';
import type { MakeFiles, ProposalFile, Provenance, StoredProposal } from './proposal-store.ts';

/**
 * Keeps proposals about shared policies and groups, under `shared/`. As with the others the files are written first and
 * `proposal.json` last, and the same proposal twice is `exists`.
 */
export interface SharedProposalStore {
  /** @throws AdapterError when it cannot be stored */
  putShared(proposal: JointProposal, makeFiles: MakeFiles, provenance: Provenance): Promise<StoredProposal>;
}

/** Makes the files for people that go beside it. Pure and deterministic. */
export interface SharedReportWriter {
  writeShared(proposal: JointProposal, universe: Universe): readonly ProposalFile[];
}

/** One complete proposal about something shared. */
export interface ShelvedShared {
  /** `shared/<accountId>/<policy|group>/<name>/<proposalId>/` */
  readonly prefix: string;
  readonly type: JointSubject['type'];
  readonly name: string;
  readonly proposalId: string;
  /** Whether anything was ever said about it: it may be that it is current again. */
  readonly hasState: boolean;
}

/** The stored proposals about what an account shares, and what is said of each beside it. All throw `AdapterError`. */
export interface SharedShelf {
  /** Those of one account, by the order of their keys: one call for some hundred of them. */
  listShared(accountId: string): Promise<readonly ShelvedShared[]>;
  /** As far as it is compared with what is so now; undefined when it was deleted meanwhile. */
  readShared(prefix: string): Promise<Pick<JointProposal, 'policies'> | undefined>;
  readState(prefix: string): Promise<ProposalState | undefined>;
  mark(prefix: string, state: ProposalState): Promise<void>;
}
