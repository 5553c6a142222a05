import { makeS3Client, makeSnsClient } from '../adapters/aws/clients.ts';
import { S3ProposalReader } from '../adapters/aws/s3-proposal-reader.ts';
import { S3RunIndex } from '../adapters/aws/s3-run-index.ts';
import { SnsChatNotifier } from '../adapters/aws/sns-chat-notifier.ts';
import { SnsNotifier } from '../adapters/aws/sns-notifier.ts';
import { composeChatNotice, composeNotice } from '../report/notice.ts';
import { runEntry } from '../report/run-overview.ts';
import type { NotifyDependencies } from '../use-cases/notify-proposals.ts';
import { noticeContext, renderBucketOverview } from './bucket-overview.ts';
import { ENGINE_VERSION } from './engine-version.ts';
import { type Environment, readNotifyEnvironment } from './environment.ts';
import { sha256 } from '../adapters/node/sha256.ts';
import { Telemetry } from './telemetry.ts';
import { makeTracing, type Tracing } from './tracing.ts';

export interface NotifyProposalsParts {
  readonly bucketName: string;
  readonly dependencies: Omit<NotifyDependencies, 'clock'>;
  readonly telemetry: Telemetry;
  readonly tracing: Tracing;
}

/** @throws EnvironmentError */
export function composeNotifyProposals(environment: Environment): NotifyProposalsParts {
  const { bucketName, partition, region, topicArn, chatTopicArn } = readNotifyEnvironment(environment);
  const where = { partition, region, bucket: bucketName };
  const context = noticeContext(where);
  const tracing = makeTracing();
  const s3 = tracing.client(makeS3Client(environment));
  const sns = tracing.client(makeSnsClient());
  return {
    bucketName,
    dependencies: {
      reader: new S3ProposalReader(
        s3,
        bucketName,
        (proposal) => runEntry(proposal, { folder: '', hasReport: true }, sha256).signature,
      ),
      notifier: new SnsNotifier(sns, topicArn),
      compose: (proposals) => composeNotice(proposals, context),
      chat:
        chatTopicArn === undefined
          ? undefined
          : {
              notifier: new SnsChatNotifier(sns, chatTopicArn),
              compose: (proposals) => composeChatNotice(proposals, context),
            },
      index: new S3RunIndex(s3, bucketName, (proposals) =>
        renderBucketOverview(proposals, where, ENGINE_VERSION),
      ),
    },
    telemetry: new Telemetry('notify-proposals'),
    tracing,
  };
}
