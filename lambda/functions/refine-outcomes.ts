import { METRIC } from '../contract/metrics.ts';
import type { FindingReference } from '../ports/findings.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import type { ProposeOutcome } from '../use-cases/propose/outcome.ts';

/** One log line and the counts of one outcome. */
export function countOutcome(
  telemetry: Telemetry,
  reference: FindingReference,
  outcome: ProposeOutcome,
): void {
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
