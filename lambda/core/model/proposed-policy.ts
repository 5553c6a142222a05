import type { JsonValue } from './json.ts';
import type { GrantSource } from './principal.ts';

/*
 * What becomes of a policy, in the words that every stage from refining to judging shares. The names of the members are
 * those of `proposal.json`.
 */

/** Least general generalisation chosen for split wildcards. */
export type Generalize = 'shortest' | 'least' | 'enumerate';

/**
 * What a `*` becomes when something under it goes: a list of all that stays, which loses services that nobody here
 * knows, or `NotAction` with all that goes, which loses nothing that nobody reports.
 */
export type StarForm = 'list' | 'not-action';

export type Disposition =
  'unchanged' | 'update' | 'new-version' | 'replace' | 'remove' | 'inherited' | 'refused';

export interface ProposedPolicy {
  readonly source: GrantSource;
  readonly name: string;
  readonly arn?: string;
  readonly versionId?: string;
  readonly group?: string;
  readonly disposition: Disposition;
  readonly reason: string;
  /** The document as it is; a string where it could not be read as JSON. */
  readonly before: JsonValue;
  /** What stands in its place: empty when it goes, more than one when it had to be split. */
  readonly after: readonly NamedDocument[];
  /** Actions of the universe, sorted, that this policy grants no longer. */
  readonly removed: readonly string[];
  readonly changes: readonly PatternChange[];
  /** What was done to stay within IAM's size limits; absent where nothing had to be done. */
  readonly fitting?: Fitting;
}

export interface Fitting {
  readonly steps: readonly FitStep[];
  readonly figures: FitFigures;
}

export interface NamedDocument {
  readonly name: string;
  readonly document: JsonValue;
}

export interface PatternChange {
  /** Place of the statement in `before`, counted from 0. */
  readonly statement: number;
  readonly sid?: string;
  readonly element: 'Action' | 'NotAction';
  readonly pattern: string;
  readonly outcome: 'kept' | 'narrowed' | 'removed' | 'added';
  readonly to: readonly string[];
  readonly reason: string;
}

export interface RetainedAction {
  readonly action: string;
  readonly reason: string;
}

export interface ResidueAction {
  readonly action: string;
  readonly through: string;
  readonly reason: string;
}

/** What was done to a policy, the least drastic first. */
export type FitStep =
  | 'without-redundancy'
  | 'prefixes'
  | 'abbreviations'
  | 'word-patterns'
  | 'patterns'
  | 'not-action'
  | 'moved-to-managed'
  | 'split';

/** Numbers behind a verdict, in characters as IAM counts them. */
export interface FitFigures {
  /** The policy as refined. */
  readonly refined: number;
  /** What the limit holds for: this document, or all inline policies of the principal. */
  readonly scope: 'document' | 'all-inline-policies';
  readonly limit: number;
  /** The same scope as refined, and as it is now proposed or, where it does not fit, at its shortest. */
  readonly total: number;
  readonly reached: number;
  /** Managed policies that it needs, and that the principal can still take for it; where that was the question. */
  readonly managedNeeded?: number;
  readonly managedAvailable?: number;
}

/** One new document and the policy whose place it takes. */
export interface ChangedDocument {
  readonly policy: ProposedPolicy;
  readonly proposed: NamedDocument;
}

/** A proposal, complete or not. */
interface Changing {
  readonly policies: readonly ProposedPolicy[];
}

const CHANGING: ReadonlySet<ProposedPolicy['disposition']> = new Set(['update', 'new-version', 'replace']);

/** The policies in whose place new documents would stand. One that goes without a successor is none of them. */
export function changedPolicies({ policies }: Changing): readonly ProposedPolicy[] {
  return policies.filter(({ disposition, after }) => CHANGING.has(disposition) && after.length > 0);
}

/** Every new document beside the policy it comes from, in the order of the proposal. */
export function changedDocuments({ policies }: Changing): readonly ChangedDocument[] {
  return changedPolicies({ policies }).flatMap((policy) =>
    policy.after.map((proposed) => ({ policy, proposed })),
  );
}
