import { foldCase, matchesPattern } from '../pattern/matches.ts';
import { parseActionPattern } from '../pattern/action-pattern.ts';
import { ok, type Result } from '../pattern/result.ts';
import { type KeepList, readKeepList } from '../refine/keep-list.ts';
import { type Decision, decisionPhrase } from './decision.ts';

/** What decisions keep: patterns, and why each stays. */
interface Kept {
  readonly patterns: readonly string[];
  /** The sentence for each pattern. */
  readonly reasons: ReadonlyMap<string, string>;
}

/**
 * For whom actions may be kept: a principal with the policies that it has, or a shared policy or group with its
 * holders.
 */
export interface DecisionScope {
  readonly arn: string;
  readonly accountId: string;
  /** ARNs of its customer managed policies, and of the groups it is in. */
  readonly others?: readonly string[] | undefined;
}

/** The actions to keep for any of these, in the order of the decisions. */
export function keptFor(decisions: readonly Decision[], scopes: readonly DecisionScope[]): Kept {
  const names = new Set(scopes.flatMap(({ arn, accountId, others = [] }) => [arn, accountId, ...others]));
  const reasons = new Map<string, string>();
  for (const decision of decisions) {
    if (decision.decision !== 'keep' || !names.has(decision.about)) continue;
    for (const pattern of decision.keep) {
      if (!reasons.has(pattern)) reasons.set(pattern, decisionPhrase(decision));
    }
  }
  return { patterns: [...reasons.keys()], reasons };
}

/**
 * The keep-list of the settings and the decisions, as texts and parsed. If a pattern is on both, the settings are its
 * reason.
 */
export function withKept(
  keep: readonly string[],
  { patterns, reasons }: Kept,
): Result<{ readonly texts: readonly string[]; readonly list: KeepList }> {
  const texts = [...keep, ...patterns.filter((pattern) => !keep.includes(pattern))];
  const list = readKeepList(texts, new Map([...reasons].filter(([pattern]) => !keep.includes(pattern))));
  return list.ok ? ok({ texts, list: list.value }) : list;
}

/** Which of these actions (`service:Action`) are kept, with the pattern that keeps each. */
export function keptAmong(
  actions: readonly string[],
  { patterns }: Kept,
): readonly (readonly [action: string, pattern: string])[] {
  const parsed = patterns.flatMap((text) => {
    const pattern = parseActionPattern(text);
    return pattern.ok ? [{ text, pattern: pattern.value }] : [];
  });
  return actions.flatMap((action) => {
    const key = foldCase(action);
    const colon = key.indexOf(':');
    const found = parsed.find(
      ({ pattern }) =>
        pattern.kind === 'everything' ||
        (pattern.service === key.slice(0, colon) && matchesPattern(pattern.action, key.slice(colon + 1))),
    );
    return found ? [[action, found.text] as const] : [];
  });
}
