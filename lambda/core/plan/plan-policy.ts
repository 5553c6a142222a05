import type { JsonValue } from '../model/json.ts';
import type { Grant, PrincipalRef, Tag } from '../model/principal.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';
import { canonicalDocument } from '../model/canonical-document.ts';
import { afterFile, beforeFile } from './file-names.ts';
import type { DocumentRef, PlanCheck, StepAction, TextDigest } from './schema.ts';

/** A step before its calls are written out; `whyBack` is the reason for its inverse. */
export interface DraftStep {
  readonly action: StepAction;
  readonly why: string;
  readonly whyBack: string;
}

/** What one policy of the proposal comes to. */
export interface PolicyChange {
  readonly inline: boolean;
  /** Characters that the policy's own document gains (negative: loses), white space not counted. */
  readonly growth: number;
  /** Managed policies that are created and attached. */
  readonly copies: number;
  readonly checks: readonly PlanCheck[];
  /** Steps that add, to be done before any of `takes`. */
  readonly adds: readonly DraftStep[];
  /** Steps that take away. */
  readonly takes: readonly DraftStep[];
}

export interface PolicyContext {
  readonly proposalId: string;
  readonly principal: PrincipalRef;
  readonly grants: readonly Grant[];
  readonly digest: TextDigest;
}

/** Longest description of a managed policy. Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html */
const LONGEST_DESCRIPTION = 1000;

/**
 * The steps for one policy, or undefined where nothing is to be done about it.
 * @throws Error when a managed policy comes without ARN or version id
 */
export function planPolicy(
  policy: ProposedPolicy,
  index: number,
  context: PolicyContext,
): PolicyChange | undefined {
  const { disposition } = policy;
  if (disposition === 'unchanged' || disposition === 'inherited' || disposition === 'refused')
    return undefined;
  const inline = policy.source === 'role-inline' || policy.source === 'user-inline';
  const refs = policy.after.map((after, part): DocumentRef =>
    reference(after.document, afterFile(index, policy.name, part, policy.after.length), context.digest),
  );
  const before = reference(policy.before, beforeFile(index, policy.name), context.digest);
  const [first] = refs;
  // The first document stays in the policy's own place, unless the policy is not ours to change.
  const staysInPlace = disposition === 'update' || disposition === 'new-version';
  const own = staysInPlace ? first : undefined;
  const copies = policy.after
    .map((after, part) => ({ name: after.name, ref: refs[part] }))
    .slice(staysInPlace ? 1 : 0)
    .flatMap(({ name, ref }) => (ref === undefined ? [] : [copy(name, ref, policy, context)]));
  if (copies.length === 0 && own?.digest === before.digest) return undefined;
  const needs = copies.map((made) => made.policyArn);
  const place = inline
    ? inlineChange(policy, before, own, needs)
    : managedChange(policy, before, own, needs, context);
  return {
    inline,
    growth: size(staysInPlace ? policy.after[0]?.document : undefined) - size(policy.before),
    copies: copies.length,
    checks: [...copies.map((made) => made.check), place.check],
    adds: [...copies.map((made) => made.create), ...copies.map((made) => made.attach)],
    takes: [place.take],
  };
}

interface Place {
  readonly check: PlanCheck;
  readonly take: DraftStep;
}

function inlineChange(
  policy: ProposedPolicy,
  before: DocumentRef,
  after: DocumentRef | undefined,
  needs: readonly string[],
): Place {
  const policyName = policy.name;
  const check: PlanCheck = { check: 'inline-policy', policyName, before, after: after ?? null, needs };
  const whyBack = 'puts back the document as it was';
  if (after === undefined) {
    return {
      check,
      take: {
        action: { op: 'delete-inline-policy', policyName, expected: before },
        why: needs.length > 0 ? 'the copies have taken its place' : 'nothing that it grants is used',
        whyBack,
      },
    };
  }
  return {
    check,
    take: {
      action: { op: 'put-inline-policy', policyName, document: after },
      why: `no longer grants ${count(policy.removed.length)}`,
      whyBack,
    },
  };
}

