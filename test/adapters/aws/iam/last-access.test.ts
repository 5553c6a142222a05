import { IAMClient } from '@aws-sdk/client-iam';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AccountPace } from '../../../../lambda/adapters/aws/sdk/account-pace.ts';
import { IamClients } from '../../../../lambda/adapters/aws/iam/iam-clients.ts';
import { IamLastAccess } from '../../../../lambda/adapters/aws/iam/last-access.ts';
import type { PrincipalRef } from '../../../../lambda/core/model/principal.ts';

const ACCOUNT = '123456789012';
const ROLE: PrincipalRef = {
  arn: `arn:aws:iam::${ACCOUNT}:role/app/Orders`,
  type: 'role',
  name: 'Orders',
  path: '/app/',
  accountId: ACCOUNT,
};

type Answer = { readonly status?: number; readonly body: string } | 'unjudged';

/** Answers in the order of the calls; the last one again and again. */
let answers: readonly Answer[] = [];
let calls: URLSearchParams[] = [];
let server: Server;

beforeEach(async () => {
  calls = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString('utf8')));
    request.on('end', () => {
      calls.push(new URLSearchParams(body));
      const answer = answers[Math.min(calls.length, answers.length) - 1];
      if (answer === undefined || answer === 'unjudged') return;
      response.writeHead(answer.status ?? 200, { 'content-type': 'text/xml' }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function source(pace?: AccountPace): IamLastAccess {
  const { port } = server.address() as AddressInfo;
  const client = new IAMClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${String(port)}`,
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 2,
  });
  return new IamLastAccess(new IamClients(client, ACCOUNT, undefined, (one) => one, pace), 1);
}

const STARTED: Answer = {
  body: '<GenerateServiceLastAccessedDetailsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GenerateServiceLastAccessedDetailsResult><JobId>examplef-1305-c245-eba4-71fe298bcda7</JobId></GenerateServiceLastAccessedDetailsResult></GenerateServiceLastAccessedDetailsResponse>',
};

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html */
function details(status: string, inside = ''): Answer {
  return {
    body: `<GetServiceLastAccessedDetailsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetServiceLastAccessedDetailsResult><JobStatus>${status}</JobStatus><JobCreationDate>2026-11-23T00:00:00Z</JobCreationDate><JobCompletionDate>2026-11-23T00:00:01Z</JobCompletionDate>${inside}</GetServiceLastAccessedDetailsResult></GetServiceLastAccessedDetailsResponse>`,
  };
}

function services(...members: readonly string[]): string {
  return `<ServicesLastAccessed>${members.map((member) => `<member>${member}</member>`).join('')}</ServicesLastAccessed>`;
}

const S3 = `<ServiceName>Amazon S3</ServiceName><ServiceNamespace>s3</ServiceNamespace><TotalAuthenticatedEntities>1</TotalAuthenticatedEntities><TrackedActionsLastAccessed>
  <member><ActionName>ListAllMyBuckets</ActionName><LastAccessedTime>2026-11-02T10:00:00Z</LastAccessedTime><LastAccessedEntity>${ROLE.arn}</LastAccessedEntity></member>
  <member><ActionName>GetBucketPolicy</ActionName></member></TrackedActionsLastAccessed>`;
const SQS =
  '<ServiceName>Amazon SQS</ServiceName><ServiceNamespace>sqs</ServiceNamespace><TotalAuthenticatedEntities>0</TotalAuthenticatedEntities>';
const THROTTLED: Answer = {
  status: 400,
  body: '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>r</RequestId></ErrorResponse>',
};

describe('the report of last use', () => {
  test('is requested with action-level detail, polled and read with all its pages', async () => {
    answers = [
      STARTED,
      details('IN_PROGRESS'),
      details('COMPLETED', `${services(S3)}<IsTruncated>true</IsTruncated><Marker>more</Marker>`),
      details('COMPLETED', `${services(SQS)}<IsTruncated>false</IsTruncated>`),
    ];
    expect(await source().lastAccessOf(ROLE, 5_000)).toEqual({
      kind: 'known',
      completedAt: '2026-11-23T00:00:01.000Z',
      lastAccess: new Map([
        [
          's3',
          {
            actions: new Map([
              ['listallmybuckets', '2026-11-02T10:00:00.000Z'],
              ['getbucketpolicy', undefined],
            ]),
          },
        ],
        ['sqs', { actions: new Map() }],
      ]),
    });
    expect(calls.map((call) => call.get('Action'))).toEqual([
      'GenerateServiceLastAccessedDetails',
      'GetServiceLastAccessedDetails',
      'GetServiceLastAccessedDetails',
      'GetServiceLastAccessedDetails',
    ]);
    expect([calls[0]?.get('Arn'), calls[0]?.get('Granularity')]).toEqual([ROLE.arn, 'ACTION_LEVEL']);
    expect(calls.slice(1).map((call) => call.get('Marker'))).toEqual([null, null, 'more']);
    expect(calls[3]?.get('JobId')).toBe('examplef-1305-c245-eba4-71fe298bcda7');
  });

  test('is complete even if a call is throttled', async () => {
    answers = [THROTTLED, STARTED, details('COMPLETED', services(SQS))];
    expect(await source().lastAccessOf(ROLE, 5_000)).toMatchObject({ kind: 'known' });
  });

  test('is unavailable if IAM fails to produce it', async () => {
    answers = [
      STARTED,
      details('FAILED', '<Error><Message>Report generation failed</Message><Code>INTERNAL</Code></Error>'),
    ];
    expect(await source().lastAccessOf(ROLE, 5_000)).toEqual({
      kind: 'unavailable',
      reason: `cannot read when ${ROLE.arn} last used what: INTERNAL: Report generation failed`,
    });
  });

  test.each<readonly [string, readonly Answer[]]>([
    ['never gets ready', [STARTED, details('IN_PROGRESS')]],
    ['is never answered', [STARTED, 'unjudged']],
  ])('is unavailable at the deadline if it %s', async (_, given) => {
    answers = given;
    expect(await source().lastAccessOf(ROLE, 1_000)).toEqual({
      kind: 'unavailable',
      reason: 'AWS did not answer within 1 s',
    });
  });

  test('is unavailable at the deadline, even if a call is still waiting for its pace', async () => {
    answers = [STARTED];
    const pace = new AccountPace(1, { now: () => 0, wait: () => new Promise(() => undefined) });
    // One finding's calls are free; the next one waits.
    for (let call = 0; call < 12; call += 1) await pace.turn(ACCOUNT);
    expect(await source(pace).lastAccessOf(ROLE, 200)).toEqual({
      kind: 'unavailable',
      reason: 'AWS did not answer within 0 s',
    });
    expect(calls).toEqual([]);
  });

  test('is not requested if no time is left', async () => {
    expect(await source().lastAccessOf(ROLE, 0)).toEqual({
      kind: 'unavailable',
      reason: 'there was no time left to ask AWS',
    });
    expect(calls).toEqual([]);
  });

  test('is unavailable with a reason, not an error, if the account cannot be reached', async () => {
    const answer = await source().lastAccessOf({ ...ROLE, accountId: '210987654321' }, 5_000);
    expect(answer).toMatchObject({ kind: 'unavailable' });
    expect(answer.kind === 'unavailable' && answer.reason).toMatch(/^cannot read account 210987654321: /);
  });
});
