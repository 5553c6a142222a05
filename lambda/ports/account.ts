import type { Grant, PrincipalRef, Tag } from '../core/model/principal.ts';
import type { EvidenceSource } from '../core/model/unused-access.ts';
import type { LastUseReport, UserCredentials } from '../core/usage/last-accessed-findings.ts';
import type { PolicySource, PolicyTags } from './policies.ts';
import type { FoundInAccount } from './sweep.ts';

/** A policy's document as IAM returns it: percent-encoded, and decoded on first use. */
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
  /** Null where the principal has no permissions boundary. */
  readonly boundaryArn: string | null;
  /** Of a role: who may assume it, in words. */
  readonly assumedBy?: readonly string[] | undefined;
  /** ISO 8601. */
  readonly createdAt?: string | undefined;
  /** Of a role, ISO 8601: null where IAM records no use. */
  readonly lastUsedAt?: string | null | undefined;
}

export interface PageUser extends PageRole {
  /** Names of groups. */
  readonly groups: readonly string[];
}

export interface PageGroup extends PageHolder {
  readonly name: string;
  /** Unique id. */
  readonly id?: string | undefined;
}

/**
 * A managed policy with its default version. A policy that lacks a member is left out of a page, and read with its
 * own call.
 */
export interface PagePolicy {
  readonly arn: string;
  /** Unique id. */
  readonly id?: string | undefined;
  readonly path: string;
  readonly versionId: string;
  readonly attachments: number;
  readonly boundaryUses: number;
  /** When its newest version was made, ISO 8601. */
  readonly updatedAt?: string | undefined;
  readonly document: string;
}

/** An entry of a description that cannot be read, and its subject if known. */
export interface EntryFault {
  readonly type: 'role' | 'user' | 'group' | 'policy';
  /** Undefined where it does not say, or says what is no ARN. */
  readonly arn?: string | undefined;
  /** The place, and what is wrong there. */
  readonly problem: string;
}

/** One page of an account's description, as far as it is used; plain data, so that it can be kept as JSON. */
export interface AccountPage {
  readonly roles: readonly PageRole[];
  readonly users: readonly PageUser[];
  readonly groups: readonly PageGroup[];
  readonly policies: readonly PagePolicy[];
  /** Entries of it that do not say what is needed; absent where all do. */
  readonly faults?: readonly EntryFault[] | undefined;
  /** Where the next page begins; null after the last. */
  readonly nextMarker: string | null;
}

/** Where whole accounts are read, page by page. */
export interface AccountPages {
  /**
   * @param marker null for the first page
   * @throws AdapterError
   */
  read(accountId: string, marker: string | null): Promise<AccountPage>;
}

/** Who holds what in one account, as its description shows it. Lists are in no order. */
export interface AccountInventory {
  readonly accountId: string;
  /** Customer managed policies that the description shows. */
  readonly customerManagedPolicies: number;
  /** The customer managed policies that are attached to two or more roles, users or groups, each once; by ARN. */
  sharedPolicies(): Iterable<SharedPolicy>;
  /** Every group, each once; by ARN. */
  groups(): Iterable<GroupHoldings>;
  /**
   * Why it is unknown whether a policy or group that is not among the shared ones is gone; undefined if it is known.
   */
  unread?(type: 'policy' | 'group', arn: string): string | undefined;
}

export interface SharedPolicy {
  readonly arn: string;
  readonly roles: readonly Holder[];
  readonly users: readonly Holder[];
  readonly groups: readonly GroupMembers[];
  /** What IAM says it is attached to, in numbers; undefined where the description does not say. */
  readonly attachments: number | undefined;
  /** Principals whose permissions boundary it is; undefined where the description does not say. */
  readonly boundaryUses: number | undefined;
  /** The policy itself. Parses the document, so it is read last. */
  grant(): Grant;
}

export interface Holder {
  readonly arn: string;
  /** Unique id; undefined where the description does not say. */
  readonly id?: string | undefined;
  readonly tags: readonly Tag[];
}

export interface GroupMembers {
  readonly name: string;
  /** Unique id; undefined where the description does not say. */
  readonly id?: string | undefined;
  /** Undefined if the description does not have all users. */
  readonly members: readonly Holder[] | undefined;
}

export interface GroupHoldings extends GroupMembers {
  readonly arn: string;
  /** Every policy of the group. Parses documents, so it is read last. */
  grants(): readonly Grant[];
}

/** One account in memory. All pages have to be added before the first principal is read. */
export interface AccountMemory extends PolicySource, PolicyTags {
  /** What is wrong with entries of the pages that cannot be read; absent where that is not asked. */
  readonly faults?: readonly string[];
  addPage(page: AccountPage): void;
  /** ARNs of all roles and users, sorted. */
  readonly principals: readonly string[];
}

/** Which accounts wait at the moment: because AWS went on throttling them, or for their turn. */
export interface AccountPauses {
  /** Milliseconds until the account is to be called again; 0 where it does not wait. */
  pausedMillis(accountId: string): number;
  /** Whether a call of the account would have to wait until others of this process are made. */
  isBusy(accountId: string): boolean;
}

/** The organisational units above an account. */
export interface AccountUnits {
  /** Ids of the organisational units that hold the account, its own first, up to the root; none outside of an organisation. */
  ancestorsOf(accountId: string): Promise<readonly string[]>;
}

