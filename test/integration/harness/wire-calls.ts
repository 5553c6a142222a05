import type { IncomingHttpHeaders } from 'node:http';

/** A request to AWS, named as the API names it. */
export interface WireCall {
  /** The signing name: iam, s3, sns, sqs, sts. */
  readonly service: string;
  readonly operation: string;
  readonly accessKeyId: string;
  /**
   * Parameters of the query protocol (iam, sns, sts) or members of the JSON protocol (sqs) as text; of S3 those of the
   * address, the bucket and the condition `If-Match`.
   */
  readonly parameters: ReadonlyMap<string, string>;
  /** S3 only: the object's key, decoded. */
  readonly key: string | undefined;
}

/** Reads which call a signed request is. Unknown requests keep their method and path as the operation. */
export function identifyCall(
  method: string,
  target: string,
  headers: IncomingHttpHeaders,
  body: string,
): WireCall {
  const url = new URL(target, 'http://localhost');
  const [, accessKeyId = 'none', service = 'unknown'] =
    /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '') ?? [];
  const json = headers['x-amz-target'];
  if (typeof json === 'string') {
    return {
      service,
      operation: json.slice(json.lastIndexOf('.') + 1),
      accessKeyId,
      parameters: textMembers(body),
      key: undefined,
    };
  }
  if (service === 's3') {
    const [bucket = '', ...rest] = url.pathname.slice(1).split('/');
    const key = rest.join('/') === '' ? undefined : decodeURIComponent(rest.join('/'));
    const ifMatch = headers['if-match'];
    const parameters = new Map([
      ...url.searchParams,
      ['Bucket', bucket],
      ...(ifMatch === undefined ? [] : [['If-Match', ifMatch] as const]),
    ]);
    return { service, operation: s3Operation(method, key, url.searchParams), accessKeyId, parameters, key };
  }
  if (service === 'account') {
    const [, name = ''] = url.pathname.split('/');
    const operation = name.charAt(0).toUpperCase() + name.slice(1);
    return { service, operation, accessKeyId, parameters: textMembers(body), key: undefined };
  }
  const form = new URLSearchParams(body);
  return {
    service,
    operation: form.get('Action') ?? `${method} ${url.pathname}`,
    accessKeyId,
    parameters: new Map(form),
    key: undefined,
  };
}

function textMembers(body: string): ReadonlyMap<string, string> {
  const value: unknown = JSON.parse(body === '' ? '{}' : body);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(
    Object.entries(value).map(([key, member]) => [
      key,
      typeof member === 'string' ? member : JSON.stringify(member),
    ]),
  );
}

function s3Operation(method: string, key: string | undefined, query: URLSearchParams): string {
  const objects: Record<string, string> = {
    PUT: 'PutObject',
    GET: 'GetObject',
    HEAD: 'HeadObject',
    DELETE: 'DeleteObject',
  };
  if (key !== undefined && method in objects) return objects[method] ?? method;
  if (method === 'GET' && (query.has('list-type') || query.has('prefix'))) return 'ListObjectsV2';
  return `${method} bucket`;
}

/** Calls after which something in AWS is different. A crash is only interesting between two of these. */
export function isWrite(call: WireCall): boolean {
  const names = new Set([
    'PutObject',
    'Publish',
    'PublishBatch',
    'SendMessage',
    'SendMessageBatch',
    'DeleteObject',
  ]);
  return names.has(call.operation);
}
