import type { ActionPattern } from '../pattern/action-pattern.ts';
import { covers } from '../pattern/covers.ts';
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
  const byService = new Map<string, ServicePatterns>();
  const of = (service: string): ServicePatterns => {
    const known = byService.get(service) ?? { texts: new Map(), wildcards: [], groups: new Set() };
    byService.set(service, known);
    return known;
  };
  for (const pattern of survivors) {
    if (pattern.kind === 'everything') continue;
    add(of(pattern.service), pattern.action, AUTHOR);
  }
  for (const [group, patterns] of groups.entries()) {
    for (const pattern of patterns) add(of(pattern.service), pattern.action, group);
  }
  return groups.map((patterns, group) =>
    patterns.filter((pattern) => !isContained(pattern.action, group, of(pattern.service))),
  );
}

const AUTHOR = -1;

interface ServicePatterns {
  /** Each pattern's first group; the author counts as the first of all. */
  readonly texts: Map<string, number>;
  readonly wildcards: { readonly text: string; readonly group: number }[];
  readonly groups: Set<number>;
}

function add(patterns: ServicePatterns, text: string, group: number): void {
  patterns.groups.add(group);
  if (patterns.texts.has(text)) return;
  patterns.texts.set(text, group);
  if (/[*?]/.test(text)) patterns.wildcards.push({ text, group });
}

function isContained(text: string, group: number, patterns: ServicePatterns): boolean {
  if (patterns.groups.size < 2) return false;
  if (patterns.texts.get(text) !== group) return true;
  return patterns.wildcards.some((other) => {
    if (other.text === text || !covers(other.text, text)) return false;
    // Two spellings of one language (`a**`, `a*`) contain each other: the earlier one stays.
    return other.group < group || !covers(text, other.text);
  });
}
