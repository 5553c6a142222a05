import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { awsCatalogue } from '../oracle/catalogues.ts';
import { ask } from '../oracle/engine.ts';
import { judge, type Question } from '../oracle/judge.ts';
import { member, statementsOf, strings } from '../oracle/json.ts';
import { lower, quickMatch } from '../oracle/matcher.ts';
import type { Mode } from '../oracle/reference.ts';
import type { Entry, RawCatalogue } from '../oracle/world.ts';
import { seededRandom } from '../../random.ts';

/*
 * Every AWS managed policy, refined under random findings that touch what the policy really grants, in all three
 * modes, and judged action by action by the reference evaluator.
 */

interface ManagedPolicy {
  readonly name: string;
  readonly document: unknown;
}

const policies = gunzipSync(
  readFileSync(new URL('../fixtures/aws-managed-policies/aws-managed-policies.jsonl.gz', import.meta.url)),
)
  .toString('utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as ManagedPolicy);

/** Each service with its actions, and how each is called in full, case-folded. */
type FoldedCatalogue = readonly (readonly [
  string,
  readonly { readonly action: string; readonly id: string }[],
])[];

function foldedOf(catalogue: RawCatalogue): FoldedCatalogue {
  return catalogue.map(([service, actions]) => [
    service,
    actions.map((action) => ({ action, id: `${service}:${lower(action)}` })),
  ]);
}

/** What the policy's Allow statements grant of each service that they name; with everything, of all services. */
function grantedByService(document: unknown, catalogue: FoldedCatalogue): Map<string, readonly string[]> {
  const patterns = statementsOf(document)
    .filter((statement) => member(statement, 'Effect') === 'Allow')
    .flatMap((statement) =>
      member(statement, 'Action') === undefined ? ['*'] : strings(member(statement, 'Action')),
    )
    .map(lower);
  const granted = new Map<string, readonly string[]>();
  for (const [service, actions] of catalogue) {
    const here = patterns.filter((pattern) => pattern === '*' || pattern.startsWith(`${service}:`));
    if (here.length === 0) continue;
    granted.set(
      service,
      actions
        .filter(({ id }) => here.some((pattern) => pattern === '*' || quickMatch(pattern, id)))
        .map(({ action }) => action),
    );
  }
  return granted;
}

/** Some services wholly unused, some in part, by how much is drawn too; a few names that no catalogue knows. */
function randomFinding(
  granted: ReadonlyMap<string, readonly string[]>,
  random: () => number,
): readonly Entry[] {
  const share = random();
  const entries: Entry[] = [];
  for (const [serviceNamespace, actions] of granted) {
    const draw = random();
    if (draw < 0.15) entries.push({ serviceNamespace });
    else if (draw < 0.8) {
      const unused = actions.filter(() => random() < share);
      if (random() < 0.1) unused.push('GetSomethingNobodyKnows');
      if (unused.length > 0) entries.push({ serviceNamespace, actions: unused });
    }
  }
  return entries;
}

async function problemsOf(
  generalize: Mode,
  seeds: readonly number[],
): Promise<{ judged: number; problems: string[] }> {
  const catalogue = await awsCatalogue();
  const folded = foldedOf(catalogue);
  const problems: string[] = [];
  let judged = 0;
  for (const { name, document } of policies) {
    const granted = grantedByService(document, folded);
    for (const seed of seeds) {
      const unused = randomFinding(granted, seededRandom(seed));
      const question: Question = { document, unused, catalogue, keep: [], generalize };
      const answer = ask(question);
      judged += 1;
      const found =
        answer.kind === 'refined' ? judge(question, answer.policy) : [`refused: ${answer.reason}`];
      problems.push(...found.map((problem) => `${name}, seed ${String(seed)}: ${problem}`));
      if (problems.length > 20) return { judged, problems };
    }
  }
  return { judged, problems };
}

/** Findings a policy is tried under. Each takes some twenty milliseconds with its verdict, hence the time limits below. */
const SEEDS = { shortest: [1, 2, 3], least: [4, 5], enumerate: [6, 7] } as const;

describe('every AWS managed policy under random findings', () => {
  test('there are 833 of them', () => {
    expect(policies).toHaveLength(833);
  });

  for (const mode of ['shortest', 'least', 'enumerate'] as const) {
    test(`is refined exactly, and no wider over all strings, in mode ${mode}`, async () => {
      const { judged, problems } = await problemsOf(mode, SEEDS[mode]);
      expect(problems).toEqual([]);
      expect(judged).toBe(833 * SEEDS[mode].length);
    }, 600_000);
  }
});
