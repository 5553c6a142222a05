import { countCharacters, type JsonValue } from '../model/json.ts';
import { countGranted, eitherOf, type Granted, type GrantedActions } from '../verify/granted.ts';
import type { Summary } from './schema.ts';

/** What one of the principal's own policies grants, before and after; a verified refinement is one. */
export interface Accounted {
  readonly before: JsonValue;
  readonly after: readonly JsonValue[];
  readonly grantedBefore: Granted;
  readonly grantedAfter: Granted;
}

/** Counts over the principal's own policies, according to the verifier; characters as IAM counts them. */
export function summarise(
  policies: readonly Accounted[],
  { before, after }: { readonly before: Granted; readonly after: Granted },
): Summary {
  const characters = (documents: readonly JsonValue[]): number =>
    documents.reduce<number>((sum, document) => sum + countCharacters(document), 0);
  return {
    actionsGrantedBefore: countOf(before),
    actionsGrantedAfter: countOf(after),
    servicesGrantedBefore: before.size,
    servicesGrantedAfter: after.size,
    charactersBefore: characters(policies.map((policy) => policy.before)),
    charactersAfter: characters(policies.flatMap((policy) => policy.after)),
  };
}

/** What several policies grant together, all judged by the same catalogue and finding. */
export function unionOf(grants: readonly Granted[]): Granted {
  const all = new Map<string, GrantedActions>();
  for (const granted of grants) {
    for (const [service, { actions, has }] of granted) {
      const known = all.get(service);
      all.set(service, { actions, has: known ? eitherOf([known.has, has]) : has });
    }
  }
  return all;
}

function countOf(granted: Granted): number {
  let count = 0;
  for (const actions of granted.values()) count += countGranted(actions);
  return count;
}
