import { matchingActions } from '../catalogue/lookup.ts';
import type { Universe } from '../catalogue/universe.ts';
import type { UnusedAccess } from '../model/unused-access.ts';
import { covers } from '../pattern/covers.ts';
import { isWildcard } from '../pattern/matches.ts';
import type { KeepEntry, KeepList } from './keep-list.ts';

export const PASS_ROLE_REASON =
  'AWS never records the use of iam:PassRole, so a finding that calls all of iam unused does not show that it is unused';

/** What always stays of a service although the universe has no action of that name. */
export interface UncataloguedKeep extends KeepEntry {
  readonly reason: string;
}

/**
 * What the keep-list names and the universe lacks, by service, and `iam:PassRole` where the catalogue lacks it and the
 * finding calls all of iam unused. Going through the universe's actions would lose them: a wildcard that holds them is
 * split into what is known, or dropped. A wildcard of the keep-list over a service that the catalogue knows means the
 * actions that the catalogue knows, as any wildcard does. See docs/adr/0010.
 */
export function uncataloguedKeep(
  universe: Universe,
  unused: UnusedAccess,
  keep: KeepList,
): ReadonlyMap<string, readonly UncataloguedKeep[]> {
  const found = new Map<string, readonly UncataloguedKeep[]>();
  for (const service of keep.services) {
    const lone = keep
      .patternsOf(service)
      .filter(({ action }) => !isWildcard(action) || !universe.isKnownService(service))
      .filter(({ action }) => !matchesAnything(universe, service, action))
      .map((keepEntry) => ({ ...keepEntry, reason: keep.why(keepEntry.text) }));
    if (lone.length > 0) found.set(service, withoutContained(lone));
  }
  const isNamed = unused.actions.get(IAM)?.has(PASS_ROLE.action) === true;
  if (unused.services.has(IAM) && !isNamed && !matchesAnything(universe, IAM, PASS_ROLE.action)) {
    found.set(IAM, withoutContained([...(found.get(IAM) ?? []), PASS_ROLE]));
  }
  return found;
}

const IAM = 'iam';
const PASS_ROLE: UncataloguedKeep = { text: 'iam:PassRole', action: 'passrole', reason: PASS_ROLE_REASON };

function matchesAnything(universe: Universe, service: string, pattern: string): boolean {
  const known = universe.services.get(service);
  return known !== undefined && matchingActions(known, pattern).length > 0;
}

/** Of two that say the same the earlier stays. */
function withoutContained(keepEntries: readonly UncataloguedKeep[]): readonly UncataloguedKeep[] {
  return keepEntries.filter(
    ({ action }, index) =>
      !keepEntries.some(
        (other, place) =>
          place !== index && covers(other.action, action) && (place < index || !covers(action, other.action)),
      ),
  );
}
