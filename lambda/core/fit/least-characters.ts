import { isJsonArray } from '../model/json.ts';
import type { Policy } from '../model/policy.ts';
import { covers } from '../pattern/covers.ts';
import { parseActionPattern } from '../pattern/action-pattern.ts';
import {
  type DocumentDraft,
  type StatementDraft,
  envelopeCharacters,
  chunkCharacters,
} from './document-draft.ts';

/**
 * The fewest characters that any exact result needs for the policy's statements. A proof of *does not fit* rests on it.
 *
 * A Deny does not change. An Allow keeps everything except its list. In the list, an author's literal that no wildcard
 * of the author's list contains stays as written: no exact pattern may be wider than the author's, and a pattern within
 * a literal is that literal. Each other service needs at least one entry, of at least `"svc:*",`. A list that may be
 * written as `NotAction` needs only one entry.
 *
 * This is only a lower bound; for wildcards it is weak.
 */
export function leastCharacters(draft: DocumentDraft): number {
  return draft.statements.reduce((sum, statement) => sum + leastOfStatement(statement), 0);
}

/** Whether the statement is too long for a document of this size, however its list is written. */
export function isTooLargeAlone(draft: StatementDraft, policy: Policy, limit: number): boolean {
  return leastOfStatement(draft) > budgetFor(policy, limit);
}

/** A lower bound for the number of documents of this size. */
export function leastDocuments(draft: DocumentDraft, limit: number): number {
  const budget = budgetFor(draft.policy, limit);
  return budget <= 0 ? Number.POSITIVE_INFINITY : Math.ceil(leastCharacters(draft) / budget);
}

/** Characters available for statements and their commas in one document. */
function budgetFor(policy: Policy, limit: number): number {
  // A `Statement` that the author wrote as an object has no brackets if one statement is left.
  const brackets = isJsonArray(policy.source['Statement']) ? 0 : 2;
  return limit - envelopeCharacters(policy) + brackets;
}

/** The fewest characters of one statement, comma included. */
function leastOfStatement(draft: StatementDraft): number {
  const { statement, edit } = draft;
  if (statement.effect === 'Deny') return chunkCharacters({ draft, entries: edit.patterns });
  const bare = chunkCharacters({ draft, entries: [] }) - brackets(draft);
  const hasEverything = statement.patterns.some(({ kind }) => kind === 'everything');
  if (edit.element === 'NotAction' || hasEverything) return bare + SHORTEST_ENTRY;
  const literals = new Set<string>();
  const services = new Map<string, number>();
  for (const text of edit.patterns) {
    const parsed = parseActionPattern(text);
    if (!parsed.ok || parsed.value.kind === 'everything') continue;
    const { service, action, kind } = parsed.value;
    const isForced =
      kind === 'literal' &&
      !statement.patterns.some(
        (wide) => wide.kind === 'wildcard' && wide.service === service && covers(wide.action, action),
      );
    if (isForced) literals.add(`${service}:${action}`);
    else services.set(service, service.length + '"":*,'.length);
  }
  let entries = -1;
  for (const literal of literals) entries += literal.length + '"",'.length;
  for (const length of services.values()) entries += length;
  return bare + Math.max(entries, SHORTEST_ENTRY);
}

/** `"*"` */
const SHORTEST_ENTRY = 3;

/** A list that the author wrote as a string has no brackets if one entry is left. */
function brackets(draft: StatementDraft): number {
  const { statement, edit } = draft;
  const isArray = isJsonArray(statement.source[statement.element]) && edit.patterns.length !== 1;
  return isArray ? 0 : 2;
}
