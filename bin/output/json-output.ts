/**
 * What `--json` prints: one object on standard output, and nothing else there. Members may be added within a version;
 * docs/command-line.md lists them.
 */
export function printJson(command: string, members: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ schemaVersion: 1, command, ...members }, null, 2)}\n`);
}
