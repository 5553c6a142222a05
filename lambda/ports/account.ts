import type { Grant, PrincipalRef, Tag } from '../core/model/principal.ts';
import type { EvidenceSource } from '../core/model/unused-access.ts';
import type { LastUseReport, UserCredentials } from '../core/usage/last-accessed-findings.ts';
import type { PolicySource, PolicyTags } from './policies.ts';
import type { FoundInAccount } from './sweep.ts';

/** A policy document as IAM returns it: percent-encoded. It is decoded on first use. */
export interface EncodedPolicy {
  readonly name: string;
  readonly document: string;
}

export interface AttachedPolicy {
  readonly name: string;
  readonly arn: string;
}

interface PageHolder {
  readonly inline: readonly EncodedPolicy[];
  readonly attached: readonly AttachedPolicy[];
}

export interface PageRole extends PageHolder {
  readonly arn: string;
  /** Unique id. */
  readonly id?: string | undefined;
  readonly tags: readonly Tag[];
  /** Null if the principal has no permissions boundary. */
  readonly boundaryArn: string | null;
  /** Roles only: who may assume it, in words. */
  readonly assumedBy?: readonly string[] | undefined;
  /** ISO 8601. */
  readonly createdAt?: string | undefined;
  /** Roles only, ISO 8601; null if IAM records no use. */
  readonly lastUsedAt?: string | null | undefined;
}

interface PageUser extends PageRole {
  /** Names of groups. */
  readonly groups: readonly string[];
}

interface PageGroup extends PageHolder {
  readonly name: string;
  /** Unique id. */
  readonly id?: string | undefined;
}

/**
 * A managed policy with its default version. A policy that lacks one of these members is left out of the page and read
 * with a call of its own.
 */
export interface PagePolicy {
  readonly arn: string;
  /** Unique id. */
  readonly id?: string | undefined;
  readonly path: string;
  readonly versionId: string;
  readonly attachments: number;
  readonly boundaryUses: number;
  /** When its newest version was created, ISO 8601. */
  readonly updatedAt?: string | undefined;
  readonly document: string;
}

/** An unreadable entry of an account's description, and its subject if known. */
export interface EntryFault {
  readonly type: 'role' | 'user' | 'group' | 'policy';
  /** Undefined if the entry has no ARN, or one that is not valid. */
  readonly arn?: string | undefined;
  /** The position of the entry, and what is wrong with it. */
  readonly problem: string;
}

/** The part of one page of an account's description that is used; plain data, so that it can be stored as JSON. */
export interface AccountPage {
  readonly roles: readonly PageRole[];
  readonly users: readonly PageUser[];
  readonly groups: readonly PageGroup[];
  readonly policies: readonly PagePolicy[];
  /** Entries that lack something needed; absent if there are none. */
  readonly faults?: readonly EntryFault[] | undefined;
  /** The marker of the next page; null after the last. */
  readonly nextMarker: string | null;
}

/** Reads whole accounts, page by page. */
export interface AccountPages {
  /**
   * @param marker null for the first page
   * @throws AdapterError
   */
  read(accountId: string, marker: string | null): Promise<AccountPage>;
}

/** Who holds which policies in one account, according to its description. Lists are in no particular order. */
export interface AccountInventory {
  readonly accountId: string;
  /** The number of customer managed policies in the description. */
  readonly customerManagedPolicies: number;
  /** The customer managed policies attached to two or more roles, users or groups, each once, sorted by ARN. */
  sharedPolicies(): Iterable<SharedPolicy>;
  /** Every group, each once, sorted by ARN. */
  groups(): Iterable<GroupHoldings>;
  /**
   * Why it is unknown whether a policy or group that is missing from the lists above still exists; undefined if it is
   * known.
   */
  unread?(type: 'policy' | 'group', arn: string): string | undefined;
}

export interface SharedPolicy {
  readonly arn: string;
  readonly roles: readonly Holder[];
  readonly users: readonly Holder[];
  readonly groups: readonly GroupMembers[];
  /** IAM's count of attachments; undefined if the description has none. */
  readonly attachments: number | undefined;
  /** How many principals have it as their permissions boundary; undefined if the description does not say. */
  readonly boundaryUses: number | undefined;
  /** The policy itself. It parses the document, so call it last. */
  grant(): Grant;
}

export interface Holder {
  readonly arn: string;
  /** Unique id; undefined if the description has none. */
  readonly id?: string | undefined;
  readonly tags: readonly Tag[];
}

export interface GroupMembers {
  readonly name: string;
  /** Unique id; undefined if the description has none. */
  readonly id?: string | undefined;
  /** Undefined if the description does not have every user. */
  readonly members: readonly Holder[] | undefined;
}

export interface GroupHoldings extends GroupMembers {
  readonly arn: string;
  /** Every policy of the group. It parses the documents, so call it last. */
  grants(): readonly Grant[];
}

/** One account in memory. Add all pages before reading the first principal. */
export interface AccountMemory extends PolicySource, PolicyTags {
  /** What is wrong with the unreadable entries of the pages; absent if the implementation does not collect it. */
  readonly faults?: readonly string[];
  addPage(page: AccountPage): void;
  /** ARNs of all roles and users, sorted. */
  readonly principals: readonly string[];
}

/** Which accounts have to wait: because AWS keeps throttling them, or because other calls are queued first. */
export interface AccountPauses {
  /** Milliseconds until the account may be called again; 0 if it is not paused. */
  pausedMillis(accountId: string): number;
  /** Whether a call to the account would have to wait for other calls of this process. */
  isBusy(accountId: string): boolean;
}

