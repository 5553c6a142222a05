import type { FindingType, ProposalCatalogue, Summary, Verification } from '../proposal/schema.ts';
import type { Generalize, ProposedPolicy, RetainedAction } from '../model/proposed-policy.ts';
import type { Plan } from '../plan/schema.ts';
import type { Advice, Comparison } from './better-of.ts';

/**
 * `proposal.json` of a proposal about what several principals share, schema version 1. It lies under `shared/`, apart
 * from the proposals about principals. Later versions may add members; none of these changes.
 */
export interface SharedProposal {
  readonly schemaVersion: 1;
  readonly kind: SharedKind;
  readonly proposalId: string;
  readonly subject: SharedSubject;
  readonly holders: SharedHolders;
  /** The findings that it rests on: one entry for each finding, sorted by principal and id. */
  readonly findings: readonly SharedFinding[];
  /** What is unused to all of them: sorted, catalogue spelling where known. */
  readonly unused: { readonly services: readonly string[]; readonly actions: readonly string[] };
  readonly catalogue: ProposalCatalogue;
  readonly generalize: Generalize;
  readonly policies: readonly ProposedPolicy[];
  readonly retained: readonly RetainedAction[];
  readonly verification: Verification;
  /** Counts over the policies above, each principal's share of them being the same. */
  readonly summary: Summary;
  readonly advice: Advice & Pick<Comparison, 'shared' | 'separate'>;
  readonly notes: readonly string[];
  /** How to put it in place and how to take it back. */
  readonly plan: Plan;
}

export type SharedKind = 'refine-shared-policy' | 'refine-group';

/** A shared customer managed policy, or a group. `path` begins and ends with a slash. */
export interface SharedSubject {
  readonly type: 'policy' | 'group';
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly accountId: string;
}

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
  readonly findingType: FindingType;
  readonly updatedAt: string | null;
}
