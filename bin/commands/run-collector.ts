import type { Catalogue } from '../../lambda/core/catalogue/catalogue.ts';
import type { Generalize } from '../../lambda/core/proposal/schema.ts';
import type { Digest } from '../../lambda/ports/digest.ts';
import {
  type RunEntry,
  type RunOther,
  type RunOverview,
  runEntry,
} from '../../lambda/report/run-overview.ts';
import type { AccountOutcome } from '../../lambda/use-cases/refine-account.ts';

/** Gathers what a run's `index.html` and `summary.csv` show, and nothing of the documents: runs are large. */
export class RunCollector {
  readonly #entries: RunEntry[] = [];
  readonly #others: RunOther[] = [];
  readonly #hasReports: boolean;
  readonly #digest: Digest;

  constructor(hasReports: boolean, digest: Digest) {
    this.#hasReports = hasReports;
    this.#digest = digest;
  }

  add(outcome: AccountOutcome): void {
    switch (outcome.kind) {
      case 'proposed': {
        const location = { folder: outcome.stored.prefix, hasReport: this.#hasReports };
        this.#entries.push(runEntry(outcome.proposal, location, this.#digest));
        return;
      }
      case 'unchanged':
        this.#others.push({ outcome: 'unchanged', resource: outcome.principal.arn, reason: outcome.reason });
        for (const { policy, reason } of outcome.refused) {
          this.#others.push({
            outcome: 'refused',
            resource: outcome.principal.arn,
            reason: `policy ${policy}: ${reason}`,
          });
        }
        return;
      case 'skipped':
        this.#others.push({ outcome: 'skipped', resource: outcome.resource, reason: outcome.reason });
        return;
      case 'gone':
        this.#others.push({ outcome: 'gone', resource: outcome.resource, reason: 'the export lacks it' });
        return;
      case 'failed':
        this.#others.push({ outcome: 'failed', resource: outcome.resource, reason: outcome.reason });
        return;
      default:
        outcome satisfies never;
    }
  }

  overview(catalogue: Catalogue, generalize: Generalize, engineVersion: string): RunOverview {
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
      entries: this.#entries,
      others: this.#others,
    };
  }
}
