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
  /** Place of the document among those that take the original's place, counted from 0. */
  readonly part: number;
  readonly document: JsonValue;
}

/**
 * Name of the customer managed policy that carries a refined document for one principal:
 * `<original>-<principal>-<ten digits>`, cut to what IAM takes.
 *
 * The digits are a digest of everything that tells one copy from another, the document included. So the same proposal
 * names the same copies wherever it is made, and another principal, original, part or document gets another name. IAM
 * compares policy names of an account without regard to case; the digits do not depend on it.
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

/** Folder of the documents within a proposal's folder. */
const FOLDER = 'policies/';

/**
 * Name of the file that holds a policy's document as it is. `index` is the policy's place in `proposal.policies`,
 * counted from 0, and keeps two policies of one name apart.
 */
export function beforeFile(index: number, policyName: string): string {
  return `${FOLDER}${String(index)}-${policyName}.before.json`;
}

/**
 * Name of the file that holds a document that comes in the policy's place. Where the policy was split, the parts are
 * counted from 1: `.after.1.json`, `.after.2.json`.
 */
export function afterFile(index: number, policyName: string, part: number, parts: number): string {
  const suffix = parts === 1 ? '' : `.${String(part + 1)}`;
  return `${FOLDER}${String(index)}-${policyName}.after${suffix}.json`;
}

/** Name of the file that holds a document which stands in no policy of the proposal. */
export function planDocumentFile(name: string): string {
  return `${FOLDER}${name}.json`;
}

/** The members of a proposed policy that are needed here. */
interface PolicyDocuments {
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
    // A document that could not be read as JSON is a text; no plan touches it.
    documents.set(beforeFile(index, policy.name), policy.before);
    for (const [part, { document }] of policy.after.entries()) {
      documents.set(afterFile(index, policy.name, part, policy.after.length), document);
    }
  }
  for (const { file, document } of own) documents.set(file, document);
  return documents;
}
