import { makeCatalogue, type Catalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { sha256 } from '../../../lambda/adapters/node.ts';
import {
  buildShared,
  type HolderUse,
  type SharedResult,
} from '../../../lambda/core/proposal/build-shared.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import { readUnusedAccess, type UnusedAccess } from '../../../lambda/core/model/unused-access.ts';
import { readKeepList } from '../../../lambda/core/refine/keep-list.ts';
import { refineDocument, type RefineDocumentResult } from '../../../lambda/core/proposal/refine-document.ts';
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

/** What one of several who share a policy leaves unused: its finding's entries, or everything where it is unused itself. */
export type Share = readonly Entry[] | 'everything';

/** The engine's answer about a policy that several share. */
export function askShared(question: Omit<Question, 'unused'>, shares: readonly Share[]): SharedResult {
  const keepList = readKeepList(question.keep);
  if (!keepList.ok) throw new Error(keepList.problem);
  const arn = 'arn:aws:iam::123456789012:policy/Shared';
  return buildShared({
    subject: { type: 'policy', arn, name: 'Shared', path: '/', accountId: '123456789012' },
    holders: { principals: shares.length, roles: [], users: [], groups: [] },
    uses: shares.map((share, index): HolderUse => ({
      arn: `arn:aws:iam::123456789012:role/r${String(index)}`,
      unused: share === 'everything' ? share : unusedOf(share),
      findings: [],
      isDirect: true,
    })),
    grants: [
      {
        source: 'customer-managed',
        name: 'Shared',
        document: { readable: true, value: deepFreeze(question.document) as JsonValue },
        managed: { arn, path: '/', versionId: 'v1', attachments: shares.length, boundaryUses: 0 },
      },
    ],
    catalogue: catalogueOf(question.catalogue),
    keep: question.keep,
    keepList: keepList.value,
    generalize: question.generalize,
    policiesInAccount: 1,
    notes: [],
    digest: sha256,
  });
}

/** The document that the shared answer leaves: null when nothing is left. @throws Error when the engine refuses */
export function refinedTogether(question: Omit<Question, 'unused'>, shares: readonly Share[]): unknown {
  const answer = askShared(question, shares);
  const [refusal] = answer.refused;
  if (refusal) throw new Error(`refused: ${refusal.reason}`);
  return answer.kind === 'unchanged'
    ? question.document
    : (answer.draft.policies[0]?.after[0]?.document ?? null);
}
