import path from 'node:path';
import type { AccountIndex } from '../../lambda/adapters/account/account-index.ts';
import { readAccountExport } from '../../lambda/adapters/files/account-export.ts';
import { withPasswords } from '../../lambda/adapters/files/credentials-file.ts';
import type { FindingRecord } from '../../lambda/adapters/files/finding-page.ts';
import { FindingsFiles } from '../../lambda/adapters/files/findings-files.ts';
import { FolderStore, replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { LastAccessFiles } from '../../lambda/adapters/files/last-access-files.ts';
import { makeFolder } from '../../lambda/adapters/files/make-folder.ts';
import { nameOf, type TextFile } from '../../lambda/adapters/files/read-text.ts';
import { sha256, systemClock } from '../../lambda/adapters/node.ts';
import { failureKey } from '../../lambda/contract/object-keys.ts';
import type { Decision } from '../../lambda/core/decision/decision.ts';
import { type PrincipalRef, readPrincipalArn } from '../../lambda/core/model/principal.ts';
import type { LastAccessAnswer } from '../../lambda/ports/policies.ts';
import type { RefinementSettings } from '../../lambda/ports/settings.ts';
import type { IacFormat } from '../../lambda/report/iac/render-iac.ts';
import { makeReportWriter } from '../../lambda/report/proposal/report-html.ts';
import { ENGINE_VERSION } from '../../lambda/runtime/engine-version.ts';
import type { CommonDependencies } from '../../lambda/use-cases/propose/dependencies.ts';
import { type AccountOutcome, refineAccount } from '../../lambda/use-cases/propose/refine-account.ts';
import {
  compareEvidence,
  type EvidenceOptions,
  type PrincipalDifference,
  readEvidence,
  sourceOf,
} from './evidence.ts';
import { IacBundle } from './iac-bundle.ts';
import { type AccountFiles, checkAccount, checkCollected } from './account-files.ts';
import { type RunRecord, runRecord } from '../output/run-record.ts';
import { catalogueFor } from './common-options.ts';
import { isSelected } from './selection.ts';

/** Settings of an offline run. Plain data, for every thread. */
export interface AccountTask {
  readonly analyzerArn: string | null;
  /** Where findings come from; determined by the folder unless given. */
  readonly evidence?: EvidenceOptions;
  readonly out: string;
  /** Patterns for principals; an empty list means all principals. */
  readonly only: readonly string[];
  readonly catalogue: TextFile | undefined;
  readonly settings: RefinementSettings;
  readonly reports: boolean;
  /** The format for infrastructure as code; undefined if none is wanted. */
  readonly iac: IacFormat | undefined;
  /** The decisions in force. */
  readonly decisions: readonly Decision[];
}

export interface AccountInput {
  /** Unreadable entries, one line each. The others are used. */
  readonly complaints: readonly string[];
  readonly files: AccountFiles;
  readonly policies: AccountIndex;
  readonly findings: FindingsFiles;
  /** How an analyzer's findings and reports of last use differ; undefined if there is only one of the two. */
  readonly comparison: readonly PrincipalDifference[] | undefined;
}

/** Findings that one thread handles. Plain data. */
export interface AccountPart {
  readonly records: readonly FindingRecord[];
  /** The index of each of them in the run. */
  readonly places: readonly number[];
}

/** @throws InputError that names the file and the position */
export async function readAccountInput(files: AccountFiles, job: AccountTask): Promise<AccountInput> {
  const { analyzerArn, evidence = {} } = job;
  checkCollected(files, sourceOf(evidence, files));
  const policies = readAccountExport(files.accountDetails);
  checkAccount(files, policies);
  if (files.lastAccessed !== undefined) LastAccessFiles.at(files.lastAccessed, 1);
  const catalogue = catalogueFor(job);
  const evidenceOf = (options: EvidenceOptions): Promise<FindingsFiles> =>
    readEvidence(options, files, policies, { analyzerArn, catalogue });
  const findings = await evidenceOf(evidence);
  const lastUse =
    sourceOf(evidence, files) === 'last-accessed'
      ? findings
      : hasReports(files)
        ? await evidenceOf({ ...evidence, source: 'last-accessed' })
        : undefined;
  const comparison = lastUse && (await compareEvidence(files, lastUse));
  const file = nameOf(files.accountDetails);
  const complaints = [...policies.faults.map((fault) => `${file}: ${fault}`), ...findings.complaints];
  const meant = findings.about((arn) => isSelected(arn, job.only));
  return { files, policies, findings: meant, complaints, comparison };
}

/**
 * Whether `collect` read reports of last use about everybody. A folder with a few reports that a person made is only
 * used for dates.
 */
function hasReports({ collected }: AccountFiles): boolean {
  const section = collected?.sections.lastAccessed;
  return section !== null && section !== undefined && section.state !== 'failed';
}

/** What every proposal of a run needs. */
export function dependenciesOf(job: AccountTask): CommonDependencies {
  return {
    reports: job.reports ? makeReportWriter({ engineVersion: ENGINE_VERSION }) : { write: () => [] },
    catalogue: catalogueFor(job),
    settings: job.settings,
    decisions: { inForce: () => Promise.resolve(job.decisions) },
    digest: sha256,
    clock: systemClock,
    runId: 'offline',
    engineVersion: ENGINE_VERSION,
  };
}

/** Called with each finding's outcomes and its index in the run. */
export type ObservePart = (place: number, records: readonly RunRecord[]) => void;

/**
 * Handles the findings of one part, in order.
 * @throws AdapterError if proposals cannot be stored
 */
export type RunPart = (part: AccountPart, observe: ObservePart) => Promise<void>;

/** Prepares what all parts of an account that one thread handles have in common. */
export function partRunner(
  job: AccountTask,
  { files, policies }: Pick<AccountInput, 'files' | 'policies'>,
): RunPart {
  const bundle = job.iac === undefined ? undefined : new IacBundle(job.out, job.iac);
  const exported = new Set(policies.accountIds);
  const accountOf = (arn: string): string => readPrincipalArn(arn)?.accountId ?? '';
  const isExported = ({ reference }: FindingRecord): boolean =>
    readPrincipalArn(reference.resource) === undefined || exported.has(accountOf(reference.resource));
  const lastAccess = lastAccessOf(files, exported.size);
  const dependencies = {
    policies: withPasswords(policies, files.credentials),
    store: new FolderStore(job.out),
    ...dependenciesOf(job),
    lastAccess,
  };
  return async ({ records, places }, observe) => {
    const work = [...records.entries()].filter(([, record]) => isExported(record));
    for (const [index, record] of records.entries()) {
      if (isExported(record)) continue;
      const { resource } = record.reference;
      const reason = `account ${accountOf(resource)} is not in the export`;
      observe(places[index] ?? 0, [{ kind: 'skipped', resource, code: 'not-exported', reason }]);
    }
    await refineAccount(
      work.map(([, { reference }]) => reference),
      { findings: FindingsFiles.of(records), ...dependencies },
      (outcomes, place) => {
        for (const outcome of outcomes) {
          if (outcome.kind === 'failed') keepReplay(outcome.findingId, outcome.replay, job.out);
          if (outcome.kind === 'proposed') bundle?.add(outcome.proposal);
        }
        observe(
          places[work[place]?.[0] ?? 0] ?? 0,
          outcomes.map((outcome) => ({
            ...runRecord(outcome, job.reports),
            complaints: complaintsAbout(outcome, policies),
            remarks:
              outcome.kind === 'proposed'
                ? (lastAccess?.problemOf(outcome.proposal.principal.arn) ?? [])
                : [],
          })),
        );
      },
    );
  };
}

/**
 * Complaints about groups and policies that the export lacks: they may grant what a proposal removes, or be the reason
 * why nothing is proposed.
 */
function complaintsAbout(outcome: AccountOutcome, policies: AccountIndex): readonly string[] {
  const ref =
    outcome.kind === 'proposed'
      ? outcome.proposal.principal
      : outcome.kind === 'unchanged'
        ? outcome.principal
        : undefined;
  if (!ref) return [];
  const { groups, groupPolicies } = policies.missingPartsOf(ref);
  return [
    ...groups.map(
      (name) =>
        `the export lacks group ${name}, so what it grants is not known; export with --filter Group too`,
    ),
    ...groupPolicies.map(
      ({ group, policy }) =>
        `the export lacks policy ${policy} of group ${group}; export with --filter LocalManagedPolicy and --filter AWSManagedPolicy too`,
    ),
  ].map((text) => `${ref.arn}: ${text}`);
}

/** Reports of last use that also record what is wrong with each, so that it is printed once, with the outcome. */
function lastAccessOf({ lastAccessed }: AccountFiles, accounts: number) {
  if (lastAccessed === undefined) return undefined;
  const source = LastAccessFiles.at(lastAccessed, accounts);
  const problems = new Map<string, string>();
  return {
    lastAccessOf: async (ref: PrincipalRef): Promise<LastAccessAnswer> => {
      const answer = await source.lastAccessOf(ref);
      if (answer.kind === 'unavailable') problems.set(ref.arn, answer.reason);
      else if (answer.kind === 'known' && answer.problem !== undefined) problems.set(ref.arn, answer.problem);
      return answer;
    },
    problemOf: (arn: string): readonly string[] => {
      const problem = problems.get(arn);
      return problem === undefined ? [] : [problem];
    },
  };
}

/**
 * Splits the findings into parts of that many principals. All findings of a principal are in the same part, so that two
 * threads never write the same proposal.
 */
export function* partsOf(records: readonly FindingRecord[], principals: number): Generator<AccountPart> {
  let part = { records: [] as FindingRecord[], places: [] as number[] };
  let count = 0;
  for (const [place, record] of records.entries()) {
    if (record.reference.resource !== records[place - 1]?.reference.resource) count += 1;
    if (count > principals) {
      yield part;
      part = { records: [], places: [] };
      count = 1;
    }
    part.records.push(record);
    part.places.push(place);
  }
  if (part.records.length > 0) yield part;
}

/** Stores the input that the verifier rejected, so that the case can be replayed and reported. */
export function keepReplay(name: string, replay: string | undefined, out: string): void {
  if (replay === undefined) return;
  const file = path.join(out, failureKey(name));
  makeFolder(path.dirname(file));
  replaceFile(file, `${replay}\n`);
}
