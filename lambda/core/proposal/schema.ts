import type { PrincipalRef } from '../model/principal.ts';
import type { Generalize, ProposedPolicy, ResidueAction, RetainedAction } from '../model/proposed-policy.ts';
import type { Subject } from '../model/subject.ts';
import type { EvidenceSource } from '../model/unused-access.ts';
import type { Risk, RiskOf } from '../risk/risk.ts';
import type { Plan } from '../plan/schema.ts';

/** `proposal.json`, schema version 1. Later versions may add members; none of these changes. */
export type Proposal = PrincipalProposal | SharedProposal;

/** About one role or user. */
export type PrincipalProposal = RefineProposal | RemovalProposal;

/** The outcome for a subject's policies, and why: the same members in every proposal to refine. */
export interface Refinement {
  readonly catalogue: ProposalCatalogue;
  readonly generalize: Generalize;
  readonly policies: readonly ProposedPolicy[];
  readonly retained: readonly RetainedAction[];
  readonly residue: readonly ResidueAction[];
  /** The actions that the subject's own policies still grant, and why each stays. */
  readonly staying: readonly StayingActions[];
  readonly verification: Verification;
  /** For a shared policy or group: what it grants each holder. */
  readonly summary: Summary;
  /** What the removed and the remaining actions can do; absent in files of earlier versions. */
  readonly risk?: Risk;
}

interface ProposalBase {
  readonly schemaVersion: 1;
  readonly proposalId: string;
  /**
   * What prevents applying it, one sentence each; it must not be applied before that is settled. Absent if nothing can
   * prevent it, and in files of earlier versions.
   */
  readonly warnings?: readonly string[];
  /** The reading of last use that they rest on; absent if AWS was not asked, and in files of earlier versions. */
  readonly lastUse?: LastUse;
  /** Notes for the reviewer that are not about a single policy. */
  readonly notes: readonly string[];
  /** How to apply it and how to undo it. */
  readonly plan: Plan;
  /** Display name of the account; absent if unknown, and in files of earlier versions. */
  readonly accountName?: string;
}

/** A reading of AWS's records of last use. */
export interface LastUse {
  /** When AWS completed its report (ISO 8601), the earliest of several; null if unknown. */
  readonly asOf: string | null;
  /** Present if any report is missing or incomplete, for any holder. */
  readonly isPartial?: true | undefined;
  /** Those of the notes that come from it. */
  readonly remarks: readonly string[];
}

interface PrincipalBase extends ProposalBase {
  readonly principal: PrincipalRef;
  /** Value of the principal's owner tag; absent if no such tag is configured, or the principal lacks it. */
  readonly owner?: string;
  /** For a role: who may assume it, in words, and its last use according to IAM; absent if the source has neither. */
  readonly assumedBy?: readonly string[];
  readonly lastUsedAt?: string | null;
  readonly finding: ProposalFinding;
}

export interface RefineProposal extends PrincipalBase, Refinement {
  readonly kind: 'refine-permissions';
}

/**
 * A proposal before it is complete: enough to find it among the stored ones, to judge earlier ones by it, and to ask
 * AWS about its documents.
 */
export type DraftProposal = Pick<
  RefineProposal,
  'kind' | 'proposalId' | 'principal' | 'finding' | 'generalize' | 'policies' | 'retained'
>;

/** The other finding types have no policy to refine: the plan says what to deactivate. */
export interface RemovalProposal extends PrincipalBase {
  readonly kind: 'remove-role' | 'remove-access-key' | 'remove-password';
  readonly accessKeyId?: string;
  /** For `remove-role`: everything that the role's own policies grant. */
  readonly risk?: { readonly removed: RiskOf };
  /** Empty, so that code that goes through the policies of all proposals need not check their kind. */
  readonly policies: readonly [];
  readonly retained: readonly [];
  readonly residue: readonly [];
}

export type ProposalKind = PrincipalProposal['kind'];

export interface ProposalFinding {
  readonly id: string;
  readonly analyzerArn: string | null;
  /** Absent if an analyzer made it. */
  readonly source?: EvidenceSource;
  readonly findingType: FindingType;
  readonly updatedAt: string | null;
  /** Sorted service prefixes, in the catalogue's spelling if known. */
  readonly unusedServices: readonly string[];
  /** Sorted `service:Action`, in the catalogue's spelling if known. */
  readonly unusedActions: readonly string[];
  /** Last use (ISO 8601) by service prefix or `service:Action`, as far as the finding has dates. */
  readonly lastAccessed: Readonly<Record<string, string>>;
}

