import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Universe } from '../catalogue/universe.ts';
import { byCodeUnit } from '../model/order.ts';
import type { Grant, Principal } from '../model/principal.ts';
import { copyName } from '../plan/copy-name.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { RefineContext } from '../refine/context.ts';
import {
  claimedDocuments,
  describeGroup,
  dispositionOf,
  type GrantRefinement,
  isInherited,
  proveGrant,
  refineGrants,
} from '../refine/refine-principal.ts';
import { retainedActions } from '../refine/retained-actions.ts';
import type { VerifiedPolicy } from '../verify/verify-policy.ts';
import { findingFacts } from './finding-facts.ts';
import { proposalId } from './proposal-id.ts';
import type { FindingType, ProposedPolicy, RefineProposal, ResidueAction } from './schema.ts';
import { summarise } from './summary.ts';

export interface BuildInput {
  readonly principal: Principal;
  readonly finding: {
    readonly id: string;
    readonly analyzerArn: string | null;
    readonly findingType: FindingType;
    readonly updatedAt: string | null;
  };
  readonly context: RefineContext;
  readonly catalogue: Catalogue;
  readonly keep: readonly string[];
  readonly digest: (text: string) => string;
}

/** A proposal, or why there is nothing to propose. Refused policies are named either way. */
export type BuildResult =
  | {
      readonly kind: 'proposal';
      readonly proposal: RefineProposal;
      readonly refused: readonly RefusedGrant[];
    }
  | {
      readonly kind: 'unchanged';
      readonly reason: string;
      readonly refused: readonly RefusedGrant[];
      readonly residue: readonly ResidueAction[];
    };

export interface RefusedGrant {
  readonly policy: string;
  readonly reason: string;
}

/**
 * Refines everything a principal is granted, has every document verified, and puts the proposal together from the
 * verifier's results.
 * @throws VerificationError when the verifier rejects a document
 */
export function buildProposal(input: BuildInput): BuildResult {
  const { principal, context, catalogue } = input;
  const outcomes = refineGrants(principal, context).map((refined) => concludeGrant(refined, input));
  const refused = outcomes.flatMap(({ policy }) =>
    policy.disposition === 'refused' ? [{ policy: policy.name, reason: policy.reason }] : [],
  );
  const residue = outcomes.flatMap((outcome) => outcome.residue).sort(byAction);
  const policies = outcomes.map(({ policy }) => policy);
  if (!policies.some(({ disposition }) => CHANGING.has(disposition))) {
    return { kind: 'unchanged', reason: unchangedReason(residue.length, refused.length), refused, residue };
  }
  const own = outcomes.flatMap(({ grant, verified }) => (verified && !isInherited(grant) ? [verified] : []));
  const id = proposalId(
    {
      kind: 'refine-permissions',
      principal: principal.ref,
      subject: '',
      policies: policies.map(({ source, name, before, after }) => ({
        source,
        name,
        before,
        after: after.map(({ document }) => document),
      })),
    },
    input.digest,
  );
  const { origin } = catalogue;
  const proposal: RefineProposal = {
    schemaVersion: 1,
    kind: 'refine-permissions',
    proposalId: id,
    principal: principal.ref,
    finding: findingFacts(input.finding, context.unused, context.universe),
    catalogue: {
      source: origin.source,
      version: origin.version,
      services: catalogue.serviceCount,
      actions: catalogue.actionCount,
    },
    generalize: context.generalize,
    policies,
    retained: retainedActions(own, context),
    residue,
    verification: {
      verdict: 'exact',
      statementsChecked: sum(own, (policy) => policy.statementsChecked),
      actionsChecked: sum(own, (policy) => policy.actionsChecked),
    },
    summary: summarise(own),
    notes: [],
    plan: makePlan({
      proposalId: id,
      principal: principal.ref,
      policies,
      grants: principal.grants,
      digest: input.digest,
    }),
  };
  return { kind: 'proposal', proposal, refused };
}

const CHANGING = new Set<ProposedPolicy['disposition']>(['update', 'new-version', 'replace', 'remove']);

interface GrantOutcome {
  readonly grant: Grant;
  readonly policy: ProposedPolicy;
  readonly verified: VerifiedPolicy | undefined;
  readonly residue: readonly ResidueAction[];
}

