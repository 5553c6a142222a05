import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RELEASE, writeRelease } from '../../scripts/release.ts';
import { buildConstruct } from '../../scripts/build.ts';
import { HOME_ACCOUNT, HOME_CREDENTIALS, REGION, s3Client } from './harness/accounts.ts';
import { awsRequest, queryRequest } from './harness/aws-request.ts';
import { cdk, PROJECT_ROOT } from './harness/cdk.ts';
import { startMoto, type Moto } from './harness/moto.ts';
import { ANALYZER_ARN } from './harness/names.ts';

/*
 * What leaves the repository: the package in somebody else's project, and the release without any CDK. They have an
 * emulator of their own, because roles and alarms of the stack that the other tests share have the same names.
 */

const execute = promisify(execFile);
let moto: Moto;
let folder: string;

beforeAll(async () => {
  [moto, folder] = await Promise.all([startMoto(), mkdtemp(join(tmpdir(), 'refiner-package-'))]);
});
afterAll(async () => {
  await moto.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Names of the functions that the emulator has. */
async function functionsOf(stack: string): Promise<readonly string[]> {
  const text = await awsRequest(moto.endpoint, {
    service: 'lambda',
    method: 'GET',
    path: '/2015-03-31/functions/',
  });
  const { Functions } = JSON.parse(text) as { Functions: { FunctionName: string }[] };
  return Functions.map(({ FunctionName }) => FunctionName).filter((name) => name.startsWith(stack));
}

async function statusOf(stack: string): Promise<string | undefined> {
  const xml = await queryRequest(moto.endpoint, 'cloudformation', {
    Action: 'DescribeStacks',
    Version: '2010-05-15',
    StackName: stack,
  });
  return /<StackStatus>(\w+)<\/StackStatus>/.exec(xml)?.[1];
}

async function bytesUnder(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name))),
  );
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

const APP = `import { App, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import {
  type MemberRole,
  UnusedAccessRefiner,
  UnusedAccessRefinerMemberRole,
  type UnusedAccessRefinerProps,
} from 'unused-access-refiner';

const app = new App();
const stack = new Stack(app, 'Reviews');
const memberRole: MemberRole = { roleName: 'ReviewsReader', externalId: 'reviews-external-id' };
const props: UnusedAccessRefinerProps = {
  name: 'reviews',
  memberRole,
  email: ['reviews@example.org'],
  analyzerArn: '${ANALYZER_ARN}',
  encryptionKey: new kms.Key(stack, 'Key'),
  sweepSchedule: ScheduleExpression.rate(Duration.hours(12)),
  readers: ['arn:aws:iam::123456789012:role/Reviewers/*'],
};
const refiner = new UnusedAccessRefiner(stack, 'UnusedAccess', props);
refiner.grantRead(new iam.Role(stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() }));
refiner.topic.grantPublish(new iam.User(stack, 'Somebody'));
const member = new Stack(app, 'Member');
const { role } = new UnusedAccessRefinerMemberRole(member, 'UnusedAccess', {
  ...memberRole,
  workerRole: iam.Role.fromRoleArn(member, 'Worker', 'arn:aws:iam::${HOME_ACCOUNT}:role/w'),
  accountWorkerRole: iam.Role.fromRoleArn(member, 'AccountWorker', 'arn:aws:iam::${HOME_ACCOUNT}:role/a'),
});
role.grantAssumeRole(new iam.User(member, 'Tester'));
`;

