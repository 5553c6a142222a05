import type { JsonValue } from '../core/model/json.ts';
import type { PrincipalRef } from '../core/model/principal.ts';
import type { EvidenceSource } from '../core/model/unused-access.ts';

/** The lists of `GetAccountAuthorizationDetails`, in the order in which the AWS CLI prints them. */
export const DETAILS_LISTS = ['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies'] as const;

/** One page of an account's description, each entry as the AWS CLI prints it. */
export interface DetailsPage {
  readonly lists: Readonly<Record<(typeof DETAILS_LISTS)[number], readonly JsonValue[]>>;
  /** The marker of the next page; null after the last. */
  readonly marker: string | null;
}

/** A finding as `list-findings-v2` prints it. */
export interface ListedFinding {
  readonly id: string;
  readonly updatedAt: string;
  readonly resource: string;
}

/** One line of `findings.jsonl`: what `get-finding-v2` prints, with the details of all pages together. */
export interface CollectedFinding extends ListedFinding {
  readonly line: string;
}

/** One line of `credentials.jsonl`: the state of a user's password and access keys. */
export interface CollectedUser {
  readonly name: string;
  readonly line: string;
}

/** An active analyzer for unused access, in one account and Region. */
export interface ActiveAnalyzer {
  readonly arn: string;
  readonly isOrganization: boolean;
}

/**
 * One AWS account, read only. Every method waits as long as necessary, and throws AdapterError if it fails in the end.
 */
export interface AccountReader {
  readonly accountId: string;
  detailsPage(marker: string | null): Promise<DetailsPage>;
  analyzers(): Promise<readonly ActiveAnalyzer[]>;
  /** Every ACTIVE unused-access finding of this account. */
  findings(analyzerArn: string): Promise<readonly ListedFinding[]>;
  /** Undefined if it no longer exists. */
  finding(analyzerArn: string, id: string): Promise<CollectedFinding | undefined>;
  /**
   * All pages of the report, as `get-service-last-accessed-details` prints it; undefined if the principal no longer
   * exists.
   */
  lastAccessed(principalArn: string): Promise<JsonValue | undefined>;
  /** Every user, as `list-users` prints it. */
  users(): Promise<readonly JsonValue[]>;
  /** The state of one user's credentials; undefined if the user no longer exists. */
  credentials(user: JsonValue): Promise<CollectedUser | undefined>;
}

export type SectionName = 'accountDetails' | 'findings' | 'lastAccessed' | 'credentials';

/** The progress of one part of a collection. */
export interface Section {
  readonly state: 'complete' | 'partial' | 'failed';
  /** When reading it began, ISO 8601. */
  readonly readAt: string;
  /** How many entries were read. */
  readonly count: number;
}

/** `manifest.json` of one account's folder, schema version 1. */
export interface CollectionManifest {
  readonly schemaVersion: 1;
  readonly accountId: string;
  /** The account's name in AWS Organizations; absent if it was not read. */
  readonly accountName?: string | undefined;
  /** ARN of the caller that ran it. */
  readonly caller: string;
  readonly region: string;
  readonly source: EvidenceSource;
  readonly unusedDays: number;
  readonly analyzerArn: string | null;
  /** `running` also means that the run was interrupted. */
  readonly state: 'running' | 'complete' | 'partial';
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Null for sections that were not requested. */
  readonly sections: Readonly<Record<SectionName, Section | null>>;
  /** What could not be read, each with its reason. */
  readonly failed: readonly { readonly what: string; readonly reason: string }[];
}

/**
 * The folder of one account. Each file appears only when it is complete; until then, what was read is kept in a folder
 * of its own, so that an interrupted run can continue.
 */
export interface CollectionStore {
  manifest(): CollectionManifest | undefined;
  writeManifest(manifest: CollectionManifest): void;
  /** The pages that an interrupted run read, in order; `fresh` discards them. */
  detailsPages(fresh: boolean): { readonly count: number; readonly marker: string | null | undefined };
  addDetailsPage(place: number, page: DetailsPage): void;
  /** Joins the pages into one file. @returns the number of entries in it, and the ARNs of roles and users */
  finishDetails(): { readonly entries: number; readonly principals: readonly string[] };
  /**
   * The ARNs of the roles and users of an account that was read before; undefined if they cannot be determined any
   * more.
   */
  knownPrincipals(): readonly string[] | undefined;
  /** The findings that were read before, by id. */
  knownFindings(): ReadonlyMap<string, CollectedFinding>;
  addFinding(finding: CollectedFinding): void;
  finishFindings(findings: readonly CollectedFinding[]): void;
  /** Milliseconds since the report on a principal was written; undefined if there is none. */
  reportAge(ref: PrincipalRef): number | undefined;
  writeReport(ref: PrincipalRef, report: JsonValue): void;
  /** Removes the reports on all others. */
  keepReports(refs: readonly PrincipalRef[]): void;
  /** The users that an interrupted run read, by name; `fresh` discards them. */
  knownUsers(fresh: boolean): ReadonlyMap<string, CollectedUser>;
  addUser(user: CollectedUser): void;
  finishUsers(users: readonly CollectedUser[]): void;
  /** Deletes what only an interrupted run needs. */
  tidy(): void;
}
