import { type JsonValue, canonicalDocument, countCharacters } from '../model/json.ts';
import type { Grant, Tag } from '../model/principal.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';
import type { HolderRef, Subject } from '../model/subject.ts';
import { afterFile, beforeFile } from './names.ts';
import type { DocumentRef, Holders, PlanCheck, StepAction, TextDigest } from './schema.ts';

/** A step before its calls are written out; `whyBack` is the reason for its inverse. */
export interface DraftStep {
  readonly action: StepAction;
  readonly why: string;
  readonly whyBack: string;
}

/** The steps for one policy of the proposal. */
export interface PolicyChange {
  readonly inline: boolean;
  /** Characters that the policy's own document gains (negative: loses), white space not counted. */
  readonly growth: number;
  /** Characters of the documents that the steps name, as IAM counts them. */
  readonly documents: readonly { readonly file: string; readonly characters: number }[];
  readonly checks: readonly PlanCheck[];
  /** Steps that add permissions. They come before any of `removals`. */
  readonly additions: readonly DraftStep[];
  /** Steps that remove permissions. */
  readonly removals: readonly DraftStep[];
}

interface PolicyContext {
  readonly proposalId: string;
  readonly subject: Subject;
  readonly holders?: Holders;
  readonly grants: readonly Grant[];
  readonly digest: TextDigest;
}

/** Longest description of a managed policy. Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html */
const LONGEST_DESCRIPTION = 1000;

/**
 * The steps for one policy, or undefined if it does not change.
 * @throws Error if a managed policy has no ARN
 */
export function planPolicy(
  policy: ProposedPolicy,
  index: number,
  context: PolicyContext,
): PolicyChange | undefined {
  const { disposition } = policy;
  if (disposition === 'unchanged' || disposition === 'inherited' || disposition === 'refused')
    return undefined;
  const inline = INLINE.has(policy.source);
  const refs = policy.after.map((after, part): DocumentRef =>
    reference(after.document, afterFile(index, policy.name, part, policy.after.length), context.digest),
  );
  const before = reference(policy.before, beforeFile(index, policy.name), context.digest);
  const [first] = refs;
  // The first document replaces the policy's own document, unless the policy must not be changed.
  const staysInPlace = disposition === 'update' || disposition === 'new-version';
  const own = staysInPlace ? first : undefined;
  const copies = policy.after
    .map((after, part) => ({ name: after.name, ref: refs[part] }))
    .slice(staysInPlace ? 1 : 0)
    .flatMap(({ name, ref }) => (ref === undefined ? [] : [copy(name, ref, policy, context)]));
  if (copies.length === 0 && own?.digest === before.digest) return undefined;
  const needs = copies.map((made) => made.policyArn);
  const checked = inline
    ? [inlineChange(policy, before, own, needs, context)]
    : managedChange(policy, before, own, needs, context);
  return {
    inline,
    growth: size(staysInPlace ? policy.after[0]?.document : undefined) - size(policy.before),
    documents: [
      { file: before.file, characters: size(policy.before) },
      ...refs.map(({ file }, part) => ({ file, characters: size(policy.after[part]?.document) })),
    ],
    checks: [...copies.map((made) => made.check), ...checked.map(({ check }) => check)],
    additions: [...copies.map((made) => made.create), ...copies.map((made) => made.attach)],
    removals: checked.map(({ removal }) => removal),
  };
}

const INLINE = new Set<ProposedPolicy['source']>(['role-inline', 'user-inline', 'group-inline']);
const CUSTOMER_MANAGED = new Set<ProposedPolicy['source']>(['customer-managed', 'group-customer-managed']);

interface CheckedRemoval {
  readonly check: PlanCheck;
  readonly removal: DraftStep;
}

