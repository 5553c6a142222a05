import { type CatalogueService, matchingActions } from '../../catalogue/catalogue.ts';
import { covers } from '../../pattern/covers.ts';
import { foldCase, matchesPattern } from '../../pattern/matches.ts';
import { type CoverProblem, isExactAnswer } from './cover-problem.ts';
import { coverByPatterns } from './pattern-cover.ts';
import { coverByPrefixes } from './prefix-cover.ts';

/**
 * How far the entries of a list are shortened, from not at all to as far as possible. All levels grant the same today;
 * from `prefixes` on, they may match other actions that AWS adds later, within what the author wrote.
 *
 * - `without-redundancy`: entries that another entry contains are removed, which never changes the meaning
 * - `prefixes`: the patterns that replaced a wildcard become prefixes that end at any character
 * - `abbreviations`: single actions become such prefixes too, if that is shorter
 * - `word-patterns`: stars anywhere, cut between words (`*Tagging`); the author's own literals are merged if another of
 *   the author's patterns encloses them
 * - `patterns`: stars anywhere, cut at any character
 */
export const LEVELS = [
  'as-refined',
  'without-redundancy',
  'prefixes',
  'abbreviations',
  'word-patterns',
  'patterns',
] as const;
export type Level = (typeof LEVELS)[number];

/** One entry of an action list. */
export interface Entry {
  /** Place in the list. */
  readonly position: number;
  readonly text: string;
  /** Case-folded, without the service. */
  readonly action: string;
  readonly isWildcard: boolean;
  /** Written by the author, not by refinement. */
  readonly isAuthors: boolean;
}

/** A group at one level: entries to drop, and new ones to add. */
interface Alternative {
  readonly dropped: ReadonlySet<number>;
  readonly added: readonly string[];
  readonly characters: number;
}

/** Facts that a group's shortening depends on. */
interface GroupFacts {
  /** Prefix as written. */
  readonly service: string;
  /** The universe's actions; undefined if it lacks the service. */
  readonly known: CatalogueService | undefined;
  /** Case-folded wildcard patterns that new entries may not exceed. */
  readonly enclosing: readonly string[];
  readonly mayUseWildcards: boolean;
}

/** The entries of one service in one list, and their shorter forms. */
export class EntryGroup {
  readonly #entries: readonly Entry[];
  readonly #facts: GroupFacts;
  readonly #levels = new Map<Level, Alternative>();

  constructor(entries: readonly Entry[], facts: GroupFacts) {
    this.#entries = entries;
    this.#facts = facts;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** The group at a level; never longer than at the level before. */
  at(level: Level): Alternative {
    const known = this.#levels.get(level);
    if (known) return known;
    const made = this.#make(level);
    this.#levels.set(level, made);
    return made;
  }

  #make(level: Level): Alternative {
    const before = LEVELS[LEVELS.indexOf(level) - 1];
    if (before === undefined) return this.#alternative(new Set(), []);
    const shorter = this.#attempt(level);
    const earlier = this.at(before);
    return shorter && shorter.characters < earlier.characters ? shorter : earlier;
  }

