import { grantedActions } from '../../core/catalogue/granted-actions.ts';
import type { Universe } from '../../core/catalogue/universe.ts';
import type { JsonValue } from '../../core/model/json.ts';
import type { ProposedPolicy } from '../../core/model/proposed-policy.ts';
import type { Refinement } from '../../core/proposal/schema.ts';

/** What the principal's own policies grant of one service, before and after. */
export interface ServiceAccess {
  readonly service: string;
  readonly before: number;
  readonly after: number;
  /** Names of the actions granted before and not after, without the service prefix, in the catalogue's order. */
  readonly removed: readonly string[];
}

/** Services with granted actions: first those that are removed entirely, then the largest reductions, then by name. */
export function accessByService(
  proposal: Pick<Refinement, 'policies'>,
  universe: Universe,
): readonly ServiceAccess[] {
  const own = proposal.policies.filter((policy) => policy.disposition !== 'inherited');
  const before = grantedActions(
    own.map((policy) => policy.before),
    universe,
  );
  const after = grantedActions(own.flatMap(documentsAfter), universe);
  const rows: ServiceAccess[] = [];
  for (const [key, had] of before) {
    const service = universe.services.get(key);
    if (!service) continue;
    const has = after.get(key);
    const removed = service.actions.filter((_, i) => had[i] === 1 && has?.[i] !== 1);
    const total = sum(had);
    if (total > 0) rows.push({ service: service.name, before: total, after: has ? sum(has) : 0, removed });
  }
  return rows.sort(
    (a, b) =>
      Number(b.after === 0) - Number(a.after === 0) ||
      b.removed.length - a.removed.length ||
      (a.service < b.service ? -1 : 1),
  );
}

/** The documents that replace a policy; the policy itself if nothing is proposed. */
export function documentsAfter(policy: ProposedPolicy): readonly JsonValue[] {
  return isUntouched(policy) ? [policy.before] : policy.after.map(({ document }) => document);
}

function isUntouched(policy: ProposedPolicy): boolean {
  const { disposition } = policy;
  return disposition === 'unchanged' || disposition === 'inherited' || disposition === 'refused';
}

function sum(marks: Uint8Array): number {
  let total = 0;
  for (const mark of marks) total += mark;
  return total;
}
