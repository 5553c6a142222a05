import type { JointProposal } from '../core/joint/schema.ts';
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
