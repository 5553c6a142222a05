import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { sha256 } from '../../../../lambda/adapters/node.ts';
import { S3CatalogueStore } from '../../../../lambda/adapters/aws/s3/catalogue-store.ts';
import { S3Objects } from '../../../../lambda/adapters/aws/s3/objects.ts';
import { rejection, serviceError } from '../support.ts';

const mock = mockClient(S3Client);
const objects = new S3Objects(new S3Client({ region: 'eu-west-1' }), 'b');

beforeEach(() => {
  mock.reset();
  mock.on(ListObjectsV2Command).resolves({});
});

test('what is refused and not listed is not there', async () => {
  mock.on(GetObjectCommand).rejects(serviceError('AccessDenied', 403));
  mock.on(HeadObjectCommand).rejects(serviceError('Forbidden', 403));
  expect([await objects.get('k'), await objects.head('k')]).toEqual([undefined, undefined]);
  expect(mock.commandCalls(ListObjectsV2Command)[0]?.args[0].input).toEqual({ Bucket: 'b', Prefix: 'k' });
});

test('what is refused and listed is refused', async () => {
  mock.on(GetObjectCommand).rejects(serviceError('AccessDenied', 403));
  mock.on(ListObjectsV2Command).resolves({ Contents: [{ Key: 'k' }] });
  expect(await rejection(objects.get('k'))).toMatchObject({ code: 'access-denied' });
});

test('whoever may not list either learns nothing about what is there', async () => {
  mock.on(GetObjectCommand).rejects(serviceError('AccessDenied', 403));
  mock.on(ListObjectsV2Command).rejects(serviceError('AccessDenied', 403));
  expect(await rejection(objects.get('k'))).toMatchObject({ code: 'access-denied' });
});

test.each(['RequestTimeTooSkewed', 'InvalidAccessKeyId', 'ExpiredToken', 'SignatureDoesNotMatch'])(
  'a refusal for another reason says nothing about the object: %s',
  async (name) => {
    mock.on(GetObjectCommand).rejects(serviceError(name, 403));
    await expect(objects.get('sweeps/x')).rejects.toThrow(name);
    expect(mock.commandCalls(ListObjectsV2Command)).toHaveLength(0);
  },
);

test('a clock that is refused is tried again, and no reason for another catalogue', async () => {
  mock.on(GetObjectCommand).rejects(serviceError('RequestTimeTooSkewed', 403));
  const error = await rejection(new S3CatalogueStore(objects, sha256).latest());
  expect(error).toMatchObject({ decision: 'retry' });
});
