import { HOME_ACCOUNT, REGION } from '../accounts.ts';
import type { WireCall } from '../wire-calls.ts';
import type { AccessRequest } from './evaluate.ts';

/** Who calls, as far as a resource's ARN depends on it. */
export interface Caller {
  readonly arn: string;
  readonly accountId: string;
}

/** Which key encrypts a queue, a topic or a bucket; undefined where none of the stack's does. */
export type KeyOf = (resourceArn: string) => string | undefined;

/**
 * What IAM is asked when a call arrives: the action that authorises it, on its resource, and what the service asks in the
 * caller's name (KMS). The paths of roles, users and groups are not on the wire, so their ARNs are written without.
 * @throws Error for a call that nobody has told this about
 */
export function requestsOf(call: WireCall, caller: Caller, keyOf: KeyOf): readonly AccessRequest[] {
  const known = BY_SERVICE[call.service];
  if (known === undefined)
    throw new Error(`it is not known what authorises ${call.service}:${call.operation}`);
  return known(call, { caller, keyOf, context: globalContext(caller) });
}

/** What S3 asks besides, where the object is not there: without it, the answer is 403 and not 404. */
export function requestToSeeAbsence(call: WireCall, caller: Caller): AccessRequest | undefined {
  if (call.service !== 's3' || !['GetObject', 'HeadObject'].includes(call.operation)) return undefined;
  return listing(call, call.key ?? '', globalContext(caller));
}

interface Facts {
  readonly caller: Caller;
  readonly keyOf: KeyOf;
  readonly context: Context;
}
type Context = ReadonlyMap<string, readonly string[]>;
type Requests = (call: WireCall, facts: Facts) => readonly AccessRequest[];

/** The tests speak HTTP on a loopback address; in AWS the same clients speak TLS. */
function globalContext({ arn, accountId }: Caller): Context {
  return new Map([
    ['aws:principalarn', [arn]],
    ['aws:principalaccount', [accountId]],
    ['aws:securetransport', ['true']],
    ['aws:requestedregion', [REGION]],
    ['s3:tlsversion', ['1.3']],
  ]);
}

function withKeys(context: Context, more: Readonly<Record<string, string | undefined>>): Context {
  const entries = Object.entries(more).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, [value]] as const],
  );
  return new Map([...context, ...entries]);
}

function throughKey(
  service: string,
  resource: string,
  actions: readonly string[],
  facts: Facts,
): AccessRequest[] {
  const key = facts.keyOf(resource);
  if (key === undefined) return [];
  const context = withKeys(facts.context, { 'kms:viaservice': `${service}.${REGION}.amazonaws.com` });
  return actions.map((action) => ({ action, resource: key, context }));
}

function listing(call: WireCall, prefix: string | undefined, context: Context): AccessRequest {
  return {
    action: 's3:ListBucket',
    resource: bucketOf(call),
    context: withKeys(context, { 's3:prefix': prefix }),
  };
}

const bucketOf = (call: WireCall): string => `arn:aws:s3:::${call.parameters.get('Bucket') ?? ''}`;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
const s3: Requests = (call, facts) => {
  const resource = `${bucketOf(call)}/${call.key ?? ''}`;
  const on = (action: string): AccessRequest => ({ action, resource, context: facts.context });
  const key = (...actions: readonly string[]) => throughKey('s3', bucketOf(call), actions, facts);
  switch (call.operation) {
    case 'GetObject':
      return [on('s3:GetObject'), ...key('kms:Decrypt')];
    case 'HeadObject':
      return [on('s3:GetObject')];
    case 'PutObject':
      return [
        on('s3:PutObject'),
        // To replace what was read is to read it.
        ...(call.parameters.has('If-Match') ? [on('s3:GetObject')] : []),
        ...key('kms:GenerateDataKey'),
      ];
    case 'DeleteObject':
      return [on('s3:DeleteObject')];
    case 'ListObjectsV2':
      return [listing(call, call.parameters.get('prefix'), facts.context)];
    default:
      throw new Error(`it is not known what authorises s3:${call.operation}`);
  }
};

