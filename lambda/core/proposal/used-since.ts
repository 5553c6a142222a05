import type { LastAccess } from '../model/last-access.ts';
import { byCodeUnit } from '../model/order.ts';
import { foldCase } from '../pattern/fold.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';

/** Actions named in the warning before the rest is only counted. */
const MOST_NAMES = 5;

/**
 * A warning where AWS has recorded a use of what the proposal takes away that the finding does not know of yet: the
 * analyzer looks once a day or so, and somebody may have needed it since. Undefined where there is nothing to warn of.
 */
export function usedSinceWarning(
  policies: readonly ProposedPolicy[],
  lastAccess: LastAccess,
  updatedAt: string | null,
): string | undefined {
  if (updatedAt === null) return undefined;
  const used = new Map<string, string>();
  for (const action of policies.flatMap(({ removed }) => removed)) {
    const colon = action.indexOf(':');
    const date = lastAccess
      .get(foldCase(action.slice(0, colon)))
      ?.actions.get(foldCase(action.slice(colon + 1)));
    if (date !== undefined && Date.parse(date) > Date.parse(updatedAt)) used.set(action, date);
  }
  if (used.size === 0) return undefined;
  const sorted = [...used].sort(([a], [b]) => byCodeUnit(a, b));
  const named = sorted.slice(0, MOST_NAMES).map(([action, date]) => `${action} on ${date}`);
  const rest = sorted.length - named.length;
  return `Do not apply this before the finding is updated: AWS recorded the use of something that goes after the finding was made (${updatedAt}): ${named.join(', ')}${rest > 0 ? ` and ${String(rest)} more` : ''}.`;
}
