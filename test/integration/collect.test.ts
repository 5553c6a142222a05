import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { COLLECT_CALLS } from '../../lambda/contract/iam-calls.ts';
import { useReferenceServer } from '../cli/reference-server.ts';
import { seededRandom } from '../random.ts';
import { ANALYZER, CollectWorld, type Ended } from './collect/collect-world.ts';
import { recorded } from './collect/recording.ts';
import { HOME_ACCOUNT, MEMBER_ACCOUNT } from './harness/accounts.ts';
import { accessDenied } from './harness/faults.ts';

/*
 * `collect` as a person runs it, through the real SDK. The full figures: COLLECT_PRINCIPALS=1000 COLLECT_KILLS=50
 * npm run test:integration -- test/integration/collect.test.ts
 */
const PRINCIPALS = Number(process.env['COLLECT_PRINCIPALS'] ?? 40);
const KILLS = Number(process.env['COLLECT_KILLS'] ?? 3);
/** Where the recording of a terminal goes. */
const RECORDING = process.env['COLLECT_RECORDING'];
const ABOUT_RECORDING = `Both commands against the emulator of the integration tests, in a terminal. Lines of progress that overwrite each other are
shown one below the other; some of them, and most rows, are left out. To record it again: COLLECT_PRINCIPALS=60
COLLECT_RECORDING=docs/collect-recording.txt npm run test:integration -- test/integration/collect.test.ts -t README
`;

let world: CollectWorld;
const reference = useReferenceServer();

beforeAll(async () => {
  world = await CollectWorld.open();
  await world.seed(PRINCIPALS);
});
afterAll(() => world.close());
beforeEach(() => {
  world.calls();
  world.analyzer.listPageSize = 50;
});

function parsed(...place: readonly string[]): Record<string, unknown> {
  return JSON.parse(readFileSync(world.at(...place), 'utf8')) as Record<string, unknown>;
}

/** The IAM actions of all calls since the last reset. */
function actionsUsed(): readonly string[] {
  const operations = [...world.proxy.calls, ...world.analyzer.calls].map(({ operation }) => operation);
  const actions = new Map<string, string>(Object.entries(COLLECT_CALLS));
  return [...new Set(operations.map((operation) => actions.get(operation) ?? operation))].sort();
}

function policyActions({ stdout }: Ended): readonly string[] {
  const policy = JSON.parse(stdout) as {
    readonly Statement: readonly { readonly Action: string | string[] }[];
  };
  return policy.Statement.flatMap(({ Action }) => Action).sort();
}

/** The permissions of every folder, and of every file. */
function modesBelow(folder: string): readonly string[] {
  const places = [
    folder,
    ...(readdirSync(world.at(folder), { recursive: true }) as string[]).map((name) => `${folder}/${name}`),
  ];
  const modeOf = (isFolder: boolean): string => {
    const stats = places
      .map((place) => statSync(world.at(place)))
      .filter((each) => each.isDirectory() === isFolder);
    return [...new Set(stats.map(({ mode }) => (mode & 0o777).toString(8)))].join(' ');
  };
  return [modeOf(true), modeOf(false)];
}

/** The commands of the README's section, without the program's name. */
function readmeCommands(): readonly string[][] {
  const [, section = ''] = /^## Your account\n(.*?)^## /ms.exec(readFileSync('README.md', 'utf8')) ?? [];
  const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(section) ?? [];
  return block
    .trim()
    .split('\n')
    .map((line) => line.replace(/^npx --no-install unused-access-refiner /, '').split(' '));
}

