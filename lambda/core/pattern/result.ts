/** The outcome of a total function: a value, or one sentence that says what is wrong and what to do. */
export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(problem: string): Result<never> {
  return { ok: false, problem };
}
