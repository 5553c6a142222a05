import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import { verifyPolicy } from '../../../lambda/core/verify/verify-policy.ts';
import { catalogueOf, refined, unusedOf } from '../oracle/engine.ts';
import { judge, survivingStatements, type Question } from '../oracle/judge.ts';
import { isObject, member, statementsOf, withMember, type Plain, type PlainObject } from '../oracle/json.ts';
import { makeWorld } from '../oracle/world.ts';
import { question } from './arbitraries.ts';
import { makesAllRuns, runs } from './runs.ts';
import { MUTATIONS, type Claim, type Scene } from './mutations.ts';
import { seededRandom } from '../../random.ts';

/*
 * Correct answers, spoilt in every way of `mutations.ts`. A mutation that the reference evaluator finds wrong must be
 * rejected by the verifier. Beauty is not the verifier's business: a differently cut pattern that grants the same is not
 * wrong.
 */

const WRONG =
  /^frame: Version|(^|\] )(exact|wider|deny|rest|element|survivor|dropped|exceptions|unknown|grammar|redundant): /;

/** What stays wrong when patterns may be respelt and reordered, as fitting to a size does. */
const WRONG_IN_ANY_FORM =
  /^frame: Version|(^|\] )(exact|wider|deny|rest|element|dropped|unknown|grammar|redundant): |\] exceptions: \S+ is too much/;

function documentOf(claim: Claim): Plain {
  const isAsObject = isObject(member(claim.frame, 'Statement')) && claim.statements.length === 1;
  return withMember(
    claim.frame,
    'Statement',
    isAsObject ? (claim.statements[0] ?? null) : [...claim.statements],
  );
}

function accepts(
  asked: Question,
  after: readonly { document: Plain; origins: readonly number[] }[],
): boolean {
  return objections(asked, after).length === 0;
}

function objections(
  asked: Question,
  after: readonly { document: Plain; origins: readonly number[] }[],
  strict = true,
): readonly string[] {
  const result = verifyPolicy({
    before: asked.document as JsonValue,
    after: after as readonly { document: JsonValue; origins: readonly number[] }[],
    unused: unusedOf(asked.unused),
    keep: asked.keep,
    catalogue: catalogueOf(asked.catalogue),
    strict,
    isEnumerating: asked.generalize === 'enumerate',
  });
  return result.ok ? [] : result.problems;
}

interface Bite {
  wrong: number;
  readonly accepted: string[];
}

/** Over many questions: how many mutants of each kind were wrong, and which of those the verifier let through. */
function bites(): { kinds: Map<string, Bite>; answers: number; rejected: string[] } {
  const rejected: string[] = [];
  const kinds = new Map<string, Bite>(
    Object.keys(MUTATIONS).map((name) => [name, { wrong: 0, accepted: [] }]),
  );
  const random = seededRandom(20261123);
  let answers = 0;
  for (const asked of fc.sample(question, { numRuns: runs(900), seed: 7 })) {
    const policy = refined(asked);
    // Only correct answers can be spoilt; whether all answers are correct is what the laws test.
    if (!isObject(policy) || judge(asked, policy).length > 0) continue;
    answers += 1;
    const before = statementsOf(asked.document);
    const world = makeWorld(asked.catalogue, asked.unused, asked.keep, asked.document);
    const scene: Scene = { before, world, random };
    const claim: Claim = {
      frame: policy,
      statements: statementsOf(policy),
      origins: survivingStatements(world, before, asked.generalize),
    };
    const unjust = objections(asked, [{ document: documentOf(claim), origins: claim.origins }]);
    if (unjust.length > 0) rejected.push(`${unjust.join('; ')}: ${JSON.stringify(asked)}`);
    for (const [name, mutate] of Object.entries(MUTATIONS)) {
      const mutant = mutate(claim, scene);
      const bite = kinds.get(name);
      if (!mutant || !bite) continue;
      const document = documentOf(mutant);
      const problems = judge(asked, document).filter((problem) => WRONG.test(problem));
      if (problems.length === 0) continue;
      bite.wrong += 1;
      const after = [{ document, origins: mutant.origins }];
      const isWrongInAnyForm = problems.some((problem) => WRONG_IN_ANY_FORM.test(problem));
      if (accepts(asked, after) || (isWrongInAnyForm && objections(asked, after, false).length === 0)) {
        bite.accepted.push(`${problems.join('; ')}: ${JSON.stringify(document)} ← ${JSON.stringify(asked)}`);
      }
    }
  }
  return { kinds, answers, rejected };
}

