/** `detail-type` of the events about proposals; their `source` is the name of the project. */
export const PROPOSAL_EVENT_TYPE = 'Unused Access Proposal State Change';
