import { PROPOSAL_OBJECT, proposalObject, STATE_OBJECT, WITHHELD_OBJECT } from '../contract/object-keys.ts';
import { ok, refuse, type Result } from '../core/pattern/result.ts';
import type { AccountJob } from '../ports/account.ts';
import { type FindingReference, LAST_ACCESSED } from '../ports/findings.ts';
import type { AccountSweep, SweepContinuation, SweepPosition } from '../ports/sweep.ts';
import { count, parseJson, placeIn } from '../stored/parts.ts';
import * as z from 'zod/mini';

/* The messages of the functions' queues, and what people and schedules send to the functions. */

const accountId = z.string().check(z.regex(/^\d{12}$/));
const sweepId = z.string().check(z.regex(/^[\w-]{1,128}$/));
const text = z.string().check(z.minLength(1));

/** Parses JSON text with a schema. A problem names the position and the kind of error, and never quotes the text. */
function parseText<T>(text: string, schema: z.ZodMiniType<T>, what: string): Result<T> {
  const json = parseJson(text);
  return json.ok ? parseValue(json.value, schema, what) : refuse(`${what} is not JSON`);
}

export function parseValue<T>(value: unknown, schema: z.ZodMiniType<T>, what: string): Result<T> {
  const result = schema.safeParse(value);
  if (result.success) return ok(result.data);
  const place = placeIn(result.error);
  const code = result.error.issues[0]?.code ?? 'unknown';
  return refuse(`${what} has an unexpected ${place === '' ? 'shape' : `member ${place}`} (${code})`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What one message of the findings queue asks for. */
type FindingMessage =
  /** `isEvent`: it came from EventBridge, which does not set a message group. */
  | { readonly kind: 'finding'; readonly reference: FindingReference; readonly isEvent: boolean }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly problem: string };

/**
 * A finding that a sweep queued:
 * ```json
 * {"analyzerArn":"arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused",
 *  "findingId":"b8ae0460-5d29-4922-b92a-ba956c986277","accountId":"111122223333",
 *  "resource":"arn:aws:iam::111122223333:role/FindingIntegTestFakeRole",
 *  "shown":["proposals/111122223333/role/FindingIntegTestFakeRole/0123…/"]}
 * ```
 */
const SweptFinding = z.object({
  analyzerArn: text,
  findingId: text,
  accountId,
  resource: text,
  shown: z.optional(z.array(text)),
});

/**
 * The part of EventBridge's event that is used. AWS's example has the id as `findingId`, its text says `id`, so both
 * are read.
 *
 * Documented sample (https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html):
 * ```json
 * {"version":"0","id":"dc7ce3ee-114b-3243-e249-7f10f9054b21","detail-type":"Unused Access Finding for IAM entities",
 *  "source":"aws.access-analyzer","account":"123456789012","time":"2023-09-29T17:31:40Z","region":"us-west-2",
 *  "resources":["arn:aws:access-analyzer:us-west-2:123456789012:analyzer/integTestLongLivingAnalyzer-DO-NOT-DELETE"],
 *  "detail":{"findingId":"b8ae0460-5d29-4922-b92a-ba956c986277",
 *   "resource":"arn:aws:iam::111122223333:role/FindingIntegTestFakeRole","resourceType":"AWS::IAM::Role",
 *   "accountId":"111122223333","createdAt":"2023-09-29T17:29:18.758Z","updatedAt":"2023-09-29T17:29:18.758Z",
 *   "analyzedAt":"2023-09-29T17:29:18.758Z","previousStatus":"","status":"ACTIVE",
 *   "version":"62160bda-8e94-46d6-ac97-9670930d8ffb","isDeleted":false,"findingType":"UnusedPermission",
 *   "numberOfUnusedServices":0,"numberOfUnusedActions":1}}
 * ```
 */
const UnusedAccessEvent = z.object({
  time: z.optional(z.string()),
  resources: z.array(text).check(z.minLength(1)),
  detail: z.object({
    findingId: z.optional(text),
    id: z.optional(text),
    resource: text,
    accountId,
    status: z.string(),
    isDeleted: z.optional(z.boolean()),
    error: z.optional(z.nullable(z.string())),
  }),
});

const SOURCE = 'aws.access-analyzer';
const DETAIL_TYPE = 'Unused Access Finding for IAM entities';

/**
 * Reads a message of the findings queue: an event of Access Analyzer, or a message of a sweep. The finding itself is
 * read later, so an event of a resolved, archived or deleted one is handled like any other. Events of another analyzer
 * are ignored.
 */
export function readFindingMessage(body: string, analyzerArn: string): FindingMessage {
  const json = parseJson(body);
  if (!json.ok) return { kind: 'malformed', problem: 'the message is not JSON' };
  const { value } = json;
  const reading = isObject(value) && 'detail-type' in value ? readEvent(value) : readSwept(value);
  if (reading.kind === 'finding' && reading.reference.analyzerArn !== analyzerArn) {
    return { kind: 'ignored', reason: 'another analyzer' };
  }
  return reading;
}

function readSwept(value: unknown): FindingMessage {
  const swept = parseValue(value, SweptFinding, 'the message');
  return swept.ok
    ? { kind: 'finding', reference: swept.value, isEvent: false }
    : { kind: 'malformed', problem: swept.problem };
}

function readEvent(value: Readonly<Record<string, unknown>>): FindingMessage {
  if (value['source'] !== SOURCE || value['detail-type'] !== DETAIL_TYPE) {
    return { kind: 'ignored', reason: 'another kind of event' };
  }
  const event = parseValue(value, UnusedAccessEvent, 'the event');
  if (!event.ok) return { kind: 'malformed', problem: event.problem };
  const { detail, resources } = event.value;
  // Access Analyzer withdraws a finding that carries an error, and sends a new one after it has succeeded.
  if (detail.error) return { kind: 'ignored', reason: 'analysis error' };
  const findingId = detail.findingId ?? detail.id;
  const [analyzerArn] = resources;
  if (findingId === undefined || analyzerArn === undefined) {
    return { kind: 'malformed', problem: 'the event has neither detail.findingId nor detail.id' };
  }
  const { accountId, resource } = detail;
  const isActive = detail.status === 'ACTIVE' && detail.isDeleted !== true;
  const activeAt = isActive ? event.value.time : undefined;
  return {
    kind: 'finding',
    reference: { analyzerArn, findingId, accountId, resource, activeAt },
    isEvent: true,
  };
}

/**
 * The job for the findings of one account, which are listed in an object of the sweep.
 * ```json
 * {"analyzerArn":"arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused","sweepId":"f3a9…",
 *  "accountId":"111122223333","next":0,"parts":0,"shared":null,"deferrals":0}
 * ```
 */
const AccountMessage = z.object({
  analyzerArn: text,
  sweepId,
  accountId,
  next: count,
  parts: count,
  shared: z.nullable(z.string()),
  deferrals: count,
});

export function readAccountMessage(body: string): Result<AccountJob> {
  return parseText(body, AccountMessage, 'the account message');
}

/**
 * The position of a sweep, which one invocation passes to the next. Without a token it continues at the first page.
 * ```json
 * {"analyzerArn":"arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused","sweepId":"f3a9…","phase":"list",
 *  "nextToken":"AAAA…","restarts":0,"listed":{"from":0,"to":1,"isWhole":true}}
 * {"analyzerArn":"arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused","sweepId":"f3a9…","phase":"send",
 *  "offset":120,"restarts":0,"listed":{"from":0,"to":2,"isWhole":true}}
 * {"analyzerArn":"arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused","sweepId":"f3a9…","phase":"missing",
 *  "after":"b8ae0460-…","restarts":0,"listed":{"from":0,"to":2,"isWhole":true}}
 * ```
 */
const Sweep = {
  analyzerArn: text,
  sweepId,
  restarts: count,
  listed: z.object({ from: count, to: count, isWhole: z.boolean() }),
};
const SweepMessage = z.discriminatedUnion('phase', [
  z.object({ ...Sweep, phase: z.literal('list'), nextToken: z.nullable(text) }),
  z.object({ ...Sweep, phase: z.literal('send'), offset: count }),
  z.object({ ...Sweep, phase: z.literal('missing'), after: z.string() }),
]);

export function readSweepMessage(body: string): Result<SweepContinuation> {
  const message = parseText(body, SweepMessage, 'the sweep message');
  if (!message.ok) return message;
  const { analyzerArn, sweepId: id, restarts, listed } = message.value;
  const position: SweepPosition =
    message.value.phase === 'send'
      ? { phase: 'send', offset: message.value.offset, listed }
      : message.value.phase === 'missing'
        ? { phase: 'missing', after: message.value.after, listed }
        : { phase: 'list', nextToken: message.value.nextToken ?? undefined, listed };
  return ok({ analyzerArn, sweepId: id, restarts, position });
}

/**
 * The same if findings come from reports of last use: the account whose job was queued last.
 * ```json
 * {"analyzerArn":"last-accessed","sweepId":"f3a9…","phase":"accounts","after":"111122223333"}
 * ```
 */
const AccountSweepMessage = z.object({
  analyzerArn: z.literal(LAST_ACCESSED),
  sweepId,
  phase: z.literal('accounts'),
  after: z.string(),
});

export function readAccountSweep(body: string): Result<AccountSweep> {
  const message = parseText(body, AccountSweepMessage, 'the sweep message');
  return message.ok ? ok({ sweepId: message.value.sweepId, after: message.value.after }) : message;
}

/**
 * The part of EventBridge's event about a stored object that is used. The key is not encoded, unlike in S3's own
 * notifications.
 *
 * Documented sample (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html):
 * ```json
 * {"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":"Object Created","source":"aws.s3",
 *  "account":"111122223333","time":"2021-11-12T00:00:00Z","region":"ca-central-1",
 *  "resources":["arn:aws:s3:::amzn-s3-demo-bucket1"],
 *  "detail":{"version":"0","bucket":{"name":"amzn-s3-demo-bucket1"},
 *   "object":{"key":"example-key","size":5,"etag":"b1946ac92492d2347c6235b4d2611184",
 *    "version-id":"IYV3p45BT0ac8hjHg1houSdS1a.Mro8e","sequencer":"617f08299329d189"},
 *   "request-id":"N4N7GDK58NMKJ12R","requester":"123456789012","source-ip-address":"1.2.3.4","reason":"PutObject"}}
 * ```
 */
const ObjectCreated = z.object({
  'detail-type': z.string(),
  source: z.string(),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({ key: z.string().check(z.minLength(1)) }),
  }),
});

