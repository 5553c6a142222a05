import { foldCase } from '../pattern/matches.ts';
import { isServicePrefix } from '../pattern/action-pattern.ts';
import { ok, refuse, type Result } from '../pattern/result.ts';

/** One entry of a finding, as Access Analyzer writes it. Actions may be bare or carry their service. */
export interface UnusedEntry {
  readonly serviceNamespace: string;
  readonly actions?:
    readonly { readonly action: string; readonly lastAccessed?: string | undefined }[] | null | undefined;
  readonly lastAccessed?: string | undefined;
}

/** The source of findings: an unused-access analyzer, or IAM's own reports of last use. */
export type EvidenceSource = 'access-analyzer' | 'last-accessed';

/** What a finding of each type reports. Times are ISO 8601. */
export type FindingDetails =
  | { readonly type: 'UnusedPermission'; readonly entries: readonly UnusedEntry[] }
  | { readonly type: 'UnusedIAMRole'; readonly lastAccessed: string | undefined }
  | {
      readonly type: 'UnusedIAMUserAccessKey';
      readonly keys: readonly { readonly accessKeyId: string; readonly lastAccessed: string | undefined }[];
    }
  | { readonly type: 'UnusedIAMUserPassword'; readonly lastAccessed: string | undefined };

/** A name as the finding spells it, and when it was last used (ISO 8601) if the finding has the time. */
export interface UnusedName {
  readonly name: string;
  readonly lastAccessed: string | undefined;
}

/** What a finding reports, normalised: keys are case-folded; an action's key is its bare name under its service. */
export interface UnusedAccess {
  readonly services: ReadonlyMap<string, UnusedName>;
  readonly actions: ReadonlyMap<string, ReadonlyMap<string, UnusedName>>;
}

/**
 * Normalises a finding's entries. An entry without actions (missing, null or empty) means that the whole service is
 * unused. Repeating or reordering entries changes nothing: of two spellings the smaller counts, and of two dates the
 * later.
 */
export function readUnusedAccess(entries: readonly UnusedEntry[]): Result<UnusedAccess> {
  const services = new Map<string, UnusedName>();
  const actions = new Map<string, Map<string, UnusedName>>();
  for (const entry of entries) {
    const service = entry.serviceNamespace;
    if (!NAME.test(service)) return refuse(`the service ${JSON.stringify(service)} is not a service prefix`);
    // No policy can grant anything of such a service, and IAM would refuse a NotAction that lists it.
    if (!isServicePrefix(service)) continue;
    if (!entry.actions || entry.actions.length === 0) {
      note(services, service, entry.lastAccessed);
      continue;
    }
    const own = foldCase(service);
    for (const { action: text, lastAccessed } of entry.actions) {
      const colon = text.indexOf(':');
      // A bare action belongs to the entry's service, which has been checked.
      const owner = colon < 0 ? undefined : text.slice(0, colon);
      const action = text.slice(colon + 1);
      if ((owner !== undefined && !NAME.test(owner)) || !NAME.test(action)) {
        return refuse(`the unused action ${JSON.stringify(text)} of ${service} is not the name of an action`);
      }
      if (owner !== undefined && !isServicePrefix(owner)) continue;
      const key = owner === undefined ? own : foldCase(owner);
      const known = actions.get(key) ?? new Map<string, UnusedName>();
      actions.set(key, known);
      note(known, action, lastAccessed);
    }
  }
  return ok({ services, actions });
}

const NAME = /^[A-Za-z0-9_.-]+$/;

function note(names: Map<string, UnusedName>, name: string, lastAccessed: string | undefined): void {
  const key = foldCase(name);
  const before = names.get(key);
  if (!before) {
    names.set(key, { name, lastAccessed });
    return;
  }
  names.set(key, {
    name: name < before.name ? name : before.name,
    lastAccessed: later(before.lastAccessed, lastAccessed),
  });
}

/** The later of two ISO 8601 times of the same form; undefined if both are. */
export function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}

/**
 * What AWS recorded about a principal's use, by case-folded service prefix. There is no report about a missing
 * service.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
 */
export type LastAccess = ReadonlyMap<string, ServiceLastAccess>;

export interface ServiceLastAccess {
  /** Last use (ISO 8601) of the service; absent if no use is recorded within AWS's tracking period. */
  readonly lastUsed?: string | undefined;
  /**
   * Last use (ISO 8601) of each action that AWS tracks one by one, by case-folded name; undefined if no use is
   * recorded within AWS's tracking period. A missing action is not tracked, or AWS does not say whether it is.
   */
  readonly actions: ReadonlyMap<string, string | undefined>;
}

/** A service as AWS reports on it, in the SDK's form. */
interface ReportedService {
  readonly ServiceNamespace?: string | undefined;
  readonly LastAuthenticated?: Date | undefined;
  readonly TrackedActionsLastAccessed?:
    | readonly { readonly ActionName?: string | undefined; readonly LastAccessedTime?: Date | undefined }[]
    | undefined;
}

/** A principal's recorded use, from a report. */
export function lastAccessIn(services: readonly ReportedService[]): LastAccess {
  return new Map(
    services.map(({ ServiceNamespace, LastAuthenticated, TrackedActionsLastAccessed = [] }) => [
      foldCase(ServiceNamespace ?? ''),
      {
        ...(LastAuthenticated ? { lastUsed: LastAuthenticated.toISOString() } : {}),
        actions: new Map(
          TrackedActionsLastAccessed.flatMap(({ ActionName, LastAccessedTime }) =>
            ActionName === undefined
              ? []
              : [[bareName(ActionName), LastAccessedTime?.toISOString()] as const],
          ),
        ),
      },
    ]),
  );
}

/** AWS writes action names without the service; other input may include it. */
function bareName(name: string): string {
  return foldCase(name.slice(name.indexOf(':') + 1));
}
