import { CfnResource, Stack } from 'aws-cdk-lib';

import { ConfigError, type RefinerConfig } from '../config/config.ts';
import type { HandlerFunction } from './handler-function.ts';

/**
 * The most bytes of all environment variables of a function together. Lambda measures them as one JSON object, as its
 * error shows, so quotation marks within a value count twice.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MOST_BYTES = 4096;

/** The longest value of each pseudo parameter in any partition. */
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-southeast-1',
  'AWS::URLSuffix': 'amazonaws.com.cn',
};

/** The longest value of a reference to a resource, by the resource's type. */
const REFERENCES: Readonly<
  Record<string, { readonly longest: number; readonly text: (name: string) => string }>
> = {
  'AWS::AccessAnalyzer::Analyzer': {
    longest: 255,
    text: (name) => `${arn('access-analyzer')}:analyzer/${name}`,
  },
  'AWS::Events::EventBus': { longest: 256, text: (name) => `${arn('events')}:event-bus/${name}` },
  'AWS::S3::Bucket': { longest: 63, text: (name) => name },
  'AWS::SNS::Topic': { longest: 256, text: (name) => `${arn('sns')}:${name}` },
  'AWS::SQS::Queue': {
    longest: 80,
    text: (name) =>
      `https://sqs.${PSEUDO['AWS::Region'] ?? ''}.${PSEUDO['AWS::URLSuffix'] ?? ''}/${PSEUDO['AWS::AccountId'] ?? ''}/${name}`,
  },
};

/** Stands for a value of another stack or a parameter, as long as the longest of such values. */
const LATE = 'x'.repeat(256);

function arn(service: string): string {
  return `arn:${PSEUDO['AWS::Partition'] ?? ''}:${service}:${PSEUDO['AWS::Region'] ?? ''}:${PSEUDO['AWS::AccountId'] ?? ''}`;
}

/** The least bytes of an option for which shortening it helps. */
const MUCH = 100;

/** How many bytes each option of variable length adds to the environment of a function. */
export function environmentLengths(config: RefinerConfig): Readonly<Record<string, number>> {
  const { exclude, member } = config;
  const lists = {
    keep: config.keep,
    excludeNames: exclude.names,
    excludePaths: exclude.paths,
    excludeTags: exclude.tags,
    excludeAccounts: exclude.accounts ?? [],
    excludeOrganizationalUnits: exclude.organizationalUnits ?? [],
    accountNames: Object.entries(config.accountNames),
    memberExternalId: [member?.externalId ?? ''],
  };
  return Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [name, Buffer.byteLength(JSON.stringify(list), 'utf8') - 2]),
  );
}

/**
 * Fails the synthesis if a function could not be deployed because of the size of its environment.
 * @param lengths the bytes that options add, by the option's name
 * @throws ConfigError that names the largest options, and the function with the largest environment
 */
export function assertEnvironmentsFit(
  handlers: readonly HandlerFunction[],
  lengths: Readonly<Record<string, number>>,
): void {
  const bytes = Math.max(...handlers.map(environmentBytes));
  if (bytes <= MOST_BYTES) return;
  const largest = Object.entries(lengths)
    .filter(([, length]) => length > MUCH)
    .sort(([, a], [, b]) => b - a)
    .map(([option, length]) => `${option} (${length} bytes)`);
  const name = handlers.find((handler) => environmentBytes(handler) === bytes)?.name ?? '';
  throw new ConfigError(
    `option ${largest.join(', then ')} is too long: the environment of ${name} would take ${bytes} bytes of the ${MOST_BYTES} that Lambda has; use fewer, wider patterns, and organisational units instead of accounts`,
  );
}

function environmentBytes(handler: HandlerFunction): number {
  const stack = Stack.of(handler);
  const variables = Object.entries(handler.variables).map(
    ([name, value]) => [name, longest(stack, stack.resolve(value))] as const,
  );
  return Buffer.byteLength(JSON.stringify(Object.fromEntries(variables)), 'utf8');
}

/** A value with each reference at its longest in any Region. */
function longest(stack: Stack, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) {
    const [[intrinsic, argument] = []] = Object.entries(value) as [string, unknown][];
    if (intrinsic === 'Ref' && typeof argument === 'string') return referenceTo(stack, argument);
    if (intrinsic === 'Fn::GetAtt' && Array.isArray(argument)) return referenceTo(stack, String(argument[0]));
    if (intrinsic === 'Fn::Join' && Array.isArray(argument)) {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map((part) => longest(stack, part)).join(separator);
    }
  }
  return LATE;
}

function referenceTo(stack: Stack, id: string): string {
  const pseudo = PSEUDO[id];
  if (pseudo !== undefined) return pseudo;
  const resource = stack.node
    .findAll()
    .find((construct) => CfnResource.isCfnResource(construct) && stack.getLogicalId(construct) === id);
  if (!CfnResource.isCfnResource(resource)) return LATE;
  const type = resource.cfnResourceType;
  const reference = REFERENCES[type];
  if (!reference) throw new Error(`no length is known of ${id} (${type}) in a function's environment`);
  // CloudFormation generates names from the stack's name, the logical id and at most 13 more characters.
  const generated = stack.stackName.length + id.length + '--'.length + 13;
  return reference.text('x'.repeat(Math.min(generated, reference.longest)));
}
