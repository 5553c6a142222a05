import path from 'node:path';
import { type Command, Option } from 'commander';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { type PolicyFile, readPolicyFile } from '../../lambda/adapters/files/policy-file.ts';
import { nameOf } from '../../lambda/adapters/files/read-text.ts';
import { readUnusedFile } from '../../lambda/adapters/files/unused-file.ts';
import { countCharacters } from '../../lambda/core/model/characters.ts';
import { type JsonObject, renderJson } from '../../lambda/core/model/json.ts';
import { refineDocument, type RefineDocumentResult } from '../../lambda/core/proposal/refine-document.ts';
import { renderData } from '../../lambda/core/proposal/to-json.ts';
import { rewritePolicyText } from '../../lambda/json/rewrite-policy-text.ts';
import { unifiedDiff } from '../../lambda/report/text/unified-diff.ts';
import { tell } from '../output/terminal.ts';
import {
  catalogueOption,
  checkKeepList,
  checkStandardInput,
  generalizeOption,
  starOption,
  keepOption,
  loadCatalogue,
  type RefineOptions,
} from './common-options.ts';

/** Characters that IAM stores in a managed policy. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MANAGED_LIMIT = 6144;

interface PolicyOptions extends RefineOptions {
  readonly policy: string;
  readonly unused: string;
  readonly format: 'policy' | 'diff' | 'json';
}

/** `policy`: refines one document. */
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
    .addOption(
      new Option('--format <format>', 'what to print').choices(['policy', 'diff', 'json']).default('policy'),
    )
    .action((options: PolicyOptions) => {
      refinePolicyFile(options);
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
  });
  const name = nameOf(options.policy);
  if (result.kind === 'refused') throw new InputError(`${name}: ${result.reason}`);
  process.stdout.write(render(file, result, options));
  if (options.format !== 'json') for (const note of result.notes) tell(`${name}: ${note}`);
  for (const line of remarks) tell(line);
  if (result.policy === null) {
    tell(`${name}: nothing is left of the policy; detach it (managed) or delete it (inline)`);
  } else {
    const characters = countCharacters(result.policy);
    if (characters > MANAGED_LIMIT) {
      tell(
        `${name}: the refined policy has ${characters.toLocaleString('en-US')} characters, and IAM stores ${MANAGED_LIMIT.toLocaleString('en-US')} in a managed policy (inline at most 10,240, 5,120 and 2,048 in all of a role, group and user); account finds a form that fits`,
      );
    }
  }
}

type Refined = Extract<RefineDocumentResult, { kind: 'refined' }>;

function render(input: PolicyFile, result: Refined, { policy: file, format }: PolicyOptions): string {
  const { policy, changes, retained, verification, notes } = result;
  switch (format) {
    case 'policy':
      return `${renderJson(policy)}\n`;
    case 'diff':
      return diff(file === '-' ? 'policy.json' : path.basename(file), input, policy);
    case 'json':
      return `${renderData({ policy, changes, retained, verification, notes })}\n`;
    default:
      return format satisfies never;
  }
}

/** A diff of the author's own text, so that `git apply` and `patch` can put it to the author's own file. */
function diff(name: string, { text, path: members }: PolicyFile, after: JsonObject | null): string {
  // What the AWS CLI printed around a document is no file of the author's to remove.
  if (after === null && members.length > 0) return '';
  const now = after === null ? undefined : { name, text: rewritePolicyText(text, after, members) };
  return unifiedDiff({ name, text }, now);
}
