import type { SQSBatchResponse } from 'aws-lambda';
import { METRIC } from '../contract/metrics.ts';
import type { AccountJob } from '../ports/account.ts';
import type { FindingSource } from '../ports/findings.ts';
import { readAccountMessage } from '../runtime/account-message.ts';
import { parseValue } from '../runtime/parse-untrusted.ts';
import type { RefineAccountParts } from '../runtime/compose-refine-account.ts';
import { type Handler, instrumented, type Invocation } from '../runtime/invocation.ts';
import { lambdaClock } from '../runtime/lambda-clock.ts';
import { batchResponse, SqsEvent, type SqsRecord } from '../runtime/sqs-event.ts';
import { workThrough } from '../runtime/work-through.ts';
import { proposeShareOfAccount } from '../use-cases/account/share-of-account.ts';
import { excludedAccount } from '../use-cases/propose/excluded-account.ts';
import { proposeRefinement } from '../use-cases/propose/propose-refinement.ts';
import { type AccountJobOutcome, refineAccountJob } from '../use-cases/account/refine-account-job.ts';
import { countShared } from './shared-outcomes.ts';
import { refineOne } from './refine-one.ts';

/**
 * Works on accounts as a whole, one at a time. A job fails only when its account cannot be read for now; findings that
 * fail within it go to the findings queue.
 */
export function refineAccountHandler(
  parts: RefineAccountParts,
  propose: typeof proposeRefinement = proposeRefinement,
): Handler<SQSBatchResponse> {
  const { telemetry, account, dependencies, analyzerArn, failures } = parts;
  const { refine, reportFailure } = refineOne(parts, propose);

  async function run(job: AccountJob, context: Invocation): Promise<void> {
    const outcome = await refineAccountJob(job, {
      ...account,
      clock: lambdaClock(context),
      isLeftAlone: async (accountId) => {
        const { settings, units } = dependencies;
        return (await excludedAccount(settings.exclude, accountId, units)) !== undefined;
      },
      refine: async (reference, memory, found) => {
        const findings: FindingSource = {
          getFinding: async (asked) => {
            const answer = await dependencies.findings.getFinding(asked);
            if (answer.kind === 'found') found(answer.finding);
            return answer;
          },
        };
        try {
          await refine(reference, context, { policies: memory, tags: memory, findings });
        } catch (error) {
          await reportFailure(reference, error);
          throw error;
        }
      },
      proposeShared: async ({ memory, unused }) => {
        const { settings, units, digest, engineVersion } = dependencies;
        return proposeShareOfAccount(
          { inventory: memory.index.inventory(job.accountId), unused, after: job.shared },
          {
            ...parts.shared,
            tags: memory,
            settings,
            units,
            digest,
            engineVersion,
            catalogue: await parts.catalogue.load(),
            clock: lambdaClock(context),
            runId: context.awsRequestId,
            tell: (outcome) => countShared({ telemetry, failures }, outcome),
          },
        );
      },
    });
    tell(job, outcome);
  }

  function tell({ accountId, sweepId }: AccountJob, outcome: AccountJobOutcome): void {
    const { pages, findings, sentOn } = outcome;
    const facts = { accountId, sweepId, pages, findings, sentOn };
    switch (outcome.kind) {
      case 'completed':
        telemetry.count(METRIC.accountJobsCompleted);
        telemetry.info('account is completed', facts);
        return;
      case 'continued':
        if (outcome.because === 'throttled') telemetry.count(METRIC.throttled);
        telemetry.info('account goes on later', { ...facts, because: outcome.because, next: outcome.next });
        return;
      case 'handed-over':
        telemetry.count(METRIC.accountJobsCompleted);
        telemetry.count(METRIC.accountsHandedOver);
        telemetry.failure(
          'account cannot be read as a whole: its findings go one by one',
          outcome.error,
          facts,
        );
        return;
      default:
        return outcome satisfies never;
    }
  }

  /** Whether the record is done. */
  async function work({ messageId, body }: SqsRecord, context: Invocation): Promise<boolean> {
    const message = readAccountMessage(body);
    if (!message.ok) {
      telemetry.count(METRIC.malformed);
      telemetry.error('message is malformed', { messageId, error: message.problem });
      return false;
    }
    const { accountId, sweepId } = message.value;
    if (message.value.analyzerArn !== analyzerArn) {
      telemetry.info('account of another analyzer is dropped', { messageId, accountId, sweepId });
      return true;
    }
    try {
      await run(message.value, context);
      return true;
    } catch (error) {
      telemetry.failure('account failed', error, { messageId, accountId, sweepId });
      return false;
    }
  }

  return instrumented('refine-account', telemetry, parts.tracing, async (event, context) => {
    const batch = parseValue(event, SqsEvent, 'the event of refine-account');
    if (!batch.ok) throw new Error(`${batch.problem}; invoke it through its queue`);
    return batchResponse(await workThrough(batch.value.Records, 1, context, telemetry, work));
  });
}
