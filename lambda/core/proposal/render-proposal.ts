import type { SharedProposal } from '../shared/schema.ts';
import type { Proposal } from './schema.ts';
import { renderData } from './to-json.ts';

/** Text of `proposal.json`: the same proposal, the same bytes. */
export function renderProposal(proposal: Proposal): string {
  return `${renderData(proposal)}\n`;
}

/** The same of a proposal about a shared policy or a group. */
export function renderShared(proposal: SharedProposal): string {
  return `${renderData(proposal)}\n`;
}
