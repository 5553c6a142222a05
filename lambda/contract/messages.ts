/**
 * Attribute of a findings message that a worker sent again: how often it was deferred because its account was throttled.
 * 0 says that it was only put into the group of its account.
 */
export const DEFERRALS_ATTRIBUTE = 'deferrals';

/** `detail-type` of the events about proposals; their `source` is the name of the project. */
export const PROPOSAL_EVENT_TYPE = 'Unused Access Proposal State Change';
