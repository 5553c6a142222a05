import { composeSweepFindings } from '../runtime/compose-sweep-findings.ts';
import { sweepFindingsHandler } from './sweep-findings-handler.ts';

/** Entry point of the deployed function. */
export const handler = sweepFindingsHandler(composeSweepFindings(process.env));
