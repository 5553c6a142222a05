import { composeNotifyProposals } from '../runtime/compose-notify-proposals.ts';
import { notifyProposalsHandler } from './notify-proposals-handler.ts';

/** Entry point of the deployed function. */
export const handler = notifyProposalsHandler(composeNotifyProposals(process.env));
