import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROPOSALS_PREFIX } from '../../lambda/contract/object-keys.ts';
import { seeded } from '../../scripts/bench/random.ts';
import type { BusEvent } from '../integration/harness/aws-request.ts';
import { findingEvent, objectCreatedEvent } from '../integration/harness/events.ts';
import { HOME_ACCOUNT, HOME_CREDENTIALS, REGION } from '../integration/harness/accounts.ts';
import { matchesEvent } from './event-pattern.ts';
import { Complaints } from './complaints.ts';
import { type Balance, Ledger } from './ledger.ts';
import type { LoadOptions } from './options.ts';
import { lineageName } from './lineage.ts';
import { Scheduler } from './scheduler.ts';
import { accessAnalyzerService } from './servers/access-analyzer.ts';
import { type AwsServer, startAws } from './servers/aws.ts';
import { eventsService } from './servers/events.ts';
import { AccountBuckets, drawFault } from './servers/faults.ts';
import { iamService } from './servers/iam.ts';
import { ObjectStore } from './servers/object-store.ts';
import { SimQueue } from './servers/queue.ts';
import { s3Service, type Written } from './servers/s3.ts';
import { snsService } from './servers/sns.ts';
import { sqsService } from './servers/sqs.ts';
import { functionKey, memberAccountOf, stsService } from './servers/sts.ts';
import { SimClock } from './sim-clock.ts';
import { type ModelStack, readStack } from './stack.ts';
import { WorkerPool } from './worker-pool.ts';
import { wrongStates } from './wrong-states.ts';
import { makeOrganisation } from './world/organisation.ts';
import { makeWorld, type World } from './world/principals.ts';

export const ANALYZER_ARN = `arn:aws:access-analyzer:${REGION}:${HOME_ACCOUNT}:analyzer/organisation`;

/** The organisation, the services, the functions and the scheduler, put together; nothing runs before {@link Model.play}. */
export interface Model {
  readonly stack: ModelStack;
  readonly aws: AwsServer;
  readonly clock: SimClock;
  readonly pools: readonly WorkerPool[];
  readonly queues: readonly SimQueue[];
  readonly objects: ObjectStore;
  readonly world: World;
  /** Proposals about what several principals share. */
  readonly sharedProposals: number;
  /** Messages that were published. */
  readonly notices: readonly string[];
  /** Warnings and errors of the functions, and how often. */
  readonly complaints: Readonly<Record<string, number>>;
  /** Proposals whose notices lie with the dead letters: an alarm says so, and sending them again enters them. */
  readonly untold: number;
  /** Sends one event for each finding, but for those that are lost. */
  sendEvents(): { readonly lost: number; readonly duplicated: number };
  /** Ends some of the findings that something was proposed for. @returns how many, and for how many without an event */
  endFindings(): { readonly ended: number; readonly lost: number };
  /** What is said or shown of proposals and is not so, one line each. */
  wrongStates(): readonly string[];
  /** Starts each schedule of a function, as on its day. */
  startSchedules(label: string): Promise<void>;
  drain(): Promise<void>;
  balance(): Balance;
  stop(): Promise<void>;
}

