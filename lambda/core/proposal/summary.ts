import { type JsonValue, renderJson } from '../model/json.ts';
import type { Granted } from '../verify/verify-policy.ts';
import type { Summary } from './schema.ts';

/** What one policy of the principal's own grants, before and after; an accepted refinement is one. */
export interface Accounted {
  readonly before: JsonValue;
  readonly after: readonly JsonValue[];
  readonly grantedBefore: Granted;
  readonly grantedAfter: Granted;
}

/** Counts over the principal's own policies, as the verifier saw them; characters as IAM counts, without white space. */
export function summarise(policies: readonly Accounted[]): Summary {
  const before = union(policies.map((policy) => policy.grantedBefore));
  const after = union(policies.map((policy) => policy.grantedAfter));
  const characters = (documents: readonly JsonValue[]): number =>
    documents.reduce<number>((sum, document) => sum + renderJson(document, 0).length, 0);
  return {
    actionsGrantedBefore: before.actions,
    actionsGrantedAfter: after.actions,
    servicesGrantedBefore: before.services,
    servicesGrantedAfter: after.services,
    charactersBefore: characters(policies.map((policy) => policy.before)),
    charactersAfter: characters(policies.flatMap((policy) => policy.after)),
  };
}

function union(grants: readonly Granted[]): { readonly actions: number; readonly services: number } {
  const all = new Map<string, ReadonlySet<string>>();
  for (const granted of grants) {
    for (const [service, actions] of granted) {
      const known = all.get(service);
      all.set(service, known ? new Set([...known, ...actions]) : actions);
    }
  }
  let actions = 0;
  for (const set of all.values()) actions += set.size;
  return { actions, services: all.size };
}
