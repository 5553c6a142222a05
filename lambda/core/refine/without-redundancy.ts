import type { ActionPattern } from '../pattern/action-pattern.ts';
import { covers } from '../pattern/covers.ts';
import { foldCase } from '../pattern/fold.ts';
import { isWildcard } from '../pattern/matches.ts';
import type { NewPattern } from './refine-patterns.ts';

/**
 * Drops each new pattern that the statement does not need: one that an author's surviving pattern or another new
 * pattern contains. Of two equal new patterns the first stays. The author's patterns themselves are never dropped.
 *
 * `groups` holds the new patterns by the pattern that they replace; the patterns of one group do not contain each
 * other (the splitter guarantees it), so a service that is split once and has no survivor needs no comparison.
 */
export function withoutRedundancy(
  survivors: readonly ActionPattern[],
  groups: readonly (readonly NewPattern[])[],
): readonly (readonly NewPattern[])[] {
  if (survivors.some((pattern) => pattern.kind === 'everything')) return groups.map(() => []);
  const contested = contestedServices(survivors, groups);
  if (contested.size === 0) return groups;
  const byService = new Map<string, ServicePatterns>();
  const of = (service: string): ServicePatterns => {
    const known = byService.get(service) ?? { texts: new Map(), wildcards: [] };
    byService.set(service, known);
    return known;
  };
  for (const pattern of survivors) {
    if (pattern.kind === 'everything' || !contested.has(pattern.service)) continue;
    add(of(pattern.service), pattern.action, AUTHOR);
  }
  for (const [group, patterns] of groups.entries()) {
    for (const pattern of patterns) {
      if (contested.has(pattern.service)) add(of(pattern.service), actionOf(pattern), group);
    }
  }
  return groups.map((patterns, group) =>
    patterns.filter(
      (pattern) =>
        !contested.has(pattern.service) || !isContained(actionOf(pattern), group, of(pattern.service)),
    ),
  );
}

/** The services that patterns of more than one group, or of a group and the author, speak of. */
function contestedServices(
  survivors: readonly ActionPattern[],
  groups: readonly (readonly NewPattern[])[],
): ReadonlySet<string> {
  const owners = new Map<string, number>();
  const contested = new Set<string>();
  for (const pattern of survivors) if (pattern.kind !== 'everything') owners.set(pattern.service, AUTHOR);
  for (const [group, patterns] of groups.entries()) {
    for (const { service } of patterns) {
      const owner = owners.get(service);
      if (owner === undefined) owners.set(service, group);
      else if (owner !== group) contested.add(service);
    }
  }
  return contested;
}

function actionOf({ text }: NewPattern): string {
  return foldCase(text.slice(text.indexOf(':') + 1));
}

const AUTHOR = -1;

interface ServicePatterns {
  /** Each pattern's first group; the author counts as the first of all. */
  readonly texts: Map<string, number>;
  readonly wildcards: { readonly text: string; readonly group: number }[];
}

function add(patterns: ServicePatterns, text: string, group: number): void {
  if (patterns.texts.has(text)) return;
  patterns.texts.set(text, group);
  if (isWildcard(text)) patterns.wildcards.push({ text, group });
}

function isContained(text: string, group: number, patterns: ServicePatterns): boolean {
  if (patterns.texts.get(text) !== group) return true;
  return patterns.wildcards.some((other) => {
    if (other.text === text || !covers(other.text, text)) return false;
    // Two spellings of one language (`a**`, `a*`) contain each other: the earlier one stays.
    return other.group < group || !covers(text, other.text);
  });
}
