import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ask, refined } from '../oracle/engine.ts';
import { grants, judge, survivingStatements, type Question } from '../oracle/judge.ts';
import {
  isObject,
  member,
  statementsOf,
  strings,
  text,
  withMember,
  type PlainObject,
} from '../oracle/json.ts';
import { hasWildcard, lower, naiveMatch } from '../oracle/matcher.ts';
import { isIncluded } from '../oracle/language.ts';
import { isSaid, readPattern } from '../oracle/reference.ts';
import { wordPrefixes } from '../oracle/words.ts';
import { makeWorld, type World } from '../oracle/world.ts';
import { question } from './arbitraries.ts';
import { runs } from './runs.ts';

/*
 * The laws of refinement as theorems over random small worlds. `docs/laws.md` says each of them in words.
 */

const RUNS = { numRuns: runs(500), seed: 20261123 };

interface Pair {
  readonly old: PlainObject;
  readonly now: PlainObject | undefined;
  readonly isAllow: boolean;
}

/** Each statement before with what stands in its place, which the order of statements gives. */
function pairs(asked: Question, policy: unknown): { world: World; statements: Pair[] } {
  const world = makeWorld(asked.catalogue, asked.unused, asked.keep, asked.document);
  const before = statementsOf(asked.document);
  const after = statementsOf(policy);
  const origins = survivingStatements(world, before, asked.generalize);
  const statements = before.map((old, index) => ({
    old,
    now: after[origins.indexOf(index)],
    isAllow: member(old, 'Effect') === 'Allow',
  }));
  return { world, statements };
}

function actionsOf(statement: PlainObject | undefined): readonly string[] {
  return statement === undefined ? [] : strings(member(statement, 'Action'));
}

/** Patterns of an Allow statement that its author did not write. */
function newPatterns({ old, now }: Pair): readonly string[] {
  const authored = new Set(actionsOf(old));
  return member(old, 'Effect') === 'Allow' ? actionsOf(now).filter((entry) => !authored.has(entry)) : [];
}

/** Whether the statement grants all that a pattern can mean. */
function isSaidBy(statement: PlainObject, folded: string): boolean {
  const isListed = strings(member(statement, 'Action') ?? member(statement, 'NotAction')).some((entry) =>
    isSaid(folded, lower(entry)),
  );
  return isListed !== (member(statement, 'NotAction') !== undefined);
}

function holds(property: (asked: Question, policy: unknown) => void): void {
  fc.assert(
    fc.property(question, (asked) => {
      property(asked, refined(asked));
    }),
    RUNS,
  );
}

