import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { beforeEach, describe, expect, test } from 'vitest';
import { commandLine } from '../../bin/program.ts';
import { allow, filesBelow, finding, inline, proposalPaths, role, roleArn } from './accounts.ts';
import { linesOf, useCommandLine } from './command.ts';
import { runHere } from './in-process.ts';

/*
 * What one command knows its siblings know: tables of places. Each row is a spelling or an option, each column a command or a
 * file that it reads.
 */

const cli = useCommandLine();
const at = (name: string): string => path.join(cli.folder, name);

const DOCUMENT = allow('s3:GetObject', 's3:PutObject');
const one = role('one', { RolePolicyList: [inline('Data', DOCUMENT)] });
const EXPORT = { RoleDetailList: [one] };
const FINDING = finding(roleArn('one'), { s3: ['GetObject'] });
const REPORT = {
  JobStatus: 'COMPLETED',
  ServicesLastAccessed: [{ ServiceNamespace: 's3', LastAuthenticated: '2026-11-02T00:00:00Z' }],
};

beforeEach(() => {
  cli.write('export.json', EXPORT);
  cli.write('finding.json', FINDING);
  cli.write('policy.json', DOCUMENT);
});

async function account(out: string, options: Readonly<Record<string, string>> = {}) {
  rmSync(at(out), { recursive: true, force: true });
  return run('account', { 'account-details': 'export.json', findings: 'finding.json', out, ...options });
}

/** Options by name; what is no option's value of a file is given as it is. */
async function run(command: string, options: Readonly<Record<string, string>>) {
  const FILES = new Set([
    'account-details',
    'findings',
    'out',
    'policy',
    'unused',
    'last-accessed',
    'catalogue',
    'config',
  ]);
  const args = Object.entries(options).flatMap(([name, value]) => [
    `--${name}`,
    FILES.has(name) && value !== '-' ? at(value) : value,
  ]);
  const ended = await runHere([command, ...args, ...(command === 'policy' ? [] : ['--quiet'])]);
  return { ...ended, said: linesOf(ended.stderr.replaceAll(`${cli.folder}/`, '')).join('\n') };
}

/** Every way in which a CLI, an SDK or a script says that an answer goes on. */
const MORE: readonly Readonly<Record<string, unknown>>[] = [
  { IsTruncated: true, Marker: 'AAE' },
  { IsTruncated: true },
  { isTruncated: true },
  { is_truncated: true },
  { IsTruncated: 'true' },
  { Marker: 'AAE' },
  { marker: 'AAE' },
  { NextMarker: 'AAE' },
  { NextToken: 'eyJ' },
  { nextToken: 'eyJ' },
  { next_token: 'eyJ' },
  { HasMore: true },
  { PaginationToken: 'x' },
  { ResponseMetadata: { NextToken: 'eyJ' } },
  { metadata: { 'next-token': 'eyJ' } },
  { Pagination: { NextMarker: 'AAE' } },
];
/** And that it does not. */
const ALL: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { IsTruncated: false },
  { IsTruncated: 'false', Marker: '' },
  { Marker: null, NextToken: null, nextToken: null },
  { NextToken: '' },
  { ResponseMetadata: { HTTPStatusCode: 200, RetryAttempts: 0 } },
];

