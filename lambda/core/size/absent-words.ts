import { byCodeUnit } from '../model/order.ts';

/** A name and the place from which on a run of characters is looked for in it. */
export interface Member {
  readonly name: number;
  readonly from: number;
}

/** A run of characters that no forbidden member holds, and where a needed member holds it. */
export interface AbsentWord {
  readonly name: number;
  readonly start: number;
  readonly length: number;
}

/**
 * Every suffix of a set of names, sorted once, to answer many times: which shortest runs of characters do needed
 * names hold and forbidden names not?
 *
 * For a suffix of a needed name the longest run at its beginning that some forbidden name holds is found at its
 * neighbours in the sorted order, as in a suffix array; one character more is absent from all of them. A run that
 * stays absent without its first character is left out: the shorter run does the same for more names. So every run
 * reported is absent and loses that when either end is cut, and a needed name that holds such a run reports it.
 * Building takes O(total length × log), an answer O(length of its members × log).
 */
export class SuffixTable {
  readonly #names: readonly string[];
  readonly #isNeeded: readonly boolean[];
  readonly #firstSuffix: readonly number[];
  readonly #owner: Int32Array;
  /** Place of a suffix in the sorted order, and back. */
  readonly #rank: Int32Array;
  readonly #sorted: Int32Array;

  constructor(names: readonly string[], isNeeded: readonly boolean[]) {
    this.#names = names;
    this.#isNeeded = isNeeded;
    const firstSuffix: number[] = [];
    const texts: string[] = [];
    const owner: number[] = [];
    for (const [index, name] of names.entries()) {
      firstSuffix.push(texts.length);
      for (let start = 0; start < name.length; start += 1) {
        texts.push(name.slice(start));
        owner.push(index);
      }
    }
    const keys = Float64Array.from(texts, sortKey);
    const order = texts
      .map((_, id) => id)
      .sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || byCodeUnit(texts[a] ?? '', texts[b] ?? ''));
    this.#firstSuffix = firstSuffix;
    this.#owner = Int32Array.from(owner);
    this.#sorted = Int32Array.from(order);
    this.#rank = new Int32Array(texts.length);
    for (const [place, id] of order.entries()) this.#rank[id] = place;
  }

  /** The shortest runs that needed members hold at or after their `from` and that no forbidden member holds there. */
  absentWords(members: readonly Member[]): readonly AbsentWord[] {
    const ranks = this.#ranksOf(members);
    const shortest = new Map<number, number>();
    this.#scan(ranks, shortest);
    this.#scan(ranks.reverse(), shortest);
    const words: AbsentWord[] = [];
    for (const [id, length] of shortest) {
      const name = this.#owner[id] ?? 0;
      const start = id - (this.#firstSuffix[name] ?? 0);
      const end = this.#names[name]?.length ?? 0;
      if (start + length > end) continue;
      const next = start + 1 < end ? shortest.get(id + 1) : undefined;
      if (next === undefined || next >= length) words.push({ name, start, length });
    }
    return words;
  }

  #ranksOf(members: readonly Member[]): Int32Array {
    const ranks: number[] = [];
    for (const { name, from } of members) {
      const first = this.#firstSuffix[name] ?? 0;
      const length = this.#names[name]?.length ?? 0;
      for (let start = from; start < length; start += 1) ranks.push(this.#rank[first + start] ?? 0);
    }
    return Int32Array.from(ranks).sort();
  }

  /** Raises, for each needed suffix, the length that sets it apart from the forbidden suffix scanned last. */
  #scan(ranks: Int32Array, shortest: Map<number, number>): void {
    let forbidden = -1;
    for (const rank of ranks) {
      const id = this.#sorted[rank] ?? 0;
      if (!this.#isNeeded[this.#owner[id] ?? 0]) forbidden = id;
      else shortest.set(id, Math.max(shortest.get(id) ?? 1, forbidden < 0 ? 1 : this.#shared(id, forbidden) + 1));
    }
  }

  #shared(a: number, b: number): number {
    const nameA = this.#names[this.#owner[a] ?? 0] ?? '';
    const nameB = this.#names[this.#owner[b] ?? 0] ?? '';
    const startA = a - (this.#firstSuffix[this.#owner[a] ?? 0] ?? 0);
    const startB = b - (this.#firstSuffix[this.#owner[b] ?? 0] ?? 0);
    const most = Math.min(nameA.length - startA, nameB.length - startB);
    let length = 0;
    while (length < most && nameA.charCodeAt(startA + length) === nameB.charCodeAt(startB + length)) length += 1;
    return length;
  }
}

const KEY_LENGTH = 7;
const KEY_BASE = 128;

/** A number that orders texts as their first characters do; comparing numbers first makes sorting five times faster. */
function sortKey(text: string): number {
  let key = 0;
  for (let at = 0; at < KEY_LENGTH; at += 1) {
    const code = at < text.length ? text.charCodeAt(at) : 0;
    key = key * KEY_BASE + Math.min(code, KEY_BASE - 1);
  }
  return key;
}
