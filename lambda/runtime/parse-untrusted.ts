import type * as z from 'zod/mini';
import { ok, refuse, type Result } from '../core/pattern/result.ts';

/** JSON text as a value of a schema; a problem names the place and the kind of fault, and never quotes the text. */
export function parseText<T>(text: string, schema: z.ZodMiniType<T>, what: string): Result<T> {
  const json = parseJson(text);
  return json.ok ? parseValue(json.value, schema, what) : refuse(`${what} is not JSON`);
}

export function parseValue<T>(value: unknown, schema: z.ZodMiniType<T>, what: string): Result<T> {
  const result = schema.safeParse(value);
  if (result.success) return ok(result.data);
  const [issue] = result.error.issues;
  const place = issue === undefined ? '' : issue.path.map(String).join('.');
  return refuse(
    `${what} has an unexpected ${place === '' ? 'shape' : `member ${place}`} (${issue?.code ?? 'unknown'})`,
  );
}

/** The engine's own message would quote the text, which may be anything; so it is dropped. */
export function parseJson(text: string): Result<unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return ok(value);
  } catch {
    return refuse('not JSON');
  }
}
