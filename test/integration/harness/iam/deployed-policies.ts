import * as z from 'zod';
import { HOME_ACCOUNT, REGION } from '../accounts.ts';
import { statementsOf, type Statement } from './evaluate.ts';

/** What is read of a synthesised template. */
export interface PolicyTemplate {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: unknown }>>;
}

/** A template, and what its references stand for in the emulator. */
export interface ResolvedStack {
  readonly template: PolicyTemplate;
  readonly accountId: string;
  /** By logical name: of each resource, and of each parameter. */
  readonly physical: Readonly<Record<string, string>>;
}

/** The policies of a deployed stack, with every reference resolved. */
export interface StackPolicies {
  /** What the role's own policies say, by its ARN. */
  readonly roles: ReadonlyMap<string, readonly Statement[]>;
  /** Who may assume a role, by its ARN. */
  readonly trust: ReadonlyMap<string, readonly Statement[]>;
  /** The policies of buckets, queues, topics and keys, by ARN. */
  readonly resources: ReadonlyMap<string, readonly Statement[]>;
  /** The key that encrypts a bucket, a queue or a topic, by the ARN of what it encrypts. */
  readonly keys: ReadonlyMap<string, string>;
}

const DOCUMENT = z.object({ PolicyDocument: z.unknown() });
const NAMES = z.array(z.string());
const ROLE = z.object({
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.array(DOCUMENT).default([]),
  Path: z.string().default('/'),
});

/** @throws Error for a reference or a policy element that this cannot resolve: nothing may look judged that is not */
export function policiesOf(stack: ResolvedStack): StackPolicies {
  const { template, physical } = stack;
  const roles = new Map<string, Statement[]>();
  const trust = new Map<string, readonly Statement[]>();
  const resources = new Map<string, Statement[]>();
  const keys = new Map<string, string>();
  const add = (map: Map<string, Statement[]>, arn: string, more: readonly Statement[]): void => {
    map.set(arn, [...(map.get(arn) ?? []), ...more]);
  };
  // A policy names the roles that it is attached to without their paths.
  const arns = new Map(
    Object.entries(template.Resources).flatMap(([logicalId, { Type: type }]) =>
      type === 'AWS::IAM::Role' ? [[physical[logicalId] ?? '', arnOf(stack, logicalId)]] : [],
    ),
  );

  for (const [logicalId, { Type: type, Properties: raw }] of Object.entries(template.Resources)) {
    if (!READ.has(type)) continue;
    const properties = resolve(stack, raw);
    switch (type) {
      case 'AWS::IAM::Role': {
        const role = ROLE.parse(properties);
        const arn = arnOf(stack, logicalId);
        trust.set(arn, statementsOf(role.AssumeRolePolicyDocument));
        add(
          roles,
          arn,
          role.Policies.flatMap((one) => statementsOf(one.PolicyDocument)),
        );
        break;
      }
      case 'AWS::IAM::Policy': {
        const policy = DOCUMENT.extend({ Roles: NAMES }).parse(properties);
        for (const name of policy.Roles)
          add(roles, arns.get(name) ?? name, statementsOf(policy.PolicyDocument));
        break;
      }
      case 'AWS::S3::BucketPolicy': {
        const policy = DOCUMENT.extend({ Bucket: z.string() }).parse(properties);
        add(resources, `arn:aws:s3:::${policy.Bucket}`, statementsOf(policy.PolicyDocument));
        break;
      }
      case 'AWS::SQS::QueuePolicy': {
        const policy = DOCUMENT.extend({ Queues: NAMES }).parse(properties);
        for (const url of policy.Queues) add(resources, queueArn(url), statementsOf(policy.PolicyDocument));
        break;
      }
      case 'AWS::SNS::TopicPolicy': {
        const policy = DOCUMENT.extend({ Topics: NAMES }).parse(properties);
        for (const arn of policy.Topics) add(resources, arn, statementsOf(policy.PolicyDocument));
        break;
      }
      case 'AWS::KMS::Key': {
        const policy = z.object({ KeyPolicy: z.unknown() }).parse(properties);
        add(resources, arnOf(stack, logicalId), statementsOf(policy.KeyPolicy));
        break;
      }
      default: {
        const key = /"KMSMasterKeyID":"([^"]+)"|"KmsMasterKeyId":"([^"]+)"/.exec(JSON.stringify(properties));
        const arn = key?.[1] ?? key?.[2];
        // A key that AWS manages has a policy of its own, which asks IAM for nothing.
        if (arn?.startsWith('arn:') === true) keys.set(arnOf(stack, logicalId), arn);
      }
    }
  }
  return { roles, trust, resources, keys };
}

