import {
  GenerateServiceLastAccessedDetailsCommand,
  GetServiceLastAccessedDetailsCommand,
  type GetServiceLastAccessedDetailsCommandOutput,
  type IAMClient,
  type ServiceLastAccessed,
} from '@aws-sdk/client-iam';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PrincipalRef } from '../../../core/model/principal.ts';
import { AdapterError } from '../../../ports/system.ts';
import type { LastAccessAnswer, LastAccessSource } from '../../../ports/policies.ts';
import { lastAccessIn } from '../../../json/last-access-report.ts';
import { iso } from '../access-analyzer/finding-details.ts';
import { attempt } from '../sdk/errors.ts';
import type { IamClients } from './clients.ts';
import { allMarkerPages, MAX_ITEMS } from './marker-pages.ts';

/** Milliseconds between two polls for a report. */
const PAUSE = 1_000;

/**
 * IAM's report of when each service and each tracked action was last used. AWS makes it in the background: it is
 * requested, then polled for until it is ready.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
 */
export class IamLastAccess implements LastAccessSource {
  readonly #clients: IamClients;
  readonly #pause: number;
  /** @param pause milliseconds between two polls */
  constructor(clients: IamClients, pause = PAUSE) {
    this.#clients = clients;
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
      const iam = await this.#clients.forAccount(ref.accountId);
      const { services, completedAt } = await this.#report(iam, ref, deadline);
      return { kind: 'known', lastAccess: lastAccessIn(services), ...(completedAt && { completedAt }) };
    } catch (error) {
      if (deadline.aborted) return late;
      return { kind: 'unavailable', reason: error instanceof Error ? error.message : 'unknown error' };
    }
  }

  async #report(
    iam: IAMClient,
    ref: PrincipalRef,
    abortSignal: AbortSignal,
  ): Promise<{
    readonly services: readonly ServiceLastAccessed[];
    readonly completedAt: string | undefined;
  }> {
    const doing = `read when ${ref.arn} last used what`;
    const started = await attempt(doing, () =>
      iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: ref.arn, Granularity: 'ACTION_LEVEL' }), {
        abortSignal,
      }),
    );
    let completedAt: string | undefined;
    const pages = await allMarkerPages(doing, async (Marker) => {
      const answer = await this.#whenReady(iam, started.JobId, Marker, doing, abortSignal);
      completedAt ??= iso(answer.JobCompletionDate);
      return {
        items: answer.ServicesLastAccessed ?? [],
        truncated: answer.IsTruncated,
        marker: answer.Marker,
      };
    });
    return { services: pages ?? [], completedAt };
  }

  async #whenReady(
    iam: IAMClient,
    JobId: string | undefined,
    Marker: string | undefined,
    doing: string,
    abortSignal: AbortSignal,
  ): Promise<GetServiceLastAccessedDetailsCommandOutput> {
    for (;;) {
      const command = new GetServiceLastAccessedDetailsCommand({
        JobId,
        MaxItems: MAX_ITEMS,
        ...(Marker === undefined ? {} : { Marker }),
      });
      const answer = await attempt(doing, () => iam.send(command, { abortSignal }));
      if (answer.JobStatus === 'COMPLETED') return answer;
      if (answer.JobStatus === 'FAILED') {
        const { Code = 'no code', Message = 'no message' } = answer.Error ?? {};
        throw new AdapterError(`cannot ${doing}: ${Code}: ${Message}`, 'permanent', 'invalid');
      }
      await sleep(this.#pause, undefined, { signal: abortSignal });
    }
  }
}
