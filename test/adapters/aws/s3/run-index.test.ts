import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { S3Objects } from '../../../../lambda/adapters/aws/s3/objects.ts';
import { S3Overview } from '../../../../lambda/adapters/aws/s3/overview.ts';
import { updateOverview } from '../../../../lambda/use-cases/notify/update-overview.ts';
import { renderIndexData } from '../../../../lambda/stored/overview.ts';
import { type PrincipalFacts, type ProposalFacts, subjectIn } from '../../../../lambda/ports/proposals.ts';
import { sharedFacts } from '../../../report/facts.ts';
import { rejection, serviceError } from '../support.ts';

const mock = mockClient(S3Client);
const overview = new S3Overview(new S3Objects(new S3Client({ region: 'eu-west-1' }), 'bucket'));
const page = (rows: readonly ProposalFacts[]) =>
  rows.map((row) => `${subjectIn(row).name} ${row.proposalId}`).join(', ');
const clock = { now: () => '', remainingMillis: () => 60_000 };
/** Enters proposals as they are read, and read again. */
const index = {
  update: (added: readonly ProposalFacts[], isNew = true) =>
    updateOverview(
      added.map((facts) => ({
        prefix: facts.prefix,
        reading: { kind: 'found', facts },
        isNew,
        isOwnerKnown: true,
      })),
      { overview, page, again: ({ reading }) => Promise.resolve(reading), clock },
    ),
};

/** A bucket that compares entity tags as S3 does. */
let bucket: Map<string, { readonly body: string; readonly etag: string }>;
let writes = 0;
let beforeWrite: (key: string) => void = () => undefined;

function write(key: string, body: string): string {
  writes += 1;
  const etag = `"${String(writes)}"`;
  bucket.set(key, { body, etag });
  return etag;
}

beforeEach(() => {
  bucket = new Map();
  writes = 0;
  beforeWrite = () => undefined;
  mock.reset();
  mock.on(GetObjectCommand).callsFake(({ Key }: { Key: string }) => {
    const object = bucket.get(Key);
    if (object === undefined) throw serviceError('NoSuchKey', 404);
    return { ETag: object.etag, Body: { transformToString: () => Promise.resolve(object.body) } };
  });
  mock.on(HeadObjectCommand).callsFake(({ Key }: { Key: string }) => ({ ETag: bucket.get(Key)?.etag }));
  mock
    .on(PutObjectCommand)
    .callsFake(
      ({
        Key,
        Body,
        IfMatch,
        IfNoneMatch,
      }: {
        Key: string;
        Body: string;
        IfMatch?: string;
        IfNoneMatch?: string;
      }) => {
        beforeWrite(Key);
        const etag = bucket.get(Key)?.etag;
        if ((IfNoneMatch === '*' && etag !== undefined) || (IfMatch !== undefined && IfMatch !== etag)) {
          throw serviceError('PreconditionFailed', 412);
        }
        return { ETag: write(Key, Body) };
      },
    );
});

function facts(name: string, proposalId: string, part: Partial<PrincipalFacts> = {}): PrincipalFacts {
  return {
    prefix: `proposals/111122223333/role/${name}/${proposalId}/`,
    proposalId,
    kind: 'refine-permissions',
    principal: {
      arn: `arn:aws:iam::111122223333:role/${name}`,
      type: 'role',
      name,
      path: '/',
      accountId: '111122223333',
    },
    findingId: 'f-1',
    findingType: 'UnusedPermission',
    summary: {
      actionsGrantedBefore: 2,
      actionsGrantedAfter: 1,
      servicesGrantedBefore: 1,
      servicesGrantedAfter: 1,
      charactersBefore: 90,
      charactersAfter: 80,
    },
    signature: 'same',
    catalogue: { source: 'test', version: '1', services: 1, actions: 3 },
    generalize: 'shortest',
    policies: [],
    retained: 0,
    residue: 0,
    accessKeyId: undefined,
    ...part,
  };
}

