import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Decision,
  decisionsAbout,
  holdsOn,
  rejectionOf,
  withDecision,
} from '../../../lambda/core/decision/decision.ts';
import { keptAmong, keptFor } from '../../../lambda/core/decision/kept-by-decision.ts';
import { readDecisions, renderDecisions } from '../../../lambda/stored/decisions.ts';
import { NO_LEVELS } from '../../../lambda/core/risk/risk.ts';

const ROLE = 'arn:aws:iam::123456789012:role/orders';
const OTHER = 'arn:aws:iam::123456789012:role/other';
const base = { about: ROLE, reason: 'why', by: 'ana', on: '2026-11-29' };
const candidate = {
  proposalId: 'a'.repeat(32),
  kind: 'refine-permissions',
  arn: ROLE,
  accountId: '123456789012',
  removed: { levels: { ...NO_LEVELS, read: 3 }, highImpact: [] },
};
const proposal = {
  proposalId: 'a'.repeat(32),
  kind: 'refine-permissions',
  levels: ['read'],
  highImpact: [],
} as const;

describe('a rejected proposal', () => {
  const reject = (unless?: 'changed' | 'riskier'): Decision => ({
    ...base,
    decision: 'reject',
    proposal,
    ...(unless === undefined ? {} : { unless }),
  });
  const another = { ...candidate, proposalId: 'b'.repeat(32) };
  const riskier = { ...another, removed: { levels: { ...NO_LEVELS, read: 3, write: 1 }, highImpact: [] } };
  const named = { ...another, removed: { ...candidate.removed, highImpact: ['kms:Decrypt'] } };

  test.each([
    [undefined, [true, true, true, true]],
    ['changed', [true, false, false, false]],
    ['riskier', [true, true, false, false]],
  ] as const)('is proposed again unless %s', (unless, expected) => {
    expect(
      [candidate, another, riskier, named].map((one) => rejectionOf([reject(unless)], one) !== undefined),
    ).toEqual(expected);
  });

  test('does not affect other principals, or other kinds of proposals', () => {
    expect(rejectionOf([reject()], { ...candidate, arn: OTHER })).toBeUndefined();
    expect(rejectionOf([reject()], { ...another, kind: 'remove-role' })).toBeUndefined();
    expect(
      rejectionOf([{ ...base, about: '123456789012', decision: 'reject' }], { ...candidate, arn: OTHER }),
    ).toBeDefined();
  });
});

test('a proposal lists who accepted it, and who keeps something of its subject', () => {
  const decisions: readonly Decision[] = [
    { ...base, decision: 'keep', keep: ['s3:Get*'], by: 'bob', until: '2027-03-31' },
    { ...base, decision: 'accept', proposal, reason: 'agreed' },
    { ...base, decision: 'reject', proposal },
    { ...base, about: OTHER, decision: 'keep', keep: ['s3:Get*'] },
  ];
  const kept = 'kept by bob on 2026-11-29 until 2027-03-31: why';
  expect(decisionsAbout(candidate, decisions)).toEqual(['accepted by ana on 2026-11-29: agreed', kept]);
  expect(decisionsAbout({ ...candidate, proposalId: 'b'.repeat(32) }, decisions)).toEqual([kept]);
  expect(decisionsAbout({ ...candidate, arn: `${ROLE}2` }, decisions)).toEqual([]);
});

test('an action is kept for the principal of the decision and for other named ones, in any case', () => {
  const decisions: readonly Decision[] = [
    { ...base, decision: 'keep', keep: ['s3:Get*'] },
    { ...base, about: 'arn:aws:iam::123456789012:policy/Shared', decision: 'keep', keep: ['sqs:*'] },
  ];
  const accountId = '123456789012';
  const own = keptFor(decisions, [{ arn: ROLE, accountId }]);
  expect(keptAmong(['S3:getObject', 's3:PutObject', 'sqs:SendMessage'], own)).toEqual([
    ['S3:getObject', 's3:Get*'],
  ]);
  expect(keptFor(decisions, [{ arn: OTHER, accountId }]).patterns).toEqual([]);
  expect(
    keptFor(decisions, [{ arn: OTHER, accountId, others: ['arn:aws:iam::123456789012:policy/Shared'] }])
      .patterns,
  ).toEqual(['sqs:*']);
});

