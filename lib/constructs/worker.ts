import { Aws, Duration, Tokenization } from 'aws-cdk-lib';
import { Construct } from 'constructs';

import { ENV } from '../../lambda/contract/environment.ts';
import { FUNCTION } from '../../lambda/contract/functions.ts';
import { REFINE_CALLS } from '../../lambda/contract/iam-calls.ts';
import { allow } from './allow.ts';
import type { RefinerConfig } from '../config/config.ts';
import { grantRefine } from './refine-permissions.ts';
import type { Encryption } from './encryption.ts';
import type { FindingIntake } from './finding-intake.ts';
import { HandlerFunction } from './handler-function.ts';
import type { Platform } from './platform.ts';
import type { ProposalStore } from './proposal-store.ts';

export interface WorkerProps {
  readonly config: RefinerConfig;
  readonly platform: Platform;
  readonly encryption: Encryption;
  readonly intake: FindingIntake;
  readonly store: ProposalStore;
}

/** How long one batch of findings may take. Most of it is waiting for IAM's throttling, not refining. */
export const WORKER_TIMEOUT = Duration.minutes(5);

/**
 * The shares of IAM calls a second in one account, rounded to hundredths: of one worker, and of the job that may read
 * the account as a whole at the same time. Processes do not coordinate, so each keeps to its share. If the job
 * requests reports of last use, it has half, because the workers then handle only what failed in it.
 */
export function callsOfOneCopy({ accountCallsPerSecond, concurrency, analyzer }: RefinerConfig): {
  readonly worker: number;
  readonly account: number;
} {
  const share = (calls: number): number => Math.floor(calls * 100) / 100;
  if (analyzer.kind === 'none') {
    const half = accountCallsPerSecond / 2;
    return { worker: share(half / concurrency), account: share(half) };
  }
  const one = share(accountCallsPerSecond / (concurrency + 1));
  return { worker: one, account: one };
}

/** The environment variables for the source of findings. */
function sourceOf({ analyzer }: RefinerConfig, analyzerArn: string | undefined): Record<string, string> {
  if (analyzerArn !== undefined) return { [ENV.analyzerArn]: analyzerArn };
  if (analyzer.kind !== 'none') throw new Error('there is no analyzer to read findings of');
  // A number token must be turned into a string token.
  const unusedDays = Tokenization.stringifyNumber(analyzer.unusedDays);
  return { [ENV.findingSource]: 'last-accessed', [ENV.unusedDays]: unusedDays };
}

/** Only configured quotas, so that IAM's defaults are defined in one place. */
function managedPolicies(config: RefinerConfig): Readonly<Record<string, string>> {
  const { managedPoliciesPerRole: role, managedPoliciesPerUser: user } = config;
  // JSON omits what is undefined.
  return role === undefined && user === undefined
    ? {}
    : { [ENV.managedPolicies]: JSON.stringify({ role, user }) };
}

/**
 * The function that turns findings into proposals. It reads IAM, in this account or through a member account's role,
 * and cannot change it.
 */
export class Worker extends Construct {
  readonly handler: HandlerFunction;

  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id);
    const { config, platform, encryption, intake, store } = props;
    this.handler = new HandlerFunction(this, 'Refine', {
      name: FUNCTION.refine,
      description: 'Reads a finding and what its principal is granted, stores a proposal',
      timeout: WORKER_TIMEOUT,
      memorySize: 1024,
      platform,
      encryption,
      // Findings of a throttled account are deferred, up to 96 times (`lambda/runtime/defer.ts`).
      requeues: true,
      isTrusted: true,
      environment: {
        ...sourceOf(config, intake.analyzerArn),
        [ENV.homeAccountId]: Aws.ACCOUNT_ID,
        [ENV.partition]: Aws.PARTITION,
        [ENV.bucketName]: store.bucket.bucketName,
        [ENV.generalize]: config.generalize,
        ...(config.star === 'list' ? {} : { [ENV.star]: config.star }),
        [ENV.keep]: JSON.stringify(config.keep),
        [ENV.exclude]: JSON.stringify(config.exclude),
        [ENV.findingsQueueUrl]: intake.findings.queue.queueUrl,
        [ENV.accountCallsPerSecond]: String(callsOfOneCopy(config).worker),
        [ENV.analyzerCallsPerSecond]: String(config.analyzerCallsPerSecond),
        ...managedPolicies(config),
        ...(Object.keys(config.accountNames).length === 0
          ? {}
          : { [ENV.accountNames]: JSON.stringify(config.accountNames) }),
        ...(config.ownerTag === undefined ? {} : { [ENV.ownerTag]: config.ownerTag }),
        ...(config.lastAccessed ? { [ENV.lastAccessed]: 'yes' } : {}),
        ...(config.secondOpinions.length === 0
          ? {}
          : { [ENV.secondOpinions]: JSON.stringify(config.secondOpinions) }),
        ...(config.member === undefined
          ? {}
          : {
              [ENV.memberRoleName]: config.member.pathAndName,
              [ENV.memberExternalId]: config.member.externalId,
            }),
      },
    });
    const { role } = this.handler;
    grantRefine(role, props);
    allow(role, 'DeferFindings', REFINE_CALLS.findingsQueue, intake.findings.queue.queueArn);
    encryption.grant(role, 'sqs', 'write');
    this.handler.consume(intake.findings.queue, { batchSize: 10, maxConcurrency: config.concurrency });
  }
}
