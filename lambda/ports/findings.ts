import type { EvidenceSource, FindingDetails } from '../core/model/unused-access.ts';
import type { FindingType } from '../core/proposal/schema.ts';

/** Replaces an analyzer's ARN if IAM's reports of last use make the findings. */
export const LAST_ACCESSED = 'last-accessed' satisfies EvidenceSource;

/** What a queue message carries, the same from an event and from a sweep. */
export interface FindingReference {
  /** Or {@link LAST_ACCESSED}. */
  readonly analyzerArn: string;
  readonly findingId: string;
  readonly accountId: string;
  readonly resource: string;
  /**
   * From a sweep: prefixes of the proposals that the overview shows as current on this finding, and of those that it shows
   * as settled although they have expired.
   */
  readonly shown?: readonly string[] | undefined;
  /** From an event that says the finding is active: when it was sent, ISO 8601. */
  readonly activeAt?: string | undefined;
}

/** A finding with all its pages, in the domain's words. Times are ISO 8601. */
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

/** What asking for one finding can bring, apart from an error. */
export type FindingAnswer =
  | { readonly kind: 'found'; readonly finding: Finding }
  | { readonly kind: 'gone' }
  /** A finding type that unused access does not know (external access), or one that carries an analysis error. */
  | { readonly kind: 'unsupported'; readonly reason: string }
  /** It exists, but nothing may be concluded from it: a part is missing, or its form is unknown. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Where findings come from. Adapters read all pages of a finding. */
export interface FindingSource {
  getFinding(reference: FindingReference): Promise<FindingAnswer>;
}

/** One page of ACTIVE findings, and the token of the next. */
export interface FindingPage {
  readonly references: readonly FindingReference[];
  readonly nextToken: string | undefined;
  /** The number of entries without the id of the finding or its principal; absent if there is none. */
  readonly unread?: number | undefined;
}

export interface FindingList {
  /** ACTIVE unused-access findings of one analyzer; `token` continues an earlier page. */
  listActive(analyzerArn: string, token: string | undefined): Promise<FindingPage>;
}

/** Where a sweep puts the findings it saw; up to any number, batching is the adapter's. */
export interface FindingQueue {
  send(references: readonly FindingReference[]): Promise<void>;
}

/** What is known of the use of single principals. */
export interface UnusedFindings {
  /**
   * Every ACTIVE finding about a principal; none where it has none. Undefined where one of them could not be read, so
   * that nothing is known.
   * @throws AdapterError when it cannot be read for now
   */
  about(principalArn: string): Promise<readonly Finding[] | undefined>;
}

/**
 * Attribute of a findings message that a worker sent again: how often it was deferred because its account was throttled.
 * 0 says that it was only put into the group of its account.
 */
export const DEFERRALS_ATTRIBUTE = 'deferrals';

/** A message of the findings queue that has to wait, and how it comes back. */
export interface DeferredMessage {
  /** As it came, event or not. */
  readonly body: string;
  readonly accountId: string;
  /** How often it has waited, this time counted; 0 where it only goes into the group of its account. */
  readonly deferrals: number;
}

/** Where a message waits without using up its attempts. */
export interface DeferredMessages {
  /** @param seconds until it comes again, 0 to 900 */
  sendLater(message: DeferredMessage, seconds: number): Promise<void>;
}
