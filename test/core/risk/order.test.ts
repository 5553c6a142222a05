import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { embeddedCatalogue } from '../../../lambda/adapters/catalogue/embedded.ts';
import { grantedActions } from '../../../lambda/core/catalogue/granted-actions.ts';
import { makeUniverse } from '../../../lambda/core/catalogue/universe.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import { highImpactOf } from '../../../lambda/core/risk/high-impact.ts';
import { byRisk, rankOfRisk, riskOf } from '../../../lambda/core/risk/risk.ts';
import { Random } from '../../random.ts';
import { awsManagedPolicies } from '../fit/support.ts';

/*
 * The order by risk against two public lists of high-impact actions. The project's own list cites neither of them.
 * What it means that they contradict the order is in docs/proposals.md.
 */

const universe = makeUniverse(embeddedCatalogue(), { services: new Map(), actions: new Map() });

/** The actions of some marks, as `service:action`, case-folded. */
function namesOf(marks: ReadonlyMap<string, Uint8Array>): readonly string[] {
  return [...marks].flatMap(([key, has]) =>
    (universe.services.get(key)?.folded ?? []).flatMap((action, i) =>
      has[i] === 1 ? [`${key}:${action}`] : [],
    ),
  );
}

const policies = awsManagedPolicies();

/** What AWS denies to an access key that has leaked: its managed policy `AWSCompromisedKeyQuarantineV3`. */
function quarantined(): ReadonlySet<string> {
  const text = JSON.stringify(
    policies.find(({ name }) => name === 'AWSCompromisedKeyQuarantineV3')?.document,
  );
  const allowed = JSON.parse(text.replaceAll('"Effect":"Deny"', '"Effect":"Allow"')) as JsonValue;
  return new Set(namesOf(grantedActions([allowed], universe)));
}

/** The list "Sensitive IAM Actions", as far as the actions exist. The file has its source. */
function sensitive(): ReadonlySet<string> {
  const lines = readFileSync(new URL('fixtures/sensitive-iam-actions.txt', import.meta.url), 'utf8').split(
    '\n',
  );
  const Action = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const [service = '', names = ''] = line.split(':');
      return names.split(' ').map((name) => `${service}:${name}`);
    });
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
  return new Set(namesOf(grantedActions([document], universe)));
}

const LISTS = [quarantined(), sensitive()] as const;

/** A role of an account: its rank, and of each of the two lists the actions that it loses. */
interface Role {
  readonly rank: ReturnType<typeof rankOfRisk>;
  readonly loses: readonly [ReadonlySet<string>, ReadonlySet<string>];
}

const GRANTS = policies
  .map(({ document }) => grantedActions([document], universe))
  .filter(({ size }) => size > 0);

/** Two hundred roles with one to three AWS managed policies each, of which a random part is unused. */
function account(seed: number): readonly Role[] {
  const random = new Random(seed);
  return Array.from({ length: 200 }, () => {
    const attached = Array.from({ length: random.between(1, 3) }, () => random.pick(GRANTS));
    const share = random.next();
    const removed = new Map<string, Uint8Array>();
    for (const key of new Set(attached.flatMap((marks) => [...marks.keys()]))) {
      const isUnused = random.chance(share / 2);
      const has = (universe.services.get(key)?.folded ?? []).map((_, i) =>
        attached.some((marks) => marks.get(key)?.[i] === 1) && (isUnused || random.chance(share)) ? 1 : 0,
      );
      removed.set(key, Uint8Array.from(has));
    }
    const names = namesOf(removed);
    const [first, second] = LISTS.map((list) => new Set(names.filter((name) => list.has(name))));
    const granted = [...removed].map(
      ([key, has]) => [key, { actions: universe.services.get(key)?.folded ?? [], has }] as const,
    );
    return {
      rank: rankOfRisk(riskOf(new Map(granted), universe)),
      loses: [first ?? new Set<string>(), second ?? new Set<string>()],
    };
  });
}

function firstTen(roles: readonly Role[], order: (a: Role, b: Role) => number): readonly Role[] {
  return [...roles].sort(order).slice(0, 10);
}

/** How many of some roles are among others. */
function common(some: readonly Role[], others: readonly Role[]): number {
  return some.filter((role) => others.includes(role)).length;
}

const bySize =
  (list: 0 | 1) =>
  (a: Role, b: Role): number =>
    b.loses[list].size - a.loses[list].size || byRisk(a.rank, b.rank);

/** Whether the second role loses, of this list, all that the first loses, and more. */
function exceeds(list: 0 | 1, less: Role, more: Role): boolean {
  const [some, all] = [less.loses[list], more.loses[list]];
  return all.size > some.size && [...some].every((name) => all.has(name));
}

describe('two public lists of high-impact actions and the first ten of two hundred roles', () => {
  const accounts = Array.from({ length: 40 }, (_, place) => {
    const roles = account(place + 1);
    const ours = firstTen(roles, (a, b) => byRisk(a.rank, b.rank));
    return {
      seed: place + 1,
      roles,
      ours,
      theirs: [firstTen(roles, bySize(0)), firstTen(roles, bySize(1))] as const,
    };
  });

  test('are read completely, and each list differs from the project’s own', () => {
    expect(LISTS.map(({ size }) => size)).toEqual([153, 482]);
    const unknown = LISTS.map((list) => [...list].filter((name) => highImpactOf(name) === undefined).length);
    expect(unknown).toEqual([106, 378]);
  });

  test('agree that no other role loses strictly more than one of the ten', () => {
    const contradictions = accounts.flatMap(({ seed, roles, ours }) =>
      roles
        .filter((role) => !ours.includes(role))
        .flatMap((outside) =>
          ours
            .filter((inside) => exceeds(0, inside, outside) && exceeds(1, inside, outside))
            .map((inside) => ({ seed, place: ours.indexOf(inside) + 1 })),
        ),
    );
    expect(contradictions).toEqual([]);
  });

  test('are closer to the first ten of the project than to each other', () => {
    const sum = (counts: readonly number[]): number => counts.reduce((total, one) => total + one, 0);
    const ofEachOther = sum(accounts.map(({ theirs }) => common(...theirs)));
    for (const list of [0, 1] as const) {
      const ofOurs = sum(accounts.map(({ ours, theirs }) => common(ours, theirs[list])));
      expect(ofOurs).toBeGreaterThan(ofEachOther);
    }
  });
});
