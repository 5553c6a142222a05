import { expect, test } from 'vitest';
import { METRIC } from '../../lambda/contract/metrics.ts';
import { FUNCTION_METRICS, Telemetry } from '../../lambda/runtime/telemetry.ts';
import { captureOutput } from './captured-output.ts';

const output = captureOutput();

test('every metric of the contract is emitted by some function', () => {
  const emitted = new Set<string>(Object.values(FUNCTION_METRICS).flat());
  expect(Object.values(METRIC).filter((name) => !emitted.has(name))).toEqual([]);
});

test('metrics have the namespace, the unit and one dimension, the service', () => {
  const telemetry = new Telemetry('sweep-findings');
  telemetry.count(METRIC.findingsSwept, 7);
  telemetry.flush();
  const line = JSON.parse(output.text()) as { _aws: { CloudWatchMetrics: unknown[] } };
  expect(line).toMatchObject({ service: 'unused-access-refiner', FindingsSwept: 7, SweepsCompleted: 0 });
  expect(line._aws.CloudWatchMetrics).toEqual([
    {
      Namespace: 'UnusedAccessRefiner',
      Dimensions: [['service']],
      Metrics: [
        { Name: 'SweepsCompleted', Unit: 'Count' },
        { Name: 'FindingsListed', Unit: 'Count' },
        { Name: 'FindingsSwept', Unit: 'Count' },
        { Name: 'AccountJobsStarted', Unit: 'Count' },
        { Name: 'AccessDenied', Unit: 'Count' },
        { Name: 'Throttled', Unit: 'Count' },
        { Name: 'MalformedMessages', Unit: 'Count' },
      ],
    },
  ]);
});

test('counts start from zero in each invocation', () => {
  const telemetry = new Telemetry('notify-proposals');
  telemetry.count(METRIC.proposalsNotified, 3);
  telemetry.flush();
  telemetry.flush();
  const values = output
    .text()
    .split('\n')
    .map((line) => (JSON.parse(line) as { ProposalsNotified: number }).ProposalsNotified);
  expect(values).toEqual([3, 0]);
});