const sqs: Requests = (call, facts) => {
  const url = new URL(call.parameters.get('QueueUrl') ?? '', 'http://queue.invalid');
  const [, account = '', name = ''] = url.pathname.split('/');
  const resource = `arn:aws:sqs:${REGION}:${account}:${name}`;
  const action = `sqs:${call.operation.replace(/Batch$/, '')}`;
  return [
    { action, resource, context: facts.context },
    ...throughKey('sqs', resource, ['kms:GenerateDataKey', 'kms:Decrypt'], facts),
  ];
};

const sns: Requests = (call, facts) => {
  const resource = call.parameters.get('TopicArn') ?? '';
  return [
    { action: `sns:${call.operation.replace(/Batch$/, '')}`, resource, context: facts.context },
    ...throughKey('sns', resource, ['kms:GenerateDataKey', 'kms:Decrypt'], facts),
  ];
};

const iam: Requests = (call, { caller, context }) => {
  const { operation, parameters } = call;
  const named = (['Role', 'User', 'Group'] as const).find((kind) => parameters.has(`${kind}Name`));
  const resource =
    parameters.get('PolicyArn') ??
    // A report on last use is asked for by the ARN of whom it is about.
    parameters.get('Arn') ??
    // IAM knows whose key it is.
    (operation === 'GetAccessKeyLastUsed'
      ? `arn:aws:iam::${caller.accountId}:user/owner-of-${parameters.get('AccessKeyId') ?? ''}`
      : named === undefined
        ? '*'
        : `arn:aws:iam::${caller.accountId}:${named.toLowerCase()}/${parameters.get(`${named}Name`) ?? ''}`);
  return [{ action: `iam:${operation}`, resource, context }];
};

const sts: Requests = ({ operation, parameters }, { context }) => {
  if (operation === 'GetCallerIdentity') return [];
  if (operation !== 'AssumeRole') throw new Error(`it is not known what authorises sts:${operation}`);
  return [
    {
      action: 'sts:AssumeRole',
      resource: parameters.get('RoleArn') ?? '',
      context: withKeys(context, {
        'sts:externalid': parameters.get('ExternalId'),
        'sts:rolesessionname': parameters.get('RoleSessionName'),
      }),
    },
  ];
};

/** The organisation and its management account are the emulator's home account. */
const organizations: Requests = ({ operation, parameters }, { context }) => {
  if (operation === 'ListAccounts') return [{ action: 'organizations:ListAccounts', resource: '*', context }];
  if (operation !== 'ListParents')
    throw new Error(`it is not known what authorises organizations:${operation}`);
  const child = parameters.get('ChildId') ?? '';
  const kind = child.startsWith('ou-') ? 'ou' : 'account';
  const resource = `arn:aws:organizations::${HOME_ACCOUNT}:${kind}/o-exampleorgid/${child}`;
  return [{ action: 'organizations:ListParents', resource, context }];
};

const account: Requests = ({ operation, parameters }, { caller, context }) => {
  const other = parameters.get('AccountId');
  const resource =
    other === undefined
      ? `arn:aws:account::${caller.accountId}:account`
      : `arn:aws:account::${HOME_ACCOUNT}:account/o-exampleorgid/${other}`;
  const keys = { 'account:alternatecontacttypes': parameters.get('AlternateContactType') };
  return [{ action: `account:${operation}`, resource, context: withKeys(context, keys) }];
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamaccessanalyzer.html */
const accessAnalyzer: Requests = ({ operation, parameters }, { context }) => {
  const resource = parameters.get('analyzerArn') ?? '*';
  return [{ action: `access-analyzer:${operation.replace(/V2$/, '')}`, resource, context }];
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html */
const events: Requests = ({ operation, parameters }, { context }) => {
  if (operation !== 'PutEvents') throw new Error(`it is not known what authorises events:${operation}`);
  const entries = JSON.parse(parameters.get('Entries') ?? '[]') as readonly Readonly<
    Record<string, string>
  >[];
  return entries.map(({ EventBusName = '', Source = '', DetailType = '' }) => ({
    action: 'events:PutEvents',
    resource: EventBusName,
    context: withKeys(context, { 'events:source': Source, 'events:detail-type': DetailType }),
  }));
};

const BY_SERVICE: Readonly<Record<string, Requests>> = {
  s3,
  sqs,
  sns,
  iam,
  sts,
  organizations,
  account,
  'access-analyzer': accessAnalyzer,
  events,
};
