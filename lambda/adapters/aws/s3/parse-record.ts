import type * as z from 'zod/mini';
import { AdapterError } from '../../../ports/system.ts';

/**
 * JSON text that a function of this project wrote, as a value of a schema.
 * @throws AdapterError that names the object and quotes nothing of it
 */
export function parseRecord<T>(text: string, schema: z.ZodMiniType<T>, address: string): T {
  const result = schema.safeParse(jsonOrUndefined(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place =
    issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.map(String).join('.')}`;
  throw new AdapterError(
    `cannot read ${address}: it is not what a sweep writes${place}; the next sweep writes its own`,
    'permanent',
    'malformed',
  );
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
