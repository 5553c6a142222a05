import { describe, expect, test } from 'vitest';
import { BulkPolicies } from '../../lambda/adapters/account/bulk-policies.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import { makeCatalogue } from '../../lambda/core/catalogue/catalogue.ts';
import { VerificationError } from '../../lambda/core/verify/verification-error.ts';
import { refineAccountHandler, type RefineAccountParts } from '../../lambda/functions/refine-account.ts';
import type { AccountJob, AccountPage } from '../../lambda/ports/account.ts';
import type { FindingReference } from '../../lambda/ports/findings.ts';
import { AccountUnreachable, AdapterError } from '../../lambda/ports/system.ts';
import { Telemetry } from '../../lambda/runtime/telemetry.ts';
import type { ProposeOutcome } from '../../lambda/use-cases/propose/outcome.ts';
import { encoded } from '../adapters/aws/support.ts';
import { batchOf, captureOutput, invocation } from '../runtime/captured-output.ts';
import { keptRecords, notingQueues } from '../use-cases/account/fakes.ts';
import { ANALYZER } from './samples.ts';

const output = captureOutput();
const ACCOUNT = '111122223333';
const POLICY = `arn:aws:iam::${ACCOUNT}:policy/Shared`;
const JOB: AccountJob = {
  analyzerArn: ANALYZER,
  sweepId: 'sweep',
  accountId: ACCOUNT,
  next: 0,
  parts: 0,
  shared: null,
  deferrals: 0,
};
const arnOf = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;

/** Two roles that have the same policy. */
const PAGE: AccountPage = {
  roles: ['a', 'b'].map((name) => ({
    arn: arnOf(name),
    tags: [],
    boundaryArn: null,
    inline: [],
    attached: [{ name: 'Shared', arn: POLICY }],
  })),
  users: [],
  groups: [],
  policies: [
    {
      arn: POLICY,
      path: '/',
      versionId: 'v1',
      attachments: 2,
      boundaryUses: 0,
      document: encoded({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' }],
      }),
    },
  ],
  nextMarker: null,
};

interface World {
  readonly page?: AccountPage | AdapterError;
  readonly propose?: (findingId: string) => Promise<readonly ProposeOutcome[]>;
  readonly isExcluded?: boolean;
}

/** A worker of an account with a finding about each of two roles: neither uses `s3:PutObject`. */
function run(event: unknown, { page = PAGE, propose, isExcluded = false }: World = {}) {
  const sent: string[] = [];
  const later: AccountJob[] = [];
  const delays: (number | undefined)[] = [];
  const kept: string[] = [];
  const references = ['a', 'b'].map((name): FindingReference => {
    return { analyzerArn: ANALYZER, findingId: `f-${name}`, accountId: ACCOUNT, resource: arnOf(name) };
  });
  const parts = {
    analyzerArn: ANALYZER,
    dependencies: {
      findings: {
        getFinding: ({ findingId: id, resource }: FindingReference) =>
          Promise.resolve({
            kind: 'found',
            finding: {
              id,
              analyzerArn: ANALYZER,
              findingType: 'UnusedPermission',
              status: 'ACTIVE',
              resource,
              accountId: ACCOUNT,
              updatedAt: null,
              details: {
                type: 'UnusedPermission',
                entries: [{ serviceNamespace: 's3', actions: [{ action: 'PutObject' }] }],
              },
            },
          }),
      },
      settings: {
        generalize: 'shortest',
        keep: [],
        exclude: { names: [], paths: [], tags: [], accounts: isExcluded ? [ACCOUNT] : [] },
      },
      digest: sha256,
      engineVersion: '1',
    },
    catalogue: {
      load: () =>
        Promise.resolve(
          makeCatalogue({ source: 'test', version: '1', date: '' }, [['s3', ['GetObject', 'PutObject']]]),
        ),
    },
    lifecycle: {
      refine: (_: unknown, __: unknown, work: (store: never, isLive: boolean) => Promise<unknown>) =>
        work({} as never, false),
    },
    failures: {
      keep: (name: string) => {
        kept.push(name);
        return Promise.resolve(`failures/${name}.json`);
      },
    },
    telemetry: new Telemetry('refine-account'),
    tracing: {
      client: <C extends object>(client: C) => client,
      invocation: <T>(_: string, work: () => Promise<T>) => work(),
    },
    account: {
      makeMemory: () =>
        new BulkPolicies(
          { getPrincipal: () => Promise.resolve({ kind: 'gone' }) },
          { tagsOf: () => Promise.resolve([]) },
        ),
      pages: {
        read: () => (page instanceof AdapterError ? Promise.reject(page) : Promise.resolve(page)),
      },
      records: keptRecords(() => Promise.resolve({ references, shared: [], since: 5 }), new Map(), new Map()),
      ...notingQueues(sent, later, delays),
    },
    shared: {
      reports: { write: () => [] },
      lifecycle: {
        store: { put: () => Promise.resolve({ prefix: 'shared/p/', outcome: 'stored' }) },
        repository: {
          list: () => Promise.resolve({ proposals: [], leftOver: [], withheld: [] }),
          noteReopened: () => Promise.resolve(),
        },
        noted: () => undefined,
        failed: () => undefined,
      },
    },
  };
  const handler = refineAccountHandler(
    parts as unknown as RefineAccountParts,
    async (reference, { findings }) => {
      await findings.getFinding(reference);
      return propose ? propose(reference.findingId) : [];
    },
  );
  return { response: handler(event, invocation()), sent, later, delays, kept };
}

