import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildCommandLine } from '../../scripts/build.ts';
import { startAccessAnalyzer, type AccessAnalyzerServer } from './harness/access-analyzer.ts';
import { awsRequest } from './harness/aws-request.ts';
import { HOME_ACCOUNT, HOME_CREDENTIALS } from './harness/accounts.ts';
import { PROJECT_ROOT } from './harness/cdk.ts';
import { startMoto, type Moto } from './harness/moto.ts';
import { startProxy, type CannedAnswer, type Proxy } from './harness/proxy.ts';

/*
 * `doctor` as people have it, against the emulator, the server for Access Analyzer, and, for what neither has (Lambda's
 * settings of the account, refusals), answers in AWS's documented form.
 */

const CLI = join(PROJECT_ROOT, 'build', 'integration', 'doctor');
const REGION = 'us-east-1';
const ORGANISATION = { analyzerType: 'ORGANIZATION_UNUSED_ACCESS' };

const analyzerArn = (name: string, region = REGION) =>
  `arn:aws:access-analyzer:${region}:${HOME_ACCOUNT}:analyzer/${name}`;

let moto: Moto;
let proxy: Proxy;
let analyzer: AccessAnalyzerServer;

beforeAll(async () => {
  await buildCommandLine(CLI);
  moto = await startMoto();
  proxy = await startProxy(moto.port);
  await awsRequest(moto.endpoint, {
    service: 'ssm',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.PutParameter' },
    body: JSON.stringify({ Name: '/cdk-bootstrap/hnb659fds/version', Value: '27', Type: 'String' }),
  });
});
afterAll(async () => {
  await proxy.stop();
  await moto.stop();
});
beforeEach(async () => {
  proxy.reset();
  lambdaRuns(1000);
  analyzer = await startAccessAnalyzer();
  return () => analyzer.stop();
});

const json = (body: unknown, status = 200): CannedAnswer => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(body),
});

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html */
function lambdaRuns(unreserved: number): void {
  const AccountLimit = { ConcurrentExecutions: unreserved, UnreservedConcurrentExecutions: unreserved };
  proxy.intercept((call) => (call.service === 'lambda' ? { answer: json({ AccountLimit }) } : undefined));
}

