import type { Credentials } from '../integration/harness/accounts.ts';
import { HandlerProcess, type Invocation } from '../integration/harness/handler-process.ts';
import type { ModelFunction } from './stack.ts';

/** What one function's processes cost so far. */
export interface PoolFigures {
  readonly invocations: number;
  readonly processes: number;
  readonly killed: number;
  /** Processor seconds, those of starting included; what a killed process did since its last answer is not known. */
  readonly cpuSeconds: number;
  /** Sum over the invocations, by the clock of this machine. */
  readonly seconds: number;
  /** Of what it printed. */
  readonly logBytes: number;
  readonly memory: MemoryFigures;
}

/** Resident memory after invocations, in MiB. */
export interface MemoryFigures {
  readonly largest: number;
  /** Of the process that lived longest: medians of its second and its last quarter, and how many invocations it had. */
  readonly second: number;
  readonly last: number;
  readonly invocations: number;
}

/** The execution environments of one function: a process each, kept warm, one event at a time. */
export class WorkerPool {
  readonly deployed: ModelFunction;
  readonly #endpoint: string;
  readonly #credentials: Credentials;
  readonly #onLine: (line: string) => void;
  readonly #idle: HandlerProcess[] = [];
  readonly #all = new Set<HandlerProcess>();
  #figures = { invocations: 0, processes: 0, killed: 0, cpuSeconds: 0, seconds: 0, logBytes: 0 };
  #largest = 0;
  #longest: readonly number[] = [];

  constructor(
    deployed: ModelFunction,
    endpoint: string,
    credentials: Credentials,
    onLine: (line: string) => void,
  ) {
    this.deployed = deployed;
    this.#endpoint = endpoint;
    this.#credentials = credentials;
    this.#onLine = onLine;
  }

  /**
   * Hands an event to a process that is free, or to a new one.
   * @param lineage of the chain of messages that led to the event, where one did
   * @param killAfter share of the usual duration after which the process is killed; undefined lets it live
   */
  async invoke(event: unknown, lineage?: string, killAfter?: number): Promise<Invocation> {
    const handler = this.#idle.pop() ?? (await this.#start());
    const before = handler.cpuSeconds;
    const began = performance.now();
    const { invocations, seconds } = this.#figures;
    const usual = invocations === 0 ? 1000 : (seconds / invocations) * 1000;
    let killing: Promise<void> | undefined;
    const timer =
      killAfter === undefined
        ? undefined
        : setTimeout(() => {
            this.#figures.killed += 1;
            killing = handler.kill();
          }, killAfter * usual);
    const invocation = await handler.invoke(event, undefined, lineage);
    clearTimeout(timer);
    await killing;
    this.#figures.invocations += 1;
    this.#figures.seconds += (performance.now() - began) / 1000;
    this.#figures.cpuSeconds += handler.cpuSeconds - before;
    this.#note(handler);
    if (handler.alive) this.#idle.push(handler);
    else this.#all.delete(handler);
    return invocation;
  }

  get figures(): PoolFigures {
    const mebibytes = this.#longest.map((bytes) => bytes / 1048576);
    const quarter = Math.ceil(mebibytes.length / 4);
    return {
      ...this.#figures,
      memory: {
        largest: this.#largest / 1048576,
        second: median(mebibytes.slice(quarter, quarter * 2)),
        last: median(mebibytes.slice(-quarter)),
        invocations: mebibytes.length,
      },
    };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#all].map((handler) => handler.kill()));
  }

  async #start(): Promise<HandlerProcess> {
    let rest = '';
    const endpoints = { aws: this.#endpoint, accessAnalyzer: this.#endpoint };
    const handler = await HandlerProcess.start(this.deployed, endpoints, this.#credentials, (text) => {
      this.#figures.logBytes += Buffer.byteLength(text);
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#onLine(line);
    });
    this.#figures.processes += 1;
    this.#all.add(handler);
    return handler;
  }

  #note({ memory }: HandlerProcess): void {
    this.#largest = Math.max(this.#largest, memory.at(-1) ?? 0);
    if (memory.length > this.#longest.length) this.#longest = memory;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
