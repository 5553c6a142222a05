import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { REGION, type Credentials } from './accounts.ts';
import type { DeployedFunction } from './deployment.ts';

const RUNNER = fileURLToPath(new URL('run-handler.mjs', import.meta.url));

/** Where the handler finds AWS. */
export interface HandlerEndpoints {
  /** Everything but Access Analyzer. */
  readonly aws: string;
  readonly accessAnalyzer: string;
}

export type Invocation =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly name: string; readonly message: string }
  /** The process ended before it answered. */
  | { readonly kind: 'died'; readonly signal: string | null; readonly code: number | null };

const READY = z.object({ type: z.literal('ready'), initMillis: z.number() });
const ANSWER = z.object({
  type: z.literal('answer'),
  id: z.number(),
  ok: z.boolean(),
  value: z.unknown().optional(),
  error: z.object({ name: z.string(), message: z.string() }).optional(),
  rssBytes: z.number(),
  cpuSeconds: z.number(),
});

/** A deployed function in a Node process of its own, with the environment that Lambda would give it and nothing else. */
export class HandlerProcess {
  /** Milliseconds from the beginning of the import until the handler can take an event. */
  initMillis = 0;
  /** Resident memory after each event, in bytes. */
  readonly memory: number[] = [];
  /** Processor time since the start, in seconds, as of the last event. */
  cpuSeconds = 0;
  readonly #child: ChildProcess;
  readonly #function: DeployedFunction;
  readonly #output: string[] = [];
  #next = 1;

  private constructor(
    child: ChildProcess,
    deployed: DeployedFunction,
    onOutput: (text: string) => void = (text) => {
      this.#output.push(text);
    },
  ) {
    this.#child = child;
    this.#function = deployed;
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onOutput);
  }

  /**
   * @param onOutput takes what the process prints, which is then not kept as its log
   * @throws Error with what the process printed when the bundle cannot be loaded
   */
  static async start(
    deployed: DeployedFunction,
    endpoints: HandlerEndpoints,
    credentials: Credentials,
    onOutput?: (text: string) => void,
  ): Promise<HandlerProcess> {
    const child = fork(RUNNER, [deployed.folder, deployed.handler, deployed.arn], {
      execPath: process.env['NODE24'] ?? process.execPath,
      execArgv: [],
      env: environmentOf(deployed, endpoints, credentials),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const handler = new HandlerProcess(child, deployed, onOutput);
    const message = await Promise.race([
      once(child, 'message').then(([first]: unknown[]) => first),
      once(child, 'exit').then(() => undefined),
    ]);
    const ready = READY.safeParse(message);
    if (!ready.success) throw new Error(`${deployed.logicalId} did not start:\n${handler.#output.join('')}`);
    handler.initMillis = ready.data.initMillis;
    return handler;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Everything the function printed: one JSON object a line where it is the function's own. */
  get log(): string {
    return this.#output.join('');
  }

  /**
   * @param remainingMillis time that the function is told to have; its own timeout unless given
   * @param lineage by which Lambda sees that a function invokes itself through a queue, in the header of its trace
   */
  async invoke(
    event: unknown,
    remainingMillis = this.#function.timeout * 1000,
    lineage?: string,
  ): Promise<Invocation> {
    const id = this.#next;
    this.#next += 1;
    const answer = new Promise<Invocation>((resolve) => {
      const onExit = (code: number | null, signal: string | null): void => {
        this.#child.off('message', onMessage);
        resolve({ kind: 'died', code, signal });
      };
      const onMessage = (message: unknown): void => {
        const parsed = ANSWER.parse(message);
        if (parsed.id !== id) return;
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
        this.memory.push(parsed.rssBytes);
        this.cpuSeconds = parsed.cpuSeconds;
        resolve(
          parsed.ok
            ? { kind: 'returned', value: parsed.value }
            : { kind: 'threw', name: parsed.error?.name ?? '', message: parsed.error?.message ?? '' },
        );
      };
      this.#child.on('message', onMessage);
      this.#child.once('exit', onExit);
    });
    this.#child.send({ id, event, timeoutMillis: remainingMillis, lineage });
    return answer;
  }

  /** SIGKILL: nothing in the process runs any more. Resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.alive) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
function environmentOf(
  deployed: DeployedFunction,
  endpoints: HandlerEndpoints,
  credentials: Credentials,
): Record<string, string> {
  return {
    ...mapValues(deployed.environment, (value) => value.replace(PUBLIC_QUEUES, endpoints.aws)),
    ...(process.env['PATH'] === undefined ? {} : { PATH: process.env['PATH'] }),
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EXECUTION_ENV: `AWS_Lambda_${deployed.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: deployed.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(deployed.memory),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${deployed.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/01/[$LATEST]00000000000000000000000000000000',
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
    LAMBDA_TASK_ROOT: deployed.folder,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    _HANDLER: deployed.handler,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
    AWS_ENDPOINT_URL: endpoints.aws,
    AWS_ENDPOINT_URL_ACCESSANALYZER: endpoints.accessAnalyzer,
  };
}

/**
 * The one difference from the deployed environment: a client sends to the host of a queue's URL, whatever its endpoint is, and
 * moto's stacks write AWS's own host there.
 */
const PUBLIC_QUEUES = `https://sqs.${REGION}.amazonaws.com`;

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
