/** One line for people on standard error: progress, remarks and complaints. Results go to standard output. */
export function tell(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** A table on standard output, in which nothing from outside is left unprintable. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Names in it come from files of elsewhere: they may not steer the terminal, nor make one line look like two. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ');
}

/**
 * What `--json` prints: one object on standard output, and nothing else there. Members may be added within a version;
 * docs/command-line.md lists them.
 */
export function printJson(command: string, members: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ schemaVersion: 1, command, ...members }, null, 2)}\n`);
}
