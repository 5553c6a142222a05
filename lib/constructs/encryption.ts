import { Aws, type RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import type { EncryptionConfig } from '../config/config.ts';
import { allow } from './allow.ts';

export interface EncryptionProps {
  readonly encryption: EncryptionConfig;
  /** The key, if given as a construct; its policy may be changeable. */
  readonly key?: kms.IKey | undefined;
  /** What happens to a key created here when the stack is deleted. It is retained if the bucket is. */
  readonly removalPolicy: RemovalPolicy;
  /** Whether the key encrypts log groups and the functions' environments too. */
  readonly encryptLogs: boolean;
}

/** The service through which a role uses the key. */
export type KeyUser = 'lambda' | 's3' | 'sns' | 'sqs';

/**
 * Encryption at rest for the whole stack: a key created here, the owner's key, or AWS managed keys. A customer managed
 * key is the default because CloudWatch cannot publish an alarm to a topic under `alias/aws/sns`.
 * Source: https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
 */
export class Encryption extends Construct {
  /** Undefined if AWS manages the keys. */
  readonly key: kms.IKey | undefined;
  /** The key for topics that only this stack's functions publish to. */
  readonly topicKey: kms.IKey;
  /** The key for log groups and the functions' environments; undefined if AWS's own keys are used. */
  readonly logKey: kms.IKey | undefined;

  constructor(scope: Construct, id: string, props: EncryptionProps) {
    super(scope, id);
    this.key = this.#keyOf(props);
    // Has no effect on a key that is only known by its ARN.
    for (const statement of servicePrincipalStatements(props.encryptLogs)) {
      this.key?.addToResourcePolicy(statement);
    }
    this.logKey = props.encryptLogs ? this.key : undefined;
    this.topicKey = this.key ?? kms.Alias.fromAliasName(this, 'TopicKey', 'alias/aws/sns');
  }

  #keyOf({ encryption, key, removalPolicy }: EncryptionProps): kms.IKey | undefined {
    switch (encryption.kind) {
      case 'aws-managed':
        return undefined;
      case 'own-key':
        return key ?? kms.Key.fromKeyArn(this, 'Key', encryption.arn);
      case 'customer-managed':
        return new kms.Key(this, 'Key', {
          description: 'Proposals, queues and topics of unused-access-refiner',
          enableKeyRotation: true,
          removalPolicy,
        });
    }
  }

  bucket(): Pick<s3.BucketProps, 'encryption' | 'encryptionKey' | 'bucketKeyEnabled'> {
    return this.key === undefined
      ? { encryption: s3.BucketEncryption.S3_MANAGED }
      : { encryption: s3.BucketEncryption.KMS, encryptionKey: this.key, bucketKeyEnabled: true };
  }

  queue(): Pick<sqs.QueueProps, 'encryption' | 'encryptionMasterKey'> {
    return this.key === undefined
      ? { encryption: sqs.QueueEncryption.SQS_MANAGED }
      : { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: this.key };
  }

  /** Lets a role use the key through one service only: decrypt, and encrypt what it writes. */
  grant(role: iam.Role, through: KeyUser, use: 'read' | 'write'): void {
    if (this.key === undefined) return;
    // Writers need to decrypt too, because SQS and SNS verify the data keys that they reuse.
    const actions = use === 'read' ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey'];
    allow(role, `UseKeyThrough${through.toUpperCase()}`, actions, this.key.keyArn, {
      StringEquals: { 'kms:ViaService': `${through}.${Aws.REGION}.${Aws.URL_SUFFIX}` },
    });
  }
}

/**
 * The statements for services that write to encrypted queues and topics themselves. CloudWatch is limited to this
 * account's alarms and SNS to its topics. EventBridge sends neither `aws:SourceAccount` nor `aws:SourceArn` with its
 * KMS requests, so a condition would drop every event. The queues' own policies say which rule may send.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 */
function servicePrincipalStatements(encryptLogs: boolean): iam.PolicyStatement[] {
  const statement = (
    sid: string,
    service: string,
    conditions?: Record<string, Record<string, string>>,
    more: readonly string[] = [],
  ) =>
    new iam.PolicyStatement({
      sid,
      principals: [new iam.ServicePrincipal(service)],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey', ...more],
      resources: ['*'],
      ...(conditions === undefined ? {} : { conditions }),
    });
  return [
    statement('EventsToQueues', 'events.amazonaws.com'),
    statement('AlarmsToTopic', 'cloudwatch.amazonaws.com', {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    }),
    statement('UndeliveredMessagesToQueue', 'sns.amazonaws.com', {
      ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:sns:${Aws.REGION}:${Aws.ACCOUNT_ID}:*` },
    }),
    // Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    ...(encryptLogs
      ? [
          statement(
            'EncryptLogs',
            `logs.${Aws.REGION}.amazonaws.com`,
            {
              ArnLike: {
                'kms:EncryptionContext:aws:logs:arn': `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:*`,
              },
            },
            [
              'kms:DescribeKey',
              'kms:Encrypt',
              'kms:GenerateDataKeyWithoutPlaintext',
              'kms:ReEncryptFrom',
              'kms:ReEncryptTo',
            ],
          ),
        ]
      : []),
  ];
}