function inlineChange(
  policy: ProposedPolicy,
  before: DocumentRef,
  after: DocumentRef | undefined,
  needs: readonly string[],
  context: PolicyContext,
): CheckedRemoval {
  const policyName = policy.name;
  const check: PlanCheck = { check: 'inline-policy', policyName, before, after: after ?? null, needs };
  const whyBack = 'puts back the document as it was';
  if (after === undefined) {
    return {
      check,
      removal: {
        action: { op: 'delete-inline-policy', policyName, expected: before },
        why: needs.length > 0 ? 'the copies have replaced it' : nothingLeft(context),
        whyBack,
      },
    };
  }
  return {
    check,
    removal: {
      action: { op: 'put-inline-policy', policyName, document: after },
      why: `no longer grants ${count(policy.removed.length, context)}`,
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
): readonly CheckedRemoval[] {
  const policyArn = arnOf(policy);
  const versionId = policy.versionId ?? factsOf(policy, context)?.versionId;
  const policyId = factsOf(policy, context)?.id;
  const version = versionId === undefined || versionId === '' ? {} : { versionId };
  const identity = { policyArn, ...(policyId === undefined ? {} : { policyId }) };
  if (after === undefined) {
    const why =
      needs.length > 0
        ? 'its refined copy has replaced it; the policy itself stays as it is for others'
        : `${nothingLeft(context)}; the policy itself stays`;
    const whyBack =
      needs.length > 0 ? 'attaches the original again, before the copy is detached' : 'attaches it again';
    return holdersOf(context).map((holder) => ({
      check: { check: 'attached-policy', ...identity, ...holder, ...version, before, needs },
      removal: { action: { op: 'detach-policy', policyArn, ...holder }, why, whyBack },
    }));
  }
  const versions = { policyArn, ...version, before, after };
  const reason =
    context.subject.type === 'policy'
      ? ''
      : `; only this ${context.subject.type === 'group' ? 'group' : 'principal'} has the policy`;
  return [
    {
      check: { check: 'default-version', ...identity, ...versions, needs },
      removal: {
        action: { op: 'create-default-version', ...versions },
        why: `no longer grants ${count(policy.removed.length, context)}${reason}`,
        whyBack:
          context.subject.type === 'policy'
            ? 'puts back the version that was the default, for everybody at once'
            : 'puts back the version that was the default',
      },
    },
  ];
}

/** The holders from which a policy is detached: the subject or, if the policy is the subject, all its holders. */
function holdersOf({ subject, holders }: PolicyContext): readonly { readonly holder?: HolderRef }[] {
  if (subject.type !== 'policy') return [{}];
  const named = (type: HolderRef['type'], names: readonly string[]) =>
    names.map((name) => ({ holder: { type, name } }));
  return [
    ...named('role', (holders?.roles ?? []).map(nameIn)),
    ...named('user', (holders?.users ?? []).map(nameIn)),
    ...named(
      'group',
      (holders?.groups ?? []).map(({ name }) => name),
    ),
  ];
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function copy(name: string, document: DocumentRef, policy: ProposedPolicy, context: PolicyContext) {
  const { subject, proposalId } = context;
  const original = policy.arn ?? policy.name;
  const path = CUSTOMER_MANAGED.has(policy.source) ? pathOf(policy, context) : '/';
  const partition = subject.arn.split(':')[1] ?? 'aws';
  const policyArn = `arn:${partition}:iam::${subject.accountId}:policy${path}${name}`;
  const description =
    `unused-access-refiner proposal ${proposalId}: takes the place of ${original} for ${subject.arn}`.slice(
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
    why: `carries what the proposal leaves of ${policy.name}`,
    whyBack: 'nothing needs the copy any more',
  };
  const attach: DraftStep = {
    action: { op: 'attach-policy', policyArn },
    why: `before ${policy.name} is changed, so that no used permission is missing in between`,
    whyBack: 'the original is in place again',
  };
  return { policyArn, check, create, attach };
}

/** Without keys that begin with `aws:`, which are reserved: IAM refuses to set them. */
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

/** The path of `arn:aws:iam::123456789012:policy/team/Orders` is `/team/`. */
function pathOf(policy: ProposedPolicy, context: PolicyContext): string {
  const resource = arnOf(policy).split(':').slice(5).join(':');
  return factsOf(policy, context)?.path ?? resource.slice('policy'.length, resource.lastIndexOf('/') + 1);
}

function reference(document: JsonValue, file: string, digest: TextDigest): DocumentRef {
  return { file, digest: digest(canonicalDocument(document)) };
}

function size(document: JsonValue | undefined): number {
  return document === undefined ? 0 : countCharacters(document);
}

function nothingLeft({ subject }: PolicyContext): string {
  return isShared(subject)
    ? 'everything that it grants is reported unused for all of them'
    : 'everything that it grants is reported unused';
}

function count(actions: number, { subject }: PolicyContext): string {
  const what = actions === 1 ? '1 unused action' : `${String(actions)} unused actions`;
  return isShared(subject) ? what.replace('unused action', 'action') + ' reported unused for all' : what;
}

function isShared({ type }: Subject): boolean {
  return type === 'policy' || type === 'group';
}
