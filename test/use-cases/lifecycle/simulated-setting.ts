import { seededRandom } from '../../random.ts';

/** Milliseconds that the clock says at the beginning. */
export const FIRST_MOMENT = 1_000_000;
/** The contact of every account. */
export const OWNER = 'team@example.com';
const FIRST_DAY = Date.parse('2026-11-29T00:00:00.000Z');

/** What all parts of a simulation share: chance, the time, and what was found wrong. */
export class Setting {
  readonly #random: () => number;
  #serial = 0;
  /** Milliseconds. */
  now = FIRST_MOMENT;
  /** From then on nothing changes, fails or dies any more. */
  isQuiet = false;
  readonly wrongs = new Set<string>();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** The same for what happens until it is quiet. */
  trouble(share: number): boolean {
    return !this.isQuiet && this.chance(share);
  }

  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  oneOf<T>(all: readonly T[]): T | undefined {
    return all[this.below(all.length)];
  }

  /** Takes one out of a list. */
  take<T>(all: T[]): T | undefined {
    const [one] = all.splice(this.below(all.length), 1);
    return one;
  }

  next(name: string): string {
    this.#serial += 1;
    return `${name}-${String(this.#serial)}`;
  }

  /** The present time as a store tells it: whole seconds. */
  seconds(): number {
    return Math.floor(this.now / 1_000) * 1_000;
  }

  /** The present time, ISO 8601. */
  moment(millisLater = 0): string {
    return new Date(FIRST_DAY + this.now - FIRST_MOMENT + millisLater).toISOString();
  }
}

/** What was so, and since when. */
export class History<T> {
  readonly #moments: { readonly at: number; readonly value: T }[] = [];
  constructor(first: T) {
    this.#moments.push({ at: 0, value: first });
  }

  get now(): T {
    const last = this.#moments.at(-1);
    if (!last) throw new Error('there is always a first moment');
    return last.value;
  }

  add(at: number, value: T): void {
    this.#moments.push({ at, value });
  }

  /** Everything that was so at some time since then. */
  since(at: number): readonly T[] {
    const begun = this.#moments.findLastIndex((moment) => moment.at < at);
    return this.#moments.slice(Math.max(0, begun)).map(({ value }) => value);
  }
}
