import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FindingsFiles } from '../../../lambda/adapters/files/findings-files.ts';
import { readUnusedFile } from '../../../lambda/adapters/files/unused-file.ts';
import { finding, roleArn } from '../../cli/accounts.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-test-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(content: unknown, name = 'findings.json'): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** By id, the services that each finding reports unused, or how it cannot be read. */
async function read(place: string): Promise<unknown> {
  const files = FindingsFiles.from(place, null);
  const answers = await Promise.all(
    files.references.map(async (reference) => {
      const answer = await files.getFinding(reference);
      if (answer.kind === 'gone') return [reference.findingId, 'gone'];
      if (answer.kind !== 'found') return [reference.findingId, `${answer.kind}: ${answer.reason}`];
      const { details, status } = answer.finding;
      if (status !== 'ACTIVE') return [reference.findingId, status];
      const entries = details.type === 'UnusedPermission' ? details.entries : [];
      return [reference.findingId, [...new Set(entries.map(({ serviceNamespace }) => serviceNamespace))]];
    }),
  );
  return Object.fromEntries(answers);
}

const A = finding(roleArn('a'), { s3: [] });
const B = finding(roleArn('b'), { sqs: [] });
const BOTH = { 'finding-a': ['s3'], 'finding-b': ['sqs'] };
const EARLIER = { updatedAt: '2026-11-19T00:00:00Z' };
const LATER = { updatedAt: '2026-11-25T00:00:00Z' };
const without = (one: Record<string, unknown>) => ({ ...one, findingDetails: undefined });

describe('findings', () => {
  test.each<readonly [string, unknown]>([
    ['in an array', [B, A]],
    ['in lines', [A, B].map((one) => JSON.stringify(one)).join('\n')],
    ['in objects one after the other', [A, B].map((one) => JSON.stringify(one, null, 2)).join('')],
    ['in arrays in an array', [[A], [B]]],
    ['in a list of whole findings', { findings: [A, B] }],
    ['in lists one after the other', `${JSON.stringify({ findings: [A] })}${JSON.stringify([B])}`],
    ['in objects of their own', [{ Finding: A }, { output: { result: [B] } }]],
    ['with null for what is not there', [{ ...A, error: null, nextToken: null, analyzerArn: null }, B]],
    ['beside the list that names them', [A, B, { findings: [without(A), without(B)] }]],
    ['twice', [A, B, A]],
  ])('are read %s', async (_, content) => {
    expect(await read(write(content))).toEqual(BOTH);
  });

  test('are read from subfolders, and a circular link is followed once', async () => {
    const root = path.join(folder, 'nested');
    write([A], 'nested/a.json');
    write(B, 'nested/111122223333/more/b.json');
    write('no', 'nested/notes.txt');
    symlinkSync(root, path.join(root, 'again'));
    expect(await read(root)).toEqual(BOTH);
  });

  test('are refused with the name of a broken link', () => {
    const root = path.join(folder, 'linked');
    write([A], 'linked/a.json');
    symlinkSync('/nonexistent', path.join(root, 'b.json'));
    expect(() => FindingsFiles.from(root, null)).toThrow(
      `${path.join(root, 'b.json')}: no such file or folder`,
    );
  });

  test.each<readonly [string, unknown, string]>([
    ['an event', { version: '0', 'detail-type': 'x', detail: {} }, 'an EventBridge event'],
    [
      'the detail of an event',
      { findingId: 'x', numberOfUnusedServices: 1 },
      'the detail of an EventBridge event',
    ],
    ['an export of Security Hub', { Findings: [{ ProductArn: 'x' }] }, 'an export of Security Hub'],
    ['a finding of external access', { finding: without(A) }, 'what get-finding prints'],
    ['a list', { findings: [without(A)] }, 'a list of findings, which lacks their details'],
    ['a summary', [without(A)], 'the summary of a finding, which lacks its details (findingDetails)'],
    ['a summary with null for its details', [{ ...A, findingDetails: null }], 'the summary of a finding'],
    ['an export of an account', { RoleDetailList: [] }, "an account's export"],
    ['a policy', { Version: '2012-10-17', Statement: [] }, 'a policy document'],
  ])('are expected instead of %s', (_, content, kind) => {
    const file = write(content);
    expect(() => FindingsFiles.from(file, null)).toThrow(kind);
    expect(() => FindingsFiles.from(file, null)).toThrow(
      'expected what aws accessanalyzer get-finding-v2 prints',
    );
  });

  test.each<readonly [string, unknown, string]>([
    [
      'spelt in capitals',
      { UnusedPermissionDetails: { ServiceNamespace: 's3' } },
      'findingDetails[0] lacks unusedPermissionDetails',
    ],
    ['of another type', { unusedIamRoleDetails: {} }, 'findingDetails[0] lacks unusedPermissionDetails'],
    ['empty', {}, 'findingDetails[0] lacks unusedPermissionDetails'],
  ])('are not used if their details are %s, and the others are', async (_, detail, reason) => {
    const found = await read(write([{ ...A, findingDetails: [detail] }, B]));
    expect(found).toMatchObject({ 'finding-b': ['sqs'] });
    expect((found as Record<string, string>)['finding-a']).toContain(
      `unreadable: the finding finding-a: its ${reason}`,
    );
  });
});

