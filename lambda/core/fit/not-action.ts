import type { CatalogueService } from '../catalogue/catalogue.ts';
import { matchingActions } from '../catalogue/lookup.ts';
import type { Universe } from '../catalogue/universe.ts';
import { byCodeUnit } from '../model/order.ts';
import type { Statement, StatementEdit } from '../model/policy.ts';
import type { UnusedAccess } from '../model/unused-access.ts';
import { parseActionPattern } from '../pattern/action-pattern.ts';
import type { RefinedPolicy } from './document-draft.ts';

/** What decides which actions a `NotAction` list must name. */
export interface NotActionFacts {
  readonly universe: Universe;
  readonly unused: UnusedAccess;
}

/**
 * The same policy with each split `*` written as `NotAction`: `svc:*` for every service of which nothing is granted
 * any more, and the literal name of every other action that went. On the universe both forms grant the same. Beyond it
 * they differ: `Action` grants no service that the catalogue does not know, `NotAction` goes on granting those that the
 * finding does not report, as the author's `*` did. So it is never wider than what it replaces.
 *
 * Undefined where no statement can be written so: none is a split `*`; or the author's list holds, beside the `*`,
 * something that the universe does not know and that therefore could be hidden; or the finding names actions of a
 * service that the catalogue does not know, which refinement leaves granted as a whole: a list that is silent about them
 * would be lengthened when it is refined again.
 */
export function asNotAction(refined: RefinedPolicy, facts: NotActionFacts): RefinedPolicy | undefined {
  const { universe, unused } = facts;
  for (const key of unused.actions.keys()) {
    if (!universe.isKnownService(key) && !unused.services.has(key)) return undefined;
  }
  let isChanged = false;
  const edits = refined.edits.map((edit, index) => {
    const statement = refined.policy.statements[index];
    const patterns = statement && edit ? exclusions(statement, edit, facts) : undefined;
    if (!patterns) return edit;
    isChanged = true;
    return { element: 'NotAction' as const, patterns };
  });
  return isChanged ? { policy: refined.policy, edits } : undefined;
}

function exclusions(
  statement: Statement,
  edit: StatementEdit,
  { universe, unused }: NotActionFacts,
): readonly string[] | undefined {
  if (statement.effect !== 'Allow' || statement.element !== 'Action' || edit.element !== 'Action')
    return undefined;
  const everything = statement.patterns.filter(({ kind }) => kind === 'everything').map(({ text }) => text);
  if (everything.length === 0 || edit.patterns.some((text) => everything.includes(text))) return undefined;
  const granted = grantedByService(edit.patterns, universe);
  if (!granted) return undefined;
  const listed: string[] = [];
  for (const [key, service] of universe.services) {
    const kept = granted.get(key);
    if (!kept) listed.push(`${service.name}:*`);
    else for (const action of missingFrom(service, kept)) listed.push(`${service.name}:${action}`);
  }
  for (const [key, { name }] of unused.services) {
    if (!universe.services.has(key)) listed.push(`${name}:*`);
  }
  return listed.length === 0 ? undefined : listed.sort(byCodeUnit);
}

/** Positions of granted actions by service; undefined where an entry matches nothing that the universe knows. */
function grantedByService(
  patterns: readonly string[],
  universe: Universe,
): ReadonlyMap<string, ReadonlySet<number>> | undefined {
  const granted = new Map<string, Set<number>>();
  for (const text of patterns) {
    const parsed = parseActionPattern(text);
    if (!parsed.ok || parsed.value.kind === 'everything') return undefined;
    const service = universe.services.get(parsed.value.service);
    const positions = service ? matchingActions(service, parsed.value.action) : [];
    // A service without a single known action is granted or not as a whole.
    if (positions.length === 0 && service?.actions.length !== 0) return undefined;
    const known = granted.get(parsed.value.service) ?? new Set();
    granted.set(parsed.value.service, known);
    for (const position of positions) known.add(position);
  }
  return granted;
}

function missingFrom(service: CatalogueService, kept: ReadonlySet<number>): readonly string[] {
  return service.actions.filter((_, position) => !kept.has(position));
}
