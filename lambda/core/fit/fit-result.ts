import type { FitFigures, FitStep } from '../model/proposed-policy.ts';
import type { FittedDocument, RefinedPolicy } from './document-draft.ts';
import type { Encoding } from './encodings.ts';

/**
 * One of the principal's own policies (not through a group, not its boundary) that stays. `refined` is null if
 * refinement changes nothing or refuses; then the document only counts.
 */
export interface FitInput {
  readonly container: 'inline' | 'managed';
  /** Characters of the present document, as IAM counts them. */
  readonly charactersBefore: number;
  readonly refined: RefinedPolicy | null;
}

export type FitResult =
  /** Nothing to fit. */
  | { readonly kind: 'untouched' }
  /** It fits: `documents` replace the policy; `steps` is empty if that is the refined document itself. */
  | {
      readonly kind: 'fits';
      readonly container: 'inline' | 'managed';
      readonly documents: readonly FittedDocument[];
      readonly steps: readonly FitStep[];
      /** Why these steps, in one sentence; empty without steps. */
      readonly reason: string;
      readonly figures: FitFigures;
    }
  /**
   * It does not fit, and the policy stays as it is. `isProven`: even the fewest characters that any exact answer
   * needs are too many; otherwise no shorter answer was found.
   */
  | {
      readonly kind: 'does-not-fit';
      readonly reason: string;
      readonly isProven: boolean;
      readonly figures: FitFigures;
    };

/** An input and its place in the request. */
export interface IndexedInput extends FitInput {
  readonly index: number;
}

export interface FitLimits {
  readonly document: number;
  readonly inline: number;
}

/** The steps of an encoding. */
export function stepsOf(encoding: Encoding): readonly FitStep[] {
  const steps: FitStep[] = [];
  if (encoding.level !== 'as-refined') steps.push(encoding.level);
  if (encoding.isNotAction) steps.push('not-action');
  return steps;
}
