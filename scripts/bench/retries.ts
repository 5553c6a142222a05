import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { AccessAnalyzerClient, GetFindingV2Command } from '@aws-sdk/client-accessanalyzer';
import { AccountPace } from '../../lambda/adapters/aws/sdk/account-pace.ts';
import { CLIENT_SETTINGS } from '../../lambda/adapters/aws/sdk/client-settings.ts';
import { withPace } from '../../lambda/adapters/aws/sdk/paced-client.ts';
import type { BenchResult } from './engine.ts';
import { seeded } from './random.ts';

/** Milliseconds of each measurement and of an answer, and the share of calls that are throttled at any rate. */
const DURATION = 20_000;
const ANSWER = 20;
const THROTTLED = 0.05;
/** Calls in flight at once, and calls a second of the paced client. */
const CALLERS = 3;
const PACE = 50;

/**
 * Measures how fast a client is if one call in twenty is throttled: with the SDK's two retry modes, and with our
 * pacing.
 */
export async function* run(): AsyncGenerator<BenchResult> {
  const random = seeded(1);
  const server = createServer((request, response) => {
    request.resume();
    const isThrottled = random() < THROTTLED;
    setTimeout(() => {
      response.writeHead(isThrottled ? 429 : 200, {
        'content-type': 'application/json',
        ...(isThrottled ? { 'x-amzn-errortype': 'ThrottlingException' } : {}),
      });
      response.end(JSON.stringify(isThrottled ? { message: 'Rate exceeded' } : FINDING));
    }, ANSWER);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const make = (retryMode: 'adaptive' | 'standard'): AccessAnalyzerClient =>
    new AccessAnalyzerClient({ ...CLIENT_SETTINGS, retryMode, region: 'us-east-1', endpoint, credentials });
  try {
    yield* [
      await calls('adaptive retries', make('adaptive')),
      await calls('standard retries', make('standard')),
      await calls(
        `standard retries at a pace of ${String(PACE)} a second`,
        withPace(make('standard'), 'service', new AccountPace(PACE)),
      ),
    ];
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function calls(name: string, client: AccessAnalyzerClient): Promise<BenchResult> {
  const command = new GetFindingV2Command({ id: 'f-1', analyzerArn: ANALYZER });
  const end = performance.now() + DURATION;
  let done = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      await client.send(command);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  client.destroy();
  return {
    name: `one call in twenty throttled, ${name}`,
    figures: { 'calls a second': (done / (DURATION / 1_000)).toFixed(1) },
  };
}

const ANALYZER = 'arn:aws:access-analyzer:us-east-1:123456789012:analyzer/unused';
const DAY = '2026-11-01T00:00:00Z';
const FINDING = {
  id: 'f-1',
  analyzedAt: DAY,
  createdAt: DAY,
  updatedAt: DAY,
  resourceType: 'AWS::IAM::Role',
  resourceOwnerAccount: '123456789012',
  status: 'ACTIVE',
  findingDetails: [],
};
