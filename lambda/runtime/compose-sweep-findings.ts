import { AccessAnalyzerFindings } from '../adapters/aws/access-analyzer-findings.ts';
import { makeAccessAnalyzerClient, makeS3Client, makeSqsClient } from '../adapters/aws/clients.ts';
import { S3OpenProposals } from '../adapters/aws/s3-open-proposals.ts';
import { SqsFindingQueue } from '../adapters/aws/sqs-finding-queue.ts';
import { SqsSweepQueue } from '../adapters/aws/sqs-sweep-queue.ts';
import type { SweepDependencies } from '../use-cases/sweep-findings.ts';
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
  const { analyzerArn, bucketName, findingsQueueUrl, sweepQueueUrl } = readSweepEnvironment(environment);
  const tracing = makeTracing();
  const sqs = tracing.client(makeSqsClient());
  return {
    analyzerArn,
    dependencies: {
      findings: new AccessAnalyzerFindings(tracing.client(makeAccessAnalyzerClient())),
      queue: new SqsFindingQueue(sqs, findingsQueueUrl),
      rest: new SqsSweepQueue(sqs, sweepQueueUrl),
      open: new S3OpenProposals(tracing.client(makeS3Client(environment)), bucketName),
    },
    telemetry: new Telemetry('sweep-findings'),
    tracing,
  };
}
