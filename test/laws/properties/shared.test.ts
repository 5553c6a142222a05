import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askShared, refinedTogether, type Share } from '../oracle/engine.ts';
import { grants, judge, type Question } from '../oracle/judge.ts';
import { member, statementsOf, text } from '../oracle/json.ts';
import { lower } from '../oracle/matcher.ts';
import { makeWorld, type Entry, type RawCatalogue, type World } from '../oracle/world.ts';
import { actionPattern, finding, mode, policyDocument, rawCatalogue } from './arbitraries.ts';
import { runs } from './runs.ts';

/*
 * The laws of what several share, over random small worlds. Everybody's own world is the reference evaluator's; what is
 * unused to all of them is asked of each, action by action.
 */

const RUNS = { numRuns: runs(700), seed: 20261124 };

interface Shared {
  readonly question: Omit<Question, 'unused'>;
  /** At least one of them is a finding. */
  readonly shares: readonly Share[];
}

const shared: fc.Arbitrary<Shared> = rawCatalogue.chain((catalogue) =>
  fc
    .record({
      document: policyDocument(catalogue),
      keep: fc.oneof(
        { weight: 3, arbitrary: fc.constant<string[]>([]) },
        { weight: 1, arbitrary: fc.array(actionPattern(catalogue), { minLength: 1, maxLength: 2 }) },
      ),
      generalize: mode as fc.Arbitrary<Question['generalize']>,
      // What they have in common is common, or the intersection would be empty nearly always.
      common: finding(catalogue),
      own: fc.array(finding(catalogue), { minLength: 1, maxLength: 3 }),
      unused: fc.boolean(),
    })
    .map(({ document, keep, generalize, common, own, unused }): Shared => ({
      question: { document, catalogue, keep, generalize },
      shares: [
        ...own.map((entries) => [...entries, ...common]),
        ...(unused ? (['everything'] as const) : []),
      ],
    })),
);

function findingsOf(shares: readonly Share[]): readonly (readonly Entry[])[] {
  return shares.filter((share) => share !== 'everything');
}

/** Everybody's world by itself, keep-list left out. */
function worldsOf({ question, shares }: Shared): readonly World[] {
  return findingsOf(shares).map((entries) => makeWorld(question.catalogue, entries, []));
}

/** Every action that the catalogue or anybody's finding names, by service; names as somebody spells them. */
function universeOf(shared: Shared): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const universe = new Map<string, Map<string, string>>();
  for (const world of worldsOf(shared)) {
    for (const [key, { actions }] of world.services) {
      const names = universe.get(key) ?? new Map<string, string>();
      universe.set(key, names);
      for (const { folded, name } of actions) {
        const known = names.get(folded);
        if (known === undefined || name < known) names.set(folded, name);
      }
    }
  }
  return universe;
}

/** What is unused to all, as one finding, and the catalogue with what any of them names of its services. */
function sharedQuestion(shared: Shared): Question {
  const worlds = worldsOf(shared);
  const universe = universeOf(shared);
  const unused: Entry[] = [];
  for (const [service, names] of universe) {
    const actions = [...names].flatMap(([folded, name]) =>
      worlds.every((world) => world.mustGo(service, folded)) ? [name] : [],
    );
    if (actions.length > 0) unused.push({ serviceNamespace: service, actions });
  }
  const whole = worlds.map(({ whollyUnused }) => whollyUnused);
  for (const service of whole[0] ?? []) {
    if (whole.every((services) => services.has(service))) unused.push({ serviceNamespace: service });
  }
  const wholly = new Set(
    unused.filter(({ actions }) => !actions).map((entry) => lower(entry.serviceNamespace)),
  );
  const named = new Set(
    unused.map((entry) => lower(entry.serviceNamespace)).filter((service) => !wholly.has(service)),
  );
  const own = new Set(shared.question.catalogue.map(([service]) => lower(service)));
  // Services that only some finding knows stay unknown where some actions of them are unused to all.
  const others = new Set(
    findingsOf(shared.shares)
      .flat()
      .flatMap(({ serviceNamespace, actions }) =>
        actions?.length
          ? actions.map((action) => (action.includes(':') ? (action.split(':')[0] ?? '') : serviceNamespace))
          : [serviceNamespace],
      )
      .map(lower)
      .filter((service) => !own.has(service) && !named.has(service)),
  );
  const catalogue: RawCatalogue = [
    ...shared.question.catalogue,
    ...[...others].map((service): RawCatalogue[number] => [service, []]),
  ].map(([service, actions]) => {
    // A service of which the catalogue has no action stays one of which nobody can say what it offers.
    if (actions.length === 0 && !wholly.has(lower(service))) return [service, actions];
    const known = new Set(actions.map(lower));
    const more = [...(universe.get(lower(service)) ?? [])].filter(([folded]) => !known.has(folded));
    return [service, [...actions, ...more.map(([, name]) => name)]];
  });
  return { ...shared.question, unused, catalogue };
}

