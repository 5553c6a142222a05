import { type JsonValue, equalJson } from '../model/json.ts';
import type { GrantSource, Principal, Grant } from '../model/principal.ts';
import type { UnusedAccess } from '../model/unused-access.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';
import type { SharedHolders } from '../proposal/schema.ts';
import { parsePolicy } from '../model/policy.ts';

/** One present policy of the subject, with what a stored proposal is compared with. */
export interface PolicyNow {
  readonly source: GrantSource;
  readonly name: string;
  readonly arn: string | undefined;
  readonly versionId: string | undefined;
  readonly group: string | undefined;
  readonly document: DocumentNow;
}

export type DocumentNow =
  | { readonly kind: 'json'; readonly value: JsonValue }
  /** Not JSON; IAM's own text. */
  | { readonly kind: 'text'; readonly text: string }
  /** The source does not have the document, so nothing can be concluded about it. */
  | { readonly kind: 'missing' };

export type SubjectNow =
  | {
      readonly kind: 'found';
      readonly policies: readonly PolicyNow[];
      /** For a shared policy or group: its holders; absent if they were not determined. */
      readonly holders?: SharedHolders;
      /** For a shared policy or group: why nothing may be proposed for it, whatever the findings say. */
      readonly obstacle?: string | undefined;
    }
  /** Deleted, or no longer with several holders. */
  | { readonly kind: 'gone' };

export type FindingNow =
  | {
      readonly kind: 'found';
      readonly status: 'ACTIVE' | 'ARCHIVED' | 'RESOLVED';
      /** Findings of unused permissions only. */
      readonly unused: UnusedAccess | undefined;
      /** Findings of unused access keys only. */
      readonly accessKeyIds: readonly string[] | undefined;
    }
  | { readonly kind: 'gone' }
  /** It has an error of the analysis, or cannot be read, so nothing can be concluded from it. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** The policies of a subject, according to its source. */
export function policiesNow(principal: Pick<Principal, 'grants'>): readonly PolicyNow[] {
  return principal.grants.map(({ source, name, document, managed, group }) => ({
    source,
    name,
    arn: managed?.arn,
    versionId: managed?.versionId === '' ? undefined : managed?.versionId,
    group: group?.name,
    document: document.readable
      ? documentIn(document.value)
      : document.text === ''
        ? { kind: 'missing' }
        : { kind: 'text', text: document.text },
  }));
}

/** A principal, according to its source. */
export function principalNow(
  answer:
    { readonly kind: 'found'; readonly principal: Pick<Principal, 'grants'> } | { readonly kind: 'gone' },
): SubjectNow {
  return answer.kind === 'gone' ? answer : { kind: 'found', policies: policiesNow(answer.principal) };
}

/** The policies of a proposal that was made just now, with their present documents. */
export function policiesBefore(policies: readonly ProposedPolicy[]): readonly PolicyNow[] {
  return policies.map(({ source, name, arn, versionId, group, before }) => ({
    source,
    name,
    arn,
    versionId,
    group,
    document: documentOf(before),
  }));
}

/** `before` of a proposal is a string if the document could not be read, and empty if the source lacked it. */
export function documentOf(before: JsonValue): DocumentNow {
  if (typeof before !== 'string') return documentIn(before);
  return before === '' ? { kind: 'missing' } : { kind: 'text', text: before };
}

/** Null is no document. */
function documentIn(value: JsonValue): DocumentNow {
  return value === null ? { kind: 'missing' } : { kind: 'json', value };
}

/**
 * A policy that cannot be read now, but could be read when the proposal was made or did not exist then. Whether it
 * has changed is not known, so nothing may be concluded from it.
 */
export function unreadPolicy(
  policies: readonly ProposedPolicy[],
  grants: readonly Grant[],
): string | undefined {
  for (const { name, source, group, managed, document } of grants) {
    const known = policies.find(
      (one) =>
        one.source === source && one.name === name && one.group === group?.name && one.arn === managed?.arn,
    );
    const now = document.readable ? document.value : document.text;
    if (known && equalJson(known.before, now)) continue;
    const policy = document.readable ? parsePolicy(document.value) : document;
    const problem = 'problem' in policy ? policy.problem : undefined;
    const of = group === undefined ? '' : ` of group ${group.name}`;
    if (problem !== undefined) return `policy ${name}${of} cannot be read now: ${problem}`;
  }
  return undefined;
}
