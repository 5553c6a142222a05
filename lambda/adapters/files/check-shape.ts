import type { z } from 'zod';
import { findDefect, type JsonValue } from '../../core/model/json.ts';
import { InputError } from './input-error.ts';

/**
 * Takes a JSON value across the border through its schema.
 * @throws InputError that names the file, the place within it, and what was expected there
 */
export function checkShape<T>(schema: z.ZodType<T>, value: JsonValue, file: string, root = ''): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const defect = findDefect(value);
  if (defect) throw new InputError(`${file}: ${defect.problem}`);
  const [issue] = result.error.issues;
  const place = issue ? pathText(root, issue.path) : '';
  const separator = place === '' ? '' : ` ${place}:`;
  throw new InputError(`${file}:${separator} ${lowerFirst(issue?.message ?? 'not of the expected shape')}`);
}

function pathText(root: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number'
        ? `${text}[${String(part)}]`
        : `${text}${text === '' ? '' : '.'}${String(part)}`,
    root,
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
