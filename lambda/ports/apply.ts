import type { JsonValue } from '../core/model/json.ts';
import type { PrincipalRef } from '../core/model/principal.ts';
import type { CreatePolicyAction } from '../core/plan/schema.ts';

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

/** A managed policy as IAM holds it now. */
export interface ManagedPolicyState {
  readonly defaultVersionId: string;
  /** Roles, users and groups that have it attached. */
  readonly attachments: number;
  /** Principals whose permissions boundary it is. */
  readonly boundaryUses: number;
  readonly description: string;
}

/** What executing a plan needs to see. What does not exist is undefined, never an error. */
export interface IamReader {
  /** ARN of the principal that has this type and name in the account of the credentials. */
  principalArn(principal: PrincipalRef): Promise<string | undefined>;
  inlinePolicy(principal: PrincipalRef, policyName: string): Promise<JsonValue | undefined>;
  /** ARNs of all managed policies that the principal has attached. */
  attachedPolicies(principal: PrincipalRef): Promise<readonly string[]>;
  managedPolicy(policyArn: string): Promise<ManagedPolicyState | undefined>;
  /** Ids of all versions, oldest first. */
  policyVersions(policyArn: string): Promise<readonly string[]>;
  versionDocument(policyArn: string, versionId: string): Promise<JsonValue | undefined>;
  accessKeyStatus(userName: string, accessKeyId: string): Promise<'Active' | 'Inactive' | undefined>;
  hasPassword(userName: string): Promise<boolean>;
}

/**
 * Changes IAM with the caller's own credentials. Only the `apply` and `rollback` commands may use it: nothing that is
 * deployed can reach an implementation. Every method is one change; all throw `AdapterError`.
 */
export interface IamWriter extends IamReader {
  putInlinePolicy(principal: PrincipalRef, policyName: string, document: JsonValue): Promise<void>;
  deleteInlinePolicy(principal: PrincipalRef, policyName: string): Promise<void>;
  /** `exists`: there is a policy of that name already; it was not changed. */
  createPolicy(policy: CreatePolicyAction, document: JsonValue): Promise<'created' | 'exists'>;
  /** The default version goes with the policy; all others have to be deleted before. */
  deletePolicy(policyArn: string): Promise<void>;
  /** `missing`: IAM does not know the policy, or does not know it yet. */
  attachPolicy(principal: PrincipalRef, policyArn: string): Promise<'attached' | 'missing'>;
  detachPolicy(principal: PrincipalRef, policyArn: string): Promise<void>;
  createDefaultVersion(policyArn: string, document: JsonValue): Promise<void>;
  setDefaultVersion(policyArn: string, versionId: string): Promise<void>;
  deleteVersion(policyArn: string, versionId: string): Promise<void>;
  setAccessKeyStatus(userName: string, accessKeyId: string, status: 'Active' | 'Inactive'): Promise<void>;
  deletePassword(userName: string): Promise<void>;
}
