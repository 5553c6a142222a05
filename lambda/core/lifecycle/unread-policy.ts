import { equalJson } from '../model/json.ts';
import { parsePolicy } from '../model/policy.ts';
import type { Grant } from '../model/principal.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';

/**
 * A policy that cannot be read now, and could be when the proposal was made, or was not there: it is neither what it was nor
 * another thing, so nothing may be concluded from it.
 */
export function unreadPolicy(
  policies: readonly ProposedPolicy[],
  grants: readonly Grant[],
): string | undefined {
  for (const { name, source, group, managed, document } of grants) {
    const known = policies.find(
      (one) =>
        one.source === source && one.name === name && one.group === group?.name && one.arn === managed?.arn,
    );
    const now = document.readable ? document.value : document.text;
    if (known && equalJson(known.before, now)) continue;
    const policy = document.readable ? parsePolicy(document.value) : document;
    const problem = 'problem' in policy ? policy.problem : undefined;
    const of = group === undefined ? '' : ` of group ${group.name}`;
    if (problem !== undefined) return `policy ${name}${of} cannot be read now: ${problem}`;
  }
  return undefined;
}
