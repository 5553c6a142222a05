import type { RetainedAction } from '../../core/model/proposed-policy.ts';
import type { ProposalFinding } from '../../core/proposal/schema.ts';
import { foldCase } from '../../core/pattern/matches.ts';

/** The decision about one action. Pages show it by colour, word and shape. */
export type ActionDecision = 'removed' | 'retained' | 'kept';

/** The decision about single actions, from what the finding reports and what the proposal retains. */
export interface Verdicts {
  /** `service` and `action` are case-folded. */
  decisionOf(service: string, action: string): ActionDecision;
  /** Last use according to the finding (ISO 8601): the action's own date, else that of its service if that is unused. */
  lastAccessed(service: string, action: string): string | undefined;
  retainedBecause(service: string, action: string): string | undefined;
}

/** What is reported unused, with the dates of last use. */
export type Reported = Pick<ProposalFinding, 'unusedServices' | 'unusedActions' | 'lastAccessed'>;

export function makeVerdicts(reported: Reported, kept: readonly RetainedAction[]): Verdicts {
  const unusedServices = new Set(reported.unusedServices.map(foldCase));
  const unusedActions = new Set(reported.unusedActions.map(foldCase));
  const retained = new Map(kept.map(({ action, reason }) => [foldCase(action), reason]));
  const dates = new Map(Object.entries(reported.lastAccessed).map(([name, time]) => [foldCase(name), time]));
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
