import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import type { RefinerConfig } from '../../lib/config/config.ts';
import { DOCTOR_CALLS } from '../../lambda/contract/iam-calls.ts';
import {
  examineTarget,
  type TargetExamination,
  type ObservationLevel,
  type PlannedDeployment,
} from '../../lambda/use-cases/doctor/examine-target.ts';
import { shellQuote } from '../../lambda/report/text/shell.ts';
import { printJson, printable } from '../output/terminal.ts';

interface DoctorOptions {
  readonly context: Readonly<Record<string, string>>;
  readonly profile?: string;
  readonly region?: string;
  readonly json?: boolean;
  readonly printPolicy?: boolean;
}

/**
 * The `doctor` command: examines an account before a deployment. Exit status: 0 ready to deploy; 1 something is wrong
 * or unknown; 2 wrong usage.
 */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look at an account before the deployment, with your own credentials; it changes nothing')
    .addOption(
      new Option('-c, --context <name=value...>', 'options of the deployment, as for cdk deploy')
        .argParser(addContext)
        .default({}, 'none'),
    )
    .option('--profile <name>', 'the profile of ~/.aws/config to use')
    .option('--region <region>', 'the Region of the deployment')
    .option('--json', 'as JSON')
    .option('--print-policy', 'print the IAM policy that this needs, and do nothing')
    .action(doctor);
}

function addContext(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('expected name=value, such as email=you@example.org');
  return { ...before, [name]: value };
}

const QUALIFIER = '@aws-cdk/core:bootstrapQualifier';
const WORDS: Readonly<Record<ObservationLevel, string>> = {
  good: 'good',
  note: 'note',
  wrong: 'WRONG',
  unknown: 'UNKNOWN',
};

async function doctor({ context, profile, region, json, printPolicy }: DoctorOptions): Promise<void> {
  if (printPolicy === true) {
    const Action = Object.values(DOCTOR_CALLS).filter((action) => action !== 'sts:GetCallerIdentity');
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
    process.stdout.write(`${JSON.stringify(policy, null, 2)}\n`);
    return;
  }
  const config = await configOf(context);
  // Only commands that need the AWS SDK load it: that takes longer than refining a role.
  const { AwsDeploymentTarget } = await import('../../lambda/adapters/aws/doctor/deployment-target.ts');
  const target = new AwsDeploymentTarget({ profile, region });
  const caller = await target.caller();
  const examination = await examineTarget(plannedDeployment(config, context, caller), target);
  const { observations } = examination;
  const commands = commandsOf(examination, context, { ...caller, profile, given: region });
  const isReady = observations.every(({ level }) => level === 'good' || level === 'note');
  if (json === true) {
    printJson('doctor', { ...caller, observations, commands });
  } else {
    const lines = [
      `account ${caller.accountId}, Region ${caller.region}, as ${caller.arn}`,
      '',
      ...observations.map(
        ({ level, about, says }) => `${WORDS[level].padEnd(7)}  ${about.padEnd(12)}  ${says}`,
      ),
      '',
      isReady ? 'Deploy with:' : 'Then deploy with:',
      '',
      ...commands.map((command) => `  ${command}`),
    ];
    process.stdout.write(`${lines.map(printable).join('\n')}\n`);
  }
  if (!isReady) process.exitCode = 1;
}

/** The configuration of the stack with these options. */
async function configOf(context: Readonly<Record<string, string>>): Promise<RefinerConfig> {
  const { ConfigError } = await import('../../lib/config/config.ts');
  const { readConfig } = await import('../../lib/config/read-config.ts');
  try {
    return readConfig({ getAllContext: () => context });
  } catch (error) {
    if (error instanceof ConfigError) throw new InputError(error.message.replaceAll('\n', '; '));
    throw error;
  }
}

function plannedDeployment(
  config: RefinerConfig,
  context: Readonly<Record<string, string>>,
  { accountId, region, partition }: Pick<PlannedDeployment, 'accountId' | 'region' | 'partition'>,
): PlannedDeployment {
  return {
    accountId,
    region,
    partition,
    analyzer: config.analyzer,
    hasMemberRole: config.member !== undefined,
    organizationId: config.member?.organizationId,
    concurrency: config.concurrency,
    managedPoliciesPerRole: config.managedPoliciesPerRole,
    managedPoliciesPerUser: config.managedPoliciesPerUser,
    permissionsBoundary: config.permissionsBoundary,
    qualifier: context[QUALIFIER] ?? 'hnb659fds',
  };
}

/** The commands to type, with the given options and those that the target needs. */
function commandsOf(
  { options, needsBootstrap }: TargetExamination,
  context: Readonly<Record<string, string>>,
  { accountId, region, profile, given }: { readonly accountId: string; readonly region: string; readonly profile: string | undefined; readonly given: string | undefined }, // prettier-ignore
): readonly string[] {
  const hasNoRecipient = context['email'] === undefined && context['config'] === undefined;
  const all = { ...(hasNoRecipient ? { email: 'you@example.org' } : {}), ...context, ...options };
  const flags = Object.entries(all).map(([name, value]) => `-c ${shellQuote(`${name}=${value}`)}`);
  const as = profile === undefined ? '' : ` --profile ${shellQuote(profile)}`;
  const where = given === undefined ? '' : `AWS_REGION=${given} `;
  const qualifier = context[QUALIFIER] === undefined ? '' : ` --qualifier ${shellQuote(context[QUALIFIER])}`;
  return [
    ...(needsBootstrap ? [`npx cdk bootstrap${as}${qualifier} aws://${accountId}/${region}`] : []),
    `${where}npx cdk deploy${as} ${flags.join(' ')}`,
  ];
}
