/** Key of a proposal's folder, in the bucket and under `--out`. IAM names hold no slash, so the parts cannot run together. */
export function proposalPrefix(
  principal: { readonly accountId: string; readonly type: 'role' | 'user'; readonly name: string },
  proposalId: string,
): string {
  return `${principalPrefix(principal)}${proposalId}/`;
}

/** Where all proposals about a principal lie. */
export function principalPrefix(principal: {
  readonly accountId: string;
  readonly type: 'role' | 'user';
  readonly name: string;
}): string {
  return `${PROPOSALS_PREFIX}${principal.accountId}/${principal.type}/${principal.name}/`;
}

export const PROPOSALS_PREFIX = 'proposals/';

/** Where proposals about shared policies and groups lie: apart, so that who looks for principals does not meet them. */
export const SHARED_PREFIX = 'shared/';
export function sharedPrefix(
  subject: { readonly accountId: string; readonly type: 'policy' | 'group'; readonly name: string },
  proposalId: string,
): string {
  return `${sharedAccountPrefix(subject.accountId)}${subject.type}/${subject.name}/${proposalId}/`;
}
/** Where all of those of one account lie. */
export function sharedAccountPrefix(accountId: string): string {
  return `${SHARED_PREFIX}${accountId}/`;
}

/** The commit point: written last, under a condition. */
export const PROPOSAL_OBJECT = 'proposal.json';
export const REPORT_OBJECT = 'report.html';
/** Second opinions of AWS, where they were asked for. */
export const OPINIONS_OBJECT = 'opinions.json';
/** Whether the proposal is still current; absent where nothing was ever said against it. The only one that changes. */
export const STATE_OBJECT = 'state.json';
/** Where a proposal would lie that a check of AWS spoke against; nobody is told of it, and AWS is not asked again. */
export const WITHHELD_OBJECT = 'withheld.json';

/** Where the replayable input of a rejected refinement lies. A finding's id may hold any character. */
export const FAILURES_PREFIX = 'failures/';
export function failureKey(findingId: string): string {
  return `${FAILURES_PREFIX}${encodeURIComponent(findingId).slice(0, 200)}.json`;
}

/** The action catalogues; each version stays as it was first written. */
export const CATALOGUE_PREFIX = 'catalogue/';
export function catalogueKey(version: string): string {
  return `${CATALOGUE_PREFIX}${version}.json`;
}
/** The newest of them, written last. */
export const LATEST_CATALOGUE_OBJECT = 'catalogue/latest.json';

/** The overview of all proposals, and what it is made from. */
export const INDEX_OBJECT = 'index.html';
export const INDEX_DATA_OBJECT = 'index.json';

/** What the latest overview told about. */
export const ANNOUNCED_OBJECT = 'announced.json';
/** What a sweep listed and read, until its accounts are worked on. It expires after a week. */
export const SWEEPS_PREFIX = 'sweeps/';
export function listedKey(sweepId: string, number: number): string {
  return `${SWEEPS_PREFIX}${sweepId}/listed/${String(number)}.jsonl`;
}
/** The findings of one account. */
export function sweptAccountKey(sweepId: string, accountId: string): string {
  return `${SWEEPS_PREFIX}${sweepId}/accounts/${accountId}.jsonl`;
}
/** A page of the account's description. */
export function accountPageKey(sweepId: string, accountId: string, number: number): string {
  return `${SWEEPS_PREFIX}${sweepId}/accounts/${accountId}/details/${String(number)}.json.gz`;
}
/** What was found unused, part by part. */
export function unusedPartKey(sweepId: string, accountId: string, number: number): string {
  return `${SWEEPS_PREFIX}${sweepId}/accounts/${accountId}/unused/${String(number)}.json.gz`;
}
