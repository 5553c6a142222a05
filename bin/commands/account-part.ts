import path from 'node:path';
import type { AccountIndex } from '../../lambda/adapters/account/account-index.ts';
import { readAccountExport } from '../../lambda/adapters/files/account-export.ts';
import { FindingsFiles } from '../../lambda/adapters/files/findings-files.ts';
import { FolderStore, replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { makeFolder } from '../../lambda/adapters/files/make-folder.ts';
import { sha256 } from '../../lambda/adapters/node/sha256.ts';
import { systemClock } from '../../lambda/adapters/node/system-clock.ts';
import { failureKey } from '../../lambda/contract/object-keys.ts';
import type { FindingReference, FindingSource } from '../../lambda/ports/finding-source.ts';
import type { RefinementSettings } from '../../lambda/ports/settings.ts';
import { ENGINE_VERSION } from '../../lambda/runtime/engine-version.ts';
import { type AccountOutcome, refineAccount } from '../../lambda/use-cases/refine-account.ts';
import { offlineReports } from './offline-reports.ts';
import { type RunRecord, runRecord } from './run-record.ts';
import { loadCatalogue } from './shared.ts';

/** What a thread needs to know to do its part of an offline run. Plain data. */
export interface AccountJob {
  readonly accountDetails: string;
  readonly findings: string;
  readonly analyzerArn: string | null;
  readonly out: string;
  readonly catalogue: string | undefined;
  readonly settings: RefinementSettings;
  readonly reports: boolean;
  readonly format: 'html' | 'markdown';
}

export interface AccountInput {
  readonly policies: AccountIndex;
  readonly findings: FindingsFiles;
}

/** @throws InputError that names the file and the place */
export function readAccountInput(job: AccountJob): AccountInput {
  const policies = readAccountExport(job.accountDetails);
  return { policies, findings: FindingsFiles.from(job.findings, job.analyzerArn) };
}

/** Told of each finding's outcomes, with the finding's place in the run. */
export type ObservePart = (place: number, records: readonly RunRecord[]) => void;

/**
 * Works through the findings of one part, in order. All findings of a principal are in the same part, so that no two
 * threads write one proposal.
 * @throws AdapterError when proposals cannot be stored
 */
export async function runPart(
  job: AccountJob,
  { policies, findings }: AccountInput,
  { part, parts }: { readonly part: number; readonly parts: number },
  observe: ObservePart,
): Promise<void> {
  const { references } = findings;
  const places = placesOf(references, part, parts);
  await refineAccount(
    places.flatMap((place) => references[place] ?? []),
    {
      findings: inTurns(findings),
      policies,
      store: new FolderStore(job.out),
      reports: offlineReports(job, ENGINE_VERSION),
      catalogue: loadCatalogue(job.catalogue),
      settings: job.settings,
      digest: sha256,
      clock: systemClock,
      runId: 'offline',
      engineVersion: ENGINE_VERSION,
    },
    (outcomes, done) => {
      for (const outcome of outcomes) keepReplay(outcome, job.out);
      observe(
        places[done - 1] ?? 0,
        outcomes.map((outcome) => runRecord(outcome, job.reports)),
      );
    },
  );
}

/** Findings asked for before other threads' messages get their turn. */
const TURN = 25;

/** The work never really waits for anything, so what other threads have to say would only be heard at its end. */
function inTurns(findings: FindingSource): FindingSource {
  let asked = 0;
  return {
    getFinding: async (reference) => {
      asked += 1;
      if (asked % TURN === 0) await new Promise(setImmediate);
      return findings.getFinding(reference);
    },
  };
}

/** Principals are dealt out in turn: neighbours in an account are alike, so the parts are too. */
function placesOf(references: readonly FindingReference[], part: number, parts: number): readonly number[] {
  const places: number[] = [];
  let principals = -1;
  for (const [place, { resource }] of references.entries()) {
    if (resource !== references[place - 1]?.resource) principals += 1;
    if (principals % parts === part) places.push(place);
  }
  return places;
}

/** What the verifier rejected is kept, so that the case can be repeated and reported. */
function keepReplay(outcome: AccountOutcome, out: string): void {
  if (outcome.kind !== 'failed' || outcome.replay === undefined) return;
  const file = path.join(out, failureKey(outcome.findingId));
  makeFolder(path.dirname(file));
  replaceFile(file, `${outcome.replay}\n`);
}
