import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { S3Objects } from '../../../../lambda/adapters/aws/s3/objects.ts';
import { S3AccountRecords, S3SweepRecords } from '../../../../lambda/adapters/aws/s3/sweeps.ts';
import type { AccountPage } from '../../../../lambda/ports/account.ts';
import type { Listing } from '../../../../lambda/ports/sweep.ts';
import { rejection, serviceError } from '../support.ts';

const mock = mockClient(S3Client);
const objects = () => new S3Objects(new S3Client({ region: 'eu-west-1' }), 'bucket');
const JOB = {
  analyzerArn: 'a',
  sweepId: 's',
  accountId: '111122223333',
  next: 0,
  parts: 0,
  shared: null,
  deferrals: 0,
};
const REFERENCE = { analyzerArn: 'a', findingId: 'f', accountId: '111122223333', resource: 'r' };
const LISTING: Listing = {
  references: [REFERENCE],
  restarts: 1,
  next: { phase: 'list', nextToken: 't', listed: { from: 0, to: 1, isWhole: true } },
};

let bucket: Map<string, Uint8Array>;
beforeEach(() => {
  bucket = new Map();
  mock.reset();
  mock.on(ListObjectsV2Command).resolves({});
  mock.on(PutObjectCommand).callsFake(({ Key, Body, IfNoneMatch }: Record<string, string | Uint8Array>) => {
    const key = String(Key);
    if (IfNoneMatch === '*' && bucket.has(key)) throw serviceError('PreconditionFailed', 412);
    bucket.set(key, typeof Body === 'string' ? Buffer.from(Body) : (Body ?? new Uint8Array()));
    return {};
  });
  mock.on(GetObjectCommand).callsFake(({ Key }: { Key: string }) => {
    const bytes = bucket.get(Key);
    if (!bytes) throw serviceError('AccessDenied', 403);
    return {
      Body: {
        transformToByteArray: () => Promise.resolve(bytes),
        transformToString: () => Promise.resolve(Buffer.from(bytes).toString()),
      },
    };
  });
});

describe('the listing of a slice of a sweep', () => {
  test('is one object with one finding on each line, and last where the sweep continues', async () => {
    await new S3SweepRecords(objects()).keepListing('s', 0, LISTING);
    expect(Buffer.from(bucket.get('sweeps/s/listed/0.jsonl') ?? []).toString()).toBe(
      '{"analyzerArn":"a","findingId":"f","accountId":"111122223333","resource":"r"}\n' +
        '{"restarts":1,"next":{"phase":"list","nextToken":"t","listed":{"from":0,"to":1,"isWhole":true}}}\n',
    );
    expect(await new S3SweepRecords(objects()).listing('s', 0)).toEqual(LISTING);
  });

  test('is not read again by the process that wrote it', async () => {
    const records = new S3SweepRecords(objects());
    await records.keepListing('s', 0, LISTING);
    expect(await records.listing('s', 0)).toEqual(LISTING);
    expect(mock.commandCalls(GetObjectCommand)).toHaveLength(0);
  });

  test('is not overwritten by a second attempt', async () => {
    await new S3SweepRecords(objects()).keepListing('s', 0, LISTING);
    const again = await new S3SweepRecords(objects()).keepListing('s', 0, { ...LISTING, references: [] });
    expect(again).toEqual(LISTING);
  });

  test('that is missing is an error that says where it should be', async () => {
    expect(await rejection(new S3SweepRecords(objects()).listing('s', 3))).toMatchObject({
      decision: 'permanent',
      message: expect.stringContaining('s3://bucket/sweeps/s/listed/3.jsonl') as string,
    });
  });

  test('that cannot be parsed is an error that quotes nothing of it', async () => {
    bucket.set('sweeps/s/listed/0.jsonl', Buffer.from('{"secret":1}\n'));
    const error = await rejection(new S3SweepRecords(objects()).listing('s', 0));
    expect(error).toMatchObject({ decision: 'permanent', code: 'malformed' });
    expect(error.message).not.toContain('secret');
  });
});

