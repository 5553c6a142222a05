import type { Proposal } from '../core/proposal/schema.ts';
import type { Universe } from '../core/catalogue/universe.ts';
import type { OpinionResult } from './opinions.ts';
import type { ProposalFile } from './proposal-store.ts';

/** Makes the files for people that go beside `proposal.json` (`report.html` and the like). Pure and deterministic. */
export interface ReportWriter {
  /** @param opinions second opinions that were asked for, in their order */
  write(proposal: Proposal, universe: Universe, opinions?: readonly OpinionResult[]): readonly ProposalFile[];
}
