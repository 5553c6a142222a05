import type { Catalogue } from '../../lambda/core/catalogue/catalogue.ts';
import type { Generalize } from '../../lambda/core/model/proposed-policy.ts';
import type { RunOther, RunOverview } from '../../lambda/report/run/run-overview.ts';
import type { RunRecord } from '../output/run-record.ts';

/** What a run's `index.html` and `summary.csv` show. */
export function runOverview(
  records: readonly RunRecord[],
  catalogue: Catalogue,
  generalize: Generalize,
  engineVersion: string,
): RunOverview {
  const { origin, serviceCount, actionCount } = catalogue;
  return {
    catalogue: {
      source: origin.source,
      version: origin.version,
      services: serviceCount,
      actions: actionCount,
    },
    generalize,
    engineVersion,
    entries: records.flatMap((record) => (record.kind === 'proposed' ? [record.entry] : [])),
    others: records.flatMap(othersOf),
  };
}

function othersOf(record: RunRecord): readonly RunOther[] {
  switch (record.kind) {
    case 'proposed':
      return [];
    case 'unchanged': {
      const resource = record.principal.arn;
      return [
        { outcome: 'unchanged', resource, reason: record.reason },
        ...record.refused.map(({ policy, reason }): RunOther => ({
          outcome: 'refused',
          resource,
          reason: `policy ${policy}: ${reason}`,
        })),
      ];
    }
    case 'skipped':
      return [{ outcome: 'skipped', resource: record.resource, reason: record.reason }];
    case 'gone':
      return [{ outcome: 'gone', resource: record.resource, reason: 'the export lacks it' }];
    case 'failed':
      return [{ outcome: 'failed', resource: record.resource, reason: record.reason }];
    default:
      return record satisfies never;
  }
}
