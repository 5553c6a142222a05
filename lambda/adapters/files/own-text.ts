/** Texts that come again and again: names and ARNs of managed policies, keys of tags. */
const MOST_KNOWN = 20_000;
const known = new Map<string, string>();

/**
 * The same text, held once, and without the longer text that it was cut from: JavaScript keeps that one alive as long as any
 * part of it.
 */
export function own(text: string): string {
  const earlier = known.get(text);
  if (earlier !== undefined) return earlier;
  const copy = copyOf(text);
  if (known.size < MOST_KNOWN) known.set(copy, copy);
  return copy;
}

/** The same for a text that does not come again. */
export function copyOf(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}