function concludeGrant(refined: GrantRefinement, input: BuildInput): GrantOutcome {
  const { grant } = refined;
  if (refined.kind === 'refused') {
    return { grant, policy: refusedPolicy(grant, refined.reason), verified: undefined, residue: [] };
  }
  const { document, refinement } = refined;
  const after = claimedDocuments(refinement);
  const verified = proveGrant(grant, document, { after, strict: true }, input);
  const removed = removedActions(verified, input.context.universe);
  const { disposition, reason } = dispositionOf(grant, {
    isChanged: refinement.isChanged,
    isEmpty: after.length === 0,
  });
  const isUntouched = disposition === 'inherited' || disposition === 'unchanged';
  const documents = isUntouched ? [document] : verified.after;
  const policy: ProposedPolicy = {
    ...identify(grant),
    disposition,
    reason,
    before: document,
    after: documents.map((part, index) => ({
      name: disposition === 'replace' || index > 0 ? nameCopy(grant, part, index, input) : grant.name,
      document: part,
    })),
    removed: disposition === 'inherited' ? [] : removed,
    changes: disposition === 'inherited' ? [] : refinement.changes,
  };
  const residue = disposition === 'inherited' ? residueOf(grant, removed) : [];
  return { grant, policy, verified, residue };
}

function nameCopy(
  grant: Grant,
  document: ProposedPolicy['before'],
  part: number,
  { principal, digest }: BuildInput,
): string {
  return copyName(
    {
      principalArn: principal.ref.arn,
      principalName: principal.ref.name,
      original: grant.managed?.arn ?? grant.name,
      originalName: grant.name,
      part,
      document,
    },
    digest,
  );
}

function refusedPolicy(grant: Grant, reason: string): ProposedPolicy {
  const before = grant.document.readable ? grant.document.value : grant.document.text;
  const disposition = isInherited(grant) ? 'inherited' : 'refused';
  return {
    ...identify(grant),
    disposition,
    reason: disposition === 'inherited' ? `${describeGroup(grant)}: ${reason}` : reason,
    before,
    after: [{ name: grant.name, document: before }],
    removed: [],
    changes: [],
  };
}

function identify(grant: Grant): Pick<ProposedPolicy, 'source' | 'name' | 'arn' | 'versionId' | 'group'> {
  const { source, name, managed, group } = grant;
  return {
    source,
    name,
    ...(managed ? { arn: managed.arn, versionId: managed.versionId } : {}),
    ...(group ? { group: group.name } : {}),
  };
}

/** Actions of the universe that the policy grants no longer, in the universe's spelling. */
function removedActions(verified: VerifiedPolicy, universe: Universe): readonly string[] {
  const removed: string[] = [];
  for (const [key, before] of verified.grantedBefore) {
    const after = verified.grantedAfter.get(key);
    if (after?.size === before.size) continue;
    const service = universe.services.get(key);
    for (const action of before) {
      if (after?.has(action)) continue;
      const position = service?.position.get(action) ?? -1;
      removed.push(`${service?.name ?? key}:${service?.actions[position] ?? action}`);
    }
  }
  return removed.sort(byCodeUnit);
}

function residueOf(grant: Grant, actions: readonly string[]): readonly ResidueAction[] {
  const through = describeGroup(grant);
  const reason = `granted by the group's policy ${grant.name}, which is not changed because it is everybody's`;
  return actions.map((action) => ({ action, through, reason }));
}

function byAction(a: ResidueAction, b: ResidueAction): number {
  return byCodeUnit(a.action, b.action) || byCodeUnit(a.through, b.through) || byCodeUnit(a.reason, b.reason);
}

function unchangedReason(residue: number, refused: number): string {
  const parts = ['none of the policies of its own grants what the finding reports unused'];
  if (residue > 0) parts.push(`${String(residue)} unused actions reach it through groups`);
  if (refused > 0) parts.push(`${String(refused)} of its policies could not be refined`);
  return parts.join('; ');
}

function sum(policies: readonly VerifiedPolicy[], count: (policy: VerifiedPolicy) => number): number {
  return policies.reduce((total, policy) => total + count(policy), 0);
}
