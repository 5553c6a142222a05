import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { AccountPace } from '../../../../lambda/adapters/aws/sdk/account-pace.ts';
import {
  makeAccessAnalyzerClient,
  makeIamClient,
  makeS3Client,
} from '../../../../lambda/adapters/aws/sdk/clients.ts';
import { CLIENT_SETTINGS } from '../../../../lambda/adapters/aws/sdk/client-settings.ts';
import { IamClients } from '../../../../lambda/adapters/aws/iam/iam-clients.ts';
import { MemberCredentials } from '../../../../lambda/adapters/aws/sdk/member-credentials.ts';
import { withPace, paced } from '../../../../lambda/adapters/aws/sdk/paced-client.ts';

const ACCOUNT = '111122223333';
const MEMBER = '444455556666';
let server: Server;
let endpoint: string;
let requests: string[];
/** How many of the next requests IAM throttles. */
let refusals: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push(new URLSearchParams(Buffer.concat(chunks).toString()).get('Action') ?? '');
      response.setHeader('content-type', 'text/xml');
      if (refusals > 0) {
        refusals -= 1;
        response.writeHead(400);
        response.end(
          '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>',
        );
        return;
      }
      response.end(
        '<ListRolesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListRolesResult><IsTruncated>false</IsTruncated><Roles/></ListRolesResult></ListRolesResponse>',
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests = [];
  refusals = 0;
});

function makePace() {
  const time = { millis: 0, waits: [] as number[] };
  const pace = new AccountPace(5, {
    now: () => time.millis,
    wait: (millis) => {
      time.waits.push(millis);
      return Promise.resolve();
    },
  });
  return { pace, time };
}

const SETTINGS = { region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } };
/** Two attempts, so that a test that needs the last one does not wait for the SDK's pauses. */
const client = (maxAttempts = 2): IAMClient =>
  new IAMClient({ ...CLIENT_SETTINGS, ...SETTINGS, endpoint, maxAttempts });

test('every call is paced by its account', async () => {
  const { pace, time } = makePace();
  const iam = paced(client(), ACCOUNT, pace);
  for (let call = 0; call < 14; call += 1) await iam.send(new ListRolesCommand({}));
  expect(requests).toHaveLength(14);
  expect(time.waits).toEqual([200, 400]);
});

test('retries of the SDK are paced too, and lower the rate', async () => {
  const { pace, time } = makePace();
  const iam = paced(client(), ACCOUNT, pace);
  refusals = 1;
  await iam.send(new ListRolesCommand({}));
  expect(requests).toEqual(['ListRoles', 'ListRoles']);
  // The burst is gone with the first answer, the rate is 2.5 calls a second.
  expect(time.waits).toEqual([400]);
  expect(pace.pausedMillis(ACCOUNT)).toBe(0);
});

test('an account that throttles until the last attempt is paused, and not called meanwhile', async () => {
  const { pace, time } = makePace();
  const iam = paced(client(), ACCOUNT, pace);
  refusals = 2;
  await expect(iam.send(new ListRolesCommand({}))).rejects.toMatchObject({ name: 'Throttling' });
  expect(pace.pausedMillis(ACCOUNT)).toBe(30_000);
  await expect(iam.send(new GetRoleCommand({ RoleName: 'x' }))).rejects.toMatchObject({
    name: 'AdapterError',
    code: 'throttled',
    decision: 'retry',
    message:
      'account 111122223333 is not called: IAM throttled it until the last attempt; it will be retried, lower accountCallsPerSecond if this lasts',
  });
  expect(requests).toEqual(['ListRoles', 'ListRoles']);
  time.millis += 30_000;
  await iam.send(new ListRolesCommand({}));
  expect(requests).toHaveLength(3);
});

test('the clients of all accounts are paced, each by its own account', async () => {
  const { pace, time } = makePace();
  const members = new MemberCredentials({ send: () => Promise.resolve(assumed) } as never, {
    partition: 'aws',
    roleName: 'Reader',
    externalId: undefined,
  });
  // The client of a member is made by the code under test, so the server is named as it would be for Lambda.
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  const accounts = new IamClients(client(), ACCOUNT, members, undefined, pace);
  for (const account of [ACCOUNT, MEMBER]) {
    const iam = await accounts.forAccount(account);
    for (let call = 0; call < 13; call += 1) await iam.send(new ListRolesCommand({}));
  }
  vi.unstubAllEnvs();
  expect(requests).toHaveLength(26);
  expect(time.waits).toEqual([200, 200]);
});

test('a client with a limit for the whole process is paced and slowed down, and never paused', async () => {
  const { pace, time } = makePace();
  const iam = withPace(client(), 'service', pace);
  refusals = 2;
  await expect(iam.send(new ListRolesCommand({}))).rejects.toMatchObject({ name: 'Throttling' });
  expect(pace.pausedMillis('service')).toBe(0);
  await iam.send(new ListRolesCommand({}));
  expect(requests).toHaveLength(3);
  // The burst is gone, the rate is 2.5 calls a second; the second refusal came within the same second.
  expect(time.waits).toEqual([400, 800]);
});

test('clients of Access Analyzer and IAM are paced and sign again after a clock step; those of S3 only sign again', () => {
  const steps = (made: { readonly middlewareStack: { identify(): string[] } }): string[] =>
    made.middlewareStack
      .identify()
      .flatMap((line) => /^(pace|clockSteps|accountPause)\b/.exec(line)?.[1] ?? [])
      .sort();
  expect(steps(makeAccessAnalyzerClient(10))).toEqual(['clockSteps', 'pace']);
  expect(steps(paced(makeIamClient(), ACCOUNT, makePace().pace))).toEqual([
    'accountPause',
    'clockSteps',
    'pace',
  ]);
  expect(steps(makeS3Client({}))).toEqual(['clockSteps']);
});

const assumed = {
  Credentials: {
    AccessKeyId: 'ASIA',
    SecretAccessKey: 's',
    SessionToken: 't',
    Expiration: new Date('2100-01-01T00:00:00Z'),
  },
};
