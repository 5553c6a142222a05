import { join } from 'node:path';

import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { type EnvironmentName } from '../../lambda/contract/environment.ts';
import { type FunctionName, SERVICE_NAME } from '../../lambda/contract/functions.ts';
import { METRIC_NAMESPACE } from '../../lambda/contract/metrics.ts';
import { acknowledge } from './acknowledge.ts';
import { projectRoot } from '../config/project-root.ts';

export interface HandlerFunctionProps {
  readonly name: FunctionName;
  readonly description: string;
  readonly environment: Readonly<Partial<Record<EnvironmentName, string>>>;
  /** Lambda ends an invocation after this long. */
  readonly timeout: Duration;
  /** MiB; the share of a processor is proportional to it. */
  readonly memorySize: number;
  /** Days, one of the periods that CloudWatch Logs has. */
  readonly logRetentionDays: number;
  readonly removalPolicy: RemovalPolicy;
  /** Whether it sends traces to X-Ray. */
  readonly tracing: boolean;
  /** Receives events whose asynchronous invocation failed. Functions that only queues invoke need none. */
  readonly deadLetterQueue?: sqs.IQueue;
  /**
   * Whether it sends messages to the queue that invokes it, on purpose and not for ever. Lambda stops such a chain after
   * about 16 invocations unless it is told that the loop is meant.
   * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
   * @default false
   */
  readonly requeues?: boolean;
}

/**
 * One function: its entry point bundled for Node.js 24 on ARM, its log group and its role. The role may first only
 * write logs and traces; the owner of each resource grants further actions.
 */
export class HandlerFunction extends Construct {
  readonly function: NodejsFunction;
  readonly role: iam.Role;
  readonly name: FunctionName;
  /** What the function is told by its own variables, for another that does the same work. */
  readonly environment: HandlerFunctionProps['environment'];
  /** Its whole environment. */
  readonly variables: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    super(scope, id);
    this.name = props.name;
    this.environment = props.environment;
    this.variables = {
      POWERTOOLS_SERVICE_NAME: SERVICE_NAME,
      POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
      ...props.environment,
    };
    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: props.logRetentionDays,
      removalPolicy: props.removalPolicy,
    });
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `${SERVICE_NAME}: ${props.name}`,
    });
    this.role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'WriteLogs',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    const root = projectRoot();
    this.function = new NodejsFunction(this, 'Function', {
      description: props.description,
      entry: join(root, 'lambda', 'functions', `${props.name}.ts`),
      handler: 'handler',
      projectRoot: root,
      depsLockFilePath: join(root, 'package-lock.json'),
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: props.memorySize,
      timeout: props.timeout,
      role: this.role,
      logGroup,
      tracing: props.tracing ? lambda.Tracing.ACTIVE : lambda.Tracing.DISABLED,
      ...(props.requeues === true ? { recursiveLoop: lambda.RecursiveLoop.ALLOW } : {}),
      ...(props.deadLetterQueue === undefined
        ? {}
        : { deadLetterQueue: props.deadLetterQueue, retryAttempts: 2, maxEventAge: Duration.hours(1) }),
      // Meant for version 2 of the SDK; version 3 keeps connections open anyway.
      awsSdkConnectionReuse: false,
      environment: { ...this.variables },
      bundling: {
        format: OutputFormat.ESM,
        mainFields: ['module', 'main'],
        target: 'node24',
        minify: true,
        // A separate file beside the bundle. Node.js reads it only if NODE_OPTIONS says so.
        sourceMap: true,
        sourcesContent: false,
        // The runtime's own SDK is older and changes without notice.
        externalModules: [],
        // The X-Ray SDK's own way to keep a trace's context takes a tenth of the processor time.
        esbuildArgs: {
          '--alias:cls-hooked/context': join(root, 'lambda', 'runtime', 'one-trace-context.ts'),
        },
        // CommonJS packages among the dependencies load Node.js' modules with `require`.
        banner: "import{createRequire as ___r}from'node:module';const require=___r(import.meta.url);",
      },
    });
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
    if (!props.tracing) {
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

  /** Lets the function, and the poller that invokes it, take messages from a queue in batches. */
  consume(
    queue: sqs.IQueue,
    options: Pick<lambda.EventSourceMappingOptions, 'batchSize' | 'maxBatchingWindow' | 'maxConcurrency'>,
  ): lambda.EventSourceMapping {
    this.role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ConsumeQueue',
        actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        resources: [queue.queueArn],
      }),
    );
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
    // The mapping checks the role when it is created, and CloudFormation sees no reference between the two.
    mapping.node.addDependency(this.role);
    return mapping;
  }
}
