import {
  type DocumentDraft,
  draftDocument,
  groupsOfDocument,
  chunksAt,
  type RefinedPolicy,
  writeDocument,
  type DraftFacts,
  type Levels,
} from './document-draft.ts';
import { type Level, LEVELS, type EntryGroup } from './cover/entry-group.ts';

/** How a document is written: whether a split `*` becomes `NotAction`, and how far its lists are shortened. */
export interface Encoding {
  readonly isNotAction: boolean;
  readonly level: Level;
}

/** A refined policy in both of its drafts. */
export interface PatternTokens {
  /** With every split `*` as an `Action` list, as refinement wrote it. */
  readonly listed: DocumentDraft;
  /** With every split `*` as `NotAction`; undefined if none is split, or wildcards are forbidden. */
  readonly excluding: DocumentDraft | undefined;
}

export function tokensOf(refined: RefinedPolicy, facts: DraftFacts): PatternTokens {
  // Like a wildcard, NotAction grants whatever AWS adds, so it is not used if wildcards are forbidden.
  const excluding = facts.generalize === 'enumerate' ? undefined : refined.excluding;
  return {
    listed: draftDocument(refined, facts),
    excluding: excluding && draftDocument({ policy: refined.policy, edits: excluding }, facts),
  };
}

/** Documents at chosen levels, each in one of its two drafts; `excess` is the characters over the limit. */
export interface Variant {
  readonly drafts: readonly DocumentDraft[];
  readonly levels: Levels;
  readonly encoding: Encoding;
  readonly excess: number;
}

/**
 * Writes documents within `limit` characters together, shortened no more than needed: lists first, then the same with
 * every split `*` as `NotAction`. If the result is still too long, it is the shortest that was found.
 */
export function writeWithin(tokenLists: readonly PatternTokens[], limit: number): Variant {
  const listed = attempt(
    tokenLists.map((tokens) => tokens.listed),
    false,
    limit,
  );
  if (listed.excess <= 0 || tokenLists.every(({ excluding }) => !excluding)) return listed;
  const excluding = attempt(
    tokenLists.map((tokens) => tokens.excluding ?? tokens.listed),
    true,
    limit,
  );
  return excluding.excess <= 0 || excluding.excess < listed.excess ? excluding : listed;
}

function attempt(drafts: readonly DocumentDraft[], isNotAction: boolean, limit: number): Variant {
  const characters = drafts.reduce((sum, draft) => sum + charactersAt(draft, new Map()), 0);
  const { levels, level } = shorten(drafts.flatMap(groupsOfDocument), characters - limit);
  // Measured again, because the savings of the groups do not include the brackets of a list that is reduced to one
  // entry.
  const excess = drafts.reduce((sum, draft) => sum + charactersAt(draft, levels), 0) - limit;
  return { drafts, levels, encoding: { isNotAction, level }, excess };
}

export function charactersAt(draft: DocumentDraft, levels: Levels): number {
  return writeDocument(draft.policy, chunksAt(draft, levels)).characters;
}

/** Every form of one document, from the mildest to the most drastic, with all groups at the same level. */
export function* uniformEncodings(
  tokens: PatternTokens,
): Generator<{ draft: DocumentDraft; levels: Levels; encoding: Encoding }> {
  for (const [draft, isNotAction] of [
    [tokens.listed, false],
    [tokens.excluding, true],
  ] as const) {
    if (!draft) continue;
    for (const level of LEVELS) {
      yield {
        draft,
        levels: uniformLevels(groupsOfDocument(draft), level),
        encoding: { isNotAction, level },
      };
    }
  }
}

/** Levels for some groups, and by how many characters the whole is still too long (0 or less: it fits). */
interface Shortening {
  readonly levels: Levels;
  readonly excess: number;
  /** The highest level that was needed. */
  readonly level: Level;
}

/**
 * Shortens groups only as far as needed to save `excess` characters, level by level. Within a level, the group that
 * saves most comes first (of equal savings, the earlier one), and the others stay as they are once enough is saved.
 */
function shorten(groups: readonly EntryGroup[], excess: number): Shortening {
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
