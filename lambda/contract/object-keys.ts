/** Key of a proposal's folder, in the bucket and under `--out`. IAM names hold no slash, so the parts cannot run together. */
export function proposalPrefix(
  principal: { readonly accountId: string; readonly type: 'role' | 'user'; readonly name: string },
  proposalId: string,
): string {
  return `proposals/${principal.accountId}/${principal.type}/${principal.name}/${proposalId}/`;
}

/** The commit point: written last, under a condition. */
export const PROPOSAL_OBJECT = 'proposal.json';
export const REPORT_OBJECT = 'report.html';
