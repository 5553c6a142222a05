import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type FunctionName, SERVICE_NAME } from '../contract/functions.ts';
import { METRIC, METRIC_NAMESPACE, type MetricName } from '../contract/metrics.ts';
import { VerificationError } from '../core/verify/verification-error.ts';
import { AccountUnreachable, AdapterError } from '../ports/system.ts';
import { OpinionBlock } from '../ports/opinions.ts';

/** The metrics that each function emits after every invocation, including zeros, so that every alarm has data. */
export const FUNCTION_METRICS = {
  'refine-finding': [
    METRIC.proposalsStored,
    METRIC.proposalsExisting,
    METRIC.unchanged,
    METRIC.skipped,
    METRIC.gone,
    METRIC.ignoredEvents,
    METRIC.findingsFailed,
    METRIC.refusedPolicies,
    METRIC.verificationFailures,
    METRIC.documentErrors,
    METRIC.accessDenied,
    METRIC.throttled,
    METRIC.findingsDeferred,
    METRIC.accountsUnreachable,
    METRIC.findingsUnreachable,
    METRIC.malformed,
    METRIC.cataloguesInvalid,
    METRIC.cataloguesOld,
  ],
  'refine-account': [
    METRIC.accountJobsCompleted,
    METRIC.accountsHandedOver,
    METRIC.accountsUnreachable,
    METRIC.findingsUnreachable,
    METRIC.sharedProposalsStored,
    METRIC.findingsFailed,
    METRIC.proposalsStored,
    METRIC.proposalsExisting,
    METRIC.unchanged,
    METRIC.skipped,
    METRIC.gone,
    METRIC.refusedPolicies,
    METRIC.verificationFailures,
    METRIC.documentErrors,
    METRIC.accessDenied,
    METRIC.throttled,
    METRIC.malformed,
    METRIC.cataloguesInvalid,
    METRIC.cataloguesOld,
  ],
  'sweep-findings': [
    METRIC.sweepsCompleted,
    METRIC.findingsListed,
    METRIC.findingsSwept,
    METRIC.accountJobsStarted,
    METRIC.accessDenied,
    METRIC.throttled,
    METRIC.malformed,
  ],
  'notify-proposals': [
    METRIC.proposalsNotified,
    METRIC.gone,
    METRIC.ignoredEvents,
    METRIC.accessDenied,
    METRIC.throttled,
    METRIC.malformed,
  ],
  'refresh-catalogue': [
    METRIC.cataloguesRefreshed,
    METRIC.catalogueLosses,
    METRIC.cataloguesInvalid,
    METRIC.accessDenied,
    METRIC.throttled,
  ],
} as const satisfies Record<FunctionName, readonly MetricName[]>;

/** Ids and counts. A log line of level info or above never contains a policy document. */
export type LogFacts = Readonly<Record<string, string | number | boolean | undefined>>;

/** Log lines and metrics of one function. Counts are collected and written once at the end of an invocation. */
export class Telemetry {
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #function: FunctionName;
  readonly #counts = new Map<MetricName, number>();
  constructor(functionName: FunctionName) {
    this.#function = functionName;
    const serviceName = process.env['POWERTOOLS_SERVICE_NAME'] ?? SERVICE_NAME;
    this.#logger = new Logger({ serviceName, persistentKeys: { function: functionName } });
    this.#metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName });
  }

  /** Adds the invocation's id to the log lines that follow. */
  begin(requestId: string): void {
    this.#logger.appendKeys({ requestId });
  }

  count(metric: MetricName, by = 1): void {
    this.#counts.set(metric, (this.#counts.get(metric) ?? 0) + by);
  }

  info(message: string, facts: LogFacts): void {
    this.#logger.info(message, defined(facts));
  }

  warn(message: string, facts: LogFacts): void {
    this.#logger.warn(message, defined(facts));
  }

  error(message: string, facts: LogFacts): void {
    this.#logger.error(message, defined(facts));
  }

  /**
   * Logs an error and counts it by its kind. The logger does not get the error itself, because it would print all of
   * its members, and a verification error contains policy documents.
   */
  failure(message: string, error: unknown, facts: LogFacts): void {
    const described = describe(error);
    this.error(message, { ...facts, ...described });
    if (error instanceof VerificationError) this.count(METRIC.verificationFailures);
    if (error instanceof OpinionBlock) {
      const isProof = error.opinion === 'no-new-access';
      this.count(isProof ? METRIC.verificationFailures : METRIC.documentErrors);
    }
    if (!(error instanceof AdapterError)) return;
    if (error instanceof AccountUnreachable) this.count(METRIC.accountsUnreachable);
    else if (error.code === 'access-denied') this.count(METRIC.accessDenied);
    if (error.code === 'throttled') this.count(METRIC.throttled);
  }

  /** Writes every metric of the function, including zeros, and starts counting again. */
  flush(): void {
    for (const metric of FUNCTION_METRICS[this.#function]) {
      this.#metrics.addMetric(metric, MetricUnit.Count, this.#counts.get(metric) ?? 0);
    }
    this.#counts.clear();
    this.#metrics.publishStoredMetrics();
  }
}

function describe(error: unknown): LogFacts {
  if (error instanceof AdapterError) {
    return { error: error.message, code: error.code, decision: error.decision };
  }
  if (error instanceof OpinionBlock) {
    return { error: error.message, code: error.opinion, decision: 'permanent' };
  }
  if (error instanceof VerificationError) return { error: error.message, code: 'verification' };
  // This is a bug, so the stack matters more than the message.
  if (error instanceof Error) return { error: error.name, code: 'unexpected', stack: withoutMessage(error) };
  return { error: typeof error, code: 'unexpected' };
}

/** Only the stack frames, because the message of an unforeseen error may quote anything. */
function withoutMessage(error: Error): string {
  const lines = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return lines.map((line) => line.trim()).join('\n');
}

function defined(facts: LogFacts): Record<string, string | number | boolean> {
  const entries = Object.entries(facts).flatMap(([key, value]): [string, string | number | boolean][] =>
    value === undefined ? [] : [[key, value]],
  );
  return Object.fromEntries(entries);
}
