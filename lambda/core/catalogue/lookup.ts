import { literalPrefix, matchesPattern } from '../pattern/matches.ts';
import type { CatalogueService } from './catalogue.ts';

/**
 * Positions of the service's actions that a case-folded pattern matches, ascending. Only names that start with the
 * pattern's literal prefix are looked at.
 */
export function matchingActions(service: CatalogueService, pattern: string): readonly number[] {
  const prefix = literalPrefix(pattern);
  const isPrefix = pattern.length === prefix.length + 1 && pattern.endsWith('*');
  const matched: number[] = [];
  for (let i = firstAtOrAfter(service.folded, prefix); i < service.folded.length; i += 1) {
    const name = service.folded[i] ?? '';
    if (!name.startsWith(prefix)) break;
    if (isPrefix || matchesPattern(pattern, name)) matched.push(i);
  }
  return matched;
}

/** Position of the first of the sorted texts that is not smaller than `text`; their number when all are. */
export function firstAtOrAfter(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
