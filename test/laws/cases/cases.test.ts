import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ask } from '../oracle/engine.ts';
import { judge, type Question } from '../oracle/judge.ts';
import type { Mode } from '../oracle/reference.ts';
import type { Entry } from '../oracle/world.ts';

/** One case as `README.md` describes it. */
interface Case {
  readonly name: string;
  readonly catalogue?: Readonly<Record<string, readonly string[]>>;
  readonly unused: readonly Entry[];
  readonly allow?: readonly string[];
  readonly becomes?: readonly string[];
  readonly policy?: unknown;
  readonly refined?: unknown;
  readonly refused?: string;
  readonly keep?: readonly string[];
  readonly generalize?: Mode;
  readonly retained?: readonly string[];
}

interface CaseFile {
  readonly title: string;
  readonly catalogue?: Case['catalogue'];
  readonly cases: readonly Case[];
}

const folder = new URL('./', import.meta.url);

function documentOf(actions: readonly string[]): unknown {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

function expectedOf({ becomes, refined }: Case): unknown {
  if (becomes === undefined) return refined;
  return becomes.length === 0 ? null : documentOf(becomes);
}

for (const name of readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .sort()) {
  const file = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as CaseFile;
  describe(file.title, () => {
    for (const one of file.cases) {
      const question: Question = {
        document: one.allow ? documentOf(one.allow) : one.policy,
        unused: one.unused,
        catalogue: Object.entries(one.catalogue ?? file.catalogue ?? {}),
        keep: one.keep ?? [],
        generalize: one.generalize ?? 'shortest',
      };
      test(one.name, () => {
        const answer = ask(question);
        if (one.refused !== undefined) {
          expect(answer.kind === 'refused' ? answer.reason : 'not refused').toContain(one.refused);
          return;
        }
        if (answer.kind === 'refused') throw new Error(`refused: ${answer.reason}`);
        const expected = expectedOf(one);
        expect(expected, 'the case says what is expected').not.toBeUndefined();
        expect(JSON.stringify(answer.policy, null, 1)).toBe(JSON.stringify(expected, null, 1));
        expect(judge(question, expected), 'the reference evaluator agrees with the case').toEqual([]);
        if (one.retained) expect(answer.retained.map(({ action }) => action)).toEqual(one.retained);
        expect(answer.verification.verdict).toBe('exact');
      });
    }
  });
}
