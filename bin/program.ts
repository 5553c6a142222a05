import { Command, CommanderError } from 'commander';
import { embeddedOrigin } from '../lambda/adapters/catalogue/embedded.ts';
import { InputError } from '../lambda/adapters/files/input-error.ts';
import { ENGINE_VERSION } from '../lambda/runtime/engine-version.ts';
import { registerAccount } from './commands/account.ts';
import { registerApply } from './commands/apply.ts';
import { registerCatalogue } from './commands/catalogue.ts';
import { registerCollect } from './commands/collect.ts';
import { registerDecide } from './commands/decide.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerPolicy } from './commands/policy.ts';
import { registerRecheck } from './commands/recheck.ts';
import { registerShow } from './commands/show.ts';
import { printJson, printStatus } from './output/terminal.ts';

/** The command line with all commands and options. */
export function commandLine(): Command {
  const program = new Command('unused-access-refiner')
    .description('turns IAM Access Analyzer unused-access findings into exact, proven policies')
    .version(versionText())
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        const isHelp = text.startsWith('Usage:');
        write(
          isHelp ? text : `${text.startsWith('error: ') ? 'unused-access-refiner: ' : ''}${oneLine(text)}\n`,
        );
      },
    });
  registerPolicy(program);
  registerAccount(program);
  registerCatalogue(program);
  registerCollect(program);
  registerDoctor(program);
  registerApply(program);
  registerRecheck(program);
  registerShow(program);
  registerDecide(program);
  refuseRepeated(program);
  return program;
}

/** Runs a command, and prints errors. */
export async function runCommandLine(program: Command, args: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (process.exitCode !== 0 && args.includes('--json')) printProblem(program, args, error);
  }
}

/** With `--json`, the error is also printed as JSON on standard output. */
function printProblem(program: Command, args: readonly string[], error: unknown): void {
  const command = program.commands.find((one) => one.name() === args[0]);
  const below = command?.commands.find((one) => one.name() === args[1]);
  const names = [command, below].flatMap((one) => one?.name() ?? []);
  printJson(names.join(' '), { problem: sentenceOf(error) });
}

/** The program's version, and that of the embedded catalogue. */
function versionText(): string {
  const { source, version, date } = embeddedOrigin();
  return `${ENGINE_VERSION} (action catalogue ${source} ${version} of ${date})`;
}

/** Prints the error in one line. @returns 2 if the input or the usage is wrong, 1 for anything else */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  printStatus(`unused-access-refiner: ${sentenceOf(error)}`);
  return error instanceof InputError ? 2 : 1;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? oneLine(error.message) : 'unknown error';
}

/** Commander's messages begin with `error:` and may have several lines. */
function oneLine(text: string): string {
  return text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
}

/**
 * Refuses an option that is given twice, because the first value would be lost silently, unless it takes several
 * values.
 */
function refuseRepeated(parent: Command): void {
  for (const command of parent.commands) {
    refuseRepeated(command);
    for (const option of command.options) {
      const takesSeveral = option.variadic || Array.isArray(option.defaultValue);
      if (takesSeveral || option.isBoolean()) continue;
      let times = 0;
      command.on(`option:${option.name()}`, () => {
        times += 1;
        if (times > 1)
          throw new InputError(`${option.long ?? option.flags} is given twice; it takes one value`);
      });
    }
  }
}