describe('an incomplete answer', () => {
  /** Each place: what the command does with it, and what it says of it. */
  const PLACES: readonly (readonly [string, (more: object) => Promise<string>, RegExp, string])[] = [
    [
      'the export of account',
      (more) => said('account', more, 'export.json', EXPORT),
      /^2 .*says that more was to come/,
      '0 ',
    ],
    [
      'the export of recheck',
      (more) => said('recheck', more, 'export.json', EXPORT),
      /^2 .*says that more was to come/,
      '0 ',
    ],
    [
      'the findings of account',
      (more) => said('account', more, 'finding.json', FINDING),
      /^0 .*the last page of the finding finding-one is missing/,
      '0 ',
    ],
    [
      'the findings of recheck',
      (more) => said('recheck', more, 'finding.json', FINDING),
      /^1 .*not judged: its last page is missing/,
      '0 ',
    ],
    [
      'the finding of policy',
      (more) => said('policy', more, 'finding.json', FINDING),
      /^0 .*the last page of the finding is missing/,
      '0 ',
    ],
    [
      'a report of last use',
      (more) => said('account', more, 'dates/role/one.json', REPORT),
      /^0 .*says that this is a part of the report/,
      '0 ',
    ],
  ];

  async function said(command: string, more: object, file: string, content: object): Promise<string> {
    mkdirSync(at('dates/role'), { recursive: true });
    cli.write('dates/role/one.json', REPORT);
    cli.write(file, { ...content, ...more });
    const options = { 'account-details': 'export.json', findings: 'finding.json' };
    const ended =
      command === 'account'
        ? await account('more', { 'last-accessed': 'dates' })
        : command === 'recheck'
          ? await run('recheck', { ...options, out: 'kept' })
          : await run('policy', { policy: 'policy.json', unused: 'finding.json' });
    return `${String(ended.status)} ${ended.said}`;
  }

  test.each(PLACES)('is recognised in %s, whichever member says so', async (_, say, expected, whole) => {
    await account('kept');
    for (const more of MORE) expect([more, await say(more)]).toEqual([more, expect.stringMatching(expected)]);
    for (const more of ALL) expect([more, await say(more)]).toEqual([more, whole]);
  });
});

describe('a wrapper that a script or command puts around the input', () => {
  const ENVELOPES: readonly (readonly [string, (value: unknown) => unknown])[] = [
    ['nothing', (value) => value],
    ['an array', (value) => [value]],
    ['arrays', (value) => [[value]]],
    ['data', (value) => ({ data: value })],
    ['a response and its status', (value) => ({ StatusCode: 200, Response: { body: value } })],
    ['an id', (value) => ({ '2f0e': value })],
  ];

  test.each(ENVELOPES)('findings and exports is accepted by every command: %s', async (_, around) => {
    await account('kept');
    cli.write('export.json', around(EXPORT));
    cli.write('finding.json', around(FINDING));
    expect(await account('around')).toMatchObject({ status: 0, said: '' });
    expect(filesBelow(at('around/proposals'))).toEqual(filesBelow(at('kept/proposals')));
    const options = { 'account-details': 'export.json', findings: 'finding.json' };
    expect(await run('recheck', { ...options, out: 'kept' })).toMatchObject({ status: 0, said: '' });
    expect(proposalPaths(at('kept'))).toHaveLength(1);
    expect(await run('policy', { policy: 'policy.json', unused: 'finding.json' })).toMatchObject({
      status: 0,
      said: '',
    });
  });

  const encoded = encodeURIComponent(JSON.stringify(DOCUMENT));
  test.each<readonly [string, unknown]>([
    [
      'get-policy-version',
      { PolicyVersion: { Document: DOCUMENT, VersionId: 'v1', IsDefaultVersion: true } },
    ],
    ['get-policy-version of an SDK', { PolicyVersion: { Document: encoded, VersionId: 'v1' } }],
    ['get-role-policy', { RoleName: 'r', PolicyName: 'p', PolicyDocument: DOCUMENT }],
    ['get-user-policy', { UserName: 'u', PolicyName: 'p', PolicyDocument: DOCUMENT }],
    ['get-group-policy', { GroupName: 'g', PolicyName: 'p', PolicyDocument: encoded }],
    ['--query PolicyVersion', { Document: DOCUMENT, VersionId: 'v1' }],
  ])('a policy document is accepted: %s', async (_, envelope) => {
    cli.write('policy.json', envelope);
    const ended = await run('policy', { policy: 'policy.json', unused: 'finding.json' });
    expect(ended).toMatchObject({ status: 0, said: '' });
    expect(JSON.parse(ended.stdout)).toEqual(allow('s3:PutObject'));
  });
});

