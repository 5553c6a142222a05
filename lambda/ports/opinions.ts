import type { OpinionName } from '../contract/opinions.ts';

/**
 * What became of one opinion, or of one document within it. `differs`: neither side is wrong, they grant different
 * actions. `partly`: agreed wherever there was an answer. `unavailable`: there was none, and the sentence says why.
 * `not-asked`: there was nothing to ask about.
 */
export type OpinionVerdict = 'agrees' | 'disagrees' | 'differs' | 'partly' | 'unavailable' | 'not-asked';

/**
 * One opinion of AWS on one proposal, as it lies in `opinions.json` and in the report. Plain data; the same answers
 * give the same bytes. Sentences may quote AWS, so they are text of others.
 */
export interface OpinionResult {
  readonly opinion: OpinionName;
  readonly verdict: OpinionVerdict;
  readonly sentences: readonly string[];
  readonly details: readonly OpinionDetail[];
}

/** What concerns one policy, or one of the documents that would stand in its place. */
export interface OpinionDetail {
  readonly policy: string;
  readonly document?: string;
  readonly verdict: OpinionVerdict;
  readonly sentences: readonly string[];
  readonly lists?: readonly OpinionList[];
}

/** Actions under one heading: the first of them, and how many there are. */
export interface OpinionList {
  readonly title: string;
  readonly count: number;
  readonly actions: readonly string[];
}
