import type { JsonValue } from '../../core/model/json.ts';
import { readJsonSequence } from '../../json/read-json.ts';
import { InputError } from './input-error.ts';
import { nameOf, readText, type TextFile } from './read-text.ts';

/** A JSON value of a file, and its position for messages, which is empty if it is the whole file. */
export interface InputValue {
  readonly value: JsonValue;
  readonly root: string;
}

/**
 * Reads the JSON values of a file: one, or several in sequence, as in JSON Lines or if a command appended its answers
 * to one file.
 * @throws InputError that names the file, and the position at which it is not JSON
 */
export function readValues(file: TextFile): readonly InputValue[] {
  const values = readJsonSequence(readText(file));
  if (!values.ok) throw new InputError(`${nameOf(file)}: ${values.problem}`);
  if (values.value.length === 0) {
    throw new InputError(`${nameOf(file)}: the text is empty where JSON is expected`);
  }
  const [only, ...others] = values.value;
  if (only && others.length === 0) return [{ value: only.value, root: '' }];
  return values.value.map(({ value, line }) => ({ value, root: `line ${String(line)}` }));
}

/** The position of an array element or member, for messages: `[3]`, `line 7 [3]`, `findings[3]`. */
export function within(root: string, part: number | string): string {
  if (typeof part === 'number') {
    return root.startsWith('line ') && !root.includes('[')
      ? `${root} [${String(part)}]`
      : `${root}[${String(part)}]`;
  }
  return root === '' ? part : root.startsWith('line ') ? `${root}, ${part}` : `${root}.${part}`;
}
