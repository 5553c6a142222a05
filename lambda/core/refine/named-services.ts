import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.ts';
import { parseActionPattern } from '../pattern/action-pattern.ts';

/**
 * Case-folded prefixes of the services that policies name, in whatever statement: who wrote them knew the service. That
 * a document cannot be refined as a whole does not make it name less.
 */
export function namedServices(documents: readonly JsonValue[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const document of documents) {
    for (const statement of listOf(isJsonObject(document) ? document['Statement'] : undefined)) {
      if (!isJsonObject(statement)) continue;
      for (const text of [...listOf(statement['Action']), ...listOf(statement['NotAction'])]) {
        const pattern = typeof text === 'string' ? parseActionPattern(text) : undefined;
        if (pattern?.ok === true && pattern.value.kind !== 'everything') found.add(pattern.value.service);
      }
    }
  }
  return found;
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return isJsonArray(value) ? value : value === undefined ? [] : [value];
}
