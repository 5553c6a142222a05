import * as z from 'zod/mini';
import { PROPOSAL_OBJECT, STATE_OBJECT } from '../contract/object-keys.ts';
import { parseText } from './parse-untrusted.ts';

/**
 * What EventBridge says about a stored object, as far as it is used. The key stands there as it is, not encoded as in
 * S3's own notifications.
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

export type StoredObjectMessage =
  | { readonly kind: 'proposal'; readonly key: string }
  /** A `state.json` was stored; `key` is that of the `proposal.json` beside it. */
  | { readonly kind: 'state'; readonly key: string }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly problem: string };

const KEY = /^(?:proposals\/\d{12}\/(?:role|user)|shared\/\d{12}\/(?:policy|group))\/[^/]+\/[0-9a-f]{32}\//;

/** Which proposal a message of the notices queue is about. Other objects and other buckets are ignored. */
export function readStoredObject(body: string, bucketName: string): StoredObjectMessage {
  const event = parseText(body, ObjectCreated, 'the event');
  if (!event.ok) return { kind: 'malformed', problem: event.problem };
  const { source, detail } = event.value;
  if (source !== 'aws.s3' || event.value['detail-type'] !== 'Object Created') {
    return { kind: 'ignored', reason: 'another kind of event' };
  }
  const { key } = detail.object;
  if (detail.bucket.name !== bucketName) return { kind: 'ignored', reason: 'another bucket' };
  const prefix = KEY.exec(key)?.[0];
  if (prefix === undefined) return { kind: 'ignored', reason: 'another object' };
  if (key === prefix + PROPOSAL_OBJECT) return { kind: 'proposal', key };
  if (key === prefix + STATE_OBJECT) return { kind: 'state', key: prefix + PROPOSAL_OBJECT };
  return { kind: 'ignored', reason: 'another object' };
}
