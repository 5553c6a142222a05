import type { EvidenceSource, FindingDetails } from '../core/model/unused-access.ts';
import type { FindingType } from '../core/proposal/schema.ts';

/** Used in place of an analyzer's ARN if findings come from IAM's reports of last use. */
export const LAST_ACCESSED = 'last-accessed' satisfies EvidenceSource;

/** What a queue message says about a finding, whether it comes from an event or from a sweep. */
export interface FindingReference {
  /** An ARN, or {@link LAST_ACCESSED}. */
  readonly analyzerArn: string;
  readonly findingId: string;
  readonly accountId: string;
  readonly resource: string;
  /**
   * Set by a sweep: prefixes of the proposals that the overview shows as current and based on this finding, and of
   * expired proposals that it still shows as settled.
   */
  readonly shown?: readonly string[] | undefined;
  /** Set by an event about an active finding: when the event was sent, ISO 8601. */
  readonly activeAt?: string | undefined;
}

/** A whole finding, with the details of all pages. Times are ISO 8601. */
export interface Finding {
  readonly id: string;
  readonly analyzerArn: string | null;
  /** @default 'access-analyzer' */
  readonly source?: EvidenceSource;
  readonly findingType: FindingType;
  readonly status: 'ACTIVE' | 'ARCHIVED' | 'RESOLVED';
  /** ARN of the principal. */
  readonly resource: string;
  readonly accountId: string;
  readonly updatedAt: string | null;
  readonly details: FindingDetails;
}

export type { FindingDetails };

/** The answer to a request for one finding, apart from errors. */
export type FindingAnswer =
  | { readonly kind: 'found'; readonly finding: Finding }
  | { readonly kind: 'gone' }
  /** A finding of another type than unused access (external access), or one with an analysis error. */
  | { readonly kind: 'unsupported'; readonly reason: string }
  /** It exists, but nothing may be concluded from it: a part is missing, or its shape is unknown. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Reads findings. Adapters read all pages of a finding. */
export interface FindingSource {
  getFinding(reference: FindingReference): Promise<FindingAnswer>;
}

/** One page of ACTIVE findings, and the token of the next. */
export interface FindingPage {
  readonly references: readonly FindingReference[];
  readonly nextToken: string | undefined;
  /** The number of entries that lack the finding's id or its principal; absent if there are none. */
  readonly unread?: number | undefined;
}

export interface FindingList {
  /** ACTIVE unused-access findings of one analyzer; `token` continues an earlier page. */
  listActive(analyzerArn: string, token: string | undefined): Promise<FindingPage>;
}

/** Queues findings, any number of them: the adapter splits them into batches. */
export interface FindingQueue {
  send(references: readonly FindingReference[]): Promise<void>;
}

/** What is known about the use of single principals. */
export interface UnusedFindings {
  /**
   * Every ACTIVE finding about a principal, or none if it has none. Undefined if one of them could not be read, so
   * that nothing is known.
   * @throws AdapterError if it cannot be read at present
   */
  about(principalArn: string): Promise<readonly Finding[] | undefined>;
}

/**
 * The message attribute of a requeued finding: how often it was deferred because its account was throttled. 0 means
 * that it was only moved into the message group of its account.
 */
export const DEFERRALS_ATTRIBUTE = 'deferrals';

/** A message of the findings queue to requeue. */
export interface DeferredMessage {
  /** The original body, whether or not it is an event. */
  readonly body: string;
  readonly accountId: string;
  /** How often it was deferred, including this time; 0 if it is only moved into the message group of its account. */
  readonly deferrals: number;
}

/** Requeues messages with a delay, which does not count as an attempt. */
export interface DeferredMessages {
  /** @param seconds until it is delivered again, 0 to 900 */
  sendLater(message: DeferredMessage, seconds: number): Promise<void>;
}
