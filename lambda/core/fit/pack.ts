import { renderJson } from '../model/json.ts';
import { type Policy, withStatements } from '../model/policy.ts';
import type { Chunk } from './document-draft.ts';
import { statementWith } from './statement-draft.ts';

/** A statement that no document of the allowed size can hold, even alone and with the smallest list. */
export interface Unpackable {
  readonly statement: number;
  /** It can be divided by its list, but one entry is too much already. */
  readonly isDivisible: boolean;
  /** Characters of the smallest document that holds it, or one entry of it. */
  readonly characters: number;
}

export type Packing =
  | { readonly ok: true; readonly documents: readonly (readonly Chunk[])[] }
  | { readonly ok: false; readonly unpackable: Unpackable };

/**
 * Lays statements out over documents of at most `limit` characters, in their order. Together the documents mean what
 * one document would: an Allow adds wherever it stands, a Deny denies wherever it stands, and an Allow with `Action`
 * may be divided by its list. A Deny stands whole and once; so does an Allow with `NotAction`, since two lists of
 * exclusions grant together what either leaves out.
 *
 * A statement goes whole into the current document, else whole into the next, and is divided only when no document can
 * hold it alone; then it fills documents entry by entry. With `isDense` every divisible statement fills up the current
 * document first, which takes the fewest documents that this order allows.
 *
 * Parts of one statement stand in different documents, so Sids stay unique within each.
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

/** Characters of the document without statements, its list written as an array. */
export function envelopeCharacters(policy: Policy): number {
  // The last statement has no comma, and each is counted with one.
  return renderJson(withStatements(policy, []), 0).length - 1;
}

/** Characters of a statement and the comma after it. */
export function chunkCharacters(chunk: Chunk): number {
  return renderJson(statementWith(chunk.draft, chunk.entries), 0).length + 1;
}

/** How many entries, from the first, fit into the remaining characters. */
function entriesThatFit(chunk: Chunk, entries: readonly string[], budget: number): number {
  // Measured with two entries, so that the list is an array, whatever the author wrote.
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
