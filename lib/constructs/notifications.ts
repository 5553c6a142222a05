import { Aws, Duration } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { ACCOUNT_CONTACTS, type AccountContact } from '../../lambda/contract/settings.ts';
import { ENV } from '../../lambda/contract/environment.ts';
import { FUNCTION, SERVICE_NAME } from '../../lambda/contract/functions.ts';
import { NOTIFY_CALLS } from '../../lambda/contract/iam-calls.ts';
import {
  PROPOSAL_OBJECT,
  PROPOSALS_PREFIX,
  SHARED_PREFIX,
  STATE_OBJECT,
  WITHHELD_OBJECT,
} from '../../lambda/contract/object-keys.ts';
import { acknowledge, allow } from './allow.ts';
import type { RefinerConfig } from '../config/config.ts';
import type { Encryption } from './encryption.ts';
import { HandlerFunction } from './handler-function.ts';
import type { Platform } from './platform.ts';
import type { ProposalStore } from './proposal-store.ts';
import { deadLetterQueue, RuleToQueue, WorkQueue } from './work-queue.ts';
import { sendOnSchedule } from './scheduled-start.ts';

export interface NotificationsProps {
  readonly config: RefinerConfig;
  readonly platform: Platform;
  readonly encryption: Encryption;
  readonly store: ProposalStore;
}

/** Reading a thousand proposals takes well under a minute. Whatever takes longer is retried. */
const NOTIFY_TIMEOUT = Duration.minutes(2);

/**
 * Notifies people. Each stored `proposal.json` becomes a notice in a queue, and the notices of one window become one
 * message. Notices are triggered by the stored object, so people are notified even if the worker dies after the write.
 */
export class Notifications extends Construct {
  readonly topic: sns.Topic;
  /** For Amazon Q Developer in chat applications, if configured. */
  readonly chatTopic: sns.Topic | undefined;
  readonly notices: WorkQueue;
  /** What SNS could not deliver to a subscriber. */
  readonly undelivered: sqs.Queue;
  readonly rule: RuleToQueue;
  readonly handler: HandlerFunction;

