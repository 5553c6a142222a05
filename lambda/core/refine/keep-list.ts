import { ok, refuse, type Result } from '../pattern/result.ts';
import { type ActionPattern, parseActionPattern } from '../pattern/action-pattern.ts';
import { covers } from '../pattern/covers.ts';
import { matchesPattern } from '../pattern/matches.ts';

/** Action patterns that the owner never wants removed. */
export interface KeepList {
  /** The pattern, as written, that keeps this action (both parts case-folded), or undefined. */
  keeps(service: string, action: string): string | undefined;
  /** The pattern that contains everything a wildcard or an unknown action can mean, or undefined. */
  keepsWhole(service: string, actionPattern: string): string | undefined;
  /** Whether any pattern could concern the service. */
  concerns(service: string): boolean;
  /** Its patterns for one service; those that mean every service are not among them. */
  patternsOf(service: string): readonly KeepEntry[];
  /** Case-folded prefixes of the services that it names. */
  readonly services: Iterable<string>;
  /** Why a pattern of it, as written, keeps what it matches. */
  why(text: string): string;
}

/** A pattern of one service that always stays. */
export interface KeepEntry {
  /** As it is written, with the service. */
  readonly text: string;
  /** Case-folded, without the service. */
  readonly action: string;
}

/** @param reasons of patterns that stand on it for another reason than that somebody wrote it */
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
