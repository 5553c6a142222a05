import { S3CatalogueStore } from '../adapters/aws/s3/catalogue-store.ts';
import { S3Objects } from '../adapters/aws/s3/objects.ts';
import { makeS3Client } from '../adapters/aws/sdk/clients.ts';
import { embeddedCatalogue } from '../adapters/catalogue/embedded.ts';
import { sha256 } from '../adapters/node.ts';
import { REFERENCE_URL, ServiceReference } from '../adapters/reference/service-reference.ts';
import { METRIC } from '../contract/metrics.ts';
import { AdapterError } from '../ports/system.ts';
import { type Environment, readRefreshEnvironment } from '../runtime/environment.ts';
import { entry, type Handler, instrumented, type Instruments, lambdaClock } from '../runtime/invocation.ts';
import { readRefreshOrder } from '../runtime/messages.ts';
import { Telemetry } from '../runtime/telemetry.ts';
import { makeTracing } from '../runtime/tracing.ts';
import {
  storeFreshCatalogue,
  type StoreFreshDependencies,
  type StoreFreshOutcome,
} from '../use-cases/catalogue/refresh-catalogue.ts';

/** What the function keeps between invocations. */
export interface RefreshCatalogueParts extends Instruments {
  /** The address of the Service Authorization Reference. */
  readonly referenceUrl: string;
  readonly dependencies: Omit<StoreFreshDependencies, 'clock' | 'acceptLosses'>;
}

/** @throws EnvironmentError */
export function composeRefreshCatalogue(environment: Environment): RefreshCatalogueParts {
  const { bucketName, referenceUrl = REFERENCE_URL } = readRefreshEnvironment(environment);
  const tracing = makeTracing();
  const objects = new S3Objects(tracing.client(makeS3Client(environment)), bucketName);
  return {
    referenceUrl,
    dependencies: {
      store: new S3CatalogueStore(objects, sha256),
      source: new ServiceReference({ url: referenceUrl }),
      digest: sha256,
      embedded: embeddedCatalogue,
    },
    telemetry: new Telemetry('refresh-catalogue'),
    tracing,
  };
}

/** The result, for a person who invokes the function by hand. */
export interface RefreshAnswer {
  readonly version: string;
  readonly date: string;
  readonly services: number;
  readonly written: string;
  /** Names of services that are kept as they were, or whose loss was accepted. */
  readonly losses: readonly string[];
}

/** How many losses get their own log line. All of them are counted, and are in the answer. */
const MOST_LOSSES = 20;

type Refreshed = Extract<StoreFreshOutcome, { kind: 'refreshed' }>;

/**
 * Brings the stored catalogue up to date. A failed run leaves the latest catalogue unchanged and fails the invocation,
 * which Lambda retries.
 */
export function refreshCatalogueHandler(parts: RefreshCatalogueParts): Handler<RefreshAnswer> {
  const { telemetry, dependencies, referenceUrl } = parts;

  function report(
    { catalogue, written, against, read, losses, invalid }: Refreshed,
    acceptLosses: boolean,
  ): void {
    if (invalid !== undefined) {
      telemetry.count(METRIC.cataloguesInvalid);
      telemetry.warn('the stored catalogue was invalid and is made again', { error: invalid });
    }
    if (against === 'nothing') {
      telemetry.warn('the reference names most services otherwise than the built-in catalogue', {});
    }
    for (const { service, before, after } of losses.slice(0, MOST_LOSSES)) {
      const message = acceptLosses ? 'loss is accepted' : 'loss is not accepted, the service stays as it was';
      telemetry.warn(message, { servicePrefix: service, before, after });
    }
    if (!acceptLosses) telemetry.count(METRIC.catalogueLosses, losses.length);
    telemetry.count(METRIC.cataloguesRefreshed);
    const { version, date } = catalogue.origin;
    telemetry.info('catalogue is refreshed', {
      version,
      date,
      services: catalogue.services.length,
      read,
      written,
      against,
      losses: losses.length,
    });
  }

  return instrumented('refresh-catalogue', parts, async (event, context) => {
    const order = readRefreshOrder(event);
    if (!order.ok) throw new Error(`${order.problem}; give {} or {"acceptLosses":true}`);
    const { acceptLosses } = order.value;
    try {
      const clock = lambdaClock(context);
      const outcome = await storeFreshCatalogue({ ...dependencies, clock, acceptLosses });
      if (outcome.kind === 'refused') {
        throw new AdapterError(`${referenceUrl}: ${outcome.reason}`, 'permanent', 'malformed');
      }
      report(outcome, acceptLosses);
      const { catalogue, written, losses } = outcome;
      const { version, date } = catalogue.origin;
      const services = catalogue.services.length;
      return { version, date, services, written, losses: losses.map(({ service }) => service) };
    } catch (error) {
      telemetry.failure('catalogue refresh failed', error, {});
      throw error;
    }
  });
}

/** The Lambda handler. */
export const handler = entry((environment) => refreshCatalogueHandler(composeRefreshCatalogue(environment)));
