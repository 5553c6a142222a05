import {
  INDEX_DATA_OBJECT,
  PROPOSAL_OBJECT,
  proposalObject,
  PROPOSALS_PREFIX,
  REPORT_OBJECT,
  SHARED_PREFIX,
  STATE_OBJECT,
  sweptAccountKey,
} from '../../../lambda/contract/object-keys.ts';
import { type ProposalState, subjectOf } from '../../../lambda/core/lifecycle/proposal-state.ts';
import type { Result } from '../../../lambda/core/pattern/result.ts';
import { withReadingBeside } from '../../../lambda/core/proposal/last-use-reading.ts';
import type { Proposal } from '../../../lambda/core/proposal/schema.ts';
import type { AccountJob, UnusedOfPart } from '../../../lambda/ports/account.ts';
import { isAboutPrincipal, isShared, type ProposalFacts } from '../../../lambda/ports/proposals.ts';
import { readIndexData, renderIndexData } from '../../../lambda/stored/overview.ts';
import { readProposalState, readStoredProposal } from '../../../lambda/stored/proposal.ts';
import { readFoundInAccount } from '../../../lambda/stored/sweep.ts';
import {
  expectedOf,
  expectedShared,
  type Made,
  REMOVED,
  reportOf,
  type Type,
  TYPES,
} from './simulated-account.ts';
import { type Access, type Bucket, parsed } from './simulated-bucket.ts';
import type { Process } from './simulated-processes.ts';
import { History, OWNER, type Setting } from './simulated-setting.ts';
import { DECISIONS_AGE, type World } from './simulated-world.ts';

/** Milliseconds by which times of the store may be wrong; see the order of readings. */
export const CLOCKS = 2_000;

/** What one process writes rests on. */
export interface Reading {
  readonly process: Process;
  /** When it began. */
  since: number;
  /** When what it goes by was read, where that was before it began. */
  readonly base: number | undefined;
  /** When it listed what is there. */
  listedAt: number;
  /** Whether the listing with which it begins is done: a second one is no new beginning. */
  isUnderWay: boolean;
  /** Prefixes of what was there then, and of what it has stored itself. */
  readonly known: Set<string>;
  /** By prefix of what it would store: when it was listed last. */
  readonly own: Map<string, number>;
  /** Prefix of the proposal whose other files it writes. */
  files: string | undefined;
  overviewSince: number;
}

interface Stored {
  readonly proposal: Proposal;
  /** Milliseconds, whole seconds. */
  readonly at: number;
}
interface Said {
  readonly state: ProposalState;
  readonly at: number;
}

export interface CheckParts {
  readonly setting: Setting;
  readonly world: World;
  readonly bucket: Bucket;
  /** Called with the key of a proposal that was stored, or of which something was said. */
  readonly notice: (key: string, isNews: boolean) => void;
}

/**
 * Looks at whatever is written where it is written: it has to be what was so at some moment of the reading that it
 * rests on. At the end, what is stored, shown and told has to be what is so.
 */
export class Checks {
  readonly #setting: Setting;
  readonly #world: World;
  readonly #bucket: Bucket;
  readonly #notice: CheckParts['notice'];
  /** When the reading began by which a proposal was stored or last called current, by prefix. */
  readonly #readBefore = new Map<string, number>();
  readonly #proposals = new Map<string, Stored>();
  readonly #states = new Map<string, Said>();
  #rows: readonly ProposalFacts[] = [];
  /** When something was written of a proposal last, and by whom. */
  readonly #written = new Map<string, { readonly at: number; readonly by: Reading }>();
  readonly #expiredAt = new Map<string, number>();
  /** What the row of each proposal is to say; undefined where the proposal is not there. */
  readonly #sayings = new Map<string, History<string | undefined>>();
  /** Prefixes of proposals over whose files a process wrote that ended in between. */
  readonly #torn = new Set<string>();
  readonly told = new Set<string>();
  sharedWasLookedAt = false;
  #overviewWasDeleted = false;

