import type { Universe } from '../../core/catalogue/universe.ts';
import { type JsonValue, renderJson } from '../../core/model/json.ts';
import { iacFiles } from '../../report/iac/iac-files.ts';
import { afterFile, beforeFile } from '../../core/plan/file-names.ts';
import { planFiles } from '../../core/plan/render-scripts.ts';
import { renderData } from '../../core/proposal/to-json.ts';
import type { Proposal } from '../../core/proposal/schema.ts';
import { OPINIONS_OBJECT } from '../../contract/object-keys.ts';
import type { OpinionResult } from '../../ports/opinions.ts';
import type { ProposalFile } from '../../ports/proposals.ts';
import type { ReportWriter } from '../../ports/proposals.ts';

/** Everything that goes beside `proposal.json`: documents, and what people read. */
export function proposalFiles(
  proposal: Proposal,
  universe: Universe,
  reports: ReportWriter,
  opinions: readonly OpinionResult[] = [],
): readonly ProposalFile[] {
  return [
    ...documentFiles(proposal),
    ...planAndFragments(proposal),
    ...opinionFiles(proposal, opinions),
    ...reports.write(proposal, universe, opinions),
  ];
}

/** Only where opinions were asked for. */
function opinionFiles({ proposalId }: Proposal, opinions: readonly OpinionResult[]): readonly ProposalFile[] {
  if (opinions.length === 0) return [];
  const body = `${renderData({ schemaVersion: 1, proposalId, opinions })}\n`;
  return [{ name: OPINIONS_OBJECT, contentType: 'application/json', body }];
}

function documentFiles(proposal: Proposal): readonly ProposalFile[] {
  const files: ProposalFile[] = [];
  const add = (name: string, document: JsonValue): void => {
    files.push({ name, contentType: 'application/json', body: `${renderJson(document)}\n` });
  };
  if (proposal.kind === 'refine-permissions') {
    for (const [index, policy] of proposal.policies.entries()) {
      add(beforeFile(index, policy.name), policy.before);
      for (const [part, { document }] of policy.after.entries()) {
        add(afterFile(index, policy.name, part, policy.after.length), document);
      }
    }
  }
  return files;
}

/** How to put it in place by hand or in code. */
function planAndFragments(proposal: Proposal): readonly ProposalFile[] {
  const { plan, principal, proposalId } = proposal;
  if (!plan) return [];
  const scripts = planFiles({ proposalId, principal, plan });
  return proposal.kind === 'refine-permissions'
    ? [...scripts, ...iacFiles({ proposalId, principal, policies: proposal.policies, plan })]
    : scripts;
}
