import { GetRoleCommand } from '@aws-sdk/client-iam';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../lib/config/config.ts';
import { buildCommandLine } from '../../scripts/build.ts';
import { HOME_ACCOUNT, HOME_CREDENTIALS, iamClient, REGION } from './harness/accounts.ts';
import { PROJECT_ROOT } from './harness/cdk.ts';
import { output } from './harness/deployment.ts';
import { World } from './harness/world.ts';

/*
 * docs/deployment.md to the letter: its shell snippets run as they stand, in the order of the page, with only what stands in
 * angle brackets filled in. What the emulator takes is run; of every other call of the AWS CLI, the CLI itself checks that
 * its options exist and fit. Bootstrapping and deploying is what the set-up of all these tests has done.
 */

const PAGE = join(PROJECT_ROOT, 'docs', 'deployment.md');
const CLI = join(PROJECT_ROOT, 'build', 'integration', 'deployment-page');
const MEMBER_ROLE = 'PageReader';

/** Packages and releases have a test of their own, package.test.ts. */
const ELSEWHERE = 'Other ways to deploy';

/** Calls that the emulator takes. */
const TAKEN = [
  'cloudformation describe-stacks',
  'cloudformation deploy',
  'cloudformation delete-stack',
  'lambda invoke',
];

interface Snippet {
  readonly heading: string;
  readonly body: string;
}

let world: World;
let folder: string;
let snippets: readonly Snippet[];
let inline: readonly string[];

beforeAll(async () => {
  world = await World.open();
  await world.reset();
  folder = await mkdtemp(join(tmpdir(), 'deployment-page-'));
  await buildCommandLine(CLI);
  const text = await readFile(PAGE, 'utf8');
  snippets = text.split(/^## /m).flatMap((section) => {
    const heading = section.slice(0, section.indexOf('\n'));
    if (heading === ELSEWHERE) return [];
    return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, body = '']) => ({ heading, body }));
  });
  inline = [...text.matchAll(/`((?:aws|npx) [^`]+)`/g)].map(([, command = '']) => command);
  const options = {
    email: ['you@example.org'],
    analyzerType: 'ORGANIZATION_UNUSED_ACCESS',
    memberRoleName: MEMBER_ROLE,
    memberExternalId: 'an-external-id-of-the-page',
    organizationId: 'o-exampleorgid',
  };
  await writeFile(join(folder, 'options.json'), JSON.stringify(options));
  await writeShims();
  // What the emulator lacks for `doctor`: Lambda's settings, and an organisation that the account manages.
  const answers: Readonly<Record<string, unknown>> = {
    'GET /2016-08-19/account-settings': { AccountLimit: { UnreservedConcurrentExecutions: 1000 } },
    DescribeOrganization: { Organization: { Id: 'o-exampleorgid', MasterAccountId: HOME_ACCOUNT } },
  };
  world.proxy.intercept(({ operation }) =>
    operation in answers
      ? { answer: { status: 200, contentType: 'application/json', body: JSON.stringify(answers[operation]) } }
      : undefined,
  );
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

/** Commands in place of those that a reader has: each notes what it was asked for. */
async function writeShims(): Promise<void> {
  const aws = join(dirname(process.env['INTEGRATION_PYTHON'] ?? ''), 'aws');
  const cdk = join(PROJECT_ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const node = process.execPath;
  const scripts = {
    aws: `case "$1 $2" in
      ${TAKEN.map((one) => `"${one}"`).join('|')}) echo "ran aws $1 $2" >> "$LOG"; exec "${aws}" "$@";;
      *) echo "checked aws $1 $2" >> "$LOG"; exec "${aws}" "$@" --generate-cli-skeleton output > /dev/null;;
    esac`,
    npx: `case "$1 $2" in
      "cdk synth") echo "ran npx cdk synth" >> "$LOG"
        here=$PWD; kept="$here/synth.$(printf %s "$*" | cksum | cut -d' ' -f1)"; args=()
        # The page synthesises the same twice.
        if [ -f "$kept" ]; then exec cat "$kept"; fi
        for arg in "\${@:2}"; do args+=("\${arg/#config=options.json/config=$here/options.json}"); done
        (cd "${PROJECT_ROOT}" && "${node}" "${cdk}" "\${args[@]}" --output "$here/cdk.out" --no-notices) > "$kept"
        cat "$kept";;
      "--no-install unused-access-refiner") echo "ran $3" >> "$LOG"; exec "${node}" "${join(CLI, 'cli.mjs')}" "\${@:3}";;
      *) echo "deployed npx $*" >> "$LOG";;
    esac`,
    npm: 'echo "passed npm $*" >> "$LOG"',
    git: 'echo "passed git $*" >> "$LOG"',
  };
  for (const [name, body] of Object.entries(scripts)) {
    const file = join(folder, name);
    await writeFile(file, `#!/usr/bin/env bash\nset -eu\n${body}\n`);
    await chmod(file, 0o755);
  }
}

