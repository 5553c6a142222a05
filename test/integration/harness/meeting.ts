/** Holds requests back until one of each operation is there. */
export class Meeting {
  readonly #missing: Set<string>;
  readonly #all: ReadonlySet<string>;
  readonly #complete: Promise<void>;
  #open = (): void => undefined;

  constructor(operations: readonly string[]) {
    this.#all = new Set(operations);
    this.#missing = new Set(operations);
    this.#complete = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  async join(operation: string): Promise<void> {
    if (!this.#all.has(operation)) return;
    this.#missing.delete(operation);
    if (this.#missing.size === 0) this.#open();
    await this.#complete;
  }
}
