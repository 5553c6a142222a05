import { describe, expect, test } from 'vitest';
import { ask } from '../oracle/engine.ts';
import { judge, type Question } from '../oracle/judge.ts';
import { lower } from '../oracle/matcher.ts';
import type { Mode } from '../oracle/reference.ts';
import type { Entry, RawCatalogue } from '../oracle/world.ts';

/*
 * Whatever can go wrong goes wrong in a small world already: every catalogue of a few names that share prefixes, every
 * set of unused actions, every short pattern, judged by the reference evaluator.
 */

/** Names that are prefixes of each other as strings or as words, plurals, runs of capitals, and a lower-case one. */
const NAMES = ['Ab', 'Abs', 'AbC', 'AbCb', 'AbsC', 'ABs', 'aC', 'CAb'];

function subsets<T>(items: readonly T[], sizes: readonly number[]): T[][] {
  const all = Array.from({ length: 2 ** items.length }, (_, bits) =>
    items.filter((_item, index) => (bits >> index) % 2 === 1),
  );
  return all.filter((subset) => sizes.includes(subset.length));
}

/** Catalogues of the given sizes; names that differ only in case stand for one action and never occur together. */
function cataloguesOf(sizes: readonly number[]): RawCatalogue[] {
  return subsets(NAMES, sizes)
    .filter((names) => new Set(names.map(lower)).size === names.length)
    .map((names) => [['s', names]]);
}

function patternsOver(alphabet: string, longest: number): string[] {
  let patterns = [''];
  const all: string[] = [];
  for (let length = 1; length <= longest; length += 1) {
    patterns = patterns.flatMap((pattern) => [...alphabet].map((letter) => pattern + letter));
    all.push(...patterns);
  }
  return all;
}

const WILDCARDS = patternsOver('abcs*?', 3).filter((pattern) => /[*?]/.test(pattern));
const PREFIXES = ['*', 'a*', 'A*', 'ab*', 'aB*', 'abs*', 'abc*', 'c*', 'cA*'];

interface Scope {
  readonly catalogues: readonly RawCatalogue[];
  readonly actions: readonly (readonly string[])[];
  readonly modes: readonly Mode[];
}

/** The first few wrong answers of a scope, and how many questions it has. */
function explore({ catalogues, actions, modes }: Scope): { asked: number; problems: string[] } {
  const problems: string[] = [];
  let asked = 0;
  for (const catalogue of catalogues) {
    const names = catalogue[0]?.[1] ?? [];
    for (const unused of findingsOver(names)) {
      for (const action of actions) {
        const [only] = action;
        const document = {
          Statement: { Effect: 'Allow', Action: action.length === 1 && only ? only : action, Resource: '*' },
        };
        for (const generalize of modes) {
          const question: Question = { document, unused, catalogue, keep: [], generalize };
          asked += 1;
          for (const problem of problemsOf(question)) {
            problems.push(
              `${generalize}, ${names.join()} unused ${JSON.stringify(unused)}: ${action.join()}: ${problem}`,
            );
          }
          if (problems.length > 5) return { asked, problems };
        }
      }
    }
  }
  return { asked, problems };
}

function problemsOf(question: Question): readonly string[] {
  try {
    const answer = ask(question);
    return answer.kind === 'refined' ? judge(question, answer.policy) : [`refused: ${answer.reason}`];
  } catch (error) {
    return [String(error)];
  }
}

function findingsOver(names: readonly string[]): (readonly Entry[])[] {
  const parts = subsets(
    names,
    names.map((_, index) => index + 1),
  );
  return [[{ serviceNamespace: 's' }], ...parts.map((actions) => [{ serviceNamespace: 's', actions }])];
}

describe('every small case', { timeout: 600_000 }, () => {
  test('one wildcard of up to three characters, over catalogues of one or two names, in all modes', () => {
    const { asked, problems } = explore({
      catalogues: cataloguesOf([1, 2]),
      actions: WILDCARDS.map((pattern) => [`s:${pattern}`]),
      modes: ['shortest', 'least', 'enumerate'],
    });
    expect(problems).toEqual([]);
    expect(asked).toBe(64_728);
  });

  test('one prefix wildcard, over catalogues of three or four names, in all modes', () => {
    const { asked, problems } = explore({
      catalogues: cataloguesOf([3, 4]),
      actions: PREFIXES.map((pattern) => [`s:${pattern}`]),
      modes: ['shortest', 'least', 'enumerate'],
    });
    expect(problems).toEqual([]);
    expect(asked).toBe(34_560);
  });

  test('two adjacent patterns, in both orders, one of which contains what the other splits into', () => {
    const pool = ['a*', 'ab*', '*c', '*b*', 'AbC', 'Abs', 'a?s', '*'];
    const { asked, problems } = explore({
      catalogues: cataloguesOf([3]),
      actions: pool.flatMap((a) => pool.map((b) => [`s:${a}`, `s:${b}`])),
      modes: ['shortest'],
    });
    expect(problems).toEqual([]);
    expect(asked).toBe(25_600);
  });

  test('a single * over two services, each of which may be wholly unused', () => {
    const catalogues = cataloguesOf([2]).map((one): RawCatalogue => [...one, ['t', ['Cd', 'CdE']]]);
    const findings: Entry[][] = [
      [{ serviceNamespace: 't' }],
      [{ serviceNamespace: 's' }],
      [{ serviceNamespace: 't', actions: ['Cd'] }],
      [{ serviceNamespace: 'S' }, { serviceNamespace: 't', actions: ['t:CDE', 'New'] }],
      [{ serviceNamespace: 'nowhere', actions: ['Thing'] }],
    ];
    const problems = catalogues.flatMap((catalogue) =>
      findings.flatMap((unused) =>
        (['shortest', 'least'] as const).flatMap((generalize) =>
          ['*', '*:*'].flatMap((action) => {
            const document = { Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] };
            return problemsOf({ document, unused, catalogue, keep: [], generalize });
          }),
        ),
      ),
    );
    expect(problems.slice(0, 5)).toEqual([]);
  });

  test('NotAction with one or two entries, over catalogues of up to three names', () => {
    const pool = ['s:a*', 's:AbC', 's:*', 's:*c', 'other:*', 's:zz*', '*'];
    const lists = [...pool.map((a) => [a]), ...pool.flatMap((a) => pool.map((b) => [a, b]))];
    const problems: string[] = [];
    let asked = 0;
    for (const catalogue of cataloguesOf([1, 2, 3])) {
      for (const unused of findingsOver(catalogue[0]?.[1] ?? [])) {
        for (const list of lists) {
          const document = { Statement: [{ Effect: 'Allow', NotAction: list, Resource: '*' }] };
          asked += 1;
          problems.push(...problemsOf({ document, unused, catalogue, keep: [], generalize: 'shortest' }));
        }
      }
    }
    expect(problems.slice(0, 5)).toEqual([]);
    expect(asked).toBe(29_344);
  });
});
