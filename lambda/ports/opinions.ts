import type { OpinionName } from '../contract/settings.ts';
import type { JsonValue } from '../core/model/json.ts';
import type { GrantDocument } from '../core/model/principal.ts';
import type { RefineProposal } from '../core/proposal/schema.ts';

/**
 * What became of one opinion, or of one document within it. `differs`: neither side is wrong, they grant different
 * actions. `partly`: agreed wherever there was an answer. `unavailable`: there was none, and the sentence says why.
 * `not-asked`: there was nothing to ask about.
 */
export type OpinionVerdict = 'agrees' | 'disagrees' | 'differs' | 'partly' | 'unavailable' | 'not-asked';

/**
 * One opinion of AWS on one proposal, as in `opinions.json` and in the report. Plain data; the same answers give the
 * same bytes. Sentences may quote AWS, so they are untrusted text.
 */
export interface OpinionResult {
  readonly opinion: OpinionName;
  readonly verdict: OpinionVerdict;
  readonly sentences: readonly string[];
  readonly details: readonly OpinionDetail[];
}

/** What concerns one policy, or one of the documents that would replace it. */
export interface OpinionDetail {
  readonly policy: string;
  readonly document?: string;
  readonly verdict: OpinionVerdict;
  readonly sentences: readonly string[];
  readonly lists?: readonly OpinionList[];
}

/** Actions under one heading: the first of them, and how many there are. */
export interface OpinionList {
  readonly title: string;
  readonly count: number;
  readonly actions: readonly string[];
}

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

/** One step: a policy to create instead of an existing one, or an existing one to detach. */
export interface RecommendedStep {
  readonly step: 'create' | 'detach';
  /** The ARN of a managed policy, the name of an inline one. */
  readonly policyId: string | undefined;
  /** What to create. */
  readonly document: GrantDocument | undefined;
}

/**
 * AWS's own check rejects a proposal, so it is not stored. With `no-new-access` it contradicts the proof, which
 * counts as a failed verification. `replay` is JSON text to repeat the case with. It holds policy documents, so it is
 * stored and never logged.
 */
export class OpinionBlock extends Error {
  override readonly name = 'OpinionBlock';
  /** @param reason what AWS said, without a full stop */
  constructor(
    readonly about: Pick<RefineProposal, 'principal' | 'proposalId' | 'finding'>,
    readonly opinion: OpinionName,
    readonly reason: string,
    readonly replay: string | undefined,
  ) {
    super(
      `the finding ${about.finding.id} gets no proposal for ${about.principal.arn}, because AWS's own check speaks against it: ${reason}`,
    );
  }
}
