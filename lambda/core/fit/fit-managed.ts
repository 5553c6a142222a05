import { type Layout, dividePolicy } from './pack.ts';
import { countCharacters } from '../model/json.ts';
import { chunksAt, writeDocument, type DraftFacts } from './document-draft.ts';
import { explainDivision, explainShortening, explainUnpackable, explainSlots } from './explain.ts';
import type { FitFigures } from '../model/proposed-policy.ts';
import { type FitLimits, type FitResult, type IndexedInput, stepsOf } from './fit-result.ts';
import { charactersAt, type PatternTokens, tokensOf, writeWithin } from './encodings.ts';
import { leastDocuments } from './least-characters.ts';
import type { RemainingSlots } from './quotas.ts';

/**
 * Fits managed policies, each separately. Those that need several documents take slots. If slots are scarce, the
 * policies that need fewest come first, and all are packed densely if that lets more of them in.
 */
export function fitManaged(
  inputs: readonly IndexedInput[],
  limits: FitLimits,
  slots: RemainingSlots,
  facts: DraftFacts,
): ReadonlyMap<number, FitResult> {
  const results = new Map<number, FitResult>();
  const open: Divided[] = [];
  for (const { index, refined } of inputs) {
    if (!refined) continue;
    const tokens = tokensOf(refined, facts);
    const whole = fitWhole(tokens, limits.document);
    if (whole.kind === 'fits') {
      results.set(index, whole.result);
      continue;
    }
    const split = dividePolicy(tokens, limits.document, false);
    const { figures } = whole;
    if (split.ok) {
      open.push({ index, tokens, layout: split.layout, figures });
      continue;
    }
    const { unpackable, isProven } = split;
    const reason = explainUnpackable(unpackable, limits.document, isProven);
    results.set(index, { kind: 'does-not-fit', reason, isProven, figures });
  }
  const needed = open.reduce((sum, { layout }) => sum + layout.documents.length - 1, 0);
  const layouts = needed <= slots.left ? open : open.map((entry) => densest(entry, limits.document));
  const fewestFirst = [...layouts].sort(
    (a, b) => a.layout.documents.length - b.layout.documents.length || a.index - b.index,
  );
  for (const entry of fewestFirst) results.set(entry.index, place(entry, limits.document, slots));
  return results;
}

interface Divided {
  readonly index: number;
  readonly tokens: PatternTokens;
  readonly layout: Layout;
  readonly figures: FitFigures;
}

type Whole =
  | { readonly kind: 'fits'; readonly result: FitResult }
  | { readonly kind: 'too-long'; readonly figures: FitFigures };

/** The policy as one document, shortened as far as needed. */
function fitWhole(tokens: PatternTokens, limit: number): Whole {
  const refined = charactersAt(tokens.listed, new Map());
  const { drafts, levels, encoding, excess } = writeWithin([tokens], limit);
  const figures: FitFigures = { refined, scope: 'document', limit, total: refined, reached: limit + excess };
  const [draft] = drafts;
  if (excess > 0 || !draft) return { kind: 'too-long', figures };
  const documents = [writeDocument(draft.policy, chunksAt(draft, levels))];
  const steps = stepsOf(encoding);
  const reason = steps.length === 0 ? '' : explainShortening(steps, figures);
  return { kind: 'fits', result: { kind: 'fits', container: 'managed', documents, steps, reason, figures } };
}

function densest(entry: Divided, limit: number): Divided {
  const dense = dividePolicy(entry.tokens, limit, true);
  const isBetter = dense.ok && dense.layout.documents.length < entry.layout.documents.length;
  return isBetter ? { ...entry, layout: dense.layout } : entry;
}

function place({ tokens, layout, figures: whole }: Divided, limit: number, slots: RemainingSlots): FitResult {
  const managedNeeded = layout.documents.length;
  // The policy already has one slot; it needs the others.
  const managedAvailable = slots.left + 1;
  const reached = layout.documents.reduce((sum, { document }) => sum + countCharacters(document), 0);
  const figures: FitFigures = { ...whole, reached, managedNeeded, managedAvailable };
  if (!slots.take(managedNeeded - 1)) {
    const isProven = leastDocuments(tokens.listed, limit) > managedAvailable;
    return { kind: 'does-not-fit', reason: explainSlots(figures, isProven), isProven, figures };
  }
  const steps = [...stepsOf(layout.encoding), 'split' as const];
  const reason = explainDivision(steps, figures);
  return { kind: 'fits', container: 'managed', documents: layout.documents, steps, reason, figures };
}