interface Told {
  readonly status: number | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

async function doctor(
  options: Readonly<Record<string, string>> = { email: 'you@example.org' },
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Told> {
  const flags = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(process.execPath, [join(CLI, 'cli.mjs'), 'doctor', ...flags], {
    cwd: PROJECT_ROOT,
    env: {
      PATH: process.env['PATH'],
      NODE_NO_WARNINGS: '1',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: HOME_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: HOME_CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL: proxy.endpoint,
      AWS_ENDPOINT_URL_ACCESSANALYZER: analyzer.endpoint,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
  await once(child, 'close');
  return { status: child.exitCode, lines: stdout.join('').trimEnd().split('\n'), stderr: stderr.join('') };
}

/** What is said about something. */
function about(told: Told, subject: string): readonly string[] {
  return told.lines.flatMap((line) => {
    const [, level, of, says] = /^(good|note|WRONG|UNKNOWN) +(\S+) +(.*)$/.exec(line) ?? [];
    return of === subject ? [`${String(level)}: ${String(says)}`] : [];
  });
}

const deployLine = (told: Told): string => told.lines.at(-1)?.trim() ?? '';

describe('an account', () => {
  test('with everything needed and no analyzer is ready', async () => {
    const told = await doctor();
    expect(told.stderr).toBe('');
    expect(told.lines[0]).toMatch(/^account 123456789012, Region us-east-1, as arn:aws:/);
    expect(about(told, 'analyzer')).toEqual([
      'good: none finds unused access here; the stack makes one (ACCOUNT_UNUSED_ACCESS), at 0.20 USD for each role and user a month',
    ]);
    expect(about(told, 'bootstrap')).toEqual(["good: the CDK's bootstrap stack is there, version 27"]);
    expect(about(told, 'concurrency')).toEqual([
      'good: Lambda runs 1000 functions at once here, and the stack needs 12 at most',
    ]);
    expect(deployLine(told)).toMatch(
      /^npx cdk deploy -c email=you@example\.org( -c managedPoliciesPer\w+=\d+)*$/,
    );
    expect(told.status).toBe(0);
  });

  test("is not changed, and gets only calls on doctor's list", async () => {
    await doctor({
      ...ORGANISATION,
      memberRoleName: 'Reader',
      memberExternalId: 'secret-1',
      permissionsBoundary: 'Boundary',
    });
    const calls = [
      ...proxy.calls.map(({ service, operation }) => `${service} ${operation}`),
      ...analyzer.calls.map(({ operation }) => operation),
    ];
    expect([...new Set(calls)].sort()).toEqual([
      'ListAnalyzers',
      'iam GetAccountSummary',
      'iam GetPolicy',
      'lambda GET /2016-08-19/account-settings',
      'organizations DescribeOrganization',
      'ssm GetParameter',
      'sts GetCallerIdentity',
    ]);
  });

  test('with its own analyzer would fail, so its ARN is in the printed command', async () => {
    analyzer.addAnalyzer(analyzerArn('mine'), 'ACCOUNT_UNUSED_ACCESS');
    const told = await doctor();
    expect(about(told, 'analyzer')).toEqual([
      `WRONG: ${analyzerArn('mine')} exists, and AWS allows one an account and Region: the deployment would fail; give -c analyzerArn=${analyzerArn('mine')}`,
    ]);
    expect(told.status).toBe(1);
    expect(deployLine(told)).toContain(` -c analyzerArn=${analyzerArn('mine')}`);
    const again = await doctor({ email: 'you@example.org', analyzerArn: analyzerArn('mine') });
    expect(about(again, 'analyzer')).toEqual([
      `good: ${analyzerArn('mine')} is there and active (ACCOUNT_UNUSED_ACCESS)`,
    ]);
    expect(again.status).toBe(0);
  });

  test('with an analyzer of the organisation would pay twice', async () => {
    analyzer.addAnalyzer(analyzerArn('all'), 'ORGANIZATION_UNUSED_ACCESS');
    analyzer.addAnalyzer(analyzerArn('outside'), 'ORGANIZATION');
    const told = await doctor();
    expect(about(told, 'analyzer')).toEqual([
      `WRONG: ${analyzerArn('all')} finds unused access already; another would be paid for besides; give -c analyzerArn=${analyzerArn('all')}, with memberRoleName and memberExternalId to read its other accounts`,
      `note: ${analyzerArn('outside')} in us-east-1 finds external access, which is another thing and not read here`,
    ]);
    expect(told.status).toBe(1);
  });

  test.each([
    ['of external access', 'ACCOUNT', 'ACTIVE', 'finds external access (ACCOUNT)'],
    ['that does not work', 'ACCOUNT_UNUSED_ACCESS', 'FAILED', 'is FAILED'],
  ])('with an analyzer %s is not ready', async (_, type, status, says) => {
    analyzer.addAnalyzer(analyzerArn('named'), type, status);
    const told = await doctor({ analyzerArn: analyzerArn('named') });
    expect(about(told, 'analyzer')[0]).toContain(`WRONG: ${analyzerArn('named')} ${says}`);
  });

  test('of another Region than the analyzer’s is wrong', async () => {
    const told = await doctor({ analyzerArn: analyzerArn('there', 'eu-west-1') });
    expect(about(told, 'analyzer')[0]).toContain('is in account 123456789012, Region eu-west-1');
    const missing = await doctor({ analyzerArn: analyzerArn('gone') });
    expect(about(missing, 'analyzer')[0]).toContain('does not exist; leave analyzerArn out');
  });

  test('without a bootstrap stack gets the bootstrap command first', async () => {
    const told = await doctor({ email: 'you@example.org' }, { AWS_REGION: 'eu-west-1' });
    expect(about(told, 'bootstrap')).toEqual([
      "WRONG: the CDK's bootstrap stack (hnb659fds) is not there; type npx cdk bootstrap aws://123456789012/eu-west-1",
    ]);
    expect(told.lines.at(-2)?.trim()).toBe('npx cdk bootstrap aws://123456789012/eu-west-1');
    expect(told.status).toBe(1);
    const other = await doctor({ email: 'you@example.org', '@aws-cdk/core:bootstrapQualifier': 'ours' });
    expect(about(other, 'bootstrap')[0]).toContain('bootstrap stack (ours) is not there');
  });

  test.each([
    [
      10,
      'note: Lambda runs 10 functions at once here, and with concurrency 4 the stack needs up to 12; give -c concurrency=3',
      '-c concurrency=3',
    ],
    [
      5,
      'note: Lambda runs 5 functions at once here, fewer than the stack needs even with concurrency 2',
      '-c concurrency=2',
    ],
  ])('in which Lambda runs %i functions at once gets a lower concurrency', async (limit, says, flag) => {
    proxy.calm();
    lambdaRuns(limit);
    const told = await doctor();
    expect(about(told, 'concurrency')[0]).toContain(says);
    expect(deployLine(told)).toContain(flag);
    expect(told.status).toBe(0);
  });

  test("outside an organisation cannot have an organisation's analyzer", async () => {
    const told = await doctor({ ...ORGANISATION, memberRoleName: 'Reader', memberExternalId: 'secret-1' });
    expect(about(told, 'organisation')).toEqual([
      'WRONG: account 123456789012 is in no organisation; leave analyzerType and organizationId out',
    ]);
  });

  test('that neither manages the organisation nor administers its analyzers is wrong', async () => {
    const Organization = { Id: 'o-exampleorgid', MasterAccountId: '999999999999' };
    const answers: Readonly<Record<string, unknown>> = {
      DescribeOrganization: { Organization },
      ListDelegatedAdministrators: { DelegatedAdministrators: [{ Id: '888888888888' }] },
    };
    proxy.intercept(({ operation }) =>
      operation in answers ? { answer: json(answers[operation]) } : undefined,
    );
    const options = { ...ORGANISATION, memberRoleName: 'Reader', memberExternalId: 'secret-1' };
    const told = await doctor({ ...options, organizationId: 'o-anotherorgid' });
    expect(about(told, 'organisation')).toEqual([
      'WRONG: the organisation of account 123456789012 is o-exampleorgid, and the option organizationId says o-anotherorgid; no member role could be assumed',
      'WRONG: account 123456789012 neither manages the organisation nor administers Access Analyzer for it, so it can have no analyzer of the organisation; register it from account 999999999999, or deploy there',
    ]);
  });

  test('without the configured permissions boundary is wrong', async () => {
    const told = await doctor({ permissionsBoundary: 'platform/Boundary' });
    expect(about(told, 'boundary')[0]).toContain(
      'WRONG: arn:aws:iam::123456789012:policy/platform/Boundary does not exist',
    );
  });
});

describe('a caller', () => {
  test('without any permission gets the name of each missing action', async () => {
    proxy.calm();
    proxy.intercept((call) =>
      call.service === 'sts'
        ? undefined
        : {
            answer:
              call.service === 'iam'
                ? {
                    status: 403,
                    contentType: 'text/xml',
                    body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
                  }
                : json({ __type: 'AccessDeniedException', message: 'no' }, 400),
          },
    );
    analyzer.storm('ListAnalyzers', 'deny', 9);
    const told = await doctor({
      ...ORGANISATION,
      memberRoleName: 'Reader',
      memberExternalId: 'secret-1',
      permissionsBoundary: 'Boundary',
    });
    const unknown = told.lines.filter((line) => line.startsWith('UNKNOWN'));
    const missing = unknown.map((line) => /these credentials may not (\S+);/.exec(line)?.[1]);
    expect(missing).toEqual([
      'access-analyzer:ListAnalyzers',
      'organizations:DescribeOrganization',
      'ssm:GetParameter',
      'lambda:GetAccountSettings',
      'iam:GetAccountSummary',
      'iam:GetPolicy',
    ]);
    expect(told.status).toBe(1);
  });

  test.each([
    [
      'credentials',
      { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
      'no AWS credentials were found',
    ],
    ['a Region', { AWS_REGION: undefined }, 'no Region is configured'],
  ])('without %s gets one sentence about that', async (_, environment, says) => {
    const told = await doctor({}, environment);
    expect(told.stderr).toContain(says);
    expect(told.stderr.trim().split('\n')).toHaveLength(1);
    expect([told.lines, told.status]).toEqual([[''], 2]);
  });

  test('with a wrong option gets an error before any call', async () => {
    const told = await doctor({ emial: 'you@example.org' });
    expect(told.stderr).toContain('emial');
    expect([proxy.calls.length, told.status]).toEqual([0, 2]);
  });
});
