import { AdapterError } from '../../../ports/system.ts';

/** The SDK's name of the error, and its code on the wire, which emulators use as the name. */
export const NO_SUCH_ENTITY: readonly string[] = ['NoSuchEntityException', 'NoSuchEntity'];

/**
 * The error (retry) for something that was deleted between listing and reading. The next attempt lists what exists
 * then.
 */
export function vanished(doing: string): AdapterError {
  return new AdapterError(
    `cannot ${doing}: it went away after it was listed; it will be retried`,
    'retry',
    'unavailable',
  );
}

/** One page of an IAM listing. If more follows, it is truncated and has a marker. */
interface MarkerPage<T> {
  readonly items: readonly T[];
  readonly truncated: boolean | undefined;
  readonly marker: string | undefined;
}

/**
 * All items of all pages; undefined if a page is undefined, because what is listed no longer exists. IAM may return
 * fewer items than requested although more exist, so only `IsTruncated` counts.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html
 * @throws AdapterError (retry) if a marker is returned twice, because the listing would never end
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
