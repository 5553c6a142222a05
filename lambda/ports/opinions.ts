import type { RecommendedStep } from '../core/opinion/compare-recommendation.ts';
import type { OpinionName } from '../contract/settings.ts';
import type { JsonValue } from '../core/model/json.ts';
import type { RefineProposal } from '../core/proposal/schema.ts';

/**
 * The outcome of one opinion, or for one document within it. `differs`: neither side is wrong, but they grant
 * different actions. `partly`: AWS agrees wherever it answered. `unavailable`: AWS did not answer, and the sentence
 * says why. `not-asked`: there was nothing to ask about.
 */
export type OpinionVerdict = 'agrees' | 'disagrees' | 'differs' | 'partly' | 'unavailable' | 'not-asked';

/**
 * One opinion of AWS on one proposal, as in `opinions.json` and in the report. Plain data: the same answers give the
 * same bytes. Sentences may quote AWS, so they are untrusted text.
 */
export interface OpinionResult {
  readonly opinion: OpinionName;
  readonly verdict: OpinionVerdict;
  readonly sentences: readonly string[];
  readonly details: readonly OpinionDetail[];
}

/** The part of an opinion about one policy, or about one of the documents that would replace it. */
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
 * Asks AWS for second opinions; each method is one of AWS's checks on identity policies.
 * @throws AdapterError from every method if there is no answer, with AWS's own sentence, and if the signal aborts
 */
export interface OpinionSource {
  /** The issues that AWS's policy validation finds in one document: grammar, and best practices. */
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
 * The most actions that one CheckAccessNotGranted accepts.
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
  /** AWS has no recommendation, for the reason that it gives. */
  | { readonly kind: 'failed'; readonly reason: string };

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
