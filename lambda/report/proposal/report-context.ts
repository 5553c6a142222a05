import type { Universe } from '../../core/catalogue/universe.ts';
import type { Refinement } from '../../core/proposal/schema.ts';
import type { OpinionResult } from '../../ports/opinions.ts';
import type { ServiceAccess } from './access.ts';
import type { AccountNames } from '../text/wording.ts';
import type { Verdicts } from '../html/verdicts.ts';

/** What the sections of a report share; by default it is about whatever is refined. */
export interface ReportContext<P extends Refinement = Refinement> {
  readonly proposal: P;
  readonly universe: Universe;
  readonly verdicts: Verdicts;
  readonly services: readonly ServiceAccess[];
  readonly engineVersion: string | undefined;
  /** Second opinions that were asked for. */
  readonly opinions: readonly OpinionResult[];
  /** Undefined where the report does not know where it lies. */
  readonly links: ReportLinks | undefined;
  readonly accountNames: AccountNames | undefined;
  /** Room for what a large report can do without: drawings, and lists of single actions. */
  readonly room: Room;
}

/** Where a report's neighbours are. */
export interface ReportLinks {
  /** Of the overview: relative to the report, or an `https://` address. */
  readonly index: string;
  /** Of the bucket that holds the report, `s3://bucket/`; left out, commands name the proposal's folder. */
  readonly bucket?: string;
}

/** Counts down what may still be written, in characters of HTML, so that a report stays a page and not a dump. */
export class Room {
  #left: number;
  constructor(characters: number) {
    this.#left = characters;
  }
  /** Whether there is room for that much, which is then taken. */
  take(characters: number): boolean {
    if (characters > this.#left) return false;
    this.#left -= characters;
    return true;
  }
}
