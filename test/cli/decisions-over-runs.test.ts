import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DecisionsFile } from '../../lambda/adapters/files/decisions-file.ts';
import { type Decision, levelsIn } from '../../lambda/core/decision/decision.ts';
import type { Proposal } from '../../lambda/core/proposal/schema.ts';
import { recordDecision } from '../../lambda/use-cases/decisions/record-decision.ts';
import { breachOf, type Heeded } from '../decision-law.ts';
import { ACCOUNT, allow, attached, finding, inline, managed, policyArn, role, roleArn } from './accounts.ts';
import { runHere } from './in-process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decisions-over-runs-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/* Two roles share a policy, and each has one of its own. */

const SHARED = policyArn('Shared');
const [ORDERS, WEB] = [roleArn('Orders'), roleArn('Web')];
const EMPTY = '{"schemaVersion":1,"decisions":[]}';

function write(name: string, content: unknown): string {
  const file = path.join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const INPUT = [
  '--account-details',
  write('account.json', {
    RoleDetailList: ['Orders', 'Web'].map((name) =>
      role(name, {
        RolePolicyList: [inline('Own', allow('s3:GetObject', 's3:PutObject', 's3:DeleteObject'))],
        AttachedManagedPolicies: [attached(SHARED)],
      }),
    ),
    UserDetailList: [],
    GroupDetailList: [],
    Policies: [managed(SHARED, allow('sqs:*'), { AttachmentCount: 2 })],
  }),
  '--findings',
  write('findings.json', [
    finding(ORDERS, { s3: ['PutObject', 'DeleteObject'], sqs: ['PurgeQueue'] }),
    finding(WEB, { s3: ['PutObject'], sqs: ['PurgeQueue'] }),
  ]),
  '--catalogue',
  write('catalogue.json', {
    s3: ['GetObject', 'PutObject', 'DeleteObject'],
    sqs: ['SendMessage', 'PurgeQueue'],
  }),
  ...['--generalize', 'enumerate', '--jobs', '1', '--no-reports', '--json'],
];
const HEEDED: readonly Heeded[] = [
  { arn: ORDERS, accountId: ACCOUNT, policies: [SHARED] },
  { arn: WEB, accountId: ACCOUNT, policies: [SHARED] },
  { arn: SHARED, accountId: ACCOUNT, holders: [ORDERS, WEB] },
];

/** What one run proposes, by ARN. */
async function run(out: string, decisions: string, day: string): Promise<ReadonlyMap<string, Proposal>> {
  const { status, stdout } = await runHere([
    ...['account', ...INPUT, '--out', out, '--decisions', decisions, '--as-of', day],
  ]);
  expect(status).toBe(0);
  // Trust boundary: the command's own output.
  const { proposals, shared } = JSON.parse(stdout) as {
    proposals: readonly { principal: string; path: string }[];
    shared: readonly { subject: string; path?: string }[];
  };
  const places = [
    ...proposals.map((one) => [one.principal, one.path] as const),
    ...shared.flatMap((one) => (one.path === undefined ? [] : [[one.subject, one.path] as const])),
  ];
  return new Map(
    places.map(([arn, place]) => [
      arn,
      JSON.parse(readFileSync(path.join(out, place, 'proposal.json'), 'utf8')) as Proposal,
    ]),
  );
}

const day = (n: number): string => `2026-11-${String(n).padStart(2, '0')}`;
const until = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
const step = fc.oneof(
  fc.record({
    kind: fc.constant('keep' as const),
    about: fc.constantFrom(ORDERS, WEB, SHARED, ACCOUNT),
    keep: fc.constantFrom('s3:PutObject', 's3:*', 'sqs:PurgeQueue'),
    until,
  }),
  fc.record({
    kind: fc.constantFrom('reject' as const, 'accept' as const),
    about: fc.constantFrom(ORDERS, WEB, SHARED),
    unless: fc.constantFrom('changed' as const, 'riskier' as const, undefined),
    until,
  }),
  fc.record({ kind: fc.constantFrom('days' as const, 'no-proposals' as const, 'no-decisions' as const) }),
);

test('over any sequence of decisions, days, lost files and runs, each run proposes exactly what the decisions allow', async () => {
  const none = write('none.json', EMPTY);
  const base = await run(path.join(folder, 'base'), none, day(1));
  expect([...base.keys()].sort()).toEqual([SHARED, ORDERS, WEB].sort());
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      round += 1;
      const out = path.join(folder, `out-${String(round)}`);
      const file = write(`decisions-${String(round)}.json`, EMPTY);
      let today = 1;
      let decided: readonly Decision[] = [];
      let made = await run(out, file, day(today));
      for (const one of steps) {
        if ('about' in one) {
          const decision = decisionOf(one, made, today, String(decided.length));
          if (decision === undefined) continue;
          await recordDecision(new DecisionsFile(file), decision);
          decided = [...decided.filter((earlier) => !isSameQuestion(earlier, decision)), decision];
        } else if (one.kind === 'days') today += 2;
        else if (one.kind === 'no-proposals') rmSync(out, { recursive: true, force: true });
        else {
          writeFileSync(file, EMPTY);
          decided = [];
        }
        made = await run(out, file, day(today));
        const holding = decided.filter((each) => each.until === undefined || each.until >= day(today));
        const breaches = HEEDED.flatMap((heeded) => {
          const before = base.get(heeded.arn);
          return before ? (breachOf(before, made.get(heeded.arn), holding, heeded) ?? []) : ['no base'];
        });
        expect(breaches).toEqual([]);
      }
      rmSync(out, { recursive: true, force: true });
    }),
    { numRuns: 20, seed: 23 },
  );
}, 600_000);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Undefined where there is nothing to decide about. */
function decisionOf(
  one: Extract<Step, { readonly about: string }>,
  made: ReadonlyMap<string, Proposal>,
  today: number,
  reason: string,
): Decision | undefined {
  const common = {
    about: one.about,
    reason,
    by: 'ana',
    on: day(today),
    ...(one.until === undefined ? {} : { until: day(today + one.until) }),
  };
  if (one.kind === 'keep') return { ...common, decision: 'keep', keep: [one.keep] };
  const proposal = made.get(one.about);
  if (!proposal) return undefined;
  const { proposalId, kind, risk } = proposal;
  const levels = risk ? levelsIn(risk.removed.levels) : [];
  const meant = { proposalId, kind, levels, highImpact: risk?.removed.highImpact ?? [] };
  return one.kind === 'accept'
    ? { ...common, decision: 'accept', proposal: meant }
    : { ...common, decision: 'reject', proposal: meant, ...(one.unless && { unless: one.unless }) };
}

function isSameQuestion(a: Decision, b: Decision): boolean {
  if (a.about !== b.about || (a.decision === 'keep') !== (b.decision === 'keep')) return false;
  return a.decision !== 'keep' || b.decision !== 'keep' || a.keep.join() === b.keep.join();
}
