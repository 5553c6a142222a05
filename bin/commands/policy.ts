import path from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { checkShape } from '../../lambda/adapters/files/check-shape.ts';
import { findingPageSchema, unusedEntrySchema } from '../../lambda/adapters/files/finding-page.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { nameOf, readText } from '../../lambda/adapters/files/read-text.ts';
import { readJson, readJsonSequence } from '../../lambda/json/read-json.ts';
import { rewritePolicyText } from '../../lambda/json/rewrite-policy-text.ts';
import {
  isJsonArray,
  isJsonObject,
  JsonDefect,
  type JsonObject,
  type JsonValue,
  renderJson,
} from '../../lambda/core/model/json.ts';
import {
  readUnusedAccess,
  type UnusedAccess,
  type UnusedEntry,
} from '../../lambda/core/model/unused-access.ts';
import { renderData } from '../../lambda/core/proposal/to-json.ts';
import { refineDocument, type RefineDocumentResult } from '../../lambda/core/proposal/refine-document.ts';
import { unifiedDiff } from '../../lambda/report/text/unified-diff.ts';
import { tell } from '../output/terminal.ts';
import {
  catalogueOption,
  checkKeepList,
  generalizeOption,
  starOption,
  keepOption,
  loadCatalogue,
  type RefineOptions,
} from './common-options.ts';

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
  if (options.policy === '-' && options.unused === '-') {
    throw new InputError('--policy and --unused cannot both be standard input');
  }
  const keep = checkKeepList(options.keep, '--keep');
  const text = readText(options.policy);
  const document = readDocument(text, options.policy);
  const unused = readUnused(options.unused);
  const catalogue = loadCatalogue(options.catalogue);
  const generalize = options.generalize ?? 'shortest';
  const result = refineDocument({
    document,
    unused,
    catalogue,
    generalize,
    star: options.star ?? 'list',
    keep,
  });
  if (result.kind === 'refused') throw new InputError(`${nameOf(options.policy)}: ${result.reason}`);
  process.stdout.write(render(text, result, options));
  if (options.format !== 'json') for (const note of result.notes) tell(`${nameOf(options.policy)}: ${note}`);
  if (result.policy === null) {
    tell(
      `${nameOf(options.policy)}: nothing is left of the policy; detach it (managed) or delete it (inline)`,
    );
  }
}

function readDocument(text: string, file: string): JsonValue {
  const json = readJson(text);
  if (!json.ok) throw new InputError(`${nameOf(file)}: ${json.problem}`);
  return json.value;
}

type Refined = Extract<RefineDocumentResult, { kind: 'refined' }>;

function render(text: string, result: Refined, { policy: file, format }: PolicyOptions): string {
  const { policy, changes, retained, verification, notes } = result;
  switch (format) {
    case 'policy':
      return `${renderJson(policy)}\n`;
    case 'diff':
      return diff(file === '-' ? 'policy.json' : path.basename(file), text, policy);
    case 'json':
      return `${renderData({ policy, changes, retained, verification, notes })}\n`;
    default:
      return format satisfies never;
  }
}

/** A diff of the author's own text, so that `git apply` and `patch` can put it to the author's own file. */
function diff(name: string, old: string, after: JsonObject | null): string {
  const now = after === null ? undefined : { name, text: rewritePolicyText(old, after) };
  return unifiedDiff({ name, text: old }, now);
}

function readUnused(path: string): UnusedAccess {
  const text = readText(path);
  const file = nameOf(path);
  const json = readJson(text);
  const entries = json.ok ? entriesOf(json.value, file) : pagesOf(text, json.problem, file);
  const unused = readUnusedAccess(entries);
  if (!unused.ok) throw new InputError(`${file}: ${unused.problem}`);
  return unused.value;
}

function entriesOf(value: JsonValue, file: string): readonly UnusedEntry[] {
  if (isJsonArray(value)) {
    const isFindings =
      value.length > 0 && value.every((item) => isJsonObject(item) && 'findingDetails' in item);
    return isFindings
      ? value.flatMap((page, index) => pageEntries(page, file, `[${String(index)}]`))
      : checkShape(z.array(unusedEntrySchema), value, file);
  }
  return pageEntries(value, file, '');
}

/** Several pages of one finding, one after the other in one file. */
function pagesOf(text: string, problem: string, file: string): readonly UnusedEntry[] {
  const pages = readJsonSequence(text);
  if (!pages.ok || pages.value.length < 2) throw new InputError(`${file}: ${problem}`);
  return pages.value.flatMap(({ value, line }) => pageEntries(value, file, `line ${String(line)}`));
}

function pageEntries(value: JsonValue, file: string, root: string): readonly UnusedEntry[] {
  if (value instanceof JsonDefect) throw new InputError(`${file}: ${value.problem}`);
  if (!isJsonObject(value) || !Object.hasOwn(value, 'findingDetails')) {
    const place = root === '' ? '' : ` ${root}:`;
    throw new InputError(
      `${file}:${place} expected an array of {serviceNamespace, actions?}, or what aws accessanalyzer get-finding-v2 prints`,
    );
  }
  const page = checkShape(findingPageSchema.partial(), value, file, root);
  if (page.findingType !== undefined && page.findingType !== 'UnusedPermission') {
    throw new InputError(`${file}: a finding of type ${page.findingType} has no unused permissions`);
  }
  if (page.status !== undefined && page.status !== 'ACTIVE') {
    throw new InputError(
      `${file}: the finding is ${page.status}; only an ACTIVE finding says what is unused now`,
    );
  }
  return (page.findingDetails ?? []).flatMap(({ unusedPermissionDetails }) => unusedPermissionDetails ?? []);
}
