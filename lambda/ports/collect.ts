import type { JsonValue } from '../core/model/json.ts';
import type { PrincipalRef } from '../core/model/principal.ts';
import type { EvidenceSource } from '../core/model/unused-access.ts';

/** The lists of `GetAccountAuthorizationDetails`, in the order in which the AWS CLI prints them. */
export const DETAILS_LISTS = ['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies'] as const;

/** One page of an account's description, each entry as the AWS CLI prints it. */
export interface DetailsPage {
  readonly lists: Readonly<Record<(typeof DETAILS_LISTS)[number], readonly JsonValue[]>>;
  /** Where the next page begins; null after the last. */
  readonly marker: string | null;
}

/** A finding as a list names it. */
export interface ListedFinding {
  readonly id: string;
  readonly updatedAt: string;
  readonly resource: string;
}

/** One line of `findings.jsonl`: what `get-finding-v2` prints, with the details of all pages. */
export interface CollectedFinding extends ListedFinding {
  readonly line: string;
}

/** One line of `credentials.jsonl`: what IAM says of a user's password and access keys. */
export interface CollectedUser {
  readonly name: string;
  readonly line: string;
}

/** The analyzers of one account and Region that are active and about unused access. */
export interface ActiveAnalyzer {
  readonly arn: string;
  readonly isOrganization: boolean;
}

/** One account of AWS, read only. Every method waits as long as it takes, and throws AdapterError when it is in vain. */
export interface AccountReader {
  readonly accountId: string;
  detailsPage(marker: string | null): Promise<DetailsPage>;
  analyzers(): Promise<readonly ActiveAnalyzer[]>;
  /** Every ACTIVE finding about unused access of this account. */
  findings(analyzerArn: string): Promise<readonly ListedFinding[]>;
  /** Undefined where it is gone. */
  finding(analyzerArn: string, id: string): Promise<CollectedFinding | undefined>;
  /** All pages of the report, as `get-service-last-accessed-details` prints it; undefined where the principal is gone. */
  lastAccessed(principalArn: string): Promise<JsonValue | undefined>;
  /** Every user, as `list-users` prints it. */
  users(): Promise<readonly JsonValue[]>;
  /** What IAM says of one user's credentials; undefined where the user is gone. */
  credentials(user: JsonValue): Promise<CollectedUser | undefined>;
}

export type SectionName = 'accountDetails' | 'findings' | 'lastAccessed' | 'credentials';

/** How far one part of a collection has come. */
export interface Section {
  readonly state: 'complete' | 'partial' | 'failed';
  /** When its reading began, ISO 8601. */
  readonly readAt: string;
  /** Entries that were read. */
  readonly count: number;
}

/** `manifest.json` of one account's folder, schema version 1. */
export interface CollectionManifest {
  readonly schemaVersion: 1;
  readonly accountId: string;
  /** What AWS Organizations calls the account; absent where it was not asked. */
  readonly accountName?: string | undefined;
  /** ARN of whoever ran it. */
  readonly caller: string;
  readonly region: string;
  readonly source: EvidenceSource;
  readonly unusedDays: number;
  readonly analyzerArn: string | null;
  /** `running` also where the run was interrupted. */
  readonly state: 'running' | 'complete' | 'partial';
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Null for what was not asked for. */
  readonly sections: Readonly<Record<SectionName, Section | null>>;
  /** What could not be read, each with its reason. */
  readonly failed: readonly { readonly what: string; readonly reason: string }[];
}

/**
 * The folder of one account. Each file appears whole. What an interrupted run has read stays in a folder of its own until
 * the file is complete.
 */
export interface CollectionStore {
  manifest(): CollectionManifest | undefined;
  writeManifest(manifest: CollectionManifest): void;
  /** Pages that an earlier run has read, in order; `fresh` forgets them. */
  detailsPages(fresh: boolean): { readonly count: number; readonly marker: string | null | undefined };
  addDetailsPage(place: number, page: DetailsPage): void;
  /** Puts the pages together. Entries in all of them, and the ARNs of roles and users. */
  finishDetails(): { readonly entries: number; readonly principals: readonly string[] };
  /** The ARNs of roles and users of an account that was read before; undefined where they are not known any more. */
  knownPrincipals(): readonly string[] | undefined;
  /** Findings that were read before, by id. */
  knownFindings(): ReadonlyMap<string, CollectedFinding>;
  addFinding(finding: CollectedFinding): void;
  finishFindings(findings: readonly CollectedFinding[]): void;
  /** Milliseconds since the report on a principal was written; undefined where there is none. */
  reportAge(ref: PrincipalRef): number | undefined;
  writeReport(ref: PrincipalRef, report: JsonValue): void;
  /** Removes the reports on all others. */
  keepReports(refs: readonly PrincipalRef[]): void;
  /** Users that an interrupted run has read, by name; `fresh` forgets them. */
  knownUsers(fresh: boolean): ReadonlyMap<string, CollectedUser>;
  addUser(user: CollectedUser): void;
  finishUsers(users: readonly CollectedUser[]): void;
  /** Forgets what only an interrupted run needs. */
  tidy(): void;
}
