/** A whole number with a comma between thousands: the same on every machine, whatever its locale. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 action`, `2 actions`, `1,200 actions`. */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

/** A share of a whole in per cent. Never 0% for something and never 100% for less than everything. */
export function share(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0%';
  if (part >= whole) return '100%';
  const percent = Math.round((part / whole) * 100);
  if (percent < 1) return '<1%';
  return percent > 99 ? '>99%' : `${String(percent)}%`;
}

/** The date of an ISO 8601 time; the text itself where it is not one. */
export function day(time: string): string {
  return /^\d{4}-\d{2}-\d{2}T/.test(time) ? time.slice(0, 10) : time;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}
