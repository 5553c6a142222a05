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

test('the report on a principal is what the AWS command line has printed', async () => {
  write(REPORT);
  expect(await LastAccessFiles.at(folder).lastAccessOf(ROLE)).toEqual({
    kind: 'known',
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

test('a principal without a file, or with one of the other type, is one that nobody asked about', async () => {
  write(REPORT);
  const source = LastAccessFiles.at(folder);
  expect(await source.lastAccessOf({ ...ROLE, name: 'Other' })).toEqual({ kind: 'none' });
  expect(await source.lastAccessOf({ ...ROLE, type: 'user' })).toEqual({ kind: 'none' });
});

test.each<readonly [string, unknown, string]>([
  [
    'not ready',
    { ...REPORT, JobStatus: 'IN_PROGRESS' },
    'JobStatus: expected "COMPLETED", found "IN_PROGRESS"',
  ],
  ['one page of several', { ...REPORT, IsTruncated: true }, 'IsTruncated: expected false, found true'],
  ['about services only', { ...REPORT, JobType: 'SERVICE_LEVEL' }, 'JobType: expected "ACTION_LEVEL"'],
  ['of another shape', { ...REPORT, ServicesLastAccessed: {} }, 'ServicesLastAccessed: expected an array'],
  [
    'with a time that is none',
    JSON.stringify(REPORT).replace('2026-11-12T07:01:22+01:00', 'yesterday'),
    'LastAccessedTime: expected a time such as 2026-11-02T10:00:00Z',
  ],
  ['cut off', JSON.stringify(REPORT).slice(0, -3), 'not valid JSON'],
])('a report that is %s is refused by one line that names file and place', async (_, content, place) => {
  write(content);
  const reading = LastAccessFiles.at(folder).lastAccessOf(ROLE);
  await expect(reading).rejects.toThrow(InputError);
  await expect(reading).rejects.toThrow(`${path.join(folder, 'role', 'Orders.json')}:`);
  await expect(reading).rejects.toThrow(place);
});

test('a folder that is not there, or no folder, is said before anything else', () => {
  expect(() => LastAccessFiles.at(path.join(folder, 'none'))).toThrow(InputError);
  write(REPORT);
  const file = path.join(folder, 'role', 'Orders.json');
  expect(() => LastAccessFiles.at(file)).toThrow(`${file}: is a file where a folder is expected`);
});