describe('the laws of refinement', { timeout: 600_000 }, () => {
  test('the reference evaluator finds all laws satisfied at once', () => {
    fc.assert(
      fc.property(question, (asked) => {
        expect(judge(asked, refined(asked))).toEqual([]);
      }),
      { ...RUNS, numRuns: runs(3000) },
    );
  });

  test('each statement grants exactly what it granted, less what is unused, plus what is retained', () => {
    holds((asked, policy) => {
      const { world, statements } = pairs(asked, policy);
      for (const { old, now, isAllow } of statements) {
        if (!isAllow) continue;
        for (const [key, service] of world.services) {
          if (!service.judged) continue;
          for (const { folded, removed } of service.actions) {
            const expected = grants(old)(key)(folded) && !removed;
            expect([key, folded, now ? grants(now)(key)(folded) : false]).toEqual([key, folded, expected]);
          }
        }
      }
    });
  });

  test('no new pattern is wider than the old statement, over all strings', () => {
    holds((asked, policy) => {
      for (const pair of pairs(asked, policy).statements) {
        for (const entry of newPatterns(pair)) {
          const covered = actionsOf(pair.old).some((old) => isSaid(lower(entry), lower(old)));
          if (!covered) expect(judge(asked, policy)).toEqual([]);
          for (const sample of stringsOf(entry)) {
            const old = actionsOf(pair.old).some((pattern) => pattern === '*' || naiveMatch(pattern, sample));
            expect([entry, sample, old]).toEqual([entry, sample, true]);
          }
        }
      }
    });
  });

  test('Deny statements stay as written', () => {
    holds((asked, policy) => {
      const denies = (document: unknown): string[] =>
        statementsOf(document)
          .filter((s) => member(s, 'Effect') === 'Deny')
          .map(text);
      expect(denies(policy)).toEqual(denies(asked.document));
    });
  });

  test('everything in a policy except the actions of its Allow statements stays as written', () => {
    holds((asked, policy) => {
      if (policy === null || !isObject(policy) || !isObject(asked.document)) return;
      expect(text(withMember(policy, 'Statement', ''))).toBe(
        text(withMember(asked.document, 'Statement', '')),
      );
      for (const { old, now } of pairs(asked, policy).statements) {
        if (!now) continue;
        const element = member(old, 'Action') === undefined ? 'NotAction' : 'Action';
        expect(text(withMember(now, element, ''))).toBe(text(withMember(old, element, '')));
      }
    });
  });

  test('patterns that survive keep their spelling, order and repetitions', () => {
    holds((asked, policy) => {
      const { world, statements } = pairs(asked, policy);
      for (const { old, now, isAllow } of statements) {
        if (!isAllow || member(old, 'NotAction') !== undefined) continue;
        const literals = actionsOf(old).filter((entry) => {
          const pattern = readPattern(entry);
          return !hasWildcard(entry) && !pattern.everything && !world.mustGo(pattern.service, pattern.action);
        });
        const left = actionsOf(now).filter((entry) => !hasWildcard(entry) && literals.includes(entry));
        expect(left).toEqual(literals);
      }
    });
  });

  test('a literal action that is not reported stays, known or not', () => {
    holds((asked, policy) => {
      const { world, statements } = pairs(asked, policy);
      for (const { old, now, isAllow } of statements) {
        for (const entry of isAllow ? actionsOf(old) : []) {
          const pattern = readPattern(entry);
          if (hasWildcard(entry) || pattern.everything) continue;
          const isReported = world.mustGo(pattern.service, pattern.action);
          if (!isReported) expect(actionsOf(now)).toContain(entry);
        }
      }
    });
  });

  test('a wildcard that matches no known action stays unless its whole service is unused', () => {
    holds((asked, policy) => {
      const { world, statements } = pairs(asked, policy);
      for (const { old, now, isAllow } of statements) {
        for (const entry of isAllow ? actionsOf(old) : []) {
          const pattern = readPattern(entry);
          if (pattern.everything || !hasWildcard(entry) || world.whollyUnused.has(pattern.service)) continue;
          const known = world.services.get(pattern.service)?.actions ?? [];
          if (!known.some(({ folded }) => naiveMatch(pattern.action, folded)))
            expect(actionsOf(now)).toContain(entry);
        }
      }
    });
  });

  test('no action list is ever empty, and a policy is removed only if no statement is left', () => {
    holds((asked, policy) => {
      const { world } = pairs(asked, policy);
      expect(policy === null).toBe(
        survivingStatements(world, statementsOf(asked.document), asked.generalize).length === 0,
      );
      for (const statement of statementsOf(policy)) {
        expect(strings(member(statement, 'Action') ?? member(statement, 'NotAction')).length).toBeGreaterThan(
          0,
        );
      }
    });
  });

  test('refining twice equals refining once', () => {
    holds((asked, policy) => {
      if (policy !== null) expect(text(refined({ ...asked, document: policy }))).toBe(text(policy));
    });
  });

  test('the same input gives the same bytes and is not changed', () => {
    holds((asked, policy) => {
      const copy = JSON.parse(JSON.stringify(asked.document)) as unknown;
      expect(text(refined({ ...asked, document: copy }))).toBe(text(policy));
      expect(JSON.stringify(ask(asked))).toBe(JSON.stringify(ask({ ...asked, document: copy })));
    });
  });

  test('repeating and reordering the finding’s entries and the catalogue changes nothing', () => {
    holds((asked) => {
      const twice = [...asked.unused, ...asked.unused]
        .reverse()
        .map((entry) =>
          entry.actions ? { ...entry, actions: [...entry.actions, ...entry.actions].reverse() } : entry,
        );
      const shuffled = asked.catalogue
        .map(([service, actions]) => [service, [...actions].reverse()] as const)
        .reverse();
      expect(JSON.stringify(ask({ ...asked, unused: twice, catalogue: shuffled }))).toBe(
        JSON.stringify(ask(asked)),
      );
    });
  });

  test('no new pattern is contained in another pattern of its statement', () => {
    holds((asked, policy) => {
      for (const pair of pairs(asked, policy).statements) {
        const all = actionsOf(pair.now);
        for (const entry of newPatterns(pair)) {
          const others = all.filter((other) => other !== entry).map(lower);
          expect(all.filter((other) => lower(other) === lower(entry))).toHaveLength(1);
          expect(others.filter((other) => isSaid(lower(entry), other))).toEqual([]);
        }
      }
    });
  });

  test('no prefix of mode shortest can be one word shorter without granting an unused action', () => {
    holds((asked, policy) => {
      if (asked.generalize !== 'shortest') return;
      const { world, statements } = pairs(asked, policy);
      for (const pair of statements) {
        for (const entry of newPatterns(pair)) {
          const pattern = readPattern(entry);
          if (pattern.everything || !/^[^*?]+\*$/.test(pattern.action)) continue;
          const prefix = pattern.action.slice(0, -1);
          const { actions = [] } = world.services.get(pattern.service) ?? {};
          const roots = actionsOf(pair.old).map(lower);
          for (const { name, folded } of actions.filter((action) => action.folded.startsWith(prefix))) {
            const shorter = wordPrefixes(name)
              .map(lower)
              .filter((p) => p.length < prefix.length);
            for (const parent of shorter.filter((p) =>
              roots.some((root) => isSaid(`${pattern.service}:${p}*`, root)),
            )) {
              const unsafe = actions.some((action) => action.removed && action.folded.startsWith(parent));
              expect([entry, folded, parent, unsafe]).toEqual([entry, folded, parent, true]);
            }
          }
        }
      }
    });
  });

  test('mode least grants no string that mode shortest does not grant', () => {
    holds((asked) => {
      const shortest = statementsOf(refined({ ...asked, generalize: 'shortest' }));
      const least = statementsOf(refined({ ...asked, generalize: 'least' }));
      expect(least).toHaveLength(shortest.length);
      for (const [index, statement] of least.entries()) {
        const wide = actionsOf(shortest[index]).map(lower);
        for (const entry of actionsOf(statement)) {
          expect([entry, wide.some((other) => isSaid(lower(entry), other))]).toEqual([entry, true]);
        }
      }
    });
  });

  test('mode enumerate writes no wildcard for a service that the catalogue knows', () => {
    holds((asked) => {
      const policy = refined({ ...asked, generalize: 'enumerate' });
      const { statements } = pairs(asked, policy);
      for (const pair of statements) {
        const wild = newPatterns(pair).filter((entry) => {
          const pattern = readPattern(entry);
          return (
            hasWildcard(entry) &&
            !pattern.everything &&
            asked.catalogue.some(([name, actions]) => lower(name) === pattern.service && actions.length > 0)
          );
        });
        expect(wild).toEqual([]);
      }
    });
  });

  test('exactly the actions that are unused and still granted are retained, each with a reason', () => {
    holds((asked, policy) => {
      const answer = ask(asked);
      if (answer.kind !== 'refined') throw new Error(answer.reason);
      const { world } = pairs(asked, policy);
      const after = statementsOf(policy).filter((s) => member(s, 'Effect') === 'Allow');
      const all = makeWorld(asked.catalogue, asked.unused, [], asked.document);
      const expected: string[] = [];
      for (const [key, service] of all.services) {
        for (const { folded } of service.actions) {
          const isUnused =
            all.mustGo(key, folded) || (key === 'iam' && folded === 'passrole' && all.whollyUnused.has(key));
          if (isUnused && after.some((s) => grants(s)(key)(folded))) expected.push(`${key}:${folded}`);
        }
      }
      for (const [key, keepers] of world.beyond) {
        for (const { text: keeper, folded } of keepers) {
          const isGranted = after.some((s) => isSaidBy(s, `${key}:${folded}`));
          if (all.whollyUnused.has(key) && isGranted)
            expected.push(`${key}:${lower(keeper.slice(keeper.indexOf(':') + 1))}`);
        }
      }
      expect(answer.retained.map(({ action }) => lower(action)).sort()).toEqual(
        [...new Set(expected)].sort(),
      );
      expect(answer.retained.every(({ reason }) => reason.length > 10)).toBe(true);
      expect(world.services.size).toBe(all.services.size);
    });
  });

  test('replaying the changes on the old statement gives the new one', () => {
    holds((asked, policy) => {
      const answer = ask(asked);
      if (answer.kind !== 'refined') throw new Error(answer.reason);
      for (const [index, { old, now, isAllow }] of pairs(asked, policy).statements.entries()) {
        const changes = answer.changes.filter(({ statement }) => statement === index);
        if (!isAllow) {
          expect(changes).toEqual([]);
          continue;
        }
        const written = strings(member(old, 'Action') ?? member(old, 'NotAction'));
        const own = changes.filter(({ outcome }) => outcome !== 'added');
        expect(own.map(({ pattern }) => pattern)).toEqual(written);
        const replayed = changes.flatMap(({ outcome, pattern, to }) =>
          outcome === 'kept' || outcome === 'added' ? [pattern] : to,
        );
        expect(replayed).toEqual(
          strings(now ? (member(now, 'Action') ?? member(now, 'NotAction')) : undefined),
        );
        expect(changes.every(({ reason }) => reason.length > 0)).toBe(true);
      }
    });
  });
});

/** Some strings of a pattern, each wildcard standing for several runs of letters that name something. */
function stringsOf(pattern: string): readonly string[] {
  if (!hasWildcard(pattern)) return [pattern];
  return ['', 'x', 'Acl', 'Tagging', 'sFor'].map((run) =>
    pattern.replace(/\*/g, run).replace(/\?/g, run.charAt(0) === '' ? 'z' : run.charAt(0)),
  );
}

describe('the oracle’s own view of languages', () => {
  test('agrees with the literal definition on the article’s prefixes', () => {
    expect(isIncluded('getmulti*', 'get*')).toBe(true);
    expect(isIncluded('get*', 'getmulti*')).toBe(false);
  });
});
