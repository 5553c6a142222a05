import path from 'node:path';
import type { Command } from 'commander';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { readAccountExport } from '../../lambda/adapters/files/account-export.ts';
import { readCatalogueFile } from '../../lambda/adapters/files/catalogue-file.ts';
import { FindingsFiles } from '../../lambda/adapters/files/findings-files.ts';
import { FolderRepository } from '../../lambda/adapters/files/folder-repository.ts';
import { replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { explain } from '../../lambda/adapters/files/read-text.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import { INDEX_OBJECT } from '../../lambda/contract/object-keys.ts';
import { describeCatalogueDrift } from '../../lambda/core/lifecycle/catalogue-drift.ts';
import { AdapterError } from '../../lambda/ports/system.ts';
import { renderIndex } from '../../lambda/report/run/index-page.ts';
import { type RunEntry, runEntry } from '../../lambda/report/run/run-overview.ts';
import { ENGINE_VERSION } from '../../lambda/runtime/engine-version.ts';
import {
  judgeProposal,
  type Judgement,
  settleRivals,
} from '../../lambda/use-cases/lifecycle/judge-proposal.ts';
import { plainShared, type SharedRechecked, recheckShared, sharedRecheckTable } from './recheck-shared.ts';
import { type Rechecked, recheckTable } from '../output/recheck-table.ts';
import { show, tell } from '../output/terminal.ts';
import { catalogueOption, loadCatalogue } from './common-options.ts';

interface RecheckOptions {
  readonly accountDetails: string;
  readonly findings: string;
  readonly out: string;
  readonly catalogue?: string;
  readonly madeWith: readonly string[];
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/**
 * `recheck`: says of every stored proposal whether it is still current. Writes `state.json` beside those that are not,
 * and the overview anew. Exit status: 0 done, whatever came out; 1 some proposals could not be judged; 2 wrong input.
 */
export function registerRecheck(program: Command): void {
  program
    .command('recheck')
    .description('say which stored proposals are still current, and mark those that are not')
    .requiredOption(
      '--account-details <file>',
      'output of aws iam get-account-authorization-details, as it is now',
    )
    .requiredOption('--findings <file-or-folder>', 'get-finding-v2 responses, as they are now')
    .requiredOption('--out <folder>', 'where account has put the proposals')
    .addOption(catalogueOption())
    .option(
      '--made-with <file>',
      'a catalogue that proposals were made with, so that new actions can be named; may be repeated',
      (file: string, earlier: readonly string[]) => [...earlier, file],
      [],
    )
    .option('--json', 'what came out, as a JSON array on standard output')
    .option('--quiet', 'no table; what could not be judged is still said')
    .action(recheck);
}

interface Looked {
  readonly prefix: string;
  readonly entry: RunEntry;
  readonly judgement: Judgement;
}

async function recheck(options: RecheckOptions): Promise<void> {
  const policies = readAccountExport(options.accountDetails);
  const findings = FindingsFiles.from(options.findings, null);
  const catalogue = loadCatalogue(options.catalogue);
  const known = [embeddedCatalogue(), ...options.madeWith.map(readCatalogueFile)];
  const repository = FolderRepository.at(options.out);
  const complaints: string[] = [];
  const looked: Looked[] = [];
  for (const prefix of repository.prefixes()) {
    try {
      const proposal = repository.read(prefix);
      if (!policies.covers(proposal.principal)) throw notCovered(proposal.principal, prefix, options);
      const entry = runEntry(proposal, { folder: prefix, hasReport: repository.hasReport(prefix) }, sha256);
      looked.push({
        prefix,
        entry,
        judgement: await judgeProposal(proposal, { policies, findings, catalogue, known }),
      });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      complaints.push(error.message);
    }
  }
  const judged = settleRivals(looked.map(({ judgement }) => judgement));
  const results = looked.map(({ prefix, entry }, place) => resultOf(prefix, entry, judged[place]));
  for (const { path: prefix, proposalId, state, reason } of results) {
    repository.mark(prefix, { schemaVersion: 1, proposalId, state, reason });
  }
  const shared = await recheckShared({ ...options, repository, policies, findings });
  writeIndex(options.out, results, shared.results);
  if (options.json === true) {
    const all = [...results.map(plain), ...shared.results.map(plainShared)];
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  }
  if (options.quiet !== true) {
    show(recheckTable(results, process.stderr.columns));
    const table = sharedRecheckTable(shared.results, process.stderr.columns);
    if (table !== undefined) show(`\n${table}`);
  }
  for (const line of [...complaints, ...shared.complaints]) tell(line);
  if (complaints.length + shared.complaints.length > 0) process.exitCode = 1;
}

/** An export that lacks all of a kind says nothing about one of them. */
function notCovered(
  { type, accountId, arn }: RunEntry['principal'],
  prefix: string,
  { accountDetails, out }: RecheckOptions,
): InputError {
  return new InputError(
    `${path.join(out, prefix)}: not judged: ${accountDetails} holds no ${type} of account ${accountId}, so it cannot tell whether ${arn} is gone; export that account, without --filter`,
  );
}

function resultOf(prefix: string, entry: RunEntry, judgement: Judgement | undefined): Rechecked {
  if (!judgement) throw new TypeError('every proposal has its judgement');
  const { verdict, catalogue, proposalId } = judgement;
  const clause = catalogue && describeCatalogueDrift(catalogue);
  const hint = catalogue?.newActions === null ? '; give the catalogue it was made with to see which' : '';
  const remarks = [
    ...verdict.remarks,
    ...(clause === undefined ? [] : [{ kind: 'catalogue-grew' as const, text: clause + hint }]),
  ];
  return {
    path: prefix,
    proposalId,
    entry,
    state: verdict.state,
    reason: verdict.reason,
    remarks,
    catalogue,
  };
}

/** What `--json` prints of one proposal. */
function plain({ path: prefix, proposalId, entry, state, reason, remarks, catalogue }: Rechecked): object {
  return {
    path: prefix,
    proposalId,
    principal: entry.principal.arn,
    kind: entry.kind,
    state,
    reason,
    remarks,
    catalogue: catalogue ?? null,
  };
}

/** @throws AdapterError that names the file; the states are written by then */
function writeIndex(out: string, results: readonly Rechecked[], shared: readonly SharedRechecked[]): void {
  const file = path.join(out, INDEX_OBJECT);
  const page = renderIndex({
    // Runs with several catalogues and settings may lie here together.
    catalogue: null,
    generalize: null,
    engineVersion: ENGINE_VERSION,
    entries: results.map(({ entry, state, reason, remarks }) => ({
      ...entry,
      ...(state === 'current' ? {} : { state: { name: state, reason } }),
      ...(remarks.length === 0 ? {} : { remarks: remarks.map(({ text }) => text) }),
    })),
    others: [],
    shared: shared.map(({ entry }) => entry),
  });
  try {
    replaceFile(file, page);
  } catch (error) {
    throw new AdapterError(`${file}: ${explain(error)}`, 'permanent', 'unavailable', { cause: error });
  }
}
