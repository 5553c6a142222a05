import { matchesPattern } from '../../pattern/matches.ts';

const BITS = 32;

/**
 * Names, indexed by their pairs of adjacent characters. A name that a pattern matches contains every pair of the
 * pattern's fixed runs, so a pattern is compared with only a few of many names.
 */
export class NamesByPairs {
  readonly #names: readonly string[];
  readonly #words: number;
  readonly #holders = new Map<string, Uint32Array>();

  /** @param names case-folded */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#words = Math.ceil(names.length / BITS);
    for (const [place, name] of names.entries()) {
      for (let at = 0; at < name.length; at += 1) {
        this.#note(name.slice(at, at + 1), place);
        if (at > 0) this.#note(name.slice(at - 1, at + 1), place);
      }
    }
  }

  #note(key: string, place: number): void {
    const holders = this.#holders.get(key) ?? new Uint32Array(this.#words);
    this.#holders.set(key, holders);
    const word = Math.floor(place / BITS);
    holders[word] = (holders[word] ?? 0) | (1 << (place % BITS));
  }

  /** Positions of the names that a case-folded pattern matches, ascending. */
  matching(pattern: string): readonly number[] {
    const left = new Uint32Array(this.#words).fill(0xffffffff);
    for (const run of pattern.split(/[*?]+/)) {
      for (let at = Math.min(1, run.length - 1); at < run.length && run !== ''; at += 1) {
        const holders = this.#holders.get(run.slice(Math.max(at - 1, 0), at + 1));
        if (!holders) return [];
        for (let word = 0; word < left.length; word += 1) {
          left[word] = (left[word] ?? 0) & (holders[word] ?? 0);
        }
      }
    }
    const found: number[] = [];
    for (let word = 0; word < left.length; word += 1) {
      for (let bits = left[word] ?? 0; bits !== 0; bits &= bits - 1) {
        const place = word * BITS + (31 - Math.clz32(bits & -bits));
        if (place < this.#names.length && matchesPattern(pattern, this.#names[place] ?? ''))
          found.push(place);
      }
    }
    return found;
  }
}
