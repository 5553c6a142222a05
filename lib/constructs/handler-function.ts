import { Aws, Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import type { EnvironmentName } from '../../lambda/contract/environment.ts';
import type { FunctionName } from '../../lambda/contract/functions.ts';
import { METRIC_NAMESPACE } from '../../lambda/contract/metrics.ts';
import { acknowledge, allow } from './allow.ts';
import type { Encryption } from './encryption.ts';
import { createRole, type Platform } from './platform.ts';

export interface HandlerFunctionProps {
  readonly name: FunctionName;
  readonly description: string;
  readonly environment: Readonly<Partial<Record<EnvironmentName, string>>>;
  /** The function's timeout. */
  readonly timeout: Duration;
  /** MiB; the CPU share is proportional to it. */
  readonly memorySize: number;
  readonly platform: Platform;
  readonly encryption: Encryption;
  /** For failed asynchronous invocations. Functions that only queues invoke need none. */
  readonly deadLetterQueue?: sqs.IQueue;
  /**
   * Whether it deliberately sends messages to the queue that invokes it, a limited number of times. Lambda stops such
   * a chain after about 16 invocations unless the loop is allowed.
   * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
   * @default false
   */
  readonly requeues?: boolean;
  /**
   * Whether member accounts trust its role.
   * @default false
   */
  readonly isTrusted?: boolean;
}

/**
 * The actions with which Lambda connects a function to a VPC. They cannot be limited to resources here.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
const NETWORK_INTERFACES = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * One function: its bundle for Node.js 24 on ARM (`scripts/build.ts`), its log group and its role. At first the role
 * may only write logs and traces; the owner of each resource grants further actions.
 */
export class HandlerFunction extends Construct {
  readonly function: lambda.Function;
  readonly role: iam.Role;
  readonly name: FunctionName;
  /** The function's own variables, for another function that does the same work. */
  readonly environment: HandlerFunctionProps['environment'];
  /** Its whole environment. */
  readonly variables: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    super(scope, id);
    const { platform, encryption } = props;
    this.name = props.name;
    this.environment = props.environment;
    this.variables = {
      POWERTOOLS_SERVICE_NAME: platform.name,
      POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
      ...props.environment,
    };
    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: platform.logRetentionDays,
      removalPolicy: platform.removalPolicy,
      ...(encryption.logKey === undefined ? {} : { encryptionKey: encryption.logKey }),
    });
    this.role = createRole(this, 'Role', {
      platform,
      purpose: props.name,
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: props.name,
      isTrusted: props.isTrusted ?? false,
    });
    allow(this.role, 'WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn);
    if (encryption.logKey !== undefined) encryption.grant(this.role, 'lambda', 'read');
    if (platform.network !== undefined) this.#allowNetworkInterfaces();
    this.function = new lambda.Function(this, 'Function', {
      description: props.description,
      code: platform.code(this, props.name),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: props.memorySize,
      timeout: props.timeout,
      role: this.role,
      logGroup,
      tracing: platform.tracing ? lambda.Tracing.ACTIVE : lambda.Tracing.DISABLED,
      ...(props.requeues === true ? { recursiveLoop: lambda.RecursiveLoop.ALLOW } : {}),
      ...(props.deadLetterQueue === undefined
        ? {}
        : { deadLetterQueue: props.deadLetterQueue, retryAttempts: 2, maxEventAge: Duration.hours(1) }),
      environment: { ...this.variables },
      ...(encryption.logKey === undefined ? {} : { environmentEncryption: encryption.logKey }),
    });
    if (platform.network !== undefined) {
      // Set by ids, because the library's property needs a VPC construct and the options have only ids.
      const resource = this.function.node.defaultChild;
      if (!(resource instanceof lambda.CfnFunction)) throw new Error('the function has no resource');
      resource.vpcConfig = {
        subnetIds: [...platform.network.subnetIds],
        securityGroupIds: [...platform.network.securityGroupIds],
      };
    }
    acknowledge(
      this.role,
      'AwsSolutions-IAM5[Resource::*]',
      'X-Ray has no resources to name: PutTraceSegments and PutTelemetryRecords take * only.',
    );
    acknowledge(
      this.role,
      'Serverless-StarPermissions',
      'As above: the star is the resource of the X-Ray actions, no action holds one.',
    );
    if (!platform.tracing) {
      acknowledge(
        this.function,
        'Serverless-LambdaTracing',
        'The option tracing is false: whoever deploys chose to send no traces.',
      );
    }
    if (props.deadLetterQueue === undefined) {
      acknowledge(
        this.function,
        'Serverless-LambdaDLQ',
        "Only its queue invokes it; what fails stays there and ends in the queue's dead letters.",
      );
    }
  }

  /** Lets Lambda connect the function to the VPC, and keeps the function's own code from doing the same. */
  #allowNetworkInterfaces(): void {
    allow(this.role, 'ConnectToVpc', NETWORK_INTERFACES, '*');
    this.role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'OnlyLambdaConnects',
        effect: iam.Effect.DENY,
        actions: NETWORK_INTERFACES,
        resources: ['*'],
        // This condition key is present only if a function makes the call itself.
        conditions: {
          ArnLike: {
            'lambda:SourceFunctionArn': `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:function:*`,
          },
        },
      }),
    );
  }

  /** Lets the function consume a queue in batches. */
  consume(
    queue: sqs.IQueue,
    options: Pick<lambda.EventSourceMappingOptions, 'batchSize' | 'maxBatchingWindow' | 'maxConcurrency'>,
  ): lambda.EventSourceMapping {
    const actions = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
    allow(this.role, 'ConsumeQueue', actions, queue.queueArn);
    const mapping = new lambda.EventSourceMapping(this, 'Messages', {
      target: this.function,
      eventSourceArn: queue.queueArn,
      reportBatchItemFailures: true,
      ...options,
    });
    acknowledge(
      mapping,
      'Serverless-LambdaEventSourceMappingDestination',
      'SQS mappings have none; the redrive policy of the queue says where failed messages go.',
    );
    // Lambda checks the role when the mapping is created, and the template has no reference from one to the other.
    mapping.node.addDependency(this.role);
    return mapping;
  }
}
