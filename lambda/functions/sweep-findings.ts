import type { SQSBatchResponse } from 'aws-lambda';
import { AccessAnalyzerFindings } from '../adapters/aws/access-analyzer/findings.ts';
import { SqsAccountJobs, SqsFindingQueue, SqsSweepQueue } from '../adapters/aws/messaging/queues.ts';
import { S3Objects } from '../adapters/aws/s3/objects.ts';
import { S3Overview } from '../adapters/aws/s3/overview.ts';
import { S3ProposalReader } from '../adapters/aws/s3/proposals.ts';
import { S3SweepRecords } from '../adapters/aws/s3/sweeps.ts';
import {
  makeAccessAnalyzerClient,
  makeOrganizationsClient,
  makeS3Client,
  makeSqsClient,
} from '../adapters/aws/sdk/clients.ts';
import { SweptAccounts } from '../adapters/aws/organizations/organization-accounts.ts';
import { METRIC } from '../contract/metrics.ts';
import type { Result } from '../core/pattern/result.ts';
import type { AccountList, AccountSweep, SweepContinuation } from '../ports/sweep.ts';
import {
  type Environment,
  readAccountSweepEnvironment,
  readsLastUse,
  readSweepEnvironment,
} from '../runtime/environment.ts';
import {
  batchResponse,
  eachRecord,
  entry,
  type Handler,
  instrumented,
  type Instruments,
  type Invocation,
  lambdaClock,
  SqsEvent,
  type SqsRecord,
} from '../runtime/invocation.ts';
import { readAccountSweep, readSweepMessage } from '../runtime/messages.ts';
import { Telemetry } from '../runtime/telemetry.ts';
import { makeTracing } from '../runtime/tracing.ts';
import type { SweepDependencies } from '../use-cases/sweep/slice.ts';
import { sweepAccounts, type SweepAccountsDependencies } from '../use-cases/sweep/sweep-accounts.ts';
import { newSweep, sweepFindings } from '../use-cases/sweep/sweep-findings.ts';

/** What the function keeps between invocations. */
export interface SweepFindingsParts extends Instruments {
  readonly analyzerArn: string;
  readonly dependencies: Omit<SweepDependencies, 'clock'>;
}

/** @throws EnvironmentError */
export function composeSweepFindings(environment: Environment): SweepFindingsParts {
  const values = readSweepEnvironment(environment);
  const tracing = makeTracing();
  const objects = new S3Objects(tracing.client(makeS3Client(environment)), values.bucketName);
  const sqs = tracing.client(makeSqsClient());
  const analyzer = tracing.client(makeAccessAnalyzerClient(values.analyzerCallsPerSecond));
  return {
    analyzerArn: values.analyzerArn,
    dependencies: {
      findings: new AccessAnalyzerFindings(analyzer),
      records: new S3SweepRecords(objects),
      bulkThreshold: values.bulkThreshold,
      jobs: new SqsAccountJobs(sqs, values.accountJobsQueueUrl),
      queue: new SqsFindingQueue(sqs, values.findingsQueueUrl),
      rest: new SqsSweepQueue(sqs, values.sweepQueueUrl),
      overview: new S3Overview(objects),
      // The signature is not needed: nothing here groups principals that change alike.
      proposals: new S3ProposalReader(objects, () => ''),
    },
    telemetry: new Telemetry('sweep-findings'),
    tracing,
  };
}

/**
 * Sweeps the analyzer. An event of the queue continues a sweep. Anything else that invokes the function, usually the
 * schedule, starts a new one. If a new sweep fails, the invocation fails, and Lambda retries it.
 */
export function sweepFindingsHandler(parts: SweepFindingsParts): Handler<SQSBatchResponse> {
  const { telemetry, dependencies, analyzerArn } = parts;

  async function sweep(start: SweepContinuation, context: Invocation): Promise<void> {
    try {
      const outcome = await sweepFindings(start, { ...dependencies, clock: lambdaClock(context) });
      telemetry.count(METRIC.findingsSwept, outcome.swept);
      telemetry.count(METRIC.findingsListed, outcome.listed);
      telemetry.count(METRIC.accountJobsStarted, outcome.accounts);
      const { listed, swept, accounts, pages, restarts, unread } = outcome;
      if (unread > 0) {
        telemetry.error(
          'entries of the listing name no finding, principal or account: no finding is called missing',
          { analyzerArn: start.analyzerArn, sweepId: start.sweepId, unread },
        );
      }
      const facts = { sweepId: start.sweepId, listed, swept, accounts, pages, restarts };
      if (outcome.kind === 'completed') {
        telemetry.count(METRIC.sweepsCompleted);
        const { reconsidered } = outcome;
        if (reconsidered.kind === 'failed') {
          telemetry.failure('proposals whose findings are closed are not looked for', reconsidered.error, {
            analyzerArn: start.analyzerArn,
          });
        }
        const again = reconsidered.kind === 'sent' ? { reconsidered: reconsidered.findings } : {};
        telemetry.info('sweep is completed', { ...facts, ...again });
      } else {
        if (outcome.because === 'throttled') telemetry.count(METRIC.throttled);
        telemetry.info('sweep goes on later', { ...facts, because: outcome.because });
      }
    } catch (error) {
      telemetry.failure('sweep failed', error, {
        analyzerArn: start.analyzerArn,
        sweepId: start.sweepId,
        restarts: start.restarts,
      });
      throw error;
    }
  }

  return sweepHandler(parts, {
    read: readSweepMessage,
    ofOtherSource: { read: readAccountSweep, text: 'sweep of accounts is dropped' },
    isOwn: (start) => start.analyzerArn === analyzerArn,
    begin: (id) => newSweep(analyzerArn, id),
    sweep,
  });
}

