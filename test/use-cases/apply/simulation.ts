import { sha256 } from '../../../lambda/adapters/node.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { Subject } from '../../../lambda/core/model/subject.ts';
import type { ProposedPolicy } from '../../../lambda/core/model/proposed-policy.ts';
import { documentsByFile } from '../../../lambda/core/plan/names.ts';
import { makePlan } from '../../../lambda/core/plan/make-plan.ts';
import { makeRemovalPlan } from '../../../lambda/core/plan/plan-removal.ts';
import type { Plan } from '../../../lambda/core/plan/schema.ts';
import type { Direction } from '../../../lambda/use-cases/apply/apply-context.ts';
import type { ApplyOutcome } from '../../../lambda/use-cases/apply/apply-plan.ts';
import { actionsOf } from './fake-iam.ts';
import { Killed } from './killed.ts';
import { Random } from '../../random.ts';
import { MemoryJournal, type Proposal, run } from './run.ts';
import { ACCOUNT, type AwsPolicy, randomScenario } from './scenario.ts';
import { FAIR, SimulatedIam, type Weather } from './simulated-iam.ts';

/**
 * A proposal in a small account, executed, interrupted and taken back in bad weather, while others change the account:
 * at any moment at which a tool can learn of it. The same seed gives the same history. What must never happen stops it
 * with a {@link Violation}.
 */
export async function simulate(seed: number): Promise<History> {
  const random = new Random(seed);
  const world = worldOf(seed, random);
  const simulation = new Simulation(world, random);
  await simulation.play();
  return simulation.history;
}

export class Violation extends Error {
  override readonly name = 'Violation';
}

/** What happened, for whoever counts what the seeds cover, or reads a failure. */
export interface History {
  readonly subject: string;
  readonly events: readonly string[];
  readonly outcomes: readonly string[];
}

const AWS: readonly AwsPolicy[] = [
  {
    arn: 'arn:aws:iam::aws:policy/AmazonSQSFullAccess',
    versionId: 'v3',
    document: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['sqs:SendMessage', 'sqs:PurgeQueue'], Resource: '*' }],
    },
  },
];
const KEY = 'AKIAIOSFODNN7EXAMPLE';
const ANALYSED = '2026-11-20T00:00:00.000Z';

interface SimulatedWorld {
  readonly iam: SimulatedIam;
  readonly proposal: Proposal;
  readonly kind: 'refinement' | 'shared' | 'removal';
  /** Actions that the proposal leaves, so they may be in use. */
  readonly kept: ReadonlySet<string>;
}

function worldOf(seed: number, random: Random): SimulatedWorld {
  const roll = random.next();
  if (roll < 0.15) return removalWorld(seed, random);
  if (roll < 0.3) return sharedWorld(seed, random);
  const { proposalId, plan, documents, world, after } = randomScenario(seed, AWS);
  const iam = new SimulatedIam(world);
  iam.id = 'ORIGINAL';
  const checks = plan.checks.map((check) =>
    random.chance(0.5) && (check.check === 'default-version' || check.check === 'attached-policy')
      ? { ...check, policyId: iam.policies.get(check.policyArn)?.policyId ?? '' }
      : check.check === 'subject'
        ? { ...check, id: 'ORIGINAL' }
        : check,
  );
  const kept = new Set([...after.inline.values(), ...after.attached.values()].flatMap(actionsOf));
  const proposal = {
    proposalId,
    plan: { ...plan, checks },
    documents,
    world,
    status: { analysedAt: ANALYSED },
  };
  return { iam, proposal, kind: 'refinement', kept };
}

