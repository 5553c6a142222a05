import { byCodeUnit } from '../../model/order.ts';

/** A name, and the index from which it is searched for a run of characters. */
export interface Member {
  readonly name: number;
  readonly from: number;
}

/** A run of characters that no forbidden member contains, and its place in a needed member. */
interface AbsentWord {
  readonly name: number;
  readonly start: number;
  readonly length: number;
}

/**
 * Every suffix of a set of names, sorted once, to find many times the shortest runs of characters that needed names
 * contain and forbidden names do not. The needed names come first.
 *
 * As in a suffix array, the longest prefix that a needed name's suffix shares with any forbidden name is found at its
 * neighbours in sorted order; one character more is absent from all of them. A run that is still absent without its
 * first character is omitted, because the shorter run does the same for more names. So every reported run is a minimal
 * absent one, and every needed name that contains such a run reports it.
 * Building takes O(total length × log), a search O(length of its members × log).
 */
export class SuffixTable {
  readonly #names: readonly string[];
  readonly #neededCount: number;
  /** The first suffix of each name; the others follow it in the order of their starts. */
  readonly #first: Int32Array;
  readonly #owner: Int32Array;
  /** The place of a suffix in sorted order; `#sorted` is the inverse. */
  readonly #rank: Int32Array;
  readonly #sorted: Int32Array;
  /** Scratch space: the length that distinguishes a needed suffix from the forbidden ones scanned so far. */
  readonly #apart: Int32Array;

  constructor(names: readonly string[], neededCount: number) {
    this.#names = names;
    this.#neededCount = neededCount;
    const count = names.reduce((sum, name) => sum + name.length, 0);
    this.#first = new Int32Array(names.length);
    this.#owner = new Int32Array(count);
    this.#rank = new Int32Array(count);
    this.#apart = new Int32Array(count);
    const keys = new Float64Array(count);
    let id = 0;
    for (const [index, name] of names.entries()) {
      this.#first[index] = id;
      for (let start = 0; start < name.length; start += 1, id += 1) {
        this.#owner[id] = index;
        keys[id] = sortKey(name, start);
      }
    }
    this.#sorted = new Int32Array(count).map((_, place) => place);
    this.#sorted.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || byCodeUnit(this.#text(a), this.#text(b)));
    for (const [place, suffix] of this.#sorted.entries()) this.#rank[suffix] = place;
  }

  /** The shortest runs that needed members contain at or after their `from`, and forbidden members do not. */
  absentWords(members: readonly Member[]): readonly AbsentWord[] {
    const ranks = this.#ranksOf(members);
    for (const rank of ranks) this.#apart[this.#sorted[rank] ?? 0] = 1;
    this.#scan(ranks);
    this.#scan(ranks.reverse());
    const words: AbsentWord[] = [];
    for (const { name, from } of members) {
      if (name >= this.#neededCount) continue;
      const first = this.#first[name] ?? 0;
      const end = this.#names[name]?.length ?? 0;
      for (let start = from; start < end; start += 1) {
        const length = this.#apart[first + start] ?? 0;
        if (start + length > end) continue;
        const isShorterLater = start + 1 < end && (this.#apart[first + start + 1] ?? 0) < length;
        if (!isShorterLater) words.push({ name, start, length });
      }
    }
    return words;
  }

  #text(suffix: number): string {
    const name = this.#owner[suffix] ?? 0;
    return (this.#names[name] ?? '').slice(suffix - (this.#first[name] ?? 0));
  }

  #ranksOf(members: readonly Member[]): Int32Array {
    let count = 0;
    for (const { name, from } of members) count += Math.max(0, (this.#names[name]?.length ?? 0) - from);
    const ranks = new Int32Array(count);
    let at = 0;
    for (const { name, from } of members) {
      const first = this.#first[name] ?? 0;
      const length = this.#names[name]?.length ?? 0;
      for (let start = from; start < length; start += 1, at += 1) ranks[at] = this.#rank[first + start] ?? 0;
    }
    return ranks.sort();
  }

  /** Raises the length of each needed suffix to what distinguishes it from the forbidden suffix scanned last. */
  #scan(ranks: Int32Array): void {
    let forbidden = -1;
    for (const rank of ranks) {
      const id = this.#sorted[rank] ?? 0;
      if ((this.#owner[id] ?? 0) >= this.#neededCount) forbidden = id;
      else if (forbidden >= 0) {
        const length = this.#shared(id, forbidden) + 1;
        if (length > (this.#apart[id] ?? 0)) this.#apart[id] = length;
      }
    }
  }

  #shared(a: number, b: number): number {
    const ownerA = this.#owner[a] ?? 0;
    const ownerB = this.#owner[b] ?? 0;
    const nameA = this.#names[ownerA] ?? '';
    const nameB = this.#names[ownerB] ?? '';
    const startA = a - (this.#first[ownerA] ?? 0);
    const startB = b - (this.#first[ownerB] ?? 0);
    const most = Math.min(nameA.length - startA, nameB.length - startB);
    let length = 0;
    while (length < most && nameA.charCodeAt(startA + length) === nameB.charCodeAt(startB + length))
      length += 1;
    return length;
  }
}

const KEY_LENGTH = 7;
const KEY_BASE = 128;

/** A number with the order of a suffix's first characters, because numbers compare much faster than strings. */
function sortKey(name: string, start: number): number {
  let key = 0;
  for (let at = start; at < start + KEY_LENGTH; at += 1) {
    const code = at < name.length ? name.charCodeAt(at) : 0;
    key = key * KEY_BASE + Math.min(code, KEY_BASE - 1);
  }
  return key;
}
