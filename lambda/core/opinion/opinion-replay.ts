import { jsonObject, type JsonValue, renderJson } from '../model/json.ts';
import type { ProposalFinding, DraftProposal } from '../proposal/schema.ts';
import type { ChangedDocument } from './changed-policies.ts';

/**
 * JSON text that repeats a case which AWS's check contradicts, in the form of a rejected verification: the policy, the
 * finding, the settings, what was made of it, and AWS's sentences.
 */
export function opinionReplay(
  { finding, generalize }: DraftProposal,
  { policy }: ChangedDocument,
  keep: readonly string[],
  answers: readonly string[],
): string {
  return renderJson(
    jsonObject([
      ['policy', policy.before],
      ['unused', unusedOf(finding)],
      ['keep', keep],
      ['generalize', generalize],
      ['rejected', policy.after.map(({ document }) => document)],
      ['answers', answers],
    ]),
  );
}

/** The finding as the command `policy` reads it. */
function unusedOf({ unusedServices, unusedActions }: ProposalFinding): readonly JsonValue[] {
  const byService = new Map<string, string[]>();
  for (const action of unusedActions) {
    const colon = action.indexOf(':');
    const service = action.slice(0, colon);
    const names = byService.get(service) ?? [];
    names.push(action.slice(colon + 1));
    byService.set(service, names);
  }
  return [
    ...unusedServices.map((service) => jsonObject([['serviceNamespace', service]])),
    ...[...byService].map(([service, actions]) =>
      jsonObject([
        ['serviceNamespace', service],
        ['actions', actions],
      ]),
    ),
  ];
}
