import type { JsonValue } from '../core/model/json.ts';

/** What `apply` and `rollback` did about one proposal, run by run. Times are ISO 8601 in UTC. */
export interface Receipt {
  readonly schemaVersion: 1;
  readonly proposalId: string;
  readonly principalArn: string;
  readonly runs: readonly ReceiptRun[];
}

export interface ReceiptRun {
  readonly command: 'apply' | 'rollback';
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** `running` stays where the process was killed. */
  readonly outcome: 'running' | 'done' | 'failed';
  readonly problem: string | null;
  readonly steps: readonly ReceiptStep[];
  /** Policy versions that had to go to make room, saved before they were deleted. */
  readonly saved: readonly SavedVersion[];
  /** What the reader should know: things that were left as they are, and why. */
  readonly notes: readonly string[];
}

export interface ReceiptStep {
  readonly op: string;
  readonly what: string;
  /** `started`: a change was about to be made and its end was not noted. `already`: it was so before. */
  readonly outcome: 'pending' | 'started' | 'done' | 'already' | 'kept';
  readonly at: string | null;
}

export interface SavedVersion {
  readonly policyArn: string;
  readonly versionId: string;
  readonly file: string;
}

/** Keeps the receipt. What was saved is there even when the process or the machine stops in the next moment. */
export interface ApplyJournal {
  load(): Promise<Receipt | undefined>;
  save(receipt: Receipt): Promise<void>;
  /** Keeps a document that is about to be deleted; answers with the file it is in. */
  backup(policyArn: string, versionId: string, document: JsonValue): Promise<string>;
}
