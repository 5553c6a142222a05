import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { S3FailureStore } from '../../../lambda/adapters/aws/s3-failure-store.ts';
import { S3ProposalReader } from '../../../lambda/adapters/aws/s3-proposal-reader.ts';
import { S3ProposalStore } from '../../../lambda/adapters/aws/s3-proposal-store.ts';
import type { ProposalFile } from '../../../lambda/ports/proposal-store.ts';
import { renderProposal } from '../../../lambda/core/proposal/render-proposal.ts';
import { KEY_PROPOSAL, PREFIX, PROPOSAL } from './proposals.ts';
import { rejection, serviceError } from './support.ts';

const mock = mockClient(S3Client);
const s3 = new S3Client({ region: 'eu-west-1' });
const store = new S3ProposalStore(s3, 'bucket');
const reader = new S3ProposalReader(s3, 'bucket', ({ kind, principal }) => `${kind} ${principal.type}`);
const FILES: readonly ProposalFile[] = [
  { name: 'report.html', contentType: 'text/html', body: '<p>Ünused' },
  { name: 'policies/0-Read.before.json', contentType: 'application/json', body: '{}' },
];
const makeFiles = () => Promise.resolve(FILES);
const PROVENANCE = {
  findingId: 'f-1',
  runId: 'run ü',
  storedAt: '2026-11-23T12:00:00.000Z',
  engineVersion: '0.1.0',
};

function keys(): (string | undefined)[] {
  return mock.commandCalls(PutObjectCommand).map(({ args }) => args[0].input.Key);
}

/** The stored object as S3 would return it. */
function object(text: string): never {
  return { Body: { transformToString: () => Promise.resolve(text) } } as never;
}

beforeEach(() => {
  mock.reset();
  mock.on(HeadObjectCommand).rejects(serviceError('NotFound', 404));
  mock.on(PutObjectCommand).resolves({});
});

describe('a proposal', () => {
  test('is stored with proposal.json last, and only that under a condition', async () => {
    expect(await store.put(PROPOSAL, makeFiles, PROVENANCE)).toEqual({ prefix: PREFIX, outcome: 'stored' });
    expect(keys()).toEqual([
      `${PREFIX}report.html`,
      `${PREFIX}policies/0-Read.before.json`,
      `${PREFIX}proposal.json`,
    ]);
    const conditions = mock.commandCalls(PutObjectCommand).map(({ args }) => args[0].input.IfNoneMatch);
    expect(conditions).toEqual([undefined, undefined, '*']);
  });

  test('has the bytes that the offline job writes', async () => {
    await store.put(PROPOSAL, () => Promise.resolve([]), PROVENANCE);
    expect(mock.commandCalls(PutObjectCommand)[0]?.args[0].input.Body).toBe(renderProposal(PROPOSAL));
  });

  test('carries who made it and when as metadata in ASCII', async () => {
    await store.put(PROPOSAL, () => Promise.resolve([]), PROVENANCE);
    expect(mock.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
      Bucket: 'bucket',
      ContentType: 'application/json; charset=utf-8',
      Metadata: {
        'finding-id': 'f-1',
        'run-id': 'run ?',
        'stored-at': '2026-11-23T12:00:00.000Z',
        'engine-version': '0.1.0',
      },
    });
  });

  test('is not begun when its other files cannot be made', async () => {
    const failing = () => Promise.reject(new RangeError('too long'));
    await expect(store.put(PROPOSAL, failing, PROVENANCE)).rejects.toThrow(new RangeError('too long'));
    expect(keys()).toEqual([]);
  });

  test('that is stored already is not written again', async () => {
    mock.on(HeadObjectCommand, { Bucket: 'bucket', Key: `${PREFIX}proposal.json` }).resolves({});
    const inVain = () => Promise.reject(new Error('its files are made again'));
    expect(await store.put(PROPOSAL, inVain, PROVENANCE)).toEqual({ prefix: PREFIX, outcome: 'exists' });
    expect(keys()).toEqual([]);
  });

  test('that a missing permission to list hides is written', async () => {
    mock.on(HeadObjectCommand).rejects(serviceError('Forbidden', 403));
    expect((await store.put(PROPOSAL, makeFiles, PROVENANCE)).outcome).toBe('stored');
  });

  test('that somebody else stored meanwhile exists', async () => {
    mock.on(PutObjectCommand, { IfNoneMatch: '*' }).rejects(serviceError('PreconditionFailed', 412));
    expect((await store.put(PROPOSAL, makeFiles, PROVENANCE)).outcome).toBe('exists');
  });

  test.each([
    ['a conflict with another write', 'ConditionalRequestConflict', 409],
    ['a fault of the service', 'InternalError', 500],
  ])('is tried again after %s', async (_, name, status) => {
    mock.on(PutObjectCommand, { IfNoneMatch: '*' }).rejects(serviceError(name, status));
    expect(await rejection(store.put(PROPOSAL, makeFiles, PROVENANCE))).toMatchObject({ decision: 'retry' });
  });

  test('one of whose files cannot be written is not committed', async () => {
    mock.on(PutObjectCommand, { Key: `${PREFIX}report.html` }).rejects(serviceError('AccessDenied', 403));
    expect(await rejection(store.put(PROPOSAL, makeFiles, PROVENANCE))).toMatchObject({
      code: 'access-denied',
    });
    expect(keys()).not.toContain(`${PREFIX}proposal.json`);
  });

  test('is not even looked for while the service fails', async () => {
    mock.on(HeadObjectCommand).rejects(serviceError('InternalError', 500));
    expect(await rejection(store.put(PROPOSAL, makeFiles, PROVENANCE))).toMatchObject({ decision: 'retry' });
    expect(keys()).toEqual([]);
  });
});