type StoredObjectMessage =
  | { readonly kind: 'proposal'; readonly key: string }
  /** A `state.json` was stored; `key` is the key of its `proposal.json`. */
  | { readonly kind: 'state'; readonly key: string }
  /** A `withheld.json` was stored, and no proposal. */
  | { readonly kind: 'withheld'; readonly key: string }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly problem: string };

/** Reads which proposal a message of the notices queue is about. Other objects and other buckets are ignored. */
export function readStoredObject(body: string, bucketName: string): StoredObjectMessage {
  const event = parseText(body, ObjectCreated, 'the event');
  if (!event.ok) return { kind: 'malformed', problem: event.problem };
  const { source, detail } = event.value;
  if (source !== 'aws.s3' || event.value['detail-type'] !== 'Object Created') {
    return { kind: 'ignored', reason: 'another kind of event' };
  }
  const { key } = detail.object;
  if (detail.bucket.name !== bucketName) return { kind: 'ignored', reason: 'another bucket' };
  const stored = proposalObject(key);
  if (stored?.object === PROPOSAL_OBJECT) return { kind: 'proposal', key };
  if (stored?.object === WITHHELD_OBJECT) return { kind: 'withheld', key };
  if (stored?.object === STATE_OBJECT) return { kind: 'state', key: stored.prefix + PROPOSAL_OBJECT };
  return { kind: 'ignored', reason: 'another object' };
}

/** The request for an overview, which the schedule or a person sends to the notices queue: `{"overview":true}`. */
const OverviewOrder = z.object({ overview: z.literal(true) });

export function isOverviewOrder(body: string): boolean {
  return parseText(body, OverviewOrder, 'the message').ok;
}

/**
 * The event that may start a refresh: `{"acceptLosses":true}` accepts that services lost more than half of their
 * actions or disappeared. Any other event, usually the schedule's, starts an ordinary refresh.
 */
const RefreshOrder = z.object({ acceptLosses: z.optional(z.boolean()) });

export function readRefreshOrder(event: unknown): Result<{ readonly acceptLosses: boolean }> {
  const order = parseValue(isObject(event) ? event : {}, RefreshOrder, 'the event of refresh-catalogue');
  return order.ok ? ok({ acceptLosses: order.value.acceptLosses === true }) : order;
}
