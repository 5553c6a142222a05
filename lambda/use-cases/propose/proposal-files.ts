import type { Universe } from '../../core/catalogue/universe.ts';
import { renderJson } from '../../core/model/json.ts';
import { documentsByFile } from '../../core/plan/documents.ts';
import type { PlanDocument } from '../../core/plan/schema.ts';
import { renderData } from '../../core/proposal/to-json.ts';
import type { ProposedPolicy } from '../../core/model/proposed-policy.ts';
import type { Proposal, SharedProposal } from '../../core/proposal/schema.ts';
import { OPINIONS_OBJECT } from '../../contract/object-keys.ts';
import type { OpinionResult } from '../../ports/opinions.ts';
import type { ProposalFile, ReportWriter, SharedReportWriter } from '../../ports/proposals.ts';

/** Everything that is stored beside `proposal.json`: documents, and what people read. */
export function proposalFiles(
  proposal: Proposal,
  universe: Universe,
  reports: ReportWriter,
  opinions: readonly OpinionResult[] = [],
): readonly ProposalFile[] {
  return [
    ...documentFiles(proposal.policies, proposal.plan.documents),
    ...opinionFiles(proposal, opinions),
    ...reports.write(proposal, universe, opinions),
  ];
}

/** The same for a proposal about a shared policy or a group. */
export function sharedFiles(
  proposal: SharedProposal,
  universe: Universe,
  reports: SharedReportWriter,
): readonly ProposalFile[] {
  return [...documentFiles(proposal.policies), ...reports.writeShared(proposal, universe)];
}

/** The calls of a plan name these files. */
function documentFiles(
  policies: readonly ProposedPolicy[],
  own: readonly PlanDocument[] = [],
): readonly ProposalFile[] {
  return [...documentsByFile(policies, own)].map(([name, document]) => ({
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
