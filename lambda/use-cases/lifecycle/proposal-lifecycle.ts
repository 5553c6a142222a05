import type { OpinionName } from '../../contract/opinions.ts';
import { proposalPrefix } from '../../contract/object-keys.ts';
import { judgeDrift } from '../../core/lifecycle/judge-drift.ts';
import { judgeSuccessor } from '../../core/lifecycle/judge-successor.ts';
import type { ProposalState } from '../../core/lifecycle/proposal-state.ts';
import { subjectOf } from '../../core/lifecycle/subject.ts';
import type { PrincipalRef } from '../../core/model/principal.ts';
import type { DraftProposal, Proposal, RemovalProposal } from '../../core/proposal/schema.ts';
import type { FindingReference } from '../../ports/findings.ts';
import type { PolicySource } from '../../ports/policies.ts';
import type { ProposalRepository, ListedProposal } from '../../ports/proposals.ts';
import type {
  FinishProposal,
  Withheld,
  ProposalStore,
  Provenance,
  StoredProposal,
} from '../../ports/proposals.ts';
import type { CatalogueChanges } from '../catalogue/catalogue-changes.ts';
import { principalNow } from './judge-proposal.ts';
import type { OpinionBlock } from '../opinions/opinion-block.ts';
import type { ProposeOutcome } from '../propose/outcome.ts';
import { readPrincipalArn } from '../propose/principal-arn.ts';

export interface LifecycleParts {
  readonly store: {
    put(...put: Parameters<ProposalStore['put']>): Promise<StoredProposal>;
  };
  readonly repository: ProposalRepository;
  readonly policies: PolicySource;
  /** What the catalogue in use means for a proposal that is there; not asked for unless given. */
  readonly catalogueChanges?: Pick<CatalogueChanges, 'about'> | undefined;
  /** The opinions that are asked for: what another one spoke against is not withheld any longer. */
  readonly opinions: readonly OpinionName[];
  /** Told of each state that was written. */
  readonly noted: (prefix: string, state: ProposalState) => void;
}

/**
 * Stores proposals and keeps true what is said of the earlier ones. See docs/adr/0007.
 *
 * A proposal that is there costs the one call that looks for it. Earlier ones are marked before the new one is
 * committed: a process that dies in between does it again, since the new one is not there yet.
 */
export class ProposalLifecycle implements ProposalStore {
  readonly #parts: LifecycleParts;
  constructor(parts: LifecycleParts) {
    this.#parts = parts;
  }

