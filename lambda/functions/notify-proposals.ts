import { composeChatNotice } from '../report/notice/chat-notice.ts';
import type { SQSBatchResponse } from 'aws-lambda';
import { EventBridgeEvents } from '../adapters/aws/messaging/events.ts';
import { SnsChatNotifier, SnsNotifier } from '../adapters/aws/messaging/topics.ts';
import { AlternateContacts } from '../adapters/aws/organizations/alternate-contacts.ts';
import { S3Objects } from '../adapters/aws/s3/objects.ts';
import { S3AnnouncedStore, S3Overview } from '../adapters/aws/s3/overview.ts';
import { S3ProposalReader, S3Proposals } from '../adapters/aws/s3/proposals.ts';
import {
  makeAccountClient,
  makeEventBridgeClient,
  makeS3Client,
  makeSnsClient,
} from '../adapters/aws/sdk/clients.ts';
import { sha256 } from '../adapters/node.ts';
import { METRIC } from '../contract/metrics.ts';
import { INDEX_OBJECT } from '../contract/object-keys.ts';
import { accountOfArn } from '../core/model/account.ts';
import type { AccountContacts } from '../ports/notify.ts';
import type { ProposalFacts } from '../ports/proposals.ts';
import { composeNotice } from '../report/notice/notice.ts';
import { composeOverview } from '../report/notice/overview-notice.ts';
import { composeEvent } from '../report/notice/proposal-event.ts';
import { renderBucketOverview } from '../report/run/bucket-overview.ts';
import { runEntry } from '../report/run/run-overview.ts';
import { ENGINE_VERSION } from '../runtime/engine-version.ts';
import { type Environment, type NotifyEnvironment, readNotifyEnvironment } from '../runtime/environment.ts';
import {
  batchResponse,
  entry,
  type Handler,
  instrumented,
  type Instruments,
  type Invocation,
  lambdaClock,
  recordsOf,
  type SqsRecord,
} from '../runtime/invocation.ts';
import { isOverviewOrder, readStoredObject } from '../runtime/messages.ts';
import { Telemetry } from '../runtime/telemetry.ts';
import { makeTracing, type Tracing } from '../runtime/tracing.ts';
import {
  type NotifyDependencies,
  notifyProposals,
  type StoredMessage,
} from '../use-cases/notify/notify-proposals.ts';
import { publishWithheld, type WithheldDependencies } from '../use-cases/notify/publish-events.ts';
import { type OverviewDependencies, sendOverview } from '../use-cases/notify/send-overview.ts';

/** What the function keeps between invocations. */
export interface NotifyProposalsParts extends Instruments {
  readonly bucketName: string;
  readonly dependencies: Omit<NotifyDependencies, 'clock'>;
  readonly overview: Omit<OverviewDependencies, 'clock'>;
  /** Undefined if no events are sent to programs. */
  readonly withheld: WithheldDependencies | undefined;
}

/** @throws EnvironmentError */
export function composeNotifyProposals(environment: Environment): NotifyProposalsParts {
  const values = readNotifyEnvironment(environment);
  const { bucketName, partition, region, ownerTag, contacts, accountNames } = values;
  const where = { partition, region, bucket: bucketName };
  const context = {
    ...where,
    homeAccountId: accountOfArn(values.topicArn),
    indexKey: INDEX_OBJECT,
    ownerTag,
    ownerContact: contacts?.contact,
    accountNames,
  };
  const tracing = makeTracing();
  const telemetry = new Telemetry('notify-proposals');
  const objects = new S3Objects(tracing.client(makeS3Client(environment)), bucketName);
  const sns = tracing.client(makeSnsClient());
  const notifier = new SnsNotifier(sns, values.topicArn);
  const chat =
    values.chatTopicArn === undefined
      ? undefined
      : {
          notifier: new SnsChatNotifier(sns, values.chatTopicArn),
          compose: (proposals: readonly ProposalFacts[]) => composeChatNotice(proposals, context),
        };
  const events =
    values.eventBusArn === undefined
      ? undefined
      : new EventBridgeEvents(tracing.client(makeEventBridgeClient()), values.eventBusArn);
  const overview = new S3Overview(objects);
  const repository = new S3Proposals(objects);
  const page = (rows: readonly ProposalFacts[]): string =>
    renderBucketOverview(rows, where, ENGINE_VERSION, accountNames);
  return {
    bucketName,
    dependencies: {
      reader: new S3ProposalReader(
        objects,
        (proposal) => runEntry(proposal, { folder: '', hasReport: true }, sha256).signature,
      ),
      notifier,
      compose: (proposals, addressee) => composeNotice(proposals, context, addressee),
      chat,
      overview,
      repository,
      page,
      owners:
        ownerTag === undefined && contacts === undefined
          ? undefined
          : { contacts: contacts && accountContacts(contacts, tracing, telemetry) },
      programs: events && {
        events,
        compose: (facts, isNew) => composeEvent(facts, isNew, bucketName, accountNames),
      },
      isQuiet: values.announcesOverviews,
    },
    withheld: events && {
      events,
      bucket: bucketName,
      accountNames,
      repository,
    },
    overview: {
      overview,
      page,
      announced: new S3AnnouncedStore(objects),
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
      telemetry.failure('a contact cannot be read; its proposals have no owner', error, {});
    },
  });
}

