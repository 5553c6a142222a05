/** Lengths of a prefix and a suffix of one name. */
export interface Ends {
  readonly prefix: number;
  readonly suffix: number;
}

/**
 * The shortest exact patterns `p*s` of one name (`p*` and `*s` among them): for each prefix the shortest suffix such
 * that no forbidden name has both without overlap, left out where a shorter prefix allows as short a suffix.
 *
 * A pattern's exactness depends on the pattern alone; so two names that share `p` and `s` agree on whether `p*s` is
 * among the shortest, and collecting equal patterns over all names finds every needed name that each one matches.
 * Both arguments are case-folded. Time O(|forbidden| × |name|).
 */
export function shortestEnds(name: string, forbidden: readonly string[]): readonly Ends[] {
  // longest[i]: the longest suffix of the name with which some forbidden name matches a prefix of i characters.
  const longest = new Int32Array(name.length + 1).fill(-1);
  for (const other of forbidden) {
    const before = sharedPrefix(name, other);
    const after = sharedSuffix(name, other);
    for (let i = 0; i <= before; i += 1) {
      longest[i] = Math.max(longest[i] ?? -1, Math.min(after, other.length - i));
    }
  }
  const ends: Ends[] = [];
  let shortest = Number.POSITIVE_INFINITY;
  for (let prefix = 0; prefix <= name.length; prefix += 1) {
    const suffix = (longest[prefix] ?? -1) + 1;
    if (suffix < shortest && prefix + suffix <= name.length) {
      ends.push({ prefix, suffix });
      shortest = suffix;
    }
  }
  return ends;
}

function sharedPrefix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length += 1;
  return length;
}

function sharedSuffix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(a.length - 1 - length) === b.charCodeAt(b.length - 1 - length))
    length += 1;
  return length;
}
