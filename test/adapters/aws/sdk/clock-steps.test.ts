import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetObjectCommand, HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { s3ClientSettings } from '../../../../lambda/adapters/aws/sdk/client-settings.ts';
import { followClockSteps } from '../../../../lambda/adapters/aws/sdk/clock-steps.ts';

let server: Server;
/** Milliseconds that the server's clock is ahead of this machine's. */
let ahead: number;
let answers: number[];

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const [, date = '', time = ''] = /^(\d{8})T(\d{6})Z$/.exec(String(request.headers['x-amz-date'])) ?? [];
      const signed = Date.parse(
        `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`,
      );
      const now = Date.now() + ahead;
      const isFresh = Math.abs(signed - now) < 15 * 60_000;
      const code = !isFresh
        ? 'RequestTimeTooSkewed'
        : request.url?.includes('missing')
          ? 'NoSuchKey'
          : undefined;
      const status = code === undefined ? 200 : isFresh ? 404 : 403;
      answers.push(status);
      response.writeHead(status, { date: new Date(now).toUTCString() });
      response.end(code === undefined ? '' : `<Error><Code>${code}</Code><Message>No.</Message></Error>`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  ahead = 0;
  answers = [];
});

function makeClient(): S3Client {
  const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new S3Client({
    ...s3ClientSettings({}),
    region: 'eu-west-1',
    forcePathStyle: true,
    endpoint,
    credentials,
  });
}

const put = (client: S3Client) => client.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' }));

test('a call is signed again after the clock has stepped forward or back', async () => {
  const client = followClockSteps(makeClient());
  await put(client);
  ahead = 20 * 60_000;
  await put(client);
  ahead = 0;
  await put(client);
  expect(answers).toEqual([200, 403, 200, 403, 200]);
});

test('all calls in flight when the clock steps back are signed again', async () => {
  const client = followClockSteps(makeClient());
  ahead = 20 * 60_000;
  await put(client);
  ahead = 0;
  await Promise.all([put(client), put(client), put(client)]);
  expect(answers.filter((status) => status === 403)).toHaveLength(4);
});

test("a step uses up none of the SDK's retries for a client, however many calls are in flight", async () => {
  const client = followClockSteps(makeClient());
  ahead = 20 * 60_000;
  await put(client);
  ahead = 0;
  answers = [];
  // The SDK pays for repetitions from a budget of some 35 a client, which successes fill up again.
  const done = await Promise.all(Array.from({ length: 200 }, () => put(client)));
  expect(answers.filter((status) => status === 200)).toHaveLength(200);
  expect(done.map(({ $metadata }) => $metadata.attempts)).toEqual(Array.from({ length: 200 }, () => 1));
});

test('the SDK alone does not retry a call after a step back (if it ever does, this module can be removed)', async () => {
  const client = makeClient();
  ahead = 20 * 60_000;
  await put(client);
  ahead = 0;
  await expect(put(client)).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
});

test("a refusal for another reason is not retried while the server's clock is minutes off", async () => {
  ahead = 20 * 60_000;
  const get = (client: S3Client) => client.send(new GetObjectCommand({ Bucket: 'b', Key: 'missing' }));
  const client = followClockSteps(makeClient());
  await put(client);
  answers = [];
  await expect(get(client)).rejects.toMatchObject({ name: 'NoSuchKey', $metadata: { attempts: 1 } });
  expect(answers).toEqual([404]);
  // The SDK alone: this part of the module can go when it does not any more.
  const alone = makeClient();
  await put(alone);
  answers = [];
  await expect(get(alone)).rejects.toMatchObject({ name: 'NoSuchKey' });
  expect(answers).toEqual([404, 404, 404, 404, 404, 404]);
});

test('a refusal for another reason is not retried', async () => {
  const client = followClockSteps(makeClient());
  // Without a body the answer to HEAD has no code.
  ahead = 20 * 60_000;
  await put(client);
  ahead = 0;
  await expect(client.send(new HeadBucketCommand({ Bucket: 'b' }))).rejects.toMatchObject({
    $metadata: { attempts: 1 },
  });
});