test('the overview starts with the first proposals, sorted', async () => {
  await index.update([facts('B', '2'), facts('A', '1')]);
  expect(bucket.get('index.html')?.body).toBe('A 1, B 2');
});

test('a later proposal for the same role replaces the earlier one, whatever its kind', async () => {
  await index.update([facts('A', '1'), facts('B', '2')]);
  await index.update([facts('A', '3', { kind: 'remove-role', summary: undefined })]);
  // Until somebody has said that the earlier one is settled, both are what the store holds.
  expect(bucket.get('index.html')?.body).toBe('A 1, A 3, B 2');
  await index.update([facts('A', '1', { state: { name: 'superseded', reason: '' } })], false);
  expect(bucket.get('index.html')?.body).toBe('A 3, B 2');
});

test('a proposal that is no longer current is marked, and replaces no other', async () => {
  const state = { name: 'superseded', reason: 'inline policy Read has another document' } as const;
  await index.update([facts('A', '1'), facts('B', '2')]);
  await index.update([facts('A', '1', { state }), facts('B', '0', { state })]);
  expect(bucket.get('index.html')?.body).toBe('A 1, B 2');
  const marked = JSON.parse(bucket.get('index.json')?.body ?? '') as { proposals: ProposalFacts[] };
  expect(marked.proposals.map((one) => one.state)).toEqual([state, undefined]);
  await index.update([facts('A', '1')]);
  expect(bucket.get('index.json')?.body).not.toContain('superseded');
});

test('two keys of one user have a row each', async () => {
  const principal = {
    ...facts('x', '0').principal,
    arn: 'arn:aws:iam::111122223333:user/ana',
    type: 'user',
    name: 'ana',
  } as const;
  const key = { principal, kind: 'remove-access-key' } as const;
  await index.update([
    facts('ana', '1', { ...key, accessKeyId: 'A' }),
    facts('ana', '2', { ...key, accessKeyId: 'B' }),
  ]);
  expect(bucket.get('index.html')?.body).toBe('ana 1, ana 2');
});

test('repeating an update changes nothing', async () => {
  await index.update([facts('A', '1')]);
  const before = bucket.get('index.json')?.body;
  await index.update([facts('A', '1')]);
  expect(bucket.get('index.json')?.body).toBe(before);
});

test("two concurrent writers lose nothing of each other's", async () => {
  let raced = false;
  beforeWrite = (key) => {
    if (key !== 'index.json' || raced) return;
    raced = true;
    write('index.json', renderIndexData([facts('B', '2')]));
  };
  await index.update([facts('A', '1')]);
  expect(bucket.get('index.html')?.body).toBe('A 1, B 2');
});

test('a page that is already older than the data when it is written is written again', async () => {
  let raced = false;
  beforeWrite = (key) => {
    if (key !== 'index.html' || raced) return;
    raced = true;
    write('index.json', renderIndexData([facts('A', '1'), facts('B', '2')]));
  };
  await index.update([facts('A', '1')]);
  expect(bucket.get('index.html')?.body).toBe('A 1, B 2');
});

test('an overview that others keep writing is an error to retry', async () => {
  beforeWrite = (key) => {
    if (key === 'index.json') write('index.json', renderIndexData([]));
  };
  expect(await rejection(index.update([facts('A', '1')]))).toMatchObject({ decision: 'retry' });
});

test('an unreadable overview is not overwritten', async () => {
  write('index.json', '{"schemaVersion":7}');
  expect(await rejection(index.update([facts('A', '1')]))).toMatchObject({
    decision: 'permanent',
    code: 'malformed',
  });
  expect(bucket.get('index.json')?.body).toBe('{"schemaVersion":7}');
});

test('a newer proposal about a shared policy replaces the older one about it, and no other', async () => {
  await index.update([sharedFacts('Orders'), facts('Orders', '1')]);
  await index.update([sharedFacts('Orders', { proposalId: '2' }), sharedFacts('Web')]);
  expect(bucket.get('index.html')?.body).toBe('Orders 1, Orders 2, Web 00000000000000000000000000000abc');
});
