import { isJsonObject, JsonNumber, type JsonValue } from '../../core/model/json.ts';

/** Members by which an answer says that it is not all, without regard to case, `_` and `-`. */
const MARKERS = new Set(['istruncated', 'hasmore', 'marker', 'nextmarker', 'nexttoken', 'paginationtoken']);
/** Where the AWS CLI, the SDKs and scripts put what belongs to the answer as a whole. */
const AROUND = new Set(['responsemetadata', 'metadata', 'resultmetadata', 'pagination']);

/**
 * The member by which one answer says that more was to come: `IsTruncated`, `Marker`, `NextToken`, however it is spelt.
 * Undefined where none says so.
 */
export function moreToCome(answer: JsonValue): string | undefined {
  if (!isJsonObject(answer)) return undefined;
  for (const key of Object.keys(answer)) {
    const name = key.toLowerCase().replace(/[_$-]/g, '');
    const value = answer[key] ?? null;
    if (MARKERS.has(name) && saysSo(value)) return key;
    const inner = AROUND.has(name) ? moreToCome(value) : undefined;
    if (inner !== undefined) return `${key}.${inner}`;
  }
  return undefined;
}

function saysSo(value: JsonValue): boolean {
  if (typeof value === 'string') return !['', 'false', 'null', 'none'].includes(value.trim().toLowerCase());
  return value !== null && value !== false && value !== 0 && !(value instanceof JsonNumber);
}