  constructor({ setting, world, bucket, notice }: CheckParts) {
    this.#setting = setting;
    this.#world = world;
    this.#bucket = bucket;
    this.#notice = notice;
  }

  proposals(): readonly Proposal[] {
    return [...this.#proposals.values()].map(({ proposal }) => proposal);
  }

  /** @param base when what it goes by was read, where that was before */
  reading(process: Process, base?: number): Reading {
    const { now } = this.#setting;
    return {
      ...{ process, base, since: base ?? now, listedAt: now, isUnderWay: false, known: new Set() },
      ...{ own: new Map(), files: undefined, overviewSince: now },
    };
  }

  /** How a reading uses the bucket. */
  access(reading: Reading, pause: () => Promise<void>, readsAtOnce = false): Access {
    return {
      pause,
      readsAtOnce,
      listed: (prefix, keys) => {
        const isFolder = prefix.startsWith(PROPOSALS_PREFIX) || prefix.startsWith(SHARED_PREFIX);
        if (isFolder && prefix.endsWith('/')) this.#listed(keys, reading);
      },
      read: (key) => {
        if (key === INDEX_DATA_OBJECT) reading.overviewSince = this.#setting.now;
      },
      writes: (key, text) => this.#writes(key, text, reading),
      isLate: (key) => {
        const { prefix, object } = proposalObject(key) ?? {};
        if (prefix !== undefined && object === PROPOSAL_OBJECT) this.#knows(prefix, reading);
      },
    };
  }

  #knows(prefix: string, reading: Reading): void {
    reading.known.add(prefix);
    reading.own.set(prefix, this.#setting.now);
  }

  #listed(keys: readonly string[], reading: Reading): void {
    const isBeginning = !reading.isUnderWay;
    if (isBeginning) {
      reading.since = reading.base ?? this.#setting.now;
      reading.listedAt = this.#setting.now;
      reading.known.clear();
      reading.own.clear();
    }
    for (const prefix of new Set(keys.flatMap((key) => proposalObject(key)?.prefix ?? []))) {
      if (!this.#proposals.has(prefix) && !this.#states.has(prefix)) continue;
      if (isBeginning) reading.known.add(prefix);
      if (reading.own.has(prefix)) reading.own.set(prefix, this.#setting.now);
    }
  }

  async #writes(key: string, text: string, reading: Reading): Promise<void> {
    if (key === INDEX_DATA_OBJECT) {
      this.#writesIndex(read(key, text, readIndexData), reading);
      return;
    }
    const { prefix, object } = proposalObject(key) ?? {};
    if (prefix === undefined) return;
    if (object === PROPOSAL_OBJECT) await this.#stores(prefix, read(key, text, readStoredProposal), reading);
    else if (object === STATE_OBJECT) await this.#says(prefix, read(key, text, readProposalState), reading);
    else if (object === REPORT_OBJECT) reading.files = prefix;
  }

  async #stores(prefix: string, proposal: Proposal, reading: Reading): Promise<void> {
    this.#knows(prefix, reading);
    await this.#lookAt(prefix, proposal, 'is stored', reading, (isSo) => isSo);
    if (!isAboutPrincipal(proposal)) this.#lookAtRivals(prefix, reading);
    this.#proposals.set(prefix, { proposal, at: this.#setting.seconds() });
    this.#readBefore.set(prefix, reading.since);
    reading.files = undefined;
    if (this.#isReportOf(prefix, proposal)) this.#torn.delete(prefix);
    // One that expired may be stored again while an older reading goes on. What is said of it then is still the state
    // that was left, and that reading compares its version; the next sweep says it anew.
    this.#say(prefix, this.#states.has(prefix) ? undefined : reading);
    this.#notice(prefix + PROPOSAL_OBJECT, true);
  }

  async #says(prefix: string, state: ProposalState, reading: Reading): Promise<void> {
    const there = this.#states.get(prefix);
    const proposal = this.#proposals.get(prefix)?.proposal;
    // What was read has expired since, and the same was stored again with no state left: the store has no condition for
    // that. Whoever stored it reads once more.
    const isOfExpired = (this.#expiredAt.get(prefix) ?? -1) >= reading.since;
    const isSaidAgain = isOfExpired || sayingOf(there?.state, proposal) === sayingOf(state, proposal);
    if (state.state === 'current' && !isSaidAgain) this.#readBefore.set(prefix, reading.since);
    if (!isSaidAgain) this.#lookAtOrder(prefix, reading);
    if (proposal && !isSaidAgain && !reading.known.has(prefix)) {
      this.#wrong(`${prefix} is called ${state.state}, and was not there when that was read`);
    }
    if (proposal && !isSaidAgain) {
      const isCurrent = state.state === 'current';
      // What is settled may be so because of the finding that it rested on before.
      const rests = isCurrent ? state.finding?.id : there?.state.finding?.id;
      const what = `is called ${state.state} (${state.reason})`;
      await this.#lookAt(prefix, proposal, what, reading, (isSo) => isSo === isCurrent, rests);
    }
    this.#lookAtSuccessor(prefix, state);
    const by = state.catalogue?.date ?? '9';
    // A state that is older than its proposal was left by an equal one that has expired.
    const isLeftOver = there !== undefined && there.at < (this.#proposals.get(prefix)?.at ?? 0);
    if (!isLeftOver && by < (there?.state.catalogue?.date ?? '')) {
      this.#wrong(`${prefix} is compared with a catalogue that is older than the one that was compared`);
    }
    this.#states.set(prefix, { state, at: this.#setting.seconds() });
    this.#say(prefix, reading);
    this.#notice(prefix + PROPOSAL_OBJECT, false);
  }

  #writesIndex(rows: readonly ProposalFacts[], reading: Reading): void {
    this.#lookAtRows(rows, reading);
    this.#rows = rows;
  }

  /** The bucket forgets a proposal, and what is said of it then or later. */
  expire(): void {
    // Nothing expires that was written a moment ago.
    const isOld = (at = 0): boolean => at < this.#setting.now - CLOCKS;
    const prefix = this.#setting.oneOf(
      [...this.#proposals].flatMap(([one, { at }]) =>
        isOld(at) && isOld(this.#states.get(one)?.at) ? [one] : [],
      ),
    );
    if (prefix === undefined) return;
    const isStateLeft = this.#setting.chance(0.5);
    // Other files were perhaps written anew a moment ago.
    this.#bucket.delete(prefix + PROPOSAL_OBJECT);
    if (!isStateLeft) this.#bucket.delete(prefix + STATE_OBJECT);
    this.#proposals.delete(prefix);
    this.#expiredAt.set(prefix, this.#setting.now);
    if (!isStateLeft) this.#states.delete(prefix);
    // In a bucket nothing expires that was written a moment ago, so these are no races to look for: with whoever wrote it,
    // and with whoever is still writing its files.
    this.#written.delete(prefix);
    this.#torn.add(prefix);
    this.#say(prefix);
  }

  /** What the overview shows at the beginning. */
  show(rows: readonly ProposalFacts[]): void {
    this.#bucket.keep(INDEX_DATA_OBJECT, renderIndexData(rows));
    this.#rows = rows;
  }

  deleteOverview(): void {
    this.#bucket.delete(INDEX_DATA_OBJECT);
    this.#rows = [];
    this.#overviewWasDeleted = true;
  }

  /** A process died or failed while it worked on this reading: it puts nothing back that it has written over. */
  failed({ files }: Reading): void {
    if (files !== undefined && !this.#isReportOf(files, this.#proposals.get(files)?.proposal))
      this.#torn.add(files);
  }

  #isReportOf(prefix: string, proposal: Proposal | undefined): boolean {
    return proposal !== undefined && this.#bucket.text(prefix + REPORT_OBJECT) === reportOf(proposal);
  }

  /* What is looked at. */

  #wrong(text: string): void {
    this.#setting.wrongs.add(text);
  }

