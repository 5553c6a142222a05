import { Annotations, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import { environmentLengths, type RefinerConfig } from '../config/config.ts';
import { AccountWorker } from '../constructs/account-worker.ts';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { Catalogue } from '../constructs/catalogue.ts';
import { Encryption } from '../constructs/encryption.ts';
import { assertEnvironmentsFit } from '../constructs/environment-size.ts';
import { FindingIntake } from '../constructs/finding-intake.ts';
import { Notifications } from '../constructs/notifications.ts';
import { Operations } from '../constructs/operations.ts';
import { ProposalStore } from '../constructs/proposal-store.ts';
import { Sweep } from '../constructs/sweep.ts';
import { Worker, WORKER_TIMEOUT } from '../constructs/worker.ts';

export interface RefinerStackProps extends StackProps {
  readonly config: RefinerConfig;
}

/** Findings come in, exact proposals go to a bucket, and people are notified. Nothing here can change IAM. */
export class RefinerStack extends Stack {
  constructor(scope: Construct, id: string, props: RefinerStackProps) {
    super(scope, id, { description: 'Proposes IAM policies without the access that nobody uses', ...props });
    const { config } = props;
    const removalPolicy =
      config.removalPolicy === 'retain'
        ? // Not what a first deployment made that failed: a second try would leave orphans behind.
          RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        : RemovalPolicy.DESTROY;
    if (config.email.length === 0) {
      Annotations.of(this).addWarningV2(
        'unused-access-refiner:nobody-is-told',
        'option email is not given: proposals are stored, but nobody is told until somebody subscribes to the topic',
      );
    }
    const encryption = new Encryption(this, 'Encryption', { encryption: config.encryption, removalPolicy });
    const store = new ProposalStore(this, 'ProposalStore', {
      encryption,
      removalPolicy,
      retentionDays: config.retentionDays,
      readers: config.readers,
    });
    const intake = new FindingIntake(this, 'FindingIntake', {
      analyzer: config.analyzer,
      encryption,
      // Six times the function's timeout, as Lambda requires.
      // Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(WORKER_TIMEOUT.toSeconds() * 6),
    });
    // An account may have its one analyzer already; the deployment then fails before there is anything to clean up.
    if (intake.analyzer !== undefined) {
      encryption.node.addDependency(intake.analyzer);
      store.node.addDependency(intake.analyzer);
    }
    const shared = { config, removalPolicy, encryption };
    const worker = new Worker(this, 'Worker', { ...shared, intake, store });
    const accountWorker = new AccountWorker(this, 'AccountWorker', { ...shared, intake, store, worker });
    const sweep = new Sweep(this, 'Sweep', { ...shared, intake, store, accounts: accountWorker.accounts });
    const catalogue = new Catalogue(this, 'Catalogue', { ...shared, store });
    const notifications = new Notifications(this, 'Notifications', { ...shared, store });
    const handlers = [worker, accountWorker, sweep, catalogue, notifications].map(({ handler }) => handler);
    assertEnvironmentsFit(handlers, environmentLengths(config));
    const alarms = new AlarmTopic(this, 'Alarms', {
      addresses: config.alarmEmail,
      encryption,
      undelivered: notifications.undelivered,
    });
    new Operations(this, 'Operations', {
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

    const outputs: Readonly<Record<string, string | undefined>> = {
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
    };
    for (const [name, value] of Object.entries(outputs)) {
      if (value !== undefined) new CfnOutput(this, name, { value });
    }
  }
}
