import { afterEach, beforeEach, vi } from 'vitest';

export type LogLine = Readonly<Record<string, unknown>>;

/** What a function writes: log lines and metrics, as CloudWatch would read them. */
export interface CapturedOutput {
  logs(): readonly LogLine[];
  /** Values by the metrics' names; throws unless they were written once. */
  metrics(): Readonly<Record<string, number>>;
  /** How often metrics were written so far. */
  written(): number;
  /** Values by the metrics' names over all times that they were written. */
  totals(): Readonly<Record<string, number>>;
  /** All of it as one text, to look for what must not stand there. */
  text(): string;
}

/** Call it at the top of a test file; Telemetry must be made within a test. */
export function captureOutput(): CapturedOutput {
  let lines: string[] = [];
  beforeEach(() => {
    lines = [];
    // In development mode Powertools writes through the global console.
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, method).mockImplementation((line: unknown) => {
        lines.push(String(line));
      });
    }
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
  const objects = (): LogLine[] =>
    lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
  const written = () => objects().filter((line) => '_aws' in line);
  const totals = (): Readonly<Record<string, number>> => {
    const sums = new Map<string, number>();
    for (const [name, value] of written().flatMap((line) => Object.entries(line))) {
      if (typeof value === 'number') sums.set(name, (sums.get(name) ?? 0) + value);
    }
    return Object.fromEntries(sums);
  };
  return {
    logs: () => objects().filter((line) => !('_aws' in line)),
    written: () => written().length,
    totals,
    metrics: () => {
      const times = written().length;
      if (times !== 1) throw new Error(`metrics were written ${String(times)} times`);
      return totals();
    },
    text: () => lines.join('\n'),
  };
}

/** An invocation with so many milliseconds left. */
export function invocation(remaining: () => number = () => 300_000) {
  return { awsRequestId: 'request-1', getRemainingTimeInMillis: remaining };
}

/** A batch as Lambda hands it over from a queue. */
export function batchOf(...bodies: readonly unknown[]) {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `m-${String(index)}`,
      receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1545082649183',
        SenderId: 'AIDAIENQZJOLO23YVJ4VO',
        ApproximateFirstReceiveTimestamp: '1545082649185',
      },
      messageAttributes: {},
      md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-2:123456789012:my-queue',
      awsRegion: 'us-east-2',
    })),
  };
}
