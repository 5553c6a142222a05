import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { S3Objects } from '../../../../lambda/adapters/aws/s3/objects.ts';
import { S3AnnouncedStore } from '../../../../lambda/adapters/aws/s3/overview.ts';
import { rejection, serviceError } from '../support.ts';

const mock = mockClient(S3Client);
const store = new S3AnnouncedStore(new S3Objects(new S3Client({ region: 'eu-west-1' }), 'bucket'));
const TEXT = '{"schemaVersion":1,"digest":"0f3a","proposals":5120}\n';

beforeEach(() => {
  mock.reset();
});

function holds(text: string): void {
  mock
    .on(GetObjectCommand, { Bucket: 'bucket', Key: 'announced.json' })
    .resolves({ ETag: '"7"', Body: { transformToString: () => Promise.resolve(text) } } as never);
}

test('the last announcement is read with its version', async () => {
  holds(TEXT);
  expect(await store.read()).toEqual({ announced: { digest: '0f3a', proposals: 5120 }, version: '"7"' });
});

test('a missing object means that nothing was announced', async () => {
  mock.on(GetObjectCommand).rejects(serviceError('NoSuchKey', 404));
  expect(await store.read()).toEqual({ announced: undefined, version: undefined });
});

test('an error about another object says what to do', async () => {
  holds('{"schemaVersion":2}');
  expect(await rejection(store.read())).toMatchObject({
    decision: 'permanent',
    code: 'malformed',
    message:
      'cannot read s3://bucket/announced.json: it does not say what was announced; delete it, and the next overview tells about everything',
  });
});

test('it is written only if nobody else has written since', async () => {
  mock.on(PutObjectCommand).resolves({});
  expect(await store.write({ digest: '0f3a', proposals: 5120 }, undefined)).toBe(true);
  expect(await store.write({ digest: '0f3a', proposals: 5120 }, '"7"')).toBe(true);
  expect(
    mock.commandCalls(PutObjectCommand).map(({ args }) => {
      const { Key, Body, IfMatch, IfNoneMatch } = args[0].input;
      return [Key, Body, IfNoneMatch, IfMatch];
    }),
  ).toEqual([
    ['announced.json', TEXT, '*', undefined],
    ['announced.json', TEXT, undefined, '"7"'],
  ]);
  mock.on(PutObjectCommand).rejects(serviceError('PreconditionFailed', 412));
  expect(await store.write({ digest: '0f3a', proposals: 5120 }, '"7"')).toBe(false);
});

test('it is not written if it was deleted since it was read; the next overview starts again', async () => {
  // S3 answers so to If-Match on an object that is not there.
  mock.on(PutObjectCommand).rejects(serviceError('NoSuchKey', 404));
  expect(await store.write({ digest: '0f3a', proposals: 5120 }, '"7"')).toBe(false);
});
