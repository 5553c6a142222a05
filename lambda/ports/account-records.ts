import type { AccountPage } from './account-pages.ts';
import type { AccountJob } from './account-jobs.ts';
import type { FindingReference } from './finding-source.ts';

/** What one active finding calls unused, as far as it matters for what principals have in common. */
export interface UnusedFinding {
  readonly id: string;
  readonly analyzerArn: string | null;
  /** ARN of the principal. */
  readonly resource: string;
  readonly accountId: string;
  readonly updatedAt: string | null;
  /** Services with their unused actions (none: all of them); null where the whole role is unused. */
  readonly unused: readonly (readonly [service: string, actions: readonly string[]])[] | null;
}

/** One part of the work on an account that is done: what was found unused, and where the next part begins. */
export interface UnusedPart {
  readonly next: number;
  readonly findings: readonly UnusedFinding[];
}

/** Keeps the work on one account, so that a later stretch goes on where this one ends, or died. */
export interface AccountRecords {
  /** What the sweep found about the account. @throws AdapterError, also where it is missing */
  references(job: AccountJob): Promise<readonly FindingReference[]>;
  /** Undefined where it is not kept. @throws AdapterError */
  page(job: AccountJob, number: number): Promise<AccountPage | undefined>;
  keepPage(job: AccountJob, number: number, page: AccountPage): Promise<void>;
  /** Undefined where it is not kept. @throws AdapterError */
  unused(job: AccountJob, number: number): Promise<UnusedPart | undefined>;
  keepUnused(job: AccountJob, number: number, part: UnusedPart): Promise<void>;
}
