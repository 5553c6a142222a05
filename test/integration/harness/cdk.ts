import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HOME_ACCOUNT, HOME_CREDENTIALS, REGION } from './accounts.ts';

export const PROJECT_ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** The cloud assembly that the tests deploy. Parts of them may run side by side, each with its own. */
export const ASSEMBLY = join(
  PROJECT_ROOT,
  'build',
  'integration',
  process.env['INTEGRATION_PART'] ?? 'all',
  'cdk.out',
);
const CDK = join(PROJECT_ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');

/**
 * `cdk bootstrap` and `cdk deploy` of the real app against an emulator. Options are those of the app, given as CDK context.
 * @param assembly folder for the cloud assembly; not the checkout's own cdk.out
 * @throws Error with what the CDK printed when either command fails
 */
export async function deployApp(
  endpoint: string,
  stacks: readonly string[],
  options: Readonly<Record<string, string>>,
  assembly: string,
): Promise<void> {
  await rm(assembly, { recursive: true, force: true });
  const context = Object.entries(options).flatMap(([name, value]) => ['--context', `${name}=${value}`]);
  const elsewhere = dirname(assembly);
  await mkdir(elsewhere, { recursive: true });
  // In a folder without cdk.json: bootstrapping needs no app, and synthesising twice would double the time.
  await cdk(endpoint, elsewhere, ['bootstrap', `aws://${HOME_ACCOUNT}/${REGION}`]);
  const flags = [
    '--output',
    assembly,
    '--outputs-file',
    join(elsewhere, 'outputs.json'),
    '--require-approval',
    'never',
    '--method',
    'direct',
  ];
  await cdk(endpoint, PROJECT_ROOT, ['deploy', ...stacks, ...context, ...flags]);
}

/** One command of the CDK, in a folder. @throws Error with what it printed when it fails */
export async function cdk(endpoint: string, cwd: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [CDK, ...args, '--no-notices', '--ci', '--progress', 'events'], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutAws(process.env),
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: HOME_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: HOME_CREDENTIALS.secretAccessKey,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_EC2_METADATA_DISABLED: 'true',
      // No profile of the machine may take part.
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    },
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  await once(child, 'close');
  if (child.exitCode !== 0) {
    throw new Error(`cdk ${args.join(' ')} ended with ${String(child.exitCode)}:\n${output.join('')}`);
  }
}

function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));
}
