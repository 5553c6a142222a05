import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { ALARM, type AlarmName } from '../../lambda/contract/alarms.ts';
import { METRIC, type MetricName } from '../../lambda/contract/metrics.ts';
import { type AlarmSpec, createAlarm, metricOf } from './alarms.ts';
import type { AccountWorker } from './account-worker.ts';
import type { Catalogue } from './catalogue.ts';
import { operationsDashboard, type WatchedParts } from './dashboard.ts';
import type { HandlerFunction } from './handler-function.ts';

export interface OperationsProps extends WatchedParts {
  readonly alarmTopic: sns.ITopic;
  /** Hours without a completed sweep after which the alarm is raised. */
  readonly sweepAlarmHours: number;
  /** The address of the runbook in alarm descriptions; undefined for its path in the repository. */
  readonly runbookUrl: string | undefined;
}

const FIVE_MINUTES = Duration.minutes(5);
const QUEUE_IS_EMPTY = 'SQS reports nothing for a queue that has been empty and unused for six hours';
const NOT_INVOKED = 'a function that is not invoked reports nothing';
const NOTHING_WORKED_ON = 'the function reports zeros while it works, so nothing was worked on';

/** The alarms, each with an article of its name in the runbook, and the dashboard. */
export class Operations extends Construct {
  readonly alarms: readonly cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, props: OperationsProps) {
    super(scope, id);
    const { name, intake, worker, accountWorker, sweep, catalogue, notifications } = props;
    const counted = (alarm: AlarmName, metric: MetricName, reason: string): AlarmSpec => ({
      name: alarm,
      reason,
      metric: metricOf(name, metric, { period: FIVE_MINUTES, statistic: 'Sum' }),
      threshold: 1,
      noData: { means: 'fine', because: NOTHING_WORKED_ON },
    });
    const specs: readonly AlarmSpec[] = [
      deadLetters(
        ALARM.findingsDeadLetters,
        intake.findings.deadLetters,
        'Findings failed repeatedly; they have no proposal.',
      ),
      deadLetters(
        ALARM.sweepDeadLetters,
        sweep.rest.deadLetters,
        'A sweep failed repeatedly; findings whose events were lost stay unseen.',
      ),
      deadLetters(
        ALARM.noticesDeadLetters,
        notifications.notices.deadLetters,
        'Notices failed repeatedly; proposals are stored, but nobody was notified of them.',
      ),
      deadLetters(
        ALARM.undeliveredMessages,
        notifications.undelivered,
        'SNS could not deliver messages to a subscriber.',
      ),
      // A new analyzer of an organisation reports tens of thousands of findings at once, which may take hours.
      age(
        ALARM.findingsAge,
        intake.findings.queue,
        Duration.hours(6),
        'Findings wait longer than a burst explains.',
      ),
      age(ALARM.sweepAge, sweep.rest.queue, Duration.hours(1), 'The rest of a sweep is not being handled.'),
      age(
        ALARM.noticesAge,
        notifications.notices.queue,
        Duration.minutes(30),
        'Proposals are stored, but nobody is notified of them.',
      ),
      errors(
        ALARM.refineErrors,
        worker.handler,
        'An invocation of refine-finding failed as a whole, not on single findings.',
      ),
      errors(ALARM.sweepErrors, sweep.handler, 'An invocation of sweep-findings failed.'),
      errors(
        ALARM.notifyErrors,
        notifications.handler,
        'An invocation of notify-proposals failed as a whole, not on single notices.',
      ),
      counted(
        ALARM.verificationFailures,
        METRIC.verificationFailures,
        'The verifier rejected a refinement, so nothing was stored. This is a fault of the program.',
      ),
      counted(
        ALARM.documentErrors,
        METRIC.documentErrors,
        'AWS finds an error in a new document that the original does not have; that proposal is withheld.',
      ),
      counted(
        ALARM.accessDenied,
        METRIC.accessDenied,
        'AWS refused a call; the findings concerned get no proposal until somebody grants a permission.',
      ),
      counted(
        ALARM.accountsUnreachable,
        METRIC.accountsUnreachable,
        'The role in at least one account cannot be assumed; its findings have no proposals until the next sweep after that.',
      ),
      {
        name: ALARM.sweepDidNotRun,
        reason: `No sweep was completed for ${props.sweepAlarmHours} hours.`,
        metric: metricOf(name, METRIC.sweepsCompleted, { period: Duration.hours(1), statistic: 'Sum' }),
        when: 'below',
        threshold: 1,
        periods: props.sweepAlarmHours,
        noData: {
          means: 'alarm',
          because: 'a sweep that does not run reports nothing, and this alarm watches for that',
        },
      },
      ...accountAlarms(accountWorker),
      ...catalogueAlarms(name, catalogue),
      recursionStopped([worker, accountWorker, sweep, catalogue, notifications]),
      {
        name: ALARM.eventsNotDelivered,
        reason:
          'EventBridge could not put events into a queue, most likely because of the policy of the key or the queue.',
        metric: new cloudwatch.MathExpression({
          expression: intake.rule ? 'FILL(findings, 0) + FILL(proposals, 0)' : 'FILL(proposals, 0)',
          label: 'events not delivered',
          period: FIVE_MINUTES,
          usingMetrics: {
            ...(intake.rule && { findings: failedInvocations(intake.rule.rule) }),
            proposals: failedInvocations(notifications.rule.rule),
          },
        }),
        threshold: 1,
        noData: { means: 'fine', because: 'EventBridge reports failures only when there are some' },
      },
    ];
    this.alarms = specs.map((spec) => {
      const alarm = createAlarm(this, constructId(spec.name), spec, { name, runbook: props.runbookUrl });
      alarm.addAlarmAction(new SnsAction(props.alarmTopic));
      // Notify the same people when the alarm is over.
      alarm.addOkAction(new SnsAction(props.alarmTopic));
      return alarm;
    });
    operationsDashboard(this, 'Dashboard', { ...props, alarms: this.alarms });
  }
}

