export interface Pool {
  /** Items under way at once. */
  readonly width: number;
  /**
   * Asked before each item begins, with its place; once it says true, no further item begins.
   * @default - all items are worked on
   */
  readonly until?: (place: number) => boolean;
}

/**
 * Works on items in their order, several at a time. After the first error no further item is begun, and the error is
 * thrown when all begun items have ended, so that nothing continues in the background.
 * @returns the results of the begun items, in the items' order
 */
export async function pool<T, U>(
  items: readonly T[],
  { width, until = () => false }: Pool,
  work: (item: T, place: number) => Promise<U>,
): Promise<readonly U[]> {
  const results: U[] = [];
  const errors: unknown[] = [];
  const queue = items.entries();
  let next = 0;
  let isOver = false;
  const worker = async (): Promise<void> => {
    while (errors.length === 0 && next < items.length) {
      isOver ||= until(next);
      if (isOver) return;
      const taken = queue.next();
      if (taken.done === true) return;
      const [place, item] = taken.value;
      next = place + 1;
      try {
        results[place] = await work(item, place);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  if (errors.length > 0) throw errors[0];
  return results;
}
