import { ok, refuse, type Result } from '../pattern/result.ts';
import { type ActionPattern, parseActionPattern } from '../pattern/action-pattern.ts';
import { covers } from '../pattern/covers.ts';
import { matchesPattern, isWildcard } from '../pattern/matches.ts';
import { matchingActions } from '../catalogue/catalogue.ts';
import type { Universe } from '../catalogue/universe.ts';
import type { UnusedAccess } from '../model/unused-access.ts';

/** Action patterns that the owner never wants removed. */
export interface KeepList {
  /** The pattern, as written, that keeps this action (both parts case-folded), or undefined. */
  keeps(service: string, action: string): string | undefined;
  /** The pattern that contains everything that a wildcard or an unknown action can match, or undefined. */
  keepsWhole(service: string, actionPattern: string): string | undefined;
  /** Whether any pattern could match actions of the service. */
  concerns(service: string): boolean;
  /** Its patterns for one service, without those for every service. */
  patternsOf(service: string): readonly KeepEntry[];
  /** Case-folded prefixes of the services that it names. */
  readonly services: Iterable<string>;
  /** Why a pattern of it, as written, keeps what it matches. */
  why(text: string): string;
}

/** A pattern of one service that always stays. */
interface KeepEntry {
  /** As it is written, with the service. */
  readonly text: string;
  /** Case-folded, without the service. */
  readonly action: string;
}

/** @param reasons of patterns that are not from the settings */
export function readKeepList(
  texts: readonly string[],
  reasons: ReadonlyMap<string, string> = new Map(),
): Result<KeepList> {
  const everything: string[] = [];
  const byService = new Map<string, Exclude<ActionPattern, { kind: 'everything' }>[]>();
  for (const text of texts) {
    const pattern = parseActionPattern(text);
    if (!pattern.ok) return refuse(`the keep-list's ${pattern.problem}`);
    if (pattern.value.kind === 'everything') {
      everything.push(text);
      continue;
    }
    const list = byService.get(pattern.value.service) ?? [];
    list.push(pattern.value);
    byService.set(pattern.value.service, list);
  }
  const first = (service: string, test: (pattern: string) => boolean): string | undefined =>
    everything[0] ?? byService.get(service)?.find((pattern) => test(pattern.action))?.text;
  return ok({
    keeps: (service, action) => first(service, (pattern) => matchesPattern(pattern, action)),
    keepsWhole: (service, wanted) => first(service, (pattern) => covers(pattern, wanted)),
    concerns: (service) => everything.length > 0 || byService.has(service),
    patternsOf: (service) => byService.get(service) ?? [],
    services: byService.keys(),
    why: (text) => reasons.get(text) ?? `the keep-list names ${text}`,
  });
}

export const PASS_ROLE_REASON =
  'AWS never records the use of iam:PassRole, so a finding that calls all of iam unused does not show that it is unused';

/** An entry that always stays although the universe has no such action. */
export interface UncataloguedKeep extends KeepEntry {
  readonly reason: string;
}

/**
 * The actions that the keep-list names and the universe lacks, by service, and `iam:PassRole` if the catalogue lacks
 * it and the finding reports all of iam unused. Going through the universe's actions would lose them: a wildcard that
 * matches them is split into the known actions, or dropped. A keep-list wildcard over a service that the catalogue
 * knows means the actions that the catalogue knows, as any wildcard does. See docs/adr/0010.
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

/** Of two equal patterns, the earlier one stays. */
function withoutContained(keepEntries: readonly UncataloguedKeep[]): readonly UncataloguedKeep[] {
  return keepEntries.filter(
    ({ action }, index) =>
      !keepEntries.some(
        (other, place) => covers(other.action, action) && (place < index || !covers(action, other.action)),
      ),
  );
}