  /** Notes what is said of a proposal from now on. */
  #say(prefix: string, reading?: Reading): void {
    if (reading) this.#written.set(prefix, { at: this.#setting.now, by: reading });
    const { proposal } = this.#proposals.get(prefix) ?? {};
    const saying = proposal && showingOf(this.#states.get(prefix)?.state, proposal);
    const known = this.#sayings.get(prefix) ?? new History<string | undefined>(undefined);
    known.add(this.#setting.now, saying);
    this.#sayings.set(prefix, known);
  }

  /** Whether what the slices of a job found is about every finding that was listed, whichever copy of it kept that. */
  lookAtParts({ sweepId, accountId }: AccountJob, parts: readonly UnusedOfPart[]): void {
    const key = sweptAccountKey(sweepId, accountId);
    const { references } = read(key, this.#bucket.text(key) ?? '', readFoundInAccount);
    const known = new Set(
      parts.flatMap(({ findings, unread }) => [...findings.map(({ resource }) => resource), ...unread]),
    );
    for (const { findingId, resource } of references) {
      if (/^(?:orders|web)-/.test(findingId) && !known.has(resource)) {
        this.#wrong(`what ${sweepId} says of shared policies leaves out ${findingId}`);
      }
    }
  }

  /** Whether nobody else has written of the same since the reading began, by the exact time. */
  #lookAtOrder(prefix: string, reading: Reading): void {
    const last = this.#written.get(prefix);
    // The store tells whole seconds.
    const since = reading.own.get(prefix) ?? reading.since;
    if (!last || last.by === reading || last.at < since + 1_000) return;
    this.#wrong(`${prefix} is written of by a reading that is older than what was written of it`);
  }

  /** Whether what is stored is not older than what was there about the same when the reading listed it. */
  #lookAtRivals(prefix: string, { base, listedAt }: Reading): void {
    for (const other of this.#proposals.keys()) {
      const last = this.#written.get(other);
      if (other === prefix || folderOf(other) !== folderOf(prefix) || !last || base === undefined) continue;
      if (last.at < base + 1_000 || last.at >= listedAt) continue;
      this.#wrong(
        `${prefix} is stored beside ${other}, of which something was written later than it was read`,
      );
    }
  }

  /** Whether what takes the place of another is there. */
  #lookAtSuccessor(prefix: string, { state, reason }: ProposalState): void {
    const [, id] = /proposal ([0-9a-f]{32}) supersedes it/.exec(reason) ?? [];
    if (state !== 'superseded' || id === undefined) return;
    const successor = `${folderOf(prefix)}/${id}/`;
    if (this.#proposals.has(successor) || this.#expiredAt.has(successor)) return;
    this.#wrong(`${prefix} is superseded by ${id}, which is not stored`);
  }

  /**
   * Whether what is written of a proposal was so at some moment since the reading began.
   * @param holds of whether it was to be proposed then, on the finding that it rests on
   */
  async #lookAt(
    prefix: string,
    proposal: Proposal,
    what: string,
    { since }: Reading,
    holds: (isSo: boolean) => boolean,
    rests?: string,
  ): Promise<void> {
    for (const isSo of await this.#truths(prefix, proposal, since, rests)) if (holds(isSo)) return;
    this.#wrong(`${prefix} ${what}, which was never so since that was read`);
  }

  async #truths(
    prefix: string,
    proposal: Proposal,
    since: number,
    rests: string | undefined,
  ): Promise<readonly boolean[]> {
    const truths: boolean[] = [];
    const { active, left } = this.#world;
    const policies = this.#world.policies.since(since);
    const decided = this.#world.inForce.since(since - DECISIONS_AGE);
    const has = (made: readonly Made[]): boolean => made.some((one) => one.prefix === prefix);
    if (!isAboutPrincipal(proposal)) {
      for (const now of policies) {
        for (const orders of active.orders.since(since)) {
          for (const web of active.web.since(since)) {
            for (const given of decided) truths.push(has(await expectedShared(orders, web, now, given)));
          }
        }
      }
      return truths;
    }
    const type = typeOf(proposal);
    const id = rests ?? proposal.finding.id;
    const others = left
      .since(since)
      .flat()
      .filter((one) => type === 'orders' && one.id === id);
    for (const now of policies) {
      for (const finding of [...active[type].since(since), ...others]) {
        for (const given of decided)
          truths.push(finding?.id === id && has(await expectedOf(type, finding, now, given)));
      }
    }
    return truths;
  }

  /** Whether each row that changes says what was so since the overview was read, or where it is new since the notice was. */
  #lookAtRows(rows: readonly ProposalFacts[], { since, overviewSince, process }: Reading): void {
    const shown = this.#rows;
    const before = new Map(shown.map((facts) => [facts.prefix, facts]));
    const places = new Set(shown.map(placeOf));
    for (const facts of rows) {
      const own = before.get(facts.prefix);
      if (own?.owner !== undefined && facts.owner === undefined) {
        this.#wrong(`a row says of ${facts.prefix} that nobody owns it, which nobody has said`);
      }
      if (own && rowOf(own) === rowOf(facts)) continue;
      if (process.isQuiet && facts.owner !== OWNER) {
        this.#wrong(`a row says of ${facts.prefix} that nobody owns it, and whoever asks is answered`);
      }
      const from = own || places.has(placeOf(facts)) ? overviewSince : since;
      if (this.#sayings.get(facts.prefix)?.since(from).includes(rowOf(facts)) === true) continue;
      this.#wrong(`a row says ${rowOf(facts)} of ${facts.prefix}, which was never so since that was read`);
    }
    const kept = new Set(rows.map(({ prefix }) => prefix));
    for (const { prefix, state } of shown) {
      if (state !== undefined) continue;
      const sayings = this.#sayings.get(prefix)?.since(overviewSince) ?? [];
      if (kept.has(prefix) || !sayings.every((saying) => saying?.startsWith('current') === true)) continue;
      this.#wrong(`the row of ${prefix} is dropped, which was current since that was read`);
    }
  }

  #current(): readonly string[] {
    const stateOf = (prefix: string): string => this.#states.get(prefix)?.state.state ?? 'current';
    return [...this.#proposals.keys()].filter((prefix) => stateOf(prefix) === 'current').sort();
  }

  async #expectedOfPrincipals(): Promise<readonly string[]> {
    const { active, policies, inForce } = this.#world;
    const expected: string[] = [];
    for (const type of TYPES) {
      const made = await expectedOf(type, active[type].now, policies.now, inForce.now);
      expected.push(...made.map(({ prefix }) => prefix));
    }
    return expected;
  }

  /** Where no event was lost, all that is about principals is so without a sweep. */
  async lookWithoutSweep(): Promise<void> {
    const isOfPrincipal = (prefix: string): boolean => prefix.startsWith(PROPOSALS_PREFIX);
    const current = this.#current().filter(isOfPrincipal);
    const expected = await this.#expectedOfPrincipals();
    // The end of its finding was handled before a slower worker stored it.
    const timely = current.filter((prefix) => expected.includes(prefix) || !this.#isOvertaken(prefix));
    this.#compare('current without a sweep', timely, expected);
    const shown = this.#rows.flatMap(({ state, prefix }) => (state === undefined ? [prefix] : []));
    this.#compare('shown as current without a sweep', shown.filter(isOfPrincipal), current);
  }

  /** Whether its finding has changed since the reading began by which the proposal was stored or called current. */
  #isOvertaken(prefix: string): boolean {
    const { proposal } = this.#proposals.get(prefix) ?? {};
    if (!proposal || !isAboutPrincipal(proposal)) return false;
    const id = this.#states.get(prefix)?.state.finding?.id ?? proposal.finding.id;
    return TYPES.some((type) => {
      const findings = this.#world.active[type].since(this.#readBefore.get(prefix) ?? 0);
      return findings.length > 1 && findings.some((one) => one?.id === id);
    });
  }

  /**
   * @param swept when the last sweep began, which alone has read what stands there
   * @param readsUse whether workers read when actions were last used
   */
  async lookAtAll(swept: number, readsUse: boolean): Promise<void> {
    const { active, policies, inForce } = this.#world;
    const ids = new Set(TYPES.map((type) => active[type].now?.id));
    const shown = this.#rows.filter(({ state }) => state === undefined).map(({ prefix }) => prefix);
    const current = this.#current().filter((prefix) => !this.#isLost(prefix, ids, shown));
    const expected = [...(await this.#expectedOfPrincipals())];
    // Where nothing shared was shown, nobody reads an account of few findings as a whole.
    if (this.sharedWasLookedAt) {
      const made = await expectedShared(active.orders.now, active.web.now, policies.now, inForce.now);
      expected.push(...made.map(({ prefix }) => prefix));
    }
    this.#lookAtRecorded((await this.#world.kept()).map(({ by }) => by));
    for (const prefix of current) {
      this.#lookAtDecided(prefix, swept);
      if (readsUse) this.#lookAtUse(prefix);
    }
    this.#compare('current', current, expected);
    this.#compare('shown as current', shown, current);
    for (const row of this.#rows) {
      const state = row.state?.name ?? 'current';
      const { proposal } = this.#proposals.get(row.prefix) ?? {};
      const saying = proposal && showingOf(this.#states.get(row.prefix)?.state, proposal);
      if (saying === undefined) this.#wrong(`a row is ${state}, and has expired`);
      else if (saying !== rowOf(row)) this.#wrong(`a row is ${rowOf(row)}, and ${saying}`);
      if (state === 'current' && !isShared(row) && !ids.has(row.findingId)) {
        this.#wrong(`a row rests on ${row.findingId}, which is not active`);
      }
    }
    for (const prefix of current) {
      if (!this.told.has(prefix)) this.#wrong(`nobody was told of ${prefix}`);
      const { proposal } = this.#proposals.get(prefix) ?? {};
      if (proposal?.kind !== 'refine-permissions' || proposal.principal.name !== 'Web') continue;
      const hasGrown = proposal.catalogue.version !== this.#world.catalogue.origin.version;
      const isSaid = this.#states.get(prefix)?.state.remark === 'catalogue-grew';
      if (isSaid !== hasGrown) this.#wrong(`${prefix} ${isSaid ? 'has' : 'lacks'} the news of a catalogue`);
    }
    for (const [prefix, { proposal }] of this.#proposals) {
      if (!this.#isReportOf(prefix, proposal) && !this.#torn.has(prefix)) {
        const report = this.#bucket.text(prefix + REPORT_OBJECT) ?? 'none';
        this.#wrong(`${prefix} is of ${reportOf(proposal)}, and its report of ${report}`);
      }
    }
  }

  /** Whether only the overview that was deleted named a proposal: its finding has ended, and nobody looks there. */
  #isLost(prefix: string, active: ReadonlySet<string | undefined>, shown: readonly string[]): boolean {
    const { proposal } = this.#proposals.get(prefix) ?? {};
    if (!this.#overviewWasDeleted || !proposal || !isAboutPrincipal(proposal)) return false;
    const rests = this.#states.get(prefix)?.state.finding?.id ?? proposal.finding.id;
    return !active.has(rests) && !shown.includes(prefix);
  }

  /** Everything that somebody decided, was told to be recorded, and nobody lost, is there. */
  #lookAtRecorded(kept: readonly string[]): void {
    this.#compare(
      'decided',
      kept,
      this.#world.recorded.map(({ by }) => by),
    );
  }

  /** Whether it is said of a current proposal who accepted it, and who keeps something of its subject. */
  #lookAtDecided(prefix: string, swept: number): void {
    const { proposal, at = swept } = this.#proposals.get(prefix) ?? {};
    if (!proposal) return;
    const isOfShared = !isAboutPrincipal(proposal);
    // A sweep looks at decisions about what is shared only where that was there before.
    if (isOfShared && (!this.sharedWasLookedAt || at >= swept - CLOCKS)) return;
    const { arn } = isOfShared ? proposal.subject : proposal.principal;
    const own = this.#world.inForce.now.filter(({ about }) => about === arn);
    const accepts = own.filter(
      (one) => one.decision === 'accept' && one.proposal?.proposalId === proposal.proposalId,
    );
    const expected = [...accepts, ...own.filter(({ decision }) => decision === 'keep')];
    const said = this.#states.get(prefix)?.state.decisions ?? [];
    this.#compare(
      `decided about ${prefix}`,
      said.map((phrase) => phrase.split(' ')[2] ?? ''),
      expected.map(({ by }) => by),
    );
  }

  /** Whether a current proposal warns of the last use of what it removes, and of nothing else. */
  #lookAtUse(prefix: string): void {
    const { proposal } = this.#proposals.get(prefix) ?? {};
    if (proposal?.kind !== 'refine-permissions') return;
    const action = `${REMOVED.service}:${REMOVED.action}`;
    const [before, after] = [
      proposal.policies.map((policy) => policy.before),
      proposal.policies.flatMap((policy) => policy.after.map(({ document }) => document)),
    ].map((documents) => JSON.stringify(documents).includes(action));
    const date =
      before === true && after === false ? this.#world.used.get(proposal.principal.arn) : undefined;
    const { warnings = [] } = withReadingBeside(proposal, this.#states.get(prefix)?.state);
    const isWarned = warnings.some((warning) => warning.includes(`${action} on ${date ?? ''}`));
    if (date === undefined ? warnings.length > 0 : !isWarned) {
      this.#wrong(`${prefix} warns ${warnings.join(' ')}, and ${action} was used ${date ?? 'never'}`);
    }
  }

  #compare(what: string, is: readonly string[], shouldBe: readonly string[]): void {
    const [has, wants] = [is, shouldBe].map((all) => all.toSorted().join(' '));
    if (has !== wants) this.#wrong(`${what}: ${has ?? ''}; it should be ${wants ?? ''}`);
  }
}

