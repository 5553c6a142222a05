import type { Generalize } from '../model/proposed-policy.ts';
import { covers } from '../pattern/covers.ts';
import { parseActionPattern } from '../pattern/action-pattern.ts';
import type { Universe } from '../catalogue/universe.ts';
import { type JsonObject, countCharacters, renderJson } from '../model/json.ts';
import {
  type Policy,
  type StatementEdit,
  withStatements,
  editStatement,
  type Statement,
} from '../model/policy.ts';
import type { PolicyRefinement } from '../refine/refine-policy.ts';
import { type Entry, EntryGroup, type Level } from './cover/entry-group.ts';

/** The facts about the refinement that fitting needs. */
export interface DraftFacts {
  readonly universe: Universe;
  readonly generalize: Generalize;
}

/** A refined statement whose action list can be written at several levels of shortness. */
export interface StatementDraft {
  readonly statement: Statement;
  readonly edit: StatementEdit;
  readonly groups: readonly EntryGroup[];
  /** An Allow with `Action`: statements with parts of its list together grant the same. */
  readonly isDivisible: boolean;
}

/** The level chosen for each group; a missing one is at `as-refined`. */
export type Levels = ReadonlyMap<EntryGroup, Level>;

function draftStatement(statement: Statement, edit: StatementEdit, facts: DraftFacts): StatementDraft {
  const isAllow = statement.effect === 'Allow';
  return {
    statement,
    edit,
    groups: isAllow ? groupsOf(statement, edit, facts) : [],
    isDivisible: isAllow && edit.element === 'Action',
  };
}

function groupsOf(statement: Statement, edit: StatementEdit, facts: DraftFacts): readonly EntryGroup[] {
  const authors = new Set(
    statement.element === edit.element ? statement.patterns.map(({ text }) => text) : [],
  );
  const byService = new Map<string, { readonly written: string; readonly entries: Entry[] }>();
  for (const [position, text] of edit.patterns.entries()) {
    const parsed = parseActionPattern(text);
    if (!parsed.ok || parsed.value.kind === 'everything') continue;
    const { service, action, kind } = parsed.value;
    const isAuthors = authors.has(text);
    const group = byService.get(service) ?? { written: text.slice(0, service.length), entries: [] };
    byService.set(service, group);
    group.entries.push({ position, text, action, isWildcard: kind === 'wildcard', isAuthors });
  }
  const groups: EntryGroup[] = [];
  for (const [service, { written, entries }] of byService) {
    if (entries.length < 2) continue;
    const enclosing = edit.element === 'NotAction' ? ['*'] : enclosingPatterns(statement, service);
    const known = facts.universe.services.get(service);
    const mayUseWildcards = facts.generalize !== 'enumerate';
    groups.push(
      new EntryGroup(entries, { service: known?.name ?? written, known, enclosing, mayUseWildcards }),
    );
  }
  return groups;
}

/**
 * The widest wildcards of the service in the author's own list: the author granted whatever they match. Not for a
 * `NotAction` list, where listing more grants less.
 */
function enclosingPatterns(statement: Statement, service: string): readonly string[] {
  const widest: string[] = [];
  for (const pattern of statement.patterns) {
    if (pattern.kind === 'everything') return ['*'];
    if (pattern.kind !== 'wildcard' || pattern.service !== service) continue;
    if (widest.some((wide) => covers(wide, pattern.action))) continue;
    widest.splice(
      0,
      widest.length,
      ...widest.filter((other) => !covers(pattern.action, other)),
      pattern.action,
    );
  }
  return widest;
}

/** The list at the chosen levels. Remaining entries keep their order; new ones take the place of the first dropped. */
export function entriesAt(draft: StatementDraft, levels: Levels): readonly string[] {
  const dropped = new Set<number>();
  const added = new Map<number, readonly string[]>();
  for (const group of draft.groups) {
    const alternative = group.at(levels.get(group) ?? 'as-refined');
    for (const position of alternative.dropped) dropped.add(position);
    const place = Math.min(...alternative.dropped);
    if (alternative.added.length > 0) added.set(place, alternative.added);
  }
  return draft.edit.patterns.flatMap((text, position) => [
    ...(added.get(position) ?? []),
    ...(dropped.has(position) ? [] : [text]),
  ]);
}

/** The statement with some of its entries; the author's own JSON if nothing changes. */
function statementWith(draft: StatementDraft, entries: readonly string[]): JsonObject {
  const { statement, edit } = draft;
  const isUnchanged =
    edit.element === statement.element &&
    entries.length === statement.patterns.length &&
    entries.every((text, index) => text === statement.patterns[index]?.text);
  return isUnchanged
    ? statement.source
    : editStatement(statement, { element: edit.element, patterns: entries });
}

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

/** Characters of the document without statements, `Statement` being an array. */
export function envelopeCharacters(policy: Policy): number {
  // Each statement is counted with a comma, but the last has none.
  return renderJson(withStatements(policy, []), 0).length - 1;
}

/** Characters of a statement and the comma after it. */
export function chunkCharacters(chunk: Chunk): number {
  return renderJson(statementWith(chunk.draft, chunk.entries), 0).length + 1;
}
