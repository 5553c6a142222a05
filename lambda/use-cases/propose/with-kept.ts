import type { Kept } from '../../core/decision/kept-by-decision.ts';

/** The keep-list of the settings, and what decisions keep besides. */
export function withKept(keep: readonly string[], { patterns }: Kept): readonly string[] {
  return patterns.length === 0 ? keep : [...keep, ...patterns.filter((pattern) => !keep.includes(pattern))];
}

/** Why the patterns stay that only decisions keep: of those on both lists the settings are the reason. */
export function reasonsBeside(keep: readonly string[], { reasons }: Kept): ReadonlyMap<string, string> {
  return new Map([...reasons].filter(([pattern]) => !keep.includes(pattern)));
}