/** @param folder where the assembly lies and files may be written */
export async function startModel(
  options: LoadOptions,
  folder: { readonly assembly: string; readonly work: string },
): Promise<Model> {
  const world = makeWorld(makeOrganisation(options.findings, options.accounts, options.seed), ANALYZER_ARN);
  const clock = new SimClock();
  const random = seeded(options.seed);
  const objects = new ObjectStore(join(folder.work, 'objects.bin'));
  const notices: string[] = [];
  const complaints = new Complaints();
  const ledger = new Ledger(options.findings, (id) => world.indexOf(id));
  /** Set once the scheduler is there, which needs the queues. */
  const arrivals = { tell: (): void => undefined };
  const queues: SimQueue[] = [];

  const buckets = new AccountBuckets(options.accountRate, options.accountBurst, () => performance.now());
  let calls = 0;
  let sharedProposals = 0;
  // The services' clock: as it is, then ahead, as it is, then behind.
  const steps = [0, options.clockStep, 0, -options.clockStep];
  // About as often in a large run as in a small one: every client of every process has to learn the time anew.
  const callsAStep = Math.max(2_000, 2 * options.findings);
  const servers = (): number =>
    Date.now() + (steps[Math.floor(calls / callsAStep) % steps.length] ?? 0) * 60_000;

  function onWritten({ key, created, metadata }: Written): void {
    const findingId = metadata['finding-id'];
    if (created && key.endsWith('/proposal.json') && findingId !== undefined) {
      // What several share names one of their findings, and is none of its proposals.
      if (key.startsWith(PROPOSALS_PREFIX)) ledger.proposalCreated(findingId);
      else sharedProposals += 1;
    }
    const event = objectCreatedEvent(stack.bucketName, key);
    const copies = random() < options.duplicated ? 2 : 1;
    for (const queue of queuesFor(stack, queues, event)) {
      for (let copy = 0; copy < copies; copy += 1) queue.send(() => complete(event));
    }
  }

  const aws = await startAws({
    services: new Map([
      ['iam', iamService(world)],
      ['sts', stsService(world, servers)],
      ['s3', s3Service(objects, onWritten)],
      ['sns', snsService((message) => notices.push(message))],
      ['sqs', (request) => sqsService(queues)(request)],
      ['access-analyzer', accessAnalyzerService(world)],
      ['events', eventsService()],
    ]),
    latency: options.latency,
    now: servers,
    fault: ({ call }) => {
      calls += 1;
      if (call.service === 'iam' && !buckets.take(memberAccountOf(call.accessKeyId) ?? HOME_ACCOUNT)) {
        return 'throttle';
      }
      return drawFault(random, options);
    },
  });
  const stack = readStack(folder.assembly, aws.endpoint);
  for (const { id, ...settings } of stack.queues) {
    queues.push(
      new SimQueue(
        { name: id, ...settings },
        {
          now: () => clock.now(),
          onArrival: () => {
            arrivals.tell();
          },
          onDead: ({ body, group }) => {
            const target = queues.find(({ settings: { name } }) => name === settings.redrive?.deadLetters);
            target?.send(body, { group });
          },
        },
      ),
    );
  }
  const pools = stack.functions.map(
    (deployed, place) =>
      new WorkerPool(
        deployed,
        aws.endpoint,
        { ...HOME_CREDENTIALS, accessKeyId: functionKey(place) },
        (line) => {
          ledger.logLine(line);
          complaints.logLine(deployed.label, line);
        },
      ),
  );
  const scheduler = new Scheduler({
    clock,
    random,
    killed: options.killed,
    duplicated: options.duplicated,
    onStopped: ({ mapping }) => {
      const { label } =
        pools.find(({ deployed }) => deployed.logicalId === mapping.functionId)?.deployed ?? {};
      const line = { level: 'ERROR', message: 'Lambda stopped a chain of messages' };
      complaints.logLine(label ?? mapping.functionId, JSON.stringify(line));
    },
    lanes: stack.mappings.map((mapping) => {
      const queue = queues.find(({ settings }) => settings.name === mapping.queue);
      const pool = pools.find(({ deployed }) => deployed.logicalId === mapping.functionId);
      if (!queue || !pool) throw new Error(`the stack maps ${mapping.queue} to nothing`);
      const isWorker = pool.deployed.label === 'refine-finding';
      const maxConcurrency = (isWorker ? options.concurrency : undefined) ?? mapping.maxConcurrency;
      return {
        mapping: { ...mapping, maxConcurrency },
        queue,
        lineageName: lineageName(pools.indexOf(pool)),
        mayLoop: pool.deployed.mayLoop,
        invoke: (event, lineage, killAfter) => pool.invoke(event, lineage, killAfter),
      };
    }),
  });

  arrivals.tell = () => {
    scheduler.arrived();
  };

  /** Keys of the objects whose notices lie with the dead letters. */
  const untoldKeys = (): readonly string[] => deadBodies(stack, queues).flatMap((body) => keyOf(body) ?? []);

  return {
    stack,
    aws,
    clock,
    pools,
    queues,
    objects,
    world,
    get sharedProposals() {
      return sharedProposals;
    },
    notices,
    sendEvents() {
      const sent = { lost: 0, duplicated: 0 };
      // The rule looks at nothing that differs between them; the texts are made when they are read.
      const targets = queuesFor(stack, queues, JSON.parse(eventText(world, 0)));
      for (let index = 0; index < options.findings; index += 1) {
        const drawn = random();
        if (drawn < options.lost) {
          sent.lost += 1;
          continue;
        }
        const again = drawn < options.lost + options.duplicated;
        if (again) sent.duplicated += 1;
        for (const queue of targets) {
          for (let copy = 0; copy < (again ? 2 : 1); copy += 1) queue.send(() => eventText(world, index));
        }
      }
      return sent;
    },
    endFindings() {
      const sent = { ended: 0, lost: 0 };
      for (let index = 0; index < options.findings; index += 1) {
        if (ledger.entry(index).created === 0 || random() >= options.ended) continue;
        world.end(index);
        sent.ended += 1;
        if (random() < 0.5) {
          sent.lost += 1;
          continue;
        }
        const text = eventText(world, index);
        for (const queue of queuesFor(stack, queues, JSON.parse(text))) queue.send(() => text);
      }
      return sent;
    },
    wrongStates() {
      const isDead = (index: number): boolean => ledger.entry(index).dead;
      return wrongStates({ objects, world, isDead, untold: new Set(untoldKeys()) });
    },
    async startSchedules(label) {
      for (const { functionId, input } of stack.schedules) {
        const pool = pools.find(({ deployed }) => deployed.logicalId === functionId);
        if (pool?.deployed.label !== label) continue;
        // Lambda repeats an asynchronous invocation that fails twice.
        for (let tries = 0; tries < 3; tries += 1) {
          if ((await pool.invoke(input)).kind === 'returned') break;
          await sleep(1000);
        }
      }
    },
    drain: () => scheduler.drain(),
    get complaints() {
      return complaints.counts;
    },
    get untold() {
      return new Set(untoldKeys().filter((key) => key.startsWith(PROPOSALS_PREFIX))).size;
    },
    balance() {
      for (const body of deadBodies(stack, queues)) {
        const { findingId, accountId = '' } = subjectOf(body);
        const account = world.organisation.byId(accountId);
        if (findingId !== undefined) ledger.deadLetter(findingId);
        else if (account) ledger.deadAccount(accountId, account.first, account.size);
      }
      for (const accountId of ledger.unreachable) {
        const account = world.organisation.byId(accountId);
        if (account) ledger.leftAccount(account.first, account.size);
      }
      return ledger.balance((index) => EXPECTED[world.principal(index).expected]);
    },
    async stop() {
      await Promise.all(pools.map((pool) => pool.stop()));
      await aws.stop();
      objects.close();
    },
  };
}

