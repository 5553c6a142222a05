import * as z from 'zod/mini';
import { isObject } from './is-object.ts';
import type { FindingReference } from '../ports/findings.ts';
import { parseJson, parseValue } from './parse-untrusted.ts';

/** What one message of the findings queue asks for. */
export type FindingMessage =
  /** `isEvent`: it came from EventBridge, which puts messages into no group. */
  | { readonly kind: 'finding'; readonly reference: FindingReference; readonly isEvent: boolean }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly problem: string };

/**
 * What a sweep sends:
 * ```json
 * {"analyzerArn":"arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused",
 *  "findingId":"b8ae0460-5d29-4922-b92a-ba956c986277","accountId":"111122223333",
 *  "resource":"arn:aws:iam::111122223333:role/FindingIntegTestFakeRole"}
 * ```
 */
const accountId = z.string().check(z.regex(/^\d{12}$/));
const text = z.string().check(z.minLength(1));
const SweptFinding = z.object({ analyzerArn: text, findingId: text, accountId, resource: text });

/**
 * What EventBridge sends, whole, as far as it is used. The page's example has the id as `findingId`, its text says
 * `id`, so both are read.
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
 * Reads a message of the findings queue: an event of Access Analyzer, or what a sweep sent. What the finding is like
 * by then is asked anew, so an event of a resolved, archived or deleted one is read like any other; those of another
 * analyzer are ignored.
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
  // Access Analyzer takes back a finding that carries an error, and sends a new one once it has succeeded.
  if (detail.error) return { kind: 'ignored', reason: 'analysis error' };
  const findingId = detail.findingId ?? detail.id;
  const [analyzerArn] = resources;
  if (findingId === undefined || analyzerArn === undefined) {
    return { kind: 'malformed', problem: 'the event has neither detail.findingId nor detail.id' };
  }
  const { accountId, resource } = detail;
  return { kind: 'finding', reference: { analyzerArn, findingId, accountId, resource }, isEvent: true };
}
