import path from 'node:path';
import type { Command } from 'commander';
import type { AccountIndex } from '../../lambda/adapters/account/account-index.ts';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { readAccountExport } from '../../lambda/adapters/files/account-export.ts';
import { readCatalogueFile } from '../../lambda/adapters/files/catalogue-file.ts';
import { FolderRepository } from '../../lambda/adapters/files/folder-repository.ts';
import { nameOf } from '../../lambda/adapters/files/read-text.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import type { Decision } from '../../lambda/core/decision/decision.ts';
import { describeCatalogueDrift } from '../../lambda/core/lifecycle/catalogue-drift.ts';
import type { Proposal } from '../../lambda/core/proposal/schema.ts';
import type { DriftState } from '../../lambda/core/lifecycle/proposal-state.ts';
import type { Catalogue } from '../../lambda/core/catalogue/catalogue.ts';
import type { FindingSource } from '../../lambda/ports/findings.ts';
import { isAboutPrincipal } from '../../lambda/ports/proposals.ts';
import {
  judgeWith,
  type Judgement,
  type Rival,
  settleRivals,
} from '../../lambda/use-cases/lifecycle/judge-proposal.ts';
import {
  type Rechecked,
  recheckJson,
  recheckTable,
  type WithheldProposal,
  withheldLines,
  writeRecheckedIndex,
} from '../output/recheck-output.ts';
import { decisionsOn } from '../output/decided.ts';
import { storedEntries } from '../output/stored-entries.ts';
import { printJson, print, printStatus } from '../output/terminal.ts';
import { type AccountFiles, checkAccount, checkCollected, describeAge, namesIn } from './account-files.ts';
import {
  accountsOf,
  catalogueOf,
  catalogueOption,
  checkStandardInput,
  daysOption,
  fromOption,
  type InputOptions,
  loadCatalogue,
} from './common-options.ts';
import { failOnOption, FOUND, isSelected, onlyOption } from './selection.ts';
import { asOfOption, decisionsOption, loadDecisions } from './decisions-option.ts';
import { evidenceNow } from './evidence.ts';
import { unmatchedSelections } from './without-effect.ts';

interface RecheckOptions extends InputOptions {
  readonly out: string;
  readonly catalogue?: string;
  readonly madeWith: readonly string[];
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly only: readonly string[];
  readonly failOn: readonly string[];
  readonly decisions?: string;
  readonly asOf?: string;
}

/**
 * The `recheck` command: judges whether each stored proposal is still current, writes `state.json` beside those that
 * are not, and writes the overview again. Exit status: 0 done; 1 some proposals could not be judged; 2 wrong input; 3
 * see --fail-on.
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
    .addOption(daysOption())
    .requiredOption('--out <folder>', 'where account has written the proposals')
    .addOption(onlyOption())
    .addOption(failOnOption(STATES))
    .addOption(catalogueOption())
    .option(
      '--made-with <file>',
      'a catalogue that proposals were made with, so that new actions can be named; may be repeated',
      (file: string, earlier: readonly string[]) => [...earlier, file],
      [],
    )
    .addOption(decisionsOption())
    .addOption(asOfOption())
    .option('--json', 'the outcome, as JSON on standard output')
    .option('--quiet', 'no table; proposals that could not be judged are still named')
    .action(recheck);
}

/** One export with its findings. */
interface Now {
  readonly policies: AccountIndex;
  readonly findings: FindingSource;
  readonly accountDetails: string;
  /** Unreadable entries, one line each. */
  readonly complaints: readonly string[];
  /** Why findings may be incomplete; undefined if they are not. */
  readonly doubt: string | undefined;
}

interface Looked {
  readonly path: string;
  readonly proposal: Proposal;
  readonly judgement: Extract<Judgement, { readonly kind: 'judged' }>;
}

