import { renderJson } from '../model/json.ts';
import type { Proposal } from './schema.ts';
import { toJson } from './to-json.ts';

/** Text of `proposal.json`: the same proposal, the same bytes. */
export function renderProposal(proposal: Proposal): string {
  return `${renderJson(toJson(proposal))}\n`;
}
