import {
  type DocumentDraft,
  type FittedDocument,
  type Chunk,
  chunksAt,
  writeDocument,
} from './document-draft.ts';
import { type Encoding, type PatternTokens, uniformEncodings } from './encodings.ts';
import { isTooLargeAlone } from './least-characters.ts';
import { pack, type Unpackable } from './pack.ts';

/** A policy laid out over managed policies. */
export interface Layout {
  readonly documents: readonly FittedDocument[];
  readonly encoding: Encoding;
}

export type DivisionResult =
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
