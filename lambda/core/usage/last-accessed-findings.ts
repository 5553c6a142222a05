import type { Catalogue, CatalogueService } from '../catalogue/catalogue.ts';
import { allowStatements, grantedActions, grantsService } from '../catalogue/granted-actions.ts';
import { makeUniverse, type Universe } from '../catalogue/universe.ts';
import {
  type LastAccess,
  type ServiceLastAccess,
  type EvidenceSource,
  type FindingDetails,
  readUnusedAccess,
  type UnusedEntry,
} from '../model/unused-access.ts';
import { byCodeUnit } from '../model/order.ts';
import { parsePolicy } from '../model/policy.ts';
import { documentsOf, type Grant, type Principal } from '../model/principal.ts';

/** IAM's complete report on one principal: every page, at the level of actions. */
export interface LastUseReport {
  /** When IAM completed it, ISO 8601: the end of the window. */
  readonly completedAt: string;
  readonly services: LastAccess;
}

/** When a user's credentials were last used, according to IAM at one moment. Times are ISO 8601. */
export interface UserCredentials {
  readonly readAt: string;
  /** Null if the user has none; undefined if unknown. */
  readonly password?: Credential | null | undefined;
  readonly keys: readonly (Credential & { readonly accessKeyId: string; readonly isActive: boolean })[];
}

export interface Credential {
  /** Undefined if unknown; then nothing is concluded. */
  readonly createdAt?: string | undefined;
  /** Null if IAM records no use; undefined if unknown. */
  readonly lastUsedAt?: string | null | undefined;
}

export interface UseFacts {
  readonly principal: Principal;
  /** Undefined if there is none, or it is incomplete. */
  readonly report: LastUseReport | undefined;
  /** For a user only. */
  readonly credentials: UserCredentials | undefined;
}

/** A finding made from IAM's own reports of last use, in the shape of an analyzer's finding. */
export interface LastAccessedFinding {
  readonly id: string;
  readonly analyzerArn: null;
  readonly source: EvidenceSource & 'last-accessed';
  readonly findingType: FindingDetails['type'];
  readonly status: 'ACTIVE';
  readonly resource: string;
  readonly accountId: string;
  /** When the report was completed; for credentials, when they were read. */
  readonly updatedAt: string;
  readonly details: FindingDetails;
}

interface LastAccessedFindings {
  readonly findings: readonly LastAccessedFinding[];
  /** Why permissions could not be judged; undefined if they could, even if all of them are used. */
  readonly unjudged: UnjudgedReason | undefined;
}

/**
 * `no-report`: none, or an incomplete one. `young`: the principal is younger than the window, or its age is unknown.
 * `window`: IAM has not tracked use for that long. `young-unreadable`: a policy that may be younger cannot be read.
 */
export type UnjudgedReason = 'no-report' | 'young' | 'window' | 'young-unreadable';

/** Prefix of the ids of findings from reports of last use. */
export const LAST_ACCESSED_ID = 'last-accessed:';

/**
 * The findings about one principal that IAM's own reports prove, for `unusedDays` days without use (docs/sources.md
 * defines the law). Anything unknown counts as used: a use without a readable date, a policy of unknown age, an action
 * that is not known to be tracked.
 *
 * Guarantees: an action is not named individually if it was used within the window or IAM does not track it; a service
 * is not named as a whole if any of it was used within the window; every granted action that IAM tracks, that was not
 * used and that no young policy grants is named, individually or with its service. A whole service includes actions
 * that IAM does not track, except `iam:PassRole`, which the engine keeps.
 */
export function lastAccessedFindings(
  facts: UseFacts,
  catalogue: Catalogue,
  unusedDays: number,
): LastAccessedFindings {
  const { findings: permissions, unjudged } = permissionFindings(facts, catalogue, unusedDays);
  return { findings: [...permissions, ...credentialFindings(facts, unusedDays)], unjudged };
}

