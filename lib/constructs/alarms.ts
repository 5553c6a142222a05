import type { AlarmName } from '../../lambda/contract/alarms.ts';
import { SERVICE_NAME } from '../../lambda/contract/functions.ts';
import { METRIC_NAMESPACE, type MetricName } from '../../lambda/contract/metrics.ts';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface AlarmSpec {
  readonly name: AlarmName;
  /** Why people are notified, in one sentence. */
  readonly reason: string;
  readonly metric: cloudwatch.IMetric;
  /** @default 'atLeast' */
  readonly when?: 'atLeast' | 'below';
  readonly threshold: number;
  /**
   * How many consecutive periods of the metric must breach.
   * @default 1
   */
  readonly periods?: number;
  /** What missing data means, and why. */
  readonly noData: { readonly means: 'fine' | 'alarm'; readonly because: string };
}

export interface AlarmOptions {
  /** The prefix of the name; the article in the runbook has the default one. */
  readonly name?: string;
  readonly runbook?: string | undefined;
}

/**
 * Creates an alarm whose description says why it exists, what missing data means, and where its article is. The
 * treatment of missing data is required, because CloudWatch's default leaves an alarm in a state that nobody chose.
 */
export function createAlarm(
  scope: Construct,
  id: string,
  spec: AlarmSpec,
  { name = SERVICE_NAME, runbook = 'docs/runbook.md' }: AlarmOptions = {},
): cloudwatch.Alarm {
  const periods = spec.periods ?? 1;
  return new cloudwatch.Alarm(scope, id, {
    alarmName: `${name}${spec.name.slice(SERVICE_NAME.length)}`,
    alarmDescription: `${spec.reason} No data means ${spec.noData.means}: ${spec.noData.because}. What to do: ${runbook}#${spec.name}`,
    metric: spec.metric,
    threshold: spec.threshold,
    comparisonOperator:
      spec.when === 'below'
        ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
        : cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: periods,
    datapointsToAlarm: periods,
    treatMissingData:
      spec.noData.means === 'alarm'
        ? cloudwatch.TreatMissingData.BREACHING
        : cloudwatch.TreatMissingData.NOT_BREACHING,
  });
}

/**
 * One of the functions' own metrics. Its only dimension is the one that Powertools adds, with the name of the
 * deployment.
 */
export function metricOf(
  service: string,
  name: MetricName,
  options: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRIC_NAMESPACE,
    metricName: name,
    dimensionsMap: { service },
    ...options,
  });
}
