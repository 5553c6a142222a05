import { makeCatalogue, type Catalogue } from '../../lambda/core/catalogue/catalogue.ts';
import type { JsonValue } from '../../lambda/core/model/json.ts';
import { readUnusedAccess, type UnusedAccess } from '../../lambda/core/model/unused-access.ts';
import { refineDocument, type RefineDocumentResult } from '../../lambda/core/refine-document.ts';
import type { Question } from './judge.ts';
import { deepFreeze } from './json.ts';
import type { Entry, RawCatalogue } from './world.ts';

/*
 * The one place where the oracle's plain values are handed to the engine under test.
 */

const ORIGIN = { source: 'test', version: '1', date: '2026-01-01' };
const catalogues = new WeakMap<RawCatalogue, Catalogue>();

export function catalogueOf(raw: RawCatalogue): Catalogue {
  const known = catalogues.get(raw) ?? makeCatalogue(ORIGIN, raw);
  catalogues.set(raw, known);
  return known;
}

export function unusedOf(entries: readonly Entry[]): UnusedAccess {
  const read = readUnusedAccess(
    entries.map(({ serviceNamespace, actions }) => ({
      serviceNamespace,
      actions: actions?.map((action) => ({ action })) ?? null,
    })),
  );
  if (!read.ok) throw new Error(`the test's own finding is malformed: ${read.problem}`);
  return read.value;
}

/** The engine's answer. The document is frozen first: an engine that writes to its input throws. */
export function ask(question: Question): RefineDocumentResult {
  return refineDocument({
    document: deepFreeze(question.document) as JsonValue,
    unused: unusedOf(question.unused),
    catalogue: catalogueOf(question.catalogue),
    generalize: question.generalize,
    keep: question.keep,
  });
}

/** The refined document. @throws Error when the engine refuses */
export function refined(question: Question): JsonValue {
  const answer = ask(question);
  if (answer.kind === 'refused') throw new Error(`refused: ${answer.reason}`);
  return answer.policy;
}
