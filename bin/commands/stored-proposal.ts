import { PROPOSAL_OBJECT, STATE_OBJECT } from '../../lambda/contract/object-keys.ts';
import type { ProposalState } from '../../lambda/core/lifecycle/proposal-state.ts';
import type { Decision } from '../../lambda/core/decision/decision.ts';
import { withReadingBeside } from '../../lambda/core/proposal/last-use-reading.ts';
import type { Proposal } from '../../lambda/core/proposal/schema.ts';
import { readProposalState, readStoredProposal } from '../../lambda/stored/proposal.ts';
import { noProposalIn, openProposalFolder, valueOf } from './proposal-folder.ts';

/** A proposal that somebody named, with what is said of it beside it. */
export interface FoundProposal {
  /** With what stops it by now. */
  readonly proposal: Proposal;
  readonly state: ProposalState | undefined;
  /** The folder as it was named, without a slash at its end. */
  readonly address: string;
}

/**
 * Reads a proposal by its address: a folder or an `s3://bucket/…/` address, or the `proposal.json` in it.
 * @param decisions what was decided, where the folder of a principal stands for its current proposal
 * @throws InputError when there is no proposal
 * @throws AdapterError when the bucket cannot be read
 */
export async function findProposal(
  address: string,
  decisions: readonly Decision[] = [],
): Promise<FoundProposal> {
  const opened = await openProposalFolder(address, 'current', decisions);
  const folder = opened.address;
  const text = await opened.read(PROPOSAL_OBJECT);
  if (text === undefined) throw noProposalIn(folder);
  const stateText = await opened.read(STATE_OBJECT);
  const proposal = valueOf(readStoredProposal(text), `${folder}/${PROPOSAL_OBJECT}`);
  const state =
    stateText === undefined ? undefined : valueOf(readProposalState(stateText), `${folder}/${STATE_OBJECT}`);
  return { proposal: withReadingBeside(proposal, state), state, address: folder };
}
