/** Managed policies that the principal can still take besides those it keeps. */
export class RemainingSlots {
  #left: number;
  constructor(left: number) {
    this.#left = Math.max(0, left);
  }
  get left(): number {
    return this.#left;
  }
  /** Takes some, or none and says no. */
  take(count: number): boolean {
    if (count > this.#left) return false;
    this.#left -= count;
    return true;
  }
}
