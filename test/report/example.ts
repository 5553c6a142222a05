import { composeChatNotice } from '../../lambda/report/notice/chat-notice.ts';
import { riskFacts } from '../../lambda/core/risk/risk.ts';
import type { ProposalFacts } from '../../lambda/ports/proposals.ts';
import { renderMarkdown } from '../../lambda/report/proposal/markdown.ts';
import { composeNotice } from '../../lambda/report/notice/notice.ts';
import { renderReport } from '../../lambda/report/proposal/report-html.ts';
import { articleProposal } from './proposals.ts';

/** The files of `examples/report`, by name. */
export function exampleFiles(): readonly (readonly [string, string])[] {
  const { proposal, universe } = articleProposal();
  const { principal, proposalId, finding } = proposal;
  const item: ProposalFacts = {
    prefix: `proposals/${principal.accountId}/${principal.type}/${principal.name}/${proposalId}/`,
    proposalId,
    kind: proposal.kind,
    principal,
    findingId: finding.id,
    findingType: finding.findingType,
    reportedAt: finding.updatedAt ?? undefined,
    ...riskFacts(proposal),
    signature: '',
    summary: proposal.summary,
    catalogue: proposal.catalogue,
    generalize: proposal.generalize,
    policies: [],
    retained: proposal.retained.length,
    residue: proposal.residue.length,
    accessKeyId: undefined,
  };
  const context = {
    partition: 'aws',
    region: 'eu-central-1',
    bucket: 'access-proposals',
    homeAccountId: '999900001111',
    indexKey: 'index.html',
  };
  const { subject, text, json } = composeNotice([item], context);
  const pretty = (compact: string): string => `${JSON.stringify(JSON.parse(compact), null, 2)}\n`;
  return [
    ['report.html', renderReport(proposal, universe, { engineVersion: '0.1.0' })],
    ['report.md', renderMarkdown(proposal)],
    ['message.txt', `Subject: ${subject}\n\n${text}`],
    ['message.json', pretty(json)],
    ['chat.json', pretty(composeChatNotice([item], context))],
  ];
}
