import { Aws, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

import { METRIC, type MetricName } from '../../lambda/contract/metrics.ts';
import { metricOf } from './alarms.ts';
import type { AccountWorker } from './account-worker.ts';
import type { Catalogue } from './catalogue.ts';
import type { FindingIntake } from './finding-intake.ts';
import type { Notifications } from './notifications.ts';
import type { Sweep } from './sweep.ts';
import type { Worker } from './worker.ts';

/** The parts that alarms and dashboard watch. */
export interface WatchedParts {
  /** The prefix of their names, and the dimension of the functions' metrics. */
  readonly name: string;
  readonly intake: FindingIntake;
  readonly worker: Worker;
  readonly accountWorker: AccountWorker;
  readonly sweep: Sweep;
  readonly catalogue: Catalogue;
  readonly notifications: Notifications;
}

export interface DashboardProps extends WatchedParts {
  readonly alarms: readonly cloudwatch.Alarm[];
}

const PERIOD = Duration.minutes(15);
const WHOLE = 24;
const HALF = 12;

/** The dashboard: alarms first, then the outcomes of findings, then queues and functions. */
export function operationsDashboard(
  scope: Construct,
  id: string,
  props: DashboardProps,
): cloudwatch.Dashboard {
  const { name: service, intake, worker, accountWorker, sweep, catalogue, notifications } = props;
  const sums = (title: string, names: readonly MetricName[]) =>
    new cloudwatch.GraphWidget({
      title,
      width: HALF,
      left: names.map((name) => metricOf(service, name, { period: PERIOD, statistic: 'Sum' })),
    });
  const queues = [
    ['findings', intake.findings],
    ['accounts', accountWorker.accounts],
    ['sweep', sweep.rest],
    ['notices', notifications.notices],
  ] as const;
  const functions = [worker, accountWorker, sweep, catalogue, notifications].map(
    ({ handler }) => handler.function,
  );
  return new cloudwatch.Dashboard(scope, id, {
    dashboardName: `${service}-${Aws.REGION}`,
    defaultInterval: Duration.days(7),
    widgets: [
      [
        new cloudwatch.AlarmStatusWidget({
          title: 'Alarms (docs/runbook.md has an article for each)',
          alarms: [...props.alarms],
          width: WHOLE,
          height: 5,
        }),
      ],
      [
        progress(service, intake, accountWorker),
        sums('Accounts read as a whole', [
          METRIC.accountJobsStarted,
          METRIC.accountJobsCompleted,
          METRIC.accountsHandedOver,
          METRIC.sharedProposalsStored,
        ]),
      ],
      [
        sums('What came of the findings', [
          METRIC.proposalsStored,
          METRIC.proposalsExisting,
          METRIC.unchanged,
          METRIC.skipped,
          METRIC.gone,
          METRIC.ignoredEvents,
        ]),
        sums('What went wrong', [
          METRIC.verificationFailures,
          METRIC.documentErrors,
          METRIC.accessDenied,
          METRIC.accountsUnreachable,
          METRIC.refusedPolicies,
          METRIC.malformed,
          METRIC.throttled,
          METRIC.findingsDeferred,
        ]),
      ],
      [
        sums('Sweeps and messages', [METRIC.sweepsCompleted, METRIC.findingsSwept, METRIC.proposalsNotified]),
        new cloudwatch.GraphWidget({
          title: 'Messages waiting',
          width: HALF,
          left: queues.map(([label, queue]) =>
            queue.queue.metricApproximateNumberOfMessagesVisible({
              label,
              period: PERIOD,
              statistic: 'Maximum',
            }),
          ),
          right: queues.map(([label, queue]) =>
            queue.deadLetters.metricApproximateNumberOfMessagesVisible({
              label: `${label}, dead letters`,
              period: PERIOD,
              statistic: 'Maximum',
            }),
          ),
        }),
      ],
      [
        new cloudwatch.GraphWidget({
          title: 'Age of the oldest message (seconds)',
          width: HALF,
          left: queues.map(([label, queue]) =>
            queue.queue.metricApproximateAgeOfOldestMessage({ label, period: PERIOD, statistic: 'Maximum' }),
          ),
        }),
        new cloudwatch.GraphWidget({
          title: 'Functions: duration (ms, 99 %) and errors',
          width: HALF,
          left: functions.map((f) => f.metricDuration({ period: PERIOD, statistic: 'p99' })),
          right: functions.map((f) => f.metricErrors({ period: PERIOD, statistic: 'Sum' })),
        }),
      ],
      [
        sums('Action catalogue', [
          METRIC.cataloguesRefreshed,
          METRIC.catalogueLosses,
          METRIC.cataloguesInvalid,
          METRIC.cataloguesOld,
        ]),
      ],
    ],
  });
}

/** Left: what has happened since the sweep began. Right: what is still queued. */
function progress(
  service: string,
  intake: FindingIntake,
  accountWorker: AccountWorker,
): cloudwatch.GraphWidget {
  const waiting = [
    ['findings waiting, deferred or under way', 'findings', intake.findings],
    ['accounts waiting, deferred or under way', 'accounts', accountWorker.accounts],
  ] as const;
  const total = (names: readonly MetricName[], label: string): cloudwatch.MathExpression =>
    new cloudwatch.MathExpression({
      label,
      period: PERIOD,
      expression: names.map((name) => `FILL(${idOf(name)}, 0)`).join(' + '),
      usingMetrics: Object.fromEntries(
        names.map((name) => [idOf(name), metricOf(service, name, { period: PERIOD, statistic: 'Sum' })]),
      ),
    });
  return new cloudwatch.GraphWidget({
    title: 'Progress of a sweep',
    width: HALF,
    left: [
      total([METRIC.findingsListed], 'listed'),
      total([METRIC.proposalsStored, METRIC.proposalsExisting], 'stored, now or before'),
      total([METRIC.unchanged, METRIC.skipped, METRIC.gone], 'skipped, or nothing to do'),
      total([METRIC.findingsFailed], 'failed, to be tried again'),
      total([METRIC.findingsUnreachable], 'left to the next sweep: account unreachable'),
    ],
    right: waiting.map(([label, id, { queue }]) => left(queue, label, id)),
  });
}

/** All messages of a queue, including delayed ones, such as those of a throttled account. */
function left(queue: IQueue, label: string, id: string): cloudwatch.MathExpression {
  const options = { period: PERIOD, statistic: 'Maximum' };
  return new cloudwatch.MathExpression({
    label,
    period: PERIOD,
    expression: `${id}Visible + ${id}Delayed + ${id}Taken`,
    usingMetrics: {
      [`${id}Visible`]: queue.metricApproximateNumberOfMessagesVisible(options),
      [`${id}Delayed`]: queue.metricApproximateNumberOfMessagesDelayed(options),
      [`${id}Taken`]: queue.metricApproximateNumberOfMessagesNotVisible(options),
    },
  });
}

/** `FindingsListed` → `findingsListed`, because ids in a CloudWatch graph must begin with a lower-case letter. */
function idOf(name: MetricName): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
