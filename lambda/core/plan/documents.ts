import type { JsonValue } from '../model/json.ts';
import { afterFile, beforeFile } from './file-names.ts';
import type { PlanDocument } from './schema.ts';

/** What is needed of a policy of the proposal. */
export interface PolicyDocuments {
  readonly name: string;
  readonly before: JsonValue;
  readonly after: readonly { readonly document: JsonValue }[];
}

/** Every document of a proposal under the name of its file: those of its policies, and the plan's own. */
export function documentsByFile(
  policies: readonly PolicyDocuments[],
  own: readonly PlanDocument[],
): ReadonlyMap<string, JsonValue> {
  const documents = new Map<string, JsonValue>();
  for (const [index, policy] of policies.entries()) {
    // A document that could not be read as JSON stands there as a text; no plan touches it.
    documents.set(beforeFile(index, policy.name), policy.before);
    for (const [part, { document }] of policy.after.entries()) {
      documents.set(afterFile(index, policy.name, part, policy.after.length), document);
    }
  }
  for (const { file, document } of own) documents.set(file, document);
  return documents;
}