const EXPECTED = {
  proposed: 'proposed',
  skipped: 'skipped',
  gone: 'gone',
  unreachable: 'unreachable',
} as const;

function eventText(world: World, index: number): string {
  return complete(findingEvent(world.analyzerArn, world.finding(index)));
}

function complete(event: BusEvent): string {
  return JSON.stringify({ account: HOME_ACCOUNT, region: REGION, ...event });
}

/** Where the stack's rules send an event. */
function queuesFor(stack: ModelStack, queues: readonly SimQueue[], event: unknown): readonly SimQueue[] {
  const names = stack.rules.filter(({ pattern }) => matchesEvent(pattern, event)).map(({ queue }) => queue);
  return queues.filter(({ settings }) => names.includes(settings.name));
}

/** What lies in queues to which others send what failed. */
function deadBodies(stack: ModelStack, queues: readonly SimQueue[]): readonly string[] {
  const names = stack.queues.map(({ redrive }) => redrive?.deadLetters);
  return queues.filter(({ settings }) => names.includes(settings.name)).flatMap((queue) => queue.bodies());
}

/** Key of the object that a dead letter is about, where it is a notice. */
function keyOf(body: string): string | undefined {
  const message = JSON.parse(body) as { readonly detail?: { readonly object?: { readonly key: string } } };
  return message.detail?.object?.key;
}

/** What a dead letter is about: a finding from an event or a sweep, or the findings of an account. */
function subjectOf(body: string): { readonly findingId?: string; readonly accountId?: string } {
  const message = JSON.parse(body) as {
    readonly findingId?: string;
    readonly accountId?: string;
    readonly detail?: { readonly findingId?: string };
  };
  const findingId = message.findingId ?? message.detail?.findingId;
  return { ...message, ...(findingId === undefined ? {} : { findingId }) };
}
