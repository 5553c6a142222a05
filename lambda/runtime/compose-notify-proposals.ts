import { AlternateContacts } from '../adapters/aws/organizations/alternate-contacts.ts';
import { makeAccountClient, makeS3Client, makeSnsClient } from '../adapters/aws/sdk/clients.ts';
import { S3AnnouncedStore } from '../adapters/aws/s3/announced-store.ts';
import { S3ProposalReader } from '../adapters/aws/s3/proposal-reader.ts';
import { S3RunIndex } from '../adapters/aws/s3/run-index.ts';
import { SnsChatNotifier } from '../adapters/aws/messaging/sns-chat-notifier.ts';
import { SnsNotifier } from '../adapters/aws/messaging/sns-notifier.ts';
import type { AccountContacts } from '../ports/notify.ts';
import type { ProposalFacts } from '../ports/proposals.ts';
import { composeChatNotice, composeNotice } from '../report/notice/notice.ts';
import { composeOverview } from '../report/notice/overview-notice.ts';
import { runEntry } from '../report/run/run-overview.ts';
import type { NotifyDependencies } from '../use-cases/notify/notify-proposals.ts';
import type { OverviewDependencies } from '../use-cases/notify/send-overview.ts';
import { noticeContext, renderBucketOverview } from './bucket-overview.ts';
import { ENGINE_VERSION } from './engine-version.ts';
import { type Environment, type NotifyEnvironment, readNotifyEnvironment } from './environment.ts';
import { sha256 } from '../adapters/node.ts';
import { Telemetry } from './telemetry.ts';
import { makeTracing, type Tracing } from './tracing.ts';

export interface NotifyProposalsParts {
  readonly bucketName: string;
  readonly dependencies: Omit<NotifyDependencies, 'clock'>;
  readonly overview: OverviewDependencies;
  readonly telemetry: Telemetry;
  readonly tracing: Tracing;
}

/** @throws EnvironmentError */
export function composeNotifyProposals(environment: Environment): NotifyProposalsParts {
  const values = readNotifyEnvironment(environment);
  const { bucketName, partition, region, ownerTag, contacts } = values;
  const where = { partition, region, bucket: bucketName };
  const context = { ...noticeContext(where), ownerTag, ownerContact: contacts?.contact };
  const tracing = makeTracing();
  const telemetry = new Telemetry('notify-proposals');
  const s3 = tracing.client(makeS3Client(environment));
  const sns = tracing.client(makeSnsClient());
  const notifier = new SnsNotifier(sns, values.topicArn);
  const chat =
    values.chatTopicArn === undefined
      ? undefined
      : {
          notifier: new SnsChatNotifier(sns, values.chatTopicArn),
          compose: (proposals: readonly ProposalFacts[]) => composeChatNotice(proposals, context),
        };
  const index = new S3RunIndex(s3, bucketName, (proposals) =>
    renderBucketOverview(proposals, where, ENGINE_VERSION),
  );
  return {
    bucketName,
    dependencies: {
      reader: new S3ProposalReader(
        s3,
        bucketName,
        (proposal) => runEntry(proposal, { folder: '', hasReport: true }, sha256).signature,
      ),
      notifier,
      compose: (proposals, addressee) => composeNotice(proposals, context, addressee),
      chat,
      index,
      owners:
        ownerTag === undefined && contacts === undefined
          ? undefined
          : { contacts: contacts && accountContacts(contacts, tracing, telemetry) },
      isQuiet: values.announcesOverviews,
    },
    overview: {
      index,
      announced: new S3AnnouncedStore(s3, bucketName),
      notifier,
      composeOverview: (proposals, before) => composeOverview(proposals, before, context),
      overviewChat: chat,
      digest: sha256,
    },
    telemetry,
    tracing,
  };
}

function accountContacts(
  settings: NonNullable<NotifyEnvironment['contacts']>,
  tracing: Tracing,
  telemetry: Telemetry,
): AccountContacts {
  return new AlternateContacts(tracing.client(makeAccountClient()), {
    ...settings,
    refused: (error) => {
      telemetry.failure("a contact may not be read; what it would own is told as nobody's", error, {});
    },
  });
}