/** What the function keeps between invocations if findings come from reports of last use. */
export interface SweepAccountsParts extends Instruments {
  readonly dependencies: Omit<SweepAccountsDependencies, 'clock' | 'accounts'>;
  /** @param onRefused is called with the error if the organisation's accounts may not be listed */
  readonly accounts: (onRefused: (error: unknown) => void) => AccountList;
}

/** @throws EnvironmentError */
export function composeSweepAccounts(environment: Environment): SweepAccountsParts {
  const values = readAccountSweepEnvironment(environment);
  const tracing = makeTracing();
  const objects = new S3Objects(tracing.client(makeS3Client(environment)), values.bucketName);
  const sqs = tracing.client(makeSqsClient());
  const organizations = values.memberRoleName && tracing.client(makeOrganizationsClient());
  return {
    accounts: (onRefused) => new SweptAccounts(values.homeAccountId, organizations || undefined, onRefused),
    dependencies: {
      records: new S3SweepRecords(objects),
      jobs: new SqsAccountJobs(sqs, values.accountJobsQueueUrl),
      rest: new SqsSweepQueue(sqs, values.sweepQueueUrl),
      overview: new S3Overview(objects),
      // The signature is not needed: nothing here groups principals that change alike.
      proposals: new S3ProposalReader(objects, () => ''),
    },
    telemetry: new Telemetry('sweep-findings'),
    tracing,
  };
}

/** As {@link sweepFindingsHandler}, without an analyzer: sends a job for each account. */
export function sweepAccountsHandler(parts: SweepAccountsParts): Handler<SQSBatchResponse> {
  const { telemetry, dependencies } = parts;

  async function sweep(start: AccountSweep, context: Invocation): Promise<void> {
    const { sweepId } = start;
    const accounts = parts.accounts((error) => {
      telemetry.failure('accounts of the organisation cannot be listed: only this one is read', error, {
        sweepId,
      });
    });
    try {
      const clock = lambdaClock(context);
      const outcome = await sweepAccounts(start, { ...dependencies, accounts, clock });
      telemetry.count(METRIC.accountJobsStarted, outcome.accounts);
      const facts = { sweepId, accounts: outcome.accounts };
      if (outcome.kind === 'completed') {
        telemetry.count(METRIC.sweepsCompleted);
        if (outcome.overlooked !== undefined) {
          const text = 'proposals whose findings are closed are not looked for';
          telemetry.failure(text, outcome.overlooked, { sweepId });
        }
        telemetry.info('sweep is completed', facts);
      } else {
        if (outcome.because === 'throttled') telemetry.count(METRIC.throttled);
        telemetry.info('sweep goes on later', { ...facts, because: outcome.because });
      }
    } catch (error) {
      telemetry.failure('sweep failed', error, { sweepId });
      throw error;
    }
  }

  return sweepHandler(parts, {
    read: readAccountSweep,
    ofOtherSource: { read: readSweepMessage, text: 'sweep of an analyzer is dropped' },
    isOwn: () => true,
    begin: (sweepId) => ({ sweepId, after: '' }),
    sweep,
  });
}

/** What differs between the sweeps for the two sources of findings. */
interface SweepKind<Start> {
  readonly read: (body: string) => Result<Start>;
  /** Recognises messages of an earlier deployment with the other source. */
  readonly ofOtherSource: { readonly read: (body: string) => Result<unknown>; readonly text: string };
  /** False if the message continues another analyzer's sweep. */
  readonly isOwn: (start: Start) => boolean;
  /** A new sweep. @param id the same if Lambda retries the invocation, so that the sweep continues */
  readonly begin: (id: string) => Start;
  /** Logs and counts why it failed before it throws. */
  readonly sweep: (start: Start, context: Invocation) => Promise<void>;
}

function sweepHandler<Start>(
  instruments: Instruments,
  { read, ofOtherSource, isOwn, begin, sweep }: SweepKind<Start>,
): Handler<SQSBatchResponse> {
  const { telemetry } = instruments;

  async function work({ messageId, body }: SqsRecord, context: Invocation): Promise<boolean> {
    const message = read(body);
    if (!message.ok) {
      if (ofOtherSource.read(body).ok) {
        telemetry.info(ofOtherSource.text, { messageId });
        return true;
      }
      telemetry.count(METRIC.malformed);
      telemetry.error('message is malformed', { messageId, error: message.problem });
      return false;
    }
    if (!isOwn(message.value)) {
      telemetry.info('sweep of another analyzer is dropped', { messageId, ...message.value });
      return true;
    }
    try {
      await sweep(message.value, context);
      return true;
    } catch {
      // The message stays in the queue.
      return false;
    }
  }

  return instrumented('sweep-findings', instruments, async (event, context) => {
    const batch = SqsEvent.safeParse(event);
    if (batch.success) {
      return batchResponse(await eachRecord(batch.data.Records, 1, context, telemetry, work));
    }
    await sweep(begin(context.awsRequestId), context);
    return batchResponse([]);
  });
}

/** The Lambda handler. */
export const handler = entry((environment) =>
  readsLastUse(environment)
    ? sweepAccountsHandler(composeSweepAccounts(environment))
    : sweepFindingsHandler(composeSweepFindings(environment)),
);
