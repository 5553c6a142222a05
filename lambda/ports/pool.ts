interface Pool {
  /** How many items are handled at once. */
  readonly width: number;
  /**
   * Called with its index before each item begins; once it returns true, no further item begins.
   * @default - all items are handled
   */
  readonly until?: (place: number) => boolean;
}

/**
 * Handles items in order, several at a time. After the first error no further item begins, and the error is thrown
 * once all running items have ended, so that nothing continues in the background.
 * @returns the results of the items that were begun, in order
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
