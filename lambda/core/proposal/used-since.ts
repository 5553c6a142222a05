import type { JsonValue } from '../model/json.ts';
import type { LastAccess, ServiceLastAccess } from '../model/last-access.ts';
import { byCodeUnit } from '../model/order.ts';
import { parsePolicy, type Statement } from '../model/policy.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';
import type { UnusedAccess } from '../model/unused-access.ts';
import { covers } from '../pattern/covers.ts';
import { foldCase } from '../pattern/fold.ts';

/** Names in a sentence before the rest is only counted. */
const MOST_NAMES = 5;

export interface UseQuestion {
  readonly policies: readonly ProposedPolicy[];
  readonly unused: UnusedAccess;
  readonly lastAccess: LastAccess;
  /** When the finding was made. */
  readonly updatedAt: string | null;
}

/** What stops a proposal, and what a reviewer should know besides; one sentence each. */
export interface LateUse {
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Compares what goes with what AWS has recorded of its use. The analyzer looks once a day or so, and somebody may have
 * needed since what it calls unused. And a list in the place of `*` may lack a service that nobody here knows and that
 * AWS knows in use. Of a service that goes in part the date says only that something of it was used, as nearly always.
 */
export function useSince({ policies, unused, lastAccess, updatedAt }: UseQuestion): LateUse {
  const isLate = (date: string): boolean => updatedAt !== null && Date.parse(date) > Date.parse(updatedAt);
  const removed = removedByService(policies);
  const own = policies.filter(({ disposition }) => disposition !== 'inherited');
  const before = allowStatements(own.map((policy) => policy.before));
  const after = allowStatements(policies.flatMap((policy) => policy.after.map(({ document }) => document)));
  const actions: string[] = [];
  const whole: string[] = [];
  const lost: string[] = [];
  const parts: string[] = [];
  for (const [service, used] of [...lastAccess].sort(([a], [b]) => byCodeUnit(a, b))) {
    const late = [...(removed.get(service) ?? [])].flatMap((action) => {
      const date = used.actions.get(foldCase(action.slice(action.indexOf(':') + 1)));
      return date !== undefined && isLate(date) ? [`${action} on ${date}`] : [];
    });
    actions.push(...late);
    const date = lastUseOf(used);
    if (date === undefined || !before.some((statement) => grants(statement, service))) continue;
    const isReported = unused.services.has(service) || unused.actions.has(service);
    if (after.some((statement) => grants(statement, service))) {
      const isRemark = late.length === 0 && removed.has(service) && used.lastUsed !== undefined;
      if (isRemark && isLate(used.lastUsed)) parts.push(`${service} on ${used.lastUsed}`);
    } else if (!isReported) lost.push(`${service} on ${date}`);
    else if (isLate(date)) whole.push(`${service} on ${date}`);
  }
  const made = `after the finding was made (${updatedAt ?? ''})`;
  const warnings: string[] = [];
  if (actions.length > 0) {
    warnings.push(
      `Do not apply this before the finding is updated: AWS recorded the use of something that goes ${made}: ${named(actions.sort(byCodeUnit))}.`,
    );
  }
  if (whole.length > 0) {
    warnings.push(
      `Do not apply this before the finding is updated: AWS recorded the use of what goes as a whole service ${made}: ${named(whole)}.`,
    );
  }
  if (lost.length > 0) {
    warnings.push(
      `Do not apply this: AWS recorded the use of services that are no longer granted and that the finding does not report unused: ${named(lost)}. A newer catalogue, or star: not-action, keeps them.`,
    );
  }
  const notes =
    parts.length > 0
      ? [
          `AWS recorded the use of services of which a part goes ${made}: ${named(parts)}. Which actions were used it does not say.`,
        ]
      : [];
  return { warnings, notes };
}

/** AWS dates the service, its tracked actions, or both. */
function lastUseOf({ lastUsed, actions }: ServiceLastAccess): string | undefined {
  const dates = [lastUsed, ...actions.values()].filter((date) => date !== undefined);
  return dates.sort(byCodeUnit).at(-1);
}

/** `service:Action` by case-folded service. */
function removedByService(policies: readonly ProposedPolicy[]): ReadonlyMap<string, ReadonlySet<string>> {
  const removed = new Map<string, Set<string>>();
  for (const action of policies.flatMap((policy) => policy.removed)) {
    const service = foldCase(action.slice(0, action.indexOf(':')));
    removed.set(service, (removed.get(service) ?? new Set()).add(action));
  }
  return removed;
}

function allowStatements(documents: readonly JsonValue[]): readonly Statement[] {
  return documents.flatMap((document) => {
    const policy = parsePolicy(document);
    return policy.ok ? policy.value.statements.filter(({ effect }) => effect === 'Allow') : [];
  });
}

/** Whether the statement grants anything of the service, known or not. */
function grants({ element, patterns }: Statement, service: string): boolean {
  const own = patterns.filter((pattern) => pattern.kind === 'everything' || pattern.service === service);
  if (element === 'Action') return own.length > 0;
  return !own.some((pattern) => pattern.kind === 'everything' || covers(pattern.action, '*'));
}

function named(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(', ') + (rest > 0 ? ` and ${String(rest)} more` : '');
}
