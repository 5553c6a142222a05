import { isTooLargeAlone } from './least-characters.ts';
import { type Encoding, type PatternTokens, uniformEncodings } from './encodings.ts';
import type { Policy } from '../model/policy.ts';
import {
  type Chunk,
  type DocumentDraft,
  type FittedDocument,
  chunksAt,
  writeDocument,
  envelopeCharacters,
  chunkCharacters,
} from './document-draft.ts';

/** A statement that is too long for any document of the allowed size, even alone and with the smallest list. */
export interface Unpackable {
  readonly statement: number;
  /** Its list can be divided, but even one entry is too long. */
  readonly isDivisible: boolean;
  /** Characters of the smallest document with it, or with one entry of it. */
  readonly characters: number;
}

type Packing =
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
function pack(
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

/** A policy laid out over managed policies. */
export interface Layout {
  readonly documents: readonly FittedDocument[];
  readonly encoding: Encoding;
}

type DivisionResult =
  | { readonly ok: true; readonly layout: Layout }
  | { readonly ok: false; readonly unpackable: Unpackable; readonly isProven: boolean };

/**
 * Splits a policy over the fewest managed policies that any of its encodings needs and, of the encodings that need so
 * few, uses the mildest: nothing is shortened unless that saves a policy.
 */
export function dividePolicy(tokens: PatternTokens, limit: number, isDense: boolean): DivisionResult {
  let best: Layout | undefined;
  let obstacle: { readonly unpackable: Unpackable; readonly draft: DocumentDraft } | undefined;
  const tried = new Set<string>();
  for (const { draft, levels, encoding } of uniformEncodings(tokens)) {
    const chunks = chunksAt(draft, levels);
    const key = chunks.map(({ entries }) => entries.join()).join('|');
    if (tried.has(key)) continue;
    tried.add(key);
    const packing = pack(draft.policy, chunks, { limit, isDense });
    if (!packing.ok) {
      const { unpackable } = packing;
      if (!obstacle || unpackable.characters < obstacle.unpackable.characters)
        obstacle = { unpackable, draft };
    } else if (!best || packing.documents.length < best.documents.length) {
      best = { documents: write(draft, packing.documents), encoding };
    }
    if (best?.documents.length === 1) break;
  }
  if (best) return { ok: true, layout: best };
  if (!obstacle)
    return { ok: true, layout: { documents: [], encoding: { isNotAction: false, level: 'as-refined' } } };
  const { unpackable, draft } = obstacle;
  const statement = draft.statements.find((candidate) => candidate.statement.index === unpackable.statement);
  const isProven = statement !== undefined && isTooLargeAlone(statement, draft.policy, limit);
  return { ok: false, unpackable, isProven };
}

function write(draft: DocumentDraft, documents: readonly (readonly Chunk[])[]): readonly FittedDocument[] {
  return documents.map((chunks) => writeDocument(draft.policy, chunks));
}
