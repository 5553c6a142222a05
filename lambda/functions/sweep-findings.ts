import type { SQSBatchResponse } from 'aws-lambda';
import { AccessAnalyzerFindings } from '../adapters/aws/access-analyzer/findings.ts';
import { SqsAccountJobs, SqsFindingQueue, SqsSweepQueue } from '../adapters/aws/messaging/queues.ts';
import { S3Objects } from '../adapters/aws/s3/objects.ts';
import { S3Overview } from '../adapters/aws/s3/overview.ts';
import { S3ProposalReader } from '../adapters/aws/s3/proposals.ts';
import { S3SweepRecords } from '../adapters/aws/s3/sweeps.ts';
import { makeAccessAnalyzerClient, makeS3Client, makeSqsClient } from '../adapters/aws/sdk/clients.ts';
import { METRIC } from '../contract/metrics.ts';
import type { SweepContinuation } from '../ports/sweep.ts';
import { type Environment, readSweepEnvironment } from '../runtime/environment.ts';
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
import { readSweepMessage } from '../runtime/messages.ts';
import { Telemetry } from '../runtime/telemetry.ts';
import { makeTracing } from '../runtime/tracing.ts';
import type { SweepDependencies } from '../use-cases/sweep/slice.ts';
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
      // Nobody asks here which principals change alike.
      proposals: new S3ProposalReader(objects, () => ''),
    },
    telemetry: new Telemetry('sweep-findings'),
    tracing,
  };
}

/**
 * Sweeps the analyzer. A queue's event carries the rest of a sweep. Anything else that invokes the function, usually
 * the schedule, starts a new one. A new sweep that fails is an error of the invocation, which Lambda retries.
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

  async function work({ messageId, body }: SqsRecord, context: Invocation): Promise<boolean> {
    const message = readSweepMessage(body);
    if (!message.ok) {
      telemetry.count(METRIC.malformed);
      telemetry.error('message is malformed', { messageId, error: message.problem });
      return false;
    }
    if (message.value.analyzerArn !== analyzerArn) {
      telemetry.info('sweep of another analyzer is dropped', {
        messageId,
        analyzerArn: message.value.analyzerArn,
      });
      return true;
    }
    try {
      await sweep(message.value, context);
      return true;
    } catch {
      // Logged and counted where it happened; the message stays in the queue.
      return false;
    }
  }

  return instrumented('sweep-findings', parts, async (event, context) => {
    const batch = SqsEvent.safeParse(event);
    if (batch.success) {
      return batchResponse(await eachRecord(batch.data.Records, 1, context, telemetry, work));
    }
    // Lambda retries a failed invocation under the same id, and the sweep then continues.
    await sweep(newSweep(analyzerArn, context.awsRequestId), context);
    return batchResponse([]);
  });
}

/** What Lambda calls. */
export const handler = entry((environment) => sweepFindingsHandler(composeSweepFindings(environment)));
