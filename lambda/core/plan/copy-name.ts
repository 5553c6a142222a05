import type { JsonValue } from '../model/json.ts';
import { canonicalDocument } from '../model/canonical-document.ts';
import type { TextDigest } from './schema.ts';

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
