import { Aws, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';

import { ENV } from '../../lambda/contract/environment.ts';
import { FUNCTION } from '../../lambda/contract/functions.ts';
import { ACCOUNT_LIST_CALLS, SWEEP_CALLS } from '../../lambda/contract/iam-calls.ts';
import { acknowledge, allow } from './allow.ts';
import type { RefinerConfig } from '../config/config.ts';
import type { Encryption } from './encryption.ts';
import type { FindingIntake } from './finding-intake.ts';
import type { ProposalStore } from './proposal-store.ts';
import { HandlerFunction } from './handler-function.ts';
import type { Platform } from './platform.ts';
import { startOnSchedule } from './scheduled-start.ts';
import { WorkQueue } from './work-queue.ts';

export interface SweepProps {
  readonly config: RefinerConfig;
  readonly platform: Platform;
  readonly encryption: Encryption;
  readonly intake: FindingIntake;
  readonly store: ProposalStore;
  /** The queue for accounts that are read as a whole. */
  readonly accounts: WorkQueue;
}

/** How long one slice of a sweep may take. The rest is queued for the next slice. */
const SWEEP_TIMEOUT = Duration.minutes(5);

/**
 * Reads all active findings regularly, because Access Analyzer's events are best effort. The schedule invokes the
 * function. A sweep that runs out of time sends its position to the sweep queue, which invokes the function again.
 */
export class Sweep extends Construct {
  readonly handler: HandlerFunction;
  readonly rest: WorkQueue;

  constructor(scope: Construct, id: string, props: SweepProps) {
    super(scope, id);
    const { config, platform, encryption, intake } = props;
    this.rest = new WorkQueue(this, 'Rest', {
      encryption,
      visibilityTimeout: Duration.seconds(SWEEP_TIMEOUT.toSeconds() * 6),
    });
    this.handler = new HandlerFunction(this, 'Function', {
      name: FUNCTION.sweep,
      description: 'Puts every active finding of the analyzer into the findings queue',
      timeout: SWEEP_TIMEOUT,
      memorySize: 512,
      platform,
      encryption,
      deadLetterQueue: this.rest.deadLetters,
      // Each slice makes some progress and leaves the rest to the next.
      requeues: true,
      environment: {
        ...(intake.analyzerArn === undefined
          ? {
              [ENV.findingSource]: 'last-accessed',
              [ENV.homeAccountId]: Aws.ACCOUNT_ID,
              ...(config.member === undefined ? {} : { [ENV.memberRoleName]: config.member.pathAndName }),
            }
          : {
              [ENV.analyzerArn]: intake.analyzerArn,
              [ENV.analyzerCallsPerSecond]: String(config.analyzerCallsPerSecond),
              [ENV.findingsQueueUrl]: intake.findings.queue.queueUrl,
              [ENV.bulkThreshold]: String(config.bulkThreshold),
            }),
        [ENV.bucketName]: props.store.bucket.bucketName,
        [ENV.sweepQueueUrl]: this.rest.queue.queueUrl,
        [ENV.accountJobsQueueUrl]: props.accounts.queue.queueUrl,
      },
    });
    const { role } = this.handler;
    if (intake.analyzerArn !== undefined) {
      allow(role, 'ListFindings', SWEEP_CALLS.analyzer, intake.analyzerArn);
      allow(role, 'SendFindings', SWEEP_CALLS.findingsQueue, intake.findings.queue.queueArn);
    } else if (config.member !== undefined) {
      allow(role, 'ListAccounts', ACCOUNT_LIST_CALLS.organization, '*');
      acknowledge(
        role,
        'AwsSolutions-IAM5[Resource::*]',
        'ListAccounts is of no resource; the action only says which accounts the organisation has.',
      );
    }
    allow(role, 'SendAccounts', SWEEP_CALLS.jobsQueue, props.accounts.queue.queueArn);
    allow(role, 'SendRest', SWEEP_CALLS.sweepQueue, this.rest.queue.queueArn);
    props.store.grantSweep(role, SWEEP_CALLS);
    encryption.grant(role, 'sqs', 'write');
    this.handler.consume(this.rest.queue, { batchSize: 1, maxConcurrency: 2 });
    acknowledge(
      this.handler.function,
      'Serverless-LambdaAsyncFailureDestination',
      'It has a dead-letter queue, the same one that its queue uses and the alarm watches.',
    );
    startOnSchedule(this, {
      expression: config.sweepSchedule,
      platform,
      purpose: 'sweep-findings-schedule',
      description: 'reads all active findings',
      roleDescription: 'starts sweeps',
      sid: 'StartSweep',
      function: this.handler.function,
      // The function does not need it; it is for people who read the schedule.
      input: JSON.stringify({ analyzerArn: intake.analyzerArn ?? null }),
      deadLetters: this.rest.deadLetters,
      encryption,
    });
  }
}
