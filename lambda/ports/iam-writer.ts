import type { JsonValue } from '../core/model/json.ts';
import type { PrincipalRef } from '../core/model/principal.ts';
import type { CreatePolicyAction } from '../core/plan/schema.ts';

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
