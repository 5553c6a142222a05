import {
  type DocumentDraft,
  type FittedDocument,
  type Portion,
  portionsAt,
  writeDocument,
} from './document-draft.ts';
import { type Form, type Material, uniformForms } from './forms.ts';
import { isTooLargeAlone } from './least-characters.ts';
import { pack, type Unpackable } from './pack.ts';

/** A policy laid out over managed policies. */
export interface Layout {
  readonly documents: readonly FittedDocument[];
  readonly form: Form;
}

export type SplitResult =
  | { readonly ok: true; readonly layout: Layout }
  | { readonly ok: false; readonly unpackable: Unpackable; readonly isProven: boolean };

/**
 * Lays a policy out over the fewest managed policies that any of its forms takes, and of the forms that take so few,
 * the least drastic: shortening that saves no policy is not done.
 */
export function splitPolicy(material: Material, limit: number, isDense: boolean): SplitResult {
  let best: Layout | undefined;
  let obstacle: { readonly unpackable: Unpackable; readonly draft: DocumentDraft } | undefined;
  const tried = new Set<string>();
  for (const { draft, levels, form } of uniformForms(material)) {
    const portions = portionsAt(draft, levels);
    const key = portions.map(({ entries }) => entries.join()).join('|');
    if (tried.has(key)) continue;
    tried.add(key);
    const packing = pack(draft.policy, portions, { limit, isDense });
    if (!packing.ok) {
      const { unpackable } = packing;
      if (!obstacle || unpackable.characters < obstacle.unpackable.characters)
        obstacle = { unpackable, draft };
    } else if (!best || packing.documents.length < best.documents.length) {
      best = { documents: write(draft, packing.documents), form };
    }
    if (best?.documents.length === 1) break;
  }
  if (best) return { ok: true, layout: best };
  if (!obstacle)
    return { ok: true, layout: { documents: [], form: { isNotAction: false, level: 'as-refined' } } };
  const { unpackable, draft } = obstacle;
  const statement = draft.statements.find((candidate) => candidate.statement.index === unpackable.statement);
  const isProven = statement !== undefined && isTooLargeAlone(statement, draft.policy, limit);
  return { ok: false, unpackable, isProven };
}

function write(draft: DocumentDraft, documents: readonly (readonly Portion[])[]): readonly FittedDocument[] {
  return documents.map((portions) => writeDocument(draft.policy, portions));
}
