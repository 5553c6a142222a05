import type { Catalogue } from '../../core/catalogue/catalogue.ts';
import { type CatalogueDrift, catalogueDrift } from '../../core/lifecycle/catalogue-drift.ts';
import {
  type FindingNow,
  policiesNow,
  principalNow,
  unreadPolicy,
} from '../../core/lifecycle/drift-facts.ts';
import { judgeDrift, type Verdict } from '../../core/lifecycle/judge-drift.ts';
import { subjectOf } from '../../core/lifecycle/proposal-state.ts';
import type { PrincipalRef } from '../../core/model/principal.ts';
import { readUnusedAccess } from '../../core/model/unused-access.ts';
import type { PrincipalProposal, Proposal, SharedProposal } from '../../core/proposal/schema.ts';
import type { AccountInventory } from '../../ports/account.ts';
import type { FindingAnswer, FindingReference, FindingSource } from '../../ports/findings.ts';
import type { PolicySource } from '../../ports/policies.ts';
import { isAboutPrincipal } from '../../ports/proposals.ts';
import { type SharedCandidate, sharedCandidates } from '../propose/shared-candidates.ts';

export interface JudgeDependencies {
  readonly policies: PolicySource & {
    /** Whether a principal that is not found certainly does not exist. */
    covers(principal: PrincipalRef): boolean;
    /**
     * Why nothing can be concluded about a missing principal: its entry, or one that may be its entry, cannot be read.
     */
    faultOf?(principal: PrincipalRef): string | undefined;
    inventory(accountId: string): AccountInventory;
  };
  readonly findings: FindingSource;
  /** Why findings may be incomplete; undefined if they are not. */
  readonly doubt?: string | undefined;
  readonly catalogue: Catalogue;
  /** Catalogues that proposals may have been made with, so that new actions can be named. */
  readonly known: readonly Catalogue[];
}

/** The state of one stored proposal, without regard to others. */
export type Judgement =
  | {
      readonly kind: 'judged';
      readonly verdict: Verdict;
      /** Undefined if the catalogue is the same, or no longer matters. */
      readonly catalogue: CatalogueDrift | undefined;
    }
  /** The description of the account does not show enough, or a finding cannot be read. */
  | { readonly kind: 'unknown'; readonly by: 'account' | 'finding'; readonly reason: string };

/**
 * Compares stored proposals with the account and the findings as they are now.
 * @returns a function that judges one proposal; it rejects with an AdapterError if a source fails
 */
export function judgeWith(dependencies: JudgeDependencies): (proposal: Proposal) => Promise<Judgement> {
  const candidates = new Map<string, ReadonlyMap<string, SharedCandidate>>();
  const candidatesIn = (inventory: AccountInventory): ReadonlyMap<string, SharedCandidate> => {
    const known =
      candidates.get(inventory.accountId) ??
      new Map(Array.from(sharedCandidates(inventory), (one) => [one.subject.arn, one] as const));
    candidates.set(inventory.accountId, known);
    return known;
  };
  return async (proposal) => {
    if (isAboutPrincipal(proposal)) return judgePrincipal(proposal, dependencies);
    const inventory = dependencies.policies.inventory(proposal.subject.accountId);
    return judgeShared(proposal, inventory, candidatesIn(inventory), dependencies);
  };
}

async function judgePrincipal(
  proposal: PrincipalProposal,
  { policies, findings, doubt, catalogue, known }: JudgeDependencies,
): Promise<Judgement> {
  const { principal, finding } = proposal;
  const fault = policies.faultOf?.(principal);
  if (fault !== undefined) return { kind: 'unknown', by: 'account', reason: `${principal.arn}: ${fault}` };
  // A description without any roles does not prove that one of them is gone.
  if (!policies.covers(principal)) return unknowable(`${principal.type}s`, principal.arn);
  const { accountId, arn: resource } = principal;
  const reference = { analyzerArn: finding.analyzerArn ?? '', findingId: finding.id, accountId, resource };
  const { now, unreadable } = await findingsNow([reference], findings);
  const answer = await policies.getPrincipal(principal);
  const verdict = judgeDrift(proposal, { subject: principalNow(answer), findings: now });
  const grants = answer.kind === 'found' ? answer.principal.grants : [];
  return (
    unsure(verdict, unreadPolicy(proposal.policies, grants), doubt) ??
    judged(
      verdict,
      unreadable?.reason,
      proposal.kind === 'refine-permissions' && verdict.state === 'current'
        ? catalogueDrift(proposal, catalogue, known)
        : undefined,
    )
  );
}

