/**
 * Orders two strings by UTF-16 code units, whatever the locale, because the same input must give the same bytes on
 * every machine.
 */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
