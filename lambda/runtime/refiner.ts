import { METRIC } from '../contract/metrics.ts';
import { VerificationError } from '../core/verify/verification-error.ts';
import type { FindingReference } from '../ports/findings.ts';
import { OpinionBlock } from '../ports/opinions.ts';
import type { PolicySource, PolicyTags } from '../ports/policies.ts';
import type { AccountUnreachable } from '../ports/system.ts';
import type { ProposeDependencies } from '../use-cases/propose/dependencies.ts';
import type { ProposeOutcome } from '../use-cases/propose/outcome.ts';
import type { proposeRefinement } from '../use-cases/propose/propose-refinement.ts';
import { type Invocation, lambdaClock } from './invocation.ts';
import type { LogFacts, Telemetry } from './telemetry.ts';
import type { WorkerParts } from './worker.ts';

/** The sources for the findings of an account that was read as a whole. */
interface WholeAccount extends Pick<ProposeDependencies, 'findings' | 'lastAccess'> {
  readonly memory: PolicySource & PolicyTags;
  /** When reading the account began, by the store's clock, in milliseconds since 1970. */
  readonly since: number;
}

/** Refines single findings, and logs and counts the outcomes. */
interface Refiner {
  /**
   * Refines a finding, stores the proposal, and logs and counts the outcome.
   * @param whole given if the account was read as a whole
   * @throws as `proposeRefinement`
   */
  refine(reference: FindingReference, context: Invocation, whole?: WholeAccount): Promise<void>;
  /**
   * Leaves a finding to the next sweep, because its account cannot be reached and another attempt would not help.
   * Every finding is counted, but the account is logged only once an hour.
   */
  leave(reference: FindingReference, error: AccountUnreachable, facts?: LogFacts): void;
  /** Logs and counts why a finding failed, and stores the input if that helps to find the cause. */
  reportFailure(reference: FindingReference, error: unknown, facts?: LogFacts): Promise<void>;
}

/**
 * Milliseconds within which a process logs only once that an account cannot be reached: about the length of a sweep.
 */
const LOG_INTERVAL = 60 * 60_000;
/** The log message about an account whose role cannot be assumed. */
export const UNREACHABLE = 'account cannot be reached';

export function refiner(parts: WorkerParts, propose: typeof proposeRefinement): Refiner {
  const { telemetry, failures, lifecycle, dependencies } = parts;
  const loggedUntil = new Map<string, number>();

  /**
   * Handles a proposal that AWS rejected. That is final: the message is done, and AWS is not asked about the same
   * documents again. The alarm is raised and the input stored first, so that a process that dies in between raises it
   * twice rather than never.
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
    async refine(reference, context, whole) {
      const catalogue = await parts.catalogue.load();
      const outcomes = await lifecycle.refine(reference, whole?.since, async (store, isLive) => {
        const proposing = propose(reference, {
          ...dependencies,
          ...(whole && { findings: whole.findings, lastAccess: whole.lastAccess }),
          ...(whole && !isLive && { policies: whole.memory, tags: whole.memory }),
          store,
          catalogue,
          clock: lambdaClock(context),
          runId: context.awsRequestId,
        });
        return proposing.catch(async (error: unknown) => {
          if (!(error instanceof OpinionBlock)) throw error;
          return [await withhold(reference, error)];
        });
      });
      for (const outcome of outcomes) countOutcome(telemetry, reference, outcome);
    },
    leave({ findingId, accountId, resource }, error, facts = {}) {
      const now = Date.now();
      if (now >= (loggedUntil.get(accountId) ?? 0)) {
        loggedUntil.set(accountId, now + LOG_INTERVAL);
        telemetry.failure(UNREACHABLE, error, { accountId });
      }
      telemetry.count(METRIC.findingsUnreachable);
      telemetry.info('finding is left to the next sweep', { ...facts, findingId, accountId, resource });
    },
    async reportFailure({ findingId, accountId, resource }, error, facts = {}) {
      telemetry.count(METRIC.findingsFailed);
      telemetry.failure('finding failed', error, { ...facts, findingId, accountId, resource });
      if (error instanceof VerificationError) {
        await keepReplay(parts, findingId, error.replay, { findingId });
      }
    },
  };
}

/** Stores the input that the verifier rejected, and logs its key, or that it could not be stored. */
export async function keepReplay(
  { telemetry, failures }: Pick<WorkerParts, 'telemetry' | 'failures'>,
  name: string,
  replay: string,
  facts: LogFacts,
): Promise<void> {
  try {
    const key = await failures.keep(name, replay);
    telemetry.info('input of the failed verification is kept', { ...facts, key });
  } catch (error) {
    telemetry.failure('input of the failed verification is lost', error, facts);
  }
}

/** Logs and counts one outcome. */
function countOutcome(telemetry: Telemetry, reference: FindingReference, outcome: ProposeOutcome): void {
  const { findingId, accountId } = reference;
  switch (outcome.kind) {
    case 'proposed': {
      const { stored, proposal, refused, opinions = [] } = outcome;
      telemetry.count(stored.outcome === 'stored' ? METRIC.proposalsStored : METRIC.proposalsExisting);
      telemetry.count(METRIC.refusedPolicies, refused.length);
      telemetry.info(stored.outcome === 'stored' ? 'proposal is stored' : 'proposal exists', {
        findingId,
        accountId,
        principal: proposal.principal.arn,
        kind: proposal.kind,
        prefix: stored.prefix,
        refusedPolicies: refused.length,
      });
      for (const { opinion, verdict } of opinions) {
        if (verdict !== 'agrees')
          telemetry.info('second opinion', { findingId, accountId, opinion, verdict });
      }
      return;
    }
    case 'unchanged':
      telemetry.count(METRIC.unchanged);
      telemetry.count(METRIC.refusedPolicies, outcome.refused.length);
      telemetry.info('nothing to change', {
        findingId,
        accountId,
        principal: outcome.principal.arn,
        reason: outcome.reason,
        refusedPolicies: outcome.refused.length,
        residue: outcome.residue,
      });
      return;
    case 'skipped':
      telemetry.count(METRIC.skipped);
      telemetry.info('finding is skipped', {
        findingId,
        accountId,
        resource: outcome.resource,
        code: outcome.code,
        reason: outcome.reason,
      });
      return;
    case 'gone':
      telemetry.count(METRIC.gone);
      telemetry.info(`${outcome.what} is gone`, { findingId, accountId, resource: outcome.resource });
      return;
    default:
      return outcome satisfies never;
  }
}
