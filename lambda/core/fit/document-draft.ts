import { type JsonObject, countCharacters } from '../model/json.ts';
import { type Policy, type StatementEdit, withStatements } from '../model/policy.ts';
import type { PolicyRefinement } from '../refine/refine-policy.ts';
import type { EntryGroup } from './cover/entry-group.ts';
import {
  type DraftFacts,
  draftStatement,
  entriesAt,
  type Levels,
  type StatementDraft,
  statementWith,
} from './statement-draft.ts';

/** A refined policy: the author's policy, and the outcome for each of its statements (null: nothing is left of it). */
export interface RefinedPolicy {
  readonly policy: Policy;
  /** One for each statement of the policy, in its order. */
  readonly edits: readonly (StatementEdit | null)[];
  /** The same with every split `*` as `NotAction`; absent if none is split. */
  readonly excluding?: readonly (StatementEdit | null)[];
}

export function refinedPolicy({ policy, statements }: PolicyRefinement): RefinedPolicy {
  const edits = statements.map(({ edit }) => edit);
  const excluding = statements.map(({ excluding: other, edit }) => other ?? edit);
  const hasOther = statements.some((statement) => statement.excluding !== undefined);
  return { policy, edits, ...(hasOther ? { excluding } : {}) };
}

/** A refined policy that can be written at several levels of shortness. */
export interface DocumentDraft {
  readonly policy: Policy;
  readonly statements: readonly StatementDraft[];
}

/** A document that IAM can store, and where each of its statements came from. */
export interface FittedDocument {
  readonly document: JsonObject;
  /** For each statement of the document, its place in the author's policy. */
  readonly origins: readonly number[];
  /** As IAM counts them. */
  readonly characters: number;
}

export function draftDocument(refined: RefinedPolicy, facts: DraftFacts): DocumentDraft {
  const statements = refined.policy.statements.flatMap((statement) => {
    const edit = refined.edits[statement.index];
    return edit ? [draftStatement(statement, edit, facts)] : [];
  });
  return { policy: refined.policy, statements };
}

export function groupsOfDocument(draft: DocumentDraft): readonly EntryGroup[] {
  return draft.statements.flatMap(({ groups }) => groups);
}

/** A part of a statement's list, within one document. */
export interface Chunk {
  readonly draft: StatementDraft;
  readonly entries: readonly string[];
}

/** Every statement whole, at the chosen levels. */
export function chunksAt(draft: DocumentDraft, levels: Levels): readonly Chunk[] {
  return draft.statements.map((statement) => ({ draft: statement, entries: entriesAt(statement, levels) }));
}

/** One document from some chunks. It keeps the author's `Version`, `Id` and order of elements. */
export function writeDocument(policy: Policy, chunks: readonly Chunk[]): FittedDocument {
  const document = withStatements(
    policy,
    chunks.map(({ draft, entries }) => statementWith(draft, entries)),
  );
  const origins = chunks.map(({ draft }) => draft.statement.index);
  return { document, origins, characters: countCharacters(document) };
}
