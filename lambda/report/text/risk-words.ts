import type { LevelCounts, RiskOf, RiskSummary } from '../../core/risk/risk.ts';
import { count } from '../../core/model/wording.ts';
import { counted, listed } from './format.ts';

/** What one and what several actions of each level do, the most severe level first. */
const LEVEL_WORDS = [
  ['permissions', 'changes permissions', 'change permissions'],
  ['write', 'writes', 'write'],
  ['tagging', 'tags', 'tag'],
  ['read', 'reads', 'read'],
  ['list', 'lists', 'list'],
  ['unknown', 'is of an unknown kind', 'are of an unknown kind'],
] as const;

/** `2 change permissions, 5 write and 13 read`; empty if there is no action. */
export function levelPhrase(levels: LevelCounts): string {
  return listed(
    LEVEL_WORDS.flatMap(([level, one, many]) => {
      const some = levels[level];
      return some === 0 ? [] : [`${count(some)} ${some === 1 ? one : many}`];
    }),
  );
}

/** Names of the levels, as a heading. */
export const LEVEL_NAMES: Readonly<Record<keyof LevelCounts, string>> = {
  permissions: 'Changes permissions',
  write: 'Writes',
  tagging: 'Tags',
  read: 'Reads',
  list: 'Lists',
  unknown: 'Of an unknown kind',
};

/** The number of actions that can change something. Actions of an unknown level do not count. */
export function changing({ permissions, write, tagging }: LevelCounts): number {
  return permissions + write + tagging;
}

/** The same for a proposal's own list; `nothing` if it is empty. */
export function actionsPhrase({ levels, highImpact }: RiskOf): string {
  return riskPhrase({ weight: 0, levels, highImpact: highImpact.length }) || 'nothing';
}

/** `5 high-impact; 2 change permissions and 13 read` */
export function riskPhrase({ highImpact, levels }: RiskSummary): string {
  const high = highImpact === 0 ? '' : `${count(highImpact)} high-impact`;
  return [high, levelPhrase(levels)].filter((part) => part !== '').join('; ');
}

/** Why a proposal is hardly worth a reviewer's time. */
export const HARDLY_WORTH = 'hardly worth it: the policies grow, and only a few reads are removed';

/** `1 high-impact action`, `3 high-impact actions` */
export function highImpactPhrase(some: number): string {
  return counted(some, 'high-impact action');
}
