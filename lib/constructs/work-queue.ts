import { acknowledge } from './allow.ts';
import type { Encryption } from './encryption.ts';
import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface WorkQueueProps {
  readonly encryption: Encryption;
  /** How long a message stays invisible while a function handles it. */
  readonly visibilityTimeout: Duration;
  /** After how many attempts a message goes to the dead-letter queue. @default 5 */
  readonly attempts?: number;
}

/** A queue with a dead-letter queue of the same kind: encrypted, TLS only, messages kept for fourteen days. */
export class WorkQueue extends Construct {
  readonly queue: sqs.Queue;
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', props.encryption);
    this.queue = new sqs.Queue(this, 'Queue', {
      ...props.encryption.queue(),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      visibilityTimeout: props.visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.attempts ?? 5 },
    });
  }
}

/**
 * Creates a queue for messages that failed or could not be delivered: encrypted, TLS only, messages kept for fourteen
 * days.
 */
export function deadLetterQueue(scope: Construct, id: string, encryption: Encryption): sqs.Queue {
  const queue = new sqs.Queue(scope, id, {
    ...encryption.queue(),
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  for (const rule of ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy']) {
    acknowledge(queue, rule, 'It holds dead letters itself; an alarm and an article of the runbook follow.');
  }
  return queue;
}

/** Lets one source of one service send to a queue, and no other source of that service. */
function allowService(queue: sqs.Queue, sid: string, service: string, sourceArn: string): void {
  queue.addToResourcePolicy(
    new iam.PolicyStatement({
      sid,
      principals: [new iam.ServicePrincipal(service)],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': sourceArn } },
    }),
  );
}

export interface RuleToQueueProps {
  readonly description: string;
  readonly eventPattern: events.EventPattern;
  readonly target: WorkQueue;
}

/**
 * An EventBridge rule that sends whole events to a queue. Undeliverable events go to its dead-letter queue. The
 * library's own target would add conditions to the key's policy that EventBridge's requests do not meet.
 */
export class RuleToQueue extends Construct {
  readonly rule: events.Rule;

  constructor(scope: Construct, id: string, props: RuleToQueueProps) {
    super(scope, id);
    const { queue, deadLetters } = props.target;
    this.rule = new events.Rule(this, 'Rule', {
      description: props.description,
      eventPattern: props.eventPattern,
    });
    this.rule.addTarget({
      bind: () => ({
        arn: queue.queueArn,
        deadLetterConfig: { arn: deadLetters.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: Duration.hours(24).toSeconds(), maximumRetryAttempts: 185 },
      }),
    });
    allowService(queue, `${id}Events`, 'events.amazonaws.com', this.rule.ruleArn);
    allowService(deadLetters, `${id}Undelivered`, 'events.amazonaws.com', this.rule.ruleArn);
  }
}