describe('your account in two commands', () => {
  test("as in the README, with a catalogue from AWS's published reference", async () => {
    const commands = readmeCommands();
    expect(commands.map(([command]) => command)).toEqual(['collect', 'account']);
    // AWS says of every action whether it tracks it: here, of all but those that read S3's objects.
    for (const [, { name, actions }] of embeddedCatalogue().services) {
      reference.services.set(
        name,
        actions.map((action) => (name === 's3' && /^GetObject/.test(action) ? `!${action}` : action)),
      );
    }
    const [collect = [], account = []] = commands;
    const collected = await world.run([...collect, '--catalogue-from', reference.url], {}, world.folder);
    expect(collected).toMatchObject({ status: 0, stdout: '' });
    figures(
      `IAM at 20 calls a second: ${rateOf(world.proxy.calls.filter(({ service }) => service === 'iam'))}`,
    );
    figures(
      `Access Analyzer at 20 calls a second: ${rateOf(world.analyzer.calls)}; ${collected.peak.toFixed(0)} MiB`,
    );
    const refined = await world.run(account, {}, world.folder);
    expect(refined.status).toBe(0);
    expect(refined.stderr).toMatch(
      /^input\/123456789012: as of \d{4}-\d\d-\d\d \d\d:\d\d UTC, less than an hour old\n/,
    );
    expect(refined.stdout).toContain(
      `${PRINCIPALS.toLocaleString('en-US')} proposals for ${PRINCIPALS.toLocaleString('en-US')} principals`,
    );
    expect(parsed('input', 'catalogue.json')['source']).toBe('AWS Service Authorization Reference');
    // So no action stays of which nobody knows whether AWS tracks it.
    const [proposal = ''] = [...world.tree('refined').keys()].filter(
      (name) => name.includes('/role-0001/') && name.endsWith('/proposal.json'),
    );
    const staying = parsed('refined', proposal)['staying'] as readonly { reason: string; count: number }[];
    expect(staying.map(({ reason }) => reason)).toEqual(['tracked-not-reported', 'not-tracked']);
    expect(staying[1]?.count).toBe(16);
    expect(modesBelow('input')).toEqual(['700', '600']);
    if (RECORDING !== undefined) {
      rmSync(world.at('input'), { recursive: true });
      rmSync(world.at('refined'), { recursive: true });
      const parts = [
        await recorded(world, collect, [...collect, '--catalogue-from', reference.url]),
        await recorded(world, account, account),
      ];
      writeFileSync(RECORDING, `${ABOUT_RECORDING}\n${parts.join('')}`);
    }
  });

  test('an unreadable catalogue is reported, and the embedded one is used', async () => {
    const ended = await world.run([
      'collect',
      '--out',
      world.at('offline'),
      '--source',
      'last-accessed',
      '--calls-per-second',
      '1000',
      '--catalogue-from',
      'http://127.0.0.1:9/',
    ]);
    expect(ended.status).toBe(0);
    expect(ended.stderr).toMatch(
      new RegExp(
        `^${world.at('offline', 'catalogue.json')}: not brought up to date \\([^\n]+\\); the built-in list of actions is used\n`,
      ),
    );
    expect(() => statSync(world.at('offline', 'catalogue.json'))).toThrow();
    rmSync(world.at('offline'), { recursive: true });
  });

  test('collect prints what it has read', async () => {
    const collected = await world.collect('said');
    expect(collected.stderr).toBe(
      `${world.at('said', HOME_ACCOUNT)}: ${PRINCIPALS.toLocaleString('en-US')} roles, users, groups and policies, ${PRINCIPALS.toLocaleString('en-US')} findings\nNow run: account --from ${world.at('said')} --out <folder>\n`,
    );
    expect(collected.status).toBe(0);
    expect(parsed('said', HOME_ACCOUNT, 'manifest.json')).toMatchObject({
      schemaVersion: 1,
      accountId: HOME_ACCOUNT,
      region: 'us-east-1',
      analyzerArn: ANALYZER,
      state: 'complete',
      failed: [],
      sections: { findings: { state: 'complete', count: PRINCIPALS }, lastAccessed: null },
    });
  });

  test('the export equals the output of the AWS CLI', async () => {
    expect((await world.collect('printed')).status).toBe(0);
    const aws = path.join(path.dirname(process.env['INTEGRATION_PYTHON'] ?? ''), 'aws');
    const print = async (...args: readonly string[]): Promise<unknown> => {
      const { stdout } = await promisify(execFile)(aws, [...args, '--output', 'json'], {
        env: {
          ...world.environment(),
          AWS_CONFIG_FILE: '/dev/null',
          AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
          AWS_DEFAULT_REGION: 'us-east-1',
        },
        maxBuffer: 1 << 28,
      });
      return JSON.parse(stdout);
    };
    // The emulator's times have microseconds, unlike IAM's.
    const timeless = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value).replace(/T\d\d:[^"]*/g, ''));
    expect(timeless(parsed('printed', HOME_ACCOUNT, 'account-details.json'))).toEqual(
      timeless(await print('iam', 'get-account-authorization-details')),
    );
  });

  test('the printed policy has exactly the calls that are made', async () => {
    for (const options of [
      [],
      ['--last-accessed'],
      ['--source', 'last-accessed'],
      ['--analyzer', ANALYZER],
    ]) {
      world.calls();
      world.analyzer.reset();
      // As a reset forgets the findings too.
      for (const place of [0, 1]) world.putFinding(place, arnOf(place));
      rmSync(world.at('policy'), { recursive: true, force: true });
      expect((await world.collect('policy', ...options)).status).toBe(0);
      const printed = policyActions(await world.run(['collect', '--print-policy', ...options]));
      expect(actionsUsed().filter((action) => action !== 'sts:GetCallerIdentity')).toEqual(printed);
    }
    for (let place = 0; place < PRINCIPALS; place += 1) world.putFinding(place, arnOf(place));
    world.analyzer.detailPageSize = 2;
  });

  test('a second run reads only the findings that changed', async () => {
    expect((await world.collect('again')).status).toBe(0);
    const before = world.tree('again');
    world.analyzer.remove(ANALYZER, 'finding-3');
    world.putFinding(2, arnOf(2), '2026-11-20T08:00:00.000Z');
    world.proxy.reset();
    const earlier = world.analyzer.calls.length;
    expect((await world.collect('again')).status).toBe(0);
    const got = world.analyzer.calls.slice(earlier).filter(({ operation }) => operation === 'GetFindingV2');
    expect([...new Set(got.map(({ findingId }) => findingId))]).toEqual(['finding-2']);
    const findings = (tree: ReadonlyMap<string, string>) =>
      tree.get(`${HOME_ACCOUNT}/findings.jsonl`)?.split('\n').length;
    expect(findings(world.tree('again'))).toBe((findings(before) ?? 0) - 1);
    world.putFinding(2, arnOf(2));
    world.putFinding(3, arnOf(3));
  });
});

function arnOf(place: number): string {
  const type = place % 5 === 0 ? 'user' : 'role';
  return `arn:aws:iam::${HOME_ACCOUNT}:${type}/${type}-${String(place).padStart(4, '0')}`;
}

describe('faults', () => {
  /** Of a run that nothing disturbs. */
  let plainCalls = 0;

  test('one call in twenty throttled and one in a hundred failing give the same bytes', async () => {
    const start = world.answered;
    const plain = await world.collect('plain', '--last-accessed');
    expect(plain.stderr).toContain('findings');
    expect(plain.status).toBe(0);
    plainCalls = world.answered - start;
    const earlier = world.analyzer.calls.length;
    world.calls({ seed: 7, throttled: 0.05, failing: 0.01 });
    const ended = await world.collect('faulty', '--last-accessed');
    expect(ended.status).toBe(0);
    expect([...world.tree('faulty')]).toEqual([...world.tree('plain')]);
    expect(world.proxy.calls.some(({ status }) => status === 400 || status === 503)).toBe(true);
    expect(ended.peak).toBeLessThan(300);
    figures(
      `${String(PRINCIPALS)} principals with faults: ${String(world.answered - earlier)} calls, ${ended.peak.toFixed(0)} MiB`,
    );
  });

  test(`killed ${String(KILLS)} times at random moments and run again: the same bytes`, async () => {
    const random = seededRandom(11);
    let killed = 0;
    let calls = 0;
    let earlier = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      world.calls();
      earlier = world.analyzer.calls.length;
      const ended = await world.run(
        [
          'collect',
          '--out',
          world.at('killed'),
          '--no-catalogue',
          '--calls-per-second',
          '1000',
          '--last-accessed',
        ],
        {},
        undefined,
        // So that on the whole they come as far as a run that nobody ends.
        { calls: Math.ceil((random() * 2 * plainCalls) / KILLS), signal: 'SIGKILL' },
      );
      if (ended.status === null) killed += 1;
      calls += world.answered - earlier;
    }
    world.calls();
    earlier = world.analyzer.calls.length;
    expect((await world.collect('killed', '--last-accessed')).status).toBe(0);
    expect([...world.tree('killed')]).toEqual([...world.tree('plain')]);
    expect(killed).toBeGreaterThan(0);
    const last = world.answered - earlier;
    figures(
      `killed ${String(killed)} times of ${String(KILLS)} after ${String(calls)} calls, ${String(last)} in the last run where it takes ${String(plainCalls)} at once, and the same bytes`,
    );
  });

  const callsOf = (operation: string): number =>
    world.proxy.calls.filter((call) => call.operation === operation).length;
  /** Half of a run; then somebody ends it at the keyboard. */
  const interrupt = (out: string): Promise<Ended> =>
    world.run(
      [
        'collect',
        ...['--out', world.at(out), '--no-catalogue', '--calls-per-second', '1000', '--last-accessed'],
      ],
      {},
      undefined,
      { calls: Math.ceil(plainCalls / 2), signal: 'SIGINT' },
    );

  test('an interrupted run says how to continue, and the same command does', async () => {
    expect(await interrupt('stopped')).toMatchObject({
      status: 130,
      stdout: '',
      stderr: '\ninterrupted; the same command continues where it stopped\n',
    });
    expect(parsed('stopped', HOME_ACCOUNT, 'manifest.json')).toMatchObject({
      state: 'running',
      finishedAt: null,
    });
    expect(existsSync(world.at('stopped', '.collecting'))).toBe(false);
    world.calls();
    const earlier = world.analyzer.calls.length;
    expect((await world.collect('stopped', '--last-accessed')).status).toBe(0);
    expect(world.answered - earlier).toBeLessThan(plainCalls);
    expect([...world.tree('stopped')]).toEqual([...world.tree('plain')]);
  });

  test('only data older than --max-age is read again', async () => {
    expect((await interrupt('aged')).status).toBe(130);
    const oldest = (): Promise<Ended> => world.collect('aged', '--last-accessed', '--max-age', '0s');
    world.calls();
    expect((await oldest()).status).toBe(0);
    expect(callsOf('GenerateServiceLastAccessedDetails')).toBe(PRINCIPALS);
    expect([...world.tree('aged')]).toEqual([...world.tree('plain')]);
    world.calls();
    expect((await world.collect('aged', '--last-accessed')).status).toBe(0);
    expect(callsOf('GenerateServiceLastAccessedDetails')).toBe(0);
    world.calls();
    expect((await oldest()).status).toBe(0);
    expect(callsOf('GenerateServiceLastAccessedDetails')).toBe(PRINCIPALS);
    expect([...world.tree('aged')]).toEqual([...world.tree('plain')]);
  });

  test('two concurrent runs cannot write into one folder, and a killed one does not leave it locked', async () => {
    world.proxy.reset();
    let letGoOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGoOn = resolve));
    const isReading = new Promise<void>((resolve) => {
      world.proxy.intercept(async ({ operation }) => {
        if (operation !== 'GetAccountAuthorizationDetails') return undefined;
        resolve();
        await held;
        return undefined;
      });
    });
    const first = world.collect('both');
    await isReading;
    const lock = world.at('both', '.collecting');
    const owner = readFileSync(lock, 'utf8');
    const second = await world.collect('both');
    letGoOn();
    expect(second).toMatchObject({
      status: 2,
      stderr: `unused-access-refiner: ${world.at('both')}: another collect is at work in it (process ${owner}); wait until it has ended, or name another folder with --out; if there is none, remove ${lock}\n`,
    });
    expect((await first).status).toBe(0);
    expect(existsSync(lock)).toBe(false);
    // No process has this number.
    writeFileSync(lock, '4194305');
    expect((await world.collect('both')).status).toBe(0);
    expect(existsSync(lock)).toBe(false);
  });

  test('a denied call is reported with its account, and the rest is read', async () => {
    world.proxy.intercept((call) =>
      call.operation === 'GetAccountAuthorizationDetails' ? { answer: accessDenied(call) } : undefined,
    );
    const ended = await world.collect('denied');
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain(
      `account ${HOME_ACCOUNT}: roles, users, groups and policies: account ${HOME_ACCOUNT} does not allow iam:GetAccountAuthorizationDetails (`,
    );
    expect(parsed('denied', HOME_ACCOUNT, 'manifest.json')).toMatchObject({
      state: 'partial',
      sections: { accountDetails: { state: 'failed' }, findings: { state: 'complete' } },
    });
  });
});

