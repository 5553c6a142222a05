/** Proposals about roles and users. */
export const PROPOSALS_PREFIX = 'proposals/';

/** Proposals about shared policies and groups: apart, so that who looks for principals does not meet them. */
export const SHARED_PREFIX = 'shared/';

/** What a proposal is about, as far as keys name it. IAM names hold no slash, so the parts cannot run together. */
export interface SubjectKey {
  readonly accountId: string;
  readonly type: 'role' | 'user' | 'policy' | 'group';
  readonly name: string;
}

/** Where all proposals about one subject lie, in the bucket and under `--out`. */
export function subjectPrefix({ accountId, type, name }: SubjectKey): string {
  const root = type === 'role' || type === 'user' ? PROPOSALS_PREFIX : SHARED_PREFIX;
  return `${root}${accountId}/${type}/${name}/`;
}

/** Key of a proposal's folder. */
export function proposalPrefix(subject: SubjectKey, proposalId: string): string {
  return `${subjectPrefix(subject)}${proposalId}/`;
}

const OBJECT =
  /^((?:proposals\/\d{12}\/(?:role|user)|shared\/\d{12}\/(?:policy|group))\/[^/]+\/([0-9a-f]{32})\/)([^/]+)$/;

/** Which object of which proposal has this key; undefined if none has. */
export function proposalObject(
  key: string,
): { readonly prefix: string; readonly proposalId: string; readonly object: string } | undefined {
  const [, prefix, proposalId, object] = OBJECT.exec(key) ?? [];
  return prefix === undefined || proposalId === undefined || object === undefined
    ? undefined
    : { prefix, proposalId, object };
}

/** Where all proposals about what one account shares lie. */
export function sharedAccountPrefix(accountId: string): string {
  return `${SHARED_PREFIX}${accountId}/`;
}

/** The commit point: written last, under a condition. */
export const PROPOSAL_OBJECT = 'proposal.json';
export const REPORT_OBJECT = 'report.html';
/** Second opinions of AWS, if they were requested. */
export const OPINIONS_OBJECT = 'opinions.json';
/** Whether the proposal is still current; absent where nothing was ever said against it. The only one that changes. */
export const STATE_OBJECT = 'state.json';
/** Stored instead of a proposal that a check of AWS rejected. Nobody is notified, and AWS does not check it again. */
export const WITHHELD_OBJECT = 'withheld.json';

/** The key of the replayable input of a rejected refinement. A finding's id may contain any character. */
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

/** What people decided about the proposals of one account. The functions read it, and never write it. */
export const DECISIONS_PREFIX = 'decisions/';
export function decisionsKey(accountId: string): string {
  return `${DECISIONS_PREFIX}${accountId}.json`;
}

/** What the latest overview included. */
export const ANNOUNCED_OBJECT = 'announced.json';
/** What a sweep listed and read, until its accounts are worked on. It expires after a week. */
export const SWEEPS_PREFIX = 'sweeps/';
/** Written first: its time says when the sweep began. */
export function begunKey(sweepId: string): string {
  return `${SWEEPS_PREFIX}${sweepId}/begun.json`;
}
export function listedKey(sweepId: string, number: number): string {
  return `${SWEEPS_PREFIX}${sweepId}/listed/${String(number)}.jsonl`;
}
/** Says that a proposal became current again, so that a sweep looks whether the overview shows it. Expires after a week. */
export const REOPENED_PREFIX = 'reopened/';
export function reopenedKey(prefix: string): string {
  return REOPENED_PREFIX + prefix.slice(0, -1);
}
/** The findings of one account. */
export function sweptAccountKey(sweepId: string, accountId: string): string {
  return `${SWEEPS_PREFIX}${sweepId}/accounts/${accountId}.jsonl`;
}
/** A page of the account's description. */
export function accountPageKey(sweepId: string, accountId: string, number: number): string {
  return `${SWEEPS_PREFIX}${sweepId}/accounts/${accountId}/details/${String(number)}.json.gz`;
}
/** The ids of IAM's jobs for the reports of last use of one part of an account's principals. */
export function askedReportsKey(sweepId: string, accountId: string, number: number): string {
  return `${SWEEPS_PREFIX}${sweepId}/accounts/${accountId}/asked/${String(number)}.json`;
}
/** These reports, and the users' credentials. */
export function usesKey(sweepId: string, accountId: string, number: number): string {
  return `${SWEEPS_PREFIX}${sweepId}/accounts/${accountId}/uses/${String(number)}.json.gz`;
}
/** What was found unused, part by part. */
export function unusedPartKey(sweepId: string, accountId: string, number: number): string {
  return `${SWEEPS_PREFIX}${sweepId}/accounts/${accountId}/unused/${String(number)}.json.gz`;
}
