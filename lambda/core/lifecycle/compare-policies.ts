import { type JsonValue, canonicalDocument } from '../model/json.ts';
import type { Disposition, ProposedPolicy } from '../model/proposed-policy.ts';
import { documentOf, type DocumentNow, type PolicyNow } from './drift-facts.ts';

export interface PolicyComparison {
  /** Everything that the proposal changes is as proposed. Other policies do not count. */
  readonly isApplied: boolean;
  /** Policies that the proposal changes: those that are as analysed, and those that are as proposed. */
  readonly pending: readonly string[];
  readonly done: readonly string[];
  /** Policies that are neither, and policies that were added or removed: one clause each. */
  readonly changes: readonly string[];
  /** Policies whose document is the same under another default version. */
  readonly versions: readonly string[];
  /** Policies whose document the source does not have now. */
  readonly missing: readonly string[];
}

const CHANGING: ReadonlySet<Disposition> = new Set(['update', 'new-version', 'replace', 'remove']);

/**
 * Compares every policy of a stored proposal with its present document, in canonical form. Version ids are not
 * compared, because the same document makes the same proposal, whatever its version.
 */
export function comparePolicies(
  policies: readonly ProposedPolicy[],
  now: readonly PolicyNow[],
): PolicyComparison {
  const present = new Map(now.map((policy) => [identity(policy), policy]));
  const copies = new Map(now.filter(isCustomerManaged).map((policy) => [placeOf(policy), policy]));
  const pending: string[] = [];
  const done: string[] = [];
  const changes: string[] = [];
  const versions: string[] = [];
  const missing: string[] = [];
  const expected = new Set<string>();
  let isApplied = policies.some(({ disposition }) => CHANGING.has(disposition));
  for (const policy of policies) {
    const { versionId } = policy;
    const found = present.get(identity(policy));
    expected.add(identity(policy));
    for (const copy of copiesOf(policy)) {
      const attached = copies.get(placeOf({ ...policy, name: copy.name }));
      if (attached) expected.add(identity(attached));
    }
    const isChanging = CHANGING.has(policy.disposition);
    if (isChanging && isDone(policy, found, copies)) {
      done.push(label(policy));
      continue;
    }
    if (isChanging) isApplied = false;
    if (found && isSame(found.document, documentOf(policy.before))) {
      if (isChanging) pending.push(label(policy));
      if (found.document.kind === 'missing') missing.push(label(policy));
      if (versionId !== undefined && found.versionId !== undefined && found.versionId !== versionId) {
        versions.push(`${label(policy)} (${found.versionId}, it was ${versionId})`);
      }
    } else {
      changes.push(found ? documentChange(policy, found) : goneChange(policy));
    }
  }
  for (const policy of now) if (!expected.has(identity(policy))) changes.push(newChange(policy));
  return { isApplied, pending, done, changes, versions, missing };
}

/** Documents that become customer managed policies, in addition to the policy or instead of it. */
function copiesOf({ disposition, after }: ProposedPolicy): ProposedPolicy['after'] {
  if (!CHANGING.has(disposition)) return [];
  return disposition === 'replace' ? after : after.slice(1);
}

function isDone(
  policy: ProposedPolicy,
  found: PolicyNow | undefined,
  copies: ReadonlyMap<string, PolicyNow>,
): boolean {
  const [first] = policy.after;
  const isOwnDone =
    policy.disposition === 'replace' || policy.disposition === 'remove'
      ? found === undefined
      : first !== undefined && found !== undefined && holds(found, first.document);
  return (
    isOwnDone &&
    copiesOf(policy).every(({ name, document }) => {
      const copy = copies.get(placeOf({ ...policy, name }));
      return copy !== undefined && holds(copy, document);
    })
  );
}

function isCustomerManaged({ source }: PolicyNow): boolean {
  return source === 'customer-managed' || source === 'group-customer-managed';
}

/** Policies of the principal and policies through a group are different, even if they have the same name. */
function placeOf({
  group = '',
  name,
}: {
  readonly group?: string | undefined;
  readonly name: string;
}): string {
  return `${group}\n${name}`;
}

function holds({ document }: PolicyNow, expected: JsonValue): boolean {
  return document.kind === 'json' && canonicalDocument(document.value) === canonicalDocument(expected);
}

/** A document that the source lacks is not evidence of a change. */
function isSame(now: DocumentNow, before: DocumentNow): boolean {
  if (now.kind === 'missing' || before.kind === 'missing') return true;
  if (now.kind === 'text') return before.kind === 'text' && now.text === before.text;
  return before.kind === 'json' && canonicalDocument(now.value) === canonicalDocument(before.value);
}

interface Named {
  readonly source: PolicyNow['source'];
  readonly name: string;
  readonly arn?: string | undefined;
  readonly group?: string | undefined;
}

function identity({ source, name, arn, group }: Named): string {
  return [source, group ?? '', arn ?? name].join('\n');
}

function label({ source, name, group }: Named): string {
  const kind = source.endsWith('-inline')
    ? 'inline policy'
    : source.endsWith('aws-managed')
      ? 'AWS managed policy'
      : 'customer managed policy';
  return group === undefined ? `${kind} ${name}` : `${kind} ${name} of group ${group}`;
}

function isInline({ source }: Named): boolean {
  return source.endsWith('-inline');
}

function documentChange(policy: ProposedPolicy, found: PolicyNow): string {
  const version =
    found.versionId !== undefined && policy.versionId !== undefined && found.versionId !== policy.versionId
      ? ` (${found.versionId} is the default version, it was ${policy.versionId})`
      : '';
  return `${label(policy)} has another document${version}`;
}

function goneChange(policy: ProposedPolicy): string {
  if (policy.group !== undefined) return `${label(policy)} no longer reaches the user`;
  return `${label(policy)} is ${isInline(policy) ? 'gone' : 'no longer attached'}`;
}

function newChange(policy: PolicyNow): string {
  if (policy.group !== undefined) return `${label(policy)} reaches the user now`;
  return `${label(policy)} was ${isInline(policy) ? 'added' : 'attached'}`;
}