function removalWorld(seed: number, random: Random): SimulatedWorld {
  const kind = random.pick([
    'remove-role',
    'remove-access-key',
    'remove-access-key',
    'remove-password',
  ] as const);
  const type = kind === 'remove-role' ? 'role' : 'user';
  const name = `idle-${String(seed)}`;
  const principal = { arn: `arn:aws:iam::${ACCOUNT}:${type}/${name}`, type, name, path: '/', accountId: ACCOUNT } as const; // prettier-ignore
  const plan = makeRemovalPlan({
    kind,
    principal,
    principalId: 'ORIGINAL',
    accessKeyId: KEY,
    analysedAt: ANALYSED,
    lastUsedAt: random.chance(0.5) ? '2026-01-01T00:00:00.000Z' : undefined,
    digest: sha256,
  });
  const iam = new SimulatedIam({ principal });
  iam.id = 'ORIGINAL';
  iam.hasPassword = true;
  iam.keys.set(KEY, 'Active');
  const proposal = { proposalId: idOf(seed), plan, documents: documentsByFile([], plan.documents), world: { principal }, status: { analysedAt: ANALYSED } }; // prettier-ignore
  return { iam, proposal, kind: 'removal', kept: new Set() };
}

/** Unique ids of those that have what is shared. */
const HOLDERS: ReadonlyMap<string, string> = new Map([
  ['group devs', 'AGPADEVS'],
  ['role a', 'AROAA'],
  ['role b', 'AROAB'],
  ['user m', 'AIDAM'],
]);

/** A policy that three have, or a group. */
function sharedWorld(seed: number, random: Random): SimulatedWorld {
  const wide = document('s3:GetObject', 's3:PutObject');
  const narrow = document('s3:GetObject');
  const arn = `arn:aws:iam::${ACCOUNT}:policy/Shared-${String(seed)}`;
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const members = [`arn:aws:iam::${ACCOUNT}:user/m`];
  const isGroup = random.chance(0.5);
  const base = {
    reason: '',
    removed: ['s3:PutObject'],
    changes: [],
    before: wide,
    name,
    arn,
    versionId: 'v1',
  } as const;
  const policy: ProposedPolicy = isGroup
    ? { ...base, source: 'group-customer-managed', group: 'devs', disposition: 'replace', after: [{ name: `${name}-devs`, document: narrow }] }
    : random.chance(0.3)
      ? { ...base, source: 'customer-managed', disposition: 'remove', after: [] }
      : { ...base, source: 'customer-managed', disposition: 'new-version', after: [{ name, document: narrow }] }; // prettier-ignore
  const subject: Subject = isGroup
    ? {
        type: 'group',
        arn: `arn:aws:iam::${ACCOUNT}:group/devs`,
        name: 'devs',
        path: '/',
        accountId: ACCOUNT,
      }
    : { type: 'policy', arn, name, path: '/', accountId: ACCOUNT };
  const holders = {
    roles: isGroup ? [] : [`arn:aws:iam::${ACCOUNT}:role/a`, `arn:aws:iam::${ACCOUNT}:role/b`],
    users: [],
    groups: [{ name: 'devs', members }],
  };
  const plan = makePlan({
    proposalId: idOf(seed),
    subject,
    ...(isGroup ? { subjectId: 'ORIGINAL' } : {}),
    holders,
    holderIds: [...HOLDERS].map(([key, id]) => {
      const [type, name = ''] = key.split(' ');
      return { type: type === 'role' || type === 'group' ? type : 'user', name, id };
    }),
    policies: [policy],
    grants: [],
    digest: sha256,
  });
  const world = {
    principal: subject,
    managed: [
      { arn, name, path: '/', tags: [], versions: [wide], defaultVersion: 'v1', aws: false, shared: isGroup },
    ],
  };
  const iam = new SimulatedIam(world);
  iam.members.set('devs', [...members]);
  for (const [key, id] of HOLDERS) iam.ids.set(key, id);
  if (isGroup) iam.id = 'ORIGINAL';
  if (!isGroup) {
    iam.attached.clear();
    for (const key of ['role a', 'role b', 'group devs']) iam.elsewhere.set(key, new Set([arn]));
  }
  const proposal = { proposalId: idOf(seed), plan, documents: documentsByFile([policy], plan.documents), world: { principal: subject }, status: { analysedAt: ANALYSED } }; // prettier-ignore
  return { iam, proposal, kind: 'shared', kept: new Set(policy.after.length > 0 ? ['s3:GetObject'] : []) };
}

/** Something that somebody else has done and that must stay so until they change it again. */
interface Fact {
  readonly what: string;
  holds(): boolean;
}

