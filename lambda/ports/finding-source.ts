import type { FindingType } from '../core/proposal/schema.ts';
import type { UnusedEntry } from '../core/model/unused-access.ts';

/** What a queue message carries, the same from an event and from a sweep. */
export interface FindingReference {
  readonly analyzerArn: string;
  readonly findingId: string;
  readonly accountId: string;
  readonly resource: string;
}

/** A finding with all its pages, in the domain's words. Times are ISO 8601. */
export interface Finding {
  readonly id: string;
  readonly analyzerArn: string | null;
  readonly findingType: FindingType;
  readonly status: 'ACTIVE' | 'ARCHIVED' | 'RESOLVED';
  /** ARN of the principal. */
  readonly resource: string;
  readonly accountId: string;
  readonly updatedAt: string | null;
  readonly details: FindingDetails;
}

export type FindingDetails =
  | { readonly type: 'UnusedPermission'; readonly entries: readonly UnusedEntry[] }
  | { readonly type: 'UnusedIAMRole'; readonly lastAccessed: string | undefined }
  | {
      readonly type: 'UnusedIAMUserAccessKey';
      readonly keys: readonly { readonly accessKeyId: string; readonly lastAccessed: string | undefined }[];
    }
  | { readonly type: 'UnusedIAMUserPassword'; readonly lastAccessed: string | undefined };

/** What asking for one finding can bring, apart from an error. */
export type FindingAnswer =
  | { readonly kind: 'found'; readonly finding: Finding }
  | { readonly kind: 'gone' }
  /** A finding type that unused access does not know (external access), or one that carries an analysis error. */
  | { readonly kind: 'unsupported'; readonly reason: string };

/** Where findings come from. Adapters read all pages of a finding. */
export interface FindingSource {
  getFinding(reference: FindingReference): Promise<FindingAnswer>;
}

/** One page of ACTIVE findings, and the token of the next. */
export interface FindingPage {
  readonly references: readonly FindingReference[];
  readonly nextToken: string | undefined;
}

export interface FindingList {
  /** ACTIVE unused-access findings of one analyzer; `token` continues an earlier page. */
  listActive(analyzerArn: string, token: string | undefined): Promise<FindingPage>;
}
