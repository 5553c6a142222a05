import { composeRefineAccount } from '../runtime/compose-refine-account.ts';
import { refineAccountHandler } from './refine-account-handler.ts';

/** Entry point of the deployed function. */
export const handler = refineAccountHandler(composeRefineAccount(process.env));
