import { firstOf } from '../model/wording.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { makeUniverse, type Universe } from '../catalogue/universe.ts';
import { byCodeUnit } from '../model/order.ts';
import { parsePolicy } from '../model/policy.ts';
import { readUnusedAccess, type UnusedAccess } from '../model/unused-access.ts';
import type { ProposalCatalogue, ProposalFinding, RefineProposal } from '../proposal/schema.ts';
import { grantedOf, type ReadStatement, readStatements } from '../verify/grant-reading.ts';

/** The effect of another catalogue on a proposal. It changes no document and thus no state. */
export interface CatalogueDrift {
  /** The versions of the catalogue that the proposal was made with, and of the one in use. */
  readonly madeWith: string;
  readonly now: string;
  /** The number of actions that the principal's own policies grant as proposed, by each of the two catalogues. */
  readonly grantedThen: number;
  readonly grantedNow: number;
  /**
   * Sorted actions that the proposed wildcards grant and that the earlier catalogue did not have. Null if that
   * catalogue is not available; then only the numbers are known.
   */
  readonly newActions: readonly string[] | null;
}

/**
 * Compares what the proposed documents grant by the catalogue in use and by the catalogue that the proposal was made
 * with. Undefined if they are the same.
 * `proposal.json` names its catalogue and counts what is granted, but does not contain the catalogue. So new actions
 * are named only if one of `known` is that catalogue, by source, version and size. Otherwise only the two numbers are
 * certain, and equal numbers do not prove that there is no new action.
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

/** One clause about it; undefined if there is no difference. */
export function describeCatalogueDrift(drift: CatalogueDrift): string | undefined {
  const { newActions, grantedThen, grantedNow, now } = drift;
  if (newActions !== null) {
    if (newActions.length === 0) return undefined;
    return `the catalogue ${now} has further actions that its wildcards match: ${firstOf(newActions, MOST_NAMED)}`;
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

/** What the finding reported, according to the proposal; undefined if it is not valid. */
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
