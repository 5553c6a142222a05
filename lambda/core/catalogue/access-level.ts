/**
 * What an action does, as AWS sorts actions: `permissions` is "permissions management".
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
 */
export type AccessLevel = 'list' | 'read' | 'write' | 'tagging' | 'permissions';

/** From the mildest to the most severe. */
export const ACCESS_LEVELS = ['list', 'read', 'tagging', 'write', 'permissions'] as const;

/** The level of an action by its case-folded service and name; undefined if it is not known. */
export type LevelOf = (service: string, action: string) => AccessLevel | undefined;

const LETTERS: Readonly<Record<AccessLevel, string>> = {
  list: 'l',
  read: 'r',
  tagging: 't',
  write: 'w',
  permissions: 'p',
};

const BY_LETTER = new Map(ACCESS_LEVELS.map((level) => [LETTERS[level], level]));

/** One letter for each action, in the order of the actions; `-` if the level is not known. */
export function packLevels(levels: readonly (AccessLevel | undefined)[]): string {
  return levels.map((level) => (level === undefined ? '-' : LETTERS[level])).join('');
}

/** The level at a position of the result of {@link packLevels}. */
export function levelAt(packed: string, place: number): AccessLevel | undefined {
  return BY_LETTER.get(packed.charAt(place));
}
