import { METRIC } from '../contract/metrics.ts';
import { VerificationError } from '../core/verify/verification-error.ts';
import type { FindingReference } from '../ports/findings.ts';
import type { RefineFindingParts } from '../runtime/compose-refine-finding.ts';
import type { Invocation } from '../runtime/invocation.ts';
import { lambdaClock } from '../runtime/lambda-clock.ts';
import type { LogFacts } from '../runtime/telemetry.ts';
import { OpinionBlock } from '../use-cases/opinions/opinion-block.ts';
import type { ProposeOutcome } from '../use-cases/propose/outcome.ts';
import type { ProposeDependencies, proposeRefinement } from '../use-cases/propose/propose-refinement.ts';
import { countOutcome } from './refine-outcomes.ts';

/** What refining one finding is, wherever its message came from. */
export interface RefineOne {
  /**
   * From the finding to the stored proposal, told and counted.
   * @param sources in place of those that read single principals and findings
   * @throws as `proposeRefinement`
   */
  refine(
    reference: FindingReference,
    context: Invocation,
    sources?: Partial<Pick<ProposeDependencies, 'policies' | 'tags' | 'findings'>>,
  ): Promise<void>;
  /** Logs and counts what a finding failed of, and keeps the input where that helps to find the fault. */
  reportFailure(reference: FindingReference, error: unknown, facts?: LogFacts): Promise<void>;
}

type Parts = Pick<RefineFindingParts, 'telemetry' | 'failures' | 'lifecycle' | 'dependencies' | 'catalogue'>;

export function refineOne(parts: Parts, propose: typeof proposeRefinement): RefineOne {
  const { telemetry, failures, lifecycle, dependencies } = parts;

  async function keepReplay(findingId: string, replay: string): Promise<void> {
    try {
      const key = await failures.keep(findingId, replay);
      telemetry.info('input of the failed verification is kept', { findingId, key });
    } catch (error) {
      telemetry.failure('input of the failed verification is lost', error, { findingId });
    }
  }

  /**
   * A disagreement of AWS is final: the message is done, and AWS is not asked about the same documents again. The alarm
   * is written out and the input kept before it becomes so, since a process that dies in between should rather say it
   * twice than never.
   */
  async function withhold(
    { findingId, accountId, resource }: FindingReference,
    block: OpinionBlock,
  ): Promise<ProposeOutcome> {
    telemetry.failure('proposal is withheld', block, { findingId, accountId, resource });
    if (block.replay !== undefined) {
      const key = await failures.keep(findingId, block.replay);
      telemetry.info('input of the failed verification is kept', { findingId, key });
    }
    telemetry.flush();
    await lifecycle.withhold(block);
    return { kind: 'skipped', resource, code: 'withheld', reason: block.reason };
  }

  return {
    async refine(reference, context, sources = {}) {
      const proposing = propose(reference, {
        ...dependencies,
        ...sources,
        catalogue: await parts.catalogue.load(),
        clock: lambdaClock(context),
        runId: context.awsRequestId,
      });
      const outcomes = await proposing.catch(async (error: unknown) => {
        if (!(error instanceof OpinionBlock)) throw error;
        return [await withhold(reference, error)];
      });
      for (const outcome of outcomes) await lifecycle.withdraw(reference, outcome);
      for (const outcome of outcomes) countOutcome(telemetry, reference, outcome);
    },
    async reportFailure({ findingId, accountId, resource }, error, facts = {}) {
      telemetry.count(METRIC.findingsFailed);
      telemetry.failure('finding failed', error, { ...facts, findingId, accountId, resource });
      if (error instanceof VerificationError) await keepReplay(findingId, error.replay);
    },
  };
}