describe('several accounts', () => {
  test('each has its folder, and one that refuses is named while the others are read', async () => {
    world.proxy.intercept((call) =>
      call.operation === 'AssumeRole' && call.parameters.get('RoleArn')?.includes('111122223333') === true
        ? { answer: accessDenied(call) }
        : undefined,
    );
    const ended = await world.collect(
      'several',
      '--source',
      'last-accessed',
      '--accounts',
      `111122223333,${MEMBER_ACCOUNT},${HOME_ACCOUNT}`,
      '--member-role',
      'Reader',
    );
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('account 111122223333: ');
    expect(ended.stderr).toContain(
      'account 111122223333 cannot be reached: arn:aws:iam::111122223333:role/Reader cannot be assumed (',
    );
    expect(parsed('several', MEMBER_ACCOUNT, 'manifest.json')).toMatchObject({ state: 'complete' });
    expect(parsed('several', HOME_ACCOUNT, 'manifest.json')).toMatchObject({
      state: 'complete',
      analyzerArn: null,
      source: 'last-accessed',
      sections: { lastAccessed: { count: PRINCIPALS } },
    });
  });
});

describe('one sentence says what to type for', () => {
  const nothing = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
  const say = async (
    more: Record<string, string | undefined>,
    ...args: readonly string[]
  ): Promise<string> => {
    const ended = await world.run(['collect', '--out', world.at('nothing'), '--no-catalogue', ...args], more);
    expect(ended.status).toBe(2);
    expect(() => statSync(world.at('nothing'))).toThrow();
    return ended.stderr;
  };

  test('no Region, no credentials', async () => {
    expect(await say({ AWS_REGION: undefined })).toBe(
      'unused-access-refiner: no Region is configured; add --region, such as --region eu-west-1, or set AWS_REGION\n',
    );
    expect(await say(nothing)).toBe(
      'unused-access-refiner: no AWS credentials were found; type aws configure sso, and then name that profile with --profile\n',
    );
    for (const region of [{}, { AWS_REGION: undefined }]) {
      expect(await say({ ...nothing, ...region }, '--profile', 'nobody')).toBe(
        'unused-access-refiner: the profile nobody gives no credentials (is it in ~/.aws/config?); type aws configure sso --profile nobody, or name another\n',
      );
    }
  });

  test('a profile of single sign-on that nobody is signed in with', async () => {
    mkdirSync(world.at('.aws'), { recursive: true });
    writeFileSync(
      world.at('.aws', 'config'),
      '[profile work]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Reader\nregion = us-east-1\n[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://example.awsapps.com/start\n',
    );
    const sentence =
      'unused-access-refiner: nobody is signed in with the profile work; type aws sso login --profile work\n';
    expect(await say(nothing, '--profile', 'work')).toBe(sentence);
    expect(await say({ ...nothing, AWS_PROFILE: 'work' })).toBe(sentence);
  });

  test('a token that has expired', async () => {
    world.proxy.intercept(({ operation }) =>
      operation === 'GetCallerIdentity'
        ? {
            answer: {
              status: 403,
              contentType: 'text/xml',
              body: '<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error><RequestId>r</RequestId></ErrorResponse>',
            },
          }
        : undefined,
    );
    expect(await say({ AWS_SESSION_TOKEN: 'old' })).toBe(
      'unused-access-refiner: the credentials have expired; type aws sso login, or get new ones, and run the same command again\n',
    );
  });

  test('no analyzer, and an analyzer in another Region', async () => {
    expect(await say({}, '--region', 'eu-west-1')).toBe(
      `unused-access-refiner: account ${HOME_ACCOUNT} has no active unused-access analyzer in eu-west-1; if it is in another Region, add --region, and if there is none, --source last-accessed does without\n`,
    );
    expect(await say({}, '--analyzer', ANALYZER.replace('us-east-1', 'eu-west-1'))).toBe(
      'unused-access-refiner: the analyzer is in eu-west-1, and the Region of this run is us-east-1; add --region eu-west-1\n',
    );
    world.analyzer.addAnalyzer(`${ANALYZER}-second`, 'ACCOUNT_UNUSED_ACCESS');
    expect(await say({})).toContain(
      `has 2 active unused-access analyzers in us-east-1; choose one with --analyzer: `,
    );
  });

  test('a folder of another account, or of another analyzer', async () => {
    const one = await world.collect('input', '--analyzer', `${ANALYZER}-second`);
    expect(one.status).toBe(2);
    expect(one.stderr).toContain(
      `was read from the analyzer ${ANALYZER}, and now it would be ${ANALYZER}-second;`,
    );
    const other = await world.collect('several');
    expect(other.status).toBe(2);
    expect(other.stderr).toContain(
      `holds account 111122223333, and these credentials are of account ${HOME_ACCOUNT};`,
    );
  });
});

/** How many calls, and how many in each second on the whole and in the busiest ten of them. */
function rateOf(calls: readonly { readonly at: number }[]): string {
  const times = calls.map(({ at }) => at).sort((a, b) => a - b);
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000;
  const busiest = Math.max(
    ...times.map((from, start) => times.findLastIndex((at) => at < from + 10_000) - start + 1),
  );
  return `${String(times.length)} calls in ${seconds.toFixed(1)} s, ${(times.length / seconds).toFixed(1)} a second, ${(busiest / 10).toFixed(1)} in the busiest ten`;
}

/** Figures of a run by hand. */
function figures(text: string): void {
  if (process.env['COLLECT_PRINCIPALS'] !== undefined) process.stdout.write(`${text}\n`);
}