  #attempt(level: Level): Alternative | undefined {
    if (level === 'as-refined') return undefined;
    if (level === 'without-redundancy') return this.#alternative(this.#redundant(this.#entries), []);
    const { service, known, enclosing, mayUseWildcards } = this.#facts;
    if (!known || !mayUseWildcards || enclosing.length === 0) return undefined;
    const isMerging = level === 'word-patterns' || level === 'patterns';
    const isReplaceable = (entry: Entry): boolean =>
      entry.isAuthors
        ? isMerging && this.#isEnclosedLiteral(entry)
        : // A wildcard of the keep-list that matches no known action cannot be replaced.
          !entry.isWildcard || matchingActions(known, entry.action).length > 0;
    // Only an entry that stays makes another one redundant: the replacement of a wildcard matches fewer strings.
    const redundant = this.#redundant(this.#entries.filter((entry) => !isReplaceable(entry)));
    const rest = this.#entries.filter(({ position }) => !redundant.has(position));
    const wildcards = rest.filter((entry) => entry.isWildcard && isReplaceable(entry));
    const isUnder = ({ action }: Entry): boolean =>
      wildcards.some((one) => matchesPattern(one.action, action));
    const replaced = rest.filter((entry) => isReplaceable(entry) || (!entry.isWildcard && isUnder(entry)));
    if (replaced.length === 0) return undefined;
    const staying = rest.filter((entry) => !replaced.includes(entry));
    const problem: CoverProblem = {
      service,
      enclosing,
      ...namesToCover(known, replaced, staying, enclosing),
    };
    if (problem.forbidden.length === 0) return undefined;
    const answer = solve(problem, level);
    if (!answer || !isExactAnswer(problem, answer)) return undefined;
    const patterns = answer.map(foldCase);
    const said = staying.filter(
      (entry) => !entry.isWildcard && patterns.some((pattern) => matchesPattern(pattern, entry.action)),
    );
    const dropped = new Set([...redundant, ...[...replaced, ...said].map((entry) => entry.position)]);
    return this.#alternative(
      dropped,
      answer.map((text) => `${service}:${text}`),
    );
  }

  #isEnclosedLiteral(entry: Entry): boolean {
    return (
      !entry.isWildcard && this.#facts.enclosing.some((pattern) => matchesPattern(pattern, entry.action))
    );
  }

  /** Entries that one of `others` contains; of two equal ones, the earlier stays. */
  #redundant(others: readonly Entry[]): ReadonlySet<number> {
    const redundant = new Set<number>();
    const wildcards = others.filter((entry) => entry.isWildcard);
    const firsts = new Map<string, number>();
    for (const { position, action } of this.#entries) {
      const isRepeated = firsts.has(action);
      if (!isRepeated) firsts.set(action, position);
      const isContained = wildcards.some(
        (other) =>
          other.action !== action &&
          covers(other.action, action) &&
          (other.position < position || !covers(action, other.action)),
      );
      if (isRepeated || isContained) redundant.add(position);
    }
    return redundant;
  }

  #alternative(dropped: ReadonlySet<number>, added: readonly string[]): Alternative {
    const left = this.#entries.filter(({ position }) => !dropped.has(position)).map(({ text }) => text);
    const characters = [...left, ...added].reduce((sum, text) => sum + JSON.stringify(text).length + 1, 0);
    return { dropped, added, characters };
  }
}

function solve(problem: CoverProblem, level: Level): readonly string[] | undefined {
  if (problem.needed.length === 0) return [];
  switch (level) {
    case 'as-refined':
    case 'without-redundancy':
      return undefined;
    case 'prefixes':
      return coverByPrefixes(problem, { abbreviate: false });
    case 'abbreviations':
      return coverByPrefixes(problem, { abbreviate: true });
    case 'word-patterns':
      return coverByPatterns(problem, 'word');
    case 'patterns':
      return coverByPatterns(problem, 'character');
    default:
      return level satisfies never;
  }
}

/**
 * `needed`: the names that the replaced entries match and the remaining ones do not; literals in their own spelling.
 * `forbidden`: the names that no entry matches.
 */
function namesToCover(
  known: CatalogueService,
  replaced: readonly Entry[],
  staying: readonly Entry[],
  enclosing: readonly string[],
): Pick<CoverProblem, 'needed' | 'forbidden'> {
  const needed = new Map<string, string>();
  for (const entry of replaced) {
    const at = entry.isWildcard ? undefined : known.position.get(entry.action);
    if (!entry.isWildcard && (entry.isAuthors || at === undefined)) {
      needed.set(entry.action, entry.text.slice(entry.text.indexOf(':') + 1));
    } else {
      for (const position of at === undefined ? matchingActions(known, entry.action) : [at]) {
        const folded = known.folded[position] ?? '';
        if (!needed.has(folded)) needed.set(folded, known.actions[position] ?? folded);
      }
    }
  }
  const covered = new Set<string>(needed.keys());
  for (const entry of staying) {
    const names = entry.isWildcard
      ? [...covered].filter((name) => matchesPattern(entry.action, name))
      : [entry.action];
    for (const name of names) needed.delete(name);
    covered.add(entry.action);
    if (entry.isWildcard)
      for (const position of matchingActions(known, entry.action)) covered.add(known.folded[position] ?? '');
  }
  const forbidden = known.folded.filter(
    (name) => !covered.has(name) && enclosing.some((pattern) => matchesPattern(pattern, name)),
  );
  return { needed: [...needed.values()], forbidden };
}
