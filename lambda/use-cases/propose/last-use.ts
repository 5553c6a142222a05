import { firstOf } from '../../core/model/wording.ts';
import type { Catalogue } from '../../core/catalogue/catalogue.ts';
import { type PrincipalRef, readPrincipalArn } from '../../core/model/principal.ts';
import {
  lastAccessedFindings,
  type LastAccessedFinding,
  LAST_ACCESSED_ID,
  type UnjudgedReason,
  type UserCredentials,
} from '../../core/usage/last-accessed-findings.ts';
import type { FindingAnswer, FindingReference } from '../../ports/findings.ts';
import type { LastAccessSource, PolicySource } from '../../ports/policies.ts';
import { ownedByAws } from './skip-reason.ts';

export interface LastUseDependencies {
  readonly policies: PolicySource;
  /** Reports of last use, each with the time of its completion. */
  readonly reports: LastAccessSource;
  /** Undefined if unknown. */
  credentialsOf(ref: PrincipalRef): UserCredentials | undefined | Promise<UserCredentials | undefined>;
  readonly catalogue: Catalogue;
  readonly unusedDays: number;
}

/** The findings from one principal's report of last use. */
export interface ReportedLastUse {
  readonly findings: readonly LastAccessedFinding[];
  /** Why there is nothing about its permissions; undefined if there is, even if all of them are used. */
  readonly unjudged: UnjudgedReason | undefined;
  readonly hasCredentials: boolean;
}

/** Milliseconds that one report may take. */
const LONGEST = 60_000;

/** Undefined if the principal no longer exists, or AWS manages its permissions. */
export async function reportedLastUse(
  arn: string,
  dependencies: LastUseDependencies,
): Promise<ReportedLastUse | undefined> {
  const ref = readPrincipalArn(arn);
  if (!ref || ownedByAws(ref)) return undefined;
  const found = await dependencies.policies.getPrincipal(ref);
  if (found.kind === 'gone') return undefined;
  const answer = await dependencies.reports.lastAccessOf(ref, LONGEST);
  // A report that cannot be read completely does not count as complete.
  const completedAt =
    answer.kind === 'known' && answer.problem === undefined ? answer.completedAt : undefined;
  const report =
    answer.kind === 'known' && completedAt !== undefined
      ? { completedAt, services: answer.lastAccess }
      : undefined;
  const credentials = await dependencies.credentialsOf(ref);
  const facts = { principal: found.principal, report, credentials };
  const { findings, unjudged } = lastAccessedFindings(facts, dependencies.catalogue, dependencies.unusedDays);
  return { findings, unjudged, hasCredentials: credentials !== undefined };
}

const WHY: Readonly<Record<UnjudgedReason, string>> = {
  'no-report': 'there is no complete report of last use about it',
  young: 'it is younger than the window, or its age is not known',
  window: 'the window is longer than IAM keeps the use of services',
  'young-unreadable': 'a policy that is younger than the window cannot be read',
};

/** Whether a finding was made from reports of last use. */
export function isFromLastUse({ findingId }: Pick<FindingReference, 'findingId'>): boolean {
  return findingId.startsWith(LAST_ACCESSED_ID);
}

/**
 * The current state of a finding that was made from reports of last use. It is gone only if its principal's report
 * says so.
 */
export async function findingFromLastUse(
  reference: FindingReference,
  dependencies: LastUseDependencies,
): Promise<FindingAnswer> {
  return findingAmong(reference, await reportedLastUse(reference.resource, dependencies));
}

/** The same, from the known last use of its principal; `use` may be undefined as in `reportedLastUse`. */
export function findingAmong(
  { findingId, resource }: FindingReference,
  use: ReportedLastUse | undefined,
): FindingAnswer {
  if (!use) return { kind: 'gone' };
  const finding = use.findings.find(({ id }) => id === findingId);
  if (finding) return { kind: 'found', finding };
  const isAboutPermissions = findingId === `${LAST_ACCESSED_ID}${resource}`;
  if (!isAboutPermissions) {
    return use.hasCredentials
      ? { kind: 'gone' }
      : {
          kind: 'unreadable',
          reason: `nobody has read when the keys and the password of ${resource} were used`,
        };
  }
  return use.unjudged === undefined ? { kind: 'gone' } : { kind: 'unreadable', reason: WHY[use.unjudged] };
}

/** How many principals a remark names before it only counts the rest. */
const FEW = 3;

/** One remark for each reason why nothing is known about some principals. */
export function unjudgedRemarks(silent: ReadonlyMap<UnjudgedReason, readonly string[]>): readonly string[] {
  return [...silent].map(([unjudged, arns]) => {
    const names = arns.map((arn) => arn.slice(arn.lastIndexOf(':') + 1).replace('/', ' '));
    const who = firstOf(names, FEW);
    return `nothing is said about the permissions of ${who}: ${WHY[unjudged].replace('about it', 'about each').replace('it is', 'each is').replace('its age', 'the age')}`;
  });
}