describe('what findings leave open', () => {
  test('is nothing if all of them can be read', () => {
    const files = FindingsFiles.from(write([A, B]), null);
    expect([files.complaints, files.doubt]).toEqual([[], undefined]);
  });

  test('is a finding whose pages contradict each other, which still names its principal', () => {
    const files = FindingsFiles.from(write([A, { ...A, updatedAt: null }, B]), null);
    expect(files.references[0]).toEqual({
      analyzerArn: '',
      findingId: 'finding-a',
      accountId: '',
      resource: roleArn('a'),
    });
  });

  test('is one that is not there, unless all findings of its account are', async () => {
    const missing = { analyzerArn: '', findingId: 'x', accountId: '123456789012', resource: roleArn('x') };
    const file = write([A]);
    expect(await FindingsFiles.from(file, null, ['123456789012']).whole.getFinding(missing)).toEqual({
      kind: 'gone',
    });
    expect(await FindingsFiles.from(file, null, ['111122223333']).whole.getFinding(missing)).toMatchObject({
      kind: 'unreadable',
    });
  });

  test('is not when each of several access keys was last used', async () => {
    const key = (accessKeyId: string, lastAccessed?: string) => ({
      unusedIamUserAccessKeyDetails: { accessKeyId, ...(lastAccessed === undefined ? {} : { lastAccessed }) },
    });
    const keys = finding(
      'arn:aws:iam::123456789012:user/ana',
      {},
      {
        findingType: 'UnusedIAMUserAccessKey',
        findingDetails: [
          key('AKIA2', '2026-03-01T00:00:00Z'),
          key('AKIA1', '2026-01-01T00:00:00Z'),
          key('AKIA1', '2026-02-01T00:00:00Z'),
          key('AKIA3'),
        ],
      },
    );
    const files = FindingsFiles.from(write([keys]), null);
    expect(await files.getFinding(files.references[0]!)).toMatchObject({
      finding: {
        details: {
          type: 'UnusedIAMUserAccessKey',
          keys: [
            { accessKeyId: 'AKIA1', lastAccessed: '2026-02-01T00:00:00Z' },
            { accessKeyId: 'AKIA2', lastAccessed: '2026-03-01T00:00:00Z' },
            { accessKeyId: 'AKIA3', lastAccessed: undefined },
          ],
        },
      },
    });
  });
});

