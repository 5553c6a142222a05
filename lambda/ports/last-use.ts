import type { PrincipalRef } from '../core/model/principal.ts';
import type { LastUseReport, UserCredentials } from '../core/usage/last-accessed-findings.ts';
import type { AccountJob } from './account.ts';

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
