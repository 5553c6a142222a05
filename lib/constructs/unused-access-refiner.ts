import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { Annotations, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as cxapi from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';

import type { FunctionName } from '../../lambda/contract/functions.ts';
import { projectRoot } from '../config/project-root.ts';
import { AccountWorker } from './account-worker.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { Catalogue } from './catalogue.ts';
import { Encryption } from './encryption.ts';
import { assertEnvironmentsFit, environmentLengths } from './environment-size.ts';
import { FindingIntake } from './finding-intake.ts';
import { Notifications } from './notifications.ts';
import { Operations } from './operations.ts';
import { platformOf } from './platform.ts';
import { ProposalStore } from './proposal-store.ts';
import { configOf } from './refiner-config.ts';
import type { UnusedAccessRefinerProps } from './refiner-props.ts';
import { Sweep } from './sweep.ts';
import { Worker, WORKER_TIMEOUT } from './worker.ts';

/**
 * Turns unused-access findings of IAM Access Analyzer into proposals of smaller policies, stores them in a bucket, and
 * notifies people. Nothing in it can change IAM.
 *
 * Add tags and a permissions boundary as for any construct: `Tags.of(refiner).add(…)` and
 * `PermissionsBoundary.of(refiner).apply(…)`.
 *
 * @example new UnusedAccessRefiner(this, 'UnusedAccess', { email: ['iam-reviews@example.org'] });
 */
export class UnusedAccessRefiner extends Construct {
  /** Where proposals are stored. */
  readonly bucket: s3.IBucket;
  /** Notifies people of proposals. */
  readonly topic: sns.ITopic;
  /** The topic for chats, if configured. */
  readonly chatTopic: sns.ITopic | undefined;
  /** Notifies people of alarms. */
  readonly alarmTopic: sns.ITopic;
  readonly alarms: cloudwatch.IAlarm[];
  /** Undefined if findings come from reports of last use. */
  readonly analyzerArn: string | undefined;
  /** The key that encrypts bucket, queues and topics; undefined if AWS manages the keys. */
  readonly encryptionKey: kms.IKey | undefined;
  /** A policy to attach to the roles of reviewers; `grantRead` does the same for one role or user. */
  readonly readersPolicy: iam.IManagedPolicy;
  /** The two roles that a member account's role must trust. */
  readonly workerRole: iam.IRole;
  readonly accountWorkerRole: iam.IRole;
  /** Names, addresses and ARNs, by the names of this project's stack outputs. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly #store: ProposalStore;

  /** @throws Error with a sentence for each wrong property */
  constructor(scope: Construct, id: string, props: UnusedAccessRefinerProps = {}) {
    super(scope, id);
    // Without this feature flag the bucket cannot be created, because access logs would need ACLs.
    this.node.setContext(cxapi.S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    const config = configOf(this, props);
    const removalPolicy =
      config.removalPolicy === 'retain'
        ? // Resources of a failed first deployment are deleted: each further attempt would leave orphans.
          RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        : RemovalPolicy.DESTROY;
    if (config.email.length === 0) {
      Annotations.of(this).addWarningV2(
        'unused-access-refiner:nobody-is-told',
        'option email is not given: proposals are stored, but nobody is told until somebody subscribes to the topic',
      );
    }
    const platform = platformOf(config, removalPolicy, bundleOf);
    const encryption = new Encryption(this, 'Encryption', {
      encryption: config.encryption,
      key: props.encryptionKey,
      encryptLogs: config.encryptLogs,
      removalPolicy,
    });
    const store = new ProposalStore(this, 'ProposalStore', {
      encryption,
      removalPolicy,
      rolePath: config.rolePath,
      retentionDays: config.retentionDays,
      readers: config.readers,
      deciders: config.deciders,
    });
    const intake = new FindingIntake(this, 'FindingIntake', {
      analyzer: config.analyzer,
      encryption,
      // Six times the function's timeout, as Lambda requires.
      // Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(WORKER_TIMEOUT.toSeconds() * 6),
    });
    // The account may already have its one analyzer. The deployment then fails before there is anything to clean up.
    if (intake.analyzer !== undefined) {
      encryption.node.addDependency(intake.analyzer);
      store.node.addDependency(intake.analyzer);
    }
    const shared = { config, platform, encryption };
    const worker = new Worker(this, 'Worker', { ...shared, intake, store });
    const accountWorker = new AccountWorker(this, 'AccountWorker', { ...shared, intake, store, worker });
    const sweep = new Sweep(this, 'Sweep', { ...shared, intake, store, accounts: accountWorker.accounts });
    const catalogue = new Catalogue(this, 'Catalogue', { ...shared, store });
    const notifications = new Notifications(this, 'Notifications', { ...shared, store });
    const handlers = [worker, accountWorker, sweep, catalogue, notifications].map(({ handler }) => handler);
    assertEnvironmentsFit(handlers, environmentLengths(config));
    const alarms = new AlarmTopic(this, 'Alarms', {
      name: config.name,
      addresses: config.alarmEmail,
      encryption,
      undelivered: notifications.undelivered,
    });
    const operations = new Operations(this, 'Operations', {
      name: config.name,
      intake,
      worker,
      accountWorker,
      sweep,
      catalogue,
      notifications,
      alarmTopic: alarms.topic,
      sweepAlarmHours: config.sweepAlarmHours,
      runbookUrl: config.runbookUrl,
    });

    this.bucket = asInterface<s3.IBucket>(store.bucket);
    this.topic = notifications.topic;
    this.chatTopic = notifications.chatTopic;
    this.alarmTopic = alarms.topic;
    this.alarms = [...operations.alarms];
    this.analyzerArn = intake.analyzerArn;
    this.encryptionKey = encryption.key;
    this.readersPolicy = store.readers;
    this.workerRole = worker.handler.role;
    this.accountWorkerRole = accountWorker.handler.role;
    this.#store = store;
    this.outputs = present({
      AnalyzerArn: intake.analyzerArn,
      FindingsQueueUrl: intake.findings.queue.queueUrl,
      FindingsDeadLettersUrl: intake.findings.deadLetters.queueUrl,
      AccountsQueueUrl: accountWorker.accounts.queue.queueUrl,
      AccountsDeadLettersUrl: accountWorker.accounts.deadLetters.queueUrl,
      SweepQueueUrl: sweep.rest.queue.queueUrl,
      SweepDeadLettersUrl: sweep.rest.deadLetters.queueUrl,
      CatalogueDeadLettersUrl: catalogue.deadLetters.queueUrl,
      NoticesQueueUrl: notifications.notices.queue.queueUrl,
      NoticesDeadLettersUrl: notifications.notices.deadLetters.queueUrl,
      UndeliveredMessagesUrl: notifications.undelivered.queueUrl,
      ProposalsBucketName: store.bucket.bucketName,
      ReportReadersPolicyArn: store.readers.managedPolicyArn,
      TopicArn: notifications.topic.topicArn,
      ChatTopicArn: notifications.chatTopic?.topicArn,
      AlarmTopicArn: alarms.topic.topicArn,
      RefineFunctionName: worker.handler.function.functionName,
      AccountFunctionName: accountWorker.handler.function.functionName,
      SweepFunctionName: sweep.handler.function.functionName,
      CatalogueFunctionName: catalogue.handler.function.functionName,
      NotifyFunctionName: notifications.handler.function.functionName,
      WorkerRoleArn: worker.handler.role.roleArn,
      AccountWorkerRoleArn: accountWorker.handler.role.roleArn,
      KeyArn: encryption.key?.keyArn,
    });
  }

  /** Lets a role or user list and read proposals, in addition to `readers`. */
  grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.#store.grantRead(grantee);
  }
}

/** Converts between the library's classes and interfaces, which disagree about `undefined` in optional members. */
function asInterface<T>(value: unknown): T {
  // Trust boundary: see above.
  return value as T;
}

function present(values: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The bundle that `scripts/build.ts` made; nothing is bundled during synthesis. */
function bundleOf(scope: Construct, name: FunctionName): lambda.Code {
  // A template without bundling needs no code.
  if (!Stack.of(scope).bundlingRequired) return lambda.Code.fromInline('// left out');
  const folder = join(projectRoot(), 'dist', 'functions', name);
  if (existsSync(folder)) return lambda.Code.fromAsset(folder);
  throw new Error(`there is no bundle of ${name} in dist/functions; run npm run prepare and try again`);
}
