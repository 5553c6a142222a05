/**
 * Folds case the way IAM compares service prefixes and action names: ASCII letters only.
 *
 * `toLowerCase` alone would also fold letters outside ASCII (the Kelvin sign becomes `k`), which would make
 * two different texts equal.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
 */
export function foldCase(text: string): string {
  // A loop, because this runs for every pattern and every name, and a regular expression takes several times as long.
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) > 127) return text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
  }
  return text.toLowerCase();
}

const STAR = 42;
const QUESTION = 63;

/**
 * The only definition of a wildcard pattern: `*` matches any run of characters, including none, `?` exactly one
 * character, and every other character itself. Both arguments are case-folded.
 * Greedy with one backtracking point: if the text fails after a star, that star takes one more character. An earlier
 * star is never reopened, because the later star can skip whatever the earlier one could.
 * Time O(pattern × text) at worst, linear for the patterns that occur; no allocation.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const code = p < pattern.length ? pattern.charCodeAt(p) : -1;
    if (code === STAR) {
      star = p;
      p += 1;
      resume = t;
    } else if (code === QUESTION || (code !== -1 && code === text.charCodeAt(t))) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      resume += 1;
      t = resume;
    } else {
      return false;
    }
  }
  while (p < pattern.length && pattern.charCodeAt(p) === STAR) p += 1;
  return p === pattern.length;
}

/** Whether the text contains a wildcard; a text without one matches only itself. */
export function isWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/**
 * A bit for each letter of a case-folded text or pattern. A pattern does not match a text, and does not contain
 * another pattern, that lacks one of its letters. Several letters may share a bit; the test is then less selective,
 * but never wrong.
 */
export function lettersOf(text: string): number {
  let letters = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== STAR && code !== QUESTION) letters |= 1 << (code & 31);
  }
  return letters;
}

/** The characters before the first wildcard. */
export function literalPrefix(pattern: string): string {
  for (let at = 0; at < pattern.length; at += 1) {
    const code = pattern.charCodeAt(at);
    if (code === STAR || code === QUESTION) return pattern.slice(0, at);
  }
  return pattern;
}

/** The number of characters at the beginning that both texts share. */
export function sharedPrefixLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length += 1;
  return length;
}
