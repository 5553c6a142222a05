import { composeRefreshCatalogue } from '../runtime/compose-refresh-catalogue.ts';
import { refreshCatalogueHandler } from './refresh-catalogue-handler.ts';

/** Entry point of the deployed function. */
export const handler = refreshCatalogueHandler(composeRefreshCatalogue(process.env));
