import { embeddedCatalogue } from '../adapters/catalogue/embedded.ts';
import { METRIC } from '../contract/metrics.ts';
import type { CatalogueStore, DatedCatalogueSource } from '../ports/catalogue.ts';
import type { Clock } from '../ports/system.ts';
import { type CatalogueChoice, NewestCatalogue } from '../use-cases/catalogue/newest-catalogue.ts';
import type { Telemetry } from './telemetry.ts';

/** The worker's catalogue. It is read at the first finding, and its version is logged once. */
export function workerCatalogue(
  store: Pick<CatalogueStore, 'latest'>,
  telemetry: Telemetry,
  clock: Clock,
): DatedCatalogueSource {
  return new NewestCatalogue({
    store,
    embedded: embeddedCatalogue,
    clock,
    onChoice: (choice) => {
      say(telemetry, choice);
    },
  });
}

function say(telemetry: Telemetry, { catalogue, because, problem, isOld }: CatalogueChoice): void {
  const { source, version, date } = catalogue.origin;
  const facts = { source, version, date };
  switch (because) {
    case 'stored':
      telemetry.info('the stored catalogue is used', facts);
      break;
    case 'none':
      telemetry.info('the embedded catalogue is used: none is stored', facts);
      break;
    case 'older':
      telemetry.info('the embedded catalogue is used: the stored one is older', facts);
      break;
    case 'invalid':
      telemetry.count(METRIC.cataloguesInvalid);
      telemetry.warn('the embedded catalogue is used: the stored one is invalid', {
        ...facts,
        error: problem,
      });
      break;
    default:
      because satisfies never;
  }
  if (isOld) {
    telemetry.count(METRIC.cataloguesOld);
    telemetry.warn('the catalogue is old', facts);
  }
}
