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
  const all = new Map<string, readonly Uint8Array[]>();
  for (const granted of grants) {
    for (const [service, { has }] of granted) all.set(service, [...(all.get(service) ?? []), has]);
  }
  let actions = 0;
  for (const [first, ...others] of all.values()) {
    if (first) actions += countAny(first, others);
  }
  return { actions, services: all.size };
}

function countAny(first: Uint8Array, others: readonly Uint8Array[]): number {
  let count = 0;
  for (let i = 0; i < first.length; i += 1) {
    if (first[i] === 1 || others.some((other) => other[i] === 1)) count += 1;
  }
  return count;
}
