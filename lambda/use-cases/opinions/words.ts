import type { OpinionDetail, OpinionVerdict } from '../../ports/opinions.ts';

/** `1 document`, `2 documents`. */
export function counted(count: number, singular: string): string {
  return `${String(count)} ${count === 1 ? singular : `${singular}s`}`;
}

/** `policy Orders`, or `policy Orders, new document Orders-2` where the names differ. */
export function place(policy: string, document: string): string {
  return document === policy ? `policy ${policy}` : `policy ${policy}, new document ${document}`;
}

/** One verdict over all details: whatever speaks against comes first, and silence is never agreement. */
export function overall(details: readonly OpinionDetail[]): OpinionVerdict {
  const verdicts = new Set(details.map(({ verdict }) => verdict));
  for (const verdict of ['disagrees', 'differs'] as const) if (verdicts.has(verdict)) return verdict;
  if (details.length === 0) return 'not-asked';
  const isSilent = verdicts.has('unavailable') || verdicts.has('not-asked');
  if (!isSilent) return verdicts.has('partly') ? 'partly' : 'agrees';
  return verdicts.has('agrees') || verdicts.has('partly') ? 'partly' : 'unavailable';
}

/** How many documents there was no answer about. */
export function silence(details: readonly OpinionDetail[]): number {
  return details.filter(({ verdict }) => verdict === 'unavailable').length;
}
