/*
 * What a run of the deployed app takes and costs, from counts that the load model measured. Prices are those of
 * us-east-1, in US dollars, as listed on 2026-11-23; free tiers, discounts and taxes are left out.
 */

/** What one finding takes, on the average. */
export interface PerFinding {
  /** Requests to IAM in the finding's account. */
  readonly iamCalls: number;
  /** Requests to Access Analyzer and STS. */
  readonly otherReads: number;
  /** PUT and LIST requests of S3, which cost the same. */
  readonly s3Writes: number;
  /** GET and HEAD requests of S3. */
  readonly s3Reads: number;
  /** Processor seconds, those of telling people included. */
  readonly cpuSeconds: number;
  /** What lies in the bucket afterwards that was not there before. */
  readonly kilobytesStored: number;
  /** Messages that go through a queue: the finding, and the notice where something was stored. */
  readonly messages: number;
}

export interface Price {
  /** US dollars for one unit. */
  readonly dollars: number;
  readonly unit: string;
  readonly source: string;
}

export const PRICES = {
  lambdaGbSecond: {
    dollars: 0.0000133334,
    unit: 'GB-second, Arm',
    source: 'https://aws.amazon.com/lambda/pricing/',
  },
  lambdaRequest: { dollars: 0.2 / 1e6, unit: 'invocation', source: 'https://aws.amazon.com/lambda/pricing/' },
  s3Write: {
    dollars: 0.005 / 1e3,
    unit: 'PUT or LIST request',
    source: 'https://aws.amazon.com/s3/pricing/',
  },
  s3Read: {
    dollars: 0.0004 / 1e3,
    unit: 'GET or HEAD request',
    source: 'https://aws.amazon.com/s3/pricing/',
  },
  s3GbMonth: { dollars: 0.023, unit: 'GB stored and month', source: 'https://aws.amazon.com/s3/pricing/' },
  sqsRequest: { dollars: 0.4 / 1e6, unit: 'request to SQS', source: 'https://aws.amazon.com/sqs/pricing/' },
  /** What a queue with message groups costs more. */
  sqsFairRequest: {
    dollars: 0.1 / 1e6,
    unit: 'request to SQS with a message group, besides',
    source: 'https://aws.amazon.com/sqs/pricing/',
  },
  /** S3 sends an event for each object once a bucket does so at all. Sources differ; this is the dearer reading. */
  eventBridgeEvent: {
    dollars: 1 / 1e6,
    unit: 'event of S3',
    source: 'https://aws.amazon.com/eventbridge/pricing/',
  },
  logGb: {
    dollars: 0.5,
    unit: 'GB of logs taken in',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  analyzerPrincipalMonth: {
    dollars: 0.2,
    unit: 'role or user and month',
    source: 'https://aws.amazon.com/iam/access-analyzer/pricing/',
  },
} as const satisfies Readonly<Record<string, Price>>;

/** What nobody here can measure. Each is a number that a reader may put his own in the place of. */
export interface Assumptions {
  /** MiB of the worker. */
  readonly memory: number;
  /** MiB at which a function has one whole processor. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
  readonly memoryOfOneCpu: number;
  /** Seconds until AWS answers a call. */
  readonly latency: number;
  /** Findings that one copy of the worker has under way at once. */
  readonly sideBySide: number;
  /** Copies of the worker at once: the option `concurrency`. */
  readonly concurrency: number;
  /** Calls a second that IAM takes for one account. AWS publishes no number. */
  readonly accountRate: number;
  /** Calls of Access Analyzer a second by one copy of a function: the option `analyzerCallsPerSecond`. */
  readonly analyzerRate: number;
  /** Messages that one request to SQS, and one invocation, takes. */
  readonly batch: number;
  readonly logKilobytesPerFinding: number;
}

export const ASSUMPTIONS: Assumptions = {
  memory: 1024,
  memoryOfOneCpu: 1769,
  latency: 0.05,
  sideBySide: 2,
  concurrency: 4,
  accountRate: 20,
  analyzerRate: 10,
  batch: 10,
  logKilobytesPerFinding: 1.3,
};

/** Of the function that works through an account as a whole: `lib/constructs/account-worker.ts` has its memory. */
export const ACCOUNT_ASSUMPTIONS: Assumptions = { ...ASSUMPTIONS, memory: 1769, sideBySide: 5 };

export interface Size {
  readonly findings: number;
  /** Findings of the largest account, which no number of workers makes faster. */
  readonly largestAccount: number;
}

export interface Estimate {
  readonly iamCalls: number;
  readonly otherReads: number;
  readonly gbSeconds: number;
  readonly s3Requests: number;
  readonly sqsRequests: number;
  readonly dollars: number;
  readonly hours: number;
  /** What the hours are bound by. */
  readonly bound: 'workers' | 'account rate' | 'largest account' | 'Access Analyzer';
}

/** Seconds of one copy of the worker for one finding: its own work, and its share of the waiting. */
export function workerSeconds(each: PerFinding, assumed: Assumptions): number {
  const computing = each.cpuSeconds / Math.min(1, assumed.memory / assumed.memoryOfOneCpu);
  const calls = each.iamCalls + each.otherReads + each.s3Writes + each.s3Reads;
  // As if a finding made its calls one after the other. It does not, so this is the long end.
  return computing + (calls * assumed.latency) / assumed.sideBySide;
}

export function estimate(size: Size, each: PerFinding, assumed: Assumptions): Estimate {
  const { findings, largestAccount } = size;
  const seconds = findings * workerSeconds(each, assumed);
  const gbSeconds = seconds * (assumed.memory / 1024);
  const invocations = findings / assumed.batch;
  // Sent one by one by EventBridge; received and deleted in batches.
  const sqsRequests = findings * each.messages * (1 + 2 / assumed.batch);
  const s3Requests = findings * (each.s3Writes + each.s3Reads);
  const dollars =
    gbSeconds * PRICES.lambdaGbSecond.dollars +
    invocations * PRICES.lambdaRequest.dollars +
    findings * each.s3Writes * (PRICES.s3Write.dollars + PRICES.eventBridgeEvent.dollars) +
    findings * each.s3Reads * PRICES.s3Read.dollars +
    sqsRequests * (PRICES.sqsRequest.dollars + PRICES.sqsFairRequest.dollars) +
    ((findings * assumed.logKilobytesPerFinding) / 1e6) * PRICES.logGb.dollars;
  const slowest = longest([
    [seconds / assumed.concurrency, 'workers'],
    [(largestAccount * each.iamCalls) / assumed.accountRate, 'account rate'],
    [(findings * each.otherReads) / (assumed.concurrency * assumed.analyzerRate), 'Access Analyzer'],
  ]);
  return {
    iamCalls: findings * each.iamCalls,
    otherReads: findings * each.otherReads,
    gbSeconds,
    s3Requests,
    sqsRequests,
    dollars,
    ...slowest,
  };
}

type Duration = Pick<Estimate, 'hours' | 'bound'>;

/** The longest of several durations in seconds; of equal ones the first. */
function longest(all: readonly (readonly [seconds: number, bound: Estimate['bound']])[]): Duration {
  const [seconds, bound] = all.reduce((slowest, one) => (one[0] > slowest[0] ? one : slowest));
  return { hours: seconds / 3600, bound };
}

/** Of findings whose accounts are each read as a whole: one job an account, which no second worker shares. */
export function estimateAccounts(size: Size, each: PerFinding, assumed: Assumptions): Estimate {
  const one = estimate(size, each, assumed);
  const slowest = longest([
    [one.hours * 3600, one.bound],
    [size.largestAccount * workerSeconds(each, assumed), 'largest account'],
    [(size.largestAccount * each.otherReads) / assumed.analyzerRate, 'Access Analyzer'],
  ]);
  return { ...one, ...slowest };
}

/**
 * What asking IAM for a report of last use takes beside what a principal takes anyway: one call to begin it, two to look
 * at it (one too early), and for one principal in five, a user, three about keys and password. What is kept of 50
 * principals at once costs next to nothing. The processor time is assumed.
 */
export const REPORT_OF_USE = {
  iamCalls: 3 + 0.2 * 3,
  s3Writes: 2 / 50,
  s3Reads: 4 / 50,
  cpuSeconds: 0.01,
};

/** Half of what IAM takes for one account, which is what the job has where it asks for reports. */
export const REPORT_ASSUMPTIONS: Assumptions = {
  ...ACCOUNT_ASSUMPTIONS,
  accountRate: ACCOUNT_ASSUMPTIONS.accountRate / 2,
};

/** The same without an analyzer: nobody reads findings, IAM is asked for reports, and the job waits for its turns. */
export function withReports(each: PerFinding): PerFinding {
  return {
    ...each,
    otherReads: 0,
    iamCalls: each.iamCalls + REPORT_OF_USE.iamCalls,
    s3Writes: each.s3Writes + REPORT_OF_USE.s3Writes,
    s3Reads: each.s3Reads + REPORT_OF_USE.s3Reads,
    cpuSeconds: each.cpuSeconds + REPORT_OF_USE.cpuSeconds,
  };
}

/** Of accounts whose findings are made from reports of last use: one job an account, which waits for its turn with IAM. */
export function estimateReports(size: Size, each: PerFinding, assumed: Assumptions): Estimate {
  const own = withReports(each);
  const one = estimateAccounts(size, own, assumed);
  const seconds = Math.max(workerSeconds(own, assumed), own.iamCalls / assumed.accountRate);
  const waiting = size.findings * (seconds - workerSeconds(own, assumed)) * (assumed.memory / 1024);
  const slowest = longest([
    [one.hours * 3600, one.bound],
    [(size.findings * seconds) / assumed.concurrency, 'workers'],
  ]);
  return {
    ...one,
    gbSeconds: one.gbSeconds + waiting,
    dollars: one.dollars + waiting * PRICES.lambdaGbSecond.dollars,
    ...slowest,
  };
}

/** Of parts that run side by side, in functions of their own. */
export function sideBySide(first: Estimate, second: Estimate): Estimate {
  const { hours, bound } = second.hours > first.hours ? second : first;
  return {
    iamCalls: first.iamCalls + second.iamCalls,
    otherReads: first.otherReads + second.otherReads,
    gbSeconds: first.gbSeconds + second.gbSeconds,
    s3Requests: first.s3Requests + second.s3Requests,
    sqsRequests: first.sqsRequests + second.sqsRequests,
    dollars: first.dollars + second.dollars,
    hours,
    bound,
  };
}

/** Access Analyzer's own charge, which is there with and without this app. Dollars a month. */
export function analyzerDollars(principals: number): number {
  return principals * PRICES.analyzerPrincipalMonth.dollars;
}

/** What the stored proposals cost. Dollars a month. */
export function storageDollars(findings: number, each: PerFinding): number {
  return ((findings * each.kilobytesStored) / 1e6) * PRICES.s3GbMonth.dollars;
}
