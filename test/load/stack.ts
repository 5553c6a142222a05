import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ENV } from '../../lambda/contract/environment.ts';
import { HOME_ACCOUNT, REGION } from '../integration/harness/accounts.ts';
import type { DeployedFunction } from '../integration/harness/deployment.ts';
import { STACK } from '../integration/harness/names.ts';
import type { EventPattern } from './event-pattern.ts';

/** What the model runs of the stack: whatever functions, queues and rules it has, so that a new one takes part by itself. */
export interface ModelStack {
  readonly functions: readonly ModelFunction[];
  readonly queues: readonly ModelQueue[];
  readonly mappings: readonly ModelMapping[];
  readonly rules: readonly { readonly pattern: EventPattern; readonly queue: string }[];
  readonly schedules: readonly { readonly functionId: string; readonly input: unknown }[];
  readonly bucketName: string;
}

export interface ModelFunction extends DeployedFunction {
  /** As it is called in tables: `refine-finding`. */
  readonly label: string;
  /** Whether Lambda lets it invoke itself through a queue for ever. */
  readonly mayLoop: boolean;
}

/** A queue, `id` being its logical id in the template. */
export interface ModelQueue {
  readonly id: string;
  readonly arn: string;
  readonly url: string;
  /** Seconds. */
  readonly visibilityTimeout: number;
  readonly redrive: { readonly deadLetters: string; readonly maxReceives: number } | undefined;
}

export interface ModelMapping {
  readonly queue: string;
  readonly functionId: string;
  readonly batchSize: number;
  /** Seconds. */
  readonly window: number;
  readonly maxConcurrency: number;
}

const TEMPLATE = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
type Resources = z.output<typeof TEMPLATE>['Resources'];
const ASSETS = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string() }) })),
});
const FUNCTION = z.object({
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string(),
  Timeout: z.number(),
  MemorySize: z.number(),
  RecursiveLoop: z.enum(['Allow', 'Terminate']).default('Terminate'),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }).optional(),
});
const QUEUE = z.object({
  VisibilityTimeout: z.number().default(30),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.unknown(), maxReceiveCount: z.number() }).optional(),
});
const MAPPING = z.object({
  EventSourceArn: z.unknown(),
  FunctionName: z.unknown(),
  BatchSize: z.number().default(10),
  MaximumBatchingWindowInSeconds: z.number().default(0),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }).optional(),
});
const RULE = z.object({
  EventPattern: z.record(z.string(), z.unknown()),
  Targets: z.array(z.object({ Arn: z.unknown() })),
});
const SCHEDULE = z.object({ Target: z.object({ Arn: z.unknown(), Input: z.unknown() }) });

/** Names of functions by the beginning of their logical ids; others are called by the id. */
const LABELS: Readonly<Record<string, string>> = {
  WorkerRefine: 'refine-finding',
  SweepFunction: 'sweep-findings',
  NotificationsNotify: 'notify-proposals',
  CatalogueRefresh: 'refresh-catalogue',
  Account: 'refine-account',
};

/**
 * Reads what a cloud assembly would deploy.
 * @param endpoint where the queues are reached
 */
