import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

import { allow } from './allow.ts';
import type { Encryption } from './encryption.ts';
import { createRole, type Platform } from './platform.ts';

interface ScheduleProps {
  readonly platform: Platform;
  /** The rest of its role's name, if role names have a prefix. */
  readonly purpose: string;
  /** `rate(…)` or `cron(…)`, in UTC. */
  readonly expression: string;
  /** Its purpose; follows the name of the project. */
  readonly description: string;
  /** What the role does; follows the name of the project. */
  readonly roleDescription: string;
  /** Sid of the statement that lets the role invoke the target. */
  readonly sid: string;
  /** The JSON that the target receives. */
  readonly input: string;
  /** The dead-letter queue for failed invocations. */
  readonly deadLetters: sqs.IQueue;
  readonly encryption: Encryption;
}

export interface ScheduledStartProps extends ScheduleProps {
  readonly function: lambda.IFunction;
}

export interface ScheduledMessageProps extends ScheduleProps {
  readonly queue: sqs.IQueue;
}

/** Creates a schedule with its own role, which may invoke one function and send to the dead-letter queue. */
export function startOnSchedule(scope: Construct, props: ScheduledStartProps): scheduler.CfnSchedule {
  return schedule(scope, props, { action: 'lambda:InvokeFunction', arn: props.function.functionArn });
}

/** Creates a schedule with its own role, which may send to one queue and to the dead-letter queue. */
export function sendOnSchedule(scope: Construct, props: ScheduledMessageProps): scheduler.CfnSchedule {
  return schedule(scope, props, { action: 'sqs:SendMessage', arn: props.queue.queueArn });
}

function schedule(
  scope: Construct,
  props: ScheduleProps,
  target: { readonly action: string; readonly arn: string },
): scheduler.CfnSchedule {
  const role = createRole(scope, 'ScheduleRole', {
    platform: props.platform,
    purpose: props.purpose,
    // Schedules of other accounts cannot use the role.
    assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
    description: props.roleDescription,
  });
  allow(role, props.sid, [target.action], target.arn);
  allow(role, 'KeepWhatFailed', ['sqs:SendMessage'], props.deadLetters.queueArn);
  props.encryption.grant(role, 'sqs', 'write');
  const made = new scheduler.CfnSchedule(scope, 'Schedule', {
    description: `unused-access-refiner: ${props.description}`,
    scheduleExpression: props.expression,
    scheduleExpressionTimezone: 'UTC',
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: target.arn,
      roleArn: role.roleArn,
      input: props.input,
      deadLetterConfig: { arn: props.deadLetters.queueArn },
      retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
    },
  });
  // A schedule may run immediately, so its permissions must exist first.
  made.node.addDependency(role);
  return made;
}
