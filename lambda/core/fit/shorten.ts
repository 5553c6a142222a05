import { type EntryGroup, type Level, LEVELS } from './cover/entry-group.ts';
import type { Levels } from './statement-draft.ts';

/** Levels for some groups, and by how many characters the whole is still too long (0 or less: it fits). */
export interface Shortening {
  readonly levels: Levels;
  readonly excess: number;
  /** The highest level that was needed. */
  readonly level: Level;
}

/**
 * Shortens groups only as far as needed to save `excess` characters. Level by level; within a level the group that
 * saves most comes first (of equal savings the earlier one), and the rest stays as it is once enough is saved.
 */
export function shorten(groups: readonly EntryGroup[], excess: number): Shortening {
  const levels = new Map<EntryGroup, Level>();
  let left = excess;
  let reached: Level = 'as-refined';
  for (const level of LEVELS) {
    if (left <= 0) break;
    const savings = groups
      .map((group, index) => {
        const current = group.at(levels.get(group) ?? 'as-refined').characters;
        return { group, index, saving: current - group.at(level).characters };
      })
      .filter(({ saving }) => saving > 0)
      .sort((a, b) => b.saving - a.saving || a.index - b.index);
    for (const { group, saving } of savings) {
      if (left <= 0) break;
      levels.set(group, level);
      left -= saving;
      reached = level;
    }
  }
  return { levels, excess: left, level: reached };
}

/** One level for every group. */
export function uniformLevels(groups: readonly EntryGroup[], level: Level): Levels {
  return new Map(groups.map((group) => [group, level]));
}