describe('the stored progress on an account', () => {
  const page: AccountPage = {
    roles: [
      { arn: 'r', tags: [], boundaryArn: null, inline: [{ name: 'n', document: '%7B%7D' }], attached: [] },
    ],
    users: [],
    groups: [],
    policies: [{ arn: 'p', path: '/', versionId: 'v1', attachments: 1, boundaryUses: 0, document: '%7B%7D' }],
    nextMarker: 'm',
  };

  test('includes its pages, compressed and read back unchanged', async () => {
    const records = new S3AccountRecords(objects());
    await records.keepPage(JOB, 2, page);
    const bytes = bucket.get('sweeps/s/accounts/111122223333/details/2.json.gz') ?? new Uint8Array();
    expect(JSON.parse(gunzipSync(bytes).toString())).toEqual(page);
    expect(await records.page(JOB, 2)).toEqual(page);
    expect(await records.page(JOB, 3)).toBeUndefined();
  });

  test('includes its parts', async () => {
    const records = new S3AccountRecords(objects());
    const facts = { analyzerArn: null, resource: 'r', accountId: '1', updatedAt: null };
    const part = {
      next: 250,
      unread: ['arn'],
      findings: [
        { ...facts, id: 'f', unused: [['s3', ['GetObject']] as const] },
        { ...facts, id: 'g', unused: null },
      ],
    };
    await records.keepUnused(JOB, 0, part);
    expect([...bucket.keys()]).toEqual(['sweeps/s/accounts/111122223333/unused/0.json.gz']);
    expect(await records.unused(JOB, 0)).toEqual(part);
    expect(await records.unused(JOB, 1)).toBeUndefined();
  });

  test('is that of the first of two copies of a job, and the other continues with it', async () => {
    const [first, second] = [new S3AccountRecords(objects()), new S3AccountRecords(objects())];
    const part = { next: 250, unread: [], findings: [] };
    expect(await first.keepUnused(JOB, 0, part)).toEqual(part);
    expect(await second.keepUnused(JOB, 0, { ...part, next: 17 })).toEqual(part);
    expect(await first.unused(JOB, 0)).toEqual(part);
    expect(await first.keepPage(JOB, 0, page)).toEqual(page);
    expect(await second.keepPage(JOB, 0, { ...page, nextMarker: null })).toEqual(page);
    expect(await first.page(JOB, 0)).toEqual(page);
  });

  test('is retried where two copies write a part at the same moment and neither is stored', async () => {
    const records = new S3AccountRecords(objects());
    const part = { next: 250, unread: [], findings: [] };
    mock.on(PutObjectCommand).rejects(serviceError('ConditionalRequestConflict', 409));
    const error = await rejection(records.keepUnused(JOB, 0, part));
    expect([error.decision, error.message]).toEqual([
      'retry',
      "cannot write s3://bucket/sweeps/s/accounts/111122223333/unused/0.json.gz: another copy of the account's job writes it at the same moment; it will be retried",
    ]);
    const theirs = { ...part, next: 17 };
    bucket.set('sweeps/s/accounts/111122223333/unused/0.json.gz', gzipSync(JSON.stringify(theirs)));
    expect(await records.keepUnused(JOB, 0, part)).toEqual(theirs);
  });

  test('starts with the findings that the sweep stored for it', async () => {
    await new S3SweepRecords(objects()).keepAccount('s', '111122223333', {
      references: [REFERENCE],
      shared: ['shared/111122223333/group/Ops/0/'],
      since: 5_000,
    });
    expect(Buffer.from(bucket.get('sweeps/s/accounts/111122223333.jsonl') ?? []).toString()).toBe(
      '{"analyzerArn":"a","findingId":"f","accountId":"111122223333","resource":"r"}\n' +
        '{"since":5000,"shared":["shared/111122223333/group/Ops/0/"]}\n',
    );
    expect(await new S3AccountRecords(objects()).swept(JOB)).toEqual({
      references: [REFERENCE],
      shared: ['shared/111122223333/group/Ops/0/'],
      since: 5_000,
    });
  });

  test('has no list of shared proposals if it is unknown what the overview shows', async () => {
    await new S3SweepRecords(objects()).keepAccount('s', '111122223333', {
      references: [REFERENCE],
      since: 0,
    });
    expect(await new S3AccountRecords(objects()).swept(JOB)).toEqual({ references: [REFERENCE], since: 0 });
  });
});

test("a sweep begins once, and has the store's time of its beginning", async () => {
  const LastModified = new Date('2026-11-29T00:00:01.000Z');
  mock.on(HeadObjectCommand, { Key: 'sweeps/s/begun.json' }).resolves({ LastModified });
  const records = new S3SweepRecords(objects());
  expect([await records.begin('s'), await records.begin('s')]).toEqual([
    LastModified.getTime(),
    LastModified.getTime(),
  ]);
  expect([...bucket.keys()]).toEqual(['sweeps/s/begun.json']);
});

test('the proposals that became current again are a list of prefixes', async () => {
  mock
    .on(ListObjectsV2Command, { Prefix: 'reopened/' })
    .resolves({ Contents: [{ Key: 'reopened/proposals/111122223333/role/Orders/0f' }] });
  expect(await new S3SweepRecords(objects()).reopened()).toEqual(['proposals/111122223333/role/Orders/0f/']);
});
