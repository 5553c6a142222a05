import { byCodeUnit } from '../model/order.ts';
import type { RetainedAction } from '../proposal/schema.ts';
import type { VerifiedPolicy } from '../verify/verify-policy.ts';
import { canBeSplit, type RefineContext } from './context.ts';
import { REASON } from './reasons.ts';

/** The unused actions that the verified documents still grant, each with the reason why it stays; sorted. */
export function retainedActions(
  policies: readonly VerifiedPolicy[],
  context: RefineContext,
): readonly RetainedAction[] {
  const found = new Map<string, string>();
  for (const policy of policies) {
    for (const [key, granted] of policy.grantedAfter) {
      if (!context.unused.services.has(key) && !context.unused.actions.has(key)) continue;
      const fate = context.fateOf(key);
      // In most services every unused action is gone, and there is nothing to look for.
      if (!fate || (fate.retained.size === 0 && canBeSplit(fate))) continue;
      for (const [index, action] of granted.actions.entries()) {
        const position = granted.has[index] === 1 ? fate.service.position.get(action) : undefined;
        if (position === undefined) continue;
        const reason =
          fate.retained.get(position) ??
          (fate.doomed[position] === 1 ? REASON.unknownService(fate.service.name) : undefined);
        const name = `${fate.service.name}:${fate.service.actions[position] ?? action}`;
        if (reason !== undefined) found.set(name, reason);
      }
    }
  }
  return [...found]
    .map(([action, reason]) => ({ action, reason }))
    .sort((a, b) => byCodeUnit(a.action, b.action));
}
