import type { Universe } from '../../core/catalogue/universe.ts';
import { renderJson } from '../../core/model/json.ts';
import { documentsByFile } from '../../core/plan/names.ts';
import { renderData } from '../../core/proposal/to-json.ts';
import type { Proposal } from '../../core/proposal/schema.ts';
import { OPINIONS_OBJECT } from '../../contract/object-keys.ts';
import type { OpinionResult } from '../../ports/opinions.ts';
import type { ProposalFile, ReportWriter } from '../../ports/proposals.ts';

/** Everything that is stored beside `proposal.json`: documents, and what people read. */
export function proposalFiles(
  proposal: Proposal,
  universe: Universe,
  reports: ReportWriter,
  opinions: readonly OpinionResult[] = [],
): readonly ProposalFile[] {
  return [
    ...documentFiles(proposal),
    ...opinionFiles(proposal, opinions),
    ...reports.write(proposal, universe, opinions),
  ];
}

/** The calls of a plan name these files. */
function documentFiles({ policies, plan }: Proposal): readonly ProposalFile[] {
  return [...documentsByFile(policies, plan.documents)].map(([name, document]) => ({
    name,
    contentType: 'application/json',
    body: `${renderJson(document)}\n`,
  }));
}

/** Only if opinions were requested. */
function opinionFiles({ proposalId }: Proposal, opinions: readonly OpinionResult[]): readonly ProposalFile[] {
  if (opinions.length === 0) return [];
  const body = `${renderData({ schemaVersion: 1, proposalId, opinions })}\n`;
  return [{ name: OPINIONS_OBJECT, contentType: 'application/json', body }];
}
