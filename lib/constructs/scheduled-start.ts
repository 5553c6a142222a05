import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

import type { Encryption } from './encryption.ts';

export interface ScheduledStartProps {
  /** `rate(…)` or `cron(…)`, in UTC. */
  readonly expression: string;
  /** What it is for, behind the name of the project. */
  readonly description: string;
  /** What the role does, behind the name of the project. */
  readonly roleDescription: string;
  /** Identifier of the statement that lets the role invoke the function. */
  readonly sid: string;
  readonly function: lambda.IFunction;
  /** What the function is given, as JSON. */
  readonly input: string;
  /** Starts that failed. */
  readonly deadLetters: sqs.IQueue;
  readonly encryption: Encryption;
}

/** A schedule with a role of its own, which may invoke one function and fill its dead letters. */
export function startOnSchedule(scope: Construct, props: ScheduledStartProps): scheduler.CfnSchedule {
  const role = new iam.Role(scope, 'ScheduleRole', {
    assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com'),
    description: `unused-access-refiner: ${props.roleDescription}`,
  });
  role.addToPolicy(
    new iam.PolicyStatement({
      sid: props.sid,
      actions: ['lambda:InvokeFunction'],
      resources: [props.function.functionArn],
    }),
  );
  role.addToPolicy(
    new iam.PolicyStatement({
      sid: 'KeepWhatFailed',
      actions: ['sqs:SendMessage'],
      resources: [props.deadLetters.queueArn],
    }),
  );
  props.encryption.grant(role, 'sqs', 'write');
  const schedule = new scheduler.CfnSchedule(scope, 'Schedule', {
    description: `unused-access-refiner: ${props.description}`,
    scheduleExpression: props.expression,
    scheduleExpressionTimezone: 'UTC',
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: props.function.functionArn,
      roleArn: role.roleArn,
      input: props.input,
      deadLetterConfig: { arn: props.deadLetters.queueArn },
      retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
    },
  });
  // A schedule that runs at once must find its permissions in place.
  schedule.node.addDependency(role);
  return schedule;
}
