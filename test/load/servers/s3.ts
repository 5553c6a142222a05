import { createHash } from 'node:crypto';
import { type Answer, type Request, type Service, ServiceError, unknownOperation } from './answer.ts';
import type { ObjectStore } from './object-store.ts';
import { escapeXml } from './xml.ts';

/** A PUT that took effect. */
export interface Written {
  readonly key: string;
  /** Whether nothing was there before. */
  readonly created: boolean;
  /** Metadata of the object, by lower-case name without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Objects of one bucket with conditional writes, addressed by path.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function s3Service(store: ObjectStore, onWritten: (written: Written) => void): Service {
  return (request: Request): Answer => {
    const { call, headers, url } = request;
    const { key } = call;
    if (call.operation === 'ListObjectsV2')
      return list(store, url.searchParams, call.parameters.get('Bucket') ?? '');
    if (key === undefined) throw unknownOperation(request);
    switch (call.operation) {
      case 'PutObject':
        return put(store, key, request, onWritten);
      case 'GetObject':
      case 'HeadObject': {
        const object = store.get(key);
        if (!object) throw new ServiceError(404, 'NoSuchKey', 'The specified key does not exist.');
        const body = call.operation === 'GetObject' ? store.read(object) : '';
        return {
          status: 200,
          headers: {
            etag: object.etag,
            'content-type': 'application/json',
            'last-modified': new Date(object.storedAt).toUTCString(),
            ...(object.findingId === undefined ? {} : { 'x-amz-meta-finding-id': object.findingId }),
          },
          body,
        };
      }
      case 'DeleteObject':
        store.delete(key);
        return { status: 204, body: '' };
      default:
        throw unknownOperation({ call, headers, url, method: request.method, body: request.body });
    }
  };
}

function put(
  store: ObjectStore,
  key: string,
  { headers, body }: Request,
  onWritten: (written: Written) => void,
): Answer {
  const there = store.get(key);
  if (headers['if-none-match'] === '*' && there) throw failed();
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined && !there) {
    throw new ServiceError(404, 'NoSuchKey', 'The specified key does not exist.');
  }
  if (ifMatch !== undefined && ifMatch !== there?.etag) throw failed();
  const content = headers['content-encoding']?.includes('aws-chunked') === true ? unchunk(body) : body;
  const etag = `"${createHash('md5').update(content).digest('hex')}"`;
  const metadata = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), String(value)] as const] : [],
  );
  const named = Object.fromEntries(metadata);
  store.put(key, etag, content, named['finding-id']);
  onWritten({ key, created: there === undefined, metadata: named });
  return { status: 200, headers: { etag }, body: '' };
}

function failed(): ServiceError {
  return new ServiceError(
    412,
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
  );
}

/** Bodies with a trailing checksum come in chunks: `<hexadecimal length>[;signature]\r\n<bytes>\r\n`, 0 at the end. */
function unchunk(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf('\r\n', at);
    const length = parseInt(body.toString('latin1', at, end).split(';')[0] ?? '0', 16);
    if (end < 0 || !(length > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}

const PAGE = 1000;

function list(store: ObjectStore, query: URLSearchParams, bucket: string): Answer {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const size = Math.min(PAGE, Number(query.get('max-keys') ?? PAGE));
  const keys = store.keys(prefix).filter((key) => key > after);
  const shown = keys.slice(0, size);
  const contents = shown.map((key) => {
    const { etag = '', size: bytes = 0, storedAt = 0 } = store.get(key) ?? {};
    const at = new Date(Math.floor(storedAt / 1000) * 1000).toISOString();
    return `<Contents><Key>${escapeXml(key)}</Key><LastModified>${at}</LastModified><ETag>${escapeXml(etag)}</ETag><Size>${String(bytes)}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const truncated = keys.length > shown.length;
  const next = truncated
    ? `<NextContinuationToken>${escapeXml(shown.at(-1) ?? '')}</NextContinuationToken>`
    : '';
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>${bucket}</Name><Prefix>${escapeXml(prefix)}</Prefix><KeyCount>${String(shown.length)}</KeyCount><MaxKeys>${String(size)}</MaxKeys><IsTruncated>${String(truncated)}</IsTruncated>${contents.join('')}${next}</ListBucketResult>`,
  };
}
