import { type Layout, dividePolicy } from './pack.ts';
import { chunksAt, writeDocument, type DraftFacts } from './document-draft.ts';
import { explainInline, explainMove, explainShortening } from './explain.ts';
import type { FitFigures, FitStep } from '../model/proposed-policy.ts';
import { type FitLimits, type FitResult, type IndexedInput, stepsOf } from './fit-result.ts';
import { charactersAt, type PatternTokens, tokensOf, type Variant, writeWithin } from './encodings.ts';
import { leastCharacters } from './least-characters.ts';
import type { RemainingSlots } from './quotas.ts';

/**
 * Fits the inline policies of a principal, whose limit is a total over all of them, including refused and unchanged
 * ones.
 * They are shortened together. If that is not enough, as few as possible become managed policies: a single one if
 * possible, preferably one that lets the others stay as refined; otherwise the largest first. A policy that moves is
 * fitted again, shortened only as much as a managed policy requires. If there are not enough slots, the policy that
 * refinement lengthens most stays as it is, and the others are tried again.
 */
export function fitInline(
  inputs: readonly IndexedInput[],
  limits: FitLimits,
  slots: RemainingSlots,
  facts: DraftFacts,
): ReadonlyMap<number, FitResult> {
  const results = new Map<number, FitResult>();
  let open: readonly Open[] = inputs.flatMap(({ index, charactersBefore, refined }) => {
    if (!refined) return [];
    const tokens = tokensOf(refined, facts);
    return [{ index, charactersBefore, tokens, refined: charactersAt(tokens.listed, new Map()) }];
  });
  let fixed = inputs.reduce(
    (sum, { refined, charactersBefore }) => sum + (refined ? 0 : charactersBefore),
    0,
  );
  while (open.length > 0) {
    const total = fixed + open.reduce((sum, { refined }) => sum + refined, 0);
    const plan = planMoves(open, limits, fixed, slots.left);
    if (plan.isPossible) {
      slots.take(plan.moves.reduce((sum, { layout }) => sum + layout.documents.length, 0));
      for (const [index, result] of report(plan, open, { fixed, total, limit: limits.inline })) {
        results.set(index, result);
      }
      return results;
    }
    const { index, refined, charactersBefore } = mostGrown(open);
    const figures: FitFigures = {
      refined,
      scope: 'all-inline-policies',
      limit: limits.inline,
      total,
      reached: plan.reached,
      managedAvailable: slots.left,
    };
    const isProven = leastTogether(open) + fixed > limits.inline + slots.left * limits.document;
    results.set(index, { kind: 'does-not-fit', reason: explainInline(figures, isProven), isProven, figures });
    open = open.filter((entry) => entry.index !== index);
    fixed += charactersBefore;
  }
  return results;
}

function leastTogether(open: readonly Open[]): number {
  return open.reduce((sum, { tokens }) => sum + leastCharacters(tokens.listed), 0);
}

interface Open {
  readonly index: number;
  readonly charactersBefore: number;
  readonly tokens: PatternTokens;
  /** Characters as refined. */
  readonly refined: number;
}

interface Move {
  readonly index: number;
  readonly layout: Layout;
}

type Plan =
  | {
      readonly isPossible: true;
      readonly staying: readonly Open[];
      readonly variant: Variant;
      readonly moves: readonly Move[];
    }
  | { readonly isPossible: false; readonly reached: number };

function planMoves(open: readonly Open[], limits: FitLimits, fixed: number, slotsLeft: number): Plan {
  const budget = limits.inline - fixed;
  const whole = write(open, budget);
  if (whole.excess <= 0) return { isPossible: true, staying: open, variant: whole, moves: [] };
  const reached = fixed + budget + whole.excess;
  let staying = open;
  let moves: readonly Move[] = [];
  let variant = whole;
  while (variant.excess > 0) {
    const next = nextToMove(staying, budget, variant.excess, limits.document);
    if (!next) return { isPossible: false, reached };
    staying = staying.filter(({ index }) => index !== next.index);
    moves = [...moves, next];
    variant = write(staying, budget);
  }
  const needed = moves.reduce((sum, { layout }) => sum + layout.documents.length, 0);
  return needed <= slotsLeft ? { isPossible: true, staying, variant, moves } : { isPossible: false, reached };
}

