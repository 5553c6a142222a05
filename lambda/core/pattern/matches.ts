/**
 * Folds case the way IAM compares service prefixes and action names: ASCII letters only.
 *
 * `toLowerCase` alone would also fold letters outside ASCII (the Kelvin sign becomes `k`), which would make
 * two different texts equal.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
 */
export function foldCase(text: string): string {
  // A loop, because it is asked of every pattern and every name, and a regular expression costs several times as much.
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) > 127) return text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
  }
  return text.toLowerCase();
}

const STAR = 42;
const QUESTION = 63;

/**
 * The one meaning of a wildcard pattern: `*` stands for any run of characters, none included, `?` for exactly one,
 * every other character for itself. Both arguments are already case-folded.
 *
 * Greedy with one point of return: when the text fails behind a star, the star takes one character more. An earlier
 * star never has to be reopened, because what the later star can skip includes whatever the earlier one could.
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

/** Whether the text holds a wildcard at all; without one it stands for itself. */
export function isWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/**
 * A bit for each letter of a case-folded text or pattern. A text that lacks a letter of a pattern is not matched by it, and a
 * pattern that lacks one is not contained in it. Several letters may share a bit: then fewer questions are answered so.
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
