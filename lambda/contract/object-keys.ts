/** Proposals about roles and users. */
export const PROPOSALS_PREFIX = 'proposals/';

/**
 * Proposals about shared policies and groups. The prefix is separate, so that a listing of principals does not include
 * them.
 */
export const SHARED_PREFIX = 'shared/';

/** The parts of a key that name a proposal's subject. IAM names contain no slash, so the parts cannot run together. */
interface SubjectKey {
  readonly accountId: string;
  readonly type: 'role' | 'user' | 'policy' | 'group';
  readonly name: string;
}

/** Prefix of all proposals about one subject, in the bucket and under `--out`. */
export function subjectPrefix({ accountId, type, name }: SubjectKey): string {
  const root = type === 'role' || type === 'user' ? PROPOSALS_PREFIX : SHARED_PREFIX;
  return `${root}${accountId}/${type}/${name}/`;
}

/** Prefix of one proposal. */
export function proposalPrefix(subject: SubjectKey, proposalId: string): string {
  return `${subjectPrefix(subject)}${proposalId}/`;
}

const OBJECT =
  /^((?:proposals\/\d{12}\/(?:role|user)|shared\/\d{12}\/(?:policy|group))\/[^/]+\/([0-9a-f]{32})\/)([^/]+)$/;

/** Parses the key of an object of a proposal; undefined for any other key. */
export function proposalObject(
  key: string,
): { readonly prefix: string; readonly proposalId: string; readonly object: string } | undefined {
  const [, prefix, proposalId, object] = OBJECT.exec(key) ?? [];
  return prefix === undefined || proposalId === undefined || object === undefined
    ? undefined
    : { prefix, proposalId, object };
}

/** Prefix of all proposals about one account's shared policies and groups. */
export function sharedAccountPrefix(accountId: string): string {
  return `${SHARED_PREFIX}${accountId}/`;
}

/** The commit point: written last, on the condition that it does not exist. */
export const PROPOSAL_OBJECT = 'proposal.json';
export const REPORT_OBJECT = 'report.html';
/** Second opinions of AWS, if they were requested. */
export const OPINIONS_OBJECT = 'opinions.json';
/**
 * Whether the proposal is still current; absent as long as it always was. The only object of a proposal that changes.
 */
export const STATE_OBJECT = 'state.json';
/** Stored instead of a proposal that a check of AWS rejected. Nobody is notified, and AWS does not check it again. */
export const WITHHELD_OBJECT = 'withheld.json';

/**
 * Prefix of the stored inputs of refinements that were rejected, for replay. A finding's id may contain any character,
 * so the key encodes it.
 */
export const FAILURES_PREFIX = 'failures/';
export function failureKey(findingId: string): string {
  return `${FAILURES_PREFIX}${encodeURIComponent(findingId).slice(0, 200)}.json`;
}

/** The action catalogues; a version is never overwritten. */
export const CATALOGUE_PREFIX = 'catalogue/';
export function catalogueKey(version: string): string {
  return `${CATALOGUE_PREFIX}${version}.json`;
}
/** The newest catalogue, written after its version. */
export const LATEST_CATALOGUE_OBJECT = 'catalogue/latest.json';

/** The overview of all proposals, and its data (`index.json`). */
export const INDEX_OBJECT = 'index.html';
export const INDEX_DATA_OBJECT = 'index.json';

/** What people decided about the proposals of one account. The functions read it and never write it. */
export const DECISIONS_PREFIX = 'decisions/';
export function decisionsKey(accountId: string): string {
  return `${DECISIONS_PREFIX}${accountId}.json`;
}

/** What the latest overview included. */
export const ANNOUNCED_OBJECT = 'announced.json';
/** What a sweep listed and read, until its accounts are handled. Expires after a week. */
export const SWEEPS_PREFIX = 'sweeps/';
/** Written first: its timestamp is the beginning of the sweep. */
export function begunKey(sweepId: string): string {
  return `${SWEEPS_PREFIX}${sweepId}/begun.json`;
}
export function listedKey(sweepId: string, number: number): string {
  return `${SWEEPS_PREFIX}${sweepId}/listed/${String(number)}.jsonl`;
}
/**
 * Marks of proposals that became current again; a sweep checks that the overview shows them. They expire after a week.
 */
export const REOPENED_PREFIX = 'reopened/';
export function reopenedKey(prefix: string): string {
  return REOPENED_PREFIX + prefix.slice(0, -1);
}
/** The findings that the sweep listed for one account. */
export function sweptAccountKey(sweepId: string, accountId: string): string {
  return `${SWEEPS_PREFIX}${sweepId}/accounts/${accountId}.jsonl`;
}
/** A page of the account's description. */
export function accountPageKey(sweepId: string, accountId: string, number: number): string {
  return `${SWEEPS_PREFIX}${sweepId}/accounts/${accountId}/details/${String(number)}.json.gz`;
}
/** IAM's job ids for the reports of last use on one part of an account's principals. */
export function askedReportsKey(sweepId: string, accountId: string, number: number): string {
  return `${SWEEPS_PREFIX}${sweepId}/accounts/${accountId}/asked/${String(number)}.json`;
}
/** The reports of last use on that part, and its users' credentials. */
export function usesKey(sweepId: string, accountId: string, number: number): string {
  return `${SWEEPS_PREFIX}${sweepId}/accounts/${accountId}/uses/${String(number)}.json.gz`;
}
/** What one part of the work on an account found unused. */
export function unusedPartKey(sweepId: string, accountId: string, number: number): string {
  return `${SWEEPS_PREFIX}${sweepId}/accounts/${accountId}/unused/${String(number)}.json.gz`;
}