test('the package is small, contains no tests, installs alone, and its constructs deploy from another app', async () => {
  await buildConstruct(join(PROJECT_ROOT, 'dist', 'construct'));
  const npm = (args: readonly string[], cwd: string) => execute('npm', [...args], { cwd });
  const { stdout } = await npm(
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
    PROJECT_ROOT,
  );
  const [packed] = JSON.parse(stdout) as { filename: string; size: number; files: { path: string }[] }[];
  expect(packed!.size).toBeLessThan(5_000_000);
  const paths = packed!.files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'dist/cli.mjs',
      'dist/construct/index.cjs',
      'dist/construct/index.d.cts',
      'dist/functions/refine-finding/index.mjs',
    ]),
  );
  expect(paths.filter((path) => /^(?:test|lambda|lib|scripts|bin)\/|\.map$/.test(path))).toEqual([]);

  const project = join(folder, 'project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true }\n');
  // It has no dependencies, so nothing is asked of the registry.
  await npm(['install', '--offline', '--no-audit', '--no-fund', join(folder, packed!.filename)], project);
  const modules = join(project, 'node_modules');
  expect((await readdir(modules)).filter((name) => !name.startsWith('.'))).toEqual(['unused-access-refiner']);
  expect(await bytesUnder(modules)).toBeLessThan(60_000_000);
  const { stdout: version } = await npm(
    ['exec', '--no', 'unused-access-refiner', '--', '--version'],
    project,
  );
  expect(version).toMatch(/^0\.1\.0 \(action catalogue /);

  // What the project has for its own app.
  for (const name of ['aws-cdk-lib', 'constructs', '@types']) {
    await symlink(join(PROJECT_ROOT, 'node_modules', name), join(modules, name));
  }
  await writeFile(join(project, 'app.ts'), APP);
  const options = [
    '--strict',
    '--module',
    'commonjs',
    '--moduleResolution',
    'node10',
    '--ignoreDeprecations',
    '6.0',
  ];
  const tsc = join(PROJECT_ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  await execute(process.execPath, [tsc, ...options, '--target', 'es2022', '--types', 'node', 'app.ts'], {
    cwd: project,
  }).catch((error: unknown) => {
    throw new Error((error as { stdout: string }).stdout, { cause: error });
  });
  await cdk(moto.endpoint, project, ['bootstrap', `aws://${HOME_ACCOUNT}/${REGION}`]);
  await cdk(moto.endpoint, project, [
    'deploy',
    ...['--all', '--app', 'node app.js', '--require-approval', 'never', '--method', 'direct'],
  ]);
  expect([await statusOf('Reviews'), await statusOf('Member')]).toEqual([
    'CREATE_COMPLETE',
    'CREATE_COMPLETE',
  ]);
  expect(await functionsOf('Reviews-')).toHaveLength(5);
  // The role that may read is spared where all others are refused.
  const template = await readFile(join(project, 'cdk.out', 'Reviews.template.json'), 'utf8');
  const { Resources } = JSON.parse(template) as {
    Resources: Record<string, { Type: string; Properties: { PolicyDocument: unknown } }>;
  };
  const refusals = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::S3::BucketPolicy')
    .map(({ Properties }) => JSON.stringify(Properties.PolicyDocument))
    .filter((text) => text.includes('OnlyReadersReadProposals'));
  expect(refusals).toHaveLength(1);
  expect(refusals[0]).toMatch(/\{"Fn::GetAtt":\["Reader[0-9A-F]{8}","Arn"\]\}/);
});