describe('what stands about a stored proposal', () => {
  test('is counted, without its documents', async () => {
    mock
      .on(GetObjectCommand, { Bucket: 'bucket', Key: `${PREFIX}proposal.json` })
      .resolves(object(renderProposal(PROPOSAL)));
    expect(await reader.read(`${PREFIX}proposal.json`)).toEqual({
      kind: 'found',
      facts: {
        prefix: PREFIX,
        proposalId: '0123456789abcdef0123456789abcdef',
        kind: 'refine-permissions',
        principal: PROPOSAL.principal,
        findingId: 'f-1',
        findingType: 'UnusedPermission',
        signature: 'refine-permissions role',
        summary: PROPOSAL.summary,
        catalogue: PROPOSAL.catalogue,
        generalize: 'shortest',
        policies: [
          {
            source: 'role-inline',
            name: 'Read',
            disposition: 'update',
            reason: 'unused actions go',
            removed: 2,
          },
        ],
        retained: 1,
        residue: 0,
        accessKeyId: undefined,
      },
    });
  });

  test('names the access key where it is about one', async () => {
    const key = 'proposals/111122223333/user/ana/fedcba9876543210fedcba9876543210/proposal.json';
    mock.on(GetObjectCommand).resolves(object(renderProposal(KEY_PROPOSAL)));
    expect(await reader.read(key)).toMatchObject({
      facts: { kind: 'remove-access-key', accessKeyId: 'AKIAEXAMPLE', summary: undefined, policies: [] },
    });
  });

  test('is gone where the object is', async () => {
    mock.on(GetObjectCommand).rejects(serviceError('NoSuchKey', 404));
    expect(await reader.read(`${PREFIX}proposal.json`)).toEqual({ kind: 'gone' });
  });

  test.each([
    ['no JSON', '{"schemaVersion":'],
    ['another version', renderProposal(PROPOSAL).replace('"schemaVersion": 1', '"schemaVersion": 2')],
    ['another principal than its key', renderProposal(PROPOSAL).replaceAll('"Orders"', '"Payments"')],
  ])('is not told where the object is %s', async (_, text) => {
    mock.on(GetObjectCommand).resolves(object(text));
    expect(await rejection(reader.read(`${PREFIX}proposal.json`))).toMatchObject({
      decision: 'permanent',
      code: 'malformed',
    });
  });
});

test('the input of a failed verification lies under the id of its finding, whatever that holds', async () => {
  expect(await new S3FailureStore(s3, 'bucket').keep('a/b ü', '{"policy":1}')).toBe(
    'failures/a%2Fb%20%C3%BC.json',
  );
  expect(mock.commandCalls(PutObjectCommand)[0]?.args[0].input).toEqual({
    Bucket: 'bucket',
    Key: 'failures/a%2Fb%20%C3%BC.json',
    Body: '{"policy":1}',
    ContentType: 'application/json; charset=utf-8',
  });
});