test('over any sequence of decisions and days, decisions keep actions only for their principals and until they expire', () => {
  const day = fc.integer({ min: 1, max: 28 }).map((n) => `2026-11-${String(n).padStart(2, '0')}`);
  const keep = fc.record({
    about: fc.constantFrom(ROLE, OTHER),
    keep: fc.constantFrom(['s3:GetObject'], ['s3:*'], ['sqs:SendMessage']),
    until: fc.option(day, { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(keep, { maxLength: 8 }), day, (steps, today) => {
      let decisions: readonly Decision[] = [];
      for (const { until, ...step } of steps) {
        const added = {
          ...base,
          ...step,
          decision: 'keep' as const,
          ...(until === undefined ? {} : { until }),
        };
        decisions = withDecision(decisions, added);
        // Written and read, as between two runs.
        const read = readDecisions(renderDecisions(decisions));
        decisions = read.ok ? read.value : [];
      }
      for (const arn of [ROLE, OTHER]) {
        const inForce = decisions.filter((one) => holdsOn(one, today));
        const kept = keptAmong(
          ['s3:GetObject', 'sqs:SendMessage'],
          keptFor(inForce, [{ arn, accountId: '1' }]),
        );
        const wanted = ['s3:GetObject', 'sqs:SendMessage'].filter((action) => {
          const about = steps.filter(
            (step) =>
              step.about === arn &&
              step.keep.some((p) => p === action || p === `${action.split(':')[0] ?? ''}:*`),
          );
          // The last word about the same patterns counts.
          const last = new Map(about.map((step) => [step.keep.join(), step.until]));
          return [...last.values()].some((until) => until === undefined || today <= until);
        });
        expect(kept.map(([action]) => action)).toEqual(wanted);
      }
    }),
    { numRuns: 300 },
  );
});

describe('the file', () => {
  test.each([
    ['a misspelt member', { ...base, decision: 'keep', kept: ['s3:*'] }],
    ['a day that is none', { ...base, decision: 'keep', keep: ['s3:*'], until: '2026-02-29' }],
    ['a pattern that is none', { ...base, decision: 'keep', keep: ['s3'] }],
    ['a reason of two lines', { ...base, reason: 'a\nb', decision: 'keep', keep: ['s3:*'] }],
    ['something that is about nothing', { ...base, about: 'orders', decision: 'keep', keep: ['s3:*'] }],
  ])('refuses %s', (_, decision) => {
    expect(readDecisions(JSON.stringify({ schemaVersion: 1, decisions: [decision] })).ok).toBe(false);
  });

  test('is written in a fixed order, and read back unchanged', () => {
    const a: Decision = { ...base, decision: 'accept', proposal };
    const b: Decision = { ...base, about: OTHER, decision: 'keep', keep: ['s3:*'] };
    expect(renderDecisions([b, a])).toBe(renderDecisions([a, b]));
    expect(readDecisions(renderDecisions([b, a]))).toEqual({ ok: true, value: [a, b] });
    // Other programs write every member.
    const written = JSON.stringify({ schemaVersion: 1, decisions: [{ ...a, until: null }, b] });
    expect(readDecisions(written)).toEqual({ ok: true, value: [a, b] });
  });

  test('replaces an earlier decision about the same proposal', () => {
    const accept: Decision = { ...base, decision: 'accept', proposal };
    const reject: Decision = {
      ...base,
      decision: 'reject',
      proposal: { ...proposal, proposalId: 'c'.repeat(32) },
    };
    expect(withDecision([accept], reject)).toEqual([reject]);
    const kept: Decision = { ...base, decision: 'keep', keep: ['s3:*'] };
    expect(withDecision([kept], reject)).toEqual([kept, reject]);
  });

  test('does not replace a decision of another kind, or about another kind of proposal or another key', () => {
    const kept: Decision = { ...base, decision: 'keep', keep: ['s3:*'] };
    const rejectAll: Decision = { ...base, decision: 'reject' };
    expect(withDecision([kept], rejectAll)).toEqual([kept, rejectAll]);
    expect(withDecision([rejectAll], kept)).toEqual([rejectAll, kept]);
    const about = (
      kind: 'refine-permissions' | 'remove-password' | 'remove-access-key',
      id: string,
    ): Decision => ({
      ...base,
      decision: 'accept',
      proposal: { ...proposal, kind, proposalId: id.repeat(32) },
    });
    const password = about('remove-password', 'd');
    expect(withDecision([about('refine-permissions', 'a')], password)).toHaveLength(2);
    expect(withDecision([password], about('remove-password', 'e'))).toHaveLength(1);
    const key = about('remove-access-key', 'a');
    expect(withDecision([key], about('remove-access-key', 'b'))).toHaveLength(2);
    expect(withDecision([key], key)).toEqual([key]);
  });
});
