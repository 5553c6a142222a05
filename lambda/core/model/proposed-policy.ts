import type { JsonValue } from './json.ts';
import type { GrantSource } from './principal.ts';

/*
 * The outcome for a policy: the types that all stages share, from refinement to lifecycle. Members are named as in
 * `proposal.json`.
 */

/** What a split wildcard becomes. */
export type Generalize = 'shortest' | 'least' | 'enumerate';

/**
 * What a partly unused `*` becomes: a list of everything that remains, which drops services that neither the
 * catalogue nor the input names, or `NotAction` with everything that is removed, which drops nothing else.
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
  /** The present document; a string if it could not be read as JSON. */
  readonly before: JsonValue;
  /** What replaces it: empty if the policy is removed, several documents if it was split. */
  readonly after: readonly NamedDocument[];
  /** Sorted actions of the universe that this policy no longer grants. */
  readonly removed: readonly string[];
  readonly changes: readonly PatternChange[];
  /** What was done to stay within IAM's size limits; absent if nothing was needed. */
  readonly fitting?: Fitting;
}

interface Fitting {
  readonly steps: readonly FitStep[];
  readonly figures: FitFigures;
}

export interface NamedDocument {
  readonly name: string;
  readonly document: JsonValue;
}

export interface PatternChange {
  /** Index of the statement in `before`, from 0. */
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

/** What was done to a policy, the mildest step first. */
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
  /** What the limit applies to: this document, or all inline policies of the principal. */
  readonly scope: 'document' | 'all-inline-policies';
  readonly limit: number;
  /** Characters of the same scope as refined, and as proposed or, if it does not fit, at its shortest. */
  readonly total: number;
  readonly reached: number;
  /** Managed policies that it needs, and that can still be attached to the principal; absent if it needs none. */
  readonly managedNeeded?: number;
  readonly managedAvailable?: number;
}

/** One new document and the policy that it replaces. */
export interface ChangedDocument {
  readonly policy: ProposedPolicy;
  readonly proposed: NamedDocument;
}

/** A proposal, complete or not. */
interface Changing {
  readonly policies: readonly ProposedPolicy[];
}

const CHANGING: ReadonlySet<ProposedPolicy['disposition']> = new Set(['update', 'new-version', 'replace']);

/** The policies that new documents replace, without those that are only removed. */
export function changedPolicies({ policies }: Changing): readonly ProposedPolicy[] {
  return policies.filter(({ disposition, after }) => CHANGING.has(disposition) && after.length > 0);
}

/** Every new document with the policy that it replaces, in the order of the proposal. */
export function changedDocuments({ policies }: Changing): readonly ChangedDocument[] {
  return changedPolicies({ policies }).flatMap((policy) =>
    policy.after.map((proposed) => ({ policy, proposed })),
  );
}
