import type { Policy } from '../model/policy.ts';
import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.ts';
import { parseActionPattern } from '../pattern/action-pattern.ts';
import { covers } from '../pattern/covers.ts';
import type { PatternChange } from '../model/proposed-policy.ts';
import type { FittedDocument } from './document-draft.ts';

/**
 * The changes of a refinement after fitting: what each of the author's patterns became, over all documents. Reasons
 * stay; if fitting wrote something else, the reason ends with a clause about that.
 */
export function refitChanges(
  policy: Policy,
  changes: readonly PatternChange[],
  documents: readonly FittedDocument[],
): readonly PatternChange[] {
  const finals = finalLists(documents);
  const taken = new Map<number, Set<string>>();
  return changes.map((change) => {
    const final = finals.get(change.statement);
    if (!final || change.outcome === 'removed') return change;
    if (final.element !== change.element) return asExclusion(change, final.entries);
    if (change.outcome === 'added') return refitAddition(change, final.entries);
    const authors = new Set(policy.statements[change.statement]?.patterns.map(({ text }) => text));
    if (change.outcome === 'kept' && final.entries.includes(change.pattern)) return change;
    const seen = taken.get(change.statement) ?? new Set();
    taken.set(change.statement, seen);
    const to = final.entries.filter(
      (text) =>
        !authors.has(text) &&
        !seen.has(text) &&
        (isWithin(text, change.pattern) || isWithin(change.pattern, text)),
    );
    for (const text of to) seen.add(text);
    return rewritten(change, to);
  });
}

interface FinalList {
  readonly element: PatternChange['element'];
  readonly entries: readonly string[];
}

function finalLists(documents: readonly FittedDocument[]): ReadonlyMap<number, FinalList> {
  const lists = new Map<number, FinalList>();
  for (const { document, origins } of documents) {
    const element = document['Statement'];
    const statements = isJsonArray(element) ? element : [element];
    for (const [place, statement] of statements.entries()) {
      const origin = origins[place];
      if (origin === undefined || !isJsonObject(statement)) continue;
      const name = Object.hasOwn(statement, 'NotAction') ? 'NotAction' : 'Action';
      const before = lists.get(origin)?.entries ?? [];
      lists.set(origin, { element: name, entries: [...before, ...textsOf(statement[name])] });
    }
  }
  return lists;
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  const items = isJsonArray(value) ? value : [value];
  return items.filter((item) => typeof item === 'string');
}

function isWithin(text: string, wide: string): boolean {
  const narrow = parseActionPattern(text);
  const outer = parseActionPattern(wide);
  if (!narrow.ok || !outer.ok) return false;
  if (outer.value.kind === 'everything') return true;
  if (narrow.value.kind === 'everything') return false;
  return narrow.value.service === outer.value.service && covers(outer.value.action, narrow.value.action);
}

function rewritten(change: PatternChange, to: readonly string[]): PatternChange {
  const isSame = to.length === change.to.length && to.every((text, index) => text === change.to[index]);
  if (isSame && change.outcome === 'narrowed') return change;
  const reason = `${change.reason}; written shorter to fit the size limit`;
  if (to.length > 0) return { ...change, outcome: 'narrowed', to, reason };
  return {
    ...change,
    outcome: 'removed',
    to,
    reason: `${change.reason}; other patterns of the statement grant it`,
  };
}

function asExclusion(change: PatternChange, entries: readonly string[]): PatternChange {
  const isEverything = change.pattern === '*' || change.pattern === '*:*';
  return isEverything
    ? {
        ...change,
        to: entries,
        reason: `${change.reason}; written as NotAction, which lists what is removed, to fit the size limit`,
      }
    : {
        ...change,
        outcome: 'removed',
        to: [],
        reason: `${change.reason}; the statement's NotAction grants it`,
      };
}

/** An entry that refinement added to `NotAction`: unchanged, or contained in a shorter one. */
function refitAddition(change: PatternChange, entries: readonly string[]): PatternChange {
  if (entries.includes(change.pattern)) return change;
  const to = entries.filter((text) => isWithin(change.pattern, text));
  return { ...change, to, reason: `${change.reason}; written shorter to fit the size limit` };
}
