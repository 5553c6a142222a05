import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { FUNCTION } from '../../lambda/contract/functions.ts';
import { METRIC } from '../../lambda/contract/metrics.ts';
import { mainTemplate, ofType } from '../infra/synth.ts';

const README = readFileSync('README.md', 'utf8');
const page = readFileSync('docs/deployment.md', 'utf8');

/** Text under a heading of the second level. */
function section(heading: string): string {
  return page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
}

/** Calls of the AWS CLI in shell snippets, each on one line. */
function calls(text: string): readonly string[] {
  const snippets = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, body = '']) => body);
  return snippets
    .flatMap((body) => body.replace(/\\\n\s*/g, '').split('\n'))
    .filter((line) => line.startsWith('aws '));
}

// What AWS refuses, or does one account at a time, without that, no test on an emulator shows.
describe('the recipe for an organisation', () => {
  const recipe = section('An organisation');
  const ofStackSets = calls(page).filter((line) =>
    /^aws cloudformation \S+-stack-(?:set|instances) /.test(line),
  );

  test('calls StackSets as a delegated administrator, every time', () => {
    expect(ofStackSets.map((line) => line.split(' ')[2])).toEqual([
      'create-stack-set',
      'create-stack-instances',
      'update-stack-set',
      'delete-stack-instances',
      'list-stack-instances',
      'delete-stack-set',
    ]);
    expect(ofStackSets.filter((line) => !line.includes(' --call-as DELEGATED_ADMIN '))).toEqual([]);
  });

  test('handles all accounts at once, whether or not one fails', () => {
    const operations = ofStackSets.filter((line) =>
      / (?:create|delete)-stack-instances | update-stack-set /.test(line),
    );
    expect(operations).toHaveLength(3);
    for (const line of operations) {
      expect(line).toContain(
        ' --operation-preferences MaxConcurrentPercentage=100,FailureTolerancePercentage=100',
      );
    }
  });

  test('registers both administrators and switches trusted access on, for Access Analyzer and for StackSets', () => {
    const all = calls(recipe).join('\n');
    for (const service of [
      'access-analyzer.amazonaws.com',
      'member.org.stacksets.cloudformation.amazonaws.com',
    ]) {
      expect(all).toMatch(
        new RegExp(
          `^aws organizations register-delegated-administrator .*--service-principal ${service}$`,
          'm',
        ),
      );
    }
    expect(all).toMatch(
      /^aws organizations enable-aws-service-access --service-principal access-analyzer\.amazonaws\.com$/m,
    );
    expect(all).toMatch(/^aws cloudformation activate-organizations-access$/m);
  });

  test('deploys separately to the management account, which StackSets leave out, and says what differs in China', () => {
    expect(calls(recipe)).toContainEqual(
      expect.stringMatching(/^aws cloudformation deploy --stack-name unused-access-refiner-member /),
    );
    expect(recipe).toMatch(/no StackSet deploys there/);
    expect(recipe).toMatch(/^\*\*In China\*\*, StackSets have no trusted access/m);
  });
});

test('the documents do not promise complete access logs', () => {
  expect(section('Who may read proposals, and who may write them')).toMatch(/best-effort basis/);
});

test('the README has doctor run before anything is deployed, and counts the functions', () => {
  const deploy = README.slice(README.indexOf('\n## Deploy it\n'));
  expect(deploy).toMatch(/^npx --no-install unused-access-refiner doctor -c email=you@example\.org$/m);
  expect(Object.keys(FUNCTION)).toHaveLength(5);
  expect(deploy).toContain('The stack has five Lambda functions');
  expect(readFileSync('docs/architecture.md', 'utf8')).toContain('Five functions, each with its reason');
});

test('the monthly cost of an idle deployment follows from the template, and is in the README', () => {
  const template = mainTemplate({ email: 'you@example.org' });
  const alarms = ofType(template, 'AWS::CloudWatch::Alarm');
  const watched = alarms.reduce((sum, { Properties }) => {
    const metrics = Properties['Metrics'] as readonly object[] | undefined;
    return sum + (metrics?.filter((metric) => 'MetricStat' in metric).length ?? 1);
  }, 0);
  const costs = section('What it costs when nothing happens');
  const rows = [...costs.matchAll(/^\| (.+) \| ([0-9.]+) \|$/gm)].map(
    ([, what = '', usd]) => [what, Number(usd)] as const,
  );
  const [ofAlarms, ofMetrics] = rows;
  expect(ofAlarms).toEqual([
    `${alarms.length} alarms, which watch ${watched} metrics, at 0.10 USD a metric`,
    (watched * 10) / 100,
  ]);
  const own = Object.keys(METRIC).length;
  expect(ofMetrics?.[0]).toMatch(new RegExp(`^${own} metrics of the functions, at 0\\.30 USD`));
  expect(ofMetrics?.[1]).toBeCloseTo(own * 0.3, 6);
  expect(ofType(template, 'AWS::Lambda::EventSourceMapping')).toHaveLength(4);
  const total = rows.reduce((sum, [, usd]) => sum + usd, 0);
  expect(README).toContain(
    `A month costs about ${Math.round(total)} USD for alarms, metrics, dashboard, key and queue polling`,
  );
});
