import { type Catalogue, makeCatalogue, makeService } from '../../../lambda/core/catalogue/catalogue.ts';
import type { Principal } from '../../../lambda/core/model/principal.ts';
import { lastAccessedFindings, type UseFacts } from '../../../lambda/core/usage/last-accessed-findings.ts';
import { seededRandom } from '../../random.ts';

/*
 * Accounts of which everything is known: who did what and when, what IAM tracks, when each policy was made. From that the
 * report that IAM would write is derived, the source reads the report, and the judge compares what it says with what
 * happened. The judge shares no code with the source: it matches names by itself and never sees the report.
 */

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 23);
const SERVICES = ['alpha', 'beta', 'ec2', 'gamma', 'iam', 'lambda', 's3', 'zeta'] as const;
const VERBS = ['Create', 'Delete', 'Describe', 'Get', 'List', 'Pass'];
const NOUNS = ['Role', 'Rule', 'Roles', 'Object', 'ObjectAcl', 'Queue'];

interface Policy {
  readonly element: 'Action' | 'NotAction';
  readonly patterns: readonly string[];
  /** Days; undefined for an inline policy, which IAM does not date. */
  readonly age: number | undefined;
}

interface World {
  readonly days: number;
  readonly principalAge: number;
  readonly actions: ReadonlyMap<string, readonly string[]>;
  /** What IAM tracks, as `service:Action`. */
  readonly tracked: ReadonlySet<string>;
  /** Services of which the catalogue says what is tracked. */
  readonly flagged: ReadonlySet<string>;
  readonly policies: readonly Policy[];
  /** Days since the last use, by `service:Action`. */
  readonly uses: ReadonlyMap<string, number>;
  /** Services whose tracked actions the report lists although none was used. */
  readonly listing: ReadonlySet<string>;
  readonly hasReport: boolean;
}