function holds(property: (shared: Shared, policy: unknown) => void): void {
  fc.assert(
    fc.property(shared, (one) => {
      property(one, refinedTogether(one.question, one.shares));
    }),
    RUNS,
  );
}

function isGranted(document: unknown, service: string, action: string): boolean {
  return statementsOf(document).some(
    (statement) => member(statement, 'Effect') === 'Allow' && grants(statement)(service)(action),
  );
}

describe('the laws of shared policies', { timeout: 600_000 }, () => {
  test('a shared policy is refined as by one finding that reports what is unused to all holders', () => {
    holds((one, policy) => {
      expect(judge(sharedQuestion(one), policy)).toEqual([]);
    });
  });

  test('no holder loses an action that its own finding does not report unused', () => {
    holds((one, policy) => {
      const worlds = worldsOf(one);
      for (const [service, names] of universeOf(one)) {
        for (const action of names.keys()) {
          if (!isGranted(one.question.document, service, action) || isGranted(policy, service, action))
            continue;
          const who = worlds.findIndex((world) => !world.mustGo(service, action));
          expect([service, action, who]).toEqual([service, action, -1]);
        }
      }
    });
  });

  test('every granted action that is unused to all is removed, unless it is retained or its service is unknown', () => {
    holds((one, policy) => {
      const world = makeWorld(sharedQuestion(one).catalogue, sharedQuestion(one).unused, one.question.keep);
      const known = new Set(
        one.question.catalogue.flatMap(([service, names]) => (names.length > 0 ? [lower(service)] : [])),
      );
      for (const [service, { actions }] of world.services) {
        if (!known.has(service)) continue;
        for (const { folded, removed } of actions) {
          if (removed)
            expect([service, folded, isGranted(policy, service, folded)]).toEqual([service, folded, false]);
        }
      }
    });
  });

  test('the order of the holders does not matter, and neither does another holder with the same finding', () => {
    fc.assert(
      fc.property(shared, fc.nat(), ({ question, shares }, turn) => {
        const at = turn % shares.length;
        const turned = [...shares.slice(at), ...shares.slice(0, at)].reverse();
        const policy = text(refinedTogether(question, shares));
        expect(text(refinedTogether(question, turned))).toBe(policy);
        expect(text(refinedTogether(question, [...shares, shares[at] ?? []]))).toBe(policy);
      }),
      RUNS,
    );
  });

  test('one more holder never causes more to be removed', () => {
    fc.assert(
      fc.property(shared, (one) => {
        const [, ...fewer] = one.shares;
        if (findingsOf(fewer).length === 0) return;
        const [more, less] = [one.shares, fewer].map((shares) => refinedTogether(one.question, shares));
        // On the catalogue alone: another finding may bring actions that the smaller group knows nothing of.
        for (const [name, names] of one.question.catalogue) {
          const service = lower(name);
          for (const action of names.map(lower)) {
            if (!isGranted(less, service, action)) continue;
            expect([service, action, isGranted(more, service, action)]).toEqual([service, action, true]);
          }
        }
      }),
      RUNS,
    );
  });

  test('nothing is refined if all holders are unused roles', () => {
    fc.assert(
      fc.property(shared, ({ question }) => {
        expect(askShared(question, ['everything', 'everything']).kind).toBe('unchanged');
      }),
      { ...RUNS, numRuns: 20 },
    );
  });
});
