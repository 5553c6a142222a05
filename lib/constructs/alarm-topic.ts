import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { acknowledge } from './allow.ts';
import type { Encryption } from './encryption.ts';
import { subscribe } from './notifications.ts';

export interface AlarmTopicProps {
  /** The prefix of the alarms' names. */
  readonly name: string;
  readonly addresses: readonly string[];
  readonly encryption: Encryption;
  readonly undelivered: sqs.Queue;
}

/**
 * A separate topic for alarms, because reviewers of proposals do not always operate the stack, and filter policies for
 * proposals would drop alarms. Only this stack's alarms may publish.
 */
export class AlarmTopic extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    super(scope, id);
    const key = props.encryption.key;
    this.topic = new sns.Topic(this, 'Topic', {
      displayName: 'Alarms of unused-access-refiner',
      enforceSSL: true,
      ...(key === undefined ? {} : { masterKey: key }),
    });
    if (key === undefined) {
      acknowledge(
        this.topic,
        'AwsSolutions-SNS2',
        'CloudWatch cannot publish under alias/aws/sns, and AWS-managed keys were chosen; alarms hold names and counts only.',
      );
    }
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'OwnAlarms',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: {
          ArnLike: {
            'aws:SourceArn': `arn:${Aws.PARTITION}:cloudwatch:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarm:${props.name}-*`,
          },
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        },
      }),
    );
    subscribe(this.topic, props.addresses, props.undelivered);
  }
}