  async put(
    draft: DraftProposal | RemovalProposal,
    finish: FinishProposal,
    provenance: Provenance,
  ): Promise<StoredProposal | Withheld> {
    const { store, repository } = this.#parts;
    const { principal, proposalId } = draft;
    const { proposals: listed, withheld } = await repository.list(principal);
    const own = listed.find((one) => one.proposalId === proposalId);
    const said = own && (await this.#stateOf(own));
    if (own && isCurrent(said)) {
      await this.#tellNews(own, draft, said);
      return { prefix: own.prefix, outcome: 'exists' };
    }
    const prefix = proposalPrefix(principal, proposalId);
    const kept = !own && withheld.includes(prefix) ? await repository.readWithheld(prefix) : undefined;
    if (kept && this.#parts.opinions.includes(kept.opinion)) {
      return { outcome: 'withheld', reason: kept.reason };
    }
    // Before anything is said about earlier ones: a second opinion may speak against this one.
    let commit = finish;
    if (!own) {
      const finished = await finish();
      commit = () => Promise.resolve(finished);
    }
    for (const one of listed) {
      if (one === own) continue;
      const earlier = await this.#readCurrent(one);
      if (!earlier || subjectOf(earlier) !== subjectOf(draft)) continue;
      await this.#mark(one, judgeSuccessor(earlier, draft));
    }
    if (!own) return store.put(draft, commit, provenance);
    const again: Settled = { state: 'current', reason: 'what it was made from is so again' };
    if (!(await this.#tellNews(own, draft, said))) await this.#mark(own, again);
    return { prefix: own.prefix, outcome: 'exists' };
  }

  /**
   * Makes AWS's disagreement final: a proposal with the same documents is withheld from now on without asking again.
   * @throws AdapterError
   */
  async withhold({ about: { principal, proposalId }, opinion, reason }: OpinionBlock): Promise<void> {
    const record = { schemaVersion: 1, proposalId, opinion, reason } as const;
    await this.#parts.repository.withhold(proposalPrefix(principal, proposalId), record);
  }

  /**
   * After a finding that came to no proposal: what was proposed for it before is applied, resolved or superseded.
   * IAM is asked again only where there is such a proposal.
   * @throws AdapterError
   */
  async withdraw({ findingId, resource }: FindingReference, outcome: ProposeOutcome): Promise<void> {
    const cause = causeOf(outcome);
    const principal = readPrincipalArn(resource);
    if (!cause || !principal) return;
    for (const one of (await this.#parts.repository.list(principal)).proposals) {
      const proposal = await this.#readCurrent(one);
      if (!proposal) continue;
      if (cause.kind !== 'principal-gone' && proposal.finding.id !== findingId) continue;
      const settled = await this.#settle(proposal, principal, cause);
      if (settled) await this.#mark(one, settled);
    }
  }

  /** Undefined where it stays current: what AWS spoke against takes no place. */
  async #settle(proposal: Proposal, principal: PrincipalRef, cause: Cause): Promise<Settled | undefined> {
    const verdict = judgeDrift(proposal, {
      subject:
        cause.kind === 'principal-gone'
          ? { kind: 'gone' }
          : principalNow(await this.#parts.policies.getPrincipal(principal)),
      findings: [cause.kind === 'finding-closed' ? { kind: 'gone' } : { kind: 'unknown', reason: '' }],
    });
    switch (verdict.state) {
      case 'current':
        if (cause.kind === 'withheld') return undefined;
        return { state: 'superseded', reason: `nothing is to be proposed any more: ${cause.reason}` };
      case 'resolved':
        return { state: 'resolved', reason: cause.reason };
      case 'applied':
      case 'superseded':
        return verdict;
      default:
        return verdict.state satisfies never;
    }
  }

  /** Notes what the catalogue in use knows besides, where that is new; whether it did. */
  async #tellNews(
    own: ListedProposal,
    draft: DraftProposal | RemovalProposal,
    said: ProposalState | undefined,
  ): Promise<boolean> {
    const catalogueChanges = await this.#parts.catalogueChanges?.about(own, draft, said);
    if (catalogueChanges) await this.#mark(own, catalogueChanges);
    return catalogueChanges !== undefined;
  }

  async #stateOf({ prefix, hasState }: ListedProposal): Promise<ProposalState | undefined> {
    return hasState ? this.#parts.repository.readState(prefix) : undefined;
  }

  async #readCurrent(one: ListedProposal): Promise<Proposal | undefined> {
    return isCurrent(await this.#stateOf(one)) ? this.#parts.repository.read(one.prefix) : undefined;
  }

  async #mark({ prefix, proposalId }: ListedProposal, { state, reason, remark }: Settled): Promise<void> {
    const written: ProposalState = { schemaVersion: 1, proposalId, state, reason, remark };
    await this.#parts.repository.mark(prefix, written);
    this.#parts.noted(prefix, written);
  }
}

type Settled = Pick<ProposalState, 'state' | 'reason' | 'remark'>;

function isCurrent(state: ProposalState | undefined): boolean {
  return state === undefined || state.state === 'current';
}

interface Cause {
  readonly kind: 'principal-gone' | 'finding-closed' | 'nothing-to-do' | 'withheld';
  readonly reason: string;
}

/** Undefined where the outcome says nothing about earlier proposals: one was made, or the principal is left alone. */
function causeOf(outcome: ProposeOutcome): Cause | undefined {
  switch (outcome.kind) {
    case 'proposed':
      return undefined;
    case 'unchanged':
      return { kind: 'nothing-to-do', reason: outcome.reason };
    case 'gone':
      return outcome.what === 'principal'
        ? { kind: 'principal-gone', reason: 'the principal is gone' }
        : { kind: 'finding-closed', reason: 'the finding is no longer there' };
    case 'skipped':
      if (outcome.code === 'withheld') return { kind: 'withheld', reason: outcome.reason };
      return outcome.code === 'not-active' ? { kind: 'finding-closed', reason: outcome.reason } : undefined;
    default:
      return outcome satisfies never;
  }
}
