import type { Proposal } from '../../core/proposal/schema.ts';
import { shellQuote } from './shell-quote.ts';

/**
 * The command that archives the finding of a proposal, to be run by a person; none where no analyzer made it, or where
 * the findings are about others.
 * Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UpdateFindings.html
 */
export function archiveCommand(proposal: Proposal): readonly string[] {
  if ('subject' in proposal || proposal.finding.analyzerArn === null) return [];
  const { analyzerArn, id } = proposal.finding;
  const region = analyzerArn.split(':')[3] ?? '';
  return [
    `aws accessanalyzer update-findings --region ${shellQuote(region)} --analyzer-arn ${shellQuote(analyzerArn)} --ids ${shellQuote(id)} --status ARCHIVED`,
  ];
}