export function readStack(assembly: string, endpoint: string): ModelStack {
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(join(assembly, `${STACK}.${name}.json`), 'utf8'));
  const { Resources: resources } = TEMPLATE.parse(read('template'));
  const { files } = ASSETS.parse(read('assets'));
  const resolve = (value: unknown): unknown => resolveIn(resources, endpoint, value);
  const idOf = (value: unknown): string => {
    const text = String(resolve(value));
    return text.slice(text.lastIndexOf(':') + 1);
  };
  const of = <T>(type: string, make: (id: string, properties: Readonly<Record<string, unknown>>) => T): T[] =>
    Object.entries(resources).flatMap(([id, resource]) =>
      resource.Type === type ? [make(id, resource.Properties)] : [],
    );
  const functions = of('AWS::Lambda::Function', (id, properties): ModelFunction => {
    const { Code, Handler, Runtime, Timeout, MemorySize, RecursiveLoop, Environment } =
      FUNCTION.parse(properties);
    const path = files[Code.S3Key.replace(/\.zip$/, '')]?.source.path ?? '';
    return {
      logicalId: id,
      label: labelOf(id),
      mayLoop: RecursiveLoop === 'Allow',
      name: id,
      arn: arnOf('lambda', `function:${id}`),
      role: '',
      folder: join(assembly, path),
      handler: Handler,
      runtime: Runtime,
      timeout: Timeout,
      memory: MemorySize,
      environment: Object.fromEntries(
        Object.entries(Environment?.Variables ?? {}).map(([name, value]) => [name, String(resolve(value))]),
      ),
    };
  });
  return {
    functions,
    queues: of('AWS::SQS::Queue', (id, properties): ModelQueue => {
      const { VisibilityTimeout, RedrivePolicy } = QUEUE.parse(properties);
      return {
        id,
        arn: arnOf('sqs', id),
        url: urlOf(endpoint, id),
        visibilityTimeout: VisibilityTimeout,
        redrive: RedrivePolicy && {
          deadLetters: idOf(RedrivePolicy.deadLetterTargetArn),
          maxReceives: RedrivePolicy.maxReceiveCount,
        },
      };
    }),
    mappings: of('AWS::Lambda::EventSourceMapping', (_, properties): ModelMapping => {
      const mapping = MAPPING.parse(properties);
      return {
        queue: idOf(mapping.EventSourceArn),
        functionId: idOf(mapping.FunctionName),
        batchSize: mapping.BatchSize,
        window: mapping.MaximumBatchingWindowInSeconds,
        maxConcurrency: mapping.ScalingConfig?.MaximumConcurrency ?? 10,
      };
    }),
    rules: of('AWS::Events::Rule', (_, properties) => {
      const { EventPattern, Targets } = RULE.parse(properties);
      return Targets.map(({ Arn }) => ({ pattern: resolve(EventPattern) as EventPattern, queue: idOf(Arn) }));
    }).flat(),
    schedules: of('AWS::Scheduler::Schedule', (_, properties) => {
      const { Arn, Input } = SCHEDULE.parse(properties).Target;
      return { functionId: idOf(Arn), input: JSON.parse(String(resolve(Input))) as unknown };
    }),
    // Another bucket may hold the logs of this one.
    bucketName: functions.flatMap(({ environment }) => environment[ENV.bucketName] ?? []).at(0) ?? '',
  };
}

function labelOf(id: string): string {
  const known = Object.entries(LABELS).find(([prefix]) => id.startsWith(prefix));
  return known?.[1] ?? id.replace(/[0-9A-F]{8}$/, '');
}

/** What CloudFormation makes of references; what nobody here needs becomes its own name. */
function resolveIn(resources: Resources, endpoint: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => resolveIn(resources, endpoint, one));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? ['', undefined];
  if (name === 'Ref') return referenceTo(resources, endpoint, String(argument));
  if (name === 'Fn::GetAtt') {
    const [id = '', attribute] = (argument as readonly string[]).map(String);
    return attribute === 'Arn' ? arnOf(serviceOf(resources, id), id) : id;
  }
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as readonly [string, unknown];
    return (resolveIn(resources, endpoint, parts) as readonly unknown[]).map(String).join(separator);
  }
  return Object.fromEntries(entries.map(([key, inner]) => [key, resolveIn(resources, endpoint, inner)]));
}

function referenceTo(resources: Resources, endpoint: string, id: string): string {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': HOME_ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::Region': REGION,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': STACK,
  };
  const type = resources[id]?.Type;
  if (type === 'AWS::SQS::Queue') return urlOf(endpoint, id);
  if (type === 'AWS::SNS::Topic') return arnOf('sns', id);
  return pseudo[id] ?? (type === 'AWS::S3::Bucket' ? bucketOf(id) : id);
}

function serviceOf(resources: Resources, id: string): string {
  return resources[id]?.Type.split('::')[1]?.toLowerCase() ?? 'unknown';
}

function bucketOf(id: string): string {
  return id.toLowerCase();
}

function urlOf(endpoint: string, id: string): string {
  return `${endpoint}/${HOME_ACCOUNT}/${id}`;
}

function arnOf(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION}:${HOME_ACCOUNT}:${resource}`;
}
