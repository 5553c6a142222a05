import { renderData } from './to-json.ts';

/** Text of `proposal.json`: the same proposal, the same bytes. */
export function renderProposal(proposal: {
  readonly schemaVersion: 1;
  readonly kind: string;
  readonly proposalId: string;
  readonly owner?: string;
}): string {
  return `${renderData(proposal)}\n`;
}
