import { AccessAnalyzerFindings } from '../adapters/aws/access-analyzer/findings.ts';
import { makeAccessAnalyzerClient, makeS3Client, makeSqsClient } from '../adapters/aws/sdk/clients.ts';
import { S3OpenProposals } from '../adapters/aws/s3/open-proposals.ts';
import { S3Objects } from '../adapters/aws/s3/objects.ts';
import { S3SweepRecords } from '../adapters/aws/s3/sweep-records.ts';
import { SqsAccountJobs } from '../adapters/aws/messaging/sqs-account-jobs.ts';
import { SqsFindingQueue } from '../adapters/aws/messaging/sqs-finding-queue.ts';
import { SqsSweepQueue } from '../adapters/aws/messaging/sqs-sweep-queue.ts';
import type { SweepDependencies } from '../use-cases/sweep/sweep-findings.ts';
import { type Environment, readSweepEnvironment } from './environment.ts';
import { Telemetry } from './telemetry.ts';
import { makeTracing, type Tracing } from './tracing.ts';

export interface SweepFindingsParts {
  readonly analyzerArn: string;
  readonly dependencies: Omit<SweepDependencies, 'clock'>;
  readonly telemetry: Telemetry;
  readonly tracing: Tracing;
}

/** @throws EnvironmentError */
export function composeSweepFindings(environment: Environment): SweepFindingsParts {
  const values = readSweepEnvironment(environment);
  const { analyzerArn, bucketName, findingsQueueUrl, sweepQueueUrl, bulkThreshold } = values;
  const tracing = makeTracing();
  const s3 = tracing.client(makeS3Client(environment));
  const sqs = tracing.client(makeSqsClient());
  return {
    analyzerArn,
    dependencies: {
      findings: new AccessAnalyzerFindings(
        tracing.client(makeAccessAnalyzerClient(values.analyzerCallsPerSecond)),
      ),
      records: new S3SweepRecords(new S3Objects(s3, bucketName)),
      bulkThreshold,
      jobs: new SqsAccountJobs(sqs, values.accountJobsQueueUrl),
      queue: new SqsFindingQueue(sqs, findingsQueueUrl),
      rest: new SqsSweepQueue(sqs, sweepQueueUrl),
      open: new S3OpenProposals(s3, bucketName),
    },
    telemetry: new Telemetry('sweep-findings'),
    tracing,
  };
}