/** What a reader fills in. */
function filledIn(text: string): string {
  const values: readonly (readonly [RegExp, string])[] = [
    [/<account id>/g, HOME_ACCOUNT],
    [/<r-…[^>]*>/g, 'r-ab12'],
    [/<one Region[^>]*>/g, REGION],
    [/<output (\w+)>/g, '$(output $1)'],
    [/NOTICES_QUEUE_URL/g, world.queueUrl('Notices')],
  ];
  return values.reduce((filled, [placeholder, value]) => filled.replace(placeholder, value), text);
}

/** Runs a text as a shell does that stops at the first failure. @returns what the commands noted */
async function run(text: string): Promise<readonly string[]> {
  const script = filledIn(text);
  expect(script.replaceAll(/file:\/\/\S+/g, '')).not.toMatch(/<[^(\s]|…/);
  const log = join(folder, 'log');
  await writeFile(log, '');
  // Into a file, which /dev/stdout can be opened as.
  const said = await open(join(folder, 'said'), 'w+');
  const child = spawn('bash', ['-euc', script], {
    cwd: folder,
    stdio: ['ignore', said.fd, said.fd],
    env: {
      NODE_NO_WARNINGS: '1',
      PATH: [folder, process.env['PATH']].join(delimiter),
      HOME: folder,
      LOG: log,
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: HOME_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: HOME_CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL: world.proxy.endpoint,
      AWS_ENDPOINT_URL_ACCESSANALYZER: world.analyzer.endpoint,
    },
  });
  await once(child, 'close');
  await said.close();
  const words = child.exitCode === 0 ? '' : await readFile(join(folder, 'said'), 'utf8');
  expect([child.exitCode, words]).toEqual([0, '']);
  return (await readFile(log, 'utf8')).trimEnd().split('\n');
}

const of = (heading: string): string =>
  snippets
    .filter((snippet) => snippet.heading === heading)
    .map(({ body }) => body)
    .join('\n');

/** The shell function that the page defines, for what stands in sentences. */
const OUTPUT = `output() { aws cloudformation describe-stacks --stack-name UnusedAccessRefiner --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text; }\n`;

describe('docs/deployment.md', () => {
  test('shows snippets where this test looks for them, and no others', () => {
    expect([...new Set(snippets.map(({ heading }) => heading))]).toEqual([
      'One account',
      'An organisation',
      'The action catalogue',
      'Without an analyzer',
      'The first run of an organisation',
      'Updating and removing',
    ]);
  });

  test('deploys one account, and starts a sweep', async () => {
    expect(await run(of('One account'))).toEqual([
      'passed npm ci',
      'ran doctor',
      'deployed npx cdk bootstrap',
      'deployed npx cdk deploy -c email=you@example.org',
      'ran aws cloudformation describe-stacks',
      'ran aws lambda invoke',
      'deployed npx cdk deploy -c email=you@example.org -c analyzerArn=arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused',
    ]);
  });

  test('deploys to an organisation, the management account included, updates and removes', async () => {
    const iam = await iamClient(world.endpoint, HOME_ACCOUNT);
    const organisation = of('An organisation');
    expect(await run(organisation)).toEqual([
      'checked aws organizations enable-aws-service-access',
      'checked aws organizations register-delegated-administrator',
      'checked aws cloudformation activate-organizations-access',
      'checked aws organizations register-delegated-administrator',
      'ran doctor',
      'deployed npx cdk bootstrap',
      'deployed npx cdk deploy -c config=options.json',
      'ran npx cdk synth',
      'ran aws cloudformation describe-stacks',
      'ran aws cloudformation describe-stacks',
      'ran aws cloudformation describe-stacks',
      'ran aws cloudformation describe-stacks',
      'checked aws cloudformation create-stack-set',
      'checked aws cloudformation create-stack-instances',
      'ran aws cloudformation deploy',
    ]);
    const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: MEMBER_ROLE }));
    const trust = decodeURIComponent(role?.AssumeRolePolicyDocument ?? '');
    expect(trust).toContain(output(world.deployment, 'WorkerRoleArn'));
    expect(trust).toContain(output(world.deployment, 'AccountWorkerRoleArn'));
    expect(trust).toContain('an-external-id-of-the-page');
    expect(trust).toContain('o-exampleorgid');

    const variables = `units=r-ab12\nregion=${REGION}\n`;
    expect(await run(variables + of('Updating and removing'))).toEqual([
      'passed git pull',
      'passed npm ci',
      'deployed npx cdk deploy -c config=options.json',
      'ran npx cdk synth',
      'checked aws cloudformation update-stack-set',
      'checked aws cloudformation delete-stack-instances',
      'checked aws cloudformation list-stack-instances',
      'checked aws cloudformation delete-stack-set',
      'ran aws cloudformation delete-stack',
      'deployed npx cdk destroy -c config=options.json',
    ]);
    await expect(iam.send(new GetRoleCommand({ RoleName: MEMBER_ROLE }))).rejects.toThrow();
  });

  test('deploys without an analyzer', async () => {
    expect(await run(of('Without an analyzer'))).toEqual([
      'deployed npx cdk deploy -c email=you@example.org -c findingSource=last-accessed',
    ]);
  });

  test('requests a catalogue and an overview', async () => {
    expect(await run(of('The action catalogue') + of('The first run of an organisation'))).toEqual([
      'ran aws cloudformation describe-stacks',
      'ran aws lambda invoke',
      'checked aws sqs send-message',
    ]);
  });

  test('names only existing commands in its text', async () => {
    const aws = inline.filter((command) => command.startsWith('aws '));
    expect(aws.length).toBeGreaterThan(0);
    const noted = await run(OUTPUT + aws.join('\n'));
    expect(noted).toContain('checked aws s3api delete-bucket-policy');
    expect(inline.filter((command) => !command.startsWith('aws '))).toEqual([
      'npx cdk synth -c config=options.json',
      'npx cdk deploy -c @aws-cdk/core:bootstrapQualifier=<qualifier> -c config=options.json',
    ]);
  });

  test('uses only options that the stack has', () => {
    const given = [...snippets.map(({ body }) => body), ...inline]
      .join('\n')
      .matchAll(/npx cdk \w+((?: -c [^\s`]+)+)/g);
    const all = [...given].map(([, flags = '']) =>
      Object.fromEntries(
        [...flags.matchAll(/-c ([^=\s]+)=(\S+)/g)].flatMap(([, name = '', value]) =>
          name === 'config' || name.includes(':') ? [] : [[name, value]],
        ),
      ),
    );
    expect(all.length).toBeGreaterThan(5);
    for (const options of all) expect(() => parseConfig(options)).not.toThrow();
  });
});
