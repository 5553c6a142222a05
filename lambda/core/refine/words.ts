/**
 * The ends of the words of an action name, as lengths of prefixes, ascending; the last is the whole name.
 * A word ends before a capital that follows a small letter or a digit, before the last capital of a run that a small
 * letter follows (`DBInstances`: DB, Instances), and before a hyphen or underscore. A run of capitals with a plural s
 * (`VPCs`) is one word. Digits belong to the word before them (`Route53`, `V2`), because V1 and V2 of a service are
 * different things.
 */
export function wordEnds(name: string): readonly number[] {
  const ends: number[] = [];
  for (let i = 1; i < name.length; i += 1) {
    if (startsWord(name, i)) ends.push(i);
  }
  ends.push(name.length);
  return ends;
}

function startsWord(name: string, i: number): boolean {
  const here = kindOf(name, i);
  const before = kindOf(name, i - 1);
  if (here === 'other') return before !== 'other';
  if (here !== 'upper') return false;
  if (before === 'lower' || before === 'digit') return true;
  if (before !== 'upper' || kindOf(name, i + 1) !== 'lower') return false;
  const isPlural = name.charAt(i + 1) === 's' && kindOf(name, i + 2) !== 'lower';
  return !isPlural;
}

function kindOf(name: string, i: number): 'upper' | 'lower' | 'digit' | 'other' {
  const c = name.charAt(i);
  if (c >= 'A' && c <= 'Z') return 'upper';
  if (c >= 'a' && c <= 'z') return 'lower';
  return c >= '0' && c <= '9' ? 'digit' : 'other';
}
