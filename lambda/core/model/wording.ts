/** A whole number with a comma between thousands, whatever the locale. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** The first names, and how many more there are: `a, b, c and 4 more`. */
export function firstOf(names: readonly string[], most: number): string {
  const rest = names.length - most;
  return names.slice(0, most).join(', ') + (rest > 0 ? ` and ${String(rest)} more` : '');
}
