import { count } from '../model/wording.ts';
import type { FitFigures, FitStep } from '../model/proposed-policy.ts';
import type { Unpackable } from './pack.ts';

const STEP: Record<FitStep, string> = {
  'without-redundancy': 'entries that another entry contains are left out',
  prefixes: 'new wildcards end at characters rather than at words',
  abbreviations: 'single actions are written as the shortest prefixes that match nothing else',
  'word-patterns': 'wildcards stand elsewhere than at the end, between words',
  patterns: 'wildcards stand anywhere',
  'not-action': '"*" became NotAction with exactly what is removed',
  'moved-to-managed': 'it becomes a managed policy',
  split: 'it is split over several managed policies',
};

/** One sentence: what was done to make it fit, and the figures behind that. */
export function explainShortening(steps: readonly FitStep[], figures: FitFigures): string {
  const { scope, total, limit, reached } = figures;
  const subject = scope === 'document' ? 'as refined it has' : 'as refined all inline policies together have';
  return `${subject} ${count(total)} of ${count(limit)} characters: ${describe(steps)}, which gives ${count(reached)}`;
}

export function explainDivision(steps: readonly FitStep[], figures: FitFigures): string {
  const { refined, limit, managedNeeded = 1 } = figures;
  const policies = managedNeeded === 1 ? '1 managed policy' : `${String(managedNeeded)} managed policies`;
  return `as refined it has ${count(refined)} characters and a managed policy holds ${count(limit)}: ${describe(steps)}, which gives ${policies}`;
}

export function explainMove(steps: readonly FitStep[], figures: FitFigures): string {
  const { total, limit, managedNeeded = 1 } = figures;
  const policies = managedNeeded === 1 ? '1 managed policy' : `${String(managedNeeded)} managed policies`;
  return `as refined all inline policies together have ${count(total)} of ${count(limit)} characters: ${describe(steps)}, which gives ${policies}`;
}

export function explainUnpackable(unpackable: Unpackable, limit: number, isProven: boolean): string {
  const { statement, isDivisible, characters } = unpackable;
  const what = isDivisible
    ? `statement ${String(statement)} takes ${count(characters)} characters even with one action and alone`
    : `statement ${String(statement)} cannot be divided and takes ${count(characters)} characters even alone`;
  return `does not fit: ${what}, a managed policy holds ${count(limit)}${proof(isProven)}`;
}

export function explainSlots(figures: FitFigures, isProven: boolean): string {
  const { reached, managedNeeded = 0, managedAvailable = 0, limit } = figures;
  const available = managedAvailable === 1 ? '1 is' : `${String(managedAvailable)} are`;
  return `does not fit: at its shortest it needs ${String(managedNeeded)} managed policies of ${count(limit)} characters (${count(reached)} together) and ${available} left for it${proof(isProven)}`;
}

export function explainInline(figures: FitFigures, isProven: boolean): string {
  const { total, reached, limit, managedAvailable = 0 } = figures;
  const left = managedAvailable === 1 ? 'managed policy' : 'managed policies';
  return `does not fit: all inline policies together have ${count(total)} characters as refined and ${count(reached)} at their shortest, the limit is ${count(limit)}, and moving out of them takes more than the ${String(managedAvailable)} ${left} left${proof(isProven)}`;
}

function proof(isProven: boolean): string {
  return isProven
    ? '; no other exact answer can be short enough'
    : '; a shorter exact answer was not found, which does not prove that there is none';
}

function describe(steps: readonly FitStep[]): string {
  return steps.map((step) => STEP[step]).join('; ');
}
