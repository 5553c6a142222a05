import type { JsonValue } from '../model/json.ts';
import { byCodeUnit } from '../model/order.ts';
import { parsePolicy, type Statement } from '../model/policy.ts';
import { covers } from '../pattern/covers.ts';
import type { RetainedAction } from '../model/proposed-policy.ts';
import type { VerifiedPolicy } from '../verify/verify-policy.ts';
import { canBeSplit, type RefineContext, type ServiceDecision } from '../refine/context.ts';
import { REASON } from '../refine/reasons.ts';

/**
 * The unused actions that the verified documents still grant, each with its reason; sorted. If the keep-list keeps
 * actions of a wholly unused service that the universe lacks, they are named as the list writes them.
 */
export function retainedActions(
  policies: readonly VerifiedPolicy[],
  context: RefineContext,
): readonly RetainedAction[] {
  const found = new Map<string, string>();
  for (const policy of policies) {
    for (const [key, granted] of policy.grantedAfter) {
      if (!context.unused.services.has(key) && !context.unused.actions.has(key)) continue;
      const decision = context.decisionOf(key);
      // Most services have no retained action, and need no search.
      if (!decision || (decision.retained.size === 0 && canBeSplit(decision) && context.missing.length === 0))
        continue;
      for (const [index, action] of granted.actions.entries()) {
        const position = granted.has[index] === 1 ? decision.service.position.get(action) : undefined;
        if (position === undefined) continue;
        const reason =
          decision.retained.get(position) ??
          (decision.removed[position] === 1 ? whyStill(decision, context) : undefined);
        const name = `${decision.service.name}:${decision.service.actions[position] ?? action}`;
        if (reason !== undefined) found.set(name, reason);
      }
    }
  }
  for (const [text, reason] of retainedUnknown(policies, context)) found.set(text, reason);
  return [...found]
    .map(([action, reason]) => ({ action, reason }))
    .sort((a, b) => byCodeUnit(a.action, b.action));
}

/** Actions that should be removed and are still granted. */
function whyStill(decision: ServiceDecision, { missing }: RefineContext): string {
  return canBeSplit(decision)
    ? REASON.starOfSmallCatalogue(missing)
    : REASON.unknownService(decision.service.name);
}

/** Retained actions of wholly unused services that the universe lacks: they are not among the granted actions. */
function retainedUnknown(
  policies: readonly VerifiedPolicy[],
  context: RefineContext,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const key of context.servicesWithUncataloguedKeep) {
    if (!context.unused.services.has(key)) continue;
    const statements = policies.flatMap(({ after }) => after.flatMap(allowStatements));
    for (const { text, action, reason } of context.uncataloguedKeepOf(key)) {
      if (statements.some((statement) => grants(statement, key, action))) found.set(text, reason);
    }
  }
  return found;
}

function allowStatements(document: JsonValue): readonly Statement[] {
  const policy = parsePolicy(document);
  return policy.ok ? policy.value.statements.filter(({ effect }) => effect === 'Allow') : [];
}

function grants({ element, patterns }: Statement, service: string, action: string): boolean {
  const isListed = patterns.some(
    (pattern) =>
      pattern.kind === 'everything' || (pattern.service === service && covers(pattern.action, action)),
  );
  return isListed === (element === 'Action');
}
