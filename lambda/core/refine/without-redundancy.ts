import type { ActionPattern } from '../pattern/action-pattern.ts';
import { covers } from '../pattern/covers.ts';
import { foldCase, isWildcard, lettersOf, literalPrefix } from '../pattern/matches.ts';
import { byCodeUnit } from '../model/order.ts';
import type { NewPattern } from './refine-patterns.ts';

/**
 * Drops each new pattern that another pattern contains: a surviving pattern of the author, or another new one. Of two
 * equal new patterns, the first stays. The author's own patterns are never dropped.
 * `groups` has the new patterns for each pattern of `replaced`. The patterns of one group do not contain each other
 * (the splitter guarantees it).
 */
export function withoutRedundancy(
  survivors: readonly ActionPattern[],
  replaced: readonly ActionPattern[],
  groups: readonly (readonly NewPattern[])[],
): readonly (readonly NewPattern[])[] {
  if (survivors.some((pattern) => pattern.kind === 'everything')) return groups.map(() => []);
  const contested = contestedServices(survivors, replaced, groups);
  if (contested.size === 0) return groups;
  const byService = new Map<string, ServicePatterns>();
  const of = (service: string): ServicePatterns => {
    const known = byService.get(service) ?? { texts: new Map(), wildcards: new Map() };
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

/**
 * The services in which two patterns of different origin could contain each other. The patterns of a split lie within
 * their wildcard, so wildcards that begin differently need no comparison.
 */
function contestedServices(
  survivors: readonly ActionPattern[],
  replaced: readonly ActionPattern[],
  groups: readonly (readonly NewPattern[])[],
): ReadonlySet<string> {
  const origins = new Map<string, string[]>();
  const note = (service: string, prefix: string): void => {
    const prefixes = origins.get(service);
    if (prefixes) prefixes.push(prefix);
    else origins.set(service, [prefix]);
  };
  for (const pattern of survivors) {
    if (pattern.kind !== 'everything') note(pattern.service, literalPrefix(pattern.action));
  }
  for (const [group, pattern] of replaced.entries()) {
    const own = groups[group] ?? [];
    if (own.length === 0) continue;
    if (pattern.kind !== 'everything') note(pattern.service, literalPrefix(pattern.action));
    else for (const service of new Set(own.map((part) => part.service))) note(service, '');
  }
  const contested = new Set<string>();
  for (const [service, prefixes] of origins) if (hasNested(prefixes)) contested.add(service);
  return contested;
}

/** Whether one of the prefixes begins with another. In sorted order, that is the one before it. */
function hasNested(prefixes: readonly string[]): boolean {
  if (prefixes.length < 2) return false;
  const sorted = [...prefixes].sort(byCodeUnit);
  return sorted.some((prefix, index) => index > 0 && prefix.startsWith(sorted[index - 1] ?? ''));
}

function actionOf({ text }: NewPattern): string {
  return foldCase(text.slice(text.indexOf(':') + 1));
}

const AUTHOR = -1;

interface ServicePatterns {
  /** The first group of each pattern; the author's patterns count as the first group. */
  readonly texts: Map<string, number>;
  /** By the letters before the first wildcard, with which everything that a pattern contains begins. */
  readonly wildcards: Map<string, Wildcard[]>;
}

interface Wildcard {
  readonly text: string;
  readonly group: number;
  readonly letters: number;
}

function add(patterns: ServicePatterns, text: string, group: number): void {
  if (patterns.texts.has(text)) return;
  patterns.texts.set(text, group);
  if (!isWildcard(text)) return;
  const prefix = literalPrefix(text);
  const known = patterns.wildcards.get(prefix);
  const wildcard = { text, group, letters: lettersOf(text) };
  if (known) known.push(wildcard);
  else patterns.wildcards.set(prefix, [wildcard]);
}

function isContained(text: string, group: number, patterns: ServicePatterns): boolean {
  if (patterns.texts.get(text) !== group) return true;
  const prefix = literalPrefix(text);
  const letters = lettersOf(text);
  for (let length = 0; length <= prefix.length; length += 1) {
    const isSaid = patterns.wildcards.get(prefix.slice(0, length))?.some((other) => {
      if ((other.letters & ~letters) !== 0 || other.text === text || !covers(other.text, text)) return false;
      // Two spellings of the same pattern (`a**`, `a*`) contain each other: the earlier one stays.
      return other.group < group || !covers(text, other.text);
    });
    if (isSaid === true) return true;
  }
  return false;
}