describe('options', () => {
  const all = (function* find(
    parent: Command,
    names: readonly string[],
  ): Generator<readonly [string, Command]> {
    for (const command of parent.commands) {
      yield [[...names, command.name()].join(' '), command];
      yield* find(command, [...names, command.name()]);
    }
  })(commandLine(), []);
  const options = [...all].flatMap(([name, command]) =>
    command.options.map((option) => [name, option] as const),
  );

  /** What takes several values; all others take one. */
  const SEVERAL = [
    'account --fail-on',
    'account --keep',
    'account --only',
    'decide --keep',
    'doctor --context',
    'policy --keep',
    'recheck --fail-on',
    'recheck --made-with',
    'recheck --only',
  ];

  test('are refused if they are given twice, in every command, unless they take several values', async () => {
    const takers: string[] = [];
    for (const [name, option] of options) {
      if (option.isBoolean() || option.negate) continue;
      const flag = option.long ?? '';
      // A value that the option takes: numbers and days where no choice is given.
      const values = [...(option.argChoices ?? []), '1', '1h', '2026-11-29', '111122223333', 'x'];
      const endings: string[] = [];
      for (const value of values) {
        if (option.variadic || Array.isArray(option.defaultValue)) break;
        const { status, stderr } = await runHere([...name.split(' '), flag, value, flag, value]);
        endings.push(`${String(status)} ${stderr}`);
        if (endings.at(-1) === `2 unused-access-refiner: ${flag} is given twice; it takes one value\n`) break;
      }
      if (endings.length === 0) takers.push(`${name} ${flag}`);
      else
        expect([name, flag, endings.at(-1)]).toEqual([
          name,
          flag,
          `2 unused-access-refiner: ${flag} is given twice; it takes one value\n`,
        ]);
    }
    expect(takers.sort()).toEqual(SEVERAL);
  });

  test.each([
    ['account', ['account-details', 'findings', 'config', 'catalogue']],
    ['policy', ['policy', 'unused', 'catalogue']],
    ['recheck', ['account-details', 'findings', 'catalogue', 'made-with']],
  ])('of %s cannot both read standard input', async (command, names) => {
    const needed: Readonly<Record<string, string>> =
      command === 'policy'
        ? { policy: 'policy.json', unused: 'finding.json' }
        : { 'account-details': 'export.json', findings: 'finding.json', out: 'kept' };
    for (const [index, first] of names.entries()) {
      for (const second of names.slice(index + 1)) {
        const { status, said } = await run(command, { ...needed, [first]: '-', [second]: '-' });
        expect([status, said]).toEqual([
          2,
          `unused-access-refiner: --${first} and --${second} cannot both be standard input`,
        ]);
      }
    }
  });

  test('that take a file read standard input', async () => {
    cli.write('catalogue.json', { s3: ['GetObject', 'PutObject'] });
    cli.write('settings.json', { keep: ['s3:GetObject'] });
    const ways: readonly (readonly [string[], string])[] = [
      [['policy', '--policy', 'policy.json', '--unused', '-'], 'finding.json'],
      [
        ['policy', '--policy', 'policy.json', '--unused', 'finding.json', '--catalogue', '-'],
        'catalogue.json',
      ],
      [
        ['account', '--account-details', '-', '--findings', 'finding.json', '--out', 'in', '--quiet'],
        'export.json',
      ],
      [
        ['account', '--account-details', 'export.json', '--findings', '-', '--out', 'in', '--quiet'],
        'finding.json',
      ],
      [
        ['recheck', '--account-details', 'export.json', '--findings', '-', '--out', 'in', '--quiet'],
        'finding.json',
      ],
      [
        [
          'account',
          '--account-details',
          'export.json',
          '--findings',
          'finding.json',
          '--out',
          'kept',
          '--config',
          '-',
          '--quiet',
        ],
        'settings.json',
      ],
    ];
    for (const [args, file] of ways) {
      const { status, stderr } = await cli.start(args, { input: readFileSync(at(file), 'utf8') });
      expect([args, status, stderr]).toEqual([args, 0, '']);
    }
  });
});

