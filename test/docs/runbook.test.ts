import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { ALARM } from '../../lambda/contract/alarms.ts';
import { METRIC } from '../../lambda/contract/metrics.ts';
import { mainTemplate, ORGANISATION } from '../infra/synth.ts';

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const deployment = readFileSync(new URL('../../docs/deployment.md', import.meta.url), 'utf8');

/** Articles by their headings. */
const articles = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const end = text.indexOf('\n');
      return [text.slice(0, end), text.slice(end)] as const;
    }),
);

describe('the runbook', () => {
  test('has an article for each alarm, and none for an alarm that does not exist', () => {
    const named = [...articles.keys()].filter((heading) => heading.startsWith('unused-access-refiner-'));
    expect(named.toSorted()).toStrictEqual(Object.values(ALARM).toSorted());
  });

  test.each(Object.values(ALARM))('describes, investigates and resolves %s', (name) => {
    const parts = (articles.get(name) ?? '').split(/^### /m).slice(1);
    expect(parts.map((part) => part.slice(0, part.indexOf('\n')))).toStrictEqual([
      'Description',
      'Investigation',
      'Resolution',
    ]);
    for (const part of parts) expect(part.trim().length).toBeGreaterThan(60);
  });

  test('says how to redrive, with a destination for each dead-letter queue', () => {
    const redrive = articles.get('How to redrive') ?? '';
    expect(redrive).toContain('aws sqs start-message-move-task');
    const outputs = Object.keys(mainTemplate(ORGANISATION).Outputs);
    for (const output of outputs.filter((name) => /DeadLettersUrl$|^UndeliveredMessagesUrl$/.test(name))) {
      expect(redrive).toContain(`| \`${output}\` |`);
    }
  });

  test('links to headings that exist', () => {
    const anchors = new Set(
      [...articles.keys()].map((heading) => heading.toLowerCase().replaceAll(' ', '-')),
    );
    const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((anchor) => !anchors.has(anchor ?? ''))).toStrictEqual([]);
  });
});

test('the documents name only existing outputs of the stack', () => {
  const outputs = new Set(Object.keys(mainTemplate(ORGANISATION).Outputs));
  const named = [
    ...`${runbook}${deployment}`.matchAll(/\$\(output (\w+)\)|OutputKey=='(\w+)'|output `(\w+)`/g),
  ]
    .map((match) => match[1] ?? match[2] ?? match[3] ?? '')
    .filter((name) => name !== '');
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((name) => !outputs.has(name))).toStrictEqual([]);
});

test('the runbook quotes only log lines that the functions write', () => {
  const writers = [
    'functions/refine-finding',
    'functions/refine-account',
    'functions/sweep-findings',
    'functions/refresh-catalogue',
    'functions/notify-proposals',
    'runtime/refiner',
    'runtime/worker',
    'runtime/worker-catalogue',
  ];
  const source = writers
    .map((name) => readFileSync(new URL(`../../lambda/${name}.ts`, import.meta.url), 'utf8'))
    .join('\n');
  const quoted = [
    'finding failed',
    'account failed',
    'account goes on later',
    'account cannot be read as a whole: its findings go one by one',
    'account cannot be reached',
    'finding is left to the next sweep',
    'message is malformed',
    'sweep failed',
    'sweep goes on later',
    'sweep is completed',
    'catalogue refresh failed',
    'catalogue is refreshed',
    'loss is not accepted',
    'the catalogue is old',
    'the embedded catalogue is used',
    'notice failed',
    'input of the failed verification is kept',
  ];
  for (const line of quoted) {
    expect(runbook).toContain(`\`${line}\``);
    expect(source).toContain(line);
  }
});

test('the fixed cost counts the alarms, their metrics and the metrics that the stack has', () => {
  const alarms = Object.values(mainTemplate({ email: 'you@example.org' }).Resources).filter(
    ({ Type }) => Type === 'AWS::CloudWatch::Alarm',
  );
  const metrics = alarms.reduce((sum, { Properties }) => {
    const all = (Properties['Metrics'] ?? [{ MetricStat: {} }]) as { MetricStat?: unknown }[];
    return sum + all.filter(({ MetricStat }) => MetricStat !== undefined).length;
  }, 0);
  expect(deployment).toContain(
    `| ${alarms.length} alarms, which watch ${metrics} metrics, at 0.10 USD a metric | ${(metrics / 10).toFixed(2)} |`,
  );
  const own = Object.values(METRIC).length;
  expect(deployment).toContain(`| ${own} metrics of the functions, at 0.30 USD`);
  expect(deployment).toContain(`all of them report | ${(own * 0.3).toFixed(2)} |`);
});

test('the documented policy for a key of one’s own equals that of the key that the stack creates', () => {
  const json = /```json\n(\[[\s\S]*?\])\n```/.exec(deployment)?.[1] ?? '';
  const documented = JSON.parse(json) as { Sid: string }[];
  const key = Object.values(mainTemplate({ email: 'you@example.org' }).Resources).find(
    ({ Type }) => Type === 'AWS::KMS::Key',
  );
  const policy = JSON.stringify(
    (key?.Properties['KeyPolicy'] as { Statement: { Sid?: string }[] }).Statement.filter(
      ({ Sid }) => Sid !== undefined,
    ),
  )
    .replaceAll('{"Ref":"AWS::AccountId"}', '"123456789012"')
    .replaceAll(
      /\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},":sns:",\{"Ref":"AWS::Region"\},":","123456789012",":\*"\]\]\}/g,
      '"arn:aws:sns:eu-west-1:123456789012:*"',
    );
  expect(documented).toStrictEqual(JSON.parse(policy));
});
