import type { PrincipalRef } from '../model/principal.ts';
import type { Plan } from '../plan/schema.ts';
import type { Generalize, ProposedPolicy, ResidueAction, RetainedAction } from '../model/proposed-policy.ts';

/** `proposal.json`, schema version 1. Later versions may add members; none of these changes. */
export type Proposal = RefineProposal | RemovalProposal;

interface ProposalBase {
  readonly schemaVersion: 1;
  readonly proposalId: string;
  readonly principal: PrincipalRef;
  /** Value of the principal's owner tag; absent where no such tag is configured, or the principal lacks it. */
  readonly owner?: string;
  readonly finding: ProposalFinding;
  /** How to put it in place and how to take it back; absent in files of versions that had no plans. */
  readonly plan?: Plan;
}

export interface RefineProposal extends ProposalBase {
  readonly kind: 'refine-permissions';
  readonly catalogue: ProposalCatalogue;
  readonly generalize: Generalize;
  readonly policies: readonly ProposedPolicy[];
  readonly retained: readonly RetainedAction[];
  readonly residue: readonly ResidueAction[];
  /** Why each action stays that the principal's own policies go on granting; absent in files of versions that did not say. */
  readonly staying?: readonly StayingActions[];
  readonly verification: Verification;
  readonly summary: Summary;
  /** What a reviewer should know that belongs to no single policy. */
  readonly notes: readonly string[];
}

/** The other finding types have no policy to refine: the steps say what to deactivate, in which order. */
export interface RemovalProposal extends ProposalBase {
  readonly kind: 'remove-role' | 'remove-access-key' | 'remove-password';
  readonly accessKeyId?: string;
  /** Empty, so that whoever goes through the policies of all proposals need not ask for their kind. */
  readonly policies: readonly [];
  readonly retained: readonly [];
  readonly residue: readonly [];
  readonly steps: readonly RemovalStep[];
  readonly notes: readonly string[];
}

export type ProposalKind = Proposal['kind'];

export interface ProposalFinding {
  readonly id: string;
  readonly analyzerArn: string | null;
  readonly findingType: FindingType;
  readonly updatedAt: string | null;
  /** Sorted service prefixes, catalogue spelling where known. */
  readonly unusedServices: readonly string[];
  /** Sorted `service:Action`, catalogue spelling where known. */
  readonly unusedActions: readonly string[];
  /** Last use (ISO 8601) of what the finding dates, by service prefix or `service:Action`. */
  readonly lastAccessed: Readonly<Record<string, string>>;
}

export type FindingType =
  'UnusedPermission' | 'UnusedIAMRole' | 'UnusedIAMUserAccessKey' | 'UnusedIAMUserPassword';

export interface ProposalCatalogue {
  readonly source: string;
  readonly version: string;
  readonly services: number;
  readonly actions: number;
}

/**
 * Why an action stays. `used`: AWS has a date. `tracked-not-reported`: AWS tracks it and the finding does not call it
 * unused. `not-tracked`: AWS never reports its use by itself. `tracking-unknown`: nothing at hand says whether AWS tracks
 * it. `unknown-to-catalogue`: the catalogue does not have it. `retained`: unused, kept on purpose. `residue`: unused, in
 * a policy that could not be refined.
 */
export type StayReason =
  | 'used'
  | 'tracked-not-reported'
  | 'not-tracked'
  | 'tracking-unknown'
  | 'unknown-to-catalogue'
  | 'retained'
  | 'residue';

/** The actions that stay for one reason. */
export interface StayingActions {
  readonly reason: StayReason;
  /** Actions of the universe; for `unknown-to-catalogue` also patterns that match none of it. */
  readonly count: number;
  /**
   * Sorted `service:Action`. `service:*` stands for every action of the service that stays: all of them for this
   * reason. For `unknown-to-catalogue` patterns as the policy writes them.
   */
  readonly actions: readonly string[];
  /** Last use (ISO 8601) by action; with `used` only. */
  readonly lastAccessed?: Readonly<Record<string, string>>;
}

export interface Verification {
  readonly verdict: 'exact';
  readonly statementsChecked: number;
  readonly actionsChecked: number;
}

/** Counts over the principal's own policies (not those through groups) on the universe; characters as IAM counts. */
export interface Summary {
  readonly actionsGrantedBefore: number;
  readonly actionsGrantedAfter: number;
  readonly servicesGrantedBefore: number;
  readonly servicesGrantedAfter: number;
  readonly charactersBefore: number;
  readonly charactersAfter: number;
}

export interface RemovalStep {
  readonly title: string;
  readonly command: string;
}
