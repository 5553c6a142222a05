import type { OpinionName } from '../../contract/opinions.ts';
import { proposalPrefix } from '../../contract/object-keys.ts';
import type { FindingNow } from '../../core/lifecycle/drift-facts.ts';
import { CURRENT, judgeDrift } from '../../core/lifecycle/judge-drift.ts';
import { judgeSuccessor } from '../../core/lifecycle/judge-successor.ts';
import type { ProposalState } from '../../core/lifecycle/proposal-state.ts';
import { subjectOf } from '../../core/lifecycle/subject.ts';
import type { PrincipalRef } from '../../core/model/principal.ts';
import type { DraftOf, PrincipalProposal } from '../../core/proposal/schema.ts';
import type { FindingReference } from '../../ports/findings.ts';
import type { PolicySource } from '../../ports/policies.ts';
import type {
  FinishProposal,
  ListedProposal,
  ProposalRepository,
  ProposalStore,
  Provenance,
  RepositoryListing,
  StoredProposal,
  Withheld,
} from '../../ports/proposals.ts';
import { AdapterError } from '../../ports/system.ts';
import type { CatalogueChanges } from '../catalogue/catalogue-changes.ts';
import { principalNow } from './judge-proposal.ts';
import { isEarlier, Outdated, say } from './order-of-readings.ts';
import type { OpinionBlock } from '../opinions/opinion-block.ts';
import type { ProposeDependencies } from '../propose/dependencies.ts';
import type { ProposeOutcome } from '../propose/outcome.ts';
import { readPrincipalArn } from '../propose/principal-arn.ts';

export interface LifecycleParts {
  readonly store: ProposalStore<PrincipalProposal>;
  readonly repository: ProposalRepository;
  readonly policies: PolicySource;
  /** What the catalogue in use means for a proposal that is there; not asked for unless given. */
  readonly catalogueChanges?: Pick<CatalogueChanges, 'about'> | undefined;
  /** The opinions that are asked for: what another one spoke against is not withheld any longer. */
  readonly opinions: readonly OpinionName[];
  /** Told of each state that was written. */
  readonly noted: (prefix: string, state: ProposalState) => void;
}

/** How often a finding is read before its message comes again later. */
const READINGS = 4;

/** Reads findings, and keeps true what is stored and said about their principals. See docs/lifecycle.md. */
export class ProposalLifecycle {
  readonly #parts: LifecycleParts;
  constructor(parts: LifecycleParts) {
    this.#parts = parts;
  }

  /**
   * Works on one finding, and says what follows from it. Where somebody else said something about the same principal
   * meanwhile, all of it is done again.
   * @param since when the principal's policies were read, by the store's time, where that was before this call; the
   * second attempt reads them anew
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
      `cannot say what becomes of the proposals about ${reference.resource}: others say something about it all the time; it will be tried again`,
      'retry',
      'unavailable',
    );
  }

  /**
   * Makes AWS's disagreement final: a proposal with the same documents is withheld from now on without asking again.
   * @throws AdapterError
   */
  async withhold({ about: { principal, proposalId }, opinion, reason }: OpinionBlock): Promise<void> {
    const record = { schemaVersion: 1, proposalId, opinion, reason } as const;
    await this.#parts.repository.withhold(proposalPrefix(principal, proposalId), record);
  }
}

/** What the readings of one message did so far, by prefix. */
interface Done {
  readonly stored: Set<string>;
  /** What was written about, so that an event is under way. */
  readonly written: Set<string>;
}

/**
 * One reading of a finding and its principal. It begins with what is said of the principal's proposals, and says
 * something only where that still stands.
 */
class Reading implements ProposalStore<PrincipalProposal, StoredProposal | Withheld> {
  readonly #parts: LifecycleParts;
  readonly #since: number | undefined;
  /** By prefix, as listed, and as written since. */
  readonly #listed = new Map<string, ListedProposal>();
  readonly #withheld: readonly string[];
  readonly #said = new Map<string, ProposalState | undefined>();
  readonly #done: Done;

  private constructor(
    { proposals, withheld }: RepositoryListing,
    since: number | undefined,
    done: Done,
    parts: LifecycleParts,
  ) {
    this.#parts = parts;
    this.#since = since;
    this.#done = done;
    this.#withheld = withheld;
    for (const one of proposals) this.#listed.set(one.prefix, one);
  }

  static async begin(
    principal: PrincipalRef | undefined,
    since: number | undefined,
    done: Done,
    parts: LifecycleParts,
  ): Promise<Reading> {
    const listing = principal ? await parts.repository.list(principal) : { proposals: [], withheld: [] };
    return new Reading(listing, since, done, parts);
  }