describe('the states of a finding', () => {
  const OLD = finding(roleArn('a'), { sqs: [] }, EARLIER);
  const NEW = finding(roleArn('a'), { s3: [] }, LATER);

  test.each<readonly [string, readonly unknown[]]>([
    ['in one order', [OLD, NEW]],
    ['in the other', [NEW, OLD]],
    ['in seconds', [OLD, { ...NEW, updatedAt: 1764028800 }]],
    [
      'in another zone',
      [
        { ...OLD, updatedAt: '2026-11-24T23:00:00-01:00' },
        { ...NEW, updatedAt: '2026-11-25T00:00:01Z' },
      ],
    ],
    ['where the earlier is not whole', [{ ...OLD, nextToken: 'n' }, NEW]],
    [
      'where they were analysed at different times',
      [
        { ...NEW, findingDetails: OLD['findingDetails'], analyzedAt: '2026-11-24T00:00:00Z' },
        { ...NEW, analyzedAt: '2026-11-26T00:00:00Z' },
      ],
    ],
  ])('are never combined: the latest counts, %s', async (label, states) => {
    const file = write(states.map((one) => ({ ...(one as object) })));
    if (label === 'in seconds')
      return expect(await read(write([NEW, { ...OLD, updatedAt: 1 }]))).toEqual({ 'finding-a': ['s3'] });
    expect(await read(file)).toEqual({ 'finding-a': ['s3'] });
    expect(FindingsFiles.from(file, null).remarks).toEqual([
      expect.stringContaining('the finding finding-a is there in 2 states; the latest counts') as string,
    ]);
  });

  test('are one state if its pages have the same times, in any spelling', async () => {
    const pages = [
      { ...finding(roleArn('a'), { s3: [] }), nextToken: 'n', updatedAt: '2026-11-20T00:00:00+00:00' },
      { ...finding(roleArn('a'), { sqs: [] }), updatedAt: 1795132800 },
    ];
    expect(new Date(1795132800 * 1000).toISOString()).toBe('2026-11-20T00:00:00.000Z');
    expect(await read(write(pages))).toEqual({ 'finding-a': ['s3', 'sqs'] });
    expect(FindingsFiles.from(write(pages), null).remarks).toEqual([]);
  });

  test('give no finding if the latest is not complete, because an older one must not replace it', async () => {
    expect(await read(write([OLD, { ...NEW, nextToken: 'n' }]))).toEqual({
      'finding-a': expect.stringMatching(
        /^unreadable: it is there in 2 states, and the last page of the latest/,
      ) as string,
    });
    expect(await read(write([OLD, { findings: [without(NEW)] }]))).toEqual({
      'finding-a': expect.stringContaining('a list names it') as string,
    });
    expect(await read(write([OLD, { findings: [without({ ...NEW, status: 'RESOLVED' })] }]))).toEqual({
      'finding-a': 'RESOLVED',
    });
  });

  test.each(['nextToken', 'NextToken', 'next_token', 'Marker', 'IsTruncated'])(
    'give a partial finding, marked as such, if a page is missing: %s',
    async (member) => {
      const file = write([{ ...A, [member]: 'true' }]);
      expect(await read(file)).toEqual({ 'finding-a': ['s3'] });
      const files = FindingsFiles.from(file, null);
      expect(files.remarks).toEqual([
        `${file}: the last page of the finding finding-a is missing, so only a part of what is unused goes`,
      ]);
      expect(await files.whole.getFinding(files.references[0]!)).toEqual({
        kind: 'unreadable',
        reason: 'its last page is missing',
      });
    },
  );

  test('are refused if one has a time and another does not', () => {
    const file = write([A, { ...A, updatedAt: null }]);
    expect(() => FindingsFiles.from(file, null)).toThrow(
      `${file}: [1]: the finding "finding-a" has the updatedAt "2026-11-20T00:00:00.000Z" on one page and nothing on another; keep the pages of one run`,
    );
  });
});

describe('the unused access for one policy', () => {
  test.each<readonly [string, unknown, string]>([
    [
      'findings of two principals',
      [A, B],
      'holds findings of 2 principals; a policy is refined by the finding of one',
    ],
    ['two findings of one principal', [A, { ...A, id: 'x' }], 'holds 2 findings; a policy is refined by one'],
    ['two states of one finding', [A, { ...A, ...LATER }], 'holds the finding in 2 states (updatedAt)'],
    [
      'a finding that was not analysed',
      { ...A, error: 'ACCESS_DENIED' },
      'could not analyse the principal (ACCESS_DENIED)',
    ],
    ['a list', { findings: [without(A)] }, 'a list of findings, which lacks their details'],
    ['a summary', without(A), 'the summary of a finding, which lacks its details'],
    [
      'details of another spelling',
      { ...A, findingDetails: [{ Unused: {} }] },
      'findingDetails[0] lacks unusedPermissionDetails',
    ],
    ['an event', { 'detail-type': 'x' }, 'an EventBridge event'],
  ])('is not %s', (_, content, problem) => {
    expect(() => readUnusedFile(write(content))).toThrow(problem);
  });

  test.each<readonly [string, unknown, readonly string[]]>([
    ['entries', [{ serviceNamespace: 's3', actions: null }], []],
    ['a finding', A, []],
    ['a finding in a list', { findings: [A] }, []],
    ['pages slurped', [[{ ...A, nextToken: 'n' }], [A]], []],
    ['details alone', { findingDetails: A['findingDetails'] }, []],
    [
      'a page of several',
      { ...A, NextToken: 'n' },
      ['the last page of the finding is missing, so only a part of what is unused goes'],
    ],
  ])('may be %s', (_, content, remarks) => {
    const file = write(content);
    const { unused, remarks: said } = readUnusedFile(file);
    expect([...unused.services.keys()]).toEqual(['s3']);
    expect(said).toEqual(remarks.map((text) => `${file}: ${text}`));
  });
});
