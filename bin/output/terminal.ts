/** Prints one line for people on standard error: progress, remarks and complaints. Results go to standard output. */
export function printStatus(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** Prints a table on standard output. The caller has passed all untrusted text through {@link printable}. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Replaces control characters in untrusted text, so that it can neither control the terminal nor look like several
 * lines.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ');
}

/**
 * Prints the output of `--json`: one object, and nothing else, on standard output. Members may be added within a
 * version; docs/command-line.md lists them.
 */
export function printJson(command: string, members: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ schemaVersion: 1, command, ...members }, null, 2)}\n`);
}
