import { isJsonObject, JsonNumber, type JsonValue } from '../../core/model/json.ts';

/** Members that mean that an answer is not complete; compared without case, `_` and `-`. */
const MARKERS = new Set(['istruncated', 'hasmore', 'marker', 'nextmarker', 'nexttoken', 'paginationtoken']);
/** Members in which the AWS CLI, the SDKs and scripts put metadata of an answer. */
const AROUND = new Set(['responsemetadata', 'metadata', 'resultmetadata', 'pagination']);

/**
 * The member that says that an answer is not complete: `IsTruncated`, `Marker` or `NextToken`, in any spelling.
 * Undefined if there is none.
 */
export function truncationMarker(answer: JsonValue): string | undefined {
  if (!isJsonObject(answer)) return undefined;
  for (const key of Object.keys(answer)) {
    const name = key.toLowerCase().replace(/[_$-]/g, '');
    const value = answer[key] ?? null;
    if (MARKERS.has(name) && isSet(value)) return key;
    const inner = AROUND.has(name) ? truncationMarker(value) : undefined;
    if (inner !== undefined) return `${key}.${inner}`;
  }
  return undefined;
}

function isSet(value: JsonValue): boolean {
  if (typeof value === 'string') return !['', 'false', 'null', 'none'].includes(value.trim().toLowerCase());
  return value !== null && value !== false && value !== 0 && !(value instanceof JsonNumber);
}
