import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

import { SERVICE_NAME } from '../lambda/contract/functions.ts';
import { METRIC_NAMESPACE, type MetricName } from '../lambda/contract/metrics.ts';

/** One of the functions' own metrics; its only dimension is the one that Powertools adds by itself. */
export function metricOf(name: MetricName, options: cloudwatch.MetricOptions): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRIC_NAMESPACE,
    metricName: name,
    dimensionsMap: { service: SERVICE_NAME },
    ...options,
  });
}
