import { type Command, Option } from 'commander';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { denialsQuery } from '../../lambda/report/proposal/denials-query.ts';
import { renderData } from '../../lambda/core/proposal/to-json.ts';
import { renderDiff } from '../../lambda/report/text/unified-diff.ts';
import { IAC_FORMATS, IAC_NAME, type IacFormat, renderIac } from '../../lambda/report/iac/render-iac.ts';
import { renderCommands } from '../../lambda/report/proposal/how-to-apply.ts';
import { renderMarkdown } from '../../lambda/report/proposal/markdown.ts';
import { renderSummary } from '../../lambda/report/proposal/summary-text.ts';
import { decisionsOn } from '../output/decided.ts';
import { decisionsOption, decisionsToday } from './decisions-option.ts';
import { findProposal, type FoundProposal } from './proposal-folder.ts';

const FORMATS = [...IAC_FORMATS, 'commands', 'denials', 'diff', 'markdown'] as const;
type Format = (typeof FORMATS)[number];

interface ShowOptions {
  readonly format?: Format;
  readonly decisions?: string;
  readonly json?: true;
}

interface Shown extends FoundProposal {
  /** The decisions about it, one clause each. */
  readonly decisions: readonly string[];
}

/** The `show` command: prints a stored proposal in another format. */
export function registerShow(program: Command): void {
  program
    .command('show <proposal>')
    .description('print a proposal: a folder, or s3://bucket/proposals/…/, read with your own credentials')
    .addOption(new Option('--format <format>', 'what to print (default: a summary)').choices(FORMATS))
    .addOption(decisionsOption())
    .option('--json', 'the whole proposal with its state and what was decided about it, as JSON')
    .action(async (address: string, options: ShowOptions) => {
      const { format, json } = options;
      if (format !== undefined && json === true) {
        throw new InputError('--format and --json cannot be given together');
      }
      const decided = decisionsToday(address, options);
      const proposal = await findProposal(address, decided);
      const found = { ...proposal, decisions: decisionsOn(proposal.proposal, decided) };
      process.stdout.write(json === true ? renderWhole(found) : render(found, format));
    });
}

/** The proposal as JSON. Numbers in policy documents keep their author's spelling. */
function renderWhole({ proposal, state, address, decisions }: Shown): string {
  const members = { address, state: state ?? null, decisions, proposal };
  return `${renderData({ schemaVersion: 1, command: 'show', ...members })}\n`;
}

function render(found: Shown, format: Format | undefined): string {
  const { proposal, address } = found;
  switch (format) {
    case undefined:
      return renderSummary(proposal, found);
    case 'commands':
      return renderCommands(proposal, address);
    case 'denials':
      return denialsOf(found);
    case 'diff':
      return renderDiff(proposal.policies);
    case 'markdown':
      return renderMarkdown(proposal);
    case 'terraform':
    case 'cloudformation':
    case 'cdk':
      return codeOf(found, format);
    default:
      return format satisfies never;
  }
}

/** @throws InputError if applying it causes no denials that CloudTrail would record */
function denialsOf({ proposal, address }: FoundProposal): string {
  const query = denialsQuery(proposal);
  if (query === undefined) {
    throw new InputError(
      `${address}: CloudTrail records nothing of calls with an inactive key or without a password (${proposal.kind})`,
    );
  }
  return query;
}

/** @throws InputError if the proposal has no such format */
function codeOf({ proposal, address }: FoundProposal, format: IacFormat): string {
  const none = `${address}: has no form in ${IAC_NAME[format]}`;
  if ('subject' in proposal) {
    throw new InputError(`${none}, as it is about a shared policy or a group; use --format commands`);
  }
  if (proposal.kind !== 'refine-permissions') {
    throw new InputError(`${none}, as it changes no policy (${proposal.kind}); use --format commands`);
  }
  return renderIac(proposal, format);
}