function read<T>(key: string, text: string, parse: (text: string) => Result<T>): T {
  const result = parsed(key, text, parse);
  if (!result.ok) throw new TypeError(result.problem);
  return result.value;
}

/** What its row in the overview is to say: {@link sayingOf}, and why, where that is to be told. */
function showingOf(said: ProposalState | undefined, proposal: Proposal): string {
  const isTold = said !== undefined && (said.state !== 'current' || said.remark !== undefined);
  const decisions = said?.state === 'current' ? said.decisions : undefined;
  const { warnings } = withReadingBeside(proposal, said);
  return `${sayingOf(said, proposal)}${because(isTold ? said.reason : undefined)}${clauses(decisions)}${clauses(warnings)}`;
}

/** The state of a proposal, and the finding that it rests on. */
function sayingOf(said: ProposalState | undefined, proposal: Proposal | undefined): string {
  const finding = proposal && isAboutPrincipal(proposal) ? proposal.finding.id : '';
  return `${said?.state ?? 'current'} on ${said?.finding?.id ?? finding}`;
}

function rowOf(facts: ProposalFacts): string {
  const remark = isShared(facts) ? undefined : facts.remark;
  return `${facts.state?.name ?? 'current'} on ${isShared(facts) ? '' : facts.findingId}${because(facts.state?.reason ?? remark)}${clauses(facts.decisions)}${clauses(facts.warnings)}`;
}

function clauses(decisions: readonly string[] = []): string {
  return decisions.map((one) => `, ${one}`).join('');
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : `, because ${reason}`;
}

function placeOf(facts: ProposalFacts): string {
  return isShared(facts) ? facts.subject.arn : subjectOf(facts);
}

function folderOf(prefix: string): string {
  return prefix.split('/').slice(0, -2).join('/');
}

function typeOf({ kind, principal }: Extract<Proposal, { readonly principal: unknown }>): Type {
  if (kind === 'remove-password') return 'password';
  if (kind === 'remove-access-key') return 'keys';
  if (kind === 'remove-role') return 'idle';
  return principal.name === 'Orders' ? 'orders' : 'web';
}