/** Nothing of this may be left to people without a word on how to go on. */
const NEXT =
  /make the proposal again|run the same command again|rollback|by hand|create it again|wait until|see it with|see who|see its|use credentials|nothing is left|nothing of this proposal|--despite|--irreversible|iam update-access-key|take it away|cannot be put back|apply that one/;

class Simulation {
  readonly #world: SimulatedWorld;
  readonly #random: Random;
  readonly #iam: SimulatedIam;
  readonly #journal = new MemoryJournal();
  readonly #rivals = new MemoryJournal();
  readonly #facts = new Map<string, Fact>();
  readonly #events: string[] = [];
  readonly #outcomes: string[] = [];
  readonly #kept: Set<string>;
  readonly #start: string;
  readonly #ours: ReadonlySet<string>;
  #before = new Set<string>();
  #chance = 0;
  #changes = 0;
  #isApplied = false;

  constructor(world: SimulatedWorld, random: Random) {
    this.#world = world;
    this.#random = random;
    this.#iam = world.iam;
    this.#iam.random = random;
    this.#kept = new Set(world.kept);
    this.#start = this.#state();
    this.#ours = new Set(
      world.proposal.plan.checks.flatMap((check) => (check.check === 'copy' ? [check.policyArn] : [])),
    );
    this.#iam.beforeEffect = () => {
      this.#before = this.#granted();
    };
    this.#iam.afterEffect = () => {
      this.#holdFacts();
      const now = this.#granted();
      const lost = [...this.#kept].filter((action) => this.#before.has(action) && !now.has(action));
      if (lost.length > 0)
        this.#fail(`${lost.join(', ')} is missing, after ${this.#iam.writes.at(-1) ?? ''}`);
      this.#perhapsSomebodyElse();
    };
  }

  get history(): History {
    return { subject: this.#world.kind, events: this.#events, outcomes: this.#outcomes };
  }

  async play(): Promise<void> {
    const random = this.#random;
    const length = random.between(1, 5);
    let direction: Direction = 'apply';
    for (let index = 0; index < length; index += 1) {
      await this.#run(direction, { ...weatherOf(random) }, random.chance(0.6) ? 0.15 : 0);
      await this.#iam.pause(60_000);
      if (random.chance(0.1)) await this.#rivalRun();
      direction = random.chance(this.#isApplied ? 0.8 : 0.3) ? 'rollback' : 'apply';
    }
    await this.#conclude(direction);
  }

  /** In fair weather, with nobody else about: the end is complete, or a refusal that says how to go on. */
  async #conclude(direction: Direction): Promise<void> {
    const outcome = await this.#run(direction, FAIR, 0);
    if (outcome === undefined || outcome.kind === 'failed') this.#fail(`not even in fair weather: ${JSON.stringify(outcome)}`); // prettier-ignore
    const isUndisturbed = this.#changes === 0;
    if (outcome?.kind !== 'done') {
      const mayRefuse = outcome?.kind === 'refused' && (!isUndisturbed || this.#world.kind === 'removal');
      if (!mayRefuse) this.#fail(`refused though nobody has changed anything: ${JSON.stringify(outcome)}`);
      return;
    }
    if (isUndisturbed && direction === 'rollback' && this.#state() !== this.#start) {
      this.#fail(`rolled back, it is not as before:\n${this.#state()}\n${this.#start}`);
    }
    const writes = this.#iam.effects;
    const again = await this.#run(direction, FAIR, 0);
    const mayRefuse = again?.kind === 'refused' && this.#world.kind === 'removal';
    if (again?.kind !== 'done' && !mayRefuse)
      this.#fail(`a second run is not done: ${JSON.stringify(again)}`);
    if (this.#iam.effects !== writes) this.#fail('a second run of what is complete has changed something');
  }

  async #run(direction: Direction, weather: Weather, chance: number): Promise<ApplyOutcome | undefined> {
    this.#perhapsSomebodyElse();
    const iam = this.#iam;
    iam.weather = weather;
    const changesBefore = this.#changes;
    const effectsBefore = iam.effects;
    let outcome: ApplyOutcome | undefined;
    try {
      outcome = await run(direction, this.#world.proposal, iam, this.#mortal(weather), {
        irreversible: true,
        pause: async (millis) => {
          await iam.pause(millis);
          this.#perhapsSomebodyElse();
          if (this.#random.chance(this.#chance / 3)) await this.#rivalRun();
        },
        now: () => new Date(iam.time).toISOString(),
        confirm: async () => {
          this.#chance = chance;
          if (this.#random.chance(chance * 2)) this.#somebodyElse();
          if (this.#random.chance(chance)) await this.#rivalRun();
          return true;
        },
        progress: () => this.#perhapsSomebodyElse(),
      });
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    } finally {
      this.#chance = 0;
      iam.weather = FAIR;
    }
    this.#outcomes.push(`${direction} ${outcome?.kind ?? 'killed'}`);
    this.#events.push(`${direction}: ${JSON.stringify(outcome ?? 'killed')}`);
    this.#holdFacts();
    this.#judge(direction, weather, outcome, {
      effects: iam.effects - effectsBefore,
      changes: this.#changes - changesBefore,
    });
    return outcome;
  }

  /** A second person with another proposal of the same content, with a receipt of their own. */
  async #rivalRun(): Promise<void> {
    const { proposal } = this.#world;
    if (proposal.plan.irreversible !== null) return;
    const iam = this.#iam;
    const { weather, effects } = iam;
    const chance = this.#chance;
    iam.weather = FAIR;
    iam.seenAtOnce();
    this.#chance = 0;
    const rivalId = 'f'.repeat(32);
    const text = JSON.stringify(proposal.plan).replaceAll(proposal.proposalId, rivalId);
    const rival = { ...proposal, proposalId: rivalId, plan: JSON.parse(text) as Plan };
    const direction = this.#random.chance(0.6) ? 'apply' : 'rollback';
    const outcome = await run(direction, rival, iam, this.#rivals, {
      pause: (millis) => iam.pause(millis),
      now: () => new Date(iam.time).toISOString(),
    });
    this.#events.push(`a second person: ${direction} ${outcome.kind}`);
    this.#changes += 1;
    this.#chance = chance;
    iam.effects = effects;
    iam.seenAtOnce();
    iam.weather = weather;
  }

  #judge(
    direction: Direction,
    weather: Weather,
    outcome: ApplyOutcome | undefined,
    { effects, changes }: { readonly effects: number; readonly changes: number },
  ): void {
    if (outcome === undefined) return;
    if (outcome.kind === 'refused') {
      if (effects > 0) this.#fail('refused, and yet something was changed');
      const isWeather = (problem: string): boolean => /Throttling|socket hang up/.test(problem);
      for (const problem of outcome.problems) {
        if (!NEXT.test(problem) && !isWeather(problem)) this.#fail(`no next command: ${problem}`);
      }
    }
    if (outcome.kind === 'failed' && weather === FAIR && changes === 0) {
      this.#fail(`failed in fair weather: ${outcome.problem}`);
    }
    if (
      outcome.kind === 'failed' &&
      /LimitExceeded/.test(outcome.problem) &&
      changes === 0 &&
      weather.repeated === 0
    ) {
      this.#fail(`a quota stopped it in the middle: ${outcome.problem}`);
    }
    if (outcome.kind === 'done') this.#isApplied = direction === 'apply';
    if (outcome.kind === 'done' && direction === 'apply' && changes === 0) this.#isAsProposed();
  }

  /** Documents and attachments of everything that the plan touches. */
  #isAsProposed(): void {
    const { plan } = this.#world.proposal;
    for (const check of plan.checks) {
      if (check.check === 'copy' && !this.#attached(check.policyArn)) {
        this.#fail(`done, but the copy ${check.policyArn} is not attached`);
      }
      if (
        check.check === 'attached-policy' &&
        check.holder === undefined &&
        this.#attached(check.policyArn)
      ) {
        this.#fail(`done, but ${check.policyArn} is still attached`);
      }
    }
  }

  #attached(arn: string): boolean {
    return this.#iam.attached.has(arn);
  }

  /** Dies with the process too: a receipt is written or not. */
  #mortal(weather: Weather): MemoryJournal {
    const journal = this.#journal;
    const dies = (): void => {
      if (this.#random.chance(weather.killed)) throw new Killed();
    };
    const mortal = new MemoryJournal();
    mortal.load = () => journal.load();
    mortal.save = async (receipt) => {
      dies();
      await journal.save(receipt);
      dies();
    };
    mortal.backup = (arn, id, saved) => journal.backup(arn, id, saved);
    return mortal;
  }

  #perhapsSomebodyElse(): void {
    if (this.#random.chance(this.#chance)) this.#somebodyElse();
  }

  /** One change by somebody else, of a kind that can be told from what the plan does. */
  #somebodyElse(): void {
    const choices = this.#choices();
    if (choices.length === 0) return;
    const { what, change } = this.#random.pick(choices);
    change();
    this.#iam.seenAtOnce();
    this.#changes += 1;
    this.#events.push(`somebody else: ${what}`);
  }

  #choices(): readonly { readonly what: string; readonly change: () => void }[] {
    const iam = this.#iam;
    const { plan } = this.#world.proposal;
    const marker = `sqs:Marker${String(this.#changes)}`;
    const list: { what: string; change: () => void }[] = [];
    const policies = plan.checks.flatMap((check) =>
      check.check === 'default-version' || check.check === 'attached-policy' || check.check === 'copy'
        ? [check.policyArn]
        : [],
    );
    for (const arn of new Set(policies)) {
      const policy = iam.policies.get(arn);
      if (policy === undefined || arn.includes('::aws:')) continue;
      list.push(
        {
          what: `a new default version of ${arn}`,
          change: () => {
            if (policy.versions.size >= 5) return;
            const id = `v${String(policy.next)}`;
            policy.next += 1;
            policy.versions.set(id, document('s3:GetObject', marker));
            policy.defaultVersionId = id;
            this.#ownerHasChanged(arn);
            if (!this.#ours.has(arn)) this.#kept.add(marker);
            this.#fact(`default ${arn}`, () => iam.policies.get(arn)?.defaultVersionId === id || (this.#ours.has(arn) && !iam.policies.has(arn))); // prettier-ignore
          },
        },
        {
          what: `a staged version of ${arn}`,
          change: () => {
            if (policy.versions.size >= 5) return;
            const id = `v${String(policy.next)}`;
            policy.next += 1;
            const staged = document(marker);
            policy.versions.set(id, staged);
            this.#fact(
              `staged ${arn} ${id}`,
              () => iam.policies.get(arn)?.versions.get(id) === staged || this.#isSaved(staged) || iam.policies.get(arn) !== policy,
            ); // prettier-ignore
          },
        },
        {
          what: `${arn} deleted and made again`,
          change: () => {
            // Terraform and CloudFormation do it on replacement; who had it has it again.
            const made = { ...policy, policyId: iam.nextId(), versions: new Map([['v1', document('s3:GetObject', marker)]]), defaultVersionId: 'v1', next: 2 }; // prettier-ignore
            iam.policies.set(
              arn,
              this.#ours.has(arn) ? { ...made, description: 'somebody else made it' } : made,
            );
            this.#ownerHasChanged(arn);
            if (!this.#ours.has(arn)) this.#kept.add(marker);
            const id = made.policyId;
            this.#fact(`default ${arn}`, () => iam.policies.get(arn)?.policyId === id && iam.policies.get(arn)?.defaultVersionId === 'v1'); // prettier-ignore
          },
        },
      );
      if (this.#world.kind !== 'shared') {
        list.push({ what: `${arn} attached to others`, change: () => void (policy.others += 1) });
        list.push({ what: `${arn} a boundary`, change: () => void (policy.boundaryUses += 1) });
      }
    }
    for (const check of plan.checks) {
      if (check.check === 'inline-policy' && iam.inline.has(check.policyName)) {
        list.push({
          what: `the inline policy ${check.policyName}`,
          change: () => {
            const changed = document('s3:GetObject', marker);
            iam.inline.set(check.policyName, changed);
            this.#ownerHasChanged(check.policyName);
            this.#kept.add(marker);
            this.#fact(`inline ${check.policyName}`, () => iam.inline.get(check.policyName) === changed);
          },
        });
      }
      if (check.check === 'attached-policy' && check.needs.length === 0 && check.holder === undefined && iam.attached.has(check.policyArn) && this.#notYet(check.policyArn)) {
        list.push({
          what: `${check.policyArn} detached in an incident`,
          change: () => {
            iam.attached.delete(check.policyArn);
            this.#fact(`attached ${check.policyArn}`, () => !iam.attached.has(check.policyArn));
          },
        });
      } // prettier-ignore
      if (check.check === 'access-key') {
        list.push(
          {
            what: 'the key deactivated',
            change: () => {
              // Who deactivates what is inactive leaves no trace.
              if (iam.keys.get(KEY) !== 'Active') return;
              iam.keys.set(KEY, 'Inactive');
              this.#facts.delete('use');
              this.#fact('key', () => iam.keys.get(KEY) === 'Inactive');
            },
          },
          {
            what: 'the key used',
            change: () => void this.#use(() => iam.keysLastUsed.set(KEY, this.#now())),
          },
        );
      }
      if (check.check === 'password') {
        list.push(
          {
            what: 'a new password',
            change: () => {
              iam.hasPassword = true;
              iam.passwordCreatedAt = this.#now();
              this.#fact('password', () => iam.hasPassword);
            },
          },
          { what: 'the password used', change: () => void this.#use(() => (iam.lastUsedAt = this.#now())) },
        );
      }
      if (check.check === 'last-use' && check.of === 'role') {
        list.push({
          what: 'the role used',
          change: () => void this.#use(() => (iam.lastUsedAt = this.#now())),
        });
      }
      if (check.check === 'holders' && this.#world.proposal.world.principal.type === 'policy') {
        const { arn } = this.#world.proposal.world.principal;
        list.push({
          what: 'a new holder',
          change: () => {
            iam.elsewhere.set(`role late${String(this.#changes)}`, new Set([arn]));
            const id = iam.policies.get(arn)?.defaultVersionId;
            this.#fact(`default ${arn}`, () => iam.policies.get(arn)?.defaultVersionId === id);
          },
        });
      }
    }
    if (this.#world.kind === 'shared') {
      for (const key of HOLDERS.keys()) {
        if (iam.ids.get(key) !== HOLDERS.get(key)) continue;
        list.push({
          what: `${key} deleted and made again`,
          change: () => {
            const { type, arn } = this.#world.proposal.world.principal;
            if (type === 'group' && key !== 'user m') return;
            iam.ids.set(key, 'ANOTHER');
            const { effects } = iam;
            const has = (): boolean => iam.elsewhere.get(key)?.has(arn) === true;
            // While it has what is shared, nothing is done; what was taken from the one before is not given to it.
            const isReached = key === 'user m' || has();
            this.#fact(`the new ${key}`, () => (isReached ? iam.effects === effects : !has()));
          },
        });
      }
    }
    if (iam.id === 'ORIGINAL') {
      list.push({
        what: 'the subject deleted and made again',
        change: () => {
          iam.id = 'ANOTHER';
          const state = this.#state();
          // Whatever others do to the new one, we do nothing.
          const effects = iam.effects;
          this.#fact('subject', () => iam.effects === effects || state === '');
        },
      });
    }
    list.push({
      what: 'another policy attached',
      change: () => {
        const arn = `arn:aws:iam::${ACCOUNT}:policy/Other-${String(this.#changes)}`;
        iam.policies.set(arn, { policyId: iam.nextId(), path: '/', description: '', tags: [], versions: new Map([['v1', document(marker)]]), next: 2, defaultVersionId: 'v1', others: 0, boundaryUses: 0 }); // prettier-ignore
        iam.attached.add(arn);
        this.#kept.add(marker);
        this.#fact(`attached ${arn}`, () => iam.attached.has(arn));
      },
    });
    return list;
  }

  /** A use that the finding does not know: what was not taken yet must not be taken any more. */
  #use(note: () => void): void {
    note();
    const iam = this.#iam;
    const had = { key: iam.keys.get(KEY), password: iam.hasPassword, inline: iam.inline.size };
    this.#fact('use', () => iam.keys.get(KEY) === had.key || had.key === 'Inactive');
    if (had.password) this.#fact('use of the password', () => iam.hasPassword);
    if (had.inline === 0) this.#fact('use of the role', () => iam.inline.size === 0);
  }

  /** Whether apply has not taken the step yet, so that what somebody does now is not apply's. */
  #notYet(arn: string): boolean {
    const runs = [...(this.#journal.receipt?.runs ?? []), ...(this.#rivals.receipt?.runs ?? [])];
    const touched = runs.some((one) =>
      one.steps.some((step) => step.op === 'detach-policy' && step.what === `detach ${arn}` && step.outcome !== 'pending' && step.outcome !== 'already'),
    ); // prettier-ignore
    return !touched;
  }

  /**
   * What the plan leaves of a policy that somebody has changed is theirs to leave; its copies go when the original comes
   * back, as everybody else has it.
   */
  #ownerHasChanged(changed: string): void {
    const { plan, documents } = this.#world.proposal;
    const forget = (file: string): void => {
      for (const action of actionsOf(documents.get(file) ?? null)) this.#kept.delete(action);
    };
    for (const check of plan.checks) {
      if (check.check === 'copy' && check.policyArn === changed) forget(check.document.file);
      if (!('needs' in check)) continue;
      const name = check.check === 'inline-policy' ? check.policyName : check.policyArn;
      if (name !== changed && !check.needs.includes(changed)) continue;
      if ('after' in check && check.after) forget(check.after.file);
      for (const one of plan.checks) {
        if (one.check === 'copy' && check.needs.includes(one.policyArn)) forget(one.document.file);
      }
    }
  }

  #isSaved(saved: JsonValue): boolean {
    return [...this.#journal.backups.values()].includes(saved);
  }

  #fact(key: string, holds: () => boolean): void {
    this.#facts.set(key, { what: key, holds });
  }

  #holdFacts(): void {
    for (const fact of this.#facts.values()) {
      if (!fact.holds()) this.#fail(`somebody else's change was undone: ${fact.what}, after ${this.#iam.writes.at(-1) ?? ''}`); // prettier-ignore
    }
  }

  #now(): string {
    return new Date(this.#iam.time).toISOString();
  }

  /** What is granted, of a shared policy to its first holder. */
  #granted(): Set<string> {
    const iam = this.#iam;
    const principal = this.#world.proposal.world.principal;
    if (principal.type !== 'policy') return new Set(iam.granted());
    const attached = [...(iam.elsewhere.get('role a') ?? [])];
    return new Set(attached.flatMap((arn) => actionsOf(iam.documentInForce(arn))));
  }

  #state(): string {
    const iam = this.#iam;
    const policies = [...iam.policies].map(([arn, policy]) => [
      arn,
      policy.defaultVersionId,
      policy.versions.get(policy.defaultVersionId),
    ]);
    return JSON.stringify([
      [...iam.inline].sort(([a], [b]) => (a < b ? -1 : 1)),
      [...iam.attached].sort(),
      [...iam.elsewhere].map(([key, arns]) => [key, [...arns].sort()]),
      policies.sort(),
      [...iam.keys],
      iam.hasPassword,
    ]);
  }

  #fail(problem: string): never {
    throw new Violation([problem, ...this.#events, ...this.#iam.writes].join('\n  '));
  }
}

function weatherOf(random: Random): Weather {
  if (random.chance(0.3)) return FAIR;
  const some = (most: number): number => (random.chance(0.5) ? random.next() * most : 0);
  return {
    throttled: some(0.02),
    lostBefore: some(0.02),
    lostAfter: some(0.2),
    repeated: some(0.2),
    stale: some(0.9),
    killed: some(0.02),
  };
}

function document(...actions: readonly string[]): JsonValue {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }] };
}

function idOf(seed: number): string {
  return sha256(`proposal ${String(seed)}`).slice(0, 32);
}
