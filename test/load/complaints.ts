/** How often the functions warned or complained, by function and by what they said: the reasons behind dead letters. */
export class Complaints {
  readonly #counts = new Map<string, number>();

  /** One line that a function printed. */
  logLine(label: string, line: string): void {
    if (!line.includes('"level":"ERROR"') && !line.includes('"level":"WARN"')) return;
    let facts: Readonly<Record<string, unknown>>;
    try {
      facts = JSON.parse(line) as Readonly<Record<string, unknown>>;
    } catch {
      // Half a line of a process that was killed.
      return;
    }
    const { message, code } = facts;
    const name = `${label}: ${String(message)}${code === undefined ? '' : ` (${String(code)})`}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** The most frequent first. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
  }
}
