import type { OpinionName } from '../../contract/settings.ts';
import { proposalPrefix, subjectPrefix } from '../../contract/object-keys.ts';
import { type FindingNow, principalNow } from '../../core/lifecycle/drift-facts.ts';
import { judgeDrift } from '../../core/lifecycle/judge-drift.ts';
import { judgeSuccessor } from '../../core/lifecycle/judge-successor.ts';
import { subjectOf } from '../../core/lifecycle/proposal-state.ts';
import { type PrincipalRef, readPrincipalArn } from '../../core/model/principal.ts';
import type { DraftOf, PrincipalProposal } from '../../core/proposal/schema.ts';
import type { FindingReference } from '../../ports/findings.ts';
import type { PolicySource } from '../../ports/policies.ts';
import {
  type FinishProposal,
  isAboutPrincipal,
  type ListedProposal,
  type ProposalRepository,
  type ProposalStore,
  type Provenance,
  type ReadUse,
  type RepositoryListing,
  type StoredProposal,
  type Withheld,
} from '../../ports/proposals.ts';
import { AdapterError } from '../../ports/system.ts';
import type { CatalogueChanges } from '../catalogue/catalogue-changes.ts';
import { isCurrent, Outdated, ProposalStates, type StatesParts, type NewState } from './order-of-readings.ts';
import type { OpinionBlock } from '../../ports/opinions.ts';
import type { ProposeDependencies } from '../propose/dependencies.ts';
import type { ProposeOutcome } from '../propose/outcome.ts';

interface LifecycleParts extends StatesParts {
  readonly store: ProposalStore<PrincipalProposal>;
  readonly repository: ProposalRepository;
  readonly policies: PolicySource;
  /** Compares a stored proposal with the catalogue in use. Nothing is compared without it. */
  readonly catalogueChanges?: Pick<CatalogueChanges, 'about'> | undefined;
  /** The enabled second opinions. A rejection by any other one no longer counts. */
  readonly opinions: readonly OpinionName[];
}

/** How often a finding is read before its message is left to be retried. */
const READINGS = 4;

/**
 * Handles findings, and keeps the proposals about their principals and the states of those up to date. See
 * docs/lifecycle.md.
 */
export class ProposalLifecycle {
  readonly #parts: LifecycleParts;
  constructor(parts: LifecycleParts) {
    this.#parts = parts;
  }

  /**
   * Handles one finding, and writes the states that follow from it. If another process wrote about the same principal
   * meanwhile, everything is repeated.
   * @param since when the principal's policies were read, by the store's time, if that was before this call; a second
   * attempt reads them again
   * @param work reads the finding and the principal; `isLive`: whether the policies have to be read now
   * @throws AdapterError, and what `work` throws
   */
  async refine(
    reference: FindingReference,
    since: number | undefined,
    work: (store: ProposeDependencies['store'], isLive: boolean) => Promise<readonly ProposeOutcome[]>,
  ): Promise<readonly ProposeOutcome[]> {
    const principal = readPrincipalArn(reference.resource);
    const done: Done = { stored: new Set(), written: new Set() };
    let read = since;
    for (let tries = 1; tries <= READINGS; tries += 1) {
      const reading = await Reading.begin(principal, read, done, this.#parts);
      try {
        const outcomes = await work(reading, read === undefined);
        await reading.conclude(reference, outcomes);
        return outcomes;
      } catch (error) {
        if (!(error instanceof Outdated)) throw error;
        read = undefined;
      }
    }
    throw new AdapterError(
      `cannot store the state of the proposals about ${reference.resource}: others change it all the time; it will be retried`,
      'retry',
      'unavailable',
    );
  }

  /**
   * Records AWS's rejection: a proposal with the same documents is withheld from now on, and AWS is not asked again.
   * @throws AdapterError
   */
  async withhold({ about: { principal, proposalId }, opinion, reason }: OpinionBlock): Promise<void> {
    const record = { schemaVersion: 1, proposalId, opinion, reason } as const;
    await this.#parts.repository.withhold(proposalPrefix(principal, proposalId), record);
  }
}

/** What the attempts to handle one message have done so far, by prefix. */
interface Done {
  readonly stored: Set<string>;
  /** States that were written and whose events are on their way. */
  readonly written: Set<string>;
}

/** One reading of a finding and its principal. */
class Reading implements ProposalStore<PrincipalProposal, StoredProposal | Withheld> {
  readonly #parts: LifecycleParts;
  readonly #states: ProposalStates;
  readonly #withheld: readonly string[];
  readonly #done: Done;

  private constructor(listing: RepositoryListing, states: ProposalStates, done: Done, parts: LifecycleParts) {
    this.#parts = parts;
    this.#states = states;
    this.#done = done;
    this.#withheld = listing.withheld;
  }

