import { composeRefineFinding } from '../runtime/compose-refine-finding.ts';
import { refineFindingHandler } from './refine-finding-handler.ts';

/** Entry point of the deployed function. */
export const handler = refineFindingHandler(composeRefineFinding(process.env));
