import { setTimeout as sleep } from 'node:timers/promises';
import { performance } from 'node:perf_hooks';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import { systemClock } from '../../lambda/adapters/node.ts';
import { OPINIONS } from '../../lambda/contract/settings.ts';
import type { Grant, Principal } from '../../lambda/core/model/principal.ts';
import { readUnusedAccess } from '../../lambda/core/model/unused-access.ts';
import { buildProposal } from '../../lambda/core/proposal/build-proposal.ts';
import { makeContext } from '../../lambda/core/refine/context.ts';
import { readKeepList } from '../../lambda/core/refine/keep-list.ts';
import type { Finding } from '../../lambda/ports/findings.ts';
import type { OpinionSource } from '../../lambda/ports/opinions.ts';
import type { FinishProposal } from '../../lambda/ports/proposals.ts';
import { makeReportWriter } from '../../lambda/report/proposal/report-html.ts';
import { proposalFiles } from '../../lambda/use-cases/propose/store-proposal.ts';
import type { ProposeDependencies } from '../../lambda/use-cases/propose/dependencies.ts';
import { proposeRefinement } from '../../lambda/use-cases/propose/propose-refinement.ts';
import type { BenchResult } from './engine.ts';
import { figure, percentile } from './random.ts';

const ARN = 'arn:aws:iam::123456789012:role/Orders';
const TIMES = 400;
const LATENCY = 100;
const ENTRIES = [
  { serviceNamespace: 's3', actions: [{ action: 'GetBucketPolicy' }, { action: 'GetBucketAcl' }] },
  { serviceNamespace: 'sqs' },
];
const FINDING: Finding = {
  id: 'f',
  analyzerArn: 'arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused',
  findingType: 'UnusedPermission',
  status: 'ACTIVE',
  resource: ARN,
  accountId: '123456789012',
  updatedAt: null,
  details: { type: 'UnusedPermission', entries: ENTRIES },
};

function principal(): Principal {
  const grant = (name: string, ...Action: readonly string[]): Grant => ({
    source: 'role-inline',
    name,
    document: {
      readable: true,
      value: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [...Action], Resource: '*' }] },
    },
  });
  const ref = { arn: ARN, type: 'role', name: 'Orders', path: '/', accountId: '123456789012' } as const;
  return {
    ref,
    tags: [],
    grants: [
      grant('Read', 's3:Get*', 's3:List*', 'dynamodb:Describe*'),
      grant('Send', 'sqs:*', 'sns:Publish'),
    ],
    boundaryArn: undefined,
  };
}

async function put(finish: FinishProposal) {
  await finish();
  return { prefix: '', outcome: 'stored' } as const;
}

function dependencies(): ProposeDependencies {
  return {
    findings: { getFinding: () => Promise.resolve({ kind: 'found', finding: FINDING }) },
    policies: { getPrincipal: () => Promise.resolve({ kind: 'found', principal: principal() }) },
    store: { put: (_, finish) => put(finish) },
    reports: makeReportWriter({ engineVersion: 'bench' }),
    catalogue: embeddedCatalogue(),
    settings: { generalize: 'shortest', keep: [], exclude: { names: [], paths: [], tags: [] } },
    digest: sha256,
    clock: systemClock,
    runId: 'bench',
    engineVersion: 'bench',
  };
}

/** Handles a finding without the code for second opinions: refines, renders and stores it. */
async function withoutQuestions({ catalogue, reports, digest }: ProposeDependencies): Promise<void> {
  const unused = readUnusedAccess(ENTRIES);
  const keep = readKeepList([]);
  if (!unused.ok || !keep.ok) throw new Error('the case is wrong');
  const context = makeContext(catalogue, unused.value, { keep: keep.value, generalize: 'shortest' });
  const built = buildProposal({
    principal: principal(),
    finding: FINDING,
    context,
    catalogue,
    keep: [],
    digest,
  });
  if (built.kind !== 'proposal') throw new Error(built.reason);
  const proposal = built.complete();
  await put(() =>
    Promise.resolve({ proposal, files: proposalFiles(proposal, context.universe, reports, []) }),
  );
}

/** Measures the use case of one finding, with all second opinions off and with all on. */
export async function* run(): AsyncGenerator<BenchResult> {
  const off = dependencies();
  const propose = async (given: ProposeDependencies): Promise<void> => {
    await proposeRefinement({ analyzerArn: '', findingId: 'f', accountId: '', resource: ARN }, given);
  };
  const samples = { without: [] as number[], off: [] as number[] };
  for (let time = 0; time < TIMES * 2 + 100; time += 1) {
    // The two alternate, each first as often as second, so that other work on the machine affects both equally.
    const name = time % 4 === 0 || time % 4 === 3 ? 'without' : 'off';
    const began = performance.now();
    await (name === 'without' ? withoutQuestions(off) : propose(off));
    if (time >= 100) samples[name].push(performance.now() - began);
  }
  const [baseline, withOff] = [percentile(samples.without, 0.5), percentile(samples.off, 0.5)];
  yield {
    name: 'one finding, all questions off',
    figures: { p50: figure(withOff), without: figure(baseline), ratio: (withOff / baseline).toFixed(3) },
  };
  let calls = 0;
  const later = async <T>(value: T): Promise<T> => {
    calls += 1;
    await sleep(LATENCY);
    return value;
  };
  const pass = { result: 'PASS', sentences: [] } as const;
  const source: OpinionSource = {
    validatePolicy: () => later([]),
    checkNoNewAccess: () => later(pass),
    checkAccessNotGranted: () => later(pass),
    recommend: () => later({ kind: 'recommended', steps: [] }),
  };
  const on: ProposeDependencies = {
    ...off,
    lastAccess: { lastAccessOf: () => later({ kind: 'known', lastAccess: new Map() }) },
    opinions: {
      source,
      enabled: OPINIONS,
      millis: 20_000,
      timeout: (millis) => AbortSignal.timeout(millis),
    },
  };
  const elapsed: number[] = [];
  for (let time = 0; time < 20; time += 1) {
    const began = performance.now();
    await propose(on);
    elapsed.push(performance.now() - began);
  }
  const each = calls / elapsed.length;
  yield {
    name: `one finding, all questions on, ${String(LATENCY)} ms an answer`,
    figures: {
      p50: figure(percentile(elapsed, 0.5)),
      questions: String(each),
      'one after the other': figure(each * LATENCY),
    },
  };
}