describe('the verifier has teeth', () => {
  const { kinds, answers, rejected } = bites();

  test('it accepts every correct result that the mutants are made from', () => {
    expect(rejected).toEqual([]);
    if (makesAllRuns) expect(answers).toBeGreaterThan(500);
  });

  test('there are at least fifteen mutations', () => {
    expect(kinds.size).toBeGreaterThanOrEqual(15);
  });

  for (const [name, { wrong, accepted }] of kinds) {
    test(`it rejects a correct result after: ${name}`, () => {
      expect(accepted.slice(0, 1)).toEqual([]);
      if (makesAllRuns) expect(wrong).toBeGreaterThan(10);
    });
  }

  test('it rejects the removal of a policy that still grants something, and a policy that remains with nothing to grant', () => {
    let [gone, remaining] = [0, 0];
    for (const asked of fc.sample(question, { numRuns: runs(700), seed: 8 })) {
      const policy = refined(asked);
      if (policy !== null) {
        gone += 1;
        expect(accepts(asked, [])).toBe(false);
      } else {
        remaining += 1;
        const origins = [...statementsOf(asked.document).keys()];
        expect(accepts(asked, [{ document: asked.document as Plain, origins }])).toBe(false);
      }
    }
    if (!makesAllRuns) return;
    expect(gone).toBeGreaterThan(300);
    expect(remaining).toBeGreaterThan(10);
  });

  test('it allows other spelling and order of patterns only if not strict, and never the loss of unknown actions', () => {
    const before = ['s3:ListBuckets', 'mobilehub:*', 's3:GetObject'];
    const documentWith = (key: string, list: string[]): Plain => ({
      Statement: { Effect: 'Allow', [key]: list, Resource: '*' },
    });
    const asking = (key: string, list: string[]): Question => ({
      document: documentWith(key, list),
      unused: [{ serviceNamespace: 's3', actions: ['PutObject'] }],
      catalogue: [['s3', ['GetObject', 'PutObject']]],
      keep: [],
      generalize: 'shortest',
    });
    const says = (key: string, old: string[], now: string[], strict: boolean): boolean =>
      objections(asking(key, old), [{ document: documentWith(key, now), origins: [0] }], strict).length === 0;
    const respelt = ['s3:getobject', 'S3:listbuckets', 'mobilehub:*'];
    expect([says('Action', before, before, true), says('Action', before, respelt, true)]).toEqual([
      true,
      false,
    ]);
    expect([says('Action', before, before, false), says('Action', before, respelt, false)]).toEqual([
      true,
      true,
    ]);
    for (const lost of before) {
      const left = before.filter((text) => text !== lost);
      expect([lost, says('Action', before, left, false)]).toEqual([lost, false]);
    }
    const [exceptions, due] = [['iam:*'], ['iam:*', 's3:PutObject']];
    expect(says('NotAction', exceptions, due, false)).toBe(true);
    expect(says('NotAction', exceptions, [...due, 'mobilehub:*'], false)).toBe(false);
    expect(says('NotAction', exceptions, [...due, 's3:*'], false)).toBe(false);
  });

  test('it rejects the loss of a retained action that the catalogue does not know', () => {
    const documentWith = (key: string, list: string[]): Plain => ({
      Statement: { Effect: 'Allow', [key]: list, Resource: '*' },
    });
    const says = (key: string, old: string[], now: string[]): boolean =>
      accepts(
        {
          document: documentWith(key, old),
          unused: [{ serviceNamespace: 'iam' }, { serviceNamespace: 'mobilehub' }],
          catalogue: [['s3', ['GetObject']]],
          keep: ['mobilehub:Get*', 's3:GetNewThing'],
          generalize: 'shortest',
        },
        [{ document: documentWith(key, now), origins: [0] }],
      );
    const wide = ['iam:*', 'mobilehub:*', 's3:*'];
    const left = ['iam:PassRole', 'mobilehub:Get*', 's3:*'];
    expect(says('Action', wide, left)).toBe(true);
    expect(says('Action', wide, ['mobilehub:Get*', 's3:*'])).toBe(false);
    expect(says('Action', wide, ['iam:PassRole', 's3:*'])).toBe(false);
    expect(says('NotAction', ['sts:*'], ['sts:*'])).toBe(true);
    expect(says('NotAction', ['sts:*'], ['sts:*', 'iam:*'])).toBe(false);
  });

  test('it requires the parts of a divided statement to be as written, including the Sid', () => {
    const part = (sid: string, key: string, list: readonly string[]): Plain => ({
      Statement: [{ Sid: sid, Effect: 'Allow', [key]: list, Resource: '*' }],
    });
    const says = (key: string, before: readonly string[], parts: readonly Plain[]): boolean => {
      const asked: Question = {
        document: part('Work', key, before),
        unused: [{ serviceNamespace: 's3', actions: ['PutObject'] }, { serviceNamespace: 'gone' }],
        catalogue: [
          ['s3', ['GetObject', 'GetObjectAcl', 'PutObject']],
          ['sqs', ['SendMessage']],
          ['empty', []],
        ],
        keep: [],
        generalize: 'shortest',
      };
      const after = parts.map((document) => ({ document: document as PlainObject, origins: [0] }));
      return objections(asked, after, false).length === 0;
    };
    const list = (...texts: readonly string[]): Plain => part('Work', 'Action', texts);
    const wide = ['s3:*', 'sqs:*'];
    expect(says('Action', wide, [list('s3:Get*'), list('sqs:*')])).toBe(true);
    expect(says('Action', wide, [list('s3:Get*'), part('Work2', 'Action', ['sqs:*'])])).toBe(false);
    expect(says('Action', wide, [list('s3:Get*'), list('sqs:SendMessage')])).toBe(false);
    expect(says('Action', wide, [list('s3:Get*', 's3:GetObjectAcl'), list('sqs:*')])).toBe(false);
    expect(says('Action', ['*'], [list('s3:Get*', 'sqs:*'), list('empty:*')])).toBe(true);
    expect(says('Action', ['*'], [list('s3:Get*', 'sqs:*')])).toBe(false);
    expect(says('Action', ['*'], [list('s3:Get*', 'sqs:SendMessage'), list('empty:*')])).toBe(false);
    const excluding = part('Work', 'NotAction', ['gone:*', 's3:PutObject']);
    expect(says('Action', ['*'], [excluding])).toBe(true);
    expect(says('Action', ['*'], [excluding, list('sqs:*')])).toBe(false);
    expect(
      says('NotAction', ['sqs:*'], [part('Work', 'NotAction', ['sqs:*', 'gone:*', 's3:PutObject'])]),
    ).toBe(true);
    expect(says('NotAction', ['sqs:*', 'empty:*', 's3:Get*'], [])).toBe(false);
  });

  test('NotAction never lists a whole service because of its known actions alone, and lists it only once', () => {
    const asked = (unused: Question['unused']): Question => ({
      document: { Statement: { Effect: 'Allow', NotAction: ['sqs:*'], Resource: '*' } },
      unused,
      catalogue: [['s3', ['GetObject', 'PutObject']]],
      keep: [],
      generalize: 'shortest',
    });
    const says = (unused: Question['unused'], list: readonly string[], strict: boolean): boolean => {
      const document = { Statement: { Effect: 'Allow', NotAction: ['sqs:*', ...list], Resource: '*' } };
      return objections(asked(unused), [{ document, origins: [0] }], strict).length === 0;
    };
    const named = [{ serviceNamespace: 's3', actions: ['GetObject', 'PutObject'] }];
    const whole = [{ serviceNamespace: 's3' }];
    for (const strict of [true, false]) {
      expect(says(named, ['s3:GetObject', 's3:PutObject'], strict)).toBe(true);
      expect(says(named, ['s3:*'], strict)).toBe(false);
      expect(says(whole, ['s3:*'], strict)).toBe(true);
      expect(says(whole, ['s3:GetObject', 's3:PutObject'], strict)).toBe(false);
      expect(says(whole, ['s3:*', 's3:PutObject'], strict)).toBe(false);
    }
    // Only fitting to a size writes other wildcards there.
    expect([true, false].map((strict) => says(named, ['s3:*Object'], strict))).toEqual([false, true]);
  });

  test('it rejects what is not a policy, without throwing', () => {
    const [asked] = fc.sample(question, { numRuns: 1, seed: 9 });
    if (!asked) throw new Error('no question');
    for (const document of [null, 1, 'x', [], {}, { Statement: 'x' }, { Statement: [null] }] as Plain[]) {
      expect(accepts(asked, [{ document, origins: [0] }])).toBe(false);
    }
  });
});
