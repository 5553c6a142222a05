import type { Universe } from '../../core/catalogue/universe.ts';
import type { SharedProposal } from '../../core/proposal/schema.ts';
import { renderJson } from '../../core/model/json.ts';
import { afterFile, beforeFile } from '../../core/plan/file-names.ts';
import type { ProposalFile } from '../../ports/proposals.ts';
import type { SharedReportWriter } from '../../ports/proposals.ts';

/** Everything that goes beside the `proposal.json` of a shared policy or a group. */
export function sharedFiles(
  proposal: SharedProposal,
  universe: Universe,
  reports: SharedReportWriter,
): readonly ProposalFile[] {
  const documents = proposal.policies.flatMap((policy, index) => [
    { name: beforeFile(index, policy.name), document: policy.before },
    ...policy.after.map(({ document }, part) => ({
      name: afterFile(index, policy.name, part, policy.after.length),
      document,
    })),
  ]);
  return [
    ...documents.map(({ name, document }): ProposalFile => ({
      name,
      contentType: 'application/json',
      body: `${renderJson(document)}\n`,
    })),
    ...reports.writeShared(proposal, universe),
  ];
}
