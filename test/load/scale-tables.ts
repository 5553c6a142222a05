import {
  analyzerDollars,
  ASSUMPTIONS,
  type Estimate,
  estimate,
  type PerFinding,
  PRICES,
  type Size,
  storageDollars,
} from './cost-model.ts';
import { AGAIN, FIRST, MEASURED_BY } from './measured.ts';
import { makeOrganisation } from './world/organisation.ts';

const SIZES: readonly Size[] = [
  [1_000, 10],
  [10_000, 100],
  [100_000, 2_000],
].map(([findings = 0, accounts = 0]) => ({
  findings,
  accounts,
  largestAccount: makeOrganisation(findings, accounts, 1).account(0).size,
}));

/** The tables of docs/scale.md, by the name of their markers. */
export function scaleTables(): Readonly<Record<string, string>> {
  return {
    counts: countsTable(),
    first: estimates(FIRST),
    again: estimates(AGAIN),
    monthly: monthly(),
    prices: prices(),
  };
}

/**
 * A text with its tables renewed: each stands between `<!-- name:begin -->` and `<!-- name:end -->`.
 * @throws Error when a pair of markers is missing
 */
export function withScaleTables(text: string): string {
  let result = text;
  for (const [name, table] of Object.entries(scaleTables())) {
    const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
    const from = result.indexOf(begin);
    const to = result.indexOf(end, from);
    if (from < 0 || to < 0) {
      throw new Error(
        `docs/scale.md has no place for the table ${name}; put ${begin} and ${end} on lines of their own`,
      );
    }
    result = `${result.slice(0, from + begin.length)}\n\n${table}\n\n${result.slice(to)}`;
  }
  return result;
}

function countsTable(): string {
  const row = (what: string, value: (each: PerFinding) => string): readonly string[] => [
    what,
    value(FIRST),
    value(AGAIN),
  ];
  return (
    table(
      ['Of one finding', 'a new proposal', 'met again by a sweep'],
      [
        row('requests to IAM', ({ iamCalls }) => iamCalls.toFixed(2)),
        row('requests to Access Analyzer and STS', ({ otherReads }) => otherReads.toFixed(2)),
        row('PUT and LIST requests of S3', ({ s3Writes }) => s3Writes.toFixed(2)),
        row('GET and HEAD requests of S3', ({ s3Reads }) => s3Reads.toFixed(2)),
        row('processor time', ({ cpuSeconds }) => `${(cpuSeconds * 1000).toFixed(0)} ms`),
        row('stored', ({ kilobytesStored }) => `${kilobytesStored.toFixed(0)} kB`),
        row('messages through a queue', ({ messages }) => messages.toFixed(1)),
      ],
    ) +
    `\n\nMeasured on ${MEASURED_BY.date} with \`${MEASURED_BY.command}\` (${MEASURED_BY.machine}), repeated calls included.`
  );
}

function estimates(each: PerFinding): string {
  return table(
    [
      'Principals',
      'Accounts',
      'Largest account',
      'IAM calls',
      'Other reads',
      'GB-seconds',
      'S3 requests',
      'SQS requests',
      'USD',
      'Hours',
      'Bound by',
    ],
    SIZES.map((size) => {
      const one: Estimate = estimate(size, each, ASSUMPTIONS);
      return [
        count(size.findings),
        count(size.accounts),
        count(size.largestAccount),
        ...[one.iamCalls, one.otherReads, one.gbSeconds, one.s3Requests, one.sqsRequests].map(count),
        one.dollars.toFixed(2),
        one.hours.toFixed(2),
        one.bound,
      ];
    }),
  );
}

function monthly(): string {
  return table(
    [
      'Principals',
      'Access Analyzer, USD a month',
      'One sweep a day, USD a month',
      'Stored proposals, USD a month',
    ],
    SIZES.map((size) => [
      count(size.findings),
      count(analyzerDollars(size.findings)),
      (estimate(size, AGAIN, ASSUMPTIONS).dollars * 30).toFixed(2),
      storageDollars(size.findings, FIRST).toFixed(2),
    ]),
  );
}

function prices(): string {
  return table(
    ['Of', 'USD', 'Source'],
    Object.values(PRICES).map(({ unit, dollars, source }) =>
      // Requests cost so little that only a million of them is readable.
      dollars < 0.001
        ? [`1,000,000 × ${unit}`, figure(dollars * 1e6), source]
        : [unit, figure(dollars), source],
    ),
  );
}

function figure(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 4 });
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
