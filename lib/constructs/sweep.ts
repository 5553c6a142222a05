import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

import { ENV } from '../../lambda/contract/environment.ts';
import { FUNCTION } from '../../lambda/contract/functions.ts';
import { SWEEP_CALLS } from '../../lambda/contract/iam-calls.ts';
import { acknowledge } from './acknowledge.ts';
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
  /** Receives the accounts that are read as a whole. */
  readonly accounts: WorkQueue;
}

/** How long one slice of a sweep may take. The sweep queue hands the rest to the next slice. */
const SWEEP_TIMEOUT = Duration.minutes(5);

/**
 * Reads all active findings regularly, because Access Analyzer's events are best effort. The schedule invokes the
 * function. A sweep that runs out of time sends its place to the sweep queue, which invokes the function again.
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
        [ENV.analyzerArn]: intake.analyzerArn,
        [ENV.analyzerCallsPerSecond]: String(config.analyzerCallsPerSecond),
        [ENV.bucketName]: props.store.bucket.bucketName,
        [ENV.findingsQueueUrl]: intake.findings.queue.queueUrl,
        [ENV.sweepQueueUrl]: this.rest.queue.queueUrl,
        [ENV.accountJobsQueueUrl]: props.accounts.queue.queueUrl,
        [ENV.bulkThreshold]: String(config.bulkThreshold),
      },
    });
    const { role } = this.handler;
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ListFindings',
        actions: [...SWEEP_CALLS.analyzer],
        resources: [intake.analyzerArn],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'SendFindings',
        actions: [...SWEEP_CALLS.findingsQueue],
        resources: [intake.findings.queue.queueArn],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'SendAccounts',
        actions: [...SWEEP_CALLS.jobsQueue],
        resources: [props.accounts.queue.queueArn],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'SendRest',
        actions: [...SWEEP_CALLS.sweepQueue],
        resources: [this.rest.queue.queueArn],
      }),
    );
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
      input: JSON.stringify({ analyzerArn: intake.analyzerArn }),
      deadLetters: this.rest.deadLetters,
      encryption,
    });
  }
}
