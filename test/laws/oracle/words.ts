/**
 * The prefixes of an action name that end at a word boundary, shortest first, the whole name last.
 *
 * A boundary lies before a capital after a small letter or digit, before the last capital of a run when a small letter
 * follows (unless that letter is a plural s: `VPCs`), and before a hyphen, underscore or dot.
 */
export function wordPrefixes(name: string): readonly string[] {
  const known = cache.get(name);
  if (known) return known;
  const prefixes: string[] = [];
  let prefix = '';
  for (const word of name.split(BOUNDARY)) {
    prefix += word;
    prefixes.push(prefix);
  }
  cache.set(name, prefixes);
  return prefixes;
}

const cache = new Map<string, readonly string[]>();
const BOUNDARY =
  /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?!s(?![a-z]))[a-z])|(?<=[A-Za-z0-9])(?=[^A-Za-z0-9])/;