const lines = (message: string) => output.logs().filter((line) => line['message'] === message);

describe('a job about a whole account', () => {
  test('refines each finding, and then what the principals share', async () => {
    const { response, sent } = run(batchOf(JOB));
    expect(await response).toEqual({ batchItemFailures: [] });
    expect(sent).toEqual([]);
    expect(output.metrics()).toMatchObject({
      AccountJobsCompleted: 1,
      SharedProposalsStored: 1,
      FindingsFailed: 0,
    });
    expect(lines('account is completed')).toMatchObject([
      { accountId: ACCOUNT, sweepId: 'sweep', pages: 1, findings: 2, sentOn: 0 },
    ]);
    expect(lines('shared proposal is stored')).toMatchObject([
      { accountId: ACCOUNT, shared: POLICY, prefix: 'shared/p/', principals: 2, refusedPolicies: 0 },
    ]);
  });

  test('sends a finding that fails to the queue of findings, and goes on', async () => {
    const down = new AdapterError('no answer', 'retry', 'unavailable');
    const { response, sent } = run(batchOf(JOB), {
      propose: (id) => (id === 'f-a' ? Promise.reject(down) : Promise.resolve([])),
    });
    expect(await response).toEqual({ batchItemFailures: [] });
    expect(sent).toEqual(['f-a']);
    expect(output.metrics()).toMatchObject({ AccountJobsCompleted: 1, FindingsFailed: 1 });
    expect(lines('finding failed')).toMatchObject([{ findingId: 'f-a', resource: arnOf('a') }]);
  });

  test('keeps what the verifier refused', async () => {
    const { response, kept } = run(batchOf(JOB), {
      propose: () => Promise.reject(new VerificationError('it grants more', '{}')),
    });
    await response;
    expect(kept).toEqual(['f-a', 'f-b']);
  });

  test('logs entries of the account that cannot be read', async () => {
    const faults = [
      { type: 'group', problem: 'a group has no name' },
      { type: 'user', problem: 'a user has no ARN' },
    ] as const;
    await run(batchOf(JOB), { page: { ...PAGE, faults } }).response;
    expect(lines('entries of the account cannot be read: nothing is concluded from them')).toMatchObject([
      { accountId: ACCOUNT, unread: 2, error: 'a group has no name' },
    ]);
  });

  test('that is refused sends all findings to their queue', async () => {
    const { response, sent } = run(batchOf(JOB), {
      page: new AdapterError('no', 'permanent', 'access-denied'),
    });
    expect(await response).toEqual({ batchItemFailures: [] });
    expect(sent).toEqual(['f-a', 'f-b']);
    expect(output.metrics()).toMatchObject({ AccountJobsCompleted: 1, AccountsHandedOver: 1 });
  });

  test('that cannot reach its account leaves its findings to the next sweep', async () => {
    const { response, sent } = run(batchOf(JOB), { page: new AccountUnreachable(ACCOUNT, 'no role') });
    expect(await response).toEqual({ batchItemFailures: [] });
    expect(sent).toEqual([]);
    expect(output.metrics()).toMatchObject({
      AccountJobsCompleted: 1,
      FindingsUnreachable: 2,
      AccountsHandedOver: 0,
    });
  });

  test('that is throttled goes on later', async () => {
    const { response, later, delays } = run(batchOf(JOB), {
      page: new AdapterError('slow down', 'retry', 'throttled'),
    });
    expect(await response).toEqual({ batchItemFailures: [] });
    expect([later, delays]).toEqual([[{ ...JOB, deferrals: 1 }], [300]]);
    expect(output.metrics()).toMatchObject({ AccountJobsCompleted: 0, Throttled: 1 });
  });

  test('stays in the queue if its account cannot be read at present', async () => {
    const { response } = run(batchOf(JOB), { page: new AdapterError('no answer', 'retry', 'unavailable') });
    expect(await response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-0' }] });
    expect(lines('account failed')).toMatchObject([{ accountId: ACCOUNT, sweepId: 'sweep' }]);
  });

  test('about an excluded account reads nothing of it', async () => {
    const { response } = run(batchOf(JOB), {
      isExcluded: true,
      page: new AdapterError('nobody asks', 'permanent', 'invalid'),
    });
    expect(await response).toEqual({ batchItemFailures: [] });
    expect(lines('account is completed')).toMatchObject([{ pages: 0, findings: 2 }]);
    expect(output.metrics()).toMatchObject({ SharedProposalsStored: 0 });
  });

  test('of another analyzer is dropped, and a malformed one stays in the queue', async () => {
    const { response } = run(batchOf({ ...JOB, analyzerArn: 'arn:old' }, '{}'));
    expect(await response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-1' }] });
    expect(output.metrics()).toMatchObject({ AccountJobsCompleted: 0, MalformedMessages: 1 });
    expect(lines('account of another analyzer is dropped')).toMatchObject([{ accountId: ACCOUNT }]);
  });
});
