import { describe, expect, test } from 'vitest';

import { ALARM } from '../../lambda/contract/alarms.ts';
import { METRIC } from '../../lambda/contract/metrics.ts';
import { mainTemplate, ofType, resource } from './synth.ts';

const template = mainTemplate({ email: 'you@example.org' });
const alarms = new Map(
  ofType(template, 'AWS::CloudWatch::Alarm').map(({ Properties }) => [
    String(Properties['AlarmName']),
    Properties,
  ]),
);

function alarm(name: string): Readonly<Record<string, unknown>> {
  const properties = alarms.get(name);
  if (properties === undefined) throw new Error(`no alarm ${name}`);
  return properties;
}

describe('alarms', () => {
  test('are exactly those of the contract', () => {
    expect([...alarms.keys()].toSorted()).toStrictEqual(Object.values(ALARM).toSorted());
  });

  test('each notify the alarm topic, and say why they exist, what missing data means and where their article is', () => {
    for (const [name, properties] of alarms) {
      expect(properties['AlarmActions']).toStrictEqual([{ Ref: expect.stringMatching(/^AlarmsTopic/) }]);
      expect(properties['OKActions']).toStrictEqual(properties['AlarmActions']);
      expect(properties['AlarmDescription']).toMatch(
        new RegExp(`^[A-Z].+\\. No data means (?:fine|alarm): .+\\. What to do: docs/runbook\\.md#${name}$`),
      );
      expect(['breaching', 'notBreaching']).toContain(properties['TreatMissingData']);
    }
  });

  test('contain the runbook address of the option', () => {
    const runbookUrl = 'https://wiki.example.org/runbook';
    const { Properties } = resource(mainTemplate({ runbookUrl }), 'Operationssweepage');
    expect(Properties['AlarmDescription']).toMatch(
      /What to do: https:\/\/wiki\.example\.org\/runbook#unused-access-refiner-sweep-age$/,
    );
  });

  test.each([
    ['unused-access-refiner-findings-dead-letters', 'FindingIntakeFindingsDeadLetters'],
    ['unused-access-refiner-sweep-dead-letters', 'SweepRestDeadLetters'],
    ['unused-access-refiner-catalogue-dead-letters', 'CatalogueDeadLetters'],
    ['unused-access-refiner-notices-dead-letters', 'NotificationsNoticesDeadLetters'],
    ['unused-access-refiner-undelivered-messages', 'NotificationsUndelivered'],
  ])('%s is raised by the first dead letter', (name, queue) => {
    expect(alarm(name)).toMatchObject({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [
        {
          Name: 'QueueName',
          Value: { 'Fn::GetAtt': [expect.stringMatching(new RegExp(`^${queue}`)) as string, 'QueueName'] },
        },
      ],
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  test.each([
    ['unused-access-refiner-findings-age', 21_600],
    ['unused-access-refiner-sweep-age', 3_600],
    ['unused-access-refiner-notices-age', 1_800],
  ])('%s is raised when the oldest message is %i seconds old', (name, seconds) => {
    expect(alarm(name)).toMatchObject({
      MetricName: 'ApproximateAgeOfOldestMessage',
      Threshold: seconds,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  test.each(['refine-finding', 'refine-account', 'sweep-findings', 'refresh-catalogue', 'notify-proposals'])(
    '%s has an alarm on errors',
    (name) => {
      expect(alarm(`unused-access-refiner-${name}-errors`)).toMatchObject({
        Namespace: 'AWS/Lambda',
        MetricName: 'Errors',
        Statistic: 'Sum',
        Threshold: 1,
      });
    },
  );

  test.each([
    ['unused-access-refiner-verification-failures', 'VerificationFailures'],
    ['unused-access-refiner-document-errors', 'DocumentErrors'],
    ['unused-access-refiner-access-denied', 'AccessDenied'],
    ['unused-access-refiner-accounts-unreachable', 'AccountsUnreachable'],
    ['unused-access-refiner-catalogue-losses', 'CatalogueLosses'],
    ['unused-access-refiner-catalogue-old', 'CataloguesOld'],
  ])('%s is raised by the first count of %s', (name, metric) => {
    expect(alarm(name)).toMatchObject({
      Namespace: 'UnusedAccessRefiner',
      MetricName: metric,
      Dimensions: [{ Name: 'service', Value: 'unused-access-refiner' }],
      Statistic: 'Sum',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  test('a missing sweep is detected by missing data, hour by hour', () => {
    expect(alarm('unused-access-refiner-sweep-did-not-run')).toMatchObject({
      MetricName: 'SweepsCompleted',
      Statistic: 'Sum',
      Period: 3600,
      EvaluationPeriods: 30,
      DatapointsToAlarm: 30,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
  });

  test('recursive invocations that Lambda stops are counted over all five functions', () => {
    const metrics = alarm('unused-access-refiner-recursion-stopped')['Metrics'] as Record<string, unknown>[];
    const watched = metrics.flatMap(({ MetricStat }) => {
      if (MetricStat === undefined) return [];
      const { Metric, Stat } = MetricStat as { Metric: Record<string, unknown>; Stat: string };
      expect([Metric['Namespace'], Metric['MetricName'], Stat]).toStrictEqual([
        'AWS/Lambda',
        'RecursiveInvocationsDropped',
        'Sum',
      ]);
      return [(Metric['Dimensions'] as [{ Value: { Ref: string } }])[0].Value.Ref];
    });
    const functions = Object.entries(template.Resources).filter(
      ([, { Type }]) => Type === 'AWS::Lambda::Function',
    );
    expect(functions).toHaveLength(5);
    expect(watched.toSorted()).toStrictEqual(functions.map(([id]) => id).toSorted());
    expect(metrics).toContainEqual(
      expect.objectContaining({
        Expression: 'FILL(f0, 0) + FILL(f1, 0) + FILL(f2, 0) + FILL(f3, 0) + FILL(f4, 0)',
      }),
    );
  });

  test('undeliverable EventBridge events are counted over both rules', () => {
    const metrics = alarm('unused-access-refiner-events-not-delivered')['Metrics'] as Record<
      string,
      unknown
    >[];
    const names = metrics.flatMap(({ MetricStat }) =>
      MetricStat === undefined ? [] : [(MetricStat as { Metric: { MetricName: string } }).Metric.MetricName],
    );
    expect(names).toStrictEqual(['FailedInvocations', 'FailedInvocations']);
    expect(metrics).toContainEqual(
      expect.objectContaining({ Expression: 'FILL(findings, 0) + FILL(proposals, 0)' }),
    );
  });
});

test('the dashboard shows every metric that the functions emit', () => {
  const body = JSON.stringify(resource(template, 'OperationsDashboard').Properties['DashboardBody']);
  expect(
    Object.values(METRIC).filter(
      (name) => !body.includes(`\\\\\\"${name}\\\\\\"`) && !body.includes(`\\"${name}\\"`),
    ),
  ).toStrictEqual([]);
});
