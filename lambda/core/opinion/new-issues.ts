/** One remark of a policy checker. */
export interface Issue {
  readonly type: string;
  readonly code: string;
  readonly sentence: string;
}

/**
 * The remarks on a new document that were not made on the old one, each once. Two remarks are the same when type, code
 * and words are: where in the document they point does not count, because refining moves statements.
 */
export function newIssues<I extends Issue>(before: readonly Issue[], after: readonly I[]): readonly I[] {
  const seen = new Set(before.map(keyOf));
  return after.filter((issue) => {
    const key = keyOf(issue);
    return !seen.has(key) && seen.add(key);
  });
}

function keyOf({ type, code, sentence }: Issue): string {
  return JSON.stringify([type, code, sentence]);
}