function accountAlarms({ accounts, handler }: AccountWorker): readonly AlarmSpec[] {
  return [
    deadLetters(
      ALARM.accountsDeadLetters,
      accounts.deadLetters,
      'Accounts could not be read as a whole; their findings have no proposals until the next sweep.',
    ),
    // All large accounts of an organisation arrive at once, and each may take several slices of 15 minutes.
    age(
      ALARM.accountsAge,
      accounts.queue,
      Duration.hours(12),
      'Accounts wait longer than a sweep of an organisation explains.',
    ),
    errors(
      ALARM.accountErrors,
      handler,
      'An invocation of refine-account failed as a whole, not on single findings.',
    ),
  ];
}

function catalogueAlarms(name: string, catalogue: Catalogue): readonly AlarmSpec[] {
  return [
    deadLetters(
      ALARM.catalogueDeadLetters,
      catalogue.deadLetters,
      'A refresh of the action catalogue failed repeatedly, or could not be started.',
    ),
    errors(ALARM.refreshErrors, catalogue.handler, 'An invocation of refresh-catalogue failed.'),
    {
      name: ALARM.catalogueLosses,
      reason:
        'A service lost more than half of its actions in the reference of AWS, or disappeared; it is kept as it was.',
      metric: metricOf(name, METRIC.catalogueLosses, { period: FIVE_MINUTES, statistic: 'Sum' }),
      threshold: 1,
      noData: { means: 'fine', because: 'the function reports zeros when it runs, so it did not run' },
    },
    {
      // The age of the catalogue shows that refreshes have stopped, because no alarm can cover two of their intervals:
      // CloudWatch evaluates seven days at most. Source:
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
      name: ALARM.catalogueOld,
      reason: 'The worker uses an action catalogue that has not changed for more than 30 days.',
      metric: metricOf(name, METRIC.cataloguesOld, { period: Duration.days(1), statistic: 'Sum' }),
      threshold: 1,
      noData: { means: 'fine', because: NOTHING_WORKED_ON },
    },
  ];
}

/** `unused-access-refiner-findings-age` → `findings-age`: logical names need not repeat the project's name. */
function constructId(name: AlarmName): string {
  return name.slice('unused-access-refiner-'.length);
}

function deadLetters(name: AlarmName, queue: sqs.IQueue, reason: string): AlarmSpec {
  return {
    name,
    reason,
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: 'Maximum' }),
    threshold: 1,
    noData: { means: 'fine', because: QUEUE_IS_EMPTY },
  };
}

function age(name: AlarmName, queue: sqs.IQueue, limit: Duration, reason: string): AlarmSpec {
  return {
    name,
    reason,
    metric: queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: 'Maximum' }),
    threshold: limit.toSeconds(),
    noData: { means: 'fine', because: QUEUE_IS_EMPTY },
  };
}

function errors(name: AlarmName, handler: HandlerFunction, reason: string): AlarmSpec {
  return {
    name,
    reason,
    metric: handler.function.metricErrors({ period: FIVE_MINUTES, statistic: 'Sum' }),
    threshold: 1,
    noData: { means: 'fine', because: NOT_INVOKED },
  };
}

/**
 * Lambda stops invocations that it considers an endless loop, and reports that only in this metric.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
function recursionStopped(all: readonly { readonly handler: HandlerFunction }[]): AlarmSpec {
  const dropped = Object.fromEntries(
    all.map(({ handler }, index) => [
      `f${index}`,
      handler.function.metric('RecursiveInvocationsDropped', { period: FIVE_MINUTES, statistic: 'Sum' }),
    ]),
  );
  return {
    name: ALARM.recursionStopped,
    reason:
      'Lambda stopped a function that invoked itself through its queue; the messages become dead letters.',
    metric: new cloudwatch.MathExpression({
      expression: Object.keys(dropped)
        .map((id) => `FILL(${id}, 0)`)
        .join(' + '),
      label: 'invocations dropped as recursive',
      period: FIVE_MINUTES,
      usingMetrics: dropped,
    }),
    threshold: 1,
    noData: { means: 'fine', because: 'Lambda reports dropped invocations only when there are some' },
  };
}

/** Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html */
function failedInvocations(rule: events.IRule): cloudwatch.IMetric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Events',
    metricName: 'FailedInvocations',
    dimensionsMap: { RuleName: rule.ruleName },
    period: FIVE_MINUTES,
    statistic: 'Sum',
  });
}
