import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DecisionsFile, DECISIONS_FILE } from '../../lambda/adapters/files/decisions-file.ts';
import { replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { readText } from '../../lambda/adapters/files/read-text.ts';
import { systemClock } from '../../lambda/adapters/node.ts';
import { REPORT_OBJECT } from '../../lambda/contract/object-keys.ts';
import { type Decision, decisionPhrase, levelsIn } from '../../lambda/core/decision/decision.ts';
import { keptAmong } from '../../lambda/core/decision/kept-by-decision.ts';
import type { Proposal } from '../../lambda/core/proposal/schema.ts';
import { NO_RISK } from '../../lambda/core/risk/risk.ts';
import type { DecisionStore } from '../../lambda/ports/decisions.ts';
import { stampDecision } from '../../lambda/report/proposal/sections/card.ts';
import { applyView } from '../../lambda/report/proposal/how-to-apply.ts';
import { namedAccount } from '../../lambda/report/text/wording.ts';
import { archiveCommand } from '../../lambda/report/text/shell.ts';
import { isDay } from '../../lambda/stored/decisions.ts';
import { recordDecision } from '../../lambda/use-cases/decisions/record-decision.ts';
import { printJson, printStatus } from '../output/terminal.ts';
import { checkKeepList } from './common-options.ts';
import { decisionsToday, outsideOf } from './decisions-option.ts';
import { findProposal } from './proposal-folder.ts';

interface DecideOptions {
  readonly accept?: true;
  readonly reject?: true;
  readonly keep?: readonly string[];
  readonly reason: string;
  readonly until?: string;
  readonly unless: 'changed' | 'riskier' | 'never';
  readonly by?: string;
  readonly decisions?: string;
  readonly json?: true;
}

/** The `decide` command: records what a person decided about a proposal. It changes nothing in IAM. */
export function registerDecide(program: Command): void {
  program
    .command('decide <proposal>')
    .description('record a decision about a proposal: a folder, or s3://bucket/proposals/…/')
    .option('--accept', 'approve it; nothing is changed in IAM')
    .option('--reject', 'do not propose it again')
    .option('--keep <pattern...>', 'actions that its principal, policy or group keeps')
    .requiredOption('--reason <text>', 'why, in one line')
    .addOption(
      new Option('--until <date>', 'the last day on which it holds (default: for good)').argParser(readDay),
    )
    .addOption(
      new Option('--unless <change>', 'with --reject: what has to change before it is proposed again')
        .choices(['changed', 'riskier', 'never'])
        .default('riskier'),
    )
    .option(
      '--by <name>',
      'who decides (default: your user name; for decisions in a bucket, the ARN of the caller)',
    )
    .option(
      '--decisions <file>',
      `where decisions are kept (default: ${DECISIONS_FILE}; of a proposal in a bucket, decisions/<accountId>.json there)`,
    )
    .option('--json', 'what was recorded, as JSON on standard output')
    .action(decide);
}

function readDay(text: string): string {
  if (isDay(text)) return text;
  throw new InvalidArgumentError('expected a day as 2026-11-29.');
}

async function decide(address: string, options: DecideOptions): Promise<void> {
  const { proposal, address: folder } = await findProposal(address, decidedSoFar(address, options));
  const by = options.by ?? (await whoDecides(folder, options));
  const decision = decisionOf(proposal, { ...options, by });
  const { store, place } = await storeFor(proposal, folder, options);
  await recordDecision(store, decision);
  const phrase = decisionPhrase(decision);
  const { type, name, arn, accountId } = 'subject' in proposal ? proposal.subject : proposal.principal;
  printStatus(`${type} ${name}, account ${namedAccount(accountId, proposal.accountName)}: ${phrase}`);
  printStatus(`recorded in ${place}${options.by === undefined ? byWhom(by, place) : ''}`);
  for (const pattern of unmatchedKeepEntries(proposal, decision)) {
    printStatus(`--keep ${pattern}: matches nothing that this proposal removes; it is recorded all the same`);
  }
  stampReport(folder, phrase);
  printStatus(whatNext(decision, folder, proposal));
  const commands = decision.decision === 'reject' ? archiveCommand(proposal) : [];
  if (options.json === true) {
    const { accountName } = proposal;
    printJson('decide', { place, subject: arn, accountName, decision, archive: commands });
  }
  if (options.json === true || commands.length === 0) return;
  printStatus('The finding stays active. This archives it, if you want that:');
  process.stdout.write(`${commands.join('\n')}\n`);
}

/** The decisions so far; the file need not exist yet. */
function decidedSoFar(address: string, { decisions }: DecideOptions): readonly Decision[] {
  return decisions !== undefined && !existsSync(decisions) ? [] : decisionsToday(address, { decisions });
}

/** Says who is recorded as the decider, and why, if `--by` was not given. */
function byWhom(by: string, place: string): string {
  return place.startsWith('s3://')
    ? `, decided by ${by}: the caller of these credentials`
    : `, decided by ${by}: your user name on this machine; --by names somebody else`;
}

/** What the decision means, and what is left to do. */
function whatNext(decision: Decision, folder: string, proposal: Proposal): string {
  const run = folder.startsWith('s3://') ? 'sweep' : 'run of account';
  switch (decision.decision) {
    case 'accept':
      return `Nothing has been changed in IAM. To apply it: ${applyView(proposal, folder).guarded}`;
    case 'keep':
      return `The next ${run} proposes the rest. Until then, apply refuses this proposal.`;
    case 'reject':
      return `The next ${run} does not propose it again${AGAIN[decision.unless ?? 'never']}. apply refuses it.`;
    default:
      return decision satisfies never;
  }
}

/** The end of a sentence that says when a rejected change is proposed again, by the value of `unless`. */
const AGAIN = {
  riskier: ', unless it also removes actions of another access level or of high impact',
  changed: ', unless its documents change',
  never: '',
} as const;

/** Patterns that have no effect on this proposal, usually because of a typing error. */
function unmatchedKeepEntries(proposal: Proposal, decision: Decision): readonly string[] {
  if (decision.decision !== 'keep' || !('policies' in proposal)) return [];
  const removed = proposal.policies.flatMap((policy) => policy.removed);
  return decision.keep.filter(
    (pattern) => keptAmong(removed, { patterns: [pattern], reasons: new Map() }).length === 0,
  );
}

/** The default decider: the caller's ARN for a bucket, the user of this machine for a file. */
async function whoDecides(folder: string, { decisions }: DecideOptions): Promise<string> {
  if (!folder.startsWith('s3://') || decisions !== undefined) return os.userInfo().username;
  const { makeStsClient } = await import('../../lambda/adapters/aws/sdk/clients.ts');
  const { identifyCaller } = await import('../../lambda/adapters/aws/sdk/caller.ts');
  return (await identifyCaller(makeStsClient(), {})).arn;
}

/** @throws InputError if the options contradict each other or decide nothing */
function decisionOf(proposal: Proposal, options: DecideOptions & { readonly by: string }): Decision {
  const { accept, reject, keep = [], reason, until, unless } = options;
  const chosen = [accept === true, reject === true, keep.length > 0].filter(Boolean).length;
  if (chosen !== 1) throw new InputError('give one of --accept, --reject and --keep <pattern…>');
  const on = systemClock.now().slice(0, 10);
  if (until !== undefined && until < on) throw new InputError(`--until ${until} is over already`);
  const common = {
    about: 'subject' in proposal ? proposal.subject.arn : proposal.principal.arn,
    reason: oneLine(reason, '--reason'),
    by: oneLine(options.by, '--by'),
    on,
    ...(until === undefined ? {} : { until }),
  };
  if (keep.length > 0) {
    if (!('summary' in proposal)) {
      throw new InputError(
        `the proposal is of the kind ${proposal.kind}: there is nothing of it to keep; reject it`,
      );
    }
    return { ...common, decision: 'keep', keep: checkKeepList(keep, '--keep') };
  }
  const { proposalId, kind } = proposal;
  const { levels, highImpact } = proposal.risk?.removed ?? NO_RISK;
  const about = { proposalId, kind, levels: levelsIn(levels), highImpact };
  if (accept === true) return { ...common, decision: 'accept', proposal: about };
  return { ...common, decision: 'reject', proposal: about, ...(unless === 'never' ? {} : { unless }) };
}

function oneLine(text: string, option: string): string {
  const line = text.trim();
  if (line === '' || /[\u0000-\u001f\u007f]/.test(line))
    throw new InputError(`${option}: expected one line of text`);
  return line;
}

async function storeFor(
  proposal: Proposal,
  folder: string,
  { decisions }: DecideOptions,
): Promise<{ readonly store: DecisionStore; readonly place: string }> {
  const [, bucket] = /^s3:\/\/([^/]+)\//.exec(folder) ?? [];
  if (bucket === undefined || decisions !== undefined) {
    const file = decisions ?? DECISIONS_FILE;
    // A proposal is five folders below `--out`.
    if (bucket === undefined) outsideOf(path.join(folder, '..', '..', '..', '..', '..'), file);
    return { store: new DecisionsFile(file), place: file };
  }
  const { accountId } = 'subject' in proposal ? proposal.subject : proposal.principal;
  const { objectsForCaller } = await import('../../lambda/adapters/aws/s3/objects.ts');
  const { S3DecisionStore } = await import('../../lambda/adapters/aws/s3/decisions.ts');
  return {
    store: new S3DecisionStore(objectsForCaller(bucket, process.env), accountId),
    place: `s3://${bucket}/decisions/${accountId}.json`,
  };
}

/** Shows the decision in the report. A report in a bucket is not changed; there the overview shows it. */
function stampReport(folder: string, phrase: string): void {
  const report = path.join(folder, REPORT_OBJECT);
  if (folder.startsWith('s3://') || !existsSync(report)) return;
  replaceFile(report, stampDecision(readText(report), phrase));
}
