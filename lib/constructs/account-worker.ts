import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';

import { ENV } from '../../lambda/contract/environment.ts';
import { FUNCTION } from '../../lambda/contract/functions.ts';
import { ACCOUNT_CALLS } from '../../lambda/contract/iam-calls.ts';
import { allow } from './allow.ts';
import { bulkReadStatement, grantRefine } from './refine-permissions.ts';
import { HandlerFunction } from './handler-function.ts';
import { WorkQueue } from './work-queue.ts';
import { callsOfOneCopy, type Worker, type WorkerProps } from './worker.ts';

export interface AccountWorkerProps extends WorkerProps {
  /**
   * The worker for single findings, whose environment this function shares, because both refine with the same
   * settings.
   */
  readonly worker: Worker;
}

/** Lambda's longest timeout. The rest of an account goes through its own queue to the next slice. */
const ACCOUNT_TIMEOUT = Duration.minutes(15);
/**
 * MiB. One full vCPU, which refining uses, and enough memory for an account of several thousand principals.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
const ACCOUNT_MEMORY = 1769;

/**
 * The function that turns all findings of one account into proposals and reads the account once. It cannot change IAM.
 */
export class AccountWorker extends Construct {
  readonly handler: HandlerFunction;
  readonly accounts: WorkQueue;

  constructor(scope: Construct, id: string, props: AccountWorkerProps) {
    super(scope, id);
    const { config, platform, encryption, intake, store, worker } = props;
    this.accounts = new WorkQueue(this, 'Accounts', {
      encryption,
      visibilityTimeout: Duration.seconds(ACCOUNT_TIMEOUT.toSeconds() * 6),
    });
    this.handler = new HandlerFunction(this, 'Refine', {
      name: FUNCTION.account,
      description: 'Reads an account as a whole, stores proposals for all of its findings',
      timeout: ACCOUNT_TIMEOUT,
      memorySize: ACCOUNT_MEMORY,
      platform,
      encryption,
      // A large account takes several slices, and a throttled one is deferred, up to 288 times
      // (`lambda/use-cases/account/refine-account-job.ts`).
      requeues: true,
      isTrusted: true,
      environment: {
        ...worker.handler.environment,
        [ENV.findingsQueueUrl]: intake.findings.queue.queueUrl,
        [ENV.accountJobsQueueUrl]: this.accounts.queue.queueUrl,
        [ENV.accountCallsPerSecond]: String(callsOfOneCopy(config).account),
      },
    });
    const { role } = this.handler;
    grantRefine(role, props);
    role.addToPolicy(bulkReadStatement());
    allow(role, 'SendFindings', ACCOUNT_CALLS.findingsQueue, intake.findings.queue.queueArn);
    allow(role, 'GoOnLater', ACCOUNT_CALLS.jobsQueue, this.accounts.queue.queueArn);
    store.grantSweepRecords(role, ACCOUNT_CALLS);
    store.grantWriteShared(role, ACCOUNT_CALLS);
    encryption.grant(role, 'sqs', 'write');
    // One account for each invocation, so that a slow one delays no other; the concurrency is that of single findings.
    this.handler.consume(this.accounts.queue, { batchSize: 1, maxConcurrency: config.concurrency });
  }
}
