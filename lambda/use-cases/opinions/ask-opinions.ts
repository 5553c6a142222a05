import type { OpinionName } from '../../contract/settings.ts';
import type { Universe } from '../../core/catalogue/universe.ts';
import type { DraftProposal } from '../../core/proposal/schema.ts';
import type { Clock } from '../../ports/system.ts';
import { OpinionBlock, type OpinionResult, type OpinionSource } from '../../ports/opinions.ts';
import type { Opinion, Question } from './ask.ts';
import { askAccessNotGranted } from './access-not-granted.ts';
import { askRecommendation } from './aws-recommendation.ts';
import { askNoNewAccess } from './no-new-access.ts';
import { askValidatePolicy } from './validate-policy.ts';

/** The opinions to request, and how long each may take. */
export interface OpinionDependencies {
  readonly source: OpinionSource;
  readonly enabled: readonly OpinionName[];
  /** Milliseconds that each opinion may take in total. */
  readonly millis: number;
  /** A signal that aborts after that many milliseconds. */
  readonly timeout: (millis: number) => AbortSignal;
}

/** What the opinions are about, and the clock of the invocation. */
interface OpinionCase {
  readonly proposal: DraftProposal;
  readonly universe: Universe;
  readonly keep: readonly string[];
  readonly clock: Clock;
}

/** Milliseconds of the invocation that are reserved for storing the proposal. */
const RESERVE = 20_000;

const ASK: Readonly<Record<OpinionName, (question: Question) => Promise<Opinion>>> = {
  'validate-policy': askValidatePolicy,
  'no-new-access': askNoNewAccess,
  'access-not-granted': askAccessNotGranted,
  'aws-recommendation': askRecommendation,
};

/**
 * Requests all enabled opinions at the same time. Each has its own deadline, after which the proposal is stored without
 * it and the result says so.
 * @throws OpinionBlock when AWS's own check rejects the proposal
 */
export async function askOpinions(
  { proposal, universe, keep, clock }: OpinionCase,
  { source, enabled, millis, timeout }: OpinionDependencies,
): Promise<readonly OpinionResult[]> {
  const left = Math.min(millis, Math.floor(clock.remainingMillis() - RESERVE));
  const opinions = await Promise.all(
    enabled.map((name) => {
      const signal = left > 0 ? timeout(left) : AbortSignal.abort();
      return ASK[name]({ proposal, universe, keep, source, signal });
    }),
  );
  throwBlock(proposal, opinions);
  return opinions.map(({ result }) => result);
}

/** @throws OpinionBlock that names all reasons; a contradicted proof outweighs a document that IAM may not accept */
function throwBlock(proposal: DraftProposal, opinions: readonly Opinion[]): void {
  const blocks = opinions.flatMap(({ result, block }) => (block ? [{ opinion: result.opinion, block }] : []));
  const worst = blocks.find(({ opinion }) => opinion === 'no-new-access') ?? blocks[0];
  if (!worst) return;
  const reasons = blocks.flatMap(({ block }) => block.reasons).join('; ');
  throw new OpinionBlock(proposal, worst.opinion, reasons, worst.block.replay);
}
