import { existsSync } from 'node:fs';
import { readCredentials } from '../../lambda/adapters/files/credentials-file.ts';
import { FindingsFiles } from '../../lambda/adapters/files/findings-files.ts';
import { LastAccessFiles } from '../../lambda/adapters/files/last-access-files.ts';
import { nameOf } from '../../lambda/adapters/files/read-text.ts';
import type { AccountIndex } from '../../lambda/adapters/account/account-index.ts';
import type { Catalogue } from '../../lambda/core/catalogue/catalogue.ts';
import { readUnusedAccess, type EvidenceSource } from '../../lambda/core/model/unused-access.ts';
import { compareSources, type SourceDifference } from '../../lambda/core/usage/compare-sources.ts';
import type { UnjudgedReason } from '../../lambda/core/usage/last-accessed-findings.ts';
import type { CollectionManifest } from '../../lambda/ports/collect.ts';
import type { FindingAnswer, FindingReference, FindingSource } from '../../lambda/ports/findings.ts';
import type { LastAccessSource } from '../../lambda/ports/policies.ts';
import {
  findingFromLastUse,
  isFromLastUse,
  type LastUseDependencies,
  reportedLastUse,
  unjudgedRemarks,
} from '../../lambda/use-cases/propose/last-use.ts';
import type { AccountFiles } from './account-files.ts';
import { DEFAULT_DAYS } from './common-options.ts';

/** The options for the source of findings; the default is that of the folder that `collect` wrote. */
export interface EvidenceOptions {
  readonly source?: EvidenceSource | undefined;
  readonly unusedDays?: number | undefined;
}

export function sourceOf({ source }: EvidenceOptions, { collected }: AccountFiles): EvidenceSource {
  return source ?? collected?.source ?? 'access-analyzer';
}

const NO_REPORTS: LastAccessSource = { lastAccessOf: () => Promise.resolve({ kind: 'none' }) };

/** @throws InputError that names the file and the position */
function lastUseDependencies(
  options: EvidenceOptions,
  { lastAccessed, credentials, collected }: AccountFiles,
  policies: AccountIndex,
  catalogue: Catalogue,
): LastUseDependencies {
  const readAt = collected?.sections.credentials?.readAt;
  return {
    policies,
    reports:
      lastAccessed === undefined ? NO_REPORTS : LastAccessFiles.at(lastAccessed, policies.accountIds.length),
    credentialsOf:
      credentials === undefined || readAt === undefined
        ? () => undefined
        : readCredentials(credentials, readAt),
    catalogue,
    unusedDays: options.unusedDays ?? collected?.unusedDays ?? DEFAULT_DAYS,
  };
}

/** Reads the findings of one account from the chosen source. @throws InputError that names the file and the position */
export async function readEvidence(
  options: EvidenceOptions,
  files: AccountFiles,
  policies: AccountIndex,
  { analyzerArn, catalogue }: { readonly analyzerArn: string | null; readonly catalogue: Catalogue },
): Promise<FindingsFiles> {
  if (sourceOf(options, files) === 'access-analyzer') {
    return FindingsFiles.from(files.findings, analyzerArn ?? files.collected?.analyzerArn ?? null);
  }
  const dependencies = lastUseDependencies(options, files, policies, catalogue);
  const silent = new Map<UnjudgedReason, string[]>();
  const findings = [];
  for (const arn of policies.principals) {
    const use = await reportedLastUse(arn, dependencies);
    findings.push(...(use?.findings ?? []));
    if (use?.unjudged !== undefined) silent.set(use.unjudged, [...(silent.get(use.unjudged) ?? []), arn]);
  }
  const name = nameOf(files.accountDetails);
  return FindingsFiles.made(
    findings,
    unjudgedRemarks(silent).map((remark) => `${name}: ${remark}`),
  );
}

/** The current findings of an account. */
interface EvidenceNow {
  readonly source: FindingSource;
  /** Why a missing finding may be in a part that cannot be read; undefined if it cannot. */
  readonly doubt: string | undefined;
  readonly complaints: readonly string[];
}

/**
 * The current state of each finding, from either source. The manifest, a complete list, or a report proves that a
 * finding is gone.
 */
export function evidenceNow(
  options: EvidenceOptions,
  files: AccountFiles,
  policies: AccountIndex,
  catalogue: Catalogue,
): EvidenceNow {
  const { collected, findings } = files;
  const isThere = findings.some((file) => typeof file !== 'string' || file === '-' || existsSync(file));
  const analyzer =
    !isThere && collected
      ? FindingsFiles.made([], [])
      : FindingsFiles.from(findings, collected?.analyzerArn ?? null, completeAccounts(collected));
  const dependencies = lastUseDependencies(options, files, policies, catalogue);
  const getFinding = (reference: FindingReference): Promise<FindingAnswer> =>
    isFromLastUse(reference)
      ? findingFromLastUse(reference, dependencies)
      : analyzer.whole.getFinding(reference);
  return { source: { getFinding }, doubt: analyzer.doubt, complaints: analyzer.complaints };
}

/** The account whose findings are all present, according to the manifest. */
function completeAccounts(manifest: CollectionManifest | undefined): readonly string[] {
  const isWhole = manifest?.state !== 'running' && manifest?.sections.findings?.state === 'complete';
  return isWhole ? [manifest.accountId] : [];
}

/** How the two sources differ about one principal. */
export interface PrincipalDifference extends SourceDifference {
  readonly principal: string;
}

/**
 * Compares an analyzer's findings with reports of last use, if a folder has both: what only one of them reports.
 * @throws InputError that names the file and the position
 */
export async function compareEvidence(
  files: AccountFiles,
  lastUse: FindingsFiles,
): Promise<readonly PrincipalDifference[] | undefined> {
  const [first] = files.findings;
  if (typeof first !== 'string' || first === '-' || !existsSync(first)) return undefined;
  const analyzer = await unusedByPrincipal(FindingsFiles.from(files.findings, null));
  const own = await unusedByPrincipal(lastUse);
  const nothing = { services: new Map(), actions: new Map() };
  return [...new Set([...analyzer.keys(), ...own.keys()])].sort().flatMap((principal) => {
    const difference = compareSources(analyzer.get(principal) ?? nothing, own.get(principal) ?? nothing);
    const { onlyAnalyzer: one, onlyLastAccessed: other } = difference;
    const names = [one.services, one.actions, other.services, other.actions];
    return names.every(({ length }) => length === 0) ? [] : [{ principal, ...difference }];
  });
}

async function unusedByPrincipal(findings: FindingsFiles) {
  const entries = new Map<string, Parameters<typeof readUnusedAccess>[0][number][]>();
  for (const reference of findings.references) {
    const answer = await findings.getFinding(reference);
    if (answer.kind !== 'found' || answer.finding.status !== 'ACTIVE') continue;
    const { details, resource } = answer.finding;
    if (details.type !== 'UnusedPermission') continue;
    entries.set(resource, [...(entries.get(resource) ?? []), ...details.entries]);
  }
  return new Map(
    [...entries].flatMap(([principal, all]) => {
      const unused = readUnusedAccess(all);
      return unused.ok ? [[principal, unused.value] as const] : [];
    }),
  );
}
