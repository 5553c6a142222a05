import path from 'node:path';
import { type Command, Option } from 'commander';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { type PolicyFile, readPolicyFile } from '../../lambda/adapters/files/policy-file.ts';
import { nameOf } from '../../lambda/adapters/files/read-text.ts';
import { readUnusedFile } from '../../lambda/adapters/files/unused-file.ts';
import { DEFAULT_QUOTAS } from '../../lambda/core/fit/quotas.ts';
import { countCharacters, type JsonObject, renderJson } from '../../lambda/core/model/json.ts';
import { refineDocument, type RefineDocumentResult } from '../../lambda/core/proposal/refine-document.ts';
import { renderData } from '../../lambda/core/proposal/to-json.ts';
import { rewritePolicyText } from '../../lambda/json/rewrite-policy-text.ts';
import { count } from '../../lambda/core/model/wording.ts';
import { unifiedDiff } from '../../lambda/report/text/unified-diff.ts';
import { printStatus } from '../output/terminal.ts';
import {
  catalogueOption,
  checkKeepList,
  checkStandardInput,
  generalizeOption,
  starOption,
  keepOption,
  unmatchedKeepEntries,
  loadCatalogue,
  type RefineOptions,
} from './common-options.ts';

interface PolicyOptions extends RefineOptions {
  readonly policy: string;
  readonly unused: string;
  readonly format: 'policy' | 'diff' | 'json';
  readonly json?: true;
  readonly fit?: boolean;
}

/** The `policy` command: refines one document. */
export function registerPolicy(program: Command): void {
  program
    .command('policy')
    .description('refine one policy document')
    .requiredOption('--policy <file>', 'the identity policy (JSON); - is standard input')
    .requiredOption(
      '--unused <file>',
      'an array of {serviceNamespace, actions?}, or a get-finding-v2 response',
    )
    .addOption(generalizeOption())
    .addOption(starOption())
    .addOption(keepOption())
    .addOption(catalogueOption())
    .option(
      '--fit',
      'where the refined policy is too long for a managed policy, print the form that fits: shorter patterns, NotAction, or several policies',
    )
    .addOption(
      new Option('--format <format>', 'what to print').choices(['policy', 'diff', 'json']).default('policy'),
    )
    .option('--json', 'the same as --format json, with schemaVersion and command')
    .action((options: PolicyOptions) => {
      refinePolicyFile(options.json === true ? { ...options, format: 'json' } : options);
    });
}

function refinePolicyFile(options: PolicyOptions): void {
  checkStandardInput({
    '--policy': options.policy,
    '--unused': options.unused,
    '--catalogue': options.catalogue,
  });
  const keep = checkKeepList(options.keep, '--keep');
  const file = readPolicyFile(options.policy);
  const { unused, remarks } = readUnusedFile(options.unused);
  const catalogue = loadCatalogue(options.catalogue);
  const generalize = options.generalize ?? 'shortest';
  const result = refineDocument({
    document: file.document,
    unused,
    catalogue,
    generalize,
    star: options.star ?? 'list',
    keep,
    isFitting: options.fit === true,
  });
  const name = nameOf(options.policy);
  if (result.kind === 'refused') throw new InputError(`${name}: ${result.reason}`);
  const { policies = [], reason } = result.fitted ?? { reason: '' };
  if (options.format === 'diff' && policies.length > 1) {
    throw new InputError(`${name}: ${reason}; a diff shows one policy, so print it with --format policy`);
  }
  process.stdout.write(render(file, result, options));
  if (options.format !== 'json') for (const note of result.notes) printStatus(`${name}: ${note}`);
  for (const line of [...remarks, ...unmatchedKeepEntries(options.keep, catalogue, '--keep')])
    printStatus(line);
  if (result.fitted) printStatus(`${name}: ${reason}`);
  if (result.policy === null) {
    printStatus(`${name}: nothing is left of the policy; detach it (managed) or delete it (inline)`);
  } else {
    const characters = countCharacters(result.policy);
    const limit = DEFAULT_QUOTAS.role.managedPolicyCharacters;
    if (characters > limit) {
      const inline = (['role', 'group', 'user'] as const).map(
        (type) => DEFAULT_QUOTAS[type].inlineCharacters,
      );
      printStatus(
        `${name}: the refined policy has ${count(characters)} characters, and IAM stores ${count(limit)} in a managed policy (inline at most ${inline.map(count).join(', ')} in all of a role, group and user); --fit prints a form that fits`,
      );
    }
  }
}

type Refined = Extract<RefineDocumentResult, { kind: 'refined' }>;

function render(input: PolicyFile, result: Refined, { policy: file, format, json }: PolicyOptions): string {
  const { policy, fitted, changes, retained, verification, notes } = result;
  const policies = fitted ? { policies: fitted.policies } : {};
  const head = json === true ? { schemaVersion: 1, command: 'policy' } : {};
  switch (format) {
    case 'policy':
      // Several documents follow each other, as in JSON Lines.
      return (fitted?.policies ?? [policy]).map((each) => `${renderJson(each)}\n`).join('');
    case 'diff':
      return diff(file === '-' ? 'policy.json' : path.basename(file), input, policy);
    case 'json':
      return `${renderData({ ...head, policy, ...policies, changes, retained, verification, notes })}\n`;
    default:
      return format satisfies never;
  }
}

/** A diff of the author's text, so that `git apply` and `patch` can apply it to the author's file. */
function diff(name: string, { text, path: members }: PolicyFile, after: JsonObject | null): string {
  // Output of the AWS CLI is not a file of the author's to delete.
  if (after === null && members.length > 0) return '';
  const now = after === null ? undefined : { name, text: rewritePolicyText(text, after, members) };
  return unifiedDiff({ name, text }, now);
}