async function judgeShared(
  proposal: SharedProposal,
  inventory: AccountInventory,
  candidates: ReadonlyMap<string, SharedCandidate>,
  { findings, doubt }: JudgeDependencies,
): Promise<Judgement> {
  const { accountId, customerManagedPolicies } = inventory;
  const { type, arn } = proposal.subject;
  const candidate = candidates.get(arn);
  if (!candidate) {
    const reason = inventory.unread?.(type, arn);
    if (reason !== undefined) return { kind: 'unknown', by: 'account', reason };
    const showsAny =
      type === 'policy'
        ? customerManagedPolicies > 0
        : [...candidates.values()].some(({ subject }) => subject.type === 'group');
    if (!showsAny) return unknowable(type === 'group' ? 'groups' : 'customer managed policies', arn);
    return judged(judgeDrift(proposal, { subject: { kind: 'gone' }, findings: [] }));
  }
  const { obstacle, isWhole, holders } = candidate;
  if (!isWhole && obstacle !== undefined) return { kind: 'unknown', by: 'account', reason: obstacle };
  const references = proposal.findings.map(({ id: findingId, principal: resource, analyzerArn }) => {
    return { findingId, analyzerArn: analyzerArn ?? '', accountId, resource };
  });
  const { now, unreadable } = await findingsNow(references, findings);
  const grants = candidate.grants();
  const policies = policiesNow({ grants });
  const subject = { kind: 'found', policies, holders, obstacle } as const;
  const verdict = judgeDrift(proposal, { subject, findings: now });
  return (
    unsure(verdict, unreadPolicy(proposal.policies, grants), doubt) ??
    judged(verdict, unreadable && `the finding about ${unreadable.resource}: ${unreadable.reason}`)
  );
}

/** An unreadable policy is neither unchanged nor changed, so it cannot make a proposal outdated. */
function unsure(
  { state }: Verdict,
  unread: string | undefined,
  doubt: string | undefined,
): Judgement | undefined {
  if (unread !== undefined && (state === 'applied' || state === 'superseded')) {
    return { kind: 'unknown', by: 'account', reason: unread };
  }
  if (doubt !== undefined && state === 'superseded') return { kind: 'unknown', by: 'finding', reason: doubt };
  return undefined;
}

function unknowable(kind: string, arn: string): Judgement {
  return {
    kind: 'unknown',
    by: 'account',
    reason: `it holds no ${kind}, so it cannot tell whether ${arn} is gone`,
  };
}

/** A proposal is current only if its findings could be read. */
function judged(verdict: Verdict, unreadable?: string, catalogue?: CatalogueDrift): Judgement {
  return verdict.state === 'current' && unreadable !== undefined
    ? { kind: 'unknown', by: 'finding', reason: unreadable }
    : { kind: 'judged', verdict, catalogue };
}

type Unreadable = Pick<FindingReference, 'resource'> & { readonly reason: string };

async function findingsNow(
  references: readonly FindingReference[],
  findings: FindingSource,
): Promise<{ readonly now: readonly FindingNow[]; readonly unreadable: Unreadable | undefined }> {
  const now: FindingNow[] = [];
  let unreadable: Unreadable | undefined;
  for (const reference of references) {
    const answer = await findings.getFinding(reference);
    if (answer.kind === 'unreadable') unreadable ??= { ...reference, reason: answer.reason };
    now.push(findingNow(answer, reference.resource));
  }
  return { now, unreadable };
}

/** A finding with the same id about another principal is not the proposal's. */
function findingNow(answer: FindingAnswer, principalArn: string): FindingNow {
  switch (answer.kind) {
    case 'gone':
      return answer;
    case 'unsupported':
    case 'unreadable':
      return { kind: 'unknown', reason: answer.reason };
    case 'found': {
      const { status, details, resource } = answer.finding;
      if (resource !== principalArn) return { kind: 'gone' };
      const unused = details.type === 'UnusedPermission' ? readUnusedAccess(details.entries) : undefined;
      if (unused?.ok === false) return { kind: 'unknown', reason: unused.problem };
      return {
        kind: 'found',
        status,
        unused: unused?.value,
        accessKeyIds:
          details.type === 'UnusedIAMUserAccessKey'
            ? details.keys.map(({ accessKeyId }) => accessKeyId)
            : undefined,
      };
    }
    default:
      return answer satisfies never;
  }
}

/** A proposal about a principal, to compare with others about the same subject. */
export interface Rival {
  readonly proposal: PrincipalProposal;
  readonly verdict: Verdict;
}

/**
 * If several proposals about one subject are current, the one with the latest finding supersedes the others. If their
 * findings have the same date, because they were made with other settings or another catalogue, it is undecided which
 * one counts. Then all stay current, each with a remark.
 * @returns the verdicts, in the order of the rivals
 */
export function settleRivals(rivals: readonly Rival[]): readonly Verdict[] {
  const bySubject = new Map<string, Rival[]>();
  for (const rival of rivals) {
    if (rival.verdict.state !== 'current') continue;
    const subject = subjectOf(rival.proposal);
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), rival]);
  }
  return rivals.map((one) => {
    const { proposal, verdict } = one;
    if (verdict.state !== 'current') return verdict;
    const others = (bySubject.get(subjectOf(proposal)) ?? []).filter((other) => other !== one);
    const newer = others.find((other) => isLater(other.proposal, proposal));
    if (newer) {
      const reason = `proposal ${newer.proposal.proposalId} was made from a later state of the finding`;
      return { state: 'superseded', reason, remarks: [] };
    }
    const [rival] = others.filter((other) => !isLater(proposal, other.proposal));
    if (!rival) return verdict;
    const text = `proposal ${rival.proposal.proposalId} is current as well, made with other settings or another catalogue`;
    return { ...verdict, remarks: [...verdict.remarks, { kind: 'rival', text }] };
  });
}

/** Access Analyzer's times (ISO 8601, UTC) sort as text. */
function isLater({ finding: a }: PrincipalProposal, { finding: b }: PrincipalProposal): boolean {
  return a.updatedAt !== null && b.updatedAt !== null && a.updatedAt > b.updatedAt;
}
