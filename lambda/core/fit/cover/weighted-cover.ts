/** An offer: its cost (positive), and the elements that it covers (ascending, distinct). */
export interface Offer {
  readonly cost: number;
  readonly covered: readonly number[];
}

/**
 * Positions of offers that together cover the elements 0 … count−1 at a small total cost: weighted set cover.
 *
 * Greedy first (the lowest price for each newly covered element; at most ln(count)+1 times the best cost, Chvátal
 * 1979), then improvement until nothing helps: an offer is taken if it makes others of higher total cost superfluous,
 * and each taken offer is replaced if what only it covers can be covered for less. Not guaranteed: the lowest cost,
 * which is NP-hard. Ties go to the earlier offer, so the answer depends only on the arguments. Some offer must cover
 * each element.
 */
export function coverCheaply(count: number, offers: readonly Offer[]): readonly number[] {
  const cover = new Cover(count, offers);
  cover.buyGreedily();
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = cover.cost;
    cover.exchange();
    cover.rebuy();
    if (cover.cost === before) break;
  }
  return cover.taken();
}

/** Improvement ends anyway, because each round lowers the cost; this only bounds the time. */
const ROUNDS = 12;

class Cover {
  readonly #offers: readonly Offer[];
  readonly #offersOf: readonly number[][];
  readonly #taken = new Set<number>();
  /** How many taken offers cover each element, and the sum of their positions: if only one does, its position. */
  readonly #times: Int32Array;
  readonly #owners: Float64Array;
  /** How many elements only this taken offer covers. */
  readonly #alone: Int32Array;
  readonly #log: { readonly index: number; readonly by: 1 | -1 }[] = [];
  cost = 0;

  constructor(count: number, offers: readonly Offer[]) {
    this.#offers = offers;
    this.#times = new Int32Array(count);
    this.#owners = new Float64Array(count);
    this.#alone = new Int32Array(offers.length);
    this.#offersOf = Array.from({ length: count }, () => []);
    for (const [index, { covered }] of offers.entries()) {
      for (const element of covered) this.#offersOf[element]?.push(index);
    }
  }

