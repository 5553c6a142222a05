import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { awsRequest, queryRequest } from './aws-request.ts';

/** A function as it is deployed: its bundle in the cloud assembly, and its environment as Lambda has it. */
export interface DeployedFunction {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly role: string;
  /** The folder of the bundle. */
  readonly folder: string;
  /** For example `index.handler`. */
  readonly handler: string;
  readonly runtime: string;
  /** Seconds. */
  readonly timeout: number;
  /** MiB. */
  readonly memory: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** What Lambda's poller does with a queue. */
export interface QueueMapping {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  /** Seconds that the poller collects messages. */
  readonly window: number;
  readonly reportsItemFailures: boolean;
}

/** A deployed stack, as plain data: it crosses from the set-up's process to the tests'. */
export interface Deployment {
  readonly functions: readonly DeployedFunction[];
  readonly mappings: readonly QueueMapping[];
  /** Outputs of the stack by name. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly template: Template;
  /** What the emulator calls each resource, by its logical name. */
  readonly physical: Readonly<Record<string, string>>;
}

interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
}

/** A template, as far as the tests read it. */
export const TEMPLATE = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
export type Template = z.output<typeof TEMPLATE>;

const ASSETS = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string() }) })),
});
const CODE = z.object({ S3Key: z.string() });
const FUNCTION = z.object({
  FunctionArn: z.string(),
  Role: z.string(),
  Handler: z.string(),
  Runtime: z.string(),
  Timeout: z.coerce.number(),
  MemorySize: z.coerce.number(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).optional(),
});
const MAPPINGS = z.object({
  EventSourceMappings: z.array(
    z.object({ UUID: z.string(), EventSourceArn: z.string(), FunctionArn: z.string() }),
  ),
});
const MAPPING_PROPERTIES = z.object({
  BatchSize: z.number().default(10),
  MaximumBatchingWindowInSeconds: z.number().default(0),
  FunctionResponseTypes: z.array(z.string()).default([]),
});

const OUTPUTS = z.record(z.string(), z.record(z.string(), z.string()));

async function readOutputs(assembly: string, stack: string): Promise<Readonly<Record<string, string>>> {
  const outputs = OUTPUTS.parse(await readJson(join(assembly, '..', 'outputs.json')))[stack];
  if (!outputs) throw new Error(`cdk deploy wrote no outputs of the stack ${stack}`);
  return outputs;
}

/** Reads back what was deployed, and switches moto's own poller off: it would look for Docker and use up receives. */
export async function readDeployment(endpoint: string, assembly: string, stack: string): Promise<Deployment> {
  const template = TEMPLATE.parse(await readJson(join(assembly, `${stack}.template.json`)));
  const assets = ASSETS.parse(await readJson(join(assembly, `${stack}.assets.json`)));
  const resources = await stackResources(endpoint, stack);
  const physical = (logicalId: string): string => {
    const resource = resources.find((one) => one.logicalId === logicalId);
    if (!resource) throw new Error(`the stack ${stack} has no resource ${logicalId}`);
    return resource.physicalId;
  };

  const functions: DeployedFunction[] = [];
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    if (resource.Type !== 'AWS::Lambda::Function') continue;
    const hash = CODE.parse(resource.Properties['Code']).S3Key.replace(/\.zip$/, '');
    const asset = assets.files[hash];
    if (!asset) throw new Error(`the code ${hash} of ${logicalId} is no asset of ${stack}`);
    const name = physical(logicalId);
    const text = await awsRequest(endpoint, {
      service: 'lambda',
      method: 'GET',
      path: `/2015-03-31/functions/${encodeURIComponent(name)}/configuration`,
    });
    const configuration = FUNCTION.parse(JSON.parse(text));
    functions.push({
      logicalId,
      name,
      arn: configuration.FunctionArn,
      role: configuration.Role,
      folder: join(assembly, asset.source.path),
      handler: configuration.Handler,
      runtime: configuration.Runtime,
      timeout: configuration.Timeout,
      memory: configuration.MemorySize,
      environment: configuration.Environment?.Variables ?? {},
    });
  }
  const mappings = await takeOverMappings(endpoint, template, functions);
  return {
    functions,
    mappings,
    outputs: await readOutputs(assembly, stack),
    template,
    physical: Object.fromEntries(resources.map((one) => [one.logicalId, one.physicalId])),
  };
}

async function takeOverMappings(
  endpoint: string,
  template: Template,
  functions: readonly DeployedFunction[],
): Promise<QueueMapping[]> {
  const mappings: QueueMapping[] = [];
  const path = '/2015-03-31/event-source-mappings/';
  const { EventSourceMappings: live } = MAPPINGS.parse(
    JSON.parse(await awsRequest(endpoint, { service: 'lambda', method: 'GET', path })),
  );
  for (const resource of Object.values(template.Resources)) {
    if (resource.Type !== 'AWS::Lambda::EventSourceMapping') continue;
    const properties = MAPPING_PROPERTIES.parse(resource.Properties);
    const target = functions.find((one) =>
      JSON.stringify(resource.Properties['FunctionName']).includes(one.logicalId),
    );
    const source = JSON.stringify(resource.Properties['EventSourceArn']);
    const mapping = live.find(
      (one) =>
        one.FunctionArn === target?.arn && !mappings.some((taken) => taken.queueArn === one.EventSourceArn),
    );
    if (!target || !mapping) throw new Error(`moto has no event source mapping for ${source}`);
    await awsRequest(endpoint, {
      service: 'lambda',
      method: 'PUT',
      path: `${path}${mapping.UUID}`,
      body: JSON.stringify({ Enabled: false }),
    });
    const [, , , , account = '', queue = ''] = mapping.EventSourceArn.split(':');
    mappings.push({
      queueUrl: `${endpoint}/${account}/${queue}`,
      queueArn: mapping.EventSourceArn,
      functionName: target.name,
      batchSize: properties.BatchSize,
      window: properties.MaximumBatchingWindowInSeconds,
      reportsItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    });
  }
  return mappings;
}

async function stackResources(endpoint: string, stack: string): Promise<StackResource[]> {
  const xml = await queryRequest(endpoint, 'cloudformation', {
    Action: 'DescribeStackResources',
    Version: '2010-05-15',
    StackName: stack,
  });
  return [...xml.matchAll(/<member>([\s\S]*?)<\/member>/g)].map(([, member = '']) => ({
    logicalId: element(member, 'LogicalResourceId'),
    physicalId: element(member, 'PhysicalResourceId'),
    type: element(member, 'ResourceType'),
  }));
}

function element(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** @throws Error when the stack has no output of that name */
export function output(deployment: Deployment, name: string): string {
  const value = deployment.outputs[name];
  if (value === undefined) throw new Error(`the stack has no output ${name}`);
  return value;
}
