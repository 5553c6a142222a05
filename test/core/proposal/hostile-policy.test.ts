import { describe, expect, test, vi } from 'vitest';
import type * as Covers from '../../../lambda/core/pattern/covers.ts';
import type * as Matching from '../../../lambda/core/verify/matching.ts';
import { embeddedCatalogue } from '../../../lambda/adapters/catalogue/embedded.ts';
import { readUnusedAccess } from '../../../lambda/core/model/unused-access.ts';
import { refineDocument } from '../../../lambda/core/proposal/refine-document.ts';

/*
 * A whole refinement, proof included, of policies at the size limit of IAM, made of patterns that are hard to compare. Counted
 * are the symbols that comparisons of two patterns may look at: no time, which would depend on the machine.
 */

const steps = vi.hoisted(() => ({ engine: 0, verifier: 0 }));

vi.mock('../../../lambda/core/pattern/covers.ts', async (original) => {
  const { covers } = await original<typeof Covers>();
  return {
    covers: (wide: string, narrow: string): boolean => {
      steps.engine += wide.length * narrow.length;
      return covers(wide, narrow);
    },
  };
});
vi.mock('../../../lambda/core/verify/matching.ts', async (original) => {
  const all = await original<typeof Matching>();
  return {
    ...all,
    isContained: (narrow: string, wide: string): boolean => {
      steps.verifier += wide.length * narrow.length;
      return all.isContained(narrow, wide);
    },
  };
});

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];
const letter = (index: number): string => LETTERS[index % LETTERS.length] ?? '';

/** As many patterns as a managed policy holds. */
function fill(make: (index: number) => string): readonly string[] {
  const actions: string[] = [];
  let characters = 0;
  for (let index = 0; characters < 5_900; index += 1) {
    const action = `ec2:${make(index)}`;
    actions.push(action);
    characters += action.length + 3;
  }
  return actions;
}

const SETS: readonly (readonly [string, readonly string[]])[] = [
  ['one long run of ?*', [`ec2:${'?*'.repeat(2_900)}`]],
  ['runs of ?*', fill((index) => `${'?*'.repeat(18)}${letter(index)}*`)],
  ['letters between stars', fill((index) => `*${letter(index)}*${letter(index * 7)}*`)],
  ['one letter between many stars', fill((index) => `${'*e'.repeat(1 + (index % 20))}*`)],
  ['question marks', fill((index) => '?'.repeat(1 + (index % 60)))],
  ['two letters between stars', fill((index) => `*${letter(index)}${letter(Math.floor(index / 26))}*`)],
  ['stars and question marks', fill((index) => `?*${letter(index)}?*?${letter(index * 3)}*?`)],
];

describe('a policy at the size limit', () => {
  const catalogue = embeddedCatalogue();
  const ec2 = catalogue.services.get('ec2')?.actions ?? [];
  const actions = ec2.filter((_, index) => index % 3 === 0).map((action) => ({ action }));
  const unused = readUnusedAccess([{ serviceNamespace: 'ec2', actions }]);

  test.each(SETS)('of hostile patterns takes a bounded number of comparisons: %s', (_, list) => {
    if (!unused.ok) throw new Error(unused.problem);
    steps.engine = 0;
    steps.verifier = 0;
    const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: list, Resource: '*' }] };
    const input = { document, unused: unused.value, catalogue, generalize: 'shortest', keep: [] } as const;
    expect(refineDocument(input).kind).toBe('refined');
    expect(steps.engine).toBeLessThan(60_000_000);
    expect(steps.verifier).toBeLessThan(60_000_000);
  });
});
