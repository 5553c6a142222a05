/**
 * The meaning of a wildcard pattern, written as its definition reads: `*` is any run of characters, `?` is one
 * character, everything else is itself whatever its case. Exponential on purpose rather than clever.
 */
export function naiveMatch(pattern: string, value: string): boolean {
  if (pattern === '') return value === '';
  const rest = pattern.slice(1);
  if (pattern.startsWith('*')) {
    return naiveMatch(rest, value) || (value !== '' && naiveMatch(pattern, value.slice(1)));
  }
  if (value === '') return false;
  return (
    (pattern.startsWith('?') || lower(pattern.charAt(0)) === lower(value.charAt(0))) &&
    naiveMatch(rest, value.slice(1))
  );
}

/** Lower case of ASCII letters alone; a Kelvin sign is not a k. */
export function lower(value: string): string {
  // Most names are ASCII as a whole, which is quickly seen.
  if (/^[ -~]*$/.test(value)) return value.toLowerCase();
  return value.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

export function hasWildcard(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?');
}

/** What comes before the first wildcard. */
export function literalHead(pattern: string): string {
  const star = pattern.indexOf('*');
  const head = star < 0 ? pattern : pattern.slice(0, star);
  const mark = head.indexOf('?');
  return mark < 0 ? head : head.slice(0, mark);
}

/** `naiveMatch` with a glance at what comes before the first wildcard: nearly every question ends there. */
export function quickMatch(pattern: string, value: string): boolean {
  const head = literalHead(pattern);
  if (head.length === pattern.length) return pattern === value;
  if (!value.startsWith(head)) return false;
  if (head.length === pattern.length - 1 && pattern.endsWith('*')) return true;
  return naiveMatch(pattern.slice(head.length), value.slice(head.length));
}
