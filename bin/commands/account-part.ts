import path from 'node:path';
import type { AccountIndex } from '../../lambda/adapters/account/account-index.ts';
import { indexExport } from '../../lambda/adapters/files/account-export.ts';
import { openSource, reopenSource, type SourceHandle } from '../../lambda/adapters/files/byte-source.ts';
import { FindingsFiles, type FindingsShare } from '../../lambda/adapters/files/findings-files.ts';
import { FolderStore, replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { LastAccessFiles } from '../../lambda/adapters/files/last-access-files.ts';
import { makeFolder } from '../../lambda/adapters/files/make-folder.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import { systemClock } from '../../lambda/adapters/node.ts';
import { failureKey } from '../../lambda/contract/object-keys.ts';
import type { FindingReference } from '../../lambda/ports/findings.ts';
import type { RefinementSettings } from '../../lambda/ports/settings.ts';
import type { IacFormat } from '../../lambda/report/iac/render-iac.ts';
import { makeReportWriter } from '../../lambda/report/proposal/report-writer.ts';
import { ENGINE_VERSION } from '../../lambda/runtime/engine-version.ts';
import { type AccountOutcome, refineAccount } from '../../lambda/use-cases/propose/refine-account.ts';
import { IacBundle } from './iac-bundle.ts';
import { type RunRecord, runRecord } from '../output/run-record.ts';
import { loadCatalogue } from './common-options.ts';

/** What a thread needs to know to do its part of an offline run. Plain data. */
export interface AccountJob {
  readonly accountDetails: string;
  readonly findings: string;
  readonly analyzerArn: string | null;
  readonly out: string;
  readonly catalogue: string | undefined;
  /** A folder of reports on last use. */
  readonly lastAccessed: string | undefined;
  readonly settings: RefinementSettings;
  readonly reports: boolean;
  /** The changes as code too, in this format. */
  readonly iac: IacFormat | undefined;
}

export interface AccountInput {
  /** The export, for other threads to read it too. */
  readonly account: SourceHandle;
  readonly policies: AccountIndex;
  readonly findings: FindingsFiles;
}

/** The findings that one thread works on. Plain data. */
export interface AccountPart {
  readonly references: readonly FindingReference[];
  /** The place of each of them in the run. */
  readonly places: readonly number[];
}

/** The input of a thread that another one has looked through. Plain data. */
export interface SharedInput {
  readonly account: SourceHandle;
  readonly findings: FindingsShare;
}

/** @throws InputError that names the file and the place */
export function readAccountInput(job: AccountJob): AccountInput {
  const source = openSource(job.accountDetails);
  const policies = indexExport(source);
  return {
    account: source.handle,
    policies,
    findings: FindingsFiles.from(job.findings, job.analyzerArn),
  };
}

/**
 * What {@link readAccountInput} has read, for a part of the run: all of the account, since its principals share policies, and
 * the findings of the part.
 */
export function readSharedInput({ account, findings }: SharedInput): AccountInput {
  return { account, policies: indexExport(reopenSource(account)), findings: FindingsFiles.of(findings) };
}

/** Told of each finding's outcomes, with the finding's place in the run. */
export type ObservePart = (place: number, records: readonly RunRecord[]) => void;

/**
 * Works through the findings of one part, in order. All findings of a principal are in the same part, so that no two
 * threads write one proposal.
 * @throws AdapterError when proposals cannot be stored, or when the input has changed
 */
export async function runPart(
  job: AccountJob,
  { policies, findings }: Pick<AccountInput, 'policies' | 'findings'>,
  { references, places }: AccountPart,
  observe: ObservePart,
): Promise<void> {
  const bundle = job.iac === undefined ? undefined : new IacBundle(job.out, job.iac);
  await refineAccount(
    references,
    {
      findings,
      policies,
      store: new FolderStore(job.out),
      reports: job.reports ? makeReportWriter({ engineVersion: ENGINE_VERSION }) : { write: () => [] },
      catalogue: loadCatalogue(job.catalogue),
      lastAccess: job.lastAccessed === undefined ? undefined : LastAccessFiles.at(job.lastAccessed),
      settings: job.settings,
      digest: sha256,
      clock: systemClock,
      runId: 'offline',
      engineVersion: ENGINE_VERSION,
    },
    (outcomes, place) => {
      for (const outcome of outcomes) {
        keepReplay(outcome, job.out);
        if (outcome.kind === 'proposed') bundle?.add(outcome.proposal);
      }
      observe(
        places[place] ?? 0,
        outcomes.map((outcome) => runRecord(outcome, job.reports)),
      );
    },
    UNDER_WAY,
  );
}

/** Proposals under way at once on a thread: while some are written, the next are worked out. */
const UNDER_WAY = 16;

/** Principals are dealt out in turn: neighbours in an account are alike, so the parts are too. */
export function dealOut(references: readonly FindingReference[], parts: number): readonly AccountPart[] {
  const dealt = Array.from({ length: parts }, () => ({
    references: [] as FindingReference[],
    places: [] as number[],
  }));
  let principals = -1;
  for (const [place, reference] of references.entries()) {
    if (reference.resource !== references[place - 1]?.resource) principals += 1;
    const part = dealt[principals % parts];
    part?.references.push(reference);
    part?.places.push(place);
  }
  return dealt;
}

/** What the verifier rejected is kept, so that the case can be repeated and reported. */
function keepReplay(outcome: AccountOutcome, out: string): void {
  if (outcome.kind !== 'failed' || outcome.replay === undefined) return;
  const file = path.join(out, failureKey(outcome.findingId));
  makeFolder(path.dirname(file));
  replaceFile(file, `${outcome.replay}\n`);
}
