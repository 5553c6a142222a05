import type { Proposal, SharedProposal } from './schema.ts';
import { renderData } from './to-json.ts';

/** Text of `proposal.json`: the same proposal, the same bytes. */
export function renderProposal(proposal: Proposal | SharedProposal): string {
  return `${renderData(proposal)}\n`;
}
