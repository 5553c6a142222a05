import type { Universe } from '../../core/catalogue/universe.ts';
import type { DraftProposal } from '../../core/proposal/schema.ts';
import type { OpinionResult, OpinionSource, OpinionDetail, OpinionVerdict } from '../../ports/opinions.ts';
import { AdapterError } from '../../ports/system.ts';

/** What one opinion needs. */
export interface Question {
  readonly proposal: DraftProposal;
  readonly universe: Universe;
  /** The keep-list, for the replay. */
  readonly keep: readonly string[];
  readonly source: OpinionSource;
  /** Aborts at the opinion's deadline. */
  readonly signal: AbortSignal;
}

/** One opinion, and why it withholds the proposal, if it does. */
export interface Opinion {
  readonly result: OpinionResult;
  readonly block?: Block;
}

interface Block {
  /** Sentences that name policy and document and quote AWS. */
  readonly reasons: readonly string[];
  /** JSON text to replay the case with; undefined if there is nothing to replay. */
  readonly replay: string | undefined;
}

export type Answer<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'unavailable'; readonly reason: string };

const LATE = { kind: 'unavailable', reason: 'AWS did not answer in time' } as const;

/**
 * Makes one request, which ends with the signal even if the adapter ignores it. An adapter's error is an answer too:
 * an opinion that cannot be obtained withholds no proposal. Any other error is a bug and is thrown.
 */
export async function ask<T>(
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<Answer<T>> {
  if (signal.aborted) return LATE;
  let onAbort = (): void => undefined;
  const late = new Promise<Answer<T>>((resolve) => {
    onAbort = () => {
      resolve(LATE);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([answer(signal, call), late]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function answer<T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: 'answered', value: await call(signal) };
  } catch (error) {
    if (signal.aborted) return LATE;
    if (error instanceof AdapterError) return { kind: 'unavailable', reason: error.message };
    throw error;
  }
}

/** Requests of one opinion in flight at once. Few, because AWS publishes no rate. */
export const QUESTIONS = { width: 4 };

/** `1 document`, `2 documents`. */
export function counted(count: number, singular: string): string {
  return `${String(count)} ${count === 1 ? singular : `${singular}s`}`;
}

/** `policy Orders`, or `policy Orders, new document Orders-2` if the names differ. */
export function place(policy: string, document: string): string {
  return document === policy ? `policy ${policy}` : `policy ${policy}, new document ${document}`;
}

/** The verdict over all details. A rejection takes precedence, and a missing answer never counts as agreement. */
export function overall(details: readonly OpinionDetail[]): OpinionVerdict {
  const verdicts = new Set(details.map(({ verdict }) => verdict));
  for (const verdict of ['disagrees', 'differs'] as const) if (verdicts.has(verdict)) return verdict;
  if (details.length === 0) return 'not-asked';
  const isSilent = verdicts.has('unavailable') || verdicts.has('not-asked');
  if (!isSilent) return verdicts.has('partly') ? 'partly' : 'agrees';
  return verdicts.has('agrees') || verdicts.has('partly') ? 'partly' : 'unavailable';
}

/** How many documents got no answer. */
export function unanswered(details: readonly OpinionDetail[]): number {
  return details.filter(({ verdict }) => verdict === 'unavailable').length;
}
