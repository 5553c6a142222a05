import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { type ApplicableProposal, readProposal } from '../../lambda/adapters/iam-writer/read-proposal.ts';
import { ReceiptFile } from '../../lambda/adapters/iam-writer/receipt-file.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import { systemClock } from '../../lambda/adapters/node.ts';
import { describeStep } from '../../lambda/core/plan/describe-step.ts';
import type { IamWriter } from '../../lambda/ports/apply.ts';
import { applyPlan, type ApplyOutcome } from '../../lambda/use-cases/apply/apply-plan.ts';
import type { Direction } from '../../lambda/use-cases/apply/apply-context.ts';

interface Options {
  readonly yes?: true;
  readonly dryRun?: true;
  readonly irreversible?: true;
  readonly receipt?: string;
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
      .description(description)
      .option('--yes', 'do not ask')
      .option('--dry-run', 'check and show the plan, change nothing')
      .option(
        '--receipt <file>',
        'where to keep the receipt (default: apply-receipt.json beside the proposal)',
      )
      .action(async (path: string, options: Options) => {
        process.exitCode = await run(direction, path, options);
      });
  add('apply', 'put a proposal in place, with your own credentials').option(
    '--irreversible',
    'accept what cannot be taken back (deleting a password)',
  );
  add('rollback', 'take an applied proposal back');
}

async function run(direction: Direction, path: string, options: Options): Promise<number> {
  try {
    const proposal = readProposal(path);
    // The AWS SDK is loaded by the commands that need it: loading it takes longer than refining a role.
    const { writerWithOwnCredentials } = await import('../../lambda/adapters/iam-writer/own-credentials.ts');
    return await execute(direction, proposal, options, writerWithOwnCredentials());
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    complain(error.message);
    return 2;
  }
}

async function execute(
  direction: Direction,
  proposal: ApplicableProposal,
  options: Options,
  iam: IamWriter,
): Promise<number> {
  const { plan, principal, proposalId, documents } = proposal;
  const mayAsk = process.stdin.isTTY;
  if (options.yes !== true && options.dryRun !== true && !mayAsk) {
    throw new InputError('there is no terminal to ask at; give --yes, or --dry-run to see the plan');
  }
  showPlan(direction, proposal);
  const outcome = await applyPlan(
    {
      direction,
      principal,
      proposalId,
      plan,
      documents,
      iam,
      digest: sha256,
      pause: (millis) => sleep(millis),
      dryRun: options.dryRun === true,
      irreversible: options.irreversible === true,
    },
    {
      journal: new ReceiptFile(options.receipt ?? join(proposal.folder, 'apply-receipt.json'), proposalId),
      clock: systemClock,
      confirm: async () =>
        options.yes === true || (await ask(`${direction} this to ${principal.arn}? [y/N] `)),
      progress: ({ what, outcome: how }, index, total) => {
        say(`[${String(index + 1)}/${String(total)}] ${how === 'already' ? 'was so already' : how}: ${what}`);
      },
    },
  );
  return report(direction, outcome);
}

function showPlan(direction: Direction, { plan, principal, proposalId }: ApplicableProposal): void {
  const steps = direction === 'apply' ? plan.apply : plan.rollback;
  say(`${direction} proposal ${proposalId} for ${principal.arn}: ${String(steps.length)} steps`);
  for (const [index, step] of steps.entries()) {
    say(`  ${String(index + 1)}. ${describeStep(step)}`);
    say(`     ${step.why}`);
  }
}

function report(direction: Direction, outcome: ApplyOutcome): number {
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
      say('dry run: everything is as it was analysed; nothing was changed');
      return 0;
    case 'declined':
      complain('declined; nothing was changed');
      return 1;
    case 'refused':
      for (const problem of outcome.problems) complain(`refused: ${problem}`);
      complain('nothing was changed');
      return 1;
    case 'failed':
      complain(`failed: ${outcome.problem}`);
      for (const step of outcome.done) complain(`  done: ${step}`);
      for (const step of outcome.notDone) complain(`  not done: ${step}`);
      complain(
        `run the same command again to go on${direction === 'apply' ? ', or rollback to take it back' : ''}`,
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

function say(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** A proposal is a file from elsewhere: nothing in it may steer the terminal. */
function printable(line: string): string {
  return line.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}