const READ = new Set([
  'AWS::IAM::Role',
  'AWS::IAM::Policy',
  'AWS::S3::BucketPolicy',
  'AWS::S3::Bucket',
  'AWS::SQS::QueuePolicy',
  'AWS::SQS::Queue',
  'AWS::SNS::TopicPolicy',
  'AWS::SNS::Topic',
  'AWS::KMS::Key',
]);

/** A value of a template with what its references stand for. */
function resolve(stack: ResolvedStack, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => resolve(stack, one));
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument] = ['', undefined], ...others] = Object.entries(value) as [string, unknown][];
  if (others.length === 0 && name === 'Ref') return reference(stack, z.string().parse(argument));
  if (others.length === 0 && name.startsWith('Fn::')) return call(stack, name, argument);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(stack, one)]));
}

function call(stack: ResolvedStack, name: string, argument: unknown): unknown {
  if (name === 'Fn::Join') {
    const [separator, parts] = z.tuple([z.string(), z.array(z.unknown())]).parse(argument);
    return parts.map((part) => z.string().parse(resolve(stack, part))).join(separator);
  }
  if (name === 'Fn::Split' || name === 'Fn::Select') return list(stack, name, argument);
  if (name === 'Fn::GetAtt') {
    const [logicalId, attribute] = z.tuple([z.string(), z.string()]).parse(argument);
    if (attribute === 'Arn') return arnOf(stack, logicalId);
    // What names nothing in a policy may stay unresolved.
    return `\${${logicalId}.${attribute}}`;
  }
  throw new Error(`${name} is not resolved`);
}

function list(stack: ResolvedStack, name: 'Fn::Split' | 'Fn::Select', argument: unknown): unknown {
  const [first, second] = z.tuple([z.unknown(), z.unknown()]).parse(argument);
  const rest = resolve(stack, second);
  if (name === 'Fn::Split') return z.string().parse(rest).split(z.string().parse(first));
  return z.array(z.unknown()).parse(rest)[z.coerce.number().parse(first)];
}

function reference({ accountId, physical }: ResolvedStack, name: string): string {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': accountId,
    'AWS::Partition': 'aws',
    'AWS::Region': REGION,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const value = pseudo[name] ?? physical[name];
  if (value === undefined) throw new Error(`the template names ${name}, which was not deployed`);
  return value;
}

function arnOf(stack: ResolvedStack, logicalId: string): string {
  const physical = reference(stack, logicalId);
  const type = stack.template.Resources[logicalId]?.Type ?? '';
  const home = `${REGION}:${stack.accountId}`;
  switch (type) {
    case 'AWS::SQS::Queue':
      return queueArn(physical);
    case 'AWS::S3::Bucket':
      return `arn:aws:s3:::${physical}`;
    case 'AWS::IAM::Role':
      return `arn:aws:iam::${stack.accountId}:role${pathOf(stack, logicalId)}${physical}`;
    case 'AWS::KMS::Key':
      return `arn:aws:kms:${home}:key/${physical}`;
    case 'AWS::Logs::LogGroup':
      return `arn:aws:logs:${home}:log-group:${physical}:*`;
    case 'AWS::Lambda::Function':
      return `arn:aws:lambda:${home}:function:${physical}`;
    case 'AWS::SNS::Topic':
    case 'AWS::IAM::ManagedPolicy':
      return physical;
    default:
      return `arn:aws:unknown:${home}:${type}/${physical}`;
  }
}

function pathOf({ template }: ResolvedStack, logicalId: string): string {
  return ROLE.partial().parse(template.Resources[logicalId]?.Properties).Path ?? '/';
}

function queueArn(url: string): string {
  const [, account = HOME_ACCOUNT, name = ''] = new URL(url).pathname.split('/');
  return `arn:aws:sqs:${REGION}:${account}:${name}`;
}