/** Notifies people of the proposals of a batch, and of all proposals if the batch requests an overview. */
export function notifyProposalsHandler(parts: NotifyProposalsParts): Handler<SQSBatchResponse> {
  const { telemetry, dependencies, overview, withheld, bucketName } = parts;

  /** Picks the messages about proposals. `failed` gets the ids of malformed ones, `aside` the withheld proposals. */
  function sort(
    records: readonly SqsRecord[],
    failed: Set<string>,
    aside: Map<string, string>,
  ): readonly StoredMessage[] {
    return records.flatMap(({ messageId, body }): StoredMessage[] => {
      const message = readStoredObject(body, bucketName);
      if (message.kind === 'withheld') {
        aside.set(messageId, message.key);
        return [];
      }
      if (message.kind === 'proposal' || message.kind === 'state') {
        return [{ messageId, key: message.key, isNew: message.kind === 'proposal' }];
      }
      if (message.kind === 'ignored') {
        telemetry.count(METRIC.ignoredEvents);
        telemetry.info('event is ignored', { messageId, reason: message.reason });
        return [];
      }
      telemetry.count(METRIC.malformed);
      telemetry.error('message is malformed', { messageId, error: message.problem });
      failed.add(messageId);
      return [];
    });
  }

  /** `failed` gets the ids of messages that must be retried. */
  async function publishWithheldEvents(
    aside: ReadonlyMap<string, string>,
    failed: Set<string>,
  ): Promise<void> {
    if (withheld === undefined) return;
    for (const [messageId, key] of aside) {
      try {
        await publishWithheld(key, withheld);
      } catch (error) {
        telemetry.failure('event failed: withheld', error, { key });
        failed.add(messageId);
      }
    }
  }

  /** False if the request must be retried. */
  async function announce(context: Invocation): Promise<boolean> {
    try {
      const outcome = await sendOverview({ ...overview, clock: lambdaClock(context) });
      if (outcome.kind === 'nothing-new') telemetry.info('overview is not sent: nothing is new', {});
      else {
        telemetry.info('overview is sent', { proposals: outcome.proposals });
        if (outcome.chatError !== undefined) telemetry.failure('notice failed: chat', outcome.chatError, {});
      }
      return true;
    } catch (error) {
      telemetry.failure('notice failed: overview', error, {});
      return false;
    }
  }

  return instrumented('notify-proposals', parts, async (event, context) => {
    const records = recordsOf(event, 'notify-proposals');
    const failed = new Set<string>();
    const aside = new Map<string, string>();
    const orders = records.filter(({ body }) => isOverviewOrder(body));
    const messages = sort(
      records.filter((record) => !orders.includes(record)),
      failed,
      aside,
    );
    const outcome = await notifyProposals(messages, { ...dependencies, clock: lambdaClock(context) });
    for (const { step, key, error, owner } of outcome.failures) {
      if (step === 'time') telemetry.warn('proposal comes again: the time is short', { key });
      else telemetry.failure(`notice failed: ${step}`, error, { key, owner });
    }
    telemetry.count(METRIC.proposalsNotified, outcome.notified);
    telemetry.count(METRIC.gone, outcome.gone);
    telemetry.info('batch is done', {
      messages: records.length,
      notified: outcome.notified,
      gone: outcome.gone,
      failed: outcome.failed.length + failed.size,
    });
    for (const messageId of outcome.failed) failed.add(messageId);
    await publishWithheldEvents(aside, failed);
    // After the batch, so that the overview includes it. Several requests count as one.
    if (orders.length > 0 && !(await announce(context))) {
      for (const { messageId } of orders) failed.add(messageId);
    }
    return batchResponse(failed);
  });
}

/** The Lambda handler. */
export const handler = entry((environment) => notifyProposalsHandler(composeNotifyProposals(environment)));
