import type { STSClient } from '@aws-sdk/client-sts';
import { AdapterError } from '../../../ports/system.ts';
import type { Caller } from '../sdk/caller.ts';
import { errorWords } from '../sdk/errors.ts';

/** A service's answer. Access denied is thrown; any other error is part of the answer. */
interface SignedAnswer {
  readonly body: unknown;
  /** The name of the error; undefined if the call succeeded. */
  readonly error: string | undefined;
}

/** The timeout of one call, in milliseconds. */
const PATIENCE = 15_000;
const JSON_TARGETS: Readonly<Record<string, string>> = { ssm: 'AmazonSSM' };

/**
 * Single calls to services that nothing else calls. Their two SDK clients would add a tenth to the size of the
 * installed command, so the calls are signed with the STS client's signer.
 */
export class SignedCalls {
  readonly #sts: STSClient;
  readonly #caller: Pick<Caller, 'region' | 'partition'>;

  constructor(sts: STSClient, caller: Pick<Caller, 'region' | 'partition'>) {
    this.#sts = sts;
    this.#caller = caller;
  }

  get(service: string, path: string): Promise<SignedAnswer> {
    return this.#send(service, { method: 'GET', path, headers: {} });
  }

  json(service: string, operation: string, input: object): Promise<SignedAnswer> {
    const target = `${JSON_TARGETS[service] ?? service}.${operation}`;
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
    return this.#send(service, { method: 'POST', path: '/', headers, body: JSON.stringify(input) });
  }

  async #send(
    service: string,
    request: {
      readonly method: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string;
    },
  ): Promise<SignedAnswer> {
    const endpoint = new URL(this.#endpoint(service));
    const { region } = this.#caller;
    const { protocol, hostname, port } = endpoint;
    try {
      const signer = await this.#sts.config.signer();
      const signed = await signer.sign(
        {
          ...request,
          protocol,
          hostname,
          ...(port === '' ? {} : { port: Number(port) }),
          query: {},
          headers: { ...request.headers, host: endpoint.host },
        },
        { signingService: service, signingRegion: region },
      );
      const answer = await fetch(new URL(request.path, endpoint), {
        method: request.method,
        headers: signed.headers,
        signal: AbortSignal.timeout(PATIENCE),
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      return read(await answer.text(), answer);
    } catch (error) {
      if (error instanceof AdapterError) throw error;
      throw new AdapterError(`cannot call ${service}: ${errorWords(error)}`, 'retry', 'unavailable', {
        cause: error,
      });
    }
  }

  /**
   * The endpoint, found as the SDK does. Source:
   * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
   */
  #endpoint(service: string): string {
    const { region, partition } = this.#caller;
    const custom =
      process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? process.env['AWS_ENDPOINT_URL'] ?? '';
    if (custom !== '' && process.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] !== 'true') return custom;
    return `https://${service}.${region}.${partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
  }
}

/** @throws AdapterError (access-denied) if the caller may not make the call */
function read(text: string, { ok, status, headers }: Response): SignedAnswer {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (ok) return { body, error: undefined };
  const type: unknown =
    typeof body === 'object' && body !== null && '__type' in body ? body.__type : undefined;
  // `com.amazonaws.ssm#ParameterNotFound` in the body, `AccessDeniedException:http://…` in the header.
  const name =
    headers.get('x-amzn-errortype') ?? (typeof type === 'string' ? type : `HTTP ${String(status)}`);
  const error = name.replace(/:.*$/s, '').replace(/^.*#/s, '');
  if (status === 403 || /AccessDenied|UnauthorizedOperation/.test(error)) {
    throw new AdapterError(`AWS refuses the call: ${error}`, 'permanent', 'access-denied');
  }
  return { body, error };
}