/** The findings of one account that one sweep listed, or all of its principals where reports of last use make them. */
export interface AccountJob {
  readonly analyzerArn: string;
  readonly sweepId: string;
  readonly accountId: string;
  /** Place of the first finding, or principal, that is not done yet, as far as the message knows. */
  readonly next: number;
  /** How many parts of what was found unused are kept; further ones may be there. */
  readonly parts: number;
  /** Key of the shared policy or group that was looked at last; null before the first. */
  readonly shared: string | null;
  /** How often in a row the account was throttled before it gave a single page, or report. */
  readonly deferrals: number;
}

/** Carries the work on whole accounts to whoever does it. */
export interface AccountJobQueue {
  /**
   * @param delaySeconds at most 900, none unless given
   * @throws AdapterError
   */
  send(job: AccountJob, delaySeconds?: number): Promise<void>;
}

/** What one active finding calls unused, as far as it matters for what principals have in common. */
export interface UnusedFinding {
  readonly id: string;
  readonly analyzerArn: string | null;
  /** @default 'access-analyzer' */
  readonly source?: EvidenceSource | undefined;
  /** ARN of the principal. */
  readonly resource: string;
  readonly accountId: string;
  readonly updatedAt: string | null;
  /** Services with their unused actions (none: all of them); null where the whole role is unused. */
  readonly unused: readonly (readonly [service: string, actions: readonly string[]])[] | null;
}

/** What one part of the work on an account found. */
export interface UnusedOfPart {
  readonly findings: readonly UnusedFinding[];
  /**
   * ARNs of principals about whom a finding could not be read, or has ended since the sweep listed it. What they do not
   * use is not known: the listing does not show what came since.
   */
  readonly unread: readonly string[];
}

/** One part of the work on an account that is done: what was found unused, and where the next part begins. */
export interface UnusedPart extends UnusedOfPart {
  readonly next: number;
}

/** Stores the progress on one account, so that a later slice continues where this one ends or dies. */
export interface AccountRecords {
  /** What the sweep found about the account. @throws AdapterError, also where it is missing */
  swept(job: AccountJob): Promise<FoundInAccount>;
  /** Undefined where it is not kept. @throws AdapterError */
  page(job: AccountJob, number: number): Promise<AccountPage | undefined>;
  /** @returns what is kept now: what another copy of the job kept before stands */
  keepPage(job: AccountJob, number: number, page: AccountPage): Promise<AccountPage>;
  /** Undefined where it is not kept. @throws AdapterError */
  unused(job: AccountJob, number: number): Promise<UnusedPart | undefined>;
  /** @returns what is kept now: what another copy of the job kept before stands */
  keepUnused(job: AccountJob, number: number, part: UnusedPart): Promise<UnusedPart>;
}

/** How IAM's work on one report stands. */
export type ReportAnswer =
  | { readonly kind: 'complete'; readonly report: LastUseReport }
  | { readonly kind: 'running' }
  /** It will not be made; one sentence without a full stop. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** IAM does not know the job: it was forgotten, or begun in another session. */
  | { readonly kind: 'unknown' };

/** IAM, as far as it says what principals use. */
export interface UseReports {
  /**
   * Has IAM begin a report at the level of actions.
   * @returns the id of its job; undefined where the principal is gone
   * @throws AdapterError
   */
  ask(ref: PrincipalRef): Promise<string | undefined>;
  /** Every page of the report, once it is there. @throws AdapterError */
  look(ref: PrincipalRef, jobId: string): Promise<ReportAnswer>;
  /** What IAM says of a user's password and access keys now; undefined where the user is gone. @throws AdapterError */
  credentialsOf(ref: PrincipalRef): Promise<UserCredentials | undefined>;
}

/** A report that IAM was asked for. */
export interface AskedReport {
  readonly arn: string;
  /** Undefined where IAM did not take the order. */
  readonly jobId?: string | undefined;
  /** Why it did not; one sentence without a full stop. */
  readonly problem?: string | undefined;
  /** When it was asked for, ISO 8601. */
  readonly askedAt: string;
  /** Whether an earlier job was forgotten. */
  readonly isSecond?: boolean | undefined;
}

/** What IAM said of one principal's use. */
export interface PrincipalUse {
  readonly arn: string;
  /** Undefined where there is none. */
  readonly report?: LastUseReport | undefined;
  /** Why there is none; one sentence without a full stop. */
  readonly problem?: string | undefined;
  /** Undefined where nobody knows, and of a role. */
  readonly credentials?: UserCredentials | undefined;
}

/** Keeps what IAM was asked and what it said, part by part of an account's principals. */
export interface UseRecords {
  /** Undefined where nothing is kept. @throws AdapterError */
  asked(job: AccountJob, number: number): Promise<readonly AskedReport[] | undefined>;
  /** Takes the place of what was kept. @throws AdapterError */
  keepAsked(job: AccountJob, number: number, asked: readonly AskedReport[]): Promise<void>;
  /** Undefined where nothing is kept. @throws AdapterError */
  uses(job: AccountJob, number: number): Promise<readonly PrincipalUse[] | undefined>;
  /** @returns what is kept now: what another copy of the job kept before stands */
  keepUses(job: AccountJob, number: number, uses: readonly PrincipalUse[]): Promise<readonly PrincipalUse[]>;
}
