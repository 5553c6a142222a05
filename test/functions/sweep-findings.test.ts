import { describe, expect, test } from 'vitest';
import { sweepFindingsHandler } from '../../lambda/functions/sweep-findings.ts';
import { AdapterError } from '../../lambda/ports/system.ts';
import { Telemetry } from '../../lambda/runtime/telemetry.ts';
import type { SweepContinuation } from '../../lambda/ports/sweep.ts';
import { batchOf, captureOutput, invocation } from '../runtime/captured-output.ts';
import { KeptSweeps } from '../use-cases/kept-sweeps.ts';
import { ANALYZER, SWEPT_FINDING } from './samples.ts';

const output = captureOutput();
const ZEROS = {
  SweepsCompleted: 0,
  FindingsListed: 0,
  FindingsSwept: 0,
  AccountJobsStarted: 0,
  AccessDenied: 0,
  Throttled: 0,
  MalformedMessages: 0,
};

function run(event: unknown, failing?: AdapterError, remaining = 300_000, unread?: number) {
  const asked: (string | undefined)[] = [];
  const rest: SweepContinuation[] = [];
  const handler = sweepFindingsHandler({
    analyzerArn: ANALYZER,
    dependencies: {
      findings: {
        listActive: (_, token) => {
          asked.push(token);
          if (failing !== undefined) return Promise.reject(failing);
          return Promise.resolve({
            references: [{ ...SWEPT_FINDING, findingId: token ?? 'first' }],
            nextToken: token === 'last' ? undefined : 'last',
            ...(unread === undefined ? {} : { unread }),
          });
        },
      },
      records: new KeptSweeps(),
      bulkThreshold: 20,
      jobs: { send: () => Promise.resolve() },
      overview: { read: () => Promise.resolve({ rows: [], version: undefined }) },
      proposals: { read: () => Promise.resolve({ kind: 'gone' }), has: () => Promise.resolve(true) },
      queue: { send: () => Promise.resolve() },
      rest: {
        continueLater: (continuation) => {
          rest.push(continuation);
          return Promise.resolve();
        },
      },
    },
    telemetry: new Telemetry('sweep-findings'),
    tracing: {
      client: <C extends object>(client: C) => client,
      invocation: <T>(_: string, work: () => Promise<T>) => work(),
    },
  });
  return {
    response: handler(
      event,
      invocation(() => remaining),
    ),
    asked,
    rest,
  };
}

/** A message about the rest of a sweep. */
function rest(nextToken: string) {
  const listed = { from: 0, to: 0, isWhole: false };
  return { analyzerArn: ANALYZER, sweepId: 's', phase: 'list', nextToken, restarts: 0, listed };
}

describe('sweep-findings', () => {
  test.each([[{ analyzerArn: ANALYZER }], [{}], [null], ['now']])(
    'invoked with %j begins a sweep',
    async (event) => {
      const { response, asked } = run(event);
      expect(await response).toEqual({ batchItemFailures: [] });
      expect(asked).toEqual([undefined, 'last']);
      expect(output.metrics()).toEqual({ ...ZEROS, SweepsCompleted: 1, FindingsListed: 2, FindingsSwept: 2 });
    },
  );

  test('invoked with the rest of a sweep continues there', async () => {
    const { response, asked } = run(batchOf(rest('last')));
    expect(await response).toEqual({ batchItemFailures: [] });
    expect(asked).toEqual(['last']);
    expect(output.metrics()).toEqual({ ...ZEROS, SweepsCompleted: 1, FindingsListed: 1, FindingsSwept: 1 });
  });

  test('logs how many entries of the listing it could not read', async () => {
    await run({}, undefined, 300_000, 2).response;
    expect(output.text()).toContain(
      '"entries of the listing name no finding, principal or account: no finding is called missing"',
    );
    expect(output.text()).toContain('"unread": 4');
  });

  test('does not count as completed if it leaves the rest to a later slice', async () => {
    const { response, rest } = run({}, undefined, 1_000);
    await response;
    const position = { phase: 'list', nextToken: 'last', listed: { from: 0, to: 1, isWhole: true } };
    expect(rest).toEqual([{ analyzerArn: ANALYZER, sweepId: 'request-1', restarts: 0, position }]);
    expect(output.metrics()).toEqual({ ...ZEROS, FindingsListed: 1 });
  });

  test('fails the invocation, which Lambda retries, if it was started by the schedule', async () => {
    const { response } = run({}, new AdapterError('no', 'permanent', 'access-denied'));
    await expect(response).rejects.toThrow('no');
    expect(output.metrics()).toEqual({ ...ZEROS, AccessDenied: 1 });
  });

  test('leaves a failed queue message in the queue', async () => {
    const { response } = run(batchOf(rest('t')), new AdapterError('slow down', 'retry', 'throttled'));
    expect(await response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-0' }] });
    expect(output.metrics()).toEqual({ ...ZEROS, Throttled: 1 });
  });

  test('drops the sweep of another analyzer, and leaves an invalid message in the queue', async () => {
    const { response, asked } = run(batchOf({ ...rest('t'), analyzerArn: 'arn:old' }, '{}'));
    expect(await response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-1' }] });
    expect(asked).toEqual([]);
    expect(output.metrics()).toEqual({ ...ZEROS, MalformedMessages: 1 });
  });
});
