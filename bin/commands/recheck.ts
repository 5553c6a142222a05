import path from 'node:path';
import type { Command } from 'commander';
import type { AccountIndex } from '../../lambda/adapters/account/account-index.ts';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { readAccountExport } from '../../lambda/adapters/files/account-export.ts';
import { readCatalogueFile } from '../../lambda/adapters/files/catalogue-file.ts';
import { FindingsFiles } from '../../lambda/adapters/files/findings-files.ts';
import { FolderRepository } from '../../lambda/adapters/files/folder-repository.ts';
import { replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { explain, nameOf } from '../../lambda/adapters/files/read-text.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import { INDEX_OBJECT } from '../../lambda/contract/object-keys.ts';
import type { Catalogue } from '../../lambda/core/catalogue/catalogue.ts';
import { describeCatalogueDrift } from '../../lambda/core/lifecycle/catalogue-drift.ts';
import type { FindingSource } from '../../lambda/ports/findings.ts';
import { AdapterError } from '../../lambda/ports/system.ts';
import { renderIndex } from '../../lambda/report/run/index-page.ts';
import { type RunEntry, runEntry } from '../../lambda/report/run/run-overview.ts';
import { ENGINE_VERSION } from '../../lambda/runtime/engine-version.ts';
import {
  judgeProposal,
  type Judgement,
  referenceOf,
  settleRivals,
} from '../../lambda/use-cases/lifecycle/judge-proposal.ts';
import { type Rechecked, recheckTable } from '../output/recheck-table.ts';
import { type StoredEntries, storedEntries } from '../output/stored-entries.ts';
import { show, tell } from '../output/terminal.ts';
import type { AccountFiles } from './account-files.ts';
import {
  accountsOf,
  catalogueOption,
  checkStandardInput,
  fromOption,
  type InputOptions,
  loadCatalogue,
} from './common-options.ts';
import { plainShared, type SharedRechecked, recheckShared, sharedRecheckTable } from './recheck-shared.ts';

interface RecheckOptions extends InputOptions {
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
    .option('--account-details <file>', 'output of aws iam get-account-authorization-details, as it is now')
    .option(
      '--findings <file-or-folder>',
      'get-finding-v2 responses, as they are now, and the answer of list-findings-v2 beside them',
    )
    .addOption(fromOption())
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

/** One export with the findings about it. */
interface Now {
  readonly policies: AccountIndex;
  readonly findings: FindingSource;
  readonly accountDetails: string;
}

interface Looked {
  readonly prefix: string;
  readonly entry: RunEntry;
  readonly judgement: Judgement;
}

async function recheck(options: RecheckOptions): Promise<void> {
  checkStandardInput({
    '--account-details': options.accountDetails,
    '--findings': options.findings,
    '--catalogue': options.catalogue,
    '--made-with': options.madeWith.find((file) => file === '-'),
  });
  const accounts = accountsOf(options);
  const catalogue = loadCatalogue(options.catalogue);
  const known = [embeddedCatalogue(), ...options.madeWith.map(readCatalogueFile)];
  const repository = FolderRepository.at(options.out);
  const prefixes = repository.prefixes();
  const sharedPrefixes = repository.sharedPrefixes();
  const complaints: string[] = [];
  const looked: Looked[] = [];
  const shared: SharedRechecked[] = [];
  const left = new Set([...prefixes, ...sharedPrefixes]);
  for (const files of accounts) {
    // One account at a time is in memory.
    const now = readNow(files, accounts.length > 1 ? complaints : undefined);
    if (!now) continue;
    const isOurs = (prefix: string): boolean =>
      accounts.length === 1 || now.policies.accountIds.includes(prefix.split('/')[1] ?? '');
    const [ours, sharedOurs] = [prefixes.filter(isOurs), sharedPrefixes.filter(isOurs)];
    for (const prefix of [...ours, ...sharedOurs]) left.delete(prefix);
    for (const prefix of ours) {
      try {
        looked.push(await look(prefix, repository, now, { catalogue, known, out: options.out }));
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        complaints.push(error.message);
      }
    }
    const judged = await recheckShared({ ...now, out: options.out, repository, prefixes: sharedOurs });
    shared.push(...judged.results);
    complaints.push(...judged.complaints);
  }
  for (const prefix of left) {
    const [, accountId = ''] = prefix.split('/');
    const why = `${options.from ?? ''} holds no export of account ${accountId}`;
    complaints.push(`${path.join(options.out, prefix)}: not judged: ${why}`);
  }
  const judged = settleRivals(looked.map(({ judgement }) => judgement));
  const results = looked.map(({ prefix, entry }, place) => resultOf(prefix, entry, judged[place]));
  for (const { path: prefix, proposalId, state, reason } of results) {
    repository.mark(prefix, { schemaVersion: 1, proposalId, state, reason });
  }
  const seen = new Set([...results, ...shared].map(({ path: prefix }) => prefix));
  const unjudged = storedEntries(options.out, (prefix) => seen.has(prefix));
  complaints.push(...unjudged.complaints.filter((line) => !complaints.includes(line)));
  writeIndex(options.out, results, shared, unjudged);
  if (options.json === true) {
    const all = [...results.map(plain), ...shared.map(plainShared)];
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  }
  if (options.quiet !== true) {
    show(recheckTable(results, process.stderr.columns));
    const table = sharedRecheckTable(shared, process.stderr.columns);
    if (table !== undefined) show(`\n${table}`);
  }
  for (const line of complaints) tell(line);
  if (complaints.length > 0) process.exitCode = 1;
}

/**
 * @param complaints where it is one of several: what is wrong with it is said there, and the others go on
 * @throws InputError that names the file and the place
 */
function readNow(
  { accountDetails, findings }: AccountFiles,
  complaints: string[] | undefined,
): Now | undefined {
  try {
    return {
      policies: readAccountExport(accountDetails),
      findings: FindingsFiles.from(findings, null).whole,
      accountDetails: nameOf(accountDetails),
    };
  } catch (error) {
    if (!(error instanceof InputError) || !complaints) throw error;
    complaints.push(error.message);
    return undefined;
  }
}

/** @throws InputError where the proposal cannot be read, or not be judged */
async function look(
  prefix: string,
  repository: FolderRepository,
  { policies, findings, accountDetails }: Now,
  {
    catalogue,
    known,
    out,
  }: { readonly catalogue: Catalogue; readonly known: readonly Catalogue[]; readonly out: string },
): Promise<Looked> {
  const proposal = repository.read(prefix);
  const notJudged = (why: string): InputError =>
    new InputError(`${path.join(out, prefix)}: not judged: ${why}`);
  const { type, accountId, arn } = proposal.principal;
  if (!policies.covers(proposal.principal)) {
    // An export that lacks all of a kind says nothing about one of them.
    throw notJudged(
      `${accountDetails} holds no ${type} of account ${accountId}, so it cannot tell whether ${arn} is gone; export that account, without --filter`,
    );
  }
  const judgement = await judgeProposal(proposal, { policies, findings, catalogue, known });
  const finding = await findings.getFinding(referenceOf(proposal));
  // Whether it is current stands and falls with what the finding says now.
  if (judgement.verdict.state === 'current' && finding.kind === 'unreadable') throw notJudged(finding.reason);
  const entry = runEntry(proposal, { folder: prefix, hasReport: repository.hasReport(prefix) }, sha256);
  return { prefix, entry, judgement };
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
function writeIndex(
  out: string,
  results: readonly Rechecked[],
  shared: readonly SharedRechecked[],
  unjudged: StoredEntries,
): void {
  const file = path.join(out, INDEX_OBJECT);
  const page = renderIndex({
    // Runs with several catalogues and settings may lie here together.
    catalogue: null,
    generalize: null,
    engineVersion: ENGINE_VERSION,
    entries: [
      ...results.map(({ entry, state, reason, remarks }) => ({
        ...entry,
        ...(state === 'current' ? {} : { state: { name: state, reason } }),
        ...(remarks.length === 0 ? {} : { remarks: remarks.map(({ text }) => text) }),
      })),
      ...unjudged.entries.map((entry) => ({
        ...entry,
        remarks: [...(entry.remarks ?? []), 'not judged when the others were'],
      })),
    ],
    others: [],
    shared: [...shared.map(({ entry }) => entry), ...unjudged.shared],
  });
  try {
    replaceFile(file, page);
  } catch (error) {
    throw new AdapterError(`${file}: ${explain(error)}`, 'permanent', 'unavailable', { cause: error });
  }
}
