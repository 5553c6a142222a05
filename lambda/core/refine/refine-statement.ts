import type { Statement, StatementEdit } from '../model/policy.ts';
import { byCodeUnit } from '../model/order.ts';
import type { ActionPattern } from '../pattern/action-pattern.ts';
import { covers } from '../pattern/covers.ts';
import { matchesPattern } from '../pattern/matches.ts';
import type { PatternChange } from '../model/proposed-policy.ts';
import type { RefineContext } from './context.ts';
import { refinePattern } from './refine-patterns.ts';
import { REASON } from './reasons.ts';
import { withoutRedundancy } from './without-redundancy.ts';

/** The outcome for one statement. `edit` is null if nothing is left of it. */
export interface StatementRefinement {
  readonly statement: Statement;
  readonly edit: StatementEdit | null;
  readonly isChanged: boolean;
  /** A split `*` as `NotAction` with the removed actions, which drops nothing else. */
  readonly excluding?: StatementEdit;
  /** One entry for each pattern of an Allow statement, in the author's order; added patterns last. */
  readonly changes: readonly PatternChange[];
}

/** Refines one statement. A Deny is never touched: it limits and grants nothing. */
export function refineStatement(statement: Statement, context: RefineContext): StatementRefinement {
  if (statement.effect === 'Deny') {
    return { statement, edit: untouched(statement), isChanged: false, changes: [] };
  }
  return statement.element === 'Action'
    ? refineAction(statement, context)
    : refineNotAction(statement, context);
}

function untouched(statement: Statement): StatementEdit {
  return { element: statement.element, patterns: statement.patterns.map((pattern) => pattern.text) };
}

function refineAction(statement: Statement, context: RefineContext): StatementRefinement {
  const hasEverything = statement.patterns.some(({ kind }) => kind === 'everything');
  const excluded = hasEverything ? exclusions([], context) : [];
  if (excluded.length > 0 && context.star === 'not-action') return asNotAction(statement, excluded);
  const isSplit = hasEverything && context.touchesAnything;
  if (isSplit && context.missing.length > 0) return unsplit(statement, context.missing);
  const decisions = statement.patterns.map((pattern) => refinePattern(pattern, context));
  const survivors = decisions
    .filter((decision) => decision.outcome === 'kept')
    .map((decision) => decision.pattern);
  const placed = withoutRedundancy(
    survivors,
    decisions.map((decision) => decision.pattern),
    decisions.map((decision) => decision.to),
  );
  const patterns: string[] = [];
  const changes: PatternChange[] = [];
  for (const [index, decision] of decisions.entries()) {
    const to = (placed[index] ?? []).map((pattern) => pattern.text);
    if (decision.outcome === 'kept') patterns.push(decision.pattern.text);
    patterns.push(...to);
    const isCovered = decision.outcome === 'narrowed' && to.length === 0;
    const outcome = isCovered ? 'removed' : decision.outcome;
    const reason = isCovered ? `${decision.reason}; ${REASON.coveredElsewhere}` : decision.reason;
    changes.push(changeOf(statement, decision.pattern.text, outcome, to, reason));
  }
  const isChanged = decisions.some((decision) => decision.outcome !== 'kept');
  const edit = patterns.length === 0 ? null : { element: 'Action' as const, patterns };
  return {
    statement,
    edit,
    isChanged,
    changes,
    ...(isSplit ? { excluding: editOf(excluded) } : {}),
  };
}

/** `*` as everything except the removed actions. It also granted everything that the patterns beside it grant. */
function asNotAction(statement: Statement, excluded: readonly Exclusion[]): StatementRefinement {
  const edit = editOf(excluded);
  const changes = statement.patterns.map(({ kind, text }) =>
    kind === 'everything'
      ? changeOf(statement, text, 'narrowed', edit.patterns, REASON.everythingExcluding(excluded.length))
      : changeOf(statement, text, 'removed', [], REASON.grantedByNotAction),
  );
  return { statement, edit, isChanged: true, changes };
}

/** A `*` that cannot be replaced with the catalogue in use. Then removing a pattern beside it would change nothing. */
function unsplit(statement: Statement, missing: readonly string[]): StatementRefinement {
  const changes = statement.patterns.map(({ text }) =>
    changeOf(statement, text, 'kept', [], REASON.starOfSmallCatalogue(missing)),
  );
  return { statement, edit: untouched(statement), isChanged: false, changes };
}

function editOf(excluded: readonly Exclusion[]): StatementEdit {
  return { element: 'NotAction', patterns: excluded.map(({ text }) => text) };
}

/** `NotAction` grants everything that it does not list, so removing means listing more. */
function refineNotAction(statement: Statement, context: RefineContext): StatementRefinement {
  const added = exclusions(statement.patterns, context);
  const changes = [
    ...statement.patterns.map(({ text }) => changeOf(statement, text, 'kept', [], REASON.notActionKept)),
    ...added.map(({ text, reason }) => changeOf(statement, text, 'added', [], reason)),
  ];
  const patterns = [...untouched(statement).patterns, ...added.map(({ text }) => text)];
  return { statement, edit: { element: 'NotAction', patterns }, isChanged: added.length > 0, changes };
}

interface Exclusion {
  readonly text: string;
  readonly reason: string;
}

/** What a `NotAction` has to list in addition, so that no removed action is granted. */
function exclusions(listed: readonly ActionPattern[], context: RefineContext): readonly Exclusion[] {
  const isListed = (service: string, wanted: (pattern: string) => boolean): boolean =>
    listed.some(
      (pattern) => pattern.kind === 'everything' || (pattern.service === service && wanted(pattern.action)),
    );
  const added: Exclusion[] = [];
  const services = new Set([...context.unused.services.keys(), ...context.unused.actions.keys()]);
  for (const key of services) {
    const decision = context.decisionOf(key);
    const unusedService = context.unused.services.get(key);
    // Listing the whole service would also remove its retained actions, known or not.
    const isWhole =
      unusedService !== undefined &&
      context.uncataloguedKeepOf(key).length === 0 &&
      (decision ? decision.retained.size === 0 : !context.keep.concerns(key));
    if (isWhole) {
      const name = decision?.service.name ?? unusedService.name;
      if (isListed(key, (pattern) => covers(pattern, '*'))) continue;
      added.push({ text: `${name}:*`, reason: REASON.notActionService(name) });
    } else if (decision) {
      for (const [index, action] of decision.service.folded.entries()) {
        if (decision.removed[index] !== 1 || isListed(key, (pattern) => matchesPattern(pattern, action)))
          continue;
        const text = `${decision.service.name}:${decision.service.actions[index] ?? ''}`;
        added.push({ text, reason: REASON.notActionAction });
      }
    }
  }
  return added.sort((a, b) => byCodeUnit(a.text, b.text));
}

function changeOf(
  { index: statement, sid, element }: Statement,
  pattern: string,
  outcome: PatternChange['outcome'],
  to: readonly string[],
  reason: string,
): PatternChange {
  return sid === undefined
    ? { statement, element, pattern, outcome, to, reason }
    : { statement, sid, element, pattern, outcome, to, reason };
}