export type FindingType =
  'UnusedPermission' | 'UnusedIAMRole' | 'UnusedIAMUserAccessKey' | 'UnusedIAMUserPassword';

export interface ProposalCatalogue {
  readonly source: string;
  readonly version: string;
  /** Date of the source (ISO 8601); absent if it has none, and in files of earlier versions. */
  readonly date?: string | undefined;
  readonly services: number;
  readonly actions: number;
}

/**
 * Why an action stays. `used`: AWS has a date. `tracked-not-reported`: AWS tracks it; the finding does not report it.
 * `not-tracked`: AWS never reports its use individually. `tracking-unknown`: whether AWS tracks it is not known.
 * `unknown-to-catalogue`: the catalogue does not have it. `retained`: unused, kept on purpose. `residue`: unused, in a
 * policy that could not be refined.
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
  /** Number of actions of the universe; for `unknown-to-catalogue`, also of patterns that match none of them. */
  readonly count: number;
  /**
   * Sorted `service:Action`. `service:*` means all remaining actions of the service, if all stay for this reason. For
   * `unknown-to-catalogue`, patterns as the policy writes them.
   */
  readonly actions: readonly string[];
  /** Last use (ISO 8601) by action; only for `used`. */
  readonly lastAccessed?: Readonly<Record<string, string>>;
}

export interface Verification {
  readonly verdict: 'exact';
  readonly statementsChecked: number;
  readonly actionsChecked: number;
}

/** Counts, on the universe, over the principal's own policies, not those of its groups; characters as IAM counts. */
export interface Summary {
  readonly actionsGrantedBefore: number;
  readonly actionsGrantedAfter: number;
  readonly servicesGrantedBefore: number;
  readonly servicesGrantedAfter: number;
  readonly charactersBefore: number;
  readonly charactersAfter: number;
}

/**
 * `proposal.json` of a proposal about a shared policy or a group, schema version 1, stored under `shared/`. Later
 * versions may add members; none of these changes.
 */
export interface SharedProposal extends ProposalBase, Refinement {
  readonly kind: SharedKind;
  readonly subject: SharedSubject;
  readonly holders: SharedHolders;
  /** The findings that it rests on, sorted by principal and id. */
  readonly findings: readonly SharedFinding[];
  /** What is unused to all holders: sorted, in the catalogue's spelling if known. */
  readonly unused: { readonly services: readonly string[]; readonly actions: readonly string[] };
  readonly advice: Advice & Pick<Comparison, 'shared' | 'separate'>;
}

/** A shared proposal before it is complete. */
export type DraftShared = Pick<SharedProposal, 'kind' | 'proposalId' | 'subject' | 'policies'>;

/** A proposal before it is complete; a removal proposal is complete at once. */
export type DraftOf<P extends Proposal> = P extends SharedProposal
  ? DraftShared
  : P extends RefineProposal
    ? DraftProposal
    : P;

export type SharedKind = 'refine-shared-policy' | 'refine-group';

/**
 * The effect of a shared change and of separate proposals for each principal. Counts of actions are sums over
 * principals.
 */
export interface Comparison {
  /** The shared change: the actions that it removes, summed over the principals, and the number of principals. */
  readonly shared: { readonly actions: number; readonly principals: number };
  /**
   * Separate proposals: the same sum if each principal gets its own copy, and the number of copies. Separate
   * proposals do not remove permissions from groups.
   */
  readonly separate: { readonly actions: number; readonly copies: number };
  /** The number of customer managed policies in the account. */
  readonly policiesInAccount: number;
}

/** `shared-first`: the shared change, and separate copies afterwards for what it leaves. */
export interface Advice {
  readonly better: 'shared' | 'shared-first' | 'separate';
  /** Sentences for people, with the deciding figures. */
  readonly reason: string;
}

/** A shared customer managed policy, or a group. */
export type SharedSubject = Subject & { readonly type: 'policy' | 'group' };

/** Who is affected. Lists are sorted. */
export interface SharedHolders {
  /** Number of roles and users that the change reaches, directly or through a group; each counts once. */
  readonly principals: number;
  /** ARNs of roles and of users that the policy is attached to; empty for a group. */
  readonly roles: readonly string[];
  readonly users: readonly string[];
  /** The groups through which it reaches users, with the users' ARNs. */
  readonly groups: readonly { readonly name: string; readonly members: readonly string[] }[];
}

export interface SharedFinding {
  readonly principal: string;
  readonly id: string;
  readonly analyzerArn: string | null;
  /** Absent if an analyzer made it. */
  readonly source?: EvidenceSource;
  readonly findingType: FindingType;
  readonly updatedAt: string | null;
}
