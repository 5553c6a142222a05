import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AccessAnalyzerClient } from '@aws-sdk/client-accessanalyzer';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { AccessAnalyzerFindings } from '../../../../lambda/adapters/aws/access-analyzer/findings.ts';
import { CLIENT_SETTINGS, s3ClientSettings } from '../../../../lambda/adapters/aws/sdk/client-settings.ts';
import { S3Objects } from '../../../../lambda/adapters/aws/s3/objects.ts';
import { S3Proposals } from '../../../../lambda/adapters/aws/s3/proposals.ts';
import { ANALYZER } from '../support.ts';

/** A server on loopback that answers what a test wants, to see what really goes over the wire. */
let server: Server;
let endpoint: string;
let requests: string[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    request.resume().on('end', () => {
      answer(request, response);
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
  vi.unstubAllEnvs();
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});

test('Access Analyzer is reached through its own endpoint variable, with pages and throttling', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_ACCESSANALYZER', endpoint);
  let throttled = 0;
  answer = (request, response) => {
    response.setHeader('content-type', 'application/json');
    if (throttled < 2) {
      throttled += 1;
      response.writeHead(429, { 'x-amzn-errortype': 'ThrottlingException' });
      response.end('{"message":"Rate exceeded"}');
      return;
    }
    const second = request.url?.includes('nextToken=p2') === true;
    response.end(
      JSON.stringify({
        id: 'f-1',
        status: 'ACTIVE',
        findingType: 'UnusedPermission',
        resource: 'arn:aws:iam::111122223333:role/Orders',
        resourceType: 'AWS::IAM::Role',
        resourceOwnerAccount: '111122223333',
        updatedAt: '2026-11-20T00:00:00Z',
        findingDetails: [{ unusedPermissionDetails: { serviceNamespace: second ? 'sqs' : 's3' } }],
        ...(second ? {} : { nextToken: 'p2' }),
      }),
    );
  };
  const findings = new AccessAnalyzerFindings(new AccessAnalyzerClient(CLIENT_SETTINGS));
  const reading = await findings.getFinding({
    analyzerArn: ANALYZER,
    findingId: 'f-1',
    accountId: 'x',
    resource: 'x',
  });
  expect(reading).toMatchObject({
    finding: {
      updatedAt: '2026-11-20T00:00:00.000Z',
      details: { entries: [{ serviceNamespace: 's3' }, { serviceNamespace: 'sqs' }] },
    },
  });
  const first = `GET /findingv2/f-1?analyzerArn=${encodeURIComponent(ANALYZER)}`;
  expect(requests).toEqual([first, first, first, `${first}&nextToken=p2`]);
});

test('the bucket is part of the path if S3 has a custom endpoint', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  answer = (_, response) => {
    response.end();
  };
  await new S3Proposals(new S3Objects(new S3Client(s3ClientSettings(process.env)), 'bucket')).keep(
    'f-1',
    '{}',
  );
  expect(requests).toEqual(['PUT /bucket/failures/f-1.json?x-id=PutObject']);
});

test('a throttled S3 write is retried without the slow-down of adaptive retries', async () => {
  answer = (_request, response) => {
    response.writeHead(requests.length % 2 === 1 ? 503 : 200, { 'content-type': 'application/xml' });
    response.end(requests.length % 2 === 1 ? '<Error><Code>SlowDown</Code></Error>' : '');
  };
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  const client = new S3Client(s3ClientSettings(process.env));
  await new S3Proposals(new S3Objects(client, 'bucket')).keep('f-1', '{}');
  expect(requests).toHaveLength(2);
  expect(await client.config.retryStrategy()).toHaveProperty('mode', 'standard');
});

test.each([
  [{}, false],
  [{ AWS_ENDPOINT_URL: 'http://localhost:5000' }, true],
  [{ AWS_ENDPOINT_URL_S3: 'http://localhost:5000' }, true],
  [{ AWS_ENDPOINT_URL_SQS: 'http://localhost:5000' }, false],
  [{ AWS_ENDPOINT_URL: 'http://localhost:5000', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, false],
])('with the environment %j the bucket is part of the path: %s', (environment, expected) => {
  expect(s3ClientSettings(environment).forcePathStyle).toBe(expected);
});