function managedChange(
  policy: ProposedPolicy,
  before: DocumentRef,
  after: DocumentRef | undefined,
  needs: readonly string[],
  context: PolicyContext,
): Place {
  const policyArn = arnOf(policy);
  const versionId = policy.versionId ?? factsOf(policy, context)?.versionId;
  if (after === undefined) {
    const known = versionId === undefined ? {} : { versionId };
    return {
      check: { check: 'attached-policy', policyArn, ...known, before, needs },
      take: {
        action: { op: 'detach-policy', policyArn },
        why:
          needs.length > 0
            ? 'its refined copy has taken its place; the policy itself stays as it is for others'
            : 'nothing that it grants is used; the policy itself stays',
        whyBack: 'attaches the original again, before the copy goes',
      },
    };
  }
  if (versionId === undefined)
    throw new Error(`${policyArn} has no version id, so there is nothing to return to`);
  const versions = { policyArn, versionId, before, after };
  return {
    check: { check: 'default-version', ...versions, needs },
    take: {
      action: { op: 'create-default-version', ...versions },
      why: `no longer grants ${count(policy.removed.length)}; only this principal has the policy`,
      whyBack: 'puts back the version that was the default',
    },
  };
}

function copy(name: string, document: DocumentRef, policy: ProposedPolicy, context: PolicyContext) {
  const { principal, proposalId } = context;
  const original = policy.arn ?? policy.name;
  const path = policy.source === 'customer-managed' ? pathOf(policy, context) : '/';
  const partition = principal.arn.split(':')[1] ?? 'aws';
  const policyArn = `arn:${partition}:iam::${principal.accountId}:policy${path}${name}`;
  const description =
    `unused-access-refiner proposal ${proposalId}: takes the place of ${original} for ${principal.arn}`.slice(
      0,
      LONGEST_DESCRIPTION,
    );
  const check: PlanCheck = { check: 'copy', policyArn, document, description };
  const create: DraftStep = {
    action: {
      op: 'create-policy',
      policyName: name,
      policyArn,
      path,
      description,
      tags: ownTags(factsOf(policy, context)?.tags ?? []),
      document,
    },
    why: `carries what is used of ${policy.name}`,
    whyBack: 'nothing needs the copy any more',
  };
  const attach: DraftStep = {
    action: { op: 'attach-policy', policyArn },
    why: `before ${policy.name} is changed, so that no used permission is missing in between`,
    whyBack: 'the original is in place again',
  };
  return { policyArn, check, create, attach };
}

/** Keys that begin with `aws:` belong to AWS; IAM refuses to set them. */
function ownTags(tags: readonly Tag[]): readonly Tag[] {
  return tags.filter((tag) => !tag.key.toLowerCase().startsWith('aws:'));
}

function factsOf(policy: ProposedPolicy, context: PolicyContext) {
  return context.grants.find((grant) => grant.managed !== undefined && grant.managed.arn === policy.arn)
    ?.managed;
}

function arnOf(policy: ProposedPolicy): string {
  if (policy.arn === undefined) throw new Error(`the managed policy ${policy.name} has no ARN`);
  return policy.arn;
}

/** `arn:aws:iam::123456789012:policy/team/Orders` lies in `/team/`. */
function pathOf(policy: ProposedPolicy, context: PolicyContext): string {
  const resource = arnOf(policy).split(':').slice(5).join(':');
  return factsOf(policy, context)?.path ?? resource.slice('policy'.length, resource.lastIndexOf('/') + 1);
}

function reference(document: JsonValue, file: string, digest: TextDigest): DocumentRef {
  return { file, digest: digest(canonicalDocument(document)) };
}

function size(document: JsonValue | undefined): number {
  return document === undefined ? 0 : canonicalDocument(document).length;
}

function count(actions: number): string {
  return actions === 1 ? '1 unused action' : `${String(actions)} unused actions`;
}