  /**
   * Stores what is to be proposed, unless it is there, and settles what else is current about the same subject. The new
   * one comes first: one that cannot be stored takes no other's place. A process that dies in between does the rest when
   * the message comes again, or the next sweep.
   * @throws Outdated
   */
  async put(
    draft: DraftOf<PrincipalProposal>,
    finish: FinishProposal<PrincipalProposal>,
    provenance: Provenance,
  ): Promise<StoredProposal | Withheld> {
    const { store, repository } = this.#parts;
    const { principal, proposalId } = draft;
    const prefix = proposalPrefix(principal, proposalId);
    const isNew = !this.#listed.has(prefix);
    if (isNew) {
      const kept = this.#withheld.includes(prefix) ? await repository.readWithheld(prefix) : undefined;
      if (kept && this.#parts.opinions.includes(kept.opinion)) {
        return { outcome: 'withheld', reason: kept.reason };
      }
      for (const one of this.#listed.values()) {
        if (!isEarlier(one, this.#since)) throw new Outdated(one.prefix);
      }
      const { outcome } = await store.put(draft, finish, provenance);
      if (outcome === 'stored') {
        this.#done.stored.add(prefix);
        this.#done.written.add(prefix);
      }
      await this.#listAgain(principal, prefix);
    }
    const rivals = await Promise.all(
      [...this.#listed.values()].map(async (one) => ({
        one,
        earlier: one.prefix === prefix ? undefined : await this.#readCurrent(one),
      })),
    );
    for (const { one, earlier } of rivals) {
      if (!earlier || subjectOf(earlier) !== subjectOf(draft)) continue;
      await this.#mark(one, judgeSuccessor(earlier, draft));
    }
    const own = this.#listed.get(prefix);
    if (own) await this.#keepCurrent(own, draft);
    return { prefix, outcome: this.#done.stored.has(prefix) ? 'stored' : 'exists' };
  }

  /**
   * After all outcomes of a finding: what rests on it and is not among them is applied, resolved or superseded. IAM is
   * asked again only where there is such a proposal.
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
    const cause = causeOf(outcomes);
    if (!cause && proposed.size === 0) return;
    for (const one of cause ? [...this.#listed.values()] : []) {
      if (!cause || proposed.has(one.prefix)) continue;
      const proposal = await this.#readCurrent(one);
      // A role that was made again under another path has the same folder.
      if (!proposal || proposal.principal.arn !== principal.arn) continue;
      if (cause.kind === 'not-named' && proposal.kind !== 'remove-access-key') continue;
      const rests = (await this.#stateOf(one))?.finding ?? proposal.finding;
      if (cause.kind !== 'principal-gone' && rests.id !== findingId) continue;
      const settled = await this.#settle(proposal, principal, cause);
      if (settled) await this.#mark(one, settled);
    }
    if (shown) await this.#showAgain(shown, proposed, findingId);
  }

  /**
   * Says once more what the overview does not show: an event of it was lost, or what it shows has expired. What is
   * written here is an event, and the notifier reads what is so.
   */
  async #showAgain(
    shown: readonly string[],
    proposed: ReadonlySet<string>,
    findingId: string,
  ): Promise<void> {
    for (const prefix of new Set([...shown, ...proposed])) {
      const isShown = shown.includes(prefix);
      if (this.#done.written.has(prefix) || isShown === proposed.has(prefix)) continue;
      const one = this.#listed.get(prefix);
      if (!one) {
        const proposalId = prefix.split('/').at(-2) ?? '';
        const gone = { prefix, proposalId, hasState: false };
        await this.#mark(gone, { state: 'resolved', reason: 'it is not kept any longer' });
        continue;
      }
      const said = await this.#stateOf(one);
      const isSo = isCurrent(said) && (said?.finding?.id ?? (await this.#findingOf(one))) === findingId;
      if (isShown !== isSo) await this.#mark(one, said ?? { state: 'current', reason: CURRENT });
    }
  }

  /** Undefined where it stays current: what AWS spoke against takes no place. */
  async #settle(
    proposal: PrincipalProposal,
    principal: PrincipalRef,
    cause: Cause,
  ): Promise<Settled | undefined> {
    const subject =
      cause.kind === 'principal-gone'
        ? ({ kind: 'gone' } as const)
        : principalNow(await this.#parts.policies.getPrincipal(principal));
    const verdict = judgeDrift(proposal, { subject, findings: [cause.finding] });
    switch (verdict.state) {
      case 'current':
        if (cause.reason === undefined || cause.kind === 'withheld') return undefined;
        return { state: 'superseded', reason: `nothing is to be proposed any more: ${cause.reason}` };
      case 'resolved':
        return { state: 'resolved', reason: cause.reason ?? verdict.reason };
      case 'applied':
      case 'superseded':
        return verdict;
      default:
        return verdict.state satisfies never;
    }
  }

  /** Says that a proposal is current and what it rests on, where that is not said; and what the catalogue means for it. */
  async #keepCurrent(own: ListedProposal, draft: DraftOf<PrincipalProposal>): Promise<void> {
    const said = await this.#stateOf(own);
    const { id, analyzerArn } = draft.finding;
    const finding = { id, analyzerArn };
    const news = this.#done.stored.has(own.prefix)
      ? undefined
      : await this.#parts.catalogueChanges?.about(own, draft, said);
    if (news) {
      await this.#mark(own, { ...news, finding });
    } else if (!isCurrent(said)) {
      await this.#mark(own, { state: 'current', reason: 'what it was made from is so again', finding });
    } else if ((said?.finding?.id ?? (await this.#findingOf(own))) !== id) {
      await this.#mark(own, {
        state: 'current',
        reason: said?.remark ? said.reason : `the finding ${id} reports the same`,
        remark: said?.remark,
        finding,
      });
    }
  }

  /** The finding that a proposal was made from. */
  async #findingOf({ prefix }: ListedProposal): Promise<string | undefined> {
    return this.#parts.repository.findingOf(prefix);
  }

  /** @throws Outdated where more has changed than what was stored just now */
  async #listAgain(principal: PrincipalRef, own: string): Promise<void> {
    const { proposals } = await this.#parts.repository.list(principal);
    for (const one of proposals) {
      const before = this.#listed.get(one.prefix);
      const isSame = before?.hasState === one.hasState && before.stateVersion === one.stateVersion;
      if (one.prefix !== own && !isSame) throw new Outdated(one.prefix);
      this.#listed.set(one.prefix, one);
    }
  }

