import type { Grant, PrincipalRef } from '../model/principal.ts';
import type { EvidenceSource } from '../model/unused-access.ts';
import { roomNote } from '../plan/limits.ts';
import { makeRemovalPlan } from '../plan/plan-removal.ts';
import { proposalId } from './proposal-id.ts';
import type { FindingType, RemovalProposal } from './schema.ts';

export interface RemovalInput {
  readonly kind: RemovalProposal['kind'];
  readonly principal: PrincipalRef;
  /** Unique id of the principal, where the source says it. */
  readonly principalId?: string;
  /** What the principal is granted: whether a Deny finds room beside it. */
  readonly grants?: readonly Grant[];
  /** How many managed policies a role takes. @default 20 */
  readonly attachmentQuota?: number;
  /** Whose it is, by tag; never part of the id. */
  readonly owner?: string;
  /** Of `remove-access-key`. */
  readonly accessKeyId?: string;
  /** ISO 8601; undefined when it was never used or the finding does not say. */
  readonly lastAccessed: string | undefined;
  readonly finding: {
    readonly id: string;
    readonly analyzerArn: string | null;
    readonly source?: EvidenceSource;
    readonly findingType: FindingType;
    readonly updatedAt: string | null;
  };
  readonly digest: (text: string) => string;
}

/** A proposal for a role, access key or password that nobody uses: what to deactivate, and in which order. */
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
    ...(input.owner === undefined ? {} : { owner: input.owner }),
    finding: {
      id: finding.id,
      analyzerArn: finding.analyzerArn,
      ...(finding.source === 'last-accessed' ? { source: finding.source } : {}),
      findingType: finding.findingType,
      updatedAt: finding.updatedAt,
      unusedServices: [],
      unusedActions: [],
      lastAccessed: lastAccessed === undefined ? {} : { [dated]: lastAccessed },
    },
    ...key,
    policies: [],
    retained: [],
    residue: [],
    notes: [...(plan.irreversible === null ? [] : [plan.irreversible]), ...plan.freeFirst.map(roomNote)],
    plan,
  };
}
