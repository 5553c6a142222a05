import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';

import { allowService, type WorkQueue } from './work-queue.ts';

export interface RuleToQueueProps {
  readonly description: string;
  readonly eventPattern: events.EventPattern;
  readonly target: WorkQueue;
}

/**
 * An EventBridge rule that puts whole events into a queue, and what cannot be put there into its dead letters. The
 * library's own target would add conditions to the key's policy that EventBridge's requests do not carry.
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