test('the release deploys with the AWS CLI alone, with an analyzer and without, and so does the member role', async () => {
  const release = join(folder, 'release');
  await writeRelease(release);
  const s3 = s3Client(moto.endpoint);
  await s3.send(new CreateBucketCommand({ Bucket: 'releases' }));
  const files = await readdir(release);
  expect(files.filter((name) => name.endsWith('.zip'))).toHaveLength(5);
  for (const name of files.filter((one) => one.endsWith('.zip'))) {
    const Body = await readFile(join(release, name));
    await s3.send(new PutObjectCommand({ Bucket: 'releases', Key: `refiner/${name}`, Body }));
  }
  const aws = join(dirname(process.env['INTEGRATION_PYTHON'] ?? ''), 'aws');
  const call = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await execute(aws, args, {
      env: {
        PATH: process.env['PATH'],
        AWS_ENDPOINT_URL: moto.endpoint,
        AWS_ACCESS_KEY_ID: HOME_CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: HOME_CREDENTIALS.secretAccessKey,
        AWS_DEFAULT_REGION: REGION,
        AWS_DEFAULT_OUTPUT: 'text',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      },
    });
    return stdout.trim();
  };
  const deploy = (
    stack: string,
    file: string,
    parameters: readonly string[],
    region: readonly string[] = [],
  ): Promise<string> =>
    call(
      ...region,
      ...['cloudformation', 'deploy', '--stack-name', stack, '--template-file', join(release, file)],
      ...['--s3-bucket', 'releases', '--s3-prefix', 'refiner', '--capabilities', 'CAPABILITY_NAMED_IAM'],
      ...['--parameter-overrides', ...parameters],
    );
  await deploy('UnusedAccessRefiner', RELEASE.main, [
    'Email=reviews@example.org',
    'CodeBucket=releases',
    'CodePrefix=refiner/',
    // The emulator has no analyzer to make.
    `ExistingAnalyzerArn=${ANALYZER_ARN}`,
  ]);
  expect(await statusOf('UnusedAccessRefiner')).toBe('CREATE_COMPLETE');
  expect(await functionsOf('UnusedAccessRefiner-')).toHaveLength(5);
  const role = (name: string) => `arn:aws:iam::${HOME_ACCOUNT}:role/unused-access-refiner-${name}-${REGION}`;
  await deploy('MemberRole', RELEASE.member, [
    `WorkerRoleArn=${role('refine-finding')}`,
    `AccountWorkerRoleArn=${role('refine-account')}`,
    ...['FindingSource=last-accessed', 'OrganizationId=o-a1b2c3d4e5'],
  ]);
  expect(await statusOf('MemberRole')).toBe('CREATE_COMPLETE');
  const reader = ['--role-name', 'UnusedAccessRefinerReader', '--output', 'json'];
  expect(await call('iam', 'get-role', ...reader)).toContain('"aws:PrincipalOrgID": "o-a1b2c3d4e5"');
  expect(await call('iam', 'get-role-policy', ...reader, '--policy-name', 'ReadIam')).toContain(
    'iam:GenerateServiceLastAccessedDetails',
  );

  // Without an analyzer, in another Region: the names of roles end with it.
  const elsewhere = ['--region', 'eu-west-1'];
  await deploy(
    'WithoutAnalyzer',
    RELEASE.main,
    [
      ...['Email=reviews@example.org', 'CodeBucket=releases', 'CodePrefix=refiner/'],
      ...['FindingSource=last-accessed', 'UnusedAccessAge=60'],
    ],
    elsewhere,
  );
  const query = ['--query', 'Functions[].Environment.Variables', '--output', 'json'];
  const variables = JSON.parse(await call('lambda', 'list-functions', ...elsewhere, ...query)) as Record<
    string,
    string
  >[];
  expect(variables).toHaveLength(5);
  expect(variables.filter((one) => 'ANALYZER_ARN' in one)).toEqual([]);
  const byUse = variables.filter((one) => one['FINDING_SOURCE'] === 'last-accessed');
  // The emulator hands numbers over as numbers.
  const options = byUse.map(({ UNUSED_DAYS, MEMBER_ROLE_NAME }) =>
    [UNUSED_DAYS, MEMBER_ROLE_NAME].map(String).join(' '),
  );
  expect(options.toSorted()).toEqual([
    '60 UnusedAccessRefinerReader',
    '60 UnusedAccessRefinerReader',
    'undefined undefined',
  ]);
  // The stack of the other test has such a rule, too.
  const OF_RELEASE = "contains(Name, 'NewFindings') && !starts_with(Name, 'Reviews-')";
  const rules = (...region: readonly string[]): Promise<string> =>
    call(...['events', 'list-rules', ...region, '--query'], `length(Rules[?${OF_RELEASE}])`);
  expect([await rules(), await rules(...elsewhere)]).toEqual(['1', '0']);
});
