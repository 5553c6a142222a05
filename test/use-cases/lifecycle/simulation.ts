import { S3Decisions, S3DecisionStore } from '../../../lambda/adapters/aws/s3/decisions.ts';
import { type Decision, levelsIn } from '../../../lambda/core/decision/decision.ts';
import type { AccountClient } from '@aws-sdk/client-account';
import { GetPolicyCommand, type GetPolicyVersionCommand, type IAMClient } from '@aws-sdk/client-iam';
import {
  GetObjectCommand,
  type HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  INDEX_DATA_OBJECT,
  INDEX_OBJECT,
  proposalObject,
  STATE_OBJECT,
} from '../../../lambda/contract/object-keys.ts';
import type { Catalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { type ProposalState, renderState, subjectOf } from '../../../lambda/core/lifecycle/proposal-state.ts';
import type { Grant, PrincipalRef } from '../../../lambda/core/model/principal.ts';
import { renderProposal } from '../../../lambda/core/proposal/to-json.ts';
import type { Proposal } from '../../../lambda/core/proposal/schema.ts';
import type { AccountJob, AccountPage, UnusedPart } from '../../../lambda/ports/account.ts';
import type { Result } from '../../../lambda/core/pattern/result.ts';
import type { DecisionSource } from '../../../lambda/ports/decisions.ts';
import type { Finding, FindingReference, FindingSource } from '../../../lambda/ports/findings.ts';
import {
  isAboutPrincipal,
  isShared,
  type ListedProposal,
  type ProposalFacts,
  type ProposalRepository,
  type ProposalStore,
} from '../../../lambda/ports/proposals.ts';
import type { PrincipalAnswer } from '../../../lambda/ports/policies.ts';
import type { SweepContinuation } from '../../../lambda/ports/sweep.ts';
import { AdapterError, type Clock } from '../../../lambda/ports/system.ts';
import { readIndexData } from '../../../lambda/stored/overview.ts';
import { prefixOf } from '../../../lambda/stored/proposal.ts';
import { BulkPolicies } from '../../../lambda/adapters/account/bulk-policies.ts';
import { ManagedPolicies } from '../../../lambda/adapters/aws/iam/managed-policies.ts';
import { AlternateContacts } from '../../../lambda/adapters/aws/organizations/alternate-contacts.ts';
import { type Put, S3Objects } from '../../../lambda/adapters/aws/s3/objects.ts';
import { S3Overview } from '../../../lambda/adapters/aws/s3/overview.ts';
import { S3ProposalReader } from '../../../lambda/adapters/aws/s3/proposals.ts';
import { refineAccountJob } from '../../../lambda/use-cases/account/refine-account-job.ts';
import { proposeSharedSlice } from '../../../lambda/use-cases/account/shared-slice.ts';
import { recordDecision } from '../../../lambda/use-cases/decisions/record-decision.ts';
import { CatalogueChanges } from '../../../lambda/use-cases/catalogue/catalogue-changes.ts';
import { ProposalLifecycle } from '../../../lambda/use-cases/lifecycle/proposal-lifecycle.ts';
import { notifyProposals } from '../../../lambda/use-cases/notify/notify-proposals.ts';
import { proposeRefinement } from '../../../lambda/use-cases/propose/propose-refinement.ts';
import { newSweep, sweepFindings } from '../../../lambda/use-cases/sweep/sweep-findings.ts';
import { serviceError } from '../../adapters/aws/support.ts';
import { seededRandom } from '../../random.ts';
import { KeptSweeps } from '../kept-sweeps.ts';
import {
  ACCOUNT,
  ANALYZER,
  CATALOGUES,
  expectedOf,
  expectedShared,
  findingOf,
  type FindingState,
  type Made,
  KEPT_CATALOGUES,
  memoryOf,
  pageOf,
  type Policies,
  PROPOSING,
  resourceOf,
  SHARED_ARN,
  takeBreaches,
  sharedDocument,
  type Type,
  TYPES,
  VARIANTS,
} from './simulated-account.ts';

/*
 * Workers, account jobs, notifiers and sweeps as steps that a seed interleaves, over a store with conditional writes,
 * listings and times, while findings come, change, end and come again, policies change and are made again, a catalogue
 * grows, proposals expire, people decide about proposals, days pass, services refuse for a moment, processes die between
 * two awaits or run out of time, and messages come twice, late and out of order.
 *
 * Whatever is written is looked at where it is written: it has to be what was so at some moment of the reading that it
 * rests on. At the end everything that is under way is done, one quiet sweep follows, and then what is stored, shown
 * and told has to be what is so.
 */

/** What an execution environment keeps from one invocation to the next. It ends with a process that dies. */
interface Environment {
  readonly catalogue: Catalogue;
  /** When that catalogue was stored. */
  readonly since: number;
  readonly managed: ManagedPolicies;
  readonly contacts: AlternateContacts;
}

interface Running {
  readonly environment: Environment;
  isDead: boolean;
  /** When Lambda stops it. */
  readonly deadline: number;
  readonly onDeath: () => void;
}

/** What one process writes rests on. */
interface Reading {
  /** When it began. */
  since: number;
  /** Whether the listing with which it begins is done: a second one is no new beginning. */
  isUnderWay: boolean;
  /** Prefixes of what was there then, and of what it has stored itself. */
  readonly known: Set<string>;
  /** By prefix of what it would store: when it was listed last. */
  readonly own: Map<string, number>;
  overviewSince: number;
}

type Message =
  | { readonly kind: 'finding'; readonly reference: FindingReference }
  | { readonly kind: 'job'; readonly job: AccountJob }
  | { readonly kind: 'notice'; readonly key: string; readonly isNews: boolean }
  | { readonly kind: 'sweep'; readonly sweep: SweepContinuation }
  | { readonly kind: 'decision'; readonly decision: Decision };

interface Stored {
  readonly proposal: Proposal;
  readonly text: string;
  readonly at: number;
}
interface Said {
  readonly state: ProposalState;
  readonly at: number;
}

/** The shared policy, as IAM knows it: one that is made again under its ARN has another id, and begins at `v1`. */
interface SharedPolicy {
  readonly id: string;
  /** The documents of its versions; the last one is in force. */
  readonly versions: readonly Policies['shared'][];
}

/** What was so, and since when. */
class History<T> {
  readonly #moments: { readonly at: number; readonly value: T }[] = [];
  constructor(first: T) {
    this.#moments.push({ at: 0, value: first });
  }

  get now(): T {
    const last = this.#moments.at(-1);
    if (!last) throw new Error('there is always a first moment');
    return last.value;
  }

  add(at: number, value: T): void {
    this.#moments.push({ at, value });
  }

  /** Everything that was so at some time since then. */
  since(at: number): readonly T[] {
    const begun = this.#moments.findLastIndex((moment) => moment.at < at);
    return this.#moments.slice(Math.max(0, begun)).map(({ value }) => value);
  }
}

/** What was parsed, by key and text: the same text is read over and over, and reading it is half of the work. */
const parsings = new Map<string, Result<unknown>>();
const MOST_PARSINGS = 2_000;

function parsed<T>(key: string, text: string, parse: (text: string) => Result<T>): Result<T> {
  const name = `${key} ${text}`;
  const known = parsings.get(name) as Result<T> | undefined;
  if (known) return known;
  if (parsings.size >= MOST_PARSINGS) parsings.clear();
  const result = parse(text);
  parsings.set(name, result);
  return result;
}

class RememberingObjects extends S3Objects {
  override read<T>(key: string, parse: (text: string) => Result<T>, remedy: string) {
    return super.read(key, (text) => parsed(key, text, parse), remedy);
  }
}

const TURNS = 36;
/** Milliseconds that the clock says at the beginning. */
const FIRST_MOMENT = 1_000_000;
/** Environments that wait for the next message. */
const MOST_IDLE = 4;
const OWNER = 'team@example.com';
/** Milliseconds by which times of the store may be wrong; see the order of readings. */
const CLOCKS = 2_000;
/** Milliseconds for which a worker that has read decisions works by them. */
const DECISIONS_AGE = 60_000;
const DAY = 24 * 60 * 60_000;
const FIRST_DAY = Date.parse('2026-11-29T00:00:00.000Z');

class Simulation {
  readonly #random: () => number;
  readonly #waiting: { readonly process: Running; readonly go: () => void }[] = [];
  readonly #running = new Set<Running>();
  #messages: Message[] = [];
  #now = FIRST_MOMENT;
  #isQuiet = false;
  readonly #wrongs = new Set<string>();
  // The store.
  readonly #proposals = new Map<string, Stored>();
  readonly #states = new Map<string, Said>();
  readonly #records = new KeptSweeps();
  /** When each sweep began. */
  readonly #begun = new Map<string, number>();
  readonly #pages = new Map<string, AccountPage>();
  readonly #parts = new Map<string, UnusedPart>();
  #index: { readonly text: string; readonly rows: readonly ProposalFacts[] } | undefined;
  readonly #told = new Set<string>();
  /** Whether the overview may not be written at times, and at present: its key or the bucket's policy denies it. */
  #mayBeRefused = false;
  #isRefused = false;
  #sharedWasLookedAt = false;
  /** `decisions/<accountId>.json` in the bucket. */
  #decisions: { readonly text: string; readonly etag: string } | undefined;
  /** What the processes of one function keep: each reads decisions for itself. */
  readonly #readers = [1, 2].map(() => this.#decisionSource());
  // What is so.
  /** What was decided and not lost, and what of it holds. */
  #recorded: readonly Decision[] = [];
  readonly #inForce = new History<readonly Decision[]>([]);
  #days = 0;
  readonly #policies = new History<Policies>({
    orders: 0,
    isMoved: false,
    shared: 0,
    holders: 2,
    isQuarantined: false,
  });
  readonly #active: Readonly<Record<Type, History<FindingState>>>;
  readonly #findings = new Map<string, Finding>();
  /** Active findings about a role that is no longer there. */
  readonly #left = new History<readonly NonNullable<FindingState>[]>([]);
  #shared: SharedPolicy = { id: 'policy-0', versions: [0] };
  /** When the newer catalogue was stored. */
  #grownAt: number | undefined;
  #idle: Environment[] = [];
  /** When something was written of a proposal last, and by whom. */
  readonly #written = new Map<string, { readonly at: number; readonly by: Reading }>();
  readonly #expiredAt = new Map<string, number>();
  /** What the row of each proposal is to say; undefined where the proposal is not there. */
  readonly #sayings = new Map<string, History<string | undefined>>();
  #serial = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#active = {
      orders: new History<FindingState>(undefined),
      web: new History<FindingState>(undefined),
      idle: new History<FindingState>(undefined),
      password: new History<FindingState>(undefined),
      keys: new History<FindingState>(undefined),
    };
  }

  /** @returns what was wrong at a write, and at the end */
  async run(): Promise<readonly string[]> {
    // Where little changes, nothing excuses what is said wrongly.
    const restlessness = 0.6 * this.#random() ** 2;
    // What is shared needs findings about both who have it.
    for (const type of ['orders', 'web'] as const) if (this.#chance(0.7)) this.#begin(type);
    const decisiveness = this.#chance(0.5) ? 0.4 * this.#random() : 0;
    this.#mayBeRefused = this.#chance(0.15);
    for (let turn = 0; turn < TURNS; turn += 1) {
      if (this.#mayBeRefused && this.#chance(0.15)) this.#isRefused = !this.#isRefused;
      if (this.#chance(restlessness)) this.#change();
      if (this.#chance(0.1)) this.#beginSweep();
      if (this.#chance(0.03)) this.#expire();
      if (this.#chance(decisiveness)) this.#decide();
      if (this.#chance(0.02)) this.#grownAt ??= this.#seconds();
      for (let n = this.#below(4); n > 0; n -= 1) this.#deliver();
      for (let n = this.#below(30); n > 0; n -= 1) await this.#step();
    }
    this.#isQuiet = true;
    this.#endLeft();
    await this.#drain();
    // Processes with an older catalogue are gone by then.
    this.#idle = this.#idle.filter(({ catalogue }) => catalogue === this.#newest());
    this.#now += DECISIONS_AGE;
    const swept = this.#now;
    this.#beginSweep();
    this.#sharedWasLookedAt = false;
    await this.#drain();
    await this.#lookAtAll(swept);
    return [...this.#wrongs];
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #next(name: string): string {
    this.#serial += 1;
    return `${name}-${String(this.#serial)}`;
  }

  async #drain(): Promise<void> {
    for (let turn = 0; turn < 40_000; turn += 1) {
      if (this.#waiting.length > 0) await this.#step();
      else if (this.#running.size > 0) await settled();
      else if (this.#messages.length > 0) this.#deliver();
      else return;
    }
    this.#wrongs.add('the simulation does not come to an end');
  }

  /** Lets one process go on, or die. */
  async #step(): Promise<void> {
    const [one] = this.#waiting.splice(this.#below(this.#waiting.length), 1);
    this.#now += this.#below(1_500);
    if (!one) return;
    const { process } = one;
    if (!this.#isQuiet && (this.#chance(0.02) || this.#now > process.deadline)) {
      process.isDead = true;
      this.#running.delete(process);
      process.onDeath();
      return;
    }
    one.go();
    await settled();
  }

  /** Every await of a process is one of these: others may go on first, or it ends here. */
  #pause(process: Running): Promise<void> {
    if (process.isDead) return new Promise(() => undefined);
    return new Promise((go) => this.#waiting.push({ process, go }));
  }

  #clock(process: Running): Clock {
    return {
      now: () => '2026-11-29T00:00:00.000Z',
      remainingMillis: () => (this.#isQuiet ? 900_000 : process.deadline - this.#now),
    };
  }

  /* What changes. */

  #change(): void {
    const type = TYPES[this.#below(TYPES.length)] ?? 'keys';
    if (this.#chance(0.35)) this.#changePolicies();
    const now = this.#active[type].now;
    if (now === undefined) this.#begin(type);
    else if (this.#chance(0.35)) this.#vary(type, now);
    else if (this.#chance(0.4)) {
      // The analyzer is made again: the same finding under another id.
      this.#findings.delete(now.id);
      this.#begin(type);
    } else this.#end(type, now);
    const { now: active } = this.#active[type];
    if (active) this.#event(active.id, active.resource);
  }

  #changePolicies(): void {
    const { now } = this.#policies;
    const which = this.#below(5);
    const shift = (value: number, count: number): number => (value + 1 + this.#below(count - 1)) % count;
    const orders = ([0, 1, 2] as const)[shift(now.orders, 3)] ?? 0;
    const shared = now.shared === 0 ? 1 : 0;
    if (which === 1) this.#endLeft();
    if (which === 2) {
      const { id, versions } = this.#shared;
      this.#shared = this.#chance(0.5)
        ? { id, versions: [...versions, shared] }
        : { id: this.#next('policy'), versions: [shared] };
    }
    this.#policies.add(this.#now, {
      orders: which === 0 ? orders : now.orders,
      isMoved: which === 1 ? !now.isMoved : now.isMoved,
      shared: which === 2 ? shared : now.shared,
      holders: which === 3 ? (now.holders === 1 ? 2 : 1) : now.holders,
      isQuarantined: which === 4 ? !now.isQuarantined : now.isQuarantined,
    });
    const active = this.#active.orders.now;
    if (which !== 1 || !active) return;
    // A role that is made again has a finding of its own; that about the other one ends, sooner or later.
    if (this.#chance(0.3)) this.#end('orders', active);
    else {
      this.#left.add(this.#now, [active]);
      this.#active.orders.add(this.#now, undefined);
      this.#event(active.id, active.resource);
    }
    this.#begin('orders');
  }

  #endLeft(): void {
    for (const { id, resource } of this.#left.now) {
      this.#close(id);
      this.#event(id, resource);
    }
    this.#left.add(this.#now, []);
  }

  #begin(type: Type): void {
    const id = this.#next(type);
    const variant = this.#below(VARIANTS[type]);
    this.#set(type, { id, variant, resource: resourceOf(type, this.#policies.now) });
  }

  #vary(type: Type, now: NonNullable<FindingState>): void {
    this.#set(type, { ...now, variant: this.#below(VARIANTS[type]) });
  }

  #set(type: Type, state: NonNullable<FindingState>): void {
    const { id, variant, resource } = state;
    this.#findings.set(id, { ...findingOf(type, id, variant, this.#policies.now), resource });
    this.#active[type].add(this.#now, state);
  }

  #end(type: Type, { id, resource }: NonNullable<FindingState>): void {
    this.#close(id);
    this.#active[type].add(this.#now, undefined);
    this.#event(id, resource);
  }

  #close(id: string): void {
    const old = this.#findings.get(id);
    if (old && this.#chance(0.5)) this.#findings.set(id, { ...old, status: 'RESOLVED' });
    else this.#findings.delete(id);
  }

  /** An event may be lost; the next sweep makes it good. */
  #event(findingId: string, resource: string): void {
    if (this.#chance(0.25)) return;
    this.#messages.push({
      kind: 'finding',
      reference: { analyzerArn: ANALYZER, findingId, accountId: ACCOUNT, resource },
    });
  }

  #beginSweep(): void {
    this.#messages.push({ kind: 'sweep', sweep: newSweep(ANALYZER, this.#next('sweep')) });
  }

  /** The bucket forgets a proposal, and what is said of it then or later. */
  #expire(): void {
    // Nothing expires that was written a moment ago.
    const isOld = (at = 0): boolean => at < this.#now - CLOCKS;
    const prefixes = [...this.#proposals].flatMap(([prefix, { at }]) =>
      isOld(at) && isOld(this.#states.get(prefix)?.at) ? [prefix] : [],
    );
    const prefix = prefixes[this.#below(prefixes.length)];
    if (prefix === undefined) return;
    this.#proposals.delete(prefix);
    this.#expiredAt.set(prefix, this.#now);
    if (this.#chance(0.5)) this.#states.delete(prefix);
    // In a bucket nothing expires that was written a moment ago, so this is no race to look for.
    this.#written.delete(prefix);
    this.#say(prefix);
  }

  /** Somebody decides, a day passes, or decisions are lost. */
  #decide(): void {
    if (this.#chance(0.2)) {
      this.#days += 1;
      this.#note();
      return;
    }
    if (this.#chance(0.05)) {
      this.#decisions = undefined;
      this.#recorded = [];
      this.#note();
      return;
    }
    this.#messages.push({ kind: 'decision', decision: this.#someDecision() });
  }

  #someDecision(): Decision {
    const proposals = [...this.#proposals.values()];
    const stored = proposals[this.#below(proposals.length)];
    const by = this.#next('person');
    const until = this.#chance(0.5) ? { until: this.#day(this.#below(3)) } : {};
    const common = { reason: by, by, on: this.#day(0), ...until };
    if (!stored || this.#chance(0.5)) {
      const abouts = [
        ...[resourceOf('orders', this.#policies.now), resourceOf('web', this.#policies.now)],
        ...[SHARED_ARN, ACCOUNT],
      ];
      const patterns = ['s3:PutObject', 's3:*', 'sqs:PurgeQueue'];
      const about = abouts[this.#below(abouts.length)] ?? ACCOUNT;
      return { ...common, about, decision: 'keep', keep: [patterns[this.#below(patterns.length)] ?? ''] };
    }
    const { proposal } = stored;
    const { proposalId, kind, risk } = proposal;
    const about = isAboutPrincipal(proposal) ? proposal.principal.arn : proposal.subject.arn;
    const levels = risk ? levelsIn(risk.removed.levels) : [];
    const meant = { proposalId, kind, levels, highImpact: risk?.removed.highImpact ?? [] };
    if (this.#chance(0.2)) return { ...common, about, decision: 'accept', proposal: meant };
    const unless = (['changed', 'riskier', undefined] as const)[this.#below(3)];
    return { ...common, about, decision: 'reject', proposal: meant, ...(unless && { unless }) };
  }

  #day(ahead: number): string {
    return new Date(FIRST_DAY + (this.#days + ahead) * DAY).toISOString().slice(0, 10);
  }

  #note(): void {
    this.#inForce.add(
      this.#now,
      this.#recorded.filter(({ until }) => until === undefined || until >= this.#day(0)),
    );
  }

  /** The bucket's object about decisions, with the conditional writes of S3. */
  #decisionObjects(wait: () => Promise<void>, written: () => void) {
    return {
      read: async <T>(_: string, parse: (text: string) => Result<T>) => {
        await wait();
        const there = this.#decisions;
        const parsed = there && parse(there.text);
        if (parsed?.ok === false) throw new RangeError(parsed.problem);
        return parsed && { value: parsed.value, etag: there?.etag ?? '', storedAt: undefined };
      },
      put: async (_: string, text: string, { onlyIf }: Put = {}) => {
        await wait();
        const holds = onlyIf === 'absent' ? !this.#decisions : this.#decisions?.etag === onlyIf?.etag;
        if (!holds) return undefined;
        const etag = this.#next('etag');
        this.#decisions = { text, etag };
        written();
        await wait();
        return { etag };
      },
    };
  }

  #decisionSource(): DecisionSource {
    const now = (): string => new Date(FIRST_DAY + this.#days * DAY + this.#now - FIRST_MOMENT).toISOString();
    const objects = this.#decisionObjects(
      () => Promise.resolve(),
      () => undefined,
    );
    return new S3Decisions(objects, { now, remainingMillis: () => 0 });
  }

  #decisionsFor(process: Running): DecisionSource {
    return {
      inForce: async (accountId) => {
        await this.#pause(process);
        return this.#readers[this.#below(this.#readers.length)]?.inForce(accountId) ?? [];
      },
    };
  }

  /** What was decided before stays, but for what it takes the place of. */
  async #record(decision: Decision, process: Running): Promise<void> {
    const objects = this.#decisionObjects(
      () => this.#pause(process),
      () => {
        this.#recorded = [...this.#recorded.filter((one) => !isSameQuestion(one, decision)), decision];
        this.#note();
      },
    );
    await recordDecision(new S3DecisionStore(objects, ACCOUNT), decision);
  }

  /* The processes. */

  #deliver(): void {
    const [message] = this.#messages.splice(this.#below(this.#messages.length), 1);
    if (!message) return;
    // Copies of one account's job matter where they stop at different places.
    const isJob = message.kind === 'job';
    if (!this.#isQuiet && this.#chance(isJob ? 0.4 : 0.1)) this.#messages.push(message);
    const again = (): void => {
      this.#messages.push(message);
    };
    const since = this.#now;
    // Sometimes so little is left that the work is cut short.
    const millis = this.#chance(isJob ? 0.5 : 0.2) ? 62_000 + this.#below(30_000) : 900_000;
    const environment = this.#environment();
    const process: Running = { environment, isDead: false, deadline: since + millis, onDeath: again };
    this.#running.add(process);
    const end = (): void => {
      this.#running.delete(process);
      if (this.#idle.length < MOST_IDLE) this.#idle.push(environment);
    };
    this.#work(message, process).then(end, (error: unknown) => {
      end();
      if (error instanceof TypeError || error instanceof RangeError) this.#wrongs.add(error.message);
      again();
    });
  }

  /** One that waits, or a new one. */
  #environment(): Environment {
    const [known] = this.#chance(0.8) ? this.#idle.splice(this.#below(this.#idle.length), 1) : [];
    if (known) return known;
    const client = {
      send: () =>
        !this.#isQuiet && this.#chance(0.2)
          ? Promise.reject(serviceError('AccessDeniedException', 403))
          : Promise.resolve({ AlternateContact: { EmailAddress: OWNER } }),
    };
    const settings = { contact: 'operations', homeAccountId: ACCOUNT, refused: () => undefined } as const;
    const now = (): number => this.#now;
    return {
      catalogue: this.#newest(),
      since: this.#grownAt ?? -Infinity,
      managed: new ManagedPolicies(now),
      contacts: new AlternateContacts(client as unknown as AccountClient, settings, now),
    };
  }

  #newest(): Catalogue {
    return this.#grownAt === undefined ? CATALOGUES.older : CATALOGUES.newer;
  }

  async #work(message: Message, process: Running): Promise<void> {
    await this.#pause(process);
    switch (message.kind) {
      case 'finding':
        return this.#refine(message.reference, process, undefined);
      case 'job':
        return this.#job(message.job, process);
      case 'notice':
        return this.#notify(message, process);
      case 'sweep':
        return this.#sweep(message.sweep, process);
      case 'decision':
        return this.#record(message.decision, process);
      default:
        return message satisfies never;
    }
  }

  /** @param whole where the account was read as a whole before */
  async #refine(
    reference: FindingReference,
    process: Running,
    whole:
      | { readonly memory: BulkPolicies; readonly since: number; readonly found: (finding: Finding) => void }
      | undefined,
  ): Promise<void> {
    const live = this.#live(process);
    const reading = this.#reading();
    const { catalogue, since: storedAt } = process.environment;
    const repository = this.#repository(process, reading);
    const lifecycle = new ProposalLifecycle({
      store: this.#store(process, reading),
      repository,
      policies: live,
      catalogueChanges: new CatalogueChanges({
        catalogue: { load: () => Promise.resolve(catalogue), since: () => Promise.resolve(storedAt) },
        store: {
          version: (version) =>
            Promise.resolve(KEPT_CATALOGUES.find(({ origin }) => origin.version === version)),
        },
        embedded: () => CATALOGUES.older,
        repository,
      }),
      opinions: [],
      noted: () => undefined,
    });
    const findings: FindingSource = {
      getFinding: async ({ findingId }) => {
        await this.#pause(process);
        if (!this.#isQuiet && this.#chance(0.08)) {
          throw new AdapterError('Access Analyzer does not answer', 'retry', 'unavailable');
        }
        const finding = this.#findings.get(findingId);
        if (finding) whole?.found(finding);
        return finding ? { kind: 'found', finding } : { kind: 'gone' };
      },
    };
    await lifecycle.refine(reference, whole?.since, async (store, isLive) => {
      const policies = isLive || !whole ? live : whole.memory;
      reading.isUnderWay = true;
      // What a job has read may be as old as its beginning.
      if (!isLive && whole) reading.since = whole.since - CLOCKS;
      try {
        return await proposeRefinement(reference, {
          ...PROPOSING,
          decisions: this.#decisionsFor(process),
          catalogue,
          findings,
          policies,
          tags: { tagsOf: () => Promise.resolve([]) },
          store,
          clock: this.#clock(process),
        });
      } finally {
        reading.isUnderWay = false;
      }
    });
  }

  #live(process: Running) {
    return {
      getPrincipal: async (principal: PrincipalRef): Promise<PrincipalAnswer> => {
        // Read at several moments, it might never have been so at once. That is not looked for here.
        for (;;) {
          await this.#pause(process);
          const { now } = this.#policies;
          const answer = await memoryOf(now).index.getPrincipal(principal);
          if (answer.kind === 'gone') return answer;
          const grants: Grant[] = [];
          for (const grant of answer.principal.grants) {
            if (grant.managed?.arn !== SHARED_ARN) grants.push(grant);
            else {
              const { document } = await process.environment.managed.get(this.#iam(process), SHARED_ARN);
              grants.push({ ...grant, document });
            }
          }
          if (now === this.#policies.now)
            return { kind: 'found', principal: { ...answer.principal, grants } };
        }
      },
    };
  }

  /** IAM, as far as it is about the shared policy. */
  #iam(process: Running): IAMClient {
    const send = async (command: GetPolicyCommand | GetPolicyVersionCommand) => {
      await this.#pause(process);
      const { id, versions } = this.#shared;
      if (command instanceof GetPolicyCommand) {
        const DefaultVersionId = `v${String(versions.length)}`;
        return { Policy: { PolicyId: id, DefaultVersionId, AttachmentCount: this.#policies.now.holders } };
      }
      const shared = versions[Number(command.input.VersionId?.slice(1)) - 1];
      if (shared === undefined) throw serviceError('NoSuchEntityException', 404);
      return { PolicyVersion: { Document: sharedDocument(shared) } };
    };
    return { send } as unknown as IAMClient;
  }

  #reading(): Reading {
    return {
      since: this.#now,
      isUnderWay: false,
      known: new Set(),
      own: new Map(),
      overviewSince: this.#now,
    };
  }

  #store(process: Running, reading: Reading): ProposalStore {
    return {
      put: async (draft, finish) => {
        const { proposal } = await finish();
        await this.#pause(process);
        const prefix = prefixOf(draft);
        reading.known.add(prefix);
        reading.own.set(prefix, this.#now);
        if (this.#proposals.has(prefix)) return { prefix, outcome: 'exists' };
        await this.#lookAt(prefix, proposal, 'is stored', reading, (isSo) => isSo);
        this.#proposals.set(prefix, { proposal, text: renderProposal(proposal), at: this.#seconds() });
        // One that expired may be stored again while an older reading goes on. What is said of it then is still the state
        // that was left, and that reading compares its version; the next sweep says it anew.
        this.#say(prefix, this.#states.has(prefix) ? undefined : reading);
        this.#messages.push({ kind: 'notice', key: `${prefix}proposal.json`, isNews: true });
        await this.#pause(process);
        return { prefix, outcome: 'stored' };
      },
    };
  }

  #repository(process: Running, reading: Reading): ProposalRepository {
    return {
      list: async (below) => {
        await this.#pause(process);
        const isBeginning = !reading.isUnderWay;
        if (isBeginning) {
          reading.since = this.#now;
          reading.known.clear();
          reading.own.clear();
        }
        const proposals: ListedProposal[] = [];
        const leftOver: ListedProposal[] = [];
        for (const prefix of new Set([...this.#proposals.keys(), ...this.#states.keys()])) {
          if (!prefix.startsWith(below)) continue;
          if (isBeginning) reading.known.add(prefix);
          if (reading.own.has(prefix)) reading.own.set(prefix, this.#now);
          const stored = this.#proposals.get(prefix);
          const said = this.#states.get(prefix);
          (stored ? proposals : leftOver).push({
            prefix,
            proposalId: prefix.split('/').at(-2) ?? '',
            storedAt: stored?.at,
            hasState: said !== undefined,
            stateVersion: said && versionOf(said),
            stateAt: said?.at,
          });
        }
        return { proposals, leftOver, withheld: [] };
      },
      read: async (prefix) => {
        await this.#pause(process);
        return this.#proposals.get(prefix)?.proposal;
      },
      readState: async (prefix) => {
        await this.#pause(process);
        return this.#states.get(prefix)?.state;
      },
      findingOf: async (prefix) => {
        await this.#pause(process);
        const proposal = this.#proposals.get(prefix)?.proposal;
        return proposal && isAboutPrincipal(proposal) ? proposal.finding.id : undefined;
      },
      noteReopened: async (prefix) => {
        await this.#pause(process);
        this.#records.again.add(prefix);
      },
      mark: async (prefix, state, version) => {
        await this.#pause(process);
        const there = this.#states.get(prefix);
        if ((there && versionOf(there)) !== version) return undefined;
        const proposal = this.#proposals.get(prefix)?.proposal;
        // What was read has expired since, and the same was stored again with no state left: the store has no condition for
        // that. Whoever stored it reads once more.
        const isOfExpired = (this.#expiredAt.get(prefix) ?? -1) >= reading.since;
        const isSaidAgain = isOfExpired || sayingOf(there?.state, proposal) === sayingOf(state, proposal);
        if (!isSaidAgain) this.#lookAtOrder(prefix, reading);
        if (proposal && !isSaidAgain && !reading.known.has(prefix)) {
          this.#wrongs.add(`${prefix} is called ${state.state}, and was not there when that was read`);
        }
        if (proposal && !isSaidAgain) {
          const isCurrent = state.state === 'current';
          // What is settled may be so because of the finding that it rested on before.
          const rests = isCurrent ? state.finding?.id : there?.state.finding?.id;
          await this.#lookAt(
            prefix,
            proposal,
            `is called ${state.state} (${state.reason})`,
            reading,
            (isSo) => isSo === isCurrent,
            rests,
          );
        }
        this.#states.set(prefix, { state, at: this.#seconds() });
        this.#say(prefix, reading);
        // The notice of a state may be lost; the next sweep makes it good.
        const isLost = !this.#isQuiet && this.#chance(0.1);
        if (!isLost) this.#messages.push({ kind: 'notice', key: `${prefix}proposal.json`, isNews: false });
        await this.#pause(process);
        return versionOf({ state });
      },
      readWithheld: () => Promise.resolve(undefined),
      withhold: () => Promise.resolve(),
    };
  }

  async #job(job: AccountJob, process: Running): Promise<void> {
    const key = `${job.sweepId}/${job.accountId}`;
    const send = (next: AccountJob): void => {
      this.#messages.push({ kind: 'job', job: next });
    };
    const once = async <T>(map: Map<string, T>, at: string, value: T): Promise<T> => {
      await this.#pause(process);
      const kept = map.get(at) ?? value;
      map.set(at, kept);
      return kept;
    };
    const lookUp = async <T>(map: ReadonlyMap<string, T>, at: string): Promise<T | undefined> => {
      await this.#pause(process);
      return map.get(at);
    };
    const clock = this.#clock(process);
    await refineAccountJob(job, {
      isLeftAlone: () => Promise.resolve(false),
      makeMemory: () => new BulkPolicies(this.#live(process), { tagsOf: () => Promise.resolve([]) }),
      pages: {
        read: async () => {
          await this.#pause(process);
          return pageOf(this.#policies.now);
        },
      },
      records: {
        swept: async () => {
          await this.#pause(process);
          const found = this.#records.accounts.get(key);
          if (!found) throw new Error('nothing is kept for this job');
          return found;
        },
        page: (_, number) => lookUp(this.#pages, `${key}/${String(number)}`),
        keepPage: (_, number, page) => once(this.#pages, `${key}/${String(number)}`, page),
        unused: (_, number) => lookUp(this.#parts, `${key}/${String(number)}`),
        keepUnused: (_, number, part) => once(this.#parts, `${key}/${String(number)}`, part),
      },
      refine: (reference, memory, since, found) => this.#refine(reference, process, { memory, since, found }),
      queue: {
        send: async (references) => {
          await this.#pause(process);
          for (const reference of references) this.#messages.push({ kind: 'finding', reference });
        },
      },
      jobs: {
        send: async (next) => {
          await this.#pause(process);
          send(next);
        },
      },
      proposeShared: async ({ memory, since, shown, unused }) => {
        const reading = this.#reading();
        const repository = this.#repository(process, reading);
        const inventory = memory.index.inventory(ACCOUNT);
        const after = await proposeSharedSlice(
          { inventory, unused, since, shown, after: job.shared },
          {
            ...PROPOSING,
            decisions: this.#decisionsFor(process),
            catalogue: process.environment.catalogue,
            tags: memory,
            clock,
            tell: () => Promise.resolve(),
            lifecycle: {
              store: this.#store(process, reading),
              repository: {
                ...repository,
                list: async (below) => {
                  const listing = await repository.list(below);
                  reading.since = since - CLOCKS;
                  return listing;
                },
              },
              noted: () => undefined,
              failed: (prefix) => this.#wrongs.add(`${prefix} cannot be judged`),
            },
          },
        );
        if (after === undefined) this.#sharedWasLookedAt = true;
        return after;
      },
      clock,
    });
  }

  async #notify({ key, isNews }: { readonly key: string; readonly isNews: boolean }, process: Running) {
    const reading = this.#reading();
    const objects = this.#objects(process, reading);
    const outcome = await notifyProposals([{ messageId: 'm', key, isNews }], {
      reader: new S3ProposalReader(objects, () => ''),
      overview: new S3Overview(objects),
      repository: this.#repository(process, reading),
      owners: { contacts: process.environment.contacts },
      page: () => '',
      notifier: {
        publish: async ({ text }) => {
          await this.#pause(process);
          if (!this.#isQuiet && this.#chance(0.1)) throw new Error('SNS does not answer');
          for (const prefix of text.split(' ')) this.#told.add(prefix);
        },
      },
      compose: (all) => ({
        subject: '',
        text: all.map(({ prefix }) => prefix).join(' '),
        json: '',
        attributes: { accountIds: [], kinds: [], proposalCount: all.length },
      }),
      chat: undefined,
      clock: this.#clock(process),
    });
    for (const { error } of outcome.failures) {
      // Nothing happens here where a retry does not help.
      const isRefusal = error instanceof AdapterError && error.code === 'access-denied';
      if (isRefusal && this.#mayBeRefused) continue;
      if (error instanceof AdapterError && error.decision === 'permanent') this.#wrongs.add(error.message);
    }
    if (outcome.failed.length > 0) throw new Error('comes again');
  }

  /** The overview, and the proposals and states as they are read for it, as S3 answers. */
  #objects(process: Running, reading: Reading): S3Objects {
    const send = async (
      command: GetObjectCommand | HeadObjectCommand | PutObjectCommand | ListObjectsV2Command,
    ) => {
      const { Key: key = '' } = 'Key' in command.input ? command.input : {};
      // Both objects of a proposal are read at once.
      if (!key.endsWith(STATE_OBJECT)) await this.#pause(process);
      if (command instanceof PutObjectCommand) return this.#putIndex(command, reading);
      if (command instanceof ListObjectsV2Command) {
        const { Prefix: Key = '' } = command.input;
        return { Contents: this.#object(Key) === undefined ? [] : [{ Key }] };
      }
      if (key === INDEX_DATA_OBJECT && command instanceof GetObjectCommand) reading.overviewSince = this.#now;
      if (command instanceof GetObjectCommand && !this.#isQuiet && this.#chance(0.02)) {
        throw serviceError('RequestTimeTooSkewed', 403);
      }
      const text = this.#object(key);
      if (text === undefined)
        throw serviceError(command instanceof GetObjectCommand ? 'NoSuchKey' : 'NotFound', 404);
      return { ETag: text, Body: { transformToString: () => Promise.resolve(text) } };
    };
    return new RememberingObjects({ send } as unknown as S3Client, 'bucket');
  }

  #object(key: string): string | undefined {
    if (key === INDEX_DATA_OBJECT) return this.#index?.text;
    const { prefix = '', object } = proposalObject(key) ?? {};
    const said = this.#states.get(prefix);
    if (object === STATE_OBJECT) return said && renderState(said.state);
    return this.#proposals.get(prefix)?.text;
  }

  #putIndex({ input }: PutObjectCommand, reading: Reading): { readonly ETag: string } {
    const text = input.Body as string;
    if (!this.#isQuiet && this.#isRefused) throw serviceError('AccessDenied', 403);
    if (input.Key === INDEX_OBJECT) return { ETag: '' };
    if (input.IfMatch !== this.#index?.text) throw serviceError('PreconditionFailed', 412);
    // Somebody else writes at this moment, or has deleted it and puts it back.
    if (!this.#isQuiet && this.#chance(0.03)) throw serviceError('ConditionalRequestConflict', 409);
    if (!this.#isQuiet && input.IfMatch !== undefined && this.#chance(0.03))
      throw serviceError('NoSuchKey', 404);
    const rows = parsed(INDEX_DATA_OBJECT, text, readIndexData);
    if (!rows.ok) throw new TypeError(rows.problem);
    this.#lookAtRows(rows.value, reading);
    this.#index = { text, rows: rows.value };
    return { ETag: text };
  }

  async #sweep(sweep: SweepContinuation, process: Running): Promise<void> {
    const objects = this.#objects(process, this.#reading());
    await sweepFindings(sweep, {
      findings: {
        listActive: async () => {
          await this.#pause(process);
          const references = [...this.#findings.values()].flatMap(({ id: findingId, status, resource }) =>
            status === 'ACTIVE' ? [{ analyzerArn: ANALYZER, findingId, accountId: ACCOUNT, resource }] : [],
          );
          return { references, nextToken: undefined };
        },
      },
      records: {
        begin: async (sweepId) => {
          await this.#pause(process);
          const since = this.#begun.get(sweepId) ?? this.#seconds();
          this.#begun.set(sweepId, since);
          await this.#pause(process);
          return since;
        },
        keepListing: async (...of) => {
          await this.#pause(process);
          return this.#records.keepListing(...of);
        },
        listing: (...of) => this.#records.listing(...of),
        reopened: async () => {
          await this.#pause(process);
          return this.#records.reopened();
        },
        keepAccount: async (sweepId, accountId, found) => {
          await this.#pause(process);
          return this.#records.keepAccount(sweepId, accountId, found);
        },
      },
      bulkThreshold: this.#chance(0.6) ? 1 : 1_000,
      jobs: {
        send: async (job) => {
          await this.#pause(process);
          this.#messages.push({ kind: 'job', job });
        },
      },
      queue: {
        send: async (references) => {
          await this.#pause(process);
          for (const reference of references) this.#messages.push({ kind: 'finding', reference });
        },
      },
      rest: {
        continueLater: async (rest) => {
          await this.#pause(process);
          this.#messages.push({ kind: 'sweep', sweep: rest });
        },
      },
      overview: new S3Overview(objects),
      proposals: new S3ProposalReader(objects, () => ''),
      clock: this.#clock(process),
    });
  }

  /** A store tells whole seconds. */
  #seconds(): number {
    return Math.floor(this.#now / 1_000) * 1_000;
  }

  /* What is looked at. */

  /** Notes what is said of a proposal from now on. */
  #say(prefix: string, reading?: Reading): void {
    if (reading) this.#written.set(prefix, { at: this.#now, by: reading });
    const { proposal } = this.#proposals.get(prefix) ?? {};
    const saying = proposal && showingOf(this.#states.get(prefix)?.state, proposal);
    const known = this.#sayings.get(prefix) ?? new History<string | undefined>(undefined);
    known.add(this.#now, saying);
    this.#sayings.set(prefix, known);
  }

  /** Whether nobody else has written of the same since the reading began, by the exact time. */
  #lookAtOrder(prefix: string, reading: Reading): void {
    const last = this.#written.get(prefix);
    // The store tells whole seconds.
    const since = reading.own.get(prefix) ?? reading.since;
    if (!last || last.by === reading || last.at < since + 1_000) return;
    this.#wrongs.add(`${prefix} is written of by a reading that is older than what was written of it`);
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
    this.#wrongs.add(`${prefix} ${what}, which was never so since that was read`);
  }

  async #truths(
    prefix: string,
    proposal: Proposal,
    since: number,
    rests: string | undefined,
  ): Promise<readonly boolean[]> {
    const truths: boolean[] = [];
    const policies = this.#policies.since(since);
    const decided = this.#inForce.since(since - DECISIONS_AGE);
    const has = (made: readonly Made[]): boolean => made.some((one) => one.prefix === prefix);
    if (!isAboutPrincipal(proposal)) {
      for (const now of policies) {
        for (const orders of this.#active.orders.since(since)) {
          for (const web of this.#active.web.since(since)) {
            for (const given of decided) truths.push(has(await expectedShared(orders, web, now, given)));
          }
        }
      }
      return truths;
    }
    const type = typeOf(proposal);
    const id = rests ?? proposal.finding.id;
    const left = this.#left
      .since(since)
      .flat()
      .filter((one) => type === 'orders' && one.id === id);
    for (const now of policies) {
      for (const finding of [...this.#active[type].since(since), ...left]) {
        for (const given of decided)
          truths.push(finding?.id === id && has(await expectedOf(type, finding, now, given)));
      }
    }
    return truths;
  }

  /** Whether each row that changes says what was so since the overview was read, or where it is new since the notice was. */
  #lookAtRows(rows: readonly ProposalFacts[], { since, overviewSince }: Reading): void {
    const shown = this.#index?.rows ?? [];
    const before = new Map(shown.map((facts) => [facts.prefix, facts]));
    const places = new Set(shown.map(placeOf));
    for (const facts of rows) {
      const own = before.get(facts.prefix);
      if (own?.owner !== undefined && facts.owner === undefined) {
        this.#wrongs.add(`a row says of ${facts.prefix} that nobody owns it, which nobody has said`);
      }
      if (own && rowOf(own) === rowOf(facts)) continue;
      const from = own || places.has(placeOf(facts)) ? overviewSince : since;
      if (this.#sayings.get(facts.prefix)?.since(from).includes(rowOf(facts)) === true) continue;
      this.#wrongs.add(
        `a row says ${rowOf(facts)} of ${facts.prefix}, which was never so since that was read`,
      );
    }
    const kept = new Set(rows.map(({ prefix }) => prefix));
    for (const { prefix, state } of shown) {
      if (state !== undefined) continue;
      const sayings = this.#sayings.get(prefix)?.since(overviewSince) ?? [];
      if (kept.has(prefix) || !sayings.every((saying) => saying?.startsWith('current') === true)) continue;
      this.#wrongs.add(`the row of ${prefix} is dropped, which was current since that was read`);
    }
  }

  /** @param swept when the last sweep began, which alone has read what stands there */
  async #lookAtAll(swept: number): Promise<void> {
    const stateOf = (prefix: string): string => this.#states.get(prefix)?.state.state ?? 'current';
    const current = [...this.#proposals.keys()].filter((prefix) => stateOf(prefix) === 'current').sort();
    const { now } = this.#policies;
    const decided = this.#inForce.now;
    const expected: string[] = [];
    const add = (made: readonly Made[]): void => {
      expected.push(...made.map(({ prefix }) => prefix));
    };
    for (const type of TYPES) add(await expectedOf(type, this.#active[type].now, now, decided));
    // Where nothing shared was shown, nobody reads an account of few findings as a whole.
    if (this.#sharedWasLookedAt) {
      add(await expectedShared(this.#active.orders.now, this.#active.web.now, now, decided));
    }
    await this.#lookAtDecisions();
    for (const prefix of current) this.#lookAtDecided(prefix, swept);
    this.#compare('current', current, expected);
    const rows = this.#index?.rows ?? [];
    const shown = rows.filter(({ state }) => state === undefined).map(({ prefix }) => prefix);
    this.#compare('shown as current', shown, current);
    const active = new Set(TYPES.map((type) => this.#active[type].now?.id));
    for (const row of rows) {
      const state = row.state?.name ?? 'current';
      const { proposal } = this.#proposals.get(row.prefix) ?? {};
      const saying = proposal && showingOf(this.#states.get(row.prefix)?.state, proposal);
      if (saying === undefined) this.#wrongs.add(`a row is ${state}, and has expired`);
      else if (saying !== rowOf(row)) this.#wrongs.add(`a row is ${rowOf(row)}, and ${saying}`);
      if (state === 'current' && !isShared(row) && !active.has(row.findingId)) {
        this.#wrongs.add(`a row rests on ${row.findingId}, which is not active`);
      }
    }
    for (const prefix of current) {
      if (!this.#told.has(prefix)) this.#wrongs.add(`nobody was told of ${prefix}`);
      const { proposal } = this.#proposals.get(prefix) ?? {};
      if (proposal?.kind !== 'refine-permissions' || proposal.principal.name !== 'Web') continue;
      const hasGrown = proposal.catalogue.version !== this.#newest().origin.version;
      const isSaid = this.#states.get(prefix)?.state.remark === 'catalogue-grew';
      if (isSaid !== hasGrown)
        this.#wrongs.add(`${prefix} ${isSaid ? 'has' : 'lacks'} the news of a catalogue`);
    }
  }

  /** Everything that somebody decided, was told to be recorded, and nobody lost, is there. */
  async #lookAtDecisions(): Promise<void> {
    const objects = this.#decisionObjects(
      () => Promise.resolve(),
      () => undefined,
    );
    const { decisions } = await new S3DecisionStore(objects, ACCOUNT).read();
    const by = (all: readonly Decision[]): readonly string[] => all.map((one) => one.by);
    this.#compare('decided', by(decisions), by(this.#recorded));
  }

  /** Whether it is said of a current proposal who accepted it, and who keeps something of its subject. */
  #lookAtDecided(prefix: string, swept: number): void {
    const { proposal, at = swept } = this.#proposals.get(prefix) ?? {};
    if (!proposal) return;
    const isShared = !isAboutPrincipal(proposal);
    // A sweep looks at decisions about what is shared only where that was there before.
    if (isShared && (!this.#sharedWasLookedAt || at >= swept - CLOCKS)) return;
    const { arn } = isShared ? proposal.subject : proposal.principal;
    const own = this.#inForce.now.filter(({ about }) => about === arn);
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

  #compare(what: string, is: readonly string[], shouldBe: readonly string[]): void {
    const [has, wants] = [is, shouldBe].map((all) => all.toSorted().join(' '));
    if (has !== wants) this.#wrongs.add(`${what}: ${has ?? ''}; it should be ${wants ?? ''}`);
  }
}

function versionOf({ state }: Pick<Said, 'state'>): string {
  return JSON.stringify(state);
}

/** What its row in the overview is to say: {@link sayingOf}, and why, where that is to be told. */
function showingOf(said: ProposalState | undefined, proposal: Proposal): string {
  const isTold = said !== undefined && (said.state !== 'current' || said.remark !== undefined);
  const decisions = said?.state === 'current' ? said.decisions : undefined;
  return `${sayingOf(said, proposal)}${because(isTold ? said.reason : undefined)}${clauses(decisions)}`;
}

/** The state of a proposal, and the finding that it rests on. */
function sayingOf(said: ProposalState | undefined, proposal: Proposal | undefined): string {
  const finding = proposal && isAboutPrincipal(proposal) ? proposal.finding.id : '';
  return `${said?.state ?? 'current'} on ${said?.finding?.id ?? finding}`;
}

/** Whether a decision is the later word about the same. */
function isSameQuestion(a: Decision, b: Decision): boolean {
  if (a.about !== b.about) return false;
  if (a.decision === 'keep' || b.decision === 'keep') {
    return a.decision === 'keep' && b.decision === 'keep' && a.keep.join() === b.keep.join();
  }
  const isKey = a.proposal?.kind === 'remove-access-key';
  return (
    a.proposal?.kind === b.proposal?.kind && (!isKey || a.proposal?.proposalId === b.proposal?.proposalId)
  );
}

function rowOf(facts: ProposalFacts): string {
  const remark = isShared(facts) ? undefined : facts.remark;
  return `${facts.state?.name ?? 'current'} on ${isShared(facts) ? '' : facts.findingId}${because(facts.state?.reason ?? remark)}${clauses(facts.decisions)}`;
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

function typeOf({ kind, principal }: Extract<Proposal, { readonly principal: unknown }>): Type {
  if (kind === 'remove-password') return 'password';
  if (kind === 'remove-access-key') return 'keys';
  if (kind === 'remove-role') return 'idle';
  return principal.name === 'Orders' ? 'orders' : 'web';
}

/** Everything that can go on without waiting has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** @returns what is wrong in one seed's run; nothing where all is well */
export async function simulate(seed: number): Promise<readonly string[]> {
  const wrong = await new Simulation(seed).run();
  return [...wrong, ...takeBreaches()];
}
