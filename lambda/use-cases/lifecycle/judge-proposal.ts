import type { Catalogue } from '../../core/catalogue/catalogue.ts';
import { type CatalogueDrift, catalogueDrift } from '../../core/lifecycle/catalogue-drift.ts';
import { type FindingNow, policiesNow, type SubjectNow } from '../../core/lifecycle/drift-facts.ts';
import { judgeDrift, type Verdict } from '../../core/lifecycle/judge-drift.ts';
import { subjectOf } from '../../core/lifecycle/subject.ts';
import { readUnusedAccess } from '../../core/model/unused-access.ts';
import type { PrincipalProposal } from '../../core/proposal/schema.ts';
import type { FindingAnswer, FindingReference, FindingSource } from '../../ports/findings.ts';
import type { PolicySource, PrincipalAnswer } from '../../ports/policies.ts';

export interface JudgeDependencies {
  readonly policies: PolicySource;
  readonly findings: FindingSource;
  readonly catalogue: Catalogue;
  /** Catalogues that proposals may have been made with, so that new actions can be named. */
  readonly known: readonly Catalogue[];
}

/** One stored proposal and how it stands. */
export interface Judgement {
  readonly proposalId: string;
  readonly subject: string;
  /** When its finding was last updated, ISO 8601; null where nobody said. */
  readonly updatedAt: string | null;
  readonly verdict: Verdict;
  /** Undefined where the catalogue is the same, and where it makes no difference any more. */
  readonly catalogue: CatalogueDrift | undefined;
}

/**
 * How one stored proposal stands, without regard to others.
 * @throws AdapterError when a source fails
 */
export async function judgeProposal(
  proposal: PrincipalProposal,
  { policies, findings, catalogue, known }: JudgeDependencies,
): Promise<Judgement> {
  const { principal, finding, proposalId } = proposal;
  const answer = await findings.getFinding(referenceOf(proposal));
  const verdict = judgeDrift(proposal, {
    subject: principalNow(await policies.getPrincipal(principal)),
    findings: [findingNow(answer, principal.arn)],
  });
  return {
    proposalId,
    subject: subjectOf(proposal),
    updatedAt: finding.updatedAt,
    verdict,
    catalogue:
      proposal.kind === 'refine-permissions' && verdict.state === 'current'
        ? catalogueDrift(proposal, catalogue, known)
        : undefined,
  };
}

/** The finding that a proposal was made from. */
export function referenceOf({ principal, finding }: PrincipalProposal): FindingReference {
  return {
    analyzerArn: finding.analyzerArn ?? '',
    findingId: finding.id,
    accountId: principal.accountId,
    resource: principal.arn,
  };
}

export function principalNow(answer: PrincipalAnswer): SubjectNow {
  return answer.kind === 'gone' ? answer : { kind: 'found', policies: policiesNow(answer.principal) };
}

/** A finding about somebody else under the same id is not the proposal's. */
export function findingNow(answer: FindingAnswer, principalArn: string): FindingNow {
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

/**
 * Of several current proposals about one subject, that of the latest finding stands and supersedes the others. Where
 * their findings are of one moment (made with other settings, or with another catalogue), nothing says which is meant:
 * they stay current, each with a remark.
 */
export function settleRivals(judgements: readonly Judgement[]): readonly Judgement[] {
  const bySubject = new Map<string, Judgement[]>();
  for (const judgement of judgements) {
    if (judgement.verdict.state !== 'current') continue;
    bySubject.set(judgement.subject, [...(bySubject.get(judgement.subject) ?? []), judgement]);
  }
  return judgements.map((judgement) => {
    if (judgement.verdict.state !== 'current') return judgement;
    const others = (bySubject.get(judgement.subject) ?? []).filter((other) => other !== judgement);
    const newer = others.find(({ updatedAt }) => isLater(updatedAt, judgement.updatedAt));
    if (newer) {
      const reason = `proposal ${newer.proposalId} was made from a later state of the finding`;
      return { ...judgement, catalogue: undefined, verdict: { state: 'superseded', reason, remarks: [] } };
    }
    const [rival] = others.filter(({ updatedAt }) => !isLater(judgement.updatedAt, updatedAt));
    if (!rival) return judgement;
    const text = `proposal ${rival.proposalId} is current as well, made with other settings or another catalogue`;
    const { verdict } = judgement;
    return { ...judgement, verdict: { ...verdict, remarks: [...verdict.remarks, { kind: 'rival', text }] } };
  });
}

/** ISO 8601 in UTC, as Access Analyzer writes it, is in order as text. */
function isLater(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a > b;
}
