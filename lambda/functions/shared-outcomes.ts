import { METRIC } from '../contract/metrics.ts';
import type { FailureStore } from '../ports/proposals.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import type { SharedOutcome } from '../use-cases/propose/propose-shared.ts';

interface Parts {
  readonly telemetry: Telemetry;
  readonly failures: FailureStore;
}

/** One log line and the counts of what came of one shared policy or group; what its verification rejected is kept. */
export async function countShared(
  { telemetry, failures }: Parts,
  { subject, ...outcome }: SharedOutcome,
): Promise<void> {
  const facts = { accountId: subject.accountId, shared: subject.arn };
  switch (outcome.kind) {
    case 'proposed': {
      const { stored, proposal, refused } = outcome;
      const isNew = stored.outcome === 'stored';
      if (isNew) telemetry.count(METRIC.sharedProposalsStored);
      telemetry.count(METRIC.refusedPolicies, refused.length);
      telemetry.info(isNew ? 'shared proposal is stored' : 'shared proposal exists', {
        ...facts,
        prefix: stored.prefix,
        principals: proposal.holders.principals,
        better: proposal.advice.better,
        refusedPolicies: refused.length,
      });
      return;
    }
    case 'unchanged':
    case 'blocked':
      telemetry.info('nothing is proposed for what is shared', {
        ...facts,
        kind: outcome.kind,
        reason: outcome.reason,
      });
      return;
    case 'failed':
      telemetry.error('shared policy or group failed', { ...facts, reason: outcome.reason });
      if (outcome.replay === undefined) return;
      telemetry.count(METRIC.verificationFailures);
      try {
        const key = await failures.keep(outcome.key, outcome.replay);
        telemetry.info('input of the failed verification is kept', { ...facts, key });
      } catch (error) {
        telemetry.failure('input of the failed verification is lost', error, facts);
      }
      return;
    default:
      return outcome satisfies never;
  }
}