  async #stateOf({ prefix, hasState }: ListedProposal): Promise<ProposalState | undefined> {
    if (!this.#said.has(prefix)) {
      this.#said.set(prefix, hasState ? await this.#parts.repository.readState(prefix) : undefined);
    }
    return this.#said.get(prefix);
  }

  async #readCurrent(one: ListedProposal): Promise<PrincipalProposal | undefined> {
    return isCurrent(await this.#stateOf(one)) ? this.#parts.repository.read(one.prefix) : undefined;
  }

  async #mark(one: ListedProposal, { state, reason, remark, finding }: Settled): Promise<void> {
    const { prefix, proposalId } = one;
    const before = await this.#stateOf(one);
    const rests = finding ?? before?.finding;
    const written: ProposalState = { schemaVersion: 1, proposalId, state, reason, remark, finding: rests };
    const now = await say(one, written, before, this.#since, this.#parts.repository);
    if (this.#listed.has(prefix)) this.#listed.set(prefix, now);
    this.#said.set(prefix, { ...written, serial: (before?.serial ?? 0) + 1 });
    this.#done.written.add(prefix);
    this.#parts.noted(prefix, written);
  }
}

type Settled = Pick<ProposalState, 'state' | 'reason' | 'remark' | 'finding'>;

function isCurrent(state: ProposalState | undefined): boolean {
  return state === undefined || state.state === 'current';
}

interface Cause {
  readonly kind: 'principal-gone' | 'finding-closed' | 'not-named' | 'nothing-to-do' | 'withheld';
  /** Undefined where what the finding says is the reason. */
  readonly reason: string | undefined;
  readonly finding: FindingNow;
}

const SAYS_NOTHING: FindingNow = { kind: 'unknown', reason: '' };
const CLOSED: FindingNow = { kind: 'gone' };

/** Undefined where nothing follows for other proposals: one was made, or the principal is left alone. */
function causeOf(outcomes: readonly ProposeOutcome[]): Cause | undefined {
  const proposed = outcomes.flatMap((outcome) => (outcome.kind === 'proposed' ? [outcome.proposal] : []));
  for (const outcome of outcomes) {
    const cause = causeIn(outcome);
    if (cause) return cause;
  }
  // Only findings about access keys come to several proposals, and to fewer when a key is used again.
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
      return outcome.code === 'not-active'
        ? { kind: 'finding-closed', reason: outcome.reason, finding: CLOSED }
        : undefined;
    default:
      return outcome satisfies never;
  }
}
