import { setTimeout as sleep } from 'node:timers/promises';
import type { PrincipalRef } from '../../../core/model/principal.ts';
import type { LastAccessAnswer, LastAccessSource } from '../../../ports/policies.ts';
import type { IamClients } from './iam-clients.ts';
import { IamUseReports } from './use-reports.ts';

/** Milliseconds between two polls for a report. */
const PAUSE = 1_000;

/** Requests IAM's report of when each service and tracked action was last used, and polls until it is ready. */
export class IamLastAccess implements LastAccessSource {
  readonly #reports: IamUseReports;
  readonly #pause: number;
  /** @param pause milliseconds between two polls */
  constructor(clients: IamClients, pause = PAUSE) {
    this.#reports = new IamUseReports(clients);
    this.#pause = pause;
  }

  async lastAccessOf(ref: PrincipalRef, millis: number): Promise<LastAccessAnswer> {
    if (millis <= 0) return { kind: 'unavailable', reason: 'there was no time left to ask AWS' };
    const deadline = AbortSignal.timeout(millis);
    const seconds = String(Math.round(millis / 1_000));
    const late = { kind: 'unavailable', reason: `AWS did not answer within ${seconds} s` } as const;
    // Waiting for the pace, and the pauses between the SDK's attempts, ignore the signal.
    const passed = new Promise<LastAccessAnswer>((resolve) => {
      deadline.addEventListener('abort', () => {
        resolve(late);
      });
    });
    return Promise.race([this.#answer(ref, deadline, late), passed]);
  }

  async #answer(ref: PrincipalRef, deadline: AbortSignal, late: LastAccessAnswer): Promise<LastAccessAnswer> {
    try {
      const jobId = await this.#reports.ask(ref, deadline);
      if (jobId === undefined) return { kind: 'unavailable', reason: `${ref.arn} is gone` };
      for (;;) {
        const answer = await this.#reports.look(ref, jobId, deadline);
        switch (answer.kind) {
          case 'complete': {
            const { services, completedAt } = answer.report;
            return { kind: 'known', lastAccess: services, completedAt };
          }
          case 'failed':
            return { kind: 'unavailable', reason: answer.reason };
          case 'unknown':
            return { kind: 'unavailable', reason: `IAM has forgotten that it was asked about ${ref.arn}` };
          case 'running':
            break;
          default:
            return answer satisfies never;
        }
        await sleep(this.#pause, undefined, { signal: deadline });
      }
    } catch (error) {
      if (deadline.aborted) return late;
      return { kind: 'unavailable', reason: error instanceof Error ? error.message : 'unknown error' };
    }
  }
}

/** How many principals' reports are cached: those of the findings in flight. */
const KEPT = 4;

/** The latest reports, so that a finding and the dates in its proposal come from the same report. */
export class LatestUse implements LastAccessSource {
  readonly #source: LastAccessSource;
  readonly #latest = new Map<string, Promise<LastAccessAnswer>>();
  constructor(source: LastAccessSource) {
    this.#source = source;
  }

  /** Requests a new report. */
  renew(ref: PrincipalRef, millis: number): Promise<LastAccessAnswer> {
    const answer = this.#source.lastAccessOf(ref, millis);
    this.#latest.delete(ref.arn);
    this.#latest.set(ref.arn, answer);
    for (const oldest of this.#latest.keys()) {
      if (this.#latest.size <= KEPT) break;
      this.#latest.delete(oldest);
    }
    return answer;
  }

  lastAccessOf(ref: PrincipalRef, millis: number): Promise<LastAccessAnswer> {
    return this.#latest.get(ref.arn) ?? this.renew(ref, millis);
  }
}
