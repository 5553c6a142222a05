import {
  CloseAccountCommand,
  CreateAccountCommand,
  CreateOrganizationCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { COLLECT_CALLS } from '../../lambda/contract/iam-calls.ts';
import { ANALYZER, CollectWorld } from './collect/collect-world.ts';
import type { AnalyzerRequest } from './harness/access-analyzer.ts';
import { HOME_ACCOUNT, HOME_CREDENTIALS, homeSettings, iamClient } from './harness/accounts.ts';
import { accessDenied } from './harness/faults.ts';
import { finding, unusedService } from './harness/findings.ts';
import { allow, createRole } from './harness/iam-fixtures.ts';

/*
 * `collect` for an organisation. The emulator hands out credentials of any role for the asking: what a role's trust policy
 * demands, and that an account answers for its own analyzers only, is demanded here.
 */
const SECRET = 'not-to-be-confused';
const ORGANIZATIONS_ANALYZER = ANALYZER.replace('/unused', '/whole-organisation');
const REACHED = ['--organization', '--member-role', 'Reader', '--external-id', SECRET];

let world: CollectWorld;
let first: string;
let second: string;
let closed: string;
let refusing: string;
/** Requests of Access Analyzer. */
let asked: AnalyzerRequest[];

beforeAll(async () => {
  world = await CollectWorld.open();
  await world.seed(4);
  const organizations = new OrganizationsClient(homeSettings(world.moto.endpoint));
  await organizations.send(new CreateOrganizationCommand({}));
  const made = async (AccountName: string): Promise<string> => {
    const { CreateAccountStatus } = await organizations.send(
      new CreateAccountCommand({ AccountName, Email: `${AccountName}@example.com` }),
    );
    return CreateAccountStatus?.AccountId ?? '';
  };
  [first, second, closed, refusing] = [
    await made('first'),
    await made('second'),
    await made('closed'),
    await made('refusing'),
  ];
  await organizations.send(new CloseAccountCommand({ AccountId: closed }));
  world.analyzer.addAnalyzer(ORGANIZATIONS_ANALYZER, 'ORGANIZATION_UNUSED_ACCESS');
  for (const account of [HOME_ACCOUNT, first, second]) {
    const resource = await createRole(await iamClient(world.moto.endpoint, account), {
      name: 'worker',
      inline: { Own: allow('sqs:*') },
    });
    world.analyzer.put(
      ORGANIZATIONS_ANALYZER,
      finding({ id: `of-${account}`, resource, details: [unusedService('sqs')] }),
    );
  }
});
afterAll(() => world.close());
beforeEach(() => {
  world.calls();
  asked = [];
  world.analyzer.allows = (request) => {
    asked.push(request);
    const owner = request.analyzerArn?.split(':')[4] ?? HOME_ACCOUNT;
    return owner !== HOME_ACCOUNT || request.accessKeyId === HOME_CREDENTIALS.accessKeyId;
  };
  world.proxy.intercept((call) =>
    call.operation === 'AssumeRole' &&
    (call.parameters.get('ExternalId') !== SECRET ||
      call.parameters.get('RoleArn') === `arn:aws:iam::${refusing}:role/Reader`)
      ? { answer: accessDenied(call) }
      : undefined,
  );
});
afterEach(() => {
  world.analyzer.allows = () => true;
});

function manifest(folder: string, account: string): Record<string, unknown> {
  return JSON.parse(readFileSync(world.at(folder, account, 'manifest.json'), 'utf8')) as Record<
    string,
    unknown
  >;
}

function lines(
  folder: string,
  account: string,
): readonly { readonly id: string; readonly resourceOwnerAccount: string }[] {
  return readFileSync(world.at(folder, account, 'findings.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; resourceOwnerAccount: string });
}

test('every open account is read into its folder, through the role with its external id, and one that refuses is named', async () => {
  const ended = await world.collect('free', '--source', 'last-accessed', ...REACHED);
  expect(ended.status).toBe(1);
  for (const account of [HOME_ACCOUNT, first, second]) {
    expect(manifest('free', account)).toMatchObject({ accountId: account, state: 'complete', failed: [] });
  }
  expect(manifest('free', first)).toMatchObject({
    // The emulator gives each account of an organisation an OrganizationAccountAccessRole.
    sections: { accountDetails: { count: 2 }, lastAccessed: { count: 2 } },
  });
  expect(ended.stderr.split('\n').filter((line) => line.startsWith('account '))).toEqual([
    expect.stringContaining(
      `account ${refusing}: roles, users, groups and policies, users: account ${refusing} cannot be reached: arn:aws:iam::${refusing}:role/Reader cannot be assumed (AccessDenied: `,
    ),
  ]);
  expect(ended.stderr).toContain(
    'make it there, with the statements that --print-policy prints for it, or leave the account out',
  );
  expect(existsSync(world.at('free', closed))).toBe(false);
  const assumed = world.proxy.calls.filter(({ operation }) => operation === 'AssumeRole');
  expect(new Set(assumed.map(({ parameters }) => parameters.get('RoleArn')))).toEqual(
    new Set([first, second, refusing].map((account) => `arn:aws:iam::${account}:role/Reader`)),
  );
  expect(new Set(assumed.map(({ parameters }) => parameters.get('ExternalId')))).toEqual(new Set([SECRET]));
  const refined = await world.run([
    'account',
    '--from',
    world.at('free'),
    '--out',
    world.at('refined'),
    '--quiet',
  ]);
  expect(refined.status).toBe(1);
  expect(refined.stderr).toContain(`${world.at('free', refusing)}`);
});

test('without the external id every account but the caller’s own refuses, and that one is still read', async () => {
  const ended = await world.collect(
    'closed',
    '--source',
    'last-accessed',
    '--organization',
    '--member-role',
    'Reader',
  );
  expect(ended.status).toBe(1);
  for (const account of [first, second, refusing])
    expect(ended.stderr).toContain(`account ${account} cannot be reached`);
  expect(manifest('closed', HOME_ACCOUNT)).toMatchObject({ state: 'complete' });
});

test('the organisation’s analyzer is read with the credentials of its own account, for the findings of each account', async () => {
  const ended = await world.collect('analyzed', '--analyzer', ORGANIZATIONS_ANALYZER, ...REACHED);
  expect(ended.status).toBe(1);
  expect(lines('analyzed', first)).toMatchObject([{ id: `of-${first}`, resourceOwnerAccount: first }]);
  expect(lines('analyzed', second)).toMatchObject([{ id: `of-${second}`, resourceOwnerAccount: second }]);
  expect(manifest('analyzed', first)).toMatchObject({
    state: 'complete',
    analyzerArn: ORGANIZATIONS_ANALYZER,
  });
  expect(new Set(asked.map(({ accessKeyId }) => accessKeyId))).toEqual(
    new Set([HOME_CREDENTIALS.accessKeyId]),
  );
});

test('the printed policies are what the caller and the role in the accounts need', async () => {
  const options = ['--analyzer', ORGANIZATIONS_ANALYZER, '--last-accessed', ...REACHED];
  expect((await world.collect('policy', ...options)).status).toBe(1);
  const actions = new Map<string, string>(Object.entries(COLLECT_CALLS));
  const used = (isOwn: boolean): readonly string[] => {
    const calls = [...world.proxy.calls, ...asked].filter(
      ({ accessKeyId }) => (accessKeyId === HOME_CREDENTIALS.accessKeyId) === isOwn,
    );
    const names = calls.map(({ operation }) => actions.get(operation) ?? operation);
    return [...new Set(names)].filter((name) => name !== 'sts:GetCallerIdentity').sort();
  };
  const printed = await world.run(['collect', '--print-policy', ...options]);
  const { Statement } = JSON.parse(printed.stdout) as {
    readonly Statement: readonly { readonly Sid: string; readonly Action: string | string[] }[];
  };
  expect(Statement.flatMap(({ Action }) => Action).sort()).toEqual(used(true));
  const [, names = ''] =
    /^of these, the role Reader of each account needs ([\w, ]+); /.exec(printed.stderr) ?? [];
  const needed = Statement.filter(({ Sid }) => names.split(', ').includes(Sid)).flatMap(
    ({ Action }) => Action,
  );
  // Roles have neither keys nor passwords: in these accounts there is nobody to ask about.
  const ofUsers = ['iam:GetAccessKeyLastUsed', 'iam:GetLoginProfile', 'iam:ListAccessKeys'];
  expect(needed.filter((action) => !ofUsers.includes(action)).sort()).toEqual(used(false));
  expect(printed.stderr).toBe(
    'of these, the role Reader of each account needs ReadTheAccount, AskForLastUse, ReadLastUse, ReadAgesOfCredentials; FindTheAnalyzer and ReadFindings too where the account has an analyzer of its own\n',
  );
});

test('an analyzer of another account is not guessed', async () => {
  const elsewhere = ORGANIZATIONS_ANALYZER.replace(HOME_ACCOUNT, first);
  const ended = await world.collect('elsewhere', '--analyzer', elsewhere);
  expect(ended.status).toBe(2);
  expect(ended.stderr).toBe(
    `unused-access-refiner: the analyzer ${elsewhere} can be read in account ${first} only, and these credentials are of account ${HOME_ACCOUNT}; use those of account ${first}, or add --member-role with the name of a role there\n`,
  );
  expect(existsSync(world.at('elsewhere'))).toBe(false);
});
