import type { Universe } from '../../core/catalogue/universe.ts';
import type { Refinement } from '../../core/proposal/schema.ts';
import type { OpinionResult } from '../../ports/opinions.ts';
import type { ServiceAccess } from './access.ts';
import type { Verdicts } from '../html/verdicts.ts';

/** What the sections of a report share. */
export interface ReportContext<P extends Refinement = Refinement> {
  readonly proposal: P;
  readonly universe: Universe;
  readonly verdicts: Verdicts;
  readonly services: readonly ServiceAccess[];
  readonly engineVersion: string | undefined;
  /** The second opinions that were requested. */
  readonly opinions: readonly OpinionResult[];
  /** Undefined if the report does not know where it is stored. */
  readonly links: ReportLinks | undefined;
  /** The space left for parts that a large report leaves out: drawings, and lists of single actions. */
  readonly budget: SizeBudget;
}

/** Where a report's neighbours are. */
export interface ReportLinks {
  /** The overview: relative to the report, or an `https://` address. */
  readonly index: string;
  /** The bucket that holds the report, as `s3://bucket/`; if left out, commands name the proposal's folder. */
  readonly bucket?: string;
}

/** Counts the characters of HTML that may still be written, so that a report does not grow too large. */
export class SizeBudget {
  #left: number;
  constructor(characters: number) {
    this.#left = characters;
  }
  /** True if there is room for that many characters, which are then taken. */
  take(characters: number): boolean {
    if (characters > this.#left) return false;
    this.#left -= characters;
    return true;
  }
}
