import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ApplicableProposal, readProposal } from '../../lambda/adapters/iam-writer/read-proposal.ts';
import { ReceiptFile } from '../../lambda/adapters/iam-writer/receipt-file.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { sha256, systemClock } from '../../lambda/adapters/node.ts';
import { countCharacters, renderJson } from '../../lambda/core/model/json.ts';
import { describeStep } from '../../lambda/core/plan/steps.ts';
import { planPermissions } from '../../lambda/core/plan/plan-permissions.ts';
import type { DocumentRef } from '../../lambda/core/plan/schema.ts';
import type { IamWriter } from '../../lambda/ports/apply.ts';
import { applyPlan, type ApplyOutcome } from '../../lambda/use-cases/apply/apply-plan.ts';
import type { Direction } from '../../lambda/use-cases/apply/apply-context.ts';
import { counted } from '../../lambda/report/text/format.ts';
import { printJson, print, printable, printStatus } from '../output/terminal.ts';
import { decidedAgainst, decisionsToday } from './decisions-option.ts';
import {
  openProposalFolder,
  type ProposalFolder,
  RECEIPT,
  receiptInWorkingFolder,
} from './proposal-folder.ts';

interface Options {
  readonly yes?: true;
  readonly dryRun?: true;
  readonly printPolicy?: true;
  readonly json?: true;
  readonly irreversible?: true;
  readonly despiteState?: true;
  readonly despiteWarning?: true;
  readonly receipt?: string;
  readonly decisions?: string;
  readonly wait: number;
}

/**
 * Adds the commands `apply PROPOSAL` and `rollback PROPOSAL`. They are the only part of the program that changes IAM,
 * with the caller's own credentials (the SDK's default chain: environment, profile, single sign-on, …).
 * Exit status: 0 done, 1 refused or failed, 2 the usage or a file is wrong.
 */
export function registerApply(program: Command): void {
  const add = (direction: Direction, description: string): Command =>
    program
      .command(`${direction} <proposal>`)
      .description(
        `${description}: its folder, or s3://bucket/proposals/…/; from the folder of a principal, the newest is taken`,
      )
      .option('--yes', 'do not ask')
      .option('--dry-run', 'check and show the plan, change nothing')
      .option('--json', 'the outcome, as JSON on standard output')
      .option('--print-policy', 'print the least IAM policy that this needs, and do nothing')
      .option(
        '--receipt <file>',
        'where to keep the receipt (default: apply-receipt.json beside the proposal; of one in a bucket, apply-receipt-<id>.json here)',
      )
      .addOption(
        new Option('--wait <seconds>', 'how long to wait until attached policies are in force everywhere')
          .argParser(secondsOf)
          .default(10),
      )
      .action(async (address: string, options: Options) => {
        process.exitCode = await run(direction, address, options);
      });
  add('apply', 'apply a proposal, with your own credentials')
    .option('--irreversible', 'accept what cannot be undone (deleting a password)')
    .option(
      '--despite-state',
      'apply a proposal that is superseded, resolved or withheld, or has a newer rival',
    )
    .option('--despite-warning', 'apply a proposal that has a warning')
    .option(
      '--decisions <file>',
      'what people decided (default: decisions.json, if it exists; of a proposal in a bucket, what is decided there)',
    );
  add('rollback', 'undo an applied proposal');
}

/** Outcomes of a step whose name is not clear to users. */
const OUTCOMES: Readonly<Record<string, string>> = {
  already: 'was so already',
  unanswered: 'done, though no answer came',
};

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds > 600) {
    throw new InvalidArgumentError('expected whole seconds, 600 at most.');
  }
  return seconds;
}

async function run(direction: Direction, address: string, options: Options): Promise<number> {
  try {
    const place = await openProposalFolder(
      address,
      direction === 'apply' ? 'current' : 'applied',
      direction === 'apply' ? decisionsToday(address, options) : [],
    );
    const proposal = await readProposal(place);
    if (options.printPolicy === true) {
      const { subject, plan, documents } = proposal;
      const charactersOf = ({ file }: DocumentRef): number => countCharacters(documents.get(file) ?? null);
      process.stdout.write(`${renderJson(planPermissions({ direction, subject, plan, charactersOf }))}\n`);
      return 0;
    }
    const against = direction === 'apply' ? await decidedAgainst(place.address, options) : [];
    if (against.length > 0) {
      const problems = against.map((why) => `${why}; to apply it, change the decision`);
      const outcome: ApplyOutcome = { kind: 'refused', problems };
      if (options.json === true)
        printJson(direction, outcomeJson(proposal, outcome, receiptOf(place, proposal, options)));
      for (const problem of problems) printStatus(`refused: ${problem}`);
      printStatus('nothing was changed');
      return 1;
    }
    // Only commands that need the AWS SDK load it: that takes longer than refining a role.
    const { writerWithOwnCredentials } = await import('../../lambda/adapters/iam-writer/iam-writer.ts');
    return await execute(direction, proposal, receiptOf(place, proposal, options), options, writerWithOwnCredentials(proposal.subject.arn)); // prettier-ignore
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    printStatus(error.message);
    if (options.json === true) printJson(direction, { problem: error.message });
    return 2;
  }
}

