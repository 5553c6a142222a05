import { portionsAt, writeDocument } from './document-draft.ts';
import { explainInline, explainMove, explainShortening } from './explain.ts';
import {
  type FitFigures,
  type FitLimits,
  type FitResult,
  type FitStep,
  type IndexedInput,
  stepsOf,
} from './fit-result.ts';
import {
  charactersAt,
  type FormFacts,
  type Material,
  materialOf,
  type Writing,
  writeWithin,
} from './forms.ts';
import { leastCharacters } from './least-characters.ts';
import type { SlotBook } from './slot-book.ts';
import { type Layout, splitPolicy } from './split.ts';

/**
 * Fits the inline policies of a principal, whose limit is a total over all of them, refused and unchanged ones included.
 *
 * They are shortened together. Where that is not enough, as few as possible move to managed policies: one alone if that
 * is enough, preferably one that leaves the others as refined; else the largest first. A policy that moves is written anew, as little shortened as a
 * managed policy allows. Where slots do not suffice, the policy that refinement lengthens most stays as it is, and the
 * rest is tried again.
 */
export function fitInline(
  inputs: readonly IndexedInput[],
  limits: FitLimits,
  slots: SlotBook,
  facts: FormFacts,
): ReadonlyMap<number, FitResult> {
  const results = new Map<number, FitResult>();
  let open: readonly Open[] = inputs.flatMap(({ index, charactersBefore, refined }) => {
    if (!refined) return [];
    const material = materialOf(refined, facts);
    return [{ index, charactersBefore, material, refined: charactersAt(material.listed, new Map()) }];
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
  return open.reduce((sum, { material }) => sum + leastCharacters(material.listed), 0);
}

interface Open {
  readonly index: number;
  readonly charactersBefore: number;
  readonly material: Material;
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
      readonly writing: Writing;
      readonly moves: readonly Move[];
    }
  | { readonly isPossible: false; readonly reached: number };

function planMoves(open: readonly Open[], limits: FitLimits, fixed: number, slotsLeft: number): Plan {
  const room = limits.inline - fixed;
  const whole = write(open, room);
  if (whole.excess <= 0) return { isPossible: true, staying: open, writing: whole, moves: [] };
  const reached = fixed + room + whole.excess;
  let staying = open;
  let moves: readonly Move[] = [];
  let writing = whole;
  while (writing.excess > 0) {
    const next = nextToMove(staying, room, writing.excess, limits.document);
    if (!next) return { isPossible: false, reached };
    staying = staying.filter(({ index }) => index !== next.index);
    moves = [...moves, next];
    writing = write(staying, room);
  }
  const needed = moves.reduce((sum, { layout }) => sum + layout.documents.length, 0);
  return needed <= slotsLeft ? { isPossible: true, staying, writing, moves } : { isPossible: false, reached };
}

function write(open: readonly Open[], room: number): Writing {
  return writeWithin(
    open.map(({ material }) => material),
    room,
  );
}

/**
 * The policy that moves next, of those that managed policies can hold: the smallest that leaves the others as refined,
 * else the smallest that is enough once the others are shortened, else the largest.
 */
function nextToMove(staying: readonly Open[], room: number, excess: number, limit: number): Move | undefined {
  const total = staying.reduce((sum, { refined }) => sum + refined, 0);
  const sized = staying
    .map((entry) => {
      const shortest = shortestOf(entry);
      const rank = total - entry.refined <= room ? 0 : shortest >= excess ? 1 : 2;
      return { entry, rank, shortest };
    })
    .sort((a, b) => {
      const bySize = a.shortest - b.shortest || a.entry.index - b.entry.index;
      return a.rank - b.rank || (a.rank === 2 ? -bySize : bySize);
    });
  for (const { entry } of sized) {
    const split = splitPolicy(entry.material, limit, false);
    if (split.ok) return { index: entry.index, layout: split.layout };
  }
  return undefined;
}

/** What the policy takes among the shortened inline policies. */
function shortestOf({ material }: Open): number {
  return write([{ index: 0, charactersBefore: 0, material, refined: 0 }], 0).excess;
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
  const { writing, staying, moves } = plan;
  const reached = fixed + (limit - fixed) + writing.excess;
  const results = new Map<number, FitResult>();
  const refinedOf = (index: number): number => open.find((entry) => entry.index === index)?.refined ?? 0;
  const base = { scope: 'all-inline-policies' as const, limit, total, reached };
  for (const [place, { index, refined, material }] of staying.entries()) {
    const draft = writing.drafts[place] ?? material.listed;
    const documents = [writeDocument(draft.policy, portionsAt(draft, writing.levels))];
    const steps = ownSteps(writing, material, place);
    const figures: FitFigures = { ...base, refined };
    const reason = steps.length === 0 ? '' : explainShortening(steps, figures);
    results.set(index, { kind: 'fits', container: 'inline', documents, steps, reason, figures });
  }
  for (const { index, layout } of moves) {
    const managedNeeded = layout.documents.length;
    const steps: FitStep[] = [...stepsOf(layout.form), 'moved-to-managed'];
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
function ownSteps(writing: Writing, material: Material, place: number): readonly FitStep[] {
  const draft = writing.drafts[place];
  if (!draft) return [];
  const own = draft.statements.flatMap(({ groups }) =>
    groups.flatMap((group) => writing.levels.get(group) ?? []),
  );
  const steps: FitStep[] = [];
  if (own.includes(writing.form.level) && writing.form.level !== 'as-refined') steps.push(writing.form.level);
  else steps.push(...own.slice(-1).filter((level) => level !== 'as-refined'));
  if (writing.form.isNotAction && draft === material.excluding) steps.push('not-action');
  return steps;
}