describe('a stored warning', () => {
  const LATE = {
    JobStatus: 'COMPLETED',
    JobCompletionDate: '2026-11-24T00:00:00Z',
    ServicesLastAccessed: [
      {
        ServiceNamespace: 's3',
        LastAuthenticated: '2026-11-23T00:00:00Z',
        TrackedActionsLastAccessed: [{ ActionName: 'GetObject', LastAccessedTime: '2026-11-23T00:00:00Z' }],
      },
    ],
  };
  const untracked = { ServiceNamespace: 's3', LastAuthenticated: '2026-11-23T00:00:00Z' };

  /** What every place says of whether the proposal is stopped. */
  const stops = (out: string): readonly boolean[] => {
    const [proposal = ''] = proposalPaths(at(out));
    const files = [proposal, proposal.replace('proposal.json', 'report.html'), 'summary.csv', 'index.html'];
    return files.map((file) =>
      readFileSync(at(`${out}/${file.replace(`${at(out)}/`, '')}`), 'utf8').includes('Do not apply this'),
    );
  };
  const all = (stopped: boolean) => [stopped, stopped, stopped, stopped];

  test('is kept by a run or a recheck without the reports; only a later report clears it', async () => {
    mkdirSync(at('use/role'), { recursive: true });
    const runWith = (report?: object) => {
      if (report) cli.write('use/role/one.json', report);
      return run('account', {
        'account-details': 'export.json',
        findings: 'finding.json',
        out: 'warned',
        ...(report ? { 'last-accessed': 'use' } : {}),
      });
    };
    rmSync(at('warned'), { recursive: true, force: true });
    const steps: readonly (readonly [string, () => Promise<unknown>, boolean])[] = [
      ['first, without reports', () => runWith(), false],
      ['a report of late use', () => runWith(LATE), true],
      ['without reports', () => runWith(), true],
      [
        'an older report',
        () =>
          runWith({ ...LATE, JobCompletionDate: '2026-11-22T00:00:00Z', ServicesLastAccessed: [untracked] }),
        true,
      ],
      [
        'a report without a time',
        () => runWith({ ...LATE, JobCompletionDate: undefined, ServicesLastAccessed: [untracked] }),
        true,
      ],
      ['a report that is not finished', () => runWith({ JobStatus: 'IN_PROGRESS' }), true],
      [
        'a report of which a part cannot be read',
        () =>
          runWith({
            ...LATE,
            JobCompletionDate: '2026-11-25T00:00:00Z',
            ServicesLastAccessed: [untracked, { ServiceNamespace: 7 }],
          }),
        true,
      ],
      [
        'recheck',
        () => run('recheck', { 'account-details': 'export.json', findings: 'finding.json', out: 'warned' }),
        true,
      ],
      [
        'a later report',
        () =>
          runWith({ ...LATE, JobCompletionDate: '2026-11-25T00:00:00Z', ServicesLastAccessed: [untracked] }),
        false,
      ],
      ['without reports again', () => runWith(), false],
    ];
    for (const [what, step, stopped] of steps) {
      await step();
      const said = stops('warned');
      expect([what, said]).toEqual([what, all(stopped)]);
    }
  });
});

describe('patterns and settings with a typing error', () => {
  test('are reported by every command', async () => {
    cli.write('settings.json', { keep: ['iam:PasRole', 's3:Get*'] });
    cli.write('misspelt.json', { excludeName: ['x'] });
    const { said } = await account('typed', { config: 'settings.json' });
    expect(said).toContain(
      'settings.json: iam:PasRole names no action of iam that the catalogue knows; is it spelt right?',
    );
    expect(said).not.toContain('s3:Get*');
    const { stderr } = await runHere([
      'account',
      ...['--account-details', at('export.json'), '--findings', at('finding.json'), '--out', at('typed')],
      ...['--config', at('misspelt.json')],
    ]);
    expect(stderr).toContain(
      'misspelt.json: option excludeName does not exist; did you mean excludeNames?\n',
    );
    const policy = await run('policy', {
      policy: 'policy.json',
      unused: 'finding.json',
      keep: 'iamm:PassRole',
    });
    expect(policy.said).toBe(
      '--keep: iamm:PassRole names no service that the catalogue knows; is it spelt right?',
    );
  });
});