  constructor(scope: Construct, id: string, props: NotificationsProps) {
    super(scope, id);
    const { config, platform, encryption, store } = props;
    this.topic = this.#topic('Topic', 'Proposals to remove unused access', encryption);
    this.chatTopic = config.chatTopic
      ? this.#topic('ChatTopic', 'Proposals to remove unused access, for chat', encryption)
      : undefined;
    this.undelivered = deadLetterQueue(this, 'Undelivered', encryption);
    subscribe(this.topic, config.email, this.undelivered);

    const busArn =
      config.eventBus === 'default'
        ? `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:event-bus/default`
        : config.eventBus;
    const window = Duration.seconds(config.notificationWindow);
    this.notices = new WorkQueue(this, 'Notices', {
      encryption,
      visibilityTimeout: Duration.seconds(NOTIFY_TIMEOUT.toSeconds() * 6 + config.notificationWindow),
    });
    this.rule = new RuleToQueue(this, 'StoredProposals', {
      description: 'Proposals that have been stored completely, and what is said of them later',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [store.bucket.bucketName] },
          object: {
            key: [
              { wildcard: `${PROPOSALS_PREFIX}*/${PROPOSAL_OBJECT}` },
              { wildcard: `${PROPOSALS_PREFIX}*/${STATE_OBJECT}` },
              { wildcard: `${PROPOSALS_PREFIX}*/${WITHHELD_OBJECT}` },
              { wildcard: `${SHARED_PREFIX}*/${PROPOSAL_OBJECT}` },
              { wildcard: `${SHARED_PREFIX}*/${STATE_OBJECT}` },
            ],
          },
        },
      },
      target: this.notices,
    });
    this.handler = new HandlerFunction(this, 'Notify', {
      name: FUNCTION.notify,
      description: 'Sends one message about all proposals that were stored within the window',
      timeout: NOTIFY_TIMEOUT,
      // The overview of a hundred thousand proposals takes about 300 MB and six seconds of a full vCPU.
      memorySize: 1024,
      platform,
      encryption,
      environment: {
        [ENV.bucketName]: store.bucket.bucketName,
        [ENV.partition]: Aws.PARTITION,
        [ENV.topicArn]: this.topic.topicArn,
        [ENV.eventBusArn]: busArn,
        ...(this.chatTopic === undefined ? {} : { [ENV.chatTopicArn]: this.chatTopic.topicArn }),
        ...(Object.keys(config.accountNames).length === 0
          ? {}
          : { [ENV.accountNames]: JSON.stringify(config.accountNames) }),
        ...(config.ownerTag === undefined ? {} : { [ENV.ownerTag]: config.ownerTag }),
        ...(config.ownerContact === 'none'
          ? {}
          : { [ENV.ownerContact]: config.ownerContact, [ENV.homeAccountId]: Aws.ACCOUNT_ID }),
        ...(config.announcements === 'each' ? {} : { [ENV.announcements]: config.announcements }),
      },
    });
    const { role } = this.handler;
    store.grantNotify(role, NOTIFY_CALLS);
    allow(role, 'TellPeople', NOTIFY_CALLS.topic, this.topic.topicArn);
    // One call has several events. `ForAllValues` also matches a request without events, hence the second condition.
    allow(role, 'TellPrograms', NOTIFY_CALLS.bus, busArn, {
      'ForAllValues:StringEquals': { 'events:source': SERVICE_NAME },
      Null: { 'events:source': 'false' },
    });
    if (this.chatTopic !== undefined) {
      allow(role, 'TellChat', NOTIFY_CALLS.topic, this.chatTopic.topicArn);
    }
    if (config.ownerContact !== 'none') readContacts(role, config.ownerContact);
    encryption.grant(role, 'sns', 'write');
    encryption.grant(role, 'sqs', 'read');
    // A burst becomes one message if it fits into one batch: up to 1,000 notices of about 1 KB, well under Lambda's 6
    // MB, and as few pollers as SQS allows. Without a window, batches have ten messages at most.
    this.handler.consume(this.notices.queue, {
      batchSize: config.notificationWindow === 0 ? 10 : 1000,
      maxConcurrency: 2,
      ...(config.notificationWindow === 0 ? {} : { maxBatchingWindow: window }),
    });
    if (config.announcements === 'overview') {
      sendOnSchedule(this, {
        expression: config.overviewSchedule,
        platform,
        purpose: 'overview-schedule',
        description: 'asks for an overview of all proposals',
        roleDescription: 'asks for overviews',
        sid: 'AskForOverview',
        // Sent through the queue like every other notification: a failure is retried five times and then goes to the
        // dead-letter queue, which raises an alarm and can be redriven. A direct invocation would need all of that
        // again.
        queue: this.notices.queue,
        input: JSON.stringify({ overview: true }),
        deadLetters: this.notices.deadLetters,
        encryption,
      });
    }
  }

  #topic(id: string, displayName: string, encryption: Encryption): sns.Topic {
    return new sns.Topic(this, id, {
      displayName,
      enforceSSL: true,
      masterKey: encryption.topicKey,
    });
  }
}

/** Lets the role read one kind of contact, of this account and of all accounts of its organisation. */
function readContacts(role: iam.Role, contact: AccountContact): void {
  const member = (account: string) => `arn:${Aws.PARTITION}:account::${account}`;
  const accounts = [`${member(Aws.ACCOUNT_ID)}:account`, `${member('*')}:account/o-*/*`];
  allow(role, 'ReadContacts', NOTIFY_CALLS.contacts, accounts, {
    // The key has a list of values, so the condition never matches without a set operator.
    'ForAnyValue:StringEquals': { 'account:AlternateContactTypes': ACCOUNT_CONTACTS[contact] },
  });
  acknowledge(
    role,
    'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:account::*:account/o-*/*]',
    'Members of the organisation, whose number and management account are not known here; only this contact is read.',
  );
}

/** Subscribes addresses, each of which gets a request to confirm. Undeliverable messages go to a queue. */
export function subscribe(topic: sns.Topic, addresses: readonly string[], undelivered: sqs.Queue): void {
  for (const address of addresses) {
    topic.addSubscription(new subscriptions.EmailSubscription(address, { deadLetterQueue: undelivered }));
  }
}
