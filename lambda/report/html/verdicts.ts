import type { RefineProposal } from '../../core/proposal/schema.ts';
import { foldCase } from '../../core/pattern/fold.ts';

/** What became of one action: the three are told apart by colour, by word and by shape. */
export type ActionDecision = 'removed' | 'retained' | 'kept';

/** Answers for single actions, from what the finding reports and what the proposal retains. */
export interface Verdicts {
  /** `service` and `action` are case-folded. */
  decisionOf(service: string, action: string): ActionDecision;
  /** Last use as the finding dates it (ISO 8601): the action's own date, else its service's where that is unused. */
  lastAccessed(service: string, action: string): string | undefined;
  retainedBecause(service: string, action: string): string | undefined;
}

export function makeVerdicts(proposal: RefineProposal): Verdicts {
  const unusedServices = new Set(proposal.finding.unusedServices.map(foldCase));
  const unusedActions = new Set(proposal.finding.unusedActions.map(foldCase));
  const retained = new Map(proposal.retained.map(({ action, reason }) => [foldCase(action), reason]));
  const dates = new Map(
    Object.entries(proposal.finding.lastAccessed).map(([name, time]) => [foldCase(name), time]),
  );
  return {
    decisionOf(service, action) {
      const name = `${service}:${action}`;
      if (retained.has(name)) return 'retained';
      return unusedActions.has(name) || unusedServices.has(service) ? 'removed' : 'kept';
    },
    lastAccessed(service, action) {
      const own = dates.get(`${service}:${action}`);
      return own ?? (unusedServices.has(service) ? dates.get(service) : undefined);
    },
    retainedBecause: (service, action) => retained.get(`${service}:${action}`),
  };
}
