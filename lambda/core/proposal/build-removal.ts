import { grantedActions } from '../catalogue/granted-actions.ts';
import type { Universe } from '../catalogue/universe.ts';
import { documentsOf, type Grant, type PrincipalRef } from '../model/principal.ts';
import { roomNote } from '../plan/limits.ts';
import { makeRemovalPlan } from '../plan/plan-removal.ts';
import { riskOf } from '../risk/risk.ts';
import type { Granted } from '../verify/granted.ts';
import { type FindingIdentity, originOf, trustOf } from './finding-facts.ts';
import { proposalId } from './proposal-id.ts';
import type { RemovalProposal } from './schema.ts';

export interface RemovalInput {
  readonly kind: RemovalProposal['kind'];
  readonly principal: PrincipalRef;
  /** Unique id of the principal, if the source has it. */
  readonly principalId?: string;
  /** When the password was set, if the source has it. */
  readonly passwordCreatedAt?: string;
  /** The principal's grants, to check whether the quotas allow one more Deny. */
  readonly grants?: readonly Grant[];
  /** How many managed policies a role can have. @default 20 */
  readonly attachmentQuota?: number;
  /** As in the proposal. */
  readonly assumedBy?: readonly string[] | undefined;
  readonly lastUsedAt?: string | null | undefined;
  /** Display name of its account, and the principal's owner by tag; never part of the id. */
  readonly accountName?: string | undefined;
  readonly owner?: string;
  /** For `remove-access-key`. */
  readonly accessKeyId?: string;
  /** ISO 8601; undefined if it was never used or the finding has no date. */
  readonly lastAccessed: string | undefined;
  readonly finding: FindingIdentity;
  /** For the risk of a role's grants; without it, the proposal has no risk. */
  readonly universe?: Universe;
  readonly digest: (text: string) => string;
}

/** A proposal to remove an unused role, access key or password: what to deactivate, and in which order. */
export function buildRemoval(input: RemovalInput): RemovalProposal {
  const { kind, principal, accessKeyId, finding, digest, lastAccessed } = input;
  const subject = accessKeyId ?? '';
  const key = accessKeyId === undefined ? {} : { accessKeyId };
  const plan = makeRemovalPlan({ ...input, lastUsedAt: lastAccessed, analysedAt: finding.updatedAt });
  const dated = accessKeyId ?? principal.arn;
  return {
    schemaVersion: 1,
    kind,
    proposalId: proposalId({ kind, about: { principal, subject }, policies: [] }, digest),
    principal,
    ...(input.accountName === undefined ? {} : { accountName: input.accountName }),
    ...(input.owner === undefined ? {} : { owner: input.owner }),
    ...trustOf(input),
    finding: {
      ...originOf(finding),
      unusedServices: [],
      unusedActions: [],
      lastAccessed: lastAccessed === undefined ? {} : { [dated]: lastAccessed },
    },
    ...key,
    ...(kind === 'remove-role' && input.universe && input.grants
      ? { risk: { removed: riskOf(grantedBy(input.grants, input.universe), input.universe) } }
      : {}),
    policies: [],
    retained: [],
    residue: [],
    notes: [...(plan.irreversible === null ? [] : [plan.irreversible]), ...plan.freeFirst.map(roomNote)],
    plan,
  };
}

function grantedBy(grants: readonly Grant[], universe: Universe): Granted {
  const marks = grantedActions(documentsOf(grants), universe);
  return new Map(
    [...marks].map(([key, has]) => [key, { actions: universe.services.get(key)?.folded ?? [], has }]),
  );
}