function receiptOf(
  { address }: ProposalFolder,
  { proposalId }: ApplicableProposal,
  { receipt }: Options,
): string {
  if (receipt !== undefined) return receipt;
  return address.startsWith('s3://') ? receiptInWorkingFolder(proposalId) : join(address, RECEIPT);
}

async function execute(
  direction: Direction,
  proposal: ApplicableProposal,
  receipt: string,
  options: Options,
  iam: IamWriter,
): Promise<number> {
  const { plan, subject, proposalId, documents, status } = proposal;
  const mayAsk = process.stdin.isTTY;
  if (options.yes !== true && options.dryRun !== true && !mayAsk) {
    throw new InputError('there is no terminal to ask at; give --yes, or --dry-run to see the plan');
  }
  const say = options.json === true ? printStatus : sayLine;
  showPlan(direction, proposal, say);
  const outcome = await applyPlan(
    {
      direction,
      subject,
      proposalId,
      plan,
      documents,
      status,
      iam,
      digest: sha256,
      pause: (millis) => sleep(millis),
      patience: options.wait * 1_000,
      dryRun: options.dryRun === true,
      overrides: {
        irreversible: options.irreversible === true,
        despiteState: options.despiteState === true,
        despiteWarning: options.despiteWarning === true,
      },
    },
    {
      journal: new ReceiptFile(receipt, proposalId),
      clock: systemClock,
      confirm: async (notes) => {
        for (const note of notes) say(`note: ${note}`);
        return options.yes === true || (await ask(`${direction} this to ${subject.arn}? [y/N] `));
      },
      progress: ({ what, outcome: how }, index, total) => {
        say(`[${String(index + 1)}/${String(total)}] ${OUTCOMES[how] ?? how}: ${what}`);
      },
    },
  );
  if (options.json === true) printJson(direction, outcomeJson(proposal, outcome, receipt));
  return report(direction, outcome, say);
}

/** The output of `--json`: the request, and how it ended. */
function outcomeJson(
  { proposalId, subject }: ApplicableProposal,
  { kind, ...rest }: ApplyOutcome,
  receipt: string,
): Readonly<Record<string, unknown>> {
  return {
    proposalId,
    subject: subject.arn,
    outcome: kind,
    ...rest,
    receipt: existsSync(receipt) ? receipt : null,
  };
}

type Say = (line: string) => void;

function showPlan(direction: Direction, { plan, subject, proposalId }: ApplicableProposal, say: Say): void {
  const steps = direction === 'apply' ? plan.apply : plan.rollback;
  say(`${direction} proposal ${proposalId} for ${subject.arn}: ${counted(steps.length, 'step')}`);
  for (const [index, step] of steps.entries()) {
    say(`  ${String(index + 1)}. ${describeStep(step)}`);
    say(`     ${step.why}`);
  }
}

function report(direction: Direction, outcome: ApplyOutcome, say: Say): number {
  switch (outcome.kind) {
    case 'done':
      for (const note of outcome.notes) say(`note: ${note}`);
      say(
        direction === 'apply'
          ? 'done, and verified: it is as the proposal says'
          : 'done, and verified: it is as before',
      );
      for (const next of outcome.afterwards) say(`next: ${next}`);
      return 0;
    case 'dry-run':
      for (const note of outcome.notes) say(`note: ${note}`);
      say('dry run: everything is as it was analysed; nothing was changed');
      return 0;
    case 'declined':
      printStatus('declined; nothing was changed');
      return 1;
    case 'refused':
      for (const problem of outcome.problems) printStatus(`refused: ${problem}`);
      printStatus('nothing was changed');
      return 1;
    case 'failed':
      printStatus(`failed: ${outcome.problem}`);
      for (const step of outcome.done) printStatus(`  done: ${step}`);
      for (const step of outcome.notDone) printStatus(`  not done: ${step}`);
      printStatus(
        `run the same command again to continue${direction === 'apply' ? ', or rollback to undo it' : ''}`,
      );
      return 1;
    default: {
      const never: never = outcome;
      return never;
    }
  }
}

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

function sayLine(line: string): void {
  print(printable(line));
}
