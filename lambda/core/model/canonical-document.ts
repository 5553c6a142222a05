import { isJsonArray, isJsonObject, jsonObject, type JsonValue, renderJson } from './json.ts';
import { byCodeUnit } from './order.ts';

/**
 * The text by which two policy documents are compared: no white space, keys in order of their code units, and an array
 * of one element as that element, which means the same everywhere in a policy. IAM may return a document with such
 * differences from what it was given.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html
 */
export function canonicalDocument(document: JsonValue): string {
  return renderJson(canonical(document), 0);
}

function canonical(value: JsonValue): JsonValue {
  if (isJsonArray(value)) {
    const [only] = value;
    return value.length === 1 && only !== undefined ? canonical(only) : value.map(canonical);
  }
  if (!isJsonObject(value)) return value;
  return jsonObject(
    Object.keys(value)
      .sort(byCodeUnit)
      .map((key) => [key, canonical(value[key] ?? null)]),
  );
}
