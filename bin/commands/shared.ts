import { Option } from 'commander';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { readCatalogueFile } from '../../lambda/adapters/files/catalogue-file.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import type { Catalogue } from '../../lambda/core/catalogue/catalogue.ts';
import type { Generalize } from '../../lambda/core/model/proposed-policy.ts';
import { readKeepList } from '../../lambda/core/refine/keep-list.ts';

/** Options that `policy` and `account` share. */
export interface RefineOptions {
  readonly generalize?: Generalize;
  readonly keep: readonly string[];
  readonly catalogue?: string;
}

export const generalizeOption = (): Option =>
  new Option('--generalize <mode>', 'what a split wildcard becomes (default: shortest)').choices([
    'shortest',
    'least',
    'enumerate',
  ]);

export const keepOption = (): Option =>
  new Option(
    '--keep <pattern>',
    'an action pattern that always stays, for example iam:PassRole; may be repeated',
  )
    .argParser((value: string, earlier: readonly string[]) => [...earlier, value])
    .default([], 'none');

export const catalogueOption = (): Option =>
  new Option('--catalogue <file>', 'another action catalogue: a JSON object {service: [actionName, …]}');

export function loadCatalogue(file: string | undefined): Catalogue {
  return file === undefined ? embeddedCatalogue() : readCatalogueFile(file);
}

/**
 * `place` is where the patterns stand: an option, or a file.
 * @throws InputError when a pattern of the keep-list is not one
 */
export function checkKeepList(patterns: readonly string[], place: string): readonly string[] {
  const keep = readKeepList(patterns);
  if (!keep.ok) throw new InputError(`${place}: ${keep.problem}`);
  return patterns;
}

/** One line for people on standard error; standard output belongs to results. */
export function tell(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** Several lines for people, in which nothing from outside is left unprintable. */
export function show(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Names in it come from files of elsewhere: they may not steer the terminal, nor make one line look like two. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ');
}
