import { renderJson } from '../model/json.ts';
import { type Policy, withStatements } from '../model/policy.ts';
import type { Chunk } from './document-draft.ts';
import { statementWith } from './statement-draft.ts';

/** A statement that is too long for any document of the allowed size, even alone and with the smallest list. */
export interface Unpackable {
  readonly statement: number;
  /** Its list can be divided, but even one entry is too long. */
  readonly isDivisible: boolean;
  /** Characters of the smallest document with it, or with one entry of it. */
  readonly characters: number;
}

export type Packing =
  | { readonly ok: true; readonly documents: readonly (readonly Chunk[])[] }
  | { readonly ok: false; readonly unpackable: Unpackable };

/**
 * Packs statements, in their order, into documents of at most `limit` characters. Together the documents mean the same
 * as one: an Allow or a Deny has the same effect in any document, and the list of an Allow with `Action` can be
 * divided. A Deny stays whole, and so does an Allow with `NotAction`, because two lists of exclusions together grant
 * what either of them omits.
 *
 * A statement is added whole to the current document, or else to the next. It is divided only if it is too long for any
 * document; then it fills documents entry by entry. With `isDense`, every divisible statement fills up the current
 * document first, which takes the fewest documents that this order allows.
 *
 * Parts of one statement are in different documents, so Sids stay unique within each.
 */
export function pack(
  policy: Policy,
  chunks: readonly Chunk[],
  options: { readonly limit: number; readonly isDense: boolean },
): Packing {
  const budget = options.limit - envelopeCharacters(policy);
  const documents: Chunk[][] = [];
  let current: Chunk[] = [];
  let left = budget;
  const close = (): void => {
    if (current.length > 0) documents.push(current);
    current = [];
    left = budget;
  };
  const put = (chunk: Chunk, size: number): void => {
    current.push(chunk);
    left -= size;
  };
  for (const chunk of chunks) {
    const size = chunkCharacters(chunk);
    if (size > left && size <= budget && !(options.isDense && chunk.draft.isDivisible)) close();
    if (size <= left) {
      put(chunk, size);
      continue;
    }
    if (!chunk.draft.isDivisible) return unpackable(chunk, size, options.limit - budget);
    let entries = chunk.entries;
    while (entries.length > 0) {
      const count = entriesThatFit(chunk, entries, left);
      if (count === 0 && current.length === 0) {
        const least = chunkCharacters({ ...chunk, entries: entries.slice(0, 1) });
        return unpackable(chunk, least, options.limit - budget);
      }
      if (count > 0) {
        const part = { draft: chunk.draft, entries: entries.slice(0, count) };
        put(part, chunkCharacters(part));
        entries = entries.slice(count);
      }
      if (entries.length > 0) close();
    }
  }
  close();
  return { ok: true, documents };
}

function unpackable(chunk: Chunk, size: number, envelope: number): Packing {
  return {
    ok: false,
    unpackable: {
      statement: chunk.draft.statement.index,
      isDivisible: chunk.draft.isDivisible,
      characters: envelope + size,
    },
  };
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

/** The number of entries, from the first, that fit into the remaining characters. */
function entriesThatFit(chunk: Chunk, entries: readonly string[], budget: number): number {
  // Measured with two entries, so that the list is an array even if the author wrote a string.
  const [first = ''] = entries;
  const pair = chunkCharacters({ ...chunk, entries: [first, first] });
  let size = pair - 2 * entryLength(first);
  let count = 0;
  for (const entry of entries) {
    size += entryLength(entry);
    if (size > budget) break;
    count += 1;
  }
  return count;
}

function entryLength(entry: string): number {
  return JSON.stringify(entry).length + 1;
}
