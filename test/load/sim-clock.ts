/**
 * The time of the simulated services: it goes with the real time, and jumps where nothing would happen before the next
 * message is due. Visibility timeouts of half an hour then cost nothing.
 */
export class SimClock {
  readonly #real: () => number;
  readonly #start: number;
  #ahead = 0;
  /** @param real milliseconds of a clock that never goes back */
  constructor(real: () => number = () => performance.now(), start = Date.parse('2026-11-01T00:00:00Z')) {
    this.#real = real;
    this.#start = start - real();
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#start + this.#real() + this.#ahead;
  }

  /** Jumps to a time in the future; one in the past changes nothing. */
  jumpTo(time: number): void {
    this.#ahead += Math.max(0, time - this.now());
  }

  /** Milliseconds that were jumped over so far. */
  get jumped(): number {
    return this.#ahead;
  }
}
