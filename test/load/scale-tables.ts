import { DEFAULTS } from '../../lib/config/config.ts';
import {
  ACCOUNT_ASSUMPTIONS,
  analyzerDollars,
  ASSUMPTIONS,
  type Estimate,
  estimate,
  estimateAccounts,
  estimateReports,
  type PerFinding,
  PRICES,
  REPORT_ASSUMPTIONS,
  sideBySide,
  storageDollars,
} from './cost-model.ts';
import { AGAIN, FIRST, MEASURED_BY, WHOLE_AGAIN, WHOLE_FIRST } from './measured.ts';
import { makeOrganisation } from './world/organisation.ts';

const BULK_THRESHOLD = Number(DEFAULTS.bulkThreshold);

interface Shape {
  readonly findings: number;
  readonly accounts: number;
  readonly largestAccount: number;
  /** Findings of accounts from the threshold on, which a sweep has read as a whole. */
  readonly inWholes: number;
  readonly largestBelow: number;
}

const SHAPES: readonly Shape[] = [
  [1_000, 10],
  [10_000, 100],
  [100_000, 2_000],
].map(([findings = 0, accounts = 0]) => {
  const organisation = makeOrganisation(findings, accounts, 1);
  const sizes = Array.from({ length: accounts }, (_, place) => organisation.account(place).size);
  const below = sizes.filter((size) => size < BULK_THRESHOLD);
  return {
    findings,
    accounts,
    largestAccount: Math.max(...sizes),
    inWholes: findings - below.reduce((sum, size) => sum + size, 0),
    largestBelow: Math.max(0, ...below),
  };
});

/** Every finding by itself, as events bring them. */
function alone({ findings, largestAccount }: Shape, each: PerFinding): Estimate {
  return estimate({ findings, largestAccount }, each, ASSUMPTIONS);
}

/** As a sweep does it: large accounts as a whole, findings of small ones by themselves. */
function swept(shape: Shape, each: PerFinding, inWhole: PerFinding): Estimate {
  const { findings, inWholes, largestAccount, largestBelow } = shape;
  return sideBySide(
    estimate({ findings: findings - inWholes, largestAccount: largestBelow }, each, ASSUMPTIONS),
    estimateAccounts({ findings: inWholes, largestAccount }, inWhole, ACCOUNT_ASSUMPTIONS),
  );
}

/** The tables of docs/scale.md, by the name of their markers. */
export function scaleTables(): Readonly<Record<string, string>> {
  return {
    counts: countsTable(),
    events: estimates((shape) => alone(shape, FIRST)),
    first: estimates((shape) => swept(shape, FIRST, WHOLE_FIRST)),
    again: estimates((shape) => swept(shape, AGAIN, WHOLE_AGAIN)),
    reports: estimates((shape) => estimateReports(shape, WHOLE_AGAIN, REPORT_ASSUMPTIONS)),
    'reports-first': estimates((shape) => estimateReports(shape, WHOLE_FIRST, REPORT_ASSUMPTIONS)),
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
  const columns = [FIRST, AGAIN, WHOLE_FIRST, WHOLE_AGAIN];
  const row = (what: string, value: (each: PerFinding) => string): readonly string[] => [
    what,
    ...columns.map(value),
  ];
  return (
    table(
      [
        'Of one finding',
        'by itself, a new proposal',
        'by itself, met again',
        'with its account, a new proposal',
        'with its account, met again',
      ],
      [
        row('requests to IAM', ({ iamCalls }) => iamCalls.toFixed(3)),
        row('requests to Access Analyzer and STS', ({ otherReads }) => otherReads.toFixed(2)),
        row('PUT and LIST requests of S3', ({ s3Writes }) => s3Writes.toFixed(2)),
        row('GET and HEAD requests of S3', ({ s3Reads }) => s3Reads.toFixed(2)),
        row('processor time', ({ cpuSeconds }) => `${(cpuSeconds * 1000).toFixed(0)} ms`),
        row('stored', ({ kilobytesStored }) => `${kilobytesStored.toFixed(0)} kB`),
        row('messages through a queue', ({ messages }) => messages.toFixed(1)),
      ],
    ) +
    `\n\nRepeated calls included. Measured with, by column:\n\n` +
    MEASURED_BY.map(
      ({ command, date, machine }, place) => `${String(place + 1)}. \`${command}\` (${date}, ${machine})`,
    ).join('\n')
  );
}

function estimates(of: (shape: Shape) => Estimate): string {
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
    SHAPES.map((shape) => {
      const one = of(shape);
      return [
        count(shape.findings),
        count(shape.accounts),
        count(shape.largestAccount),
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
      'The same without an analyzer, USD a month',
      'Stored proposals, USD a month',
    ],
    SHAPES.map((shape) => [
      count(shape.findings),
      count(analyzerDollars(shape.findings)),
      (swept(shape, AGAIN, WHOLE_AGAIN).dollars * 30).toFixed(2),
      (estimateReports(shape, WHOLE_AGAIN, REPORT_ASSUMPTIONS).dollars * 30).toFixed(2),
      storageDollars(shape.findings, FIRST).toFixed(2),
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