/** The organisational units above an account. */
export interface AccountUnits {
  /**
   * Ids of the organisational units that contain the account, from its own up to the root; empty outside an
   * organisation.
   */
  ancestorsOf(accountId: string): Promise<readonly string[]>;
}

/**
 * The work on one account: the findings that one sweep listed, or all of its principals if findings come from reports
 * of last use.
 */
export interface AccountJob {
  readonly analyzerArn: string;
  readonly sweepId: string;
  readonly accountId: string;
  /** Index of the first finding or principal that is not handled yet, as far as this message knows. */
  readonly next: number;
  /** How many parts of the unused access are stored, as far as this message knows. */
  readonly parts: number;
  /** Key of the shared policy or group that was handled last; null before the first. */
  readonly shared: string | null;
  /** How often in a row the account was throttled before it returned a single page or report. */
  readonly deferrals: number;
}

/** Queues the work on whole accounts. */
export interface AccountJobQueue {
  /**
   * @param delaySeconds at most 900, none unless given
   * @throws AdapterError
   */
  send(job: AccountJob, delaySeconds?: number): Promise<void>;
}

/** What one active finding reports unused, as far as shared policies and groups need it. */
export interface UnusedFinding {
  readonly id: string;
  readonly analyzerArn: string | null;
  /** @default 'access-analyzer' */
  readonly source?: EvidenceSource | undefined;
  /** ARN of the principal. */
  readonly resource: string;
  readonly accountId: string;
  readonly updatedAt: string | null;
  /** Services with their unused actions (an empty list means all of them); null if the whole role is unused. */
  readonly unused: readonly (readonly [service: string, actions: readonly string[]])[] | null;
}

/** The unused access that one part of the work on an account found. */
export interface UnusedOfPart {
  readonly findings: readonly UnusedFinding[];
  /**
   * ARNs of principals with a finding that could not be read, or that has ended since the sweep listed it. What they
   * do not use is unknown, because the listing does not show findings that appeared later.
   */
  readonly unread: readonly string[];
}

/** A finished part of the work on an account: what was found unused, and where the next part begins. */
export interface UnusedPart extends UnusedOfPart {
  readonly next: number;
}

/** Stores the progress on one account, so that a later slice continues where this one ends or is killed. */
export interface AccountRecords {
  /** What the sweep found in the account. @throws AdapterError, also if it is missing */
  swept(job: AccountJob): Promise<FoundInAccount>;
  /** Undefined if it is not stored. @throws AdapterError */
  page(job: AccountJob, number: number): Promise<AccountPage | undefined>;
  /** @returns what is stored now: an earlier write by another copy of the job is kept */
  keepPage(job: AccountJob, number: number, page: AccountPage): Promise<AccountPage>;
  /** Undefined if it is not stored. @throws AdapterError */
  unused(job: AccountJob, number: number): Promise<UnusedPart | undefined>;
  /** @returns what is stored now: an earlier write by another copy of the job is kept */
  keepUnused(job: AccountJob, number: number, part: UnusedPart): Promise<UnusedPart>;
}

/** The state of one report that IAM was asked for. */
export type ReportAnswer =
  | { readonly kind: 'complete'; readonly report: LastUseReport }
  | { readonly kind: 'running' }
  /** IAM will not produce it; the reason is one sentence without a full stop. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** IAM does not know the job: it has expired, or was started in another session. */
  | { readonly kind: 'unknown' };

/** IAM's reports on what principals use. */
export interface UseReports {
  /**
   * Asks IAM to begin a report with action-level detail.
   * @returns the id of IAM's job; undefined if the principal no longer exists
   * @throws AdapterError
   */
  ask(ref: PrincipalRef): Promise<string | undefined>;
  /** Every page of the report, once it is complete. @throws AdapterError */
  look(ref: PrincipalRef, jobId: string): Promise<ReportAnswer>;
  /**
   * The current state of a user's password and access keys; undefined if the user no longer exists.
   * @throws AdapterError
   */
  credentialsOf(ref: PrincipalRef): Promise<UserCredentials | undefined>;
}

/** A report that IAM was asked for. */
export interface AskedReport {
  readonly arn: string;
  /** Undefined if IAM did not accept the request. */
  readonly jobId?: string | undefined;
  /** Why IAM did not accept it; one sentence without a full stop. */
  readonly problem?: string | undefined;
  /** When it was requested, ISO 8601. */
  readonly askedAt: string;
  /** Whether this request replaces a job that IAM no longer knew. */
  readonly isSecond?: boolean | undefined;
}

/** What IAM reported about one principal's use. */
export interface PrincipalUse {
  readonly arn: string;
  /** Undefined if there is none. */
  readonly report?: LastUseReport | undefined;
  /** Why there is none; one sentence without a full stop. */
  readonly problem?: string | undefined;
  /** Undefined for roles, and if unknown. */
  readonly credentials?: UserCredentials | undefined;
}

/** Stores the requests to IAM and its answers, for one part of an account's principals at a time. */
export interface UseRecords {
  /** Undefined if nothing is stored. @throws AdapterError */
  asked(job: AccountJob, number: number): Promise<readonly AskedReport[] | undefined>;
  /** Replaces what was stored. @throws AdapterError */
  keepAsked(job: AccountJob, number: number, asked: readonly AskedReport[]): Promise<void>;
  /** Undefined if nothing is stored. @throws AdapterError */
  uses(job: AccountJob, number: number): Promise<readonly PrincipalUse[] | undefined>;
  /** @returns what is stored now: an earlier write by another copy of the job is kept */
  keepUses(job: AccountJob, number: number, uses: readonly PrincipalUse[]): Promise<readonly PrincipalUse[]>;
}