  static async begin(
    principal: PrincipalRef | undefined,
    since: number | undefined,
    done: Done,
    parts: LifecycleParts,
  ): Promise<Reading> {
    const listing = principal ? await parts.repository.list(subjectPrefix(principal)) : NOTHING;
    return new Reading(listing, new ProposalStates(listing, since, done.written, parts), done, parts);
  }

  /**
   * Stores a proposal unless it is there, and settles what else is current about the same subject. The new one comes
   * first, because one that cannot be stored must not take another's place. If the process dies in between, the
   * message is retried and does the rest, or else the next sweep does.
   * @throws Outdated
   */
  async put(
    draft: DraftOf<PrincipalProposal>,
    finish: FinishProposal<PrincipalProposal>,
    provenance: Provenance,
    readUse?: ReadUse,
  ): Promise<StoredProposal | Withheld> {
    const { store, repository } = this.#parts;
    const { principal, proposalId } = draft;
    const states = this.#states;
    const prefix = proposalPrefix(principal, proposalId);
    const isThere = states.get(prefix) !== undefined;
    const use = isThere ? await readUse?.() : undefined;
    if (!isThere) {
      const kept = this.#withheld.includes(prefix) ? await repository.readWithheld(prefix) : undefined;
      if (kept && this.#parts.opinions.includes(kept.opinion)) {
        return { outcome: 'withheld', reason: kept.reason };
      }
      const later = states.all().find((one) => !states.isEarlier(one));
      if (later) throw new Outdated(later.prefix);
      const { outcome } = await store.put(draft, finish, provenance);
      if (outcome === 'stored') {
        this.#done.stored.add(prefix);
        this.#done.written.add(prefix);
      }
      states.takeAgain((await repository.list(subjectPrefix(principal))).proposals, prefix);
    }
    const rivals = await Promise.all(
      states.all().map(async (one) => ({
        one,
        earlier: one.prefix === prefix ? undefined : await this.#readCurrent(one),
      })),
    );
    for (const { one, earlier } of rivals) {
      if (!earlier || subjectOf(earlier) !== subjectOf(draft)) continue;
      await states.write(one, judgeSuccessor(earlier, draft));
    }
    const own = states.get(prefix);
    if (own) await states.writeWithUse(own, use, await this.#currentState(own, draft));
    return { prefix, outcome: this.#done.stored.has(prefix) ? 'stored' : 'exists' };
  }

  /**
   * Called after all outcomes of a finding. Records what people decided about what is proposed. A proposal that is
   * based on the finding and not among the outcomes is now applied, resolved or superseded; IAM is read again only if
   * there is one.
   * @throws AdapterError, and Outdated
   */
  async conclude(
    { findingId, resource, shown }: FindingReference,
    outcomes: readonly ProposeOutcome[],
  ): Promise<void> {
    const principal = readPrincipalArn(resource);
    if (!principal) return;
    const proposed = new Set(
      outcomes.flatMap((outcome) => (outcome.kind === 'proposed' ? [outcome.stored.prefix] : [])),
    );
    for (const outcome of outcomes) {
      const own = outcome.kind === 'proposed' ? this.#states.get(outcome.stored.prefix) : undefined;
      if (own && outcome.kind === 'proposed') await this.#states.writeDecisions(own, outcome.decisions);
    }
    const cause = causeOf(outcomes);
    for (const one of cause ? this.#states.all() : []) {
      if (!cause || proposed.has(one.prefix)) continue;
      const proposal = await this.#readCurrent(one);
      // A role that was deleted and created again under another path has the same folder.
      if (!proposal || proposal.principal.arn !== principal.arn) continue;
      if (cause.kind === 'not-named' && proposal.kind !== 'remove-access-key') continue;
      const rests = (await this.#states.stateOf(one))?.finding ?? proposal.finding;
      if (cause.kind !== 'principal-gone' && rests.id !== findingId) continue;
      const settled = await this.#settle(proposal, principal, cause);
      if (settled) await this.#states.write(one, settled);
    }
    if (!shown) return;
    // If the principal is excluded, nothing is known about its earlier proposals.
    const isLeftAlone = !cause && proposed.size === 0;
    for (const prefix of new Set([...shown, ...proposed])) {
      const isShown = shown.includes(prefix);
      if (isShown === proposed.has(prefix) || (isLeftAlone && this.#states.get(prefix))) continue;
      await this.#states.writeAgain(
        prefix,
        isShown,
        async (one, state) =>
          isCurrent(state) && (state?.finding?.id ?? (await this.#findingOf(one))) === findingId,
      );
    }
  }

  /** Undefined if it stays current: a withheld proposal supersedes no other one. */
  async #settle(
    proposal: PrincipalProposal,
    principal: PrincipalRef,
    cause: Cause,
  ): Promise<NewState | undefined> {
    const subject =
      cause.kind === 'principal-gone'
        ? ({ kind: 'gone' } as const)
        : principalNow(await this.#parts.policies.getPrincipal(principal));
    const verdict = judgeDrift(proposal, { subject, findings: [cause.finding] });
    switch (verdict.state) {
      case 'current':
        if (cause.reason === undefined || cause.kind === 'withheld') return undefined;
        return { state: 'superseded', reason: `nothing is proposed any more: ${cause.reason}` };
      case 'resolved':
        return { state: 'resolved', reason: cause.reason ?? verdict.reason };
      case 'applied':
      case 'superseded':
        return { state: verdict.state, reason: verdict.reason };
      default:
        return verdict.state satisfies never;
    }
  }

  /**
   * The state of a current proposal: its finding, and what a newer catalogue adds; undefined if that is already
   * stored.
   */
  async #currentState(own: ListedProposal, draft: DraftOf<PrincipalProposal>): Promise<NewState | undefined> {
    const state = await this.#states.stateOf(own);
    const { id, analyzerArn } = draft.finding;
    const finding = { id, analyzerArn };
    // A new proposal may find the state of an equal one that expired, and that was compared with another catalogue.
    const isNew = this.#done.stored.has(own.prefix) && state?.remark === undefined;
    const compared = isNew ? undefined : await this.#parts.catalogueChanges?.about(own, draft, state);
    const catalogue = isNew ? undefined : (compared?.catalogue ?? state?.catalogue);
    if (compared?.changed) return { state: 'current', ...compared.changed, finding, catalogue };
    if (!isCurrent(state)) {
      return { state: 'current', reason: 'what it was made from holds again', finding, catalogue };
    }
    const isSameFinding = (state?.finding?.id ?? (await this.#findingOf(own))) === id;
    if (isSameFinding && (!isNew || state?.catalogue === undefined)) return undefined;
    const reason = state?.remark ? state.reason : `the finding ${id} reports the same`;
    return { state: 'current', reason, remark: state?.remark, finding, catalogue };
  }

  /** The finding that a proposal was made from. */
  async #findingOf({ prefix }: ListedProposal): Promise<string | undefined> {
    return this.#parts.repository.findingOf(prefix);
  }

  async #readCurrent(one: ListedProposal): Promise<PrincipalProposal | undefined> {
    const proposal = await this.#states.readCurrent(one);
    return proposal && isAboutPrincipal(proposal) ? proposal : undefined;
  }
}

const NOTHING: RepositoryListing = { proposals: [], leftOver: [], withheld: [] };

interface Cause {
  readonly kind: 'principal-gone' | 'finding-closed' | 'not-named' | 'nothing-to-do' | 'withheld';
  /** Undefined if the finding itself gives the reason. */
  readonly reason: string | undefined;
  readonly finding: FindingNow;
}

const SAYS_NOTHING: FindingNow = { kind: 'unknown', reason: '' };
const CLOSED: FindingNow = { kind: 'gone' };

/** Undefined if nothing follows for other proposals: one was proposed, or the principal is excluded. */
function causeOf(outcomes: readonly ProposeOutcome[]): Cause | undefined {
  const proposed = outcomes.flatMap((outcome) => (outcome.kind === 'proposed' ? [outcome.proposal] : []));
  for (const outcome of outcomes) {
    const cause = causeIn(outcome);
    if (cause) return cause;
  }
  // Only findings about access keys lead to several proposals, and to fewer after a key was used again.
  const keys = proposed.flatMap((one) => (one.kind === 'remove-access-key' ? [one.accessKeyId] : []));
  if (keys.length === 0) return undefined;
  const accessKeyIds = keys.filter((key) => key !== undefined);
  const finding = { kind: 'found', status: 'ACTIVE', unused: undefined, accessKeyIds } as const;
  return { kind: 'not-named', reason: undefined, finding };
}

function causeIn(outcome: ProposeOutcome): Cause | undefined {
  switch (outcome.kind) {
    case 'proposed':
      return undefined;
    case 'unchanged':
      return { kind: 'nothing-to-do', reason: outcome.reason, finding: SAYS_NOTHING };
    case 'gone':
      return outcome.what === 'principal'
        ? { kind: 'principal-gone', reason: 'the principal is gone', finding: SAYS_NOTHING }
        : { kind: 'finding-closed', reason: 'the finding is no longer there', finding: CLOSED };
    case 'skipped':
      if (outcome.code === 'withheld') {
        return { kind: 'withheld', reason: outcome.reason, finding: SAYS_NOTHING };
      }
      if (outcome.code === 'rejected') {
        return { kind: 'nothing-to-do', reason: outcome.reason, finding: SAYS_NOTHING };
      }
      return outcome.code === 'not-active'
        ? { kind: 'finding-closed', reason: outcome.reason, finding: CLOSED }
        : undefined;
    default:
      return outcome satisfies never;
  }
}