class Random {
  readonly #next: () => number;
  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }
  chance(likelihood: number): boolean {
    return this.#next() < likelihood;
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

/** What is wrong with an answer of the source. */
export class WrongDecision extends Error {}

export interface Counts {
  decisions: number;
  /** Of the decisions, those that call an action unused, by itself or with its service. */
  unused: number;
}

/** Plays one world and judges every decision about an action that the principal is granted. */
export function playWorld(seed: number, counts: Counts): void {
  const world = makeWorld(new Random(seed));
  const { findings } = lastAccessedFindings(factsOf(world), catalogueOf(world), world.days);
  const said = new Set<string>();
  const whole = new Set<string>();
  for (const { details } of findings) {
    if (details.type === 'UnusedIAMRole') for (const service of SERVICES) whole.add(service);
    if (details.type !== 'UnusedPermission') continue;
    for (const { serviceNamespace, actions } of details.entries) {
      if (!actions?.length) whole.add(serviceNamespace);
      for (const { action } of actions ?? []) said.add(`${serviceNamespace}:${action}`);
    }
  }
  const isOld = world.principalAge > world.days;
  for (const [service, names] of world.actions) {
    const usedAtAll = names.some((name) => isUsed(world, `${service}:${name}`));
    for (const name of names) {
      const action = `${service}:${name}`;
      if (!world.policies.some((policy) => grants(policy, service, name))) continue;
      counts.decisions += 1;
      const single = said.has(action);
      const asService = whole.has(service) && action !== 'iam:PassRole';
      const fail = (why: string): never => {
        throw new WrongDecision(`seed ${String(seed)}: ${action} ${why}`);
      };
      if (single || asService) counts.unused += 1;
      if ((single || asService) && isUsed(world, action)) fail('was used within the window');
      if (single && !world.tracked.has(action)) fail('is not tracked, and is named by itself');
      if (asService && usedAtAll) fail('goes with its service, of which something was used');
      if ((single || asService) && (!world.hasReport || !isOld)) fail('is judged without a report or an age');
      const isYoung = world.policies.some(
        (policy) => policy.age !== undefined && policy.age <= world.days && grants(policy, service, name),
      );
      if ((single || asService) && isYoung && !isRoleIdle(world)) fail('is granted by a young policy');
      const isKnown = world.flagged.has(service) || isListed(world, service);
      const must = world.hasReport && isOld && !isYoung && isKnown && world.tracked.has(action);
      if (must && !isUsed(world, action) && !single && !asService) fail('is tracked, unused, and not found');
    }
  }
}

function isUsed({ uses, days }: World, action: string): boolean {
  // Who passes a role is never recorded, so nobody can be asked to know it.
  const age = action === 'iam:PassRole' ? undefined : uses.get(action);
  return age !== undefined && age <= days;
}

function isRoleIdle(world: World): boolean {
  return [...world.uses.keys()].every((action) => !isUsed(world, action));
}

/** Whether the report lists what is tracked of a service: where something of it was used, or IAM does so anyway. */
function isListed(world: World, service: string): boolean {
  const names = world.actions.get(service) ?? [];
  return (
    world.listing.has(service) ||
    names.some((name) => {
      const action = `${service}:${name}`;
      return world.tracked.has(action) && (world.uses.get(action) ?? Infinity) <= 400;
    })
  );
}

function grants({ element, patterns }: Policy, service: string, name: string): boolean {
  const matched = patterns.some((pattern) => {
    if (pattern === '*') return true;
    const [owner = '', text = ''] = pattern.split(':');
    if (owner.toLowerCase() !== service) return false;
    return text.endsWith('*')
      ? name.toLowerCase().startsWith(text.slice(0, -1).toLowerCase())
      : text.toLowerCase() === name.toLowerCase();
  });
  return matched === (element === 'Action');
}

function makeWorld(random: Random): World {
  const days = random.pick([1, 30, 90, 90, 90, 180, 365]);
  const actions = new Map<string, readonly string[]>();
  const tracked = new Set<string>();
  for (const service of SERVICES) {
    const names = VERBS.flatMap((verb) =>
      NOUNS.flatMap((noun) => (random.chance(0.3) ? [`${verb}${noun}`] : [])),
    );
    if (service === 'iam' && !names.includes('PassRole')) names.push('PassRole');
    actions.set(service, names);
    for (const name of names) {
      if (random.chance(0.6) && `${service}:${name}` !== 'iam:PassRole') tracked.add(`${service}:${name}`);
    }
  }
  const all = [...actions].flatMap(([service, names]) => names.map((name) => `${service}:${name}`));
  const uses = new Map<string, number>();
  // Some do nothing, some little, some much; ages around the edge of the window are frequent.
  const busy = random.pick([0, 0.02, 0.1, 0.4]);
  for (const action of all) {
    if (!random.chance(busy)) continue;
    uses.set(action, Math.max(0, random.pick([days - 1, days, days + 1, random.below(420)])));
  }
  return {
    days,
    principalAge: random.chance(0.9) ? days + 1 + random.below(1_000) : random.below(days + 1),
    actions,
    tracked,
    flagged: new Set(SERVICES.filter(() => random.chance(0.6))),
    policies: Array.from({ length: 1 + random.below(3) }, () => makePolicy(random, days, all)),
    uses,
    listing: new Set(SERVICES.filter(() => random.chance(0.3))),
    hasReport: random.chance(0.95),
  };
}

function makePolicy(random: Random, days: number, all: readonly string[]): Policy {
  const age = random.pick([undefined, undefined, days + 1 + random.below(100), random.below(days + 1)]);
  if (random.chance(0.1))
    return { element: 'NotAction', patterns: [random.pick(all), `${random.pick(SERVICES)}:*`], age };
  if (random.chance(0.1)) return { element: 'Action', patterns: ['*'], age };
  const patterns = Array.from({ length: 1 + random.below(4) }, () => {
    const service = random.pick(SERVICES);
    return random.pick([
      `${service}:*`,
      `${service.toUpperCase()}:${random.pick(VERBS)}*`,
      random.pick(all),
      `${service}:get*`,
    ]);
  });
  return { element: 'Action', patterns, age };
}

function catalogueOf({ actions, tracked, flagged }: World): Catalogue {
  const plain = makeCatalogue({ source: 'simulation', version: '1', date: '' }, actions);
  const services = new Map(
    [...plain.services].map(([key, { name, actions: names }]) => {
      const untracked = names
        .filter((action) => !tracked.has(`${key}:${action}`))
        .map((a) => a.toLowerCase());
      return [key, makeService(name, names, flagged.has(key) ? new Set(untracked) : undefined)] as const;
    }),
  );
  return { ...plain, services };
}

/** The facts as IAM would tell them: services that are granted, with the dates of what it tracks. */
function factsOf(world: World): UseFacts {
  const at = (age: number): string => new Date(NOW - age * DAY).toISOString();
  const latest = (ages: readonly number[]): string | undefined =>
    ages.length === 0 || Math.min(...ages) > 400 ? undefined : at(Math.min(...ages));
  const services = new Map(
    SERVICES.flatMap((service) => {
      const names = world.actions.get(service) ?? [];
      if (!names.some((name) => world.policies.some((policy) => grants(policy, service, name)))) return [];
      const ageOf = (name: string): readonly number[] => {
        // What IAM never records it does not know of the service either.
        if (service === 'iam' && name === 'PassRole') return [];
        const age = world.uses.get(`${service}:${name}`);
        return age === undefined ? [] : [age];
      };
      const lastUsed = latest(names.flatMap(ageOf));
      const listed = isListed(world, service)
        ? names.filter((name) => world.tracked.has(`${service}:${name}`))
        : [];
      const actions = new Map(listed.map((name) => [name.toLowerCase(), latest(ageOf(name))] as const));
      return [[service, { ...(lastUsed === undefined ? {} : { lastUsed }), actions }] as const];
    }),
  );
  const recorded = [...world.uses].flatMap(([action, age]) => (action === 'iam:PassRole' ? [] : [age]));
  const principal: Principal = {
    ref: {
      arn: 'arn:aws:iam::123456789012:role/R',
      type: 'role',
      name: 'R',
      path: '/',
      accountId: '123456789012',
    },
    tags: [],
    boundaryArn: undefined,
    createdAt: at(world.principalAge),
    lastUsedAt: latest(recorded) ?? null,
    grants: world.policies.map(({ element, patterns, age }, place) => ({
      source: age === undefined ? 'role-inline' : 'customer-managed',
      name: `P${String(place)}`,
      document: {
        readable: true,
        value: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', [element]: [...patterns], Resource: '*' }],
        },
      },
      ...(age === undefined
        ? {}
        : {
            managed: {
              arn: `arn:aws:iam::123456789012:policy/P${String(place)}`,
              path: '/',
              versionId: 'v1',
              attachments: 1,
              boundaryUses: 0,
              updatedAt: at(age),
            },
          }),
    })),
  };
  return {
    principal,
    report: world.hasReport ? { completedAt: new Date(NOW).toISOString(), services } : undefined,
    credentials: undefined,
  };
}