describe('an option about principals', () => {
  const SETTINGS = {
    excludeNames: ['ne', 'nobody-*'],
    excludePaths: ['/team/'],
    excludeTags: ['envv'],
    excludeAccounts: ['111111111111'],
    ownerTag: 'ownr',
  };
  const files = (): readonly string[] => [
    '--account-details',
    at('export.json'),
    '--findings',
    at('finding.json'),
    '--out',
    at('told'),
  ];
  const told = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { stderr } = await runHere(['account', ...files(), ...args]);
    return linesOf(stderr.replaceAll(`${cli.folder}/`, '')).filter((line) =>
      /principals|excludes/.test(line),
    );
  };

  test('that matches nobody is reported by its name', async () => {
    cli.write('settings.json', SETTINGS);
    expect(await told('--config', at('settings.json'))).toEqual([
      'settings.json: excludeNames: ne excludes none of the principals that have findings',
      'settings.json: excludeNames: nobody-* excludes none of the principals that have findings',
      'settings.json: excludePaths: /team/ excludes none of the principals that have findings',
      'settings.json: excludeTags: envv excludes none of the principals that have findings',
      'settings.json: excludeAccounts: 111111111111 excludes none of the principals that have findings',
      'settings.json: ownerTag: none of the principals with a proposal has the tag ownr',
    ]);
    expect(await told('--only', 'one', '--only', 'onne', '--config', at('settings.json'))).toEqual([
      '--only onne matches none of the principals that have findings; is it spelt right?',
    ]);
    const { stderr } = await runHere(['recheck', ...files(), '--only', 'one', '--only', 'onne']);
    expect(stderr).toBe(
      '--only onne matches none of the principals that have proposals; is it spelt right?\n',
    );
  });

  test('that matches somebody is not reported', async () => {
    cli.write('export.json', { RoleDetailList: [{ ...one, Tags: [{ Key: 'env', Value: 'x' }] }] });
    for (const settings of [
      { excludeNames: ['o*'] },
      { excludePaths: ['/'] },
      { excludeTags: ['env'] },
      { ownerTag: 'env' },
    ]) {
      cli.write('settings.json', settings);
      expect([settings, await told('--config', at('settings.json'))]).toEqual([settings, []]);
    }
    cli.write('settings.json', { excludePaths: ['team/'] });
    const { stderr } = await runHere(['account', ...files(), '--config', at('settings.json')]);
    expect(stderr).toContain('excludePaths[0]: expected the beginning of a path, such as /admins/');
  });
});

