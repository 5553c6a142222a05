import { makeS3Client } from '../adapters/aws/sdk/clients.ts';
import { S3CatalogueStore } from '../adapters/aws/s3/catalogue-store.ts';
import { embeddedCatalogue } from '../adapters/catalogue/embedded.ts';
import { sha256 } from '../adapters/node.ts';
import { REFERENCE_URL, ServiceReference } from '../adapters/reference/service-reference.ts';
import type { StoreFreshDependencies } from '../use-cases/catalogue/store-fresh-catalogue.ts';
import { type Environment, readRefreshEnvironment } from './environment.ts';
import { Telemetry } from './telemetry.ts';
import { makeTracing, type Tracing } from './tracing.ts';

export interface RefreshCatalogueParts {
  /** Where the reference is read. */
  readonly referenceUrl: string;
  readonly dependencies: Omit<StoreFreshDependencies, 'clock' | 'acceptLosses'>;
  readonly telemetry: Telemetry;
  readonly tracing: Tracing;
}

/** @throws EnvironmentError */
export function composeRefreshCatalogue(environment: Environment): RefreshCatalogueParts {
  const { bucketName, referenceUrl = REFERENCE_URL } = readRefreshEnvironment(environment);
  const tracing = makeTracing();
  return {
    referenceUrl,
    dependencies: {
      store: new S3CatalogueStore(tracing.client(makeS3Client(environment)), bucketName, sha256),
      source: new ServiceReference({ url: referenceUrl }),
      digest: sha256,
      embedded: embeddedCatalogue,
    },
    telemetry: new Telemetry('refresh-catalogue'),
    tracing,
  };
}
