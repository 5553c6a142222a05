import { describe, expect, test } from 'vitest';
import { refinedTogether, type Share } from '../oracle/engine.ts';
import { grants, type Question } from '../oracle/judge.ts';
import { statementsOf } from '../oracle/json.ts';
import { lower } from '../oracle/matcher.ts';

/*
 * What two share, in a world so small that every pair of findings can be tried: each reports any set of actions, the whole
 * service, or is unused itself. The expectation is worked out with sets alone.
 */

const CATALOGUES = [
  ['Ab', 'Abs', 'AbC'],
  ['AbC', 'AbCb', 'CAb'],
  ['ABs', 'AbC', 'aC'],
  ['Ab', 'AbsC'],
];
const PATTERNS = ['*', 's:*', 's:a*', 's:ab*', 's:*b', 's:Ab?'];

type Says = { readonly share: Share; isUnused(action: string): boolean };

function everySaying(names: readonly string[]): readonly Says[] {
  const partly = Array.from({ length: 2 ** names.length }, (_, bits): Says => {
    const actions = names.filter((_name, index) => (bits >> index) % 2 === 1);
    return {
      share: actions.length === 0 ? [] : [{ serviceNamespace: 's', actions }],
      isUnused: (action) => actions.includes(action),
    };
  });
  return [
    ...partly,
    { share: [{ serviceNamespace: 's' }], isUnused: () => true },
    { share: 'everything', isUnused: () => true },
  ];
}

function isGranted(document: unknown, action: string): boolean {
  return statementsOf(document).some((statement) => grants(statement)('s')(lower(action)));
}

describe('a pattern that two principals share, exhaustively', { timeout: 600_000 }, () => {
  test('two principals who share a pattern, over catalogues of two or three names, with every possible finding for each', () => {
    let asked = 0;
    const problems: string[] = [];
    for (const names of CATALOGUES) {
      const sayings = everySaying(names);
      for (const pattern of PATTERNS) {
        const document = { Statement: [{ Effect: 'Allow', Action: [pattern], Resource: '*' }] };
        const question: Omit<Question, 'unused'> = {
          document,
          catalogue: [['s', names]],
          keep: [],
          generalize: 'shortest',
        };
        for (const one of sayings) {
          for (const other of sayings) {
            // Two unused roles are removed, not refined.
            if (one.share === 'everything' && other.share === 'everything') continue;
            asked += 1;
            const left = refinedTogether(question, [one.share, other.share]);
            for (const name of names) {
              const expected = isGranted(document, name) && !(one.isUnused(name) && other.isUnused(name));
              if (isGranted(left, name) !== expected) {
                problems.push(
                  `${names.join()} ${pattern}: ${JSON.stringify([one.share, other.share])}: ${name}`,
                );
              }
            }
          }
        }
      }
    }
    expect(problems.slice(0, 5)).toEqual([]);
    expect(asked).toBe(1992);
  });
});
