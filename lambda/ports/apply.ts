import type { ProposalState } from '../core/lifecycle/proposal-state.ts';
import type { JsonValue } from '../core/model/json.ts';
import type { HolderRef } from '../core/model/subject.ts';
import type { HolderQuotas } from '../core/plan/limits.ts';
import type { CreatePolicyAction } from '../core/plan/schema.ts';

/** What `apply` and `rollback` did about one proposal, run by run. Times are ISO 8601 in UTC. See docs/apply.md. */
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
  /**
   * `started`: a change was about to be made and whether it was is not known. `refused`: IAM answered that it does not
   * make it. `unanswered`: no answer came, and afterwards it was so. `already`: it was so before. `kept`: left as it is, on purpose. `skipped`: a rollback of what apply had not
   * done.
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

/** Keeps the receipt. What was saved is there even when the process or the machine stops in the next moment. */
export interface ApplyJournal {
  load(): Promise<Receipt | undefined>;
  save(receipt: Receipt): Promise<void>;
  /** Keeps a document that is about to be deleted; answers with the file it is in. */
  backup(policyArn: string, versionId: string, document: JsonValue): Promise<string>;
}

/** A role, user or group as IAM holds it now. */
export interface SubjectState {
  readonly arn: string;
  /** Never used again, unlike the name. */
  readonly id: string;
  readonly createdAt: string | undefined;
  /** Last use of a role, or of a user's password; undefined where AWS knows of none, and for groups. */
  readonly lastUsedAt: string | undefined;
}

/** A managed policy as IAM holds it now. */
export interface ManagedPolicyState {
  /** Never used again, unlike the name. */
  readonly policyId: string;
  readonly defaultVersionId: string;
  /** When its default version was set last, or one was added. */
  readonly updatedAt: string | undefined;
  /** Roles, users and groups that have it attached. */
  readonly attachments: number;
  /** Principals whose permissions boundary it is. */
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
  /** Never used again, unlike the name; undefined where IAM does not say. */
  readonly id: string | undefined;
}

/** A group as IAM holds it now. */
export interface GroupState {
  readonly id: string | undefined;
  readonly members: readonly { readonly arn: string; readonly id: string | undefined }[];
}

export interface AccessKeyState {
  readonly status: 'Active' | 'Inactive';
  readonly lastUsedAt: string | undefined;
}

/** What the account takes today. */
export interface AccountQuotas {
  readonly holders: HolderQuotas;
  /** Customer managed policies; undefined where it cannot be read. */
  readonly policies: { readonly used: number; readonly quota: number } | undefined;
  /** The caller may not read them, so these are the ones that hold unless AWS raised them. */
  readonly assumed: boolean;
}

/** What executing a plan needs to see. What does not exist is undefined, never an error. */
export interface IamReader {
  /** The role, user or group that has this type and name in the account of the credentials. */
  subject(holder: HolderRef): Promise<SubjectState | undefined>;
  inlinePolicy(holder: HolderRef, policyName: string): Promise<JsonValue | undefined>;
  inlinePolicyNames(holder: HolderRef): Promise<readonly string[]>;
  /** ARNs of all managed policies that the holder has attached. */
  attachedPolicies(holder: HolderRef): Promise<readonly string[]>;
  managedPolicy(policyArn: string): Promise<ManagedPolicyState | undefined>;
  /** Ids of all versions, oldest first. */
  policyVersions(policyArn: string): Promise<readonly string[]>;
  versionDocument(policyArn: string, versionId: string): Promise<JsonValue | undefined>;
  policyHolders(policyArn: string): Promise<PolicyHolders>;
  /** Undefined where there is no such group. */
  group(groupName: string): Promise<GroupState | undefined>;
  accessKey(userName: string, accessKeyId: string): Promise<AccessKeyState | undefined>;
  /** A user's console password. */
  password(userName: string): Promise<{ readonly createdAt: string | undefined } | undefined>;
  quotas(): Promise<AccountQuotas>;
}

/**
 * Changes IAM with the caller's own credentials. Only the `apply` and `rollback` commands may use it: nothing that is
 * deployed can reach an implementation. Every method is one change; all throw `AdapterError`.
 */
export interface IamWriter extends IamReader {
  putInlinePolicy(holder: HolderRef, policyName: string, document: JsonValue): Promise<void>;
  deleteInlinePolicy(holder: HolderRef, policyName: string): Promise<void>;
  /** `exists`: there is a policy of that name already; it was not changed. */
  createPolicy(policy: CreatePolicyAction, document: JsonValue): Promise<'created' | 'exists'>;
  /** The default version goes with the policy; all others have to be deleted before. */
  deletePolicy(policyArn: string): Promise<void>;
  /** `missing`: IAM does not know the policy, or does not know it yet. */
  attachPolicy(holder: HolderRef, policyArn: string): Promise<'attached' | 'missing'>;
  detachPolicy(holder: HolderRef, policyArn: string): Promise<void>;
  createDefaultVersion(policyArn: string, document: JsonValue): Promise<void>;
  setDefaultVersion(policyArn: string, versionId: string): Promise<void>;
  deleteVersion(policyArn: string, versionId: string): Promise<void>;
  setAccessKeyStatus(userName: string, accessKeyId: string, status: 'Active' | 'Inactive'): Promise<void>;
  deletePassword(userName: string): Promise<void>;
}

/** The state of a proposal, and the members of the proposal that admission needs in addition to the plan. */
export interface ProposalStanding {
  /** When the finding that it rests on was last updated; of several, the oldest. Null where the input did not say. */
  readonly analysedAt: string | null;
  /** `state.json`; undefined if the proposal was never rechecked. */
  readonly state: Pick<ProposalState, 'state' | 'reason' | 'lastUse'> | undefined;
  /** A check of AWS rejected it. */
  readonly withheld: string | undefined;
  /** Proposals about the same subject that rest on a newer finding. */
  readonly newer: readonly { readonly proposalId: string; readonly analysedAt: string }[];
  /** What could not be found out about it, in sentences. */
  readonly unknown: readonly string[];
  /** The warnings, from the proposal and from `state.json`. */
  readonly warnings: readonly string[];
}
