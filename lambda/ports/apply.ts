import type { ProposalState } from '../core/lifecycle/proposal-state.ts';
import type { JsonValue } from '../core/model/json.ts';
import type { HolderRef } from '../core/model/subject.ts';
import type { HolderQuotas } from '../core/plan/limits.ts';
import type { CreatePolicyAction } from '../core/plan/schema.ts';

/** What `apply` and `rollback` did with one proposal, run by run. Times are ISO 8601 in UTC. See docs/apply.md. */
export interface Receipt {
  readonly schemaVersion: 1;
  readonly proposalId: string;
  readonly subjectArn: string;
  readonly runs: readonly ReceiptRun[];
}

export interface ReceiptRun {
  readonly command: 'apply' | 'rollback';
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** `running` remains if the process was killed. */
  readonly outcome: 'running' | 'done' | 'failed';
  readonly problem: string | null;
  readonly steps: readonly ReceiptStep[];
  /** Policy versions that were deleted to make room for a new one, saved first. */
  readonly saved: readonly SavedVersion[];
  /** What the reader should know: what was left as it is, and why. */
  readonly notes: readonly string[];
}

export interface ReceiptStep {
  readonly op: string;
  readonly what: string;
  /**
   * `started`: a change was about to be made, and it is unknown whether it was. `refused`: IAM rejected the change.
   * `unanswered`: IAM did not answer, but the change is in place. `already`: it was in place before. `kept`:
   * deliberately left as it is. `skipped`: a rollback of something that was not applied.
   */
  readonly outcome:
    'pending' | 'started' | 'refused' | 'done' | 'unanswered' | 'already' | 'kept' | 'skipped';
  readonly at: string | null;
}

export interface SavedVersion {
  readonly policyArn: string;
  readonly versionId: string;
  readonly file: string;
}

/** Stores the receipt. A save is durable: it survives a crash of the process or the machine right after it. */
export interface ApplyJournal {
  load(): Promise<Receipt | undefined>;
  save(receipt: Receipt): Promise<void>;
  /** Saves a document that is about to be deleted. @returns the file that it is in */
  backup(policyArn: string, versionId: string, document: JsonValue): Promise<string>;
}

/** A role, user or group as it is in IAM now. */
export interface SubjectState {
  readonly arn: string;
  /** Never used again, unlike the name. */
  readonly id: string;
  readonly createdAt: string | undefined;
  /** Last use of a role, or of a user's password; undefined for groups, and if AWS records none. */
  readonly lastUsedAt: string | undefined;
}

/** A managed policy as it is in IAM now. */
export interface ManagedPolicyState {
  /** Never used again, unlike the name. */
  readonly policyId: string;
  readonly defaultVersionId: string;
  /** When its default version was last changed or a version was added. */
  readonly updatedAt: string | undefined;
  /** How many roles, users and groups have it attached. */
  readonly attachments: number;
  /** How many principals have it as their permissions boundary. */
  readonly boundaryUses: number;
  readonly description: string;
}

/** Who has a policy attached. */
export interface PolicyHolders {
  readonly roles: readonly NamedHolder[];
  readonly users: readonly NamedHolder[];
  readonly groups: readonly NamedHolder[];
}

export interface NamedHolder {
  readonly name: string;
  /** IAM never uses it again, unlike the name; undefined if IAM does not return it. */
  readonly id: string | undefined;
}

/** A group as it is in IAM now. */
export interface GroupState {
  readonly id: string | undefined;
  readonly members: readonly { readonly arn: string; readonly id: string | undefined }[];
}

export interface AccessKeyState {
  readonly status: 'Active' | 'Inactive';
  readonly lastUsedAt: string | undefined;
}

/** The account's current quotas. */
export interface AccountQuotas {
  readonly holders: HolderQuotas;
  /** Customer managed policies; undefined if the quota cannot be read. */
  readonly policies: { readonly used: number; readonly quota: number } | undefined;
  /** True if the caller may not read the quotas, so that these are IAM's defaults. */
  readonly assumed: boolean;
}

/** The reads that executing a plan needs. Something that does not exist is undefined, never an error. */
export interface IamReader {
  /** The role, user or group of this type and name in the account of the credentials. */
  subject(holder: HolderRef): Promise<SubjectState | undefined>;
  inlinePolicy(holder: HolderRef, policyName: string): Promise<JsonValue | undefined>;
  inlinePolicyNames(holder: HolderRef): Promise<readonly string[]>;
  /** ARNs of all managed policies attached to the holder. */
  attachedPolicies(holder: HolderRef): Promise<readonly string[]>;
  managedPolicy(policyArn: string): Promise<ManagedPolicyState | undefined>;
  /** Ids of all versions, oldest first. */
  policyVersions(policyArn: string): Promise<readonly string[]>;
  versionDocument(policyArn: string, versionId: string): Promise<JsonValue | undefined>;
  policyHolders(policyArn: string): Promise<PolicyHolders>;
  /** Undefined if there is no such group. */
  group(groupName: string): Promise<GroupState | undefined>;
  accessKey(userName: string, accessKeyId: string): Promise<AccessKeyState | undefined>;
  /** A user's console password. */
  password(userName: string): Promise<{ readonly createdAt: string | undefined } | undefined>;
  quotas(): Promise<AccountQuotas>;
}

/**
 * Changes IAM with the caller's own credentials. Only the `apply` and `rollback` commands may use it; no deployed code
 * can reach an implementation. Every method makes one change, and all throw `AdapterError`.
 */
export interface IamWriter extends IamReader {
  putInlinePolicy(holder: HolderRef, policyName: string, document: JsonValue): Promise<void>;
  deleteInlinePolicy(holder: HolderRef, policyName: string): Promise<void>;
  /** `exists`: there already is a policy with that name, and it was not changed. */
  createPolicy(policy: CreatePolicyAction, document: JsonValue): Promise<'created' | 'exists'>;
  /** Deletes the policy with its default version. All other versions must be deleted first. */
  deletePolicy(policyArn: string): Promise<void>;
  /** `missing`: IAM does not know the policy, perhaps not yet. */
  attachPolicy(holder: HolderRef, policyArn: string): Promise<'attached' | 'missing'>;
  detachPolicy(holder: HolderRef, policyArn: string): Promise<void>;
  createDefaultVersion(policyArn: string, document: JsonValue): Promise<void>;
  setDefaultVersion(policyArn: string, versionId: string): Promise<void>;
  deleteVersion(policyArn: string, versionId: string): Promise<void>;
  setAccessKeyStatus(userName: string, accessKeyId: string, status: 'Active' | 'Inactive'): Promise<void>;
  deletePassword(userName: string): Promise<void>;
}

/** The state of a proposal, and the members of the proposal that its admission checks, besides the plan. */
export interface ProposalStatus {
  /** When its finding was last updated, or the oldest of several. Null if the input did not say. */
  readonly analysedAt: string | null;
  /** `state.json`; undefined if the proposal was never rechecked. */
  readonly state: Pick<ProposalState, 'state' | 'reason' | 'lastUse'> | undefined;
  /** Why a check of AWS rejected it; undefined if none did. */
  readonly withheld: string | undefined;
  /** Proposals about the same subject that are based on a newer finding. */
  readonly newer: readonly { readonly proposalId: string; readonly analysedAt: string }[];
  /** What could not be determined about it, as sentences. */
  readonly unknown: readonly string[];
  /** The warnings, from the proposal and from `state.json`. */
  readonly warnings: readonly string[];
}