function permissionFindings(
  { principal, report }: UseFacts,
  catalogue: Catalogue,
  unusedDays: number,
): LastAccessedFindings {
  const unjudged = (unjudged: UnjudgedReason): LastAccessedFindings => ({ findings: [], unjudged });
  const window = report && windowOf(report.completedAt, unusedDays);
  if (!report || !window) return unjudged('no-report');
  if (!window.tracksServices) return unjudged('window');
  if (!window.startsAfter(principal.createdAt)) return unjudged('young');
  if (principal.ref.type === 'role' && isIdle(principal.lastUsedAt, report.services, window)) {
    const details = { type: 'UnusedIAMRole', lastAccessed: principal.lastUsedAt ?? undefined } as const;
    return { findings: [finding(principal, report.completedAt, details)], unjudged: undefined };
  }
  const young = principal.grants.filter((grant) => isYoung(grant, window));
  if (!young.every(isUnderstood)) return unjudged('young-unreadable');
  const entries = unusedEntries(principal.grants, young, report.services, catalogue, window);
  if (entries.length === 0) return { findings: [], unjudged: undefined };
  const details = { type: 'UnusedPermission', entries } as const;
  return { findings: [finding(principal, report.completedAt, details)], unjudged: undefined };
}

/** Whether IAM's date for the role shows no use within the window, and its report does not contradict that. */
function isIdle(lastUsedAt: string | null | undefined, services: LastAccess, window: Window): boolean {
  if (lastUsedAt === undefined || !window.isUnused(lastUsedAt ?? undefined)) return false;
  return [...services.values()].every((used) => datesOf(used).every((date) => window.isUnused(date)));
}

/** IAM dates only managed policies. It records neither an inline policy's history nor when a policy was attached. */
function isYoung({ managed }: Grant, window: Window): boolean {
  return managed !== undefined && !window.startsAfter(managed.updatedAt);
}

function isUnderstood({ document }: Grant): boolean {
  return document.readable && parsePolicy(document.value).ok;
}

function unusedEntries(
  grants: readonly Grant[],
  young: readonly Grant[],
  services: LastAccess,
  catalogue: Catalogue,
  window: Window,
): readonly UnusedEntry[] {
  const universe = universeOf(catalogue, services);
  const statements = allowStatements(documentsOf(grants));
  const youngStatements = allowStatements(documentsOf(young));
  const granted = grantedActions(documentsOf(grants), universe);
  const fresh = grantedActions(documentsOf(young), universe);
  const entries: UnusedEntry[] = [];
  for (const [key, used] of [...services].sort(([a], [b]) => byCodeUnit(a, b))) {
    if (!statements.some((statement) => grantsService(statement, key))) continue;
    const service = universe.services.get(key);
    const dated = used.lastUsed === undefined ? {} : { lastAccessed: used.lastUsed };
    const isFresh = youngStatements.some((statement) => grantsService(statement, key));
    if (!isFresh && datesOf(used).every((date) => window.isUnused(date))) {
      entries.push({ serviceNamespace: service?.name ?? key, ...dated });
      continue;
    }
    const marks = granted.get(key);
    if (!service || !marks || !window.tracksActions(key)) continue;
    const actions = service.folded.flatMap((action, position) => {
      if (marks[position] !== 1 || fresh.get(key)?.[position] === 1) return [];
      if (!isTracked(key, action, service, used)) return [];
      const date = used.actions.get(action);
      if (!window.isUnused(date)) return [];
      const name = { action: service.actions[position] ?? action };
      return [date === undefined ? name : { ...name, lastAccessed: date }];
    });
    if (actions.length > 0) entries.push({ serviceNamespace: service.name, actions, ...dated });
  }
  return entries;
}

/** The catalogue, plus actions that only the report lists. */
function universeOf(catalogue: Catalogue, services: LastAccess): Universe {
  const listed = readUnusedAccess(
    [...services].flatMap(([serviceNamespace, { actions }]) =>
      actions.size === 0
        ? []
        : [{ serviceNamespace, actions: [...actions.keys()].map((action) => ({ action })) }],
    ),
  );
  const nothing = { services: new Map(), actions: new Map() };
  return makeUniverse(catalogue, listed.ok ? listed.value : nothing);
}

/**
 * AWS never records use of `iam:PassRole`. Every other action in the report is tracked; for the rest, the catalogue
 * decides if it has this information.
 */