describe('a folder that collect wrote', () => {
  const SECTION = { state: 'complete', readAt: '2026-11-24T09:00:00.000Z', count: 1 };
  const MANIFEST = {
    schemaVersion: 1,
    accountId: '123456789012',
    caller: 'arn:aws:iam::123456789012:user/me',
    region: 'eu-west-1',
    source: 'access-analyzer',
    unusedDays: 90,
    analyzerArn: null,
    state: 'complete',
    startedAt: SECTION.readAt,
    finishedAt: SECTION.readAt,
    sections: { accountDetails: SECTION, findings: SECTION, lastAccessed: null, credentials: null },
    failed: [],
  };
  const RUNNING = { ...MANIFEST, state: 'running', finishedAt: null };
  const FOLDER = 'collected/123456789012';
  const foreign = (value: object): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll('123456789012', '444455556666'));
  const from = async (command: 'account' | 'recheck'): Promise<string> => {
    const ended = await runHere([command, '--from', at('collected'), '--out', at('from'), '--quiet']);
    const lines = linesOf(ended.stderr.replaceAll(`${cli.folder}/`, ''));
    return [String(ended.status), ...lines].join(' ');
  };

  /** What stands in the folder in the place of what collect wrote, and what both commands say of it. */
  test.each<readonly [string, Readonly<Record<string, unknown>>, RegExp, RegExp]>([
    ['as it is', {}, /^0$/, /^0$/],
    [
      'the export of another account',
      { 'account-details.json': foreign(EXPORT) },
      /^2 .*account-details\.json: is about account 444455556666, and .*manifest\.json about account 123456789012/,
      /^2 .*is about account 444455556666/,
    ],
    [
      'the export of two accounts',
      { 'account-details.json': [EXPORT, foreign(EXPORT)] },
      /^2 .*is about account 444455556666/,
      /^2 .*is about account 444455556666/,
    ],
    [
      'an export that goes on',
      { 'account-details.json': { ...EXPORT, IsTruncated: true, Marker: 'AAE' } },
      /^2 .*more was to come/,
      /^2 .*more was to come/,
    ],
    [
      'an export with nulls',
      { 'account-details.json': { ...EXPORT, UserDetailList: null, Marker: null } },
      /^0$/,
      /^0$/,
    ],
    ['findings in an envelope', { 'findings.jsonl': { data: [FINDING] } }, /^0$/, /^0$/],
    [
      'a finding that goes on',
      { 'findings.jsonl': { ...FINDING, nextToken: 'x' } },
      /the last page of the finding finding-one is missing/,
      /^1 .*not judged: its last page is missing/,
    ],
    [
      'an interrupted reading',
      { 'manifest.json': RUNNING },
      /its reading was interrupted/,
      /its reading was interrupted/,
    ],
    [
      'a reading that was interrupted before the export was there',
      { 'manifest.json': RUNNING, 'account-details.json': undefined },
      /^2 unused-access-refiner: collected\/123456789012: collect was interrupted before account-details\.json was there; type collect --out collected again, with the options that it had, and it goes on where it stopped$/,
      /^2 unused-access-refiner: collected\/123456789012: collect was interrupted before account-details\.json was there; type collect --out collected again, with the options that it had, and it goes on where it stopped$/,
    ],
    [
      'one that was interrupted before the findings were there',
      { 'manifest.json': RUNNING, 'findings.jsonl': undefined },
      /^2 unused-access-refiner: collected\/123456789012: collect was interrupted before findings\.jsonl was there; type collect --out collected again, with the options that it had, and it goes on where it stopped$/,
      /^1 .*its reading was interrupted; run collect again .*nothing proves that these are all/,
    ],
    [
      'one that was interrupted before the manifest was there',
      {
        'manifest.json': undefined,
        'account-details.json': undefined,
        'findings.jsonl': undefined,
        '.unfinished/page-000001.json': {},
      },
      /^2 unused-access-refiner: collected\/123456789012: collect was interrupted before account-details\.json was there; /,
      /^2 unused-access-refiner: collected\/123456789012: collect was interrupted before account-details\.json was there; /,
    ],
    [
      'an export that may not be read',
      {
        'account-details.json': undefined,
        'manifest.json': {
          ...MANIFEST,
          state: 'partial',
          sections: { ...MANIFEST.sections, accountDetails: { ...SECTION, state: 'failed' } },
          failed: [{ what: 'roles, users, groups and policies', reason: 'not allowed' }],
        },
      },
      /^2 unused-access-refiner: collected\/123456789012: there is no account-details\.json, since collect could not read it \(not allowed\); type collect --out collected again, with the options that it had$/,
      /^2 unused-access-refiner: collected\/123456789012: there is no account-details\.json, since collect could not read it \(not allowed\); /,
    ],
    [
      'findings that may not be read',
      {
        'findings.jsonl': undefined,
        'manifest.json': {
          ...MANIFEST,
          state: 'partial',
          sections: { ...MANIFEST.sections, findings: { ...SECTION, state: 'failed' } },
          failed: [{ what: 'findings', reason: 'not allowed' }],
        },
      },
      /^2 unused-access-refiner: collected\/123456789012: there is no findings\.jsonl, since collect could not read it \(not allowed\); /,
      /^1 .*nothing proves that these are all/,
    ],
    [
      'an export that somebody else lost',
      { 'account-details.json': undefined },
      /^2 .*collected\/123456789012\/account-details\.json: no such file or folder$/,
      /^2 .*collected\/123456789012\/account-details\.json: no such file or folder$/,
    ],
    [
      'a manifest with null for an account',
      { 'manifest.json': { ...MANIFEST, accountId: null } },
      /^2 .*manifest\.json: is not what collect writes, at accountId/,
      /^2 .*is not what collect writes, at accountId/,
    ],
  ])('is recognised: %s', async (_, files, made, judged) => {
    rmSync(at('collected'), { recursive: true, force: true });
    rmSync(at('from'), { recursive: true, force: true });
    mkdirSync(at(FOLDER), { recursive: true });
    const whole = { 'account-details.json': EXPORT, 'findings.jsonl': FINDING, 'manifest.json': MANIFEST };
    for (const [name, content] of Object.entries(whole)) cli.write(`${FOLDER}/${name}`, content);
    expect(await from('account')).toBe('0');
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(at(`${FOLDER}/${name}`)), { recursive: true });
      if (content === undefined) rmSync(at(`${FOLDER}/${name}`));
      else cli.write(`${FOLDER}/${name}`, content as object);
    }
    expect(await from('recheck')).toMatch(judged);
    expect(await from('account')).toMatch(made);
  });
});

