import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../../../lambda/adapters/node.ts';
import { S3CatalogueStore } from '../../../../lambda/adapters/aws/s3/catalogue-store.ts';
import { S3Objects } from '../../../../lambda/adapters/aws/s3/objects.ts';
import { S3AnnouncedStore, S3Overview } from '../../../../lambda/adapters/aws/s3/overview.ts';
import { S3ProposalReader, S3Proposals } from '../../../../lambda/adapters/aws/s3/proposals.ts';
import { S3AccountRecords, S3SweepRecords } from '../../../../lambda/adapters/aws/s3/sweeps.ts';
import { rejection, serviceError } from '../support.ts';

const mock = mockClient(S3Client);
const objects = new S3Objects(new S3Client({ region: 'eu-west-1' }), 'b');

beforeEach(() => {
  mock.reset();
  mock.on(ListObjectsV2Command).resolves({});
});

test('an object that is refused and not listed does not exist', async () => {
  mock.on(GetObjectCommand).rejects(serviceError('AccessDenied', 403));
  mock.on(HeadObjectCommand).rejects(serviceError('Forbidden', 403));
  expect([await objects.get('k'), await objects.head('k')]).toEqual([undefined, undefined]);
  expect(mock.commandCalls(ListObjectsV2Command)[0]?.args[0].input).toEqual({ Bucket: 'b', Prefix: 'k' });
});

test('an object that is refused and listed is access denied', async () => {
  mock.on(GetObjectCommand).rejects(serviceError('AccessDenied', 403));
  mock.on(ListObjectsV2Command).resolves({ Contents: [{ Key: 'k' }] });
  expect(await rejection(objects.get('k'))).toMatchObject({ code: 'access-denied' });
});

test('without permission to list, it is unknown whether a refused object exists', async () => {
  mock.on(GetObjectCommand).rejects(serviceError('AccessDenied', 403));
  mock.on(ListObjectsV2Command).rejects(serviceError('AccessDenied', 403));
  expect(await rejection(objects.get('k'))).toMatchObject({ code: 'access-denied' });
});

test.each(['RequestTimeTooSkewed', 'InvalidAccessKeyId', 'ExpiredToken', 'SignatureDoesNotMatch'])(
  'a refusal for another reason does not mean that the object is missing: %s',
  async (name) => {
    mock.on(GetObjectCommand).rejects(serviceError(name, 403));
    await expect(objects.get('sweeps/x')).rejects.toThrow(name);
    expect(mock.commandCalls(ListObjectsV2Command)).toHaveLength(0);
  },
);

test('a refused clock is retried, and no reason to use another catalogue', async () => {
  mock.on(GetObjectCommand).rejects(serviceError('RequestTimeTooSkewed', 403));
  const error = await rejection(new S3CatalogueStore(objects, sha256).latest());
  expect(error).toMatchObject({ decision: 'retry' });
});

/* Every place that reads the bucket, and what it makes of an object that is not there. */

const JOB = { analyzerArn: 'a', sweepId: 's', accountId: '1', next: 0, parts: 0, shared: null, deferrals: 0 };
const proposals = new S3Proposals(objects);
const sweeps = new S3SweepRecords(objects);
const accounts = new S3AccountRecords(objects);
const catalogues = new S3CatalogueStore(objects, sha256);
const reader = new S3ProposalReader(objects, () => '');

describe.each<readonly [place: string, key: string, read: () => Promise<unknown>, absent: unknown]>([
  ['the latest catalogue', 'catalogue/latest.json', () => catalogues.latest(), { kind: 'none' }],
  [
    'an earlier catalogue',
    'catalogue/0123456789ab.json',
    () => catalogues.version('0123456789ab'),
    undefined,
  ],
  ['the overview', 'index.json', () => new S3Overview(objects).read(), { rows: [], version: undefined }],
  [
    'what was announced',
    'announced.json',
    () => new S3AnnouncedStore(objects).read(),
    { announced: undefined, version: undefined },
  ],
  ['a proposal', 'p/proposal.json', () => proposals.read('p/'), undefined],
  ['its state', 'p/state.json', () => proposals.readState('p/'), undefined],
  ['the finding it was made from', 'p/proposal.json', () => proposals.findingOf('p/'), undefined],
  ['why it is withheld', 'p/withheld.json', () => proposals.readWithheld('p/'), undefined],
  ['what the notifier reads', 'p/proposal.json', () => reader.read('p/proposal.json'), { kind: 'gone' }],
  ['whether there is a proposal', 'p/proposal.json', () => reader.has('p/proposal.json'), false],
  ['a page of an account', 'sweeps/s/accounts/1/details/0.json.gz', () => accounts.page(JOB, 0), undefined],
  ['a part of a job', 'sweeps/s/accounts/1/unused/0.json.gz', () => accounts.unused(JOB, 0), undefined],
  ['when a sweep began', 'sweeps/s/begun.json', () => sweeps.begin('s'), 0],
])('%s', (_, key, read, absent) => {
  const answerWith = (name: string, status: number): void => {
    mock.on(PutObjectCommand).resolves({});
    mock.on(GetObjectCommand).rejects(serviceError(name, status));
    mock.on(HeadObjectCommand).rejects(serviceError(status === 403 ? 'Unknown' : 'NotFound', status));
  };

  test('is absent if S3 says so, or if it is refused and not listed', async () => {
    answerWith('NoSuchKey', 404);
    expect(await read()).toEqual(absent);
    answerWith('AccessDenied', 403);
    expect(await read()).toEqual(absent);
  });

  test('is an error if it is refused and listed, or if it cannot be listed', async () => {
    answerWith('AccessDenied', 403);
    mock.on(ListObjectsV2Command).resolves({ Contents: [{ Key: key }] });
    expect(await rejection(read())).toMatchObject({ code: 'access-denied' });
    // A clock that is refused is refused for listings, too.
    mock.on(ListObjectsV2Command).rejects(serviceError('RequestTimeTooSkewed', 403));
    expect(await rejection(read())).toMatchObject({ decision: 'retry' });
  });
});

describe.each<readonly [place: string, read: () => Promise<unknown>]>([
  ['what a sweep listed', () => sweeps.listing('s', 0)],
  ['what it found in an account', () => accounts.swept(JOB)],
])('%s', (_, read) => {
  test('must exist: if it is missing or refused, that is an error', async () => {
    for (const [name, status] of [
      ['NoSuchKey', 404],
      ['AccessDenied', 403],
    ] as const) {
      mock.on(GetObjectCommand).rejects(serviceError(name, status));
      expect(await rejection(read())).toMatchObject({ decision: 'permanent' });
    }
  });
});
