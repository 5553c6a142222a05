import type { Proposal } from '../core/proposal/schema.ts';
import type { Universe } from '../core/catalogue/universe.ts';
import type { ProposalFile } from './proposal-store.ts';

/** Makes the files for people that go beside `proposal.json` (`report.html` and the like). Pure and deterministic. */
export interface ReportWriter {
  write(proposal: Proposal, universe: Universe): readonly ProposalFile[];
}
