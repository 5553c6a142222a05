import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { S3Objects } from '../../../../lambda/adapters/aws/s3/objects.ts';
import { S3CatalogueStore } from '../../../../lambda/adapters/aws/s3/catalogue-store.ts';
import { renderKeptCatalogue } from '../../../../lambda/stored/catalogue.ts';
import { sha256 } from '../../../../lambda/adapters/node.ts';
import { contentVersion } from '../../../../lambda/core/catalogue/kept-catalogue.ts';
import { keptCatalogue, reference } from '../../../use-cases/kept-catalogues.ts';
import { rejection, serviceError } from '../support.ts';

const mock = mockClient(S3Client);
const store = new S3CatalogueStore(new S3Objects(new S3Client({ region: 'eu-west-1' }), 'bucket'), sha256);
const CATALOGUE = keptCatalogue('2026-11-01');
const { version } = CATALOGUE.origin;
const TEXT = renderKeptCatalogue(CATALOGUE);

function holds(text: string): void {
  mock
    .on(GetObjectCommand, { Bucket: 'bucket', Key: 'catalogue/latest.json' })
    .callsFake(() => ({ ETag: '"m"', Body: { transformToString: () => Promise.resolve(text) } }));
}

beforeEach(() => {
  mock.reset();
  mock.on(ListObjectsV2Command).resolves({});
  mock.on(PutObjectCommand).resolves({ ETag: '"m"' });
});

describe('the latest catalogue', () => {
  test('is read as it was written', async () => {
    await store.replaceLatest(CATALOGUE, { kind: 'none' });
    const { Body } = mock.commandCalls(PutObjectCommand)[0]!.args[0].input;
    holds(String(Body));
    expect(await store.latest()).toEqual({ kind: 'found', catalogue: CATALOGUE, mark: '"m"' });
  });

  test.each([
    ['NoSuchKey', 404],
    ['AccessDenied', 403],
  ])('is missing if S3 answers %s', async (name, status) => {
    mock.on(GetObjectCommand).rejects(serviceError(name, status));
    expect(await store.latest()).toEqual({ kind: 'none' });
  });

  test.each([
    ['SlowDown', 503],
    ['InternalError', 500],
  ])('is an error to retry if S3 answers %s', async (name, status) => {
    mock.on(GetObjectCommand).rejects(serviceError(name, status));
    expect(await rejection(store.latest())).toMatchObject({ decision: 'retry' });
  });

  test.each([
    ['cut off', TEXT.slice(0, -100), 'is not JSON'],
    ['of another shape', TEXT.replace('"GetThing ', '"Get*Thing '), 'is not a catalogue at services.svc100'],
    ['without untracked actions', '{"source":"x"}', 'is not a catalogue at version'],
    [
      'too short',
      renderKeptCatalogue({ ...CATALOGUE, services: CATALOGUE.services.slice(1) }),
      'names 299 services, fewer than the 300 that there certainly are',
    ],
    [
      'changed by hand',
      TEXT.replace('"svc100": "GetThing ', '"svc100": "'),
      `does not hold what its version "${version}" is a digest of`,
    ],
  ])('is invalid if it is %s', async (_, text, problem) => {
    expect(text).not.toBe(TEXT);
    holds(text);
    expect(await store.latest()).toEqual({
      kind: 'invalid',
      problem: `s3://bucket/catalogue/latest.json ${problem}`,
      mark: '"m"',
    });
  });

  test('accepts a service of any name', async () => {
    const odd = keptCatalogue('2026-11-01', reference({ constructor: ['Get'], valueOf: ['!Put'] }));
    holds(renderKeptCatalogue(odd));
    const latest = await store.latest();
    expect(latest.kind === 'found' && latest.catalogue.services.slice(-2)).toMatchObject([
      { name: 'constructor', actions: ['Get'], untracked: [] },
      { name: 'valueOf', actions: ['Put'], untracked: ['Put'] },
    ]);
  });
});

test('a service without data about tracking does not count as wholly tracked', async () => {
  const { origin, services } = keptCatalogue('2026-11-01', reference({ svc100: ['GetThing'] }));
  expect(services[0]?.untracked).toEqual([]);
  const silent = [{ ...services[0]!, untracked: undefined }, ...services.slice(1)];
  const kept = { origin: { ...origin, version: contentVersion(silent, sha256) }, services: silent };
  expect(kept.origin.version).not.toBe(origin.version);
  holds(renderKeptCatalogue(kept));
  expect(await store.latest()).toMatchObject({ kind: 'found', catalogue: kept });
  // Nor where only that is changed by hand.
  holds(renderKeptCatalogue(kept).replace('"svc100"\n ]', '"svc101"\n ]'));
  expect(await store.latest()).toMatchObject({ kind: 'invalid' });
});

describe('writing', () => {
  test('stores a version once', async () => {
    mock.on(PutObjectCommand).rejects(serviceError('PreconditionFailed', 412));
    await store.keep(CATALOGUE);
    expect(mock.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
      Key: `catalogue/${version}.json`,
      IfNoneMatch: '*',
      Body: TEXT,
      ContentType: 'application/json; charset=utf-8',
    });
  });

  test.each([
    ['found', { kind: 'found', catalogue: CATALOGUE, mark: '"m"' }],
    ['invalid', { kind: 'invalid', problem: '', mark: '"m"' }],
  ] as const)(
    'replaces a latest that was %s only if it has not changed since it was read',
    async (_, before) => {
      expect(await store.replaceLatest(CATALOGUE, before)).toBe(true);
      expect(mock.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
        Key: 'catalogue/latest.json',
        IfMatch: '"m"',
      });
      for (const name of ['PreconditionFailed', 'NoSuchKey']) {
        mock.on(PutObjectCommand).rejects(serviceError(name, name === 'NoSuchKey' ? 404 : 412));
        expect(await store.replaceLatest(CATALOGUE, before)).toBe(false);
      }
    },
  );

  test('a latest catalogue that exists although it could not be read gives an error with both reasons', async () => {
    mock.on(PutObjectCommand).rejects(serviceError('PreconditionFailed', 412));
    const error = await rejection(store.replaceLatest(CATALOGUE, { kind: 'none' }));
    expect(error).toMatchObject({ decision: 'retry' });
    expect(error.message).toBe(
      's3://bucket/catalogue/latest.json seemed to be missing, but is there: another run wrote it meanwhile, or this role may not read it; it will be retried',
    );
  });

  test('at the same time as another run is an error to retry', async () => {
    mock.on(PutObjectCommand).rejects(serviceError('ConditionalRequestConflict', 409));
    expect(
      await rejection(store.replaceLatest(CATALOGUE, { kind: 'found', catalogue: CATALOGUE, mark: '"m"' })),
    ).toMatchObject({ decision: 'retry', code: 'unavailable' });
  });
});
