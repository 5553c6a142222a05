import type { AccountClient } from '@aws-sdk/client-account';
import { GetPolicyCommand, type GetPolicyVersionCommand, type IAMClient } from '@aws-sdk/client-iam';
import { BulkPolicies } from '../../../lambda/adapters/account/bulk-policies.ts';
import { ManagedPolicies } from '../../../lambda/adapters/aws/iam/managed-policies.ts';
import { AlternateContacts } from '../../../lambda/adapters/aws/organizations/alternate-contacts.ts';
import { S3Overview } from '../../../lambda/adapters/aws/s3/overview.ts';
import { S3ProposalReader, S3Proposals } from '../../../lambda/adapters/aws/s3/proposals.ts';
import { S3AccountRecords, S3SweepRecords } from '../../../lambda/adapters/aws/s3/sweeps.ts';
import { INDEX_DATA_OBJECT } from '../../../lambda/contract/object-keys.ts';
import type { Catalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import type { Grant, PrincipalRef } from '../../../lambda/core/model/principal.ts';
import type { AccountJob, UnusedOfPart } from '../../../lambda/ports/account.ts';
import type { Finding, FindingReference, FindingSource } from '../../../lambda/ports/findings.ts';
import type { LastAccessSource, PrincipalAnswer } from '../../../lambda/ports/policies.ts';
import type { ProposalStore } from '../../../lambda/ports/proposals.ts';
import type { SweepContinuation } from '../../../lambda/ports/sweep.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import { eachRecord } from '../../../lambda/runtime/invocation.ts';
import type { Telemetry } from '../../../lambda/runtime/telemetry.ts';
import { refineAccountJob } from '../../../lambda/use-cases/account/refine-account-job.ts';
import { proposeSharedSlice } from '../../../lambda/use-cases/account/shared-slice.ts';
import { CatalogueChanges } from '../../../lambda/use-cases/catalogue/catalogue-changes.ts';
import { ProposalLifecycle } from '../../../lambda/use-cases/lifecycle/proposal-lifecycle.ts';
import { notifyProposals } from '../../../lambda/use-cases/notify/notify-proposals.ts';
import { proposeRefinement } from '../../../lambda/use-cases/propose/propose-refinement.ts';
import { newSweep, sweepFindings } from '../../../lambda/use-cases/sweep/sweep-findings.ts';
import { serviceError } from '../../adapters/aws/support.ts';
import {
  ACCOUNT,
  ANALYZER,
  CATALOGUES,
  KEPT_CATALOGUES,
  memoryOf,
  pageOf,
  PROPOSING,
  SHARED_ARN,
  sharedDocument,
  takeBreaches,
} from './simulated-account.ts';
import { Bucket } from './simulated-bucket.ts';
import { Checks, CLOCKS, type Reading } from './simulated-checks.ts';
import { crowd } from './simulated-crowd.ts';
import { type Message, type Process, Processes, Queues } from './simulated-processes.ts';
import { OWNER, Setting } from './simulated-setting.ts';
import { DECISIONS_AGE, World } from './simulated-world.ts';

/*
 * Workers, account jobs, notifiers and sweeps as steps that a seed interleaves, over a bucket with conditional writes,
 * listings and times, while findings come, change, end and come again, policies change and are made again, a catalogue
 * grows, proposals expire, people decide about proposals, days pass, services refuse for a moment, processes die between
 * two awaits or run out of time, and messages come twice, late and out of order.
 *
 * At the end everything that is under way is done, one quiet sweep follows, and then what is stored, shown and told has
 * to be what is so.
 */

/** What an execution environment keeps from one invocation to the next. It ends with a process that dies. */
interface Environment {
  readonly catalogue: Catalogue;
  /** When that catalogue was stored. */
  readonly since: number;
  readonly managed: ManagedPolicies;
  readonly contacts: AlternateContacts;
}

/** One invocation. */
interface Invocation {
  readonly environment: Environment;
  readonly process: Process;
  readonly pause: () => Promise<void>;
  readonly readings: Reading[];
}

interface WholeAccount {
  readonly memory: BulkPolicies;
  readonly since: number;
  readonly found: (finding: Finding) => void;
}

const TURNS = 30;
/** Each of so many seeds is about a crowd. */
const CROWDED = 150;
/** Rows of a crowd. A sweep looks at the clock after each 500 of them. */
const CROWD = 1_100;
/** Messages that are sent at once. */
const AT_ONCE = 30;
/** Environments that wait for the next message. */
const MOST_IDLE = 4;
/** Milliseconds in which everything that is late arrives: until then, a finding that is not found may be a new one. */
const LATE = 15 * 60_000;
/** Findings handled at once. */
const WIDTH = 2;

class Simulation {
  readonly #setting: Setting;
  readonly #processes: Processes;
  readonly #queues: Queues;
  readonly #world: World;
  readonly #bucket: Bucket;
  readonly #checks: Checks;
  /** Whether no message is lost and findings alone change, so that nothing waits for a sweep. */
  readonly #isFaithful: boolean;
  /** Whether workers read when actions were last used. */
  readonly #readsUse: boolean;
  /** Whether there is much to do for a sweep and a notifier, and nothing else happens. */
  readonly #isCrowded: boolean;
  #idle: Environment[] = [];

  constructor(seed: number) {
    const setting = new Setting(seed);
    const isFaithful = setting.chance(0.2);
    const isCrowded = seed % CROWDED === 0;
    const queues = new Queues(setting, isFaithful, isCrowded);
    const bucket = new Bucket(setting);
    const world = new World({
      setting,
      isFaithful,
      tell: (reference) => {
        queues.findings([reference]);
      },
    });
    const notice = (key: string, isNews: boolean): void => {
      // The notice of a state may be lost; the next sweep makes it good.
      if (!isNews && !isFaithful && setting.trouble(0.3)) return;
      queues.send({ kind: 'notice', key, isNews });
    };
    this.#setting = setting;
    this.#isFaithful = isFaithful;
    this.#readsUse = setting.chance(0.5);
    this.#isCrowded = isCrowded;
    this.#processes = new Processes(setting, isCrowded);
    this.#queues = queues;
    this.#bucket = bucket;
    this.#world = world;
    this.#checks = new Checks({ setting, world, bucket, notice });
  }

  /** @returns what was wrong at a write, and at the end */
  async run(): Promise<readonly string[]> {
    const setting = this.#setting;
    if (this.#isCrowded) this.#checks.show(crowd(CROWD));
    await this.#play(this.#isCrowded ? 0 : TURNS);
    setting.isQuiet = true;
    this.#world.endLeft();
    setting.now += LATE;
    if (!(await this.#drain())) return [...setting.wrongs];
    if (this.#isFaithful && !this.#isCrowded) await this.#checks.lookWithoutSweep();
    // Processes with an older catalogue are gone by then.
    this.#idle = this.#idle.filter(({ catalogue }) => catalogue === this.#world.catalogue);
    setting.now += DECISIONS_AGE;
    const swept = setting.now;
    this.#beginSweep();
    this.#checks.sharedWasLookedAt = false;
    if (await this.#drain()) await this.#checks.lookAtAll(swept, this.#readsUse);
    return [...setting.wrongs];
  }

  async #play(turns: number): Promise<void> {
    const setting = this.#setting;
    // Where little changes, nothing excuses what is said wrongly.
    const restlessness = 0.6 * setting.below(1_000) ** 2 * 1e-6;
    // What is shared needs findings about both who have it.
    for (const type of ['orders', 'web'] as const) if (setting.chance(0.7)) this.#world.begin(type);
    const decisiveness = setting.chance(0.5) ? 0.4 * setting.below(100) * 0.01 : 0;
    const mayBeRefused = setting.chance(0.15);
    const isDeleted = setting.chance(0.15);
    const ends = setting.chance(0.1);
    for (let turn = 0; turn < turns; turn += 1) {
      if (setting.chance(restlessness)) this.#world.change();
      if (setting.chance(0.1)) this.#beginSweep();
      if (this.#readsUse && turn < turns / 2 && setting.chance(0.1)) this.#world.use();
      if (!this.#isFaithful) {
        if (mayBeRefused && setting.chance(0.15)) this.#refuse(INDEX_DATA_OBJECT);
        if (isDeleted && setting.chance(0.05)) this.#checks.deleteOverview();
        if (setting.chance(0.03)) this.#checks.expire();
        if (setting.chance(decisiveness)) this.#decide();
        if (setting.chance(0.02)) this.#world.grownAt ??= setting.seconds();
      }
      for (let n = setting.below(4); n > 0; n -= 1) this.#deliver();
      for (let n = setting.below(30); n > 0; n -= 1) await this.#processes.step();
    }
    if (ends) this.#world.endAll();
  }

  /** Has a key be refused, or not any more. */
  #refuse(key: string): void {
    if (!this.#bucket.refused.delete(key)) this.#bucket.refused.add(key);
  }

  #decide(): void {
    const decision = this.#world.decide(this.#checks.proposals());
    if (decision) this.#queues.send({ kind: 'decision', decision });
  }

  #beginSweep(): void {
    this.#queues.send({ kind: 'sweep', sweep: newSweep(ANALYZER, this.#setting.next('sweep')) });
  }

  #drain(): Promise<boolean> {
    return this.#processes.drain(() => {
      if (this.#queues.isEmpty) return false;
      this.#deliver();
      return true;
    });
  }

  /* The processes. */

  #deliver(): void {
    const message = this.#queues.receive();
    if (!message) return;
    this.#invoke(message);
    // Copies of one account's job matter where they run side by side, and stop at different places.
    if (message.kind === 'job' && this.#setting.trouble(0.4)) this.#invoke(message);
  }

  #invoke(message: Message): void {
    const { kind } = message;
    const left = new Set<Message>([message]);
    if (kind === 'finding' || kind === 'notice') {
      for (const one of this.#queues.receiveMore(kind)) left.add(one);
    }
    const millis = this.#millisFor(kind);
    const readings: Reading[] = [];
    const putBack = (): void => {
      for (const one of left) this.#queues.comesAgain(one);
    };
    const process = this.#processes.begin(millis, () => {
      for (const reading of readings) this.#checks.failed(reading);
      for (const one of left) if (one.kind === 'finding') one.attempts.begun = one.attempts.received;
      putBack();
    });
    const environment = this.#environment();
    const pause = (): Promise<void> => this.#processes.pause(process);
    const end = (): void => {
      this.#processes.end(process);
      if (this.#idle.length < MOST_IDLE) this.#idle.push(environment);
    };
    this.#work([...left], { environment, process, pause, readings }, left).then(
      () => {
        end();
        putBack();
      },
      (error: unknown) => {
        end();
        this.#lookAtError(error);
        putBack();
      },
    );
  }

  /** For how long Lambda lets an invocation go on. Sometimes so little is left that the work is cut short. */
  #millisFor(kind: Message['kind']): number {
    const isCrowd = this.#isCrowded && (kind === 'sweep' || kind === 'notice');
    if (!isCrowd && !this.#setting.chance(kind === 'job' ? 0.5 : 0.2)) return 900_000;
    if (isCrowd) return (kind === 'sweep' ? 38_000 : 48_000) + this.#setting.below(5_000);
    return (kind === 'finding' ? 31_000 : 62_000) + this.#setting.below(30_000);
  }

  #lookAtError(error: unknown): void {
    const isFault = [TypeError, RangeError, ReferenceError].some((one) => error instanceof one);
    if (isFault) this.#setting.wrongs.add((error as Error).message);
  }

  /** One that waits, or a new one. */
  #environment(): Environment {
    const known = this.#setting.chance(0.8) ? this.#setting.take(this.#idle) : undefined;
    if (known) return known;
    const client = {
      send: () =>
        this.#setting.trouble(0.2)
          ? Promise.reject(serviceError('AccessDeniedException', 403))
          : Promise.resolve({ AlternateContact: { EmailAddress: OWNER } }),
    };
    const settings = { contact: 'operations', homeAccountId: ACCOUNT, refused: () => undefined } as const;
    const now = (): number => this.#setting.now;
    return {
      catalogue: this.#world.catalogue,
      since: this.#world.grownAt ?? -Infinity,
      managed: new ManagedPolicies(now),
      contacts: new AlternateContacts(client as unknown as AccountClient, settings, now),
    };
  }

  /** @param left what is done is taken out of it */
  async #work(messages: readonly Message[], invocation: Invocation, left: Set<Message>): Promise<void> {
    await invocation.pause();
    const [message] = messages;
    switch (message?.kind) {
      case 'finding':
        return this.#refineBatch(messages, invocation, left);
      case 'notice':
        return this.#notify(messages, invocation, left);
      case 'job':
        await this.#job(message.job, invocation);
        break;
      case 'sweep':
        await this.#sweep(message.sweep, invocation);
        break;
      case 'decision':
        await this.#world.record(message.decision, invocation.pause);
        break;
      case undefined:
        return undefined;
      default:
        return message satisfies never;
    }
    left.delete(message);
  }

  async #refineBatch(
    messages: readonly Message[],
    invocation: Invocation,
    left: Set<Message>,
  ): Promise<void> {
    const clock = this.#processes.clock(invocation.process);
    const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => clock.remainingMillis() };
    const telemetry: Pick<Telemetry, 'failure'> = {
      failure: (_, error) => {
        this.#lookAtError(error);
      },
    };
    const records = messages.map((_, place) => ({ messageId: String(place), body: '' }));
    const of = ({ messageId }: { readonly messageId: string }): Message | undefined =>
      messages[Number(messageId)];
    const failed = await eachRecord(
      records,
      WIDTH,
      context,
      telemetry as Telemetry,
      async (record) => {
        const message = of(record);
        if (message?.kind !== 'finding') return true;
        message.attempts.begun += 1;
        await this.#refine(message.reference, invocation, undefined);
        return true;
      },
      async (record) => {
        await invocation.pause();
        const message = of(record);
        if (message?.kind === 'finding') this.#queues.findings([message.reference]);
        return true;
      },
    );
    for (const record of records) {
      const message = of(record);
      if (message && !failed.includes(record.messageId)) left.delete(message);
    }
  }

  #reading({ process, readings }: Invocation, base?: number): Reading {
    const reading = this.#checks.reading(process, base);
    readings.push(reading);
    return reading;
  }

  /** The bucket, for one reading. */
  #objects(reading: Reading, pause: () => Promise<void>, readsAtOnce = false) {
    return this.#bucket.objects(this.#checks.access(reading, pause, readsAtOnce));
  }

  #storing(store: ProposalStore, reading: Reading): ProposalStore {
    return {
      put: (...put) =>
        store.put(...put).catch((error: unknown) => {
          this.#checks.failed(reading);
          throw error;
        }),
    };
  }

  /** @param whole where the account was read as a whole before */
  async #refine(
    reference: FindingReference,
    invocation: Invocation,
    whole: WholeAccount | undefined,
  ): Promise<void> {
    const { pause, process } = invocation;
    const { catalogue, since: storedAt } = invocation.environment;
    const live = this.#live(invocation);
    const reading = this.#reading(invocation);
    const proposals = new S3Proposals(this.#objects(reading, pause));
    const lifecycle = new ProposalLifecycle({
      store: this.#storing(proposals, reading),
      repository: proposals,
      policies: live,
      catalogueChanges: new CatalogueChanges({
        catalogue: { load: () => Promise.resolve(catalogue), since: () => Promise.resolve(storedAt) },
        store: {
          version: (version) =>
            Promise.resolve(KEPT_CATALOGUES.find(({ origin }) => origin.version === version)),
        },
        embedded: () => CATALOGUES.older,
        repository: proposals,
      }),
      opinions: [],
      noted: () => undefined,
    });
    const findings: FindingSource = {
      getFinding: async (asked) => {
        await pause();
        if (this.#setting.trouble(0.08)) {
          throw new AdapterError('Access Analyzer does not answer', 'retry', 'unavailable');
        }
        const finding = this.#world.answerTo(asked);
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
          decisions: this.#world.decisions(pause),
          catalogue,
          findings,
          policies,
          tags: { tagsOf: () => Promise.resolve([]) },
          ...(this.#readsUse && { lastAccess: this.#lastAccess(invocation) }),
          store,
          clock: this.#processes.clock(process),
        });
      } finally {
        reading.isUnderWay = false;
      }
    });
  }

  #lastAccess({ pause }: Invocation): LastAccessSource {
    return {
      lastAccessOf: async ({ arn }) => {
        await pause();
        return this.#world.lastAccess(arn);
      },
    };
  }

  #live(invocation: Invocation) {
    const { policies } = this.#world;
    const { managed } = invocation.environment;
    const iam = this.#iam(invocation);
    return {
      getPrincipal: async (principal: PrincipalRef): Promise<PrincipalAnswer> => {
        // Read at several moments, it might never have been so at once. That is not looked for here.
        for (;;) {
          await invocation.pause();
          const { now } = policies;
          const answer = await memoryOf(now).index.getPrincipal(principal);
          if (answer.kind === 'gone') return answer;
          const grants: Grant[] = [];
          for (const grant of answer.principal.grants) {
            if (grant.managed?.arn !== SHARED_ARN) grants.push(grant);
            else grants.push({ ...grant, document: (await managed.get(iam, SHARED_ARN)).document });
          }
          if (now === policies.now) return { kind: 'found', principal: { ...answer.principal, grants } };
        }
      },
    };
  }

  /** IAM, as far as it is about the shared policy. */
  #iam({ pause }: Invocation): IAMClient {
    const send = async (command: GetPolicyCommand | GetPolicyVersionCommand) => {
      await pause();
      const { id, versions } = this.#world.shared;
      if (command instanceof GetPolicyCommand) {
        const DefaultVersionId = `v${String(versions.length)}`;
        const AttachmentCount = this.#world.policies.now.holders;
        return { Policy: { PolicyId: id, DefaultVersionId, AttachmentCount } };
      }
      const shared = versions[Number(command.input.VersionId?.slice(1)) - 1];
      if (shared === undefined) throw serviceError('NoSuchEntityException', 404);
      return { PolicyVersion: { Document: sharedDocument(shared) } };
    };
    return { send } as unknown as IAMClient;
  }

  async #job(job: AccountJob, invocation: Invocation): Promise<void> {
    const { pause, process, environment } = invocation;
    const clock = this.#processes.clock(process);
    await refineAccountJob(job, {
      isLeftAlone: () => Promise.resolve(false),
      makeMemory: () => new BulkPolicies(this.#live(invocation), { tagsOf: () => Promise.resolve([]) }),
      pages: {
        read: async () => {
          await pause();
          return pageOf(this.#world.policies.now);
        },
      },
      records: new S3AccountRecords(this.#objects(this.#reading(invocation), pause)),
      refine: (reference, memory, since, found) =>
        this.#refine(reference, invocation, { memory, since, found }),
      queue: { send: (references) => this.#queueFindings(references, pause) },
      jobs: { send: (next) => this.#queueJob(next, pause) },
      proposeShared: async ({ memory, since, shown, unused }) => {
        const reading = this.#reading(invocation, since - CLOCKS);
        const proposals = new S3Proposals(this.#objects(reading, pause));
        const inventory = memory.index.inventory(ACCOUNT);
        const parts: UnusedOfPart[] = [];
        for await (const part of unused) parts.push(part);
        this.#checks.lookAtParts(job, parts);
        const after = await proposeSharedSlice(
          { inventory, unused: iterated(parts), since, shown, after: job.shared },
          {
            ...PROPOSING,
            decisions: this.#world.decisions(pause),
            catalogue: environment.catalogue,
            tags: memory,
            clock,
            onOutcome: () => Promise.resolve(),
            lifecycle: {
              store: this.#storing(proposals, reading),
              repository: proposals,
              noted: () => undefined,
              failed: (prefix) => this.#setting.wrongs.add(`${prefix} cannot be judged`),
            },
          },
        );
        if (after === undefined) this.#checks.sharedWasLookedAt = true;
        return after;
      },
      clock,
    });
  }

  async #queueFindings(references: readonly FindingReference[], pause: () => Promise<void>): Promise<void> {
    for (let sent = 0; sent < Math.max(1, references.length); sent += AT_ONCE) await pause();
    this.#queues.findings(references);
  }

  async #queueJob(job: AccountJob, pause: () => Promise<void>): Promise<void> {
    await pause();
    this.#queues.send({ kind: 'job', job });
  }

  async #notify(messages: readonly Message[], invocation: Invocation, left: Set<Message>): Promise<void> {
    const { pause, process, environment } = invocation;
    const objects = this.#objects(this.#reading(invocation), pause, true);
    const notices = messages.flatMap((one, place) =>
      one.kind === 'notice' ? [{ messageId: String(place), key: one.key, isNew: one.isNews }] : [],
    );
    const outcome = await notifyProposals(notices, {
      reader: new S3ProposalReader(objects, () => ''),
      overview: new S3Overview(objects),
      repository: new S3Proposals(objects),
      owners: { contacts: environment.contacts },
      page: () => '',
      notifier: {
        publish: async ({ text }) => {
          await pause();
          if (this.#setting.trouble(0.1)) throw new Error('SNS does not answer');
          for (const prefix of text.split(' ')) this.#checks.told.add(prefix);
        },
      },
      compose: (all) => ({
        subject: '',
        text: all.map(({ prefix }) => prefix).join(' '),
        json: '',
        attributes: { accountIds: [], kinds: [], proposalCount: all.length },
      }),
      chat: undefined,
      clock: this.#processes.clock(process),
    });
    for (const { error } of outcome.failures) {
      // Nothing happens here where a retry does not help, but that the overview is refused.
      const isRefusal = error instanceof AdapterError && error.code === 'access-denied';
      if (error instanceof AdapterError && error.decision === 'permanent' && !isRefusal)
        this.#setting.wrongs.add(error.message);
    }
    for (const [place, message] of messages.entries()) {
      if (!outcome.failed.includes(String(place))) left.delete(message);
    }
  }

  async #sweep(sweep: SweepContinuation, invocation: Invocation): Promise<void> {
    const { pause, process } = invocation;
    const objects = this.#objects(this.#reading(invocation), pause, true);
    await sweepFindings(sweep, {
      findings: {
        listActive: async () => {
          await pause();
          return { references: this.#world.listed(), nextToken: undefined };
        },
      },
      records: new S3SweepRecords(objects),
      bulkThreshold: this.#setting.chance(this.#setting.isQuiet ? 0.5 : 0.7) ? 1 : 1_000,
      jobs: { send: (job) => this.#queueJob(job, pause) },
      queue: { send: (references) => this.#queueFindings(references, pause) },
      rest: {
        continueLater: async (rest) => {
          await pause();
          this.#queues.send({ kind: 'sweep', sweep: rest });
        },
      },
      overview: new S3Overview(objects),
      proposals: new S3ProposalReader(objects, () => ''),
      clock: this.#processes.clock(process),
    });
  }
}

async function* iterated<T>(all: readonly T[]): AsyncIterable<T> {
  for (const one of all) yield await Promise.resolve(one);
}

/** @returns what is wrong in one seed's run; nothing where all is well */
export async function simulate(seed: number): Promise<readonly string[]> {
  const wrong = await new Simulation(seed).run();
  return [...wrong, ...takeBreaches()];
}