async function recheck(options: RecheckOptions): Promise<void> {
  checkStandardInput({
    '--account-details': options.accountDetails,
    '--findings': options.findings,
    '--catalogue': options.catalogue,
    '--made-with': options.madeWith.find((file) => file === '-'),
    '--decisions': options.decisions,
  });
  const accounts = accountsOf(options);
  const catalogue = loadCatalogue(catalogueOf(options));
  const known = [embeddedCatalogue(), ...options.madeWith.map(readCatalogueFile)];
  const decisions = loadDecisions(options, options.out);
  const repository = FolderRepository.at(options.out);
  const prefixes = [...repository.prefixes(), ...repository.sharedPrefixes()];
  const complaints: string[] = [];
  const looked: Looked[] = [];
  const arns: string[] = [];
  const left = new Set(prefixes);
  for (const files of accounts) {
    // Only one account at a time is in memory.
    const now = readNow(files, options, catalogue, accounts.length > 1 ? complaints : undefined);
    if (!now) continue;
    complaints.push(...now.complaints);
    const judge = judgeWith({ ...now, catalogue, known });
    for (const prefix of prefixes) {
      const [, accountId = ''] = prefix.split('/');
      if (accounts.length > 1 && !now.policies.accountIds.includes(accountId)) continue;
      left.delete(prefix);
      try {
        const proposal = repository.read(prefix);
        const about = isAboutPrincipal(proposal) ? proposal.principal.arn : undefined;
        if (about !== undefined) arns.push(about);
        // Proposals about shared subjects depend on all holders, so `--only` leaves them out.
        if (options.only.length > 0 && (about === undefined || !isSelected(about, options.only))) continue;
        const judgement = await judge(proposal);
        if (judgement.kind === 'unknown') throw notJudged(prefix, judgement, now, options.out);
        looked.push({ path: prefix, proposal, judgement });
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        complaints.push(error.message);
      }
    }
  }
  for (const prefix of options.only.length > 0 ? [] : left) {
    const [, accountId = ''] = prefix.split('/');
    const why = `${options.from ?? ''} holds no export of account ${accountId}`;
    complaints.push(`${path.join(options.out, prefix)}: not judged: ${why}`);
  }
  const results = resultsOf(looked, decisions);
  for (const { path: prefix, proposal, state, reason } of results) {
    repository.mark(prefix, { schemaVersion: 1, proposalId: proposal.proposalId, state, reason });
  }
  const withheld = withheldIn(repository, options.only, complaints);
  const seen = new Set(results.map(({ path: prefix }) => prefix));
  const unjudged = storedEntries(options.out, (prefix) => seen.has(prefix), decisions);
  complaints.push(...unjudged.complaints.filter((line) => !complaints.includes(line)));
  const accountNames = namesIn(accounts);
  writeRecheckedIndex(options.out, { results, repository, unjudged, decisions, accountNames });
  if (options.json === true) {
    const proposals = results.map((one) => recheckJson(one, accountNames));
    printJson('recheck', { proposals, withheld, problems: complaints });
  } else if (options.quiet !== true) {
    const shared = results.filter(({ proposal }) => !isAboutPrincipal(proposal));
    const others = results.filter(({ proposal }) => isAboutPrincipal(proposal));
    print(recheckTable('proposal', others, process.stdout.columns));
    if (shared.length > 0) print(`\n${recheckTable('shared proposal', shared, process.stdout.columns)}`);
    if (withheld.length > 0) print(`\n${withheldLines(withheld)}`);
  }
  for (const line of [...unmatchedSelections(options.only, arns, 'proposals'), ...complaints])
    printStatus(line);
  if (complaints.length > 0) process.exitCode = 1;
  else if (
    [...results.map(({ state }) => state), ...withheld.map(() => 'withheld')].some((state) =>
      options.failOn.includes(state),
    )
  )
    process.exitCode = FOUND;
}

/** The values of `--fail-on`. */
const STATES: readonly (DriftState | 'withheld')[] = [
  'current',
  'applied',
  'resolved',
  'superseded',
  'withheld',
];

/** The withheld proposals, of which only the reason is stored. */
function withheldIn(
  repository: FolderRepository,
  only: readonly string[],
  complaints: string[],
): readonly WithheldProposal[] {
  return repository.withheldPrefixes().flatMap((prefix) => {
    const [, accountId = '', type = '', name = ''] = prefix.split('/');
    if (!isSelected(`arn:aws:iam::${accountId}:${type}/${name}`, only)) return [];
    try {
      const { proposalId, opinion, reason } = repository.readWithheld(prefix);
      return [{ path: prefix, proposalId, opinion, reason }];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      complaints.push(error.message);
      return [];
    }
  });
}

/**
 * Reads one account.
 * @param complaints receives the errors if there are several accounts, so that the others are still judged
 * @throws InputError that names the file and the position, if there is one account
 */
function readNow(
  files: AccountFiles,
  options: RecheckOptions,
  catalogue: Catalogue,
  complaints: string[] | undefined,
): Now | undefined {
  const { age, problem } = describeAge(files, Date.now());
  if (age !== undefined && options.quiet !== true) printStatus(age);
  if (problem !== undefined) printStatus(problem);
  try {
    checkCollected(files, undefined);
    const policies = readAccountExport(files.accountDetails);
    checkAccount(files, policies);
    const now = evidenceNow(options, files, policies, catalogue);
    const name = nameOf(files.accountDetails);
    return {
      policies,
      findings: now.source,
      accountDetails: name,
      doubt: now.doubt,
      complaints: [...policies.faults.map((fault) => `${name}: ${fault}`), ...now.complaints],
    };
  } catch (error) {
    if (!(error instanceof InputError) || !complaints) throw error;
    complaints.push(error.message);
    return undefined;
  }
}

function notJudged(
  prefix: string,
  { by, reason }: Extract<Judgement, { readonly kind: 'unknown' }>,
  { accountDetails }: Now,
  out: string,
): InputError {
  const [, accountId = ''] = prefix.split('/');
  return new InputError(
    by === 'finding'
      ? `${path.join(out, prefix)}: not judged: ${reason}`
      : `${path.join(out, prefix)}: not judged by ${accountDetails}: ${reason}; export account ${accountId}, without --filter`,
  );
}

/** The results in the same order, after proposals about the same subject were compared. */
function resultsOf(looked: readonly Looked[], decisions: readonly Decision[]): readonly Rechecked[] {
  const rivals: Rival[] = looked.flatMap(({ proposal, judgement: { verdict } }) =>
    isAboutPrincipal(proposal) ? [{ proposal, verdict }] : [],
  );
  const settled = new Map(settleRivals(rivals).map((verdict, place) => [rivals[place]?.proposal, verdict]));
  return looked.map(({ path: prefix, proposal, judgement }) => {
    const known = isAboutPrincipal(proposal) ? settled.get(proposal) : undefined;
    const { state, reason, remarks } = known ?? judgement.verdict;
    const catalogue = state === judgement.verdict.state ? judgement.catalogue : undefined;
    const clause = catalogue && describeCatalogueDrift(catalogue);
    const hint = catalogue?.newActions === null ? '; give the catalogue it was made with to see which' : '';
    const grown = clause === undefined ? [] : [{ kind: 'catalogue-grew' as const, text: clause + hint }];
    const decided = state === 'current' ? decisionsOn(proposal, decisions) : [];
    return {
      path: prefix,
      proposal,
      state,
      reason,
      remarks: [...remarks, ...grown],
      catalogue,
      decisions: decided,
    };
  });
}