function write(open: readonly Open[], budget: number): Variant {
  return writeWithin(
    open.map(({ tokens }) => tokens),
    budget,
  );
}

/**
 * The policy to move next, of those that fit into managed policies: the smallest that lets the others stay as refined;
 * otherwise the smallest that is enough once the others are shortened; otherwise the largest.
 */
function nextToMove(
  staying: readonly Open[],
  budget: number,
  excess: number,
  limit: number,
): Move | undefined {
  const total = staying.reduce((sum, { refined }) => sum + refined, 0);
  const sized = staying
    .map((entry) => {
      const shortest = shortestOf(entry);
      const rank = total - entry.refined <= budget ? 0 : shortest >= excess ? 1 : 2;
      return { entry, rank, shortest };
    })
    .sort((a, b) => {
      const bySize = a.shortest - b.shortest || a.entry.index - b.entry.index;
      return a.rank - b.rank || (a.rank === 2 ? -bySize : bySize);
    });
  for (const { entry } of sized) {
    const split = dividePolicy(entry.tokens, limit, false);
    if (split.ok) return { index: entry.index, layout: split.layout };
  }
  return undefined;
}

/** Characters of the policy at its shortest. */
function shortestOf({ tokens }: Open): number {
  return write([{ index: 0, charactersBefore: 0, tokens, refined: 0 }], 0).excess;
}

function mostGrown(open: readonly Open[]): Open {
  const [first, ...others] = open;
  if (!first) throw new RangeError('there is no policy to choose from');
  const growth = (entry: Open): number => entry.refined - entry.charactersBefore;
  return others.reduce((most, entry) => (growth(entry) > growth(most) ? entry : most), first);
}

function report(
  plan: Extract<Plan, { isPossible: true }>,
  open: readonly Open[],
  sums: { readonly fixed: number; readonly total: number; readonly limit: number },
): ReadonlyMap<number, FitResult> {
  const { fixed, total, limit } = sums;
  const { variant, staying, moves } = plan;
  const reached = fixed + (limit - fixed) + variant.excess;
  const results = new Map<number, FitResult>();
  const refinedOf = (index: number): number => open.find((entry) => entry.index === index)?.refined ?? 0;
  const base = { scope: 'all-inline-policies' as const, limit, total, reached };
  for (const [place, { index, refined, tokens }] of staying.entries()) {
    const draft = variant.drafts[place] ?? tokens.listed;
    const documents = [writeDocument(draft.policy, chunksAt(draft, variant.levels))];
    const steps = ownSteps(variant, tokens, place);
    const figures: FitFigures = { ...base, refined };
    const reason = steps.length === 0 ? '' : explainShortening(steps, figures);
    results.set(index, { kind: 'fits', container: 'inline', documents, steps, reason, figures });
  }
  for (const { index, layout } of moves) {
    const managedNeeded = layout.documents.length;
    const steps: FitStep[] = [...stepsOf(layout.encoding), 'moved-to-managed'];
    if (managedNeeded > 1) steps.push('split');
    const figures: FitFigures = { ...base, refined: refinedOf(index), managedNeeded };
    const reason = explainMove(steps, figures);
    results.set(index, {
      kind: 'fits',
      container: 'managed',
      documents: layout.documents,
      steps,
      reason,
      figures,
    });
  }
  return results;
}

/** The steps that concern one of several policies that were shortened together. */
function ownSteps(variant: Variant, tokens: PatternTokens, place: number): readonly FitStep[] {
  const draft = variant.drafts[place];
  if (!draft) return [];
  const own = draft.statements.flatMap(({ groups }) =>
    groups.flatMap((group) => variant.levels.get(group) ?? []),
  );
  const steps: FitStep[] = [];
  if (own.includes(variant.encoding.level) && variant.encoding.level !== 'as-refined')
    steps.push(variant.encoding.level);
  else steps.push(...own.slice(-1).filter((level) => level !== 'as-refined'));
  if (variant.encoding.isNotAction && draft === tokens.excluding) steps.push('not-action');
  return steps;
}
