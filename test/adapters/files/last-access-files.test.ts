import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputError } from '../../../lambda/adapters/files/input-error.ts';
import { LastAccessFiles } from '../../../lambda/adapters/files/last-access-files.ts';

const ROLE = {
  arn: 'arn:aws:iam::123456789012:role/app/Orders',
  type: 'role',
  name: 'Orders',
  path: '/app/',
  accountId: '123456789012',
} as const;
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-last-'));
  mkdirSync(path.join(folder, 'role'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** As the AWS command line prints it. */
const REPORT = {
  JobStatus: 'COMPLETED',
  JobType: 'ACTION_LEVEL',
  JobCreationDate: '2026-11-22T09:00:00+00:00',
  JobCompletionDate: '2026-11-22T09:00:04+00:00',
  IsTruncated: false,
  ServicesLastAccessed: [
    {
      ServiceName: 'Amazon S3',
      ServiceNamespace: 's3',
      TotalAuthenticatedEntities: 1,
      TrackedActionsLastAccessed: [
        { ActionName: 'ListAllMyBuckets', LastAccessedTime: '2026-11-12T07:01:22+01:00' },
        { ActionName: 'GetBucketPolicy' },
      ],
    },
    { ServiceName: 'Amazon SQS', ServiceNamespace: 'sqs', TotalAuthenticatedEntities: 0 },
  ],
};
const write = (content: unknown): void => {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(path.join(folder, 'role', 'Orders.json'), text);
};

test('the report on a principal is the output of the AWS CLI', async () => {
  write(REPORT);
  expect(await LastAccessFiles.at(folder, 1).lastAccessOf(ROLE)).toEqual({
    kind: 'known',
    completedAt: '2026-11-22T09:00:04.000Z',
    lastAccess: new Map([
      [
        's3',
        {
          actions: new Map([
            ['listallmybuckets', '2026-11-12T06:01:22.000Z'],
            ['getbucketpolicy', undefined],
          ]),
        },
      ],
      ['sqs', { actions: new Map() }],
    ]),
  });
});

test('a principal without a file, or with a file of the other type, has no report', async () => {
  write(REPORT);
  const source = LastAccessFiles.at(folder, 1);
  expect(await source.lastAccessOf({ ...ROLE, name: 'Other' })).toEqual({ kind: 'none' });
  expect(await source.lastAccessOf({ ...ROLE, type: 'user' })).toEqual({ kind: 'none' });
});

test.each<readonly [string, unknown, string]>([
  [
    'not ready',
    { ...REPORT, JobStatus: 'IN_PROGRESS' },
    'the report was not finished when it was asked for; ask again until JobStatus is COMPLETED',
  ],
  [
    'of a job that failed',
    { ...REPORT, JobStatus: 'FAILED', Error: { Message: 'no such entity', Code: 'NoSuchEntity' } },
    'AWS could not make the report (no such entity); generate it again',
  ],
  [
    'one page of several',
    { ...REPORT, IsTruncated: true },
    'IsTruncated says that this is a part of the report; ask again with --max-items 1000, or put all pages (--marker) into the file',
  ],
  [
    'one page of several by its marker alone',
    { ...REPORT, Marker: 'AAE' },
    'Marker says that this is a part',
  ],
  [
    'one page of several as the command line cuts it',
    { ...REPORT, IsTruncated: null, NextToken: 'eyJ' },
    'NextToken says that this is a part',
  ],
  [
    'about services only',
    { ...REPORT, JobType: 'SERVICE_LEVEL' },
    'a report about services only; generate it with --granularity ACTION_LEVEL',
  ],
  ['of another shape', { ...REPORT, ServicesLastAccessed: {} }, 'ServicesLastAccessed: expected an array'],
  [
    'without services',
    { ...REPORT, ServicesLastAccessed: null },
    'ServicesLastAccessed: expected an array, found nothing',
  ],
  [
    'something else',
    { JobId: 'x' },
    'no report on last use; expected what aws iam get-service-last-accessed',
  ],
  ['a finding', { id: 'x', findingDetails: [] }, 'a finding (get-finding-v2); expected'],
  [
    'with a time that is none in its only service',
    { ...REPORT, ServicesLastAccessed: [{ ServiceNamespace: 's3', LastAuthenticated: 'yesterday' }] },
    'ServicesLastAccessed[0].LastAuthenticated: expected a time such as 2026-11-02T10:00:00Z',
  ],
  ['cut off', JSON.stringify(REPORT).slice(0, -3), 'not valid JSON'],
])('a report that is %s fails nothing, and is reported with what to do', async (_, content, place) => {
  write(content);
  const answer = await LastAccessFiles.at(folder, 1).lastAccessOf(ROLE);
  expect(answer.kind).toBe('unavailable');
  const reason = answer.kind === 'unavailable' ? answer.reason : '';
  expect(reason).toContain(`${path.join(folder, 'role', 'Orders.json')}:`);
  expect(reason).toContain(place);
});

test.each([
  ['in an array', (pages: readonly unknown[]) => JSON.stringify(pages)],
  [
    'one after the other',
    (pages: readonly unknown[]) => pages.map((page) => JSON.stringify(page)).join('\n'),
  ],
])('all pages of a report are read together: %s', async (_, form) => {
  const [s3, sqs] = REPORT.ServicesLastAccessed;
  write(
    form([
      { ...REPORT, IsTruncated: true, Marker: 'm', ServicesLastAccessed: [s3] },
      { ...REPORT, ServicesLastAccessed: [sqs] },
    ]),
  );
  const answer = await LastAccessFiles.at(folder, 1).lastAccessOf(ROLE);
  expect(answer.kind === 'known' && [...answer.lastAccess.keys()]).toEqual(['s3', 'sqs']);
});

test('null members count as absent', async () => {
  const [s3] = REPORT.ServicesLastAccessed;
  write({
    ...REPORT,
    Marker: null,
    Error: null,
    ServicesLastAccessed: [
      { ...s3, TrackedActionsLastAccessed: [{ ActionName: 'A', LastAccessedTime: null }] },
    ],
  });
  expect(await LastAccessFiles.at(folder, 1).lastAccessOf(ROLE)).toEqual({
    kind: 'known',
    completedAt: '2026-11-22T09:00:04.000Z',
    lastAccess: new Map([['s3', { actions: new Map([['a', undefined]]) }]]),
  });
});

test('with several accounts, a report counts only in the folder of its account', async () => {
  write(REPORT);
  const several = LastAccessFiles.at(folder, 2);
  const answer = await several.lastAccessOf(ROLE);
  expect(answer).toMatchObject({ kind: 'unavailable' });
  expect(answer.kind === 'unavailable' && answer.reason).toContain(
    path.join(folder, '123456789012', 'role', 'Orders.json'),
  );
  mkdirSync(path.join(folder, '123456789012', 'role'), { recursive: true });
  writeFileSync(path.join(folder, '123456789012', 'role', 'Orders.json'), JSON.stringify(REPORT));
  expect(await several.lastAccessOf(ROLE)).toMatchObject({ kind: 'known' });
  expect(await several.lastAccessOf({ ...ROLE, accountId: '111122223333' })).toMatchObject({
    kind: 'unavailable',
  });
});

test('a missing folder, or a file in its place, is reported before anything else', () => {
  expect(() => LastAccessFiles.at(path.join(folder, 'none'), 1)).toThrow(InputError);
  write(REPORT);
  const file = path.join(folder, 'role', 'Orders.json');
  expect(() => LastAccessFiles.at(file, 1)).toThrow(`${file}: is a file where a folder is expected`);
});
