/**
 * Maps over items with at most `limit` of them under way, and keeps their order. The first error stops what has not
 * begun and is thrown once what has begun has ended, so that nothing goes on in the background.
 */
export async function inParallel<T, U>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<U>,
): Promise<readonly U[]> {
  const results: U[] = [];
  const errors: unknown[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (errors.length > 0) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (errors.length > 0) throw errors[0];
  return results;
}
