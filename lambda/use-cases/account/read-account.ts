import type {
  AccountJob,
  AccountMemory,
  AccountPage,
  AccountPages,
  AccountRecords,
} from '../../ports/account.ts';
import { AdapterError, type Clock } from '../../ports/system.ts';
import type { RequeueReason } from '../sweep/slice.ts';

export interface ReadDependencies {
  readonly pages: AccountPages;
  readonly records: AccountRecords;
  readonly clock: Clock;
}

export type ReadOutcome =
  | { readonly kind: 'complete'; readonly pages: number }
  /** What was read is stored, and a later slice reads the rest. */
  | { readonly kind: 'continued'; readonly because: RequeueReason; readonly pages: number }
  /** A retry does not help. */
  | { readonly kind: 'refused'; readonly error: AdapterError };

/** Milliseconds reserved for one more page, including retries of throttled calls. */
const RESERVE = 60_000;

/**
 * Reads the account into memory: first the pages that earlier slices stored, then the rest from IAM. Each new page is
 * stored before the next one is read.
 * @returns how it ended, with the number of pages read from IAM
 * @throws AdapterError (retry) if IAM returned no page at all in this slice
 */
export async function readAccount(
  job: AccountJob,
  memory: AccountMemory,
  { pages, records, clock }: ReadDependencies,
): Promise<ReadOutcome> {
  const seen = new Set<string>();
  let asked = 0;
  let marker: string | null = null;
  for (let number = 0; ; number += 1) {
    let page: AccountPage | undefined = asked === 0 ? await records.page(job, number) : undefined;
    if (page === undefined) {
      if (asked > 0 && clock.remainingMillis() < RESERVE) {
        return { kind: 'continued', because: 'time', pages: asked };
      }
      try {
        page = await pages.read(job.accountId, marker);
      } catch (error) {
        if (!(error instanceof AdapterError)) throw error;
        if (error.decision === 'permanent') return { kind: 'refused', error };
        if (asked === 0) throw error;
        return { kind: 'continued', because: error.code, pages: asked };
      }
      asked += 1;
      page = await records.keepPage(job, number, page);
    }
    memory.addPage(page);
    marker = page.nextMarker;
    if (marker === null) return { kind: 'complete', pages: asked };
    if (seen.has(marker)) throw sameMarker(job.accountId);
    seen.add(marker);
  }
}

function sameMarker(accountId: string): AdapterError {
  return new AdapterError(
    `cannot read account ${accountId} in bulk: the same page marker came twice`,
    'retry',
    'malformed',
  );
}
