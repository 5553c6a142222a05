import type { PrincipalRef } from '../model/principal.ts';
import type { Generalize, ProposedPolicy, ResidueAction, RetainedAction } from '../model/proposed-policy.ts';
import type { Subject } from '../model/subject.ts';
import type { EvidenceSource } from '../model/unused-access.ts';
import type { Risk, RiskOf } from '../risk/risk.ts';
import type { Plan } from '../plan/schema.ts';
import type { Advice, Comparison } from './better-of.ts';

/** `proposal.json`, schema version 1. Later versions may add members; none of these changes. */
export type Proposal = PrincipalProposal | SharedProposal;

/** About one role or user. */
export type PrincipalProposal = RefineProposal | RemovalProposal;

/** What becomes of a subject's policies, and why: the same members in every proposal to refine. */
export interface Refinement {
  readonly catalogue: ProposalCatalogue;
  readonly generalize: Generalize;
  readonly policies: readonly ProposedPolicy[];
  readonly retained: readonly RetainedAction[];
  readonly residue: readonly ResidueAction[];
  /** Why each action stays that the subject's own policies go on granting. */
  readonly staying: readonly StayingActions[];
  readonly verification: Verification;
  /** Of something shared: what it grants each of those who have it. */
  readonly summary: Summary;
  /** What the removed and the remaining actions can do; absent in files of versions that did not say it. */
  readonly risk?: Risk;
}

interface ProposalBase {
  readonly schemaVersion: 1;
  readonly proposalId: string;
  /**
   * What stops it, one sentence each: it is not to be applied before that is settled. Absent where nothing can, and in
   * files of versions that had none.
   */
  readonly warnings?: readonly string[];
  /** The reading of dates of last use that they rest on; absent where none was made, and in files of versions that did not say it. */
  readonly lastUse?: LastUse;
  /** What a reviewer should know that belongs to no single policy. */
  readonly notes: readonly string[];
  /** How to put it in place and how to take it back. */
  readonly plan: Plan;
  /** What people call the account; absent where nobody says it, and in files of versions that did not. */
  readonly accountName?: string;
}

/** A reading of the dates of last use that AWS has recorded. */
export interface LastUse {
  /** When AWS completed its report (ISO 8601), of several the earliest; null where nobody says it. */
  readonly asOf: string | null;
  /** Where not everything could be read, of everybody who has it. */
  readonly isPartial?: true | undefined;
  /** What of the notes comes from it. */
  readonly remarks: readonly string[];
}

interface PrincipalBase extends ProposalBase {
  readonly principal: PrincipalRef;
  /** Value of the principal's owner tag; absent where no such tag is configured, or the principal lacks it. */
  readonly owner?: string;
  /** Of a role: who may assume it, in words, and when IAM recorded its last use; absent where the source does not say. */
  readonly assumedBy?: readonly string[];
  readonly lastUsedAt?: string | null;
  readonly finding: ProposalFinding;
}

export interface RefineProposal extends PrincipalBase, Refinement {
  readonly kind: 'refine-permissions';
}

/**
 * What is known of a proposal before it is complete: enough to find it among the stored ones, to judge earlier ones by
 * it, and to ask AWS about its documents.
 */
export type DraftProposal = Pick<
  RefineProposal,
  'kind' | 'proposalId' | 'principal' | 'finding' | 'generalize' | 'policies' | 'retained'
>;

/** The other finding types have no policy to refine: the plan says what to deactivate. */
export interface RemovalProposal extends PrincipalBase {
  readonly kind: 'remove-role' | 'remove-access-key' | 'remove-password';
  readonly accessKeyId?: string;
  /** Of `remove-role`: what the role's own policies grant, all of which goes. */
  readonly risk?: { readonly removed: RiskOf };
  /** Empty, so that whoever goes through the policies of all proposals need not ask for their kind. */
  readonly policies: readonly [];
  readonly retained: readonly [];
  readonly residue: readonly [];
}

export type ProposalKind = PrincipalProposal['kind'];

export interface ProposalFinding {
  readonly id: string;
  readonly analyzerArn: string | null;
  /** Absent where an analyzer made it. */
  readonly source?: EvidenceSource;
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
  /** Of the source, ISO 8601; absent where it has none, and in files of versions that did not say it. */
  readonly date?: string | undefined;
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

/**
 * `proposal.json` of a proposal about what several principals share, schema version 1. It lies under `shared/`, apart
 * from the proposals about principals. Later versions may add members; none of these changes.
 */
export interface SharedProposal extends ProposalBase, Refinement {
  readonly kind: SharedKind;
  readonly subject: SharedSubject;
  readonly holders: SharedHolders;
  /** The findings that it rests on: one entry for each finding, sorted by principal and id. */
  readonly findings: readonly SharedFinding[];
  /** What is unused to all of them: sorted, catalogue spelling where known. */
  readonly unused: { readonly services: readonly string[]; readonly actions: readonly string[] };
  readonly advice: Advice & Pick<Comparison, 'shared' | 'separate'>;
}

/** What is known of it before it is complete. */
export type DraftShared = Pick<SharedProposal, 'kind' | 'proposalId' | 'subject' | 'policies'>;

/** What a proposal is before it is complete; one to remove something is complete at once. */
export type DraftOf<P extends Proposal> = P extends SharedProposal
  ? DraftShared
  : P extends RefineProposal
    ? DraftProposal
    : P;

export type SharedKind = 'refine-shared-policy' | 'refine-group';

/** A shared customer managed policy, or a group. */
export type SharedSubject = Subject & { readonly type: 'policy' | 'group' };

/** Who is affected. Lists are sorted. */
export interface SharedHolders {
  /** Roles and users that the change reaches, directly or through a group; each counts once. */
  readonly principals: number;
  /** ARNs of roles and of users that the policy is attached to; empty for a group. */
  readonly roles: readonly string[];
  readonly users: readonly string[];
  /** The groups through which it reaches users, with the ARNs of these. */
  readonly groups: readonly { readonly name: string; readonly members: readonly string[] }[];
}

export interface SharedFinding {
  readonly principal: string;
  readonly id: string;
  readonly analyzerArn: string | null;
  /** Absent where an analyzer made it. */
  readonly source?: EvidenceSource;
  readonly findingType: FindingType;
  readonly updatedAt: string | null;
}
