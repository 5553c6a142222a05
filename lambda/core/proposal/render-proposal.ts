import type { Proposal } from './schema.ts';
import { renderData } from './to-json.ts';

/** Text of `proposal.json`: the same proposal, the same bytes. */
export function renderProposal(proposal: Proposal): string {
  return `${renderData(proposal)}\n`;
}
