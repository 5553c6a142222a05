import type { Universe } from '../core/catalogue/universe.ts';
import { renderJson } from '../core/model/json.ts';
import { afterFile, beforeFile } from '../core/plan/file-names.ts';
import type { Proposal } from '../core/proposal/schema.ts';
import { toJson } from '../core/proposal/to-json.ts';
import type { ProposalFile } from '../ports/proposal-store.ts';
import type { ReportWriter } from '../ports/report-writer.ts';

/** Text of `proposal.json`: the same proposal, the same bytes. */
export function renderProposal(proposal: Proposal): string {
  return `${renderJson(toJson(proposal))}\n`;
}

/** Everything that goes beside `proposal.json`: documents, and what people read. */
export function proposalFiles(
  proposal: Proposal,
  universe: Universe,
  reports: ReportWriter,
): readonly ProposalFile[] {
  return [...documentFiles(proposal), ...reports.write(proposal, universe)];
}

function documentFiles(proposal: Proposal): readonly ProposalFile[] {
  const files: ProposalFile[] = [];
  const add = (name: string, document: unknown): void => {
    files.push({ name, contentType: 'application/json', body: `${renderJson(toJson(document))}\n` });
  };
  if (proposal.kind === 'refine-permissions') {
    for (const [index, policy] of proposal.policies.entries()) {
      add(beforeFile(index, policy.name), policy.before);
      for (const [part, { document }] of policy.after.entries()) {
        add(afterFile(index, policy.name, part, policy.after.length), document);
      }
    }
  }
  for (const { file, document } of proposal.plan?.documents ?? []) add(file, document);
  return files;
}
