import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { AccessLevel } from '../../core/catalogue/access-level.ts';
import { AdapterError } from '../../ports/system.ts';
import type { ReferenceAnswer, ReferenceEntry, ReferenceSource } from '../../ports/catalogue.ts';

/**
 * The address at which AWS publishes the Service Authorization Reference. Source:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
 */
export const REFERENCE_URL = 'https://servicereference.us-east-1.amazonaws.com/';

const SERVICE = /^[A-Za-z0-9][A-Za-z0-9.-]*$/;
const ACTION = /^[A-Za-z0-9_.-]+$/;
const indexSchema = z.array(z.object({ service: z.string().check(z.regex(SERVICE)), url: z.url() }));
const flag = z.optional(z.boolean());
const propertiesSchema = z.object({
  IsList: flag,
  IsPermissionManagement: flag,
  IsTaggingOnly: flag,
  IsWrite: flag,
});
const serviceSchema = z.object({
  Name: z.string(),
  Actions: z
    .array(
      z.object({
        Name: z.string().check(z.regex(ACTION)),
        // Absent if AWS does not say; then no report can be relied on.
        SupportedBy: z.optional(z.object({ 'IAM Action Last Accessed': z.optional(z.boolean()) })),
        Annotations: z.optional(z.object({ Properties: z.optional(propertiesSchema) })),
      }),
    )
    .check(z.minLength(1)),
});

interface ServiceReferenceOptions {
  /** @default REFERENCE_URL */
  readonly url?: string;
  /** Milliseconds for one answer including its body. @default 15000 */
  readonly timeout?: number;
  /** Milliseconds before the second attempt; doubled before the third. @default 500 */
  readonly pause?: number;
}

const ATTEMPTS = 3;

/** Reads the Service Authorization Reference over HTTP, with conditional requests. */
export class ServiceReference implements ReferenceSource {
  readonly #url: string;
  readonly #timeout: number;
  readonly #pause: number;
  constructor({ url = REFERENCE_URL, timeout = 15_000, pause = 500 }: ServiceReferenceOptions = {}) {
    this.#url = url;
    this.#timeout = timeout;
    this.#pause = pause;
  }

  async services(): Promise<readonly ReferenceEntry[]> {
    const answer = await this.#get(this.#url, undefined);
    return parse(indexSchema, answer?.body, this.#url);
  }

  async service({ service, url }: ReferenceEntry, etag: string | undefined): Promise<ReferenceAnswer> {
    const answer = await this.#get(url, etag);
    if (!answer) return { kind: 'same' };
    const { Name, Actions } = parse(serviceSchema, answer.body, url);
    if (Name.toLowerCase() !== service.toLowerCase()) {
      throw malformed(url, `is about ${JSON.stringify(Name)}, not about ${service}`);
    }
    return {
      kind: 'fresh',
      etag: answer.etag,
      actions: Actions.map((action) => ({
        name: action.Name,
        isTracked: action.SupportedBy?.['IAM Action Last Accessed'] === true,
        level: levelOf(action.Annotations?.Properties),
      })),
    };
  }

  /** Undefined for status 304: the known version is still the latest. */
  async #get(
    url: string,
    etag: string | undefined,
  ): Promise<{ readonly body: string; readonly etag: string | undefined } | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#try(url, etag);
      } catch (error) {
        if (!(error instanceof AdapterError) || error.decision === 'permanent' || attempt === ATTEMPTS) {
          throw error;
        }
        await sleep(this.#pause * 2 ** (attempt - 1));
      }
    }
  }

  async #try(
    url: string,
    etag: string | undefined,
  ): Promise<{ readonly body: string; readonly etag: string | undefined } | undefined> {
    let response: Response;
    let body: string;
    try {
      // One timeout for the whole answer, so that a server that sends a byte a second fails too.
      response = await fetch(url, {
        signal: AbortSignal.timeout(this.#timeout),
        headers: etag === undefined ? {} : { 'if-none-match': etag },
      });
      body = await response.text();
    } catch (error) {
      throw new AdapterError(`cannot read ${url}: ${reasonOf(error)}`, 'retry', 'unavailable', {
        cause: error,
      });
    }
    if (response.status === 304 && etag !== undefined) return undefined;
    if (response.status !== 200) {
      const mayPass = response.status === 429 || response.status >= 500;
      throw new AdapterError(
        `cannot read ${url}: the server answered ${String(response.status)}`,
        mayPass ? 'retry' : 'permanent',
        'unavailable',
      );
    }
    return { body, etag: response.headers.get('etag') ?? undefined };
  }
}

/** The access level of an action: `read` if none of the four properties is set; undefined if AWS does not say. */
function levelOf(properties: z.infer<typeof propertiesSchema> | undefined): AccessLevel | undefined {
  if (properties === undefined) return undefined;
  if (properties.IsPermissionManagement === true) return 'permissions';
  if (properties.IsTaggingOnly === true) return 'tagging';
  if (properties.IsWrite === true) return 'write';
  return properties.IsList === true ? 'list' : 'read';
}

function parse<T>(schema: z.ZodMiniType<T>, body: string | undefined, url: string): T {
  let value: unknown;
  try {
    value = JSON.parse(body ?? '');
  } catch {
    throw malformed(url, 'is not JSON; was it cut off?');
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw malformed(
    url,
    `is not of the documented shape at ${issue?.path.join('.') ?? ''} (${issue?.code ?? 'unknown'})`,
  );
}

function malformed(url: string, problem: string): AdapterError {
  return new AdapterError(`${url} ${problem}`, 'permanent', 'malformed');
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.name === 'TimeoutError') return 'no answer in time';
  // The error itself says only "fetch failed"; its cause has the reason.
  return error.cause instanceof Error ? error.cause.message : error.message;
}
