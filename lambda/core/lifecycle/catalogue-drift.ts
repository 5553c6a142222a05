import type { Catalogue } from '../catalogue/catalogue.ts';
import { makeUniverse, type Universe } from '../catalogue/universe.ts';
import { byCodeUnit } from '../model/order.ts';
import { parsePolicy } from '../model/policy.ts';
import { readUnusedAccess, type UnusedAccess } from '../model/unused-access.ts';
import type { ProposalCatalogue, ProposalFinding, RefineProposal } from '../proposal/schema.ts';
import { grantedOf, type ReadStatement, readStatements } from '../verify/grant-reading.ts';

/** What another catalogue means for a proposal. It changes no document and so no state. */
export interface CatalogueDrift {
  /** Versions of the catalogue that it was made with and of the one in use. */
  readonly madeWith: string;
  readonly now: string;
  /** Actions that the principal's own policies grant as proposed, counted with the one and with the other. */
  readonly grantedThen: number;
  readonly grantedNow: number;
  /**
   * Actions that the proposed policies grant by their wildcards and that the catalogue of then did not know, sorted.
   * Null where that catalogue is not at hand: then only the numbers can be told.
   */
  readonly newActions: readonly string[] | null;
}

/**
 * Compares what the proposed documents grant by the catalogue in use with what they granted by the one that the
 * proposal was made with. Undefined where that is the same catalogue.
 *
 * `proposal.json` names its catalogue and counts what is granted; the catalogue itself does not stand in it. So new
 * actions are named only where one of `known` is that catalogue, by source, version and size. Otherwise the two
 * numbers are all that is certain: equal numbers do not prove that nothing came.
 */
export function catalogueDrift(
  proposal: RefineProposal,
  catalogue: Catalogue,
  known: readonly Catalogue[],
): CatalogueDrift | undefined {
  const { catalogue: made, summary } = proposal;
  if (isThatOf(made, catalogue)) return undefined;
  const unused = unusedOf(proposal.finding);
  if (!unused) return undefined;
  const granted = grantedNames(ownStatements(proposal), makeUniverse(catalogue, unused));
  const then = known.find((one) => isThatOf(made, one));
  const universe = then && makeUniverse(then, unused);
  const isNew = (name: string): boolean => {
    const [service = '', action = ''] = name.toLowerCase().split(':');
    return universe?.services.get(service)?.position.has(action) !== true;
  };
  return {
    madeWith: `${made.source} ${made.version}`,
    now: `${catalogue.origin.source} ${catalogue.origin.version}`,
    grantedThen: summary.actionsGrantedAfter,
    grantedNow: granted.length,
    newActions: universe ? granted.filter(isNew) : null,
  };
}

/** One clause about it; undefined where there is nothing to say. */
export function describeCatalogueDrift(drift: CatalogueDrift): string | undefined {
  const { newActions, grantedThen, grantedNow, now } = drift;
  if (newActions !== null) {
    if (newActions.length === 0) return undefined;
    const rest = newActions.length - MOST_NAMED;
    const names = newActions.slice(0, MOST_NAMED).join(', ') + (rest > 0 ? ` and ${String(rest)} more` : '');
    return `the catalogue ${now} knows actions that its wildcards match besides: ${names}`;
  }
  if (grantedThen === grantedNow) return undefined;
  return `by the catalogue ${now} its policies grant ${String(grantedNow)} ${grantedNow === 1 ? 'action' : 'actions'}, it says ${String(grantedThen)}`;
}

const MOST_NAMED = 5;

/** Whether a proposal that names this catalogue was made with that one. */
export function isThatOf(made: ProposalCatalogue, { origin, serviceCount, actionCount }: Catalogue): boolean {
  return (
    made.source === origin.source &&
    made.version === origin.version &&
    made.services === serviceCount &&
    made.actions === actionCount
  );
}

/** What the finding reported, from what the proposal says of it; undefined where that cannot be. */
export function unusedOf({ unusedServices, unusedActions }: ProposalFinding): UnusedAccess | undefined {
  const read = readUnusedAccess([
    ...unusedServices.map((serviceNamespace) => ({ serviceNamespace })),
    ...unusedActions.map((action) => ({
      serviceNamespace: action.split(':')[0] ?? '',
      actions: [{ action }],
    })),
  ]);
  return read.ok ? read.value : undefined;
}

/** Allow statements of the principal's own policies as proposed, those that `summary` counts. */
function ownStatements({ policies }: RefineProposal): readonly ReadStatement[] {
  return policies
    .filter(({ disposition, before }) => disposition !== 'inherited' && parsePolicy(before).ok)
    .flatMap(({ after }) => after.map(({ document }) => readStatements(document)))
    .flatMap((statements) => (typeof statements === 'string' ? [] : statements))
    .filter(({ isAllow }) => isAllow);
}

function grantedNames(statements: readonly ReadStatement[], universe: Universe): readonly string[] {
  const granted: string[] = [];
  for (const [key, { name, actions, folded }] of universe.services) {
    const has = statements.map((statement) => grantedOf(statement, key, folded));
    for (const [index, action] of actions.entries()) {
      if (has.some((one) => one[index] === 1)) granted.push(`${name}:${action}`);
    }
  }
  return granted.sort(byCodeUnit);
}
