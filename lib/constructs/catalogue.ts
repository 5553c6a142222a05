import { Duration } from 'aws-cdk-lib';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { ENV } from '../../lambda/contract/environment.ts';
import { FUNCTION } from '../../lambda/contract/functions.ts';
import { REFRESH_CALLS } from '../../lambda/contract/iam-calls.ts';
import { acknowledge } from './allow.ts';
import type { RefinerConfig } from '../config/config.ts';
import type { Encryption } from './encryption.ts';
import { HandlerFunction } from './handler-function.ts';
import type { Platform } from './platform.ts';
import type { ProposalStore } from './proposal-store.ts';
import { startOnSchedule } from './scheduled-start.ts';
import { deadLetterQueue } from './work-queue.ts';

export interface CatalogueProps {
  readonly config: RefinerConfig;
  readonly platform: Platform;
  readonly encryption: Encryption;
  readonly store: ProposalStore;
}

/** Reading the reference takes seconds. If the server takes minutes, the function gives up in time to report it. */
const REFRESH_TIMEOUT = Duration.minutes(5);

/**
 * Keeps the action catalogue in the bucket up to date with what AWS publishes. Nothing waits for it: while it fails,
 * the worker continues with the stored catalogue.
 */
export class Catalogue extends Construct {
  readonly handler: HandlerFunction;
  /** Invocations that failed, and whose retries failed too. */
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string, props: CatalogueProps) {
    super(scope, id);
    const { config, platform, encryption, store } = props;
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', encryption);
    this.handler = new HandlerFunction(this, 'Refresh', {
      name: FUNCTION.refresh,
      description: 'Reads the Service Authorization Reference of AWS, stores an action catalogue',
      timeout: REFRESH_TIMEOUT,
      memorySize: 512,
      platform,
      encryption,
      deadLetterQueue: this.deadLetters,
      environment: { [ENV.bucketName]: store.bucket.bucketName },
    });
    store.grantWriteCatalogues(this.handler.role, REFRESH_CALLS);
    encryption.grant(this.handler.role, 'sqs', 'write');
    acknowledge(
      this.handler.function,
      'Serverless-LambdaAsyncFailureDestination',
      'It has a dead-letter queue, which an alarm watches and the schedule uses too.',
    );
    startOnSchedule(this, {
      expression: config.catalogueSchedule,
      platform,
      purpose: 'refresh-catalogue-schedule',
      description: 'brings the action catalogue up to date',
      roleDescription: 'starts refreshes of the action catalogue',
      sid: 'StartRefresh',
      function: this.handler.function,
      input: '{}',
      deadLetters: this.deadLetters,
      encryption,
    });
  }
}
