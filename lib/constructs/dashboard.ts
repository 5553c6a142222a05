import { Aws, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

import { SERVICE_NAME } from '../../lambda/contract/functions.ts';
import { METRIC, type MetricName } from '../../lambda/contract/metrics.ts';
import { metricOf } from '../metrics.ts';
import type { Catalogue } from './catalogue.ts';
import type { FindingIntake } from './finding-intake.ts';
import type { Notifications } from './notifications.ts';
import type { Sweep } from './sweep.ts';
import type { Worker } from './worker.ts';

export interface DashboardProps {
  readonly intake: FindingIntake;
  readonly worker: Worker;
  readonly sweep: Sweep;
  readonly catalogue: Catalogue;
  readonly notifications: Notifications;
  readonly alarms: readonly cloudwatch.Alarm[];
}

const PERIOD = Duration.minutes(15);
const WHOLE = 24;
const HALF = 12;

/** What a person looks at first: alarms, then what came of the findings, then queues and functions. */
export function operationsDashboard(
  scope: Construct,
  id: string,
  props: DashboardProps,
): cloudwatch.Dashboard {
  const { intake, worker, sweep, catalogue, notifications } = props;
  const queues = [
    ['findings', intake.findings],
    ['sweep', sweep.rest],
    ['notices', notifications.notices],
  ] as const;
  const functions = [worker, sweep, catalogue, notifications].map(({ handler }) => handler.function);
  return new cloudwatch.Dashboard(scope, id, {
    dashboardName: `${SERVICE_NAME}-${Aws.REGION}`,
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
          METRIC.accessDenied,
          METRIC.refusedPolicies,
          METRIC.malformed,
          METRIC.throttled,
          METRIC.findingsPutOff,
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

function sums(title: string, names: readonly MetricName[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({
    title,
    width: HALF,
    left: names.map((name) => metricOf(name, { period: PERIOD, statistic: 'Sum' })),
  });
}
