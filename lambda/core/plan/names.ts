import { type JsonValue, canonicalDocument } from '../model/json.ts';
import type { TextDigest, PlanDocument } from './schema.ts';

/** Longest name of a managed policy. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const LONGEST = 128;
const DIGITS = 10;

export interface CopyNameInput {
  /** ARN of the principal that the copy is for. */
  readonly principalArn: string;
  readonly principalName: string;
  /** ARN of the original, or the name of an inline policy. */
  readonly original: string;
  readonly originalName: string;
  /** Index of the document among those that replace the original, from 0. */
  readonly part: number;
  readonly document: JsonValue;
}

/**
 * Name of the customer managed policy with a refined document for one principal:
 * `<original>-<principal>-<ten digits>`, cut to the length that IAM accepts.
 *
 * The digits are a digest of everything that distinguishes one copy from another, including the document. So the same
 * proposal always names the same copies, and another principal, original, part or document gets another name. IAM
 * compares the policy names of an account regardless of case; the digits are unique in this sense too.
 */
export function copyName(input: CopyNameInput, digest: TextDigest): string {
  const identity = [
    input.principalArn,
    input.original,
    String(input.part),
    canonicalDocument(input.document),
  ].join('\n');
  const suffix = `-${digest(identity).slice(0, DIGITS)}`;
  const stem = `${input.originalName}-${input.principalName}`.replace(/[^\w+=,.@-]/g, '-');
  return stem.slice(0, LONGEST - suffix.length) + suffix;
}

/** Folder of the documents in a proposal's folder. */
const FOLDER = 'policies/';

/**
 * Name of the file with a policy's present document. `index` is the policy's index in `proposal.policies`, from 0; it
 * distinguishes policies of the same name.
 */
export function beforeFile(index: number, policyName: string): string {
  return `${FOLDER}${String(index)}-${policyName}.before.json`;
}

/**
 * Name of the file with a document that replaces the policy. If the policy was split, the parts are numbered from 1:
 * `.after.1.json`, `.after.2.json`.
 */
export function afterFile(index: number, policyName: string, part: number, parts: number): string {
  const suffix = parts === 1 ? '' : `.${String(part + 1)}`;
  return `${FOLDER}${String(index)}-${policyName}.after${suffix}.json`;
}

/** Name of the file with a document of the plan that is in no policy of the proposal. */
export function planDocumentFile(name: string): string {
  return `${FOLDER}${name}.json`;
}

/** The members of a proposed policy that are needed here. */
interface PolicyDocuments {
  readonly name: string;
  readonly before: JsonValue;
  readonly after: readonly { readonly document: JsonValue }[];
}

/** Every document of a proposal by its file name: those of its policies, and the plan's own. */
export function documentsByFile(
  policies: readonly PolicyDocuments[],
  own: readonly PlanDocument[],
): ReadonlyMap<string, JsonValue> {
  const documents = new Map<string, JsonValue>();
  for (const [index, policy] of policies.entries()) {
    // A document that could not be read as JSON is a string; no plan uses it.
    documents.set(beforeFile(index, policy.name), policy.before);
    for (const [part, { document }] of policy.after.entries()) {
      documents.set(afterFile(index, policy.name, part, policy.after.length), document);
    }
  }
  for (const { file, document } of own) documents.set(file, document);
  return documents;
}
