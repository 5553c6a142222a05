import { Option } from 'commander';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { readCatalogueFile } from '../../lambda/adapters/files/catalogue-file.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import type { Catalogue } from '../../lambda/core/catalogue/catalogue.ts';
import type { Generalize, StarForm } from '../../lambda/core/model/proposed-policy.ts';
import { readKeepList } from '../../lambda/core/refine/keep-list.ts';

/** Options that `policy` and `account` share. */
export interface RefineOptions {
  readonly generalize?: Generalize;
  readonly star?: StarForm;
  readonly keep: readonly string[];
  readonly catalogue?: string;
}

export const generalizeOption = (): Option =>
  new Option('--generalize <mode>', 'what a split wildcard becomes (default: shortest)').choices([
    'shortest',
    'least',
    'enumerate',
  ]);

export const starOption = (): Option =>
  new Option(
    '--star <form>',
    'what a * becomes of which a part is unused: a list, or NotAction, which keeps all that nobody reports (default: list)',
  ).choices(['list', 'not-action']);

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
