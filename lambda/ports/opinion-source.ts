import type { GrantDocument } from '../core/model/principal.ts';
import type { JsonValue } from '../core/model/json.ts';

/**
 * Whom to ask for second opinions. Each question is one of AWS's checks on identity policies.
 * @throws AdapterError from every member where there is no answer; its message is AWS's own sentence. Also when the
 *   signal aborts.
 */
export interface OpinionSource {
  /** Everything that AWS's policy grammar and best practices have to say about one document. */
  validatePolicy(document: JsonValue, signal: AbortSignal): Promise<readonly PolicyIssue[]>;
  /** Whether the new document grants nothing that the existing one does not. */
  checkNoNewAccess(existing: JsonValue, proposed: JsonValue, signal: AbortSignal): Promise<AccessCheck>;
  /** Whether a document grants none of these actions on any resource: at most {@link ACTIONS_PER_CHECK} of them. */
  checkAccessNotGranted(
    document: JsonValue,
    actions: readonly string[],
    signal: AbortSignal,
  ): Promise<AccessCheck>;
  /** What AWS itself recommends for a finding about unused permissions. */
  recommend(finding: RecommendationReference, signal: AbortSignal): Promise<Recommendation>;
}

/**
 * Actions that one CheckAccessNotGranted takes.
 * Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_Access.html
 */
export const ACTIONS_PER_CHECK = 100;

export interface PolicyIssue {
  readonly type: 'ERROR' | 'SECURITY_WARNING' | 'SUGGESTION' | 'WARNING';
  /** For example `INVALID_ACTION`. */
  readonly code: string;
  readonly sentence: string;
}

export interface AccessCheck {
  readonly result: 'PASS' | 'FAIL';
  /** AWS's message and its reasons, as sentences. */
  readonly sentences: readonly string[];
}

export interface RecommendationReference {
  readonly analyzerArn: string;
  readonly findingId: string;
}

export type Recommendation =
  | { readonly kind: 'recommended'; readonly steps: readonly RecommendedStep[] }
  /** AWS looked and has none, for the reason it gives. */
  | { readonly kind: 'failed'; readonly reason: string };

/** One step: a policy to create in the place of an existing one, or an existing one to detach. */
export interface RecommendedStep {
  readonly step: 'create' | 'detach';
  /** The ARN of a managed policy, the name of an inline one. */
  readonly policyId: string | undefined;
  /** What to create. */
  readonly document: GrantDocument | undefined;
}