  taken(): readonly number[] {
    return [...this.#taken].sort((a, b) => a - b);
  }

  buyGreedily(): void {
    this.#buy([...this.#offers.keys()]);
    this.#dropSuperfluous();
  }

  /** Takes offers that make costlier ones superfluous. */
  exchange(): void {
    for (const [index, offer] of this.#offers.entries()) {
      if (this.#taken.has(index)) continue;
      const rivals = this.#rivalsOf(offer);
      if (rivals.length === 0) continue;
      const mark = this.#log.length;
      const before = this.cost;
      this.#take(index);
      for (const rival of rivals) this.#dropIfSuperfluous(rival);
      if (this.cost >= before) this.#undo(mark);
    }
    this.#log.length = 0;
  }

  /** Drops each taken offer in turn, and covers the uncovered elements again if that is cheaper. */
  rebuy(): void {
    for (const index of this.taken()) {
      if (!this.#taken.has(index)) continue;
      const mark = this.#log.length;
      const before = this.cost;
      this.#drop(index);
      const open = (this.#offers[index]?.covered ?? []).filter((element) => this.#times[element] === 0);
      const others = new Set(open.flatMap((element) => this.#offersOf[element] ?? []));
      others.delete(index);
      this.#buy([...others]);
      this.#dropSuperfluous();
      const isOpen = open.some((element) => this.#times[element] === 0);
      if (isOpen || this.cost >= before) this.#undo(mark);
    }
    this.#log.length = 0;
  }

  /** Takes the cheapest of some offers until none covers anything new. */
  #buy(among: readonly number[]): void {
    const queue = among.map((index) => ({ index, price: this.#price(index) }));
    const heap = new Heap(queue);
    for (let best = heap.pop(); best; best = heap.pop()) {
      const price = this.#price(best.index);
      if (price === Number.POSITIVE_INFINITY) continue;
      // Prices only rise, so the top of the heap is the best if its price has not changed.
      if (price > best.price) heap.push({ index: best.index, price });
      else this.#take(best.index);
    }
  }

  #price(index: number): number {
    const offer = this.#offers[index];
    let fresh = 0;
    for (const element of offer?.covered ?? []) if (this.#times[element] === 0) fresh += 1;
    return fresh === 0 ? Number.POSITIVE_INFINITY : (offer?.cost ?? 0) / fresh;
  }

  /** Taken offers that the offer would make superfluous one at a time, the costliest first. */
  #rivalsOf(offer: Offer): readonly number[] {
    const shared = new Map<number, number>();
    for (const element of offer.covered) {
      if (this.#times[element] !== 1) continue;
      const owner = this.#owners[element] ?? 0;
      shared.set(owner, (shared.get(owner) ?? 0) + 1);
    }
    const rivals: number[] = [];
    let cost = 0;
    for (const [owner, count] of shared) {
      if (count !== this.#alone[owner]) continue;
      rivals.push(owner);
      cost += this.#offers[owner]?.cost ?? 0;
    }
    return cost > offer.cost ? this.#byCost(rivals) : [];
  }

  #byCost(offers: readonly number[]): readonly number[] {
    return [...offers].sort((a, b) => (this.#offers[b]?.cost ?? 0) - (this.#offers[a]?.cost ?? 0) || a - b);
  }

  #dropSuperfluous(): void {
    for (const index of this.#byCost([...this.#taken].filter((index) => this.#alone[index] === 0))) {
      this.#dropIfSuperfluous(index);
    }
  }

  #dropIfSuperfluous(index: number): void {
    if (this.#alone[index] === 0) this.#drop(index);
  }

  /** Undoes every change since the log had `mark` entries. */
  #undo(mark: number): void {
    for (let change = this.#log.pop(); change !== undefined; change = this.#log.pop()) {
      this.#change(change.index, change.by === 1 ? -1 : 1);
      if (this.#log.length === mark) return;
    }
  }

  #take(index: number): void {
    this.#log.push({ index, by: 1 });
    this.#change(index, 1);
  }

  #drop(index: number): void {
    this.#log.push({ index, by: -1 });
    this.#change(index, -1);
  }

  #change(index: number, by: 1 | -1): void {
    const offer = this.#offers[index];
    if (!offer) return;
    if (by === 1) this.#taken.add(index);
    else this.#taken.delete(index);
    this.cost += by * offer.cost;
    let alone = 0;
    for (const element of offer.covered) {
      const before = this.#times[element] ?? 0;
      const owners = this.#owners[element] ?? 0;
      this.#times[element] = before + by;
      this.#owners[element] = owners + by * index;
      if (before === 1 && by === 1) this.#alone[owners] = (this.#alone[owners] ?? 0) - 1;
      if (before === 2 && by === -1) this.#alone[owners - index] = (this.#alone[owners - index] ?? 0) + 1;
      if (before === 0) alone += 1;
    }
    this.#alone[index] = by === 1 ? alone : 0;
  }
}

interface Priced {
  readonly index: number;
  readonly price: number;
}

/** A binary heap: lowest price first; of equal prices, the earlier offer. */
class Heap {
  readonly #items: Priced[];

  constructor(items: readonly Priced[]) {
    this.#items = [...items].sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  push(item: Priced): void {
    this.#items.push(item);
    let at = this.#items.length - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, above)) break;
      at = above;
    }
  }

  pop(): Priced | undefined {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (top === undefined || last === undefined || this.#items.length === 0) return top;
    this.#items[0] = last;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = this.#isBefore(right, left) ? right : left;
      if (!this.#swapIfBefore(child, at)) return top;
      at = child;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const itemA = this.#items[a];
    const itemB = this.#items[b];
    return itemA !== undefined && itemB !== undefined && isBefore(itemA, itemB);
  }

  #swapIfBefore(a: number, b: number): boolean {
    const itemA = this.#items[a];
    const itemB = this.#items[b];
    if (!itemA || !itemB || !isBefore(itemA, itemB)) return false;
    this.#items[a] = itemB;
    this.#items[b] = itemA;
    return true;
  }
}

function isBefore(a: Priced, b: Priced): boolean {
  return a.price < b.price || (a.price === b.price && a.index < b.index);
}
