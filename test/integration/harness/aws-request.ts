import { HOME_CREDENTIALS, REGION, type Credentials } from './accounts.ts';

/** One call to a service that the project has no SDK client for. Moto reads the signature's scope and does not check it. */
export interface AwsRequest {
  /** The signing name: cloudformation, lambda, events. */
  readonly service: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly credentials?: Credentials;
}

/** @throws Error with the service's answer when the status is not 2xx */
export async function awsRequest(endpoint: string, request: AwsRequest): Promise<string> {
  const {
    service,
    method = 'POST',
    path = '/',
    headers = {},
    body,
    credentials = HOME_CREDENTIALS,
  } = request;
  const answer = await fetch(`${endpoint}${path}`, {
    method,
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20261101/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=none`,
      ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  if (!answer.ok)
    throw new Error(`${service} answered ${String(answer.status)} to ${method} ${path}: ${text}`);
  return text;
}

/** A call of the query protocol; the answer is XML. */
export async function queryRequest(
  endpoint: string,
  service: string,
  parameters: Readonly<Record<string, string>>,
  credentials: Credentials = HOME_CREDENTIALS,
): Promise<string> {
  return awsRequest(endpoint, {
    service,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(parameters).toString(),
    credentials,
  });
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const EVENTS_PER_CALL = 10;

/** Puts events on the default bus, where the deployed rules see them. Real EventBridge keeps `aws.` sources for itself. */
export async function putEvents(endpoint: string, events: readonly BusEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += EVENTS_PER_CALL) {
    const entries = events.slice(start, start + EVENTS_PER_CALL).map((event) => ({
      Source: event.source,
      DetailType: event['detail-type'],
      Resources: event.resources,
      Detail: JSON.stringify(event.detail),
    }));
    await awsRequest(endpoint, {
      service: 'events',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
      body: JSON.stringify({ Entries: entries }),
    });
  }
}

export interface BusEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}
