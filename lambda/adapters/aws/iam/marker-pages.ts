import { AdapterError } from '../../../ports/system.ts';

/** One page as IAM lists: more follows only when it says so, and then with a marker. */
export interface MarkerPage<T> {
  readonly items: readonly T[];
  readonly truncated: boolean | undefined;
  readonly marker: string | undefined;
}

/**
 * All items of all pages; undefined as soon as a page answers undefined (what is listed is gone). IAM may return fewer
 * items than asked for although more exist, so only `IsTruncated` counts.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html
 * @throws AdapterError (retry) when a marker comes back twice: the listing would never end
 */
export async function allMarkerPages<T>(
  doing: string,
  page: (marker: string | undefined) => Promise<MarkerPage<T> | undefined>,
): Promise<readonly T[] | undefined> {
  const items: T[] = [];
  const seen = new Set<string>();
  let marker: string | undefined;
  for (;;) {
    const answer = await page(marker);
    if (answer === undefined) return undefined;
    items.push(...answer.items);
    if (answer.truncated !== true) return items;
    marker = answer.marker;
    if (marker === undefined || seen.has(marker)) {
      throw new AdapterError(
        `cannot ${doing}: a page says that more follows but does not say where`,
        'retry',
        'malformed',
      );
    }
    seen.add(marker);
  }
}

/** IAM's own limit for one page of a listing. */
export const MAX_ITEMS = 1_000;