describe('several accounts in one --out', () => {
  const other = (text: string): string => text.replaceAll('123456789012', '444455556666');

  test('end in one index and one summary, in any order and any number of runs', async () => {
    const runOf = async (out: string, which: 'a' | 'b'): Promise<void> => {
      const text = (value: object): string =>
        which === 'a' ? JSON.stringify(value) : other(JSON.stringify(value));
      cli.write('export.json', text(EXPORT));
      cli.write('finding.json', text(FINDING));
      const ended = await run('account', { 'account-details': 'export.json', findings: 'finding.json', out });
      expect(ended).toMatchObject({ status: 0, said: '' });
    };
    const pages: string[][] = [];
    for (const order of ['ab', 'ba', 'aba', 'baab'] as const) {
      rmSync(at('several'), { recursive: true, force: true });
      for (const which of order) await runOf('several', which === 'a' ? 'a' : 'b');
      pages.push(['index.html', 'summary.csv'].map((name) => readFileSync(at(`several/${name}`), 'utf8')));
    }
    const [first = []] = pages;
    for (const page of pages) expect(page).toEqual(first);
    expect(first[1]?.match(/refine-permissions/g)).toHaveLength(2);
    // A recheck of one of them keeps the other in the index, and says that it was not judged.
    await runOf('several', 'a');
    const judged = await run('recheck', {
      'account-details': 'export.json',
      findings: 'finding.json',
      out: 'several',
    });
    expect(judged.status).toBe(1);
    const index = readFileSync(at('several/index.html'), 'utf8');
    expect([index.includes('444455556666'), index.includes('not judged when the others were')]).toEqual([
      true,
      true,
    ]);
  });

  test('skip findings about an account that was not exported, with that reason', async () => {
    cli.write('finding.json', [FINDING, JSON.parse(other(JSON.stringify({ ...FINDING, id: 'elsewhere' })))]);
    const { status, said } = await account('skipped');
    expect([status, said]).toEqual([0, '']);
    expect(readFileSync(at('skipped/summary.csv'), 'utf8')).toContain(
      'skipped,,,,,,,,,,,,,account 444455556666 is not in the export',
    );
  });
});

describe('policy --fit', () => {
  const unused = [{ serviceNamespace: 'ec2', actions: ['RunInstances'] }];
  const star = {
    Version: '2012-10-17',
    Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }],
  };

  test('prints a policy that fits if the refined one is too long, and says why', async () => {
    cli.write('policy.json', star);
    cli.write('unused.json', unused);
    const options = { policy: 'policy.json', unused: 'unused.json' };
    const long = await run('policy', options);
    expect(long.said).toMatch(
      /the refined policy has [\d,]+ characters, and IAM stores 6,144 in a managed policy .*; --fit prints a form that fits$/,
    );
    const ended = await runHere([
      'policy',
      '--policy',
      at('policy.json'),
      '--unused',
      at('unused.json'),
      '--fit',
    ]);
    expect(JSON.parse(ended.stdout)).toEqual({
      Version: '2012-10-17',
      Statement: [{ Sid: 'All', Effect: 'Allow', NotAction: 'ec2:RunInstances', Resource: '*' }],
    });
    expect(ended.stderr).toContain('"*" became NotAction with exactly what is removed, which gives ');
    expect(ended.status).toBe(0);
  });

  test('changes nothing if the refined policy fits', async () => {
    const args = ['policy', '--policy', at('policy.json'), '--unused', at('finding.json')];
    expect(await runHere([...args, '--fit'])).toEqual(await runHere(args));
  });

  test('divides a policy that cannot be made to fit, and says that a diff cannot show it', async () => {
    const resources = Array.from(
      { length: 200 },
      (_, index) => `arn:aws:s3:::bucket-of-a-long-name-${String(index)}`,
    );
    cli.write('policy.json', {
      Statement: [
        { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: resources.slice(0, 100) },
        { Effect: 'Allow', Action: ['s3:GetObject', 's3:DeleteObject'], Resource: resources.slice(100) },
      ],
    });
    const args = ['policy', '--policy', at('policy.json'), '--unused', at('finding.json'), '--fit'];
    const ended = await runHere(args);
    const documents = ended.stdout.split(/(?<=^\})\n/m).filter((text) => text !== '');
    expect(
      documents.map(
        (text) => (JSON.parse(text) as { Statement: { Action: string[] }[] }).Statement[0]?.Action,
      ),
    ).toEqual([['s3:PutObject'], ['s3:DeleteObject']]);
    expect(
      (JSON.parse((await runHere([...args, '--format', 'json'])).stdout) as { policies: unknown[] }).policies,
    ).toHaveLength(2);
    const diff = await runHere([...args, '--format', 'diff']);
    expect([diff.status, diff.stdout]).toEqual([2, '']);
    expect(diff.stderr).toContain('a diff shows one policy, so print it with --format policy');
  });
});
