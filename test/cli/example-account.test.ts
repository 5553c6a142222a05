import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { filesBelow } from './accounts.ts';
import { useCommandLine } from './command.ts';

const cli = useCommandLine();
const EXAMPLE = path.resolve('examples/account');
const LAST_ACCESSED = ['--last-accessed', path.join(EXAMPLE, 'last-accessed')];

interface Staying {
  readonly reason: string;
  readonly actions: readonly string[];
  readonly lastAccessed?: Readonly<Record<string, string>>;
}

const argsFor = (out: string, ...more: readonly string[]): readonly string[] => [
  'account',
  '--account-details',
  path.join(EXAMPLE, 'account-details.json'),
  '--findings',
  path.join(EXAMPLE, 'findings'),
  '--config',
  path.join(EXAMPLE, 'settings.json'),
  '--out',
  out,
  '--quiet',
  ...more,
];
const run = (out: string, ...more: readonly string[]) => cli.run(argsFor(out, ...more));
const below = (out: string): ReadonlyMap<string, string> => filesBelow(path.join(cli.folder, out));
function read(out: string, name: string, file: 'proposal.json' | 'report.html'): string {
  const files = [...below(out)].filter(([key]) => key.includes(`/${name}/`) && key.endsWith(`/${file}`));
  expect(files).toHaveLength(1);
  return files[0]?.[1] ?? '';
}
const stayingOf = (out: string, name: string): readonly Staying[] =>
  (JSON.parse(read(out, name, 'proposal.json')) as { readonly staying: readonly Staying[] }).staying;

describe('the example account', () => {
  beforeAll(async () => {
    expect((await run('example', ...LAST_ACCESSED)).status).toBe(0);
  });

  test('shows why each action stays: used with its date, tracked, not tracked, or unknown', () => {
    const staying = stayingOf('example', 'MyRole');
    expect(staying.map(({ reason, actions }) => [reason, actions.slice(0, 3)])).toEqual([
      ['used', ['s3:GetAccountPublicAccessBlock', 's3:ListAccessPoints', 's3:ListAllMyBuckets']],
      ['tracked-not-reported', ['s3:ListMultiRegionAccessPoints']],
      ['not-tracked', ['s3:GetObject', 's3:ListBucket']],
      ['tracking-unknown', ['lambda:*', 's3:GetAccessGrant', 's3:GetAccessGrantsInstance']],
    ]);
    expect(staying[0]?.lastAccessed).toEqual({
      's3:GetAccountPublicAccessBlock': '2026-10-28T14:20:05.000Z',
      's3:ListAccessPoints': '2026-09-30T09:12:44.000Z',
      's3:ListAllMyBuckets': '2026-11-12T06:01:22.000Z',
    });
  });

  test('shows actions unknown to the catalogue, and retained actions', () => {
    expect(stayingOf('example', 'payments-api')).toContainEqual({
      reason: 'unknown-to-catalogue',
      count: 1,
      actions: ['s3:ListBuckets'],
    });
    expect(stayingOf('example', 'platform-engineer').map(({ reason }) => reason)).toContain('retained');
    expect(stayingOf('example', 'ci-deployer')[0]?.actions).toContain('iam:PassRole');
  });

  test.each([
    ['MyRole', ['<b>Used:</b>', 'last used 2026-11-12', '<b>Not tracked by AWS:</b>', '<b>Tracked, and not']],
    ['payments-api', ['<b>Unknown to the catalogue:</b>', '<b>Not reported unused, and not known whether']],
    ['platform-engineer', ['<b>Unused, kept on purpose:</b>']],
  ])('shows them in the report of %s', (name, expected) => {
    const report = read('example', name, 'report.html');
    for (const words of expected) expect(report).toContain(words);
  });

  test('is the same on several threads, and has the same proposals without the reports of last use', async () => {
    await cli.start(argsFor('threads', ...LAST_ACCESSED, '--jobs', '3'));
    await run('without');
    const ids = (out: string) => [...below(out).keys()].filter((key) => key.endsWith('/proposal.json'));
    expect(ids('threads')).toEqual(ids('example'));
    expect(ids('without')).toEqual(ids('example'));
    expect(read('threads', 'MyRole', 'proposal.json')).toBe(read('example', 'MyRole', 'proposal.json'));
    expect(stayingOf('without', 'MyRole').map(({ reason }) => reason)).toEqual([
      'not-tracked',
      'tracking-unknown',
    ]);
  });

  test('is not refined if the folder of reports is missing', async () => {
    const { status, stderr } = await run('none', '--last-accessed', 'nowhere');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^unused-access-refiner: nowhere: [^\n]+\n$/);
  });
});