function isTracked(
  key: string,
  action: string,
  { untracked }: CatalogueService,
  used: ServiceLastAccess,
): boolean {
  if (key === 'iam' && action === 'passrole') return false;
  return used.actions.has(action) || (untracked !== undefined && !untracked.has(action));
}

function datesOf({ lastUsed, actions }: ServiceLastAccess): readonly (string | undefined)[] {
  return [lastUsed, ...actions.values()];
}

function credentialFindings(
  { principal, credentials }: UseFacts,
  unusedDays: number,
): readonly LastAccessedFinding[] {
  const window = credentials && windowOf(credentials.readAt, unusedDays);
  if (!credentials || !window || principal.ref.type !== 'user') return [];
  const isIdleCredential = ({ createdAt, lastUsedAt }: Credential): boolean =>
    window.startsAfter(createdAt) && lastUsedAt !== undefined && window.isUnused(lastUsedAt ?? undefined);
  const keys = credentials.keys
    .filter((key) => key.isActive && isIdleCredential(key))
    .map(({ accessKeyId, lastUsedAt }) => ({ accessKeyId, lastAccessed: lastUsedAt ?? undefined }))
    .sort((a, b) => byCodeUnit(a.accessKeyId, b.accessKeyId));
  const { password, readAt } = credentials;
  const found: LastAccessedFinding[] = [];
  if (keys.length > 0) found.push(finding(principal, readAt, { type: 'UnusedIAMUserAccessKey', keys }));
  if (password && isIdleCredential(password)) {
    const lastAccessed = password.lastUsedAt ?? undefined;
    found.push(finding(principal, readAt, { type: 'UnusedIAMUserPassword', lastAccessed }));
  }
  return found;
}

/** One principal may have three findings; the ids of those about credentials have a suffix. */
const ID_ENDS = {
  UnusedPermission: '',
  UnusedIAMRole: '',
  UnusedIAMUserAccessKey: '#access-keys',
  UnusedIAMUserPassword: '#password',
} as const;

function finding({ ref }: Principal, updatedAt: string, details: FindingDetails): LastAccessedFinding {
  return {
    id: `${LAST_ACCESSED_ID}${ref.arn}${ID_ENDS[details.type]}`,
    analyzerArn: null,
    source: 'last-accessed',
    findingType: details.type,
    status: 'ACTIVE',
    resource: ref.arn,
    accountId: ref.accountId,
    updatedAt,
    details,
  };
}

const DAY = 86_400_000;

/** Days for which IAM keeps the last use of a service or a role. */
const SERVICES_TRACKED_FOR = 400;

/**
 * Since when IAM tracks actions one by one, by case-folded service; all others since `TRACKED_SINCE`.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
 */
const TRACKED_EARLIER: ReadonlyMap<string, number> = new Map([
  ['s3', Date.UTC(2020, 3, 12)],
  ['ec2', Date.UTC(2021, 3, 7)],
  ['iam', Date.UTC(2021, 3, 7)],
  ['lambda', Date.UTC(2021, 3, 7)],
]);
const TRACKED_SINCE = Date.UTC(2023, 4, 23);

/** The days before a report: use within them counts as used. */
interface Window {
  /** Whether IAM keeps the use of services for that long. */
  readonly tracksServices: boolean;
  /** Whether IAM has tracked individual actions of the service (case-folded) for the whole window. */
  tracksActions(service: string): boolean;
  /** Whether the date is before the window; false if it is missing or unreadable. */
  startsAfter(date: string | undefined): boolean;
  /** Whether the last use was before the window. No date means no use; an unreadable date counts as use. */
  isUnused(lastUse: string | undefined): boolean;
}

/** Undefined if `end` is not a valid time. ISO 8601, with a time zone. */
function windowOf(end: string, days: number): Window | undefined {
  const start = Date.parse(end) - days * DAY;
  if (Number.isNaN(start)) return undefined;
  const isBefore = (date: string): boolean => Date.parse(date) < start;
  return {
    tracksServices: days <= SERVICES_TRACKED_FOR,
    tracksActions: (service) => start >= (TRACKED_EARLIER.get(service) ?? TRACKED_SINCE),
    startsAfter: (date) => date !== undefined && isBefore(date),
    isUnused: (lastUse) => lastUse === undefined || isBefore(lastUse),
  };
}
