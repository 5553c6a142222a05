import { editStatement, type Policy, withStatements, parsePolicy } from '../model/policy.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { PatternChange } from '../model/proposed-policy.ts';
import type { RefineContext } from './context.ts';
import { refineStatement, type StatementRefinement } from './refine-statement.ts';
import type { Grant } from '../model/principal.ts';

/** The refined form of one policy document: a claim, until the verifier has checked it. */
export interface PolicyRefinement {
  readonly policy: Policy;
  readonly statements: readonly StatementRefinement[];
  readonly isChanged: boolean;
  /** Null if no statement is left: the policy is to be detached or deleted. */
  readonly document: JsonObject | null;
  /** For each statement of `document`, the index of the statement it came from. */
  readonly origins: readonly number[];
  readonly changes: readonly PatternChange[];
}

export function refinePolicy(policy: Policy, context: RefineContext): PolicyRefinement {
  const statements = policy.statements.map((statement) => refineStatement(statement, context));
  const isChanged = statements.some((refinement) => refinement.isChanged);
  const changes: PatternChange[] = [];
  const left: { readonly source: JsonObject; readonly origin: number }[] = [];
  for (const { statement, edit, isChanged: isStatementChanged, changes: own } of statements) {
    for (const change of own) changes.push(change);
    if (!edit) continue;
    const source = isStatementChanged ? editStatement(statement, edit) : statement.source;
    left.push({ source, origin: statement.index });
  }
  const document = !isChanged
    ? policy.source
    : left.length === 0
      ? null
      : withStatements(
          policy,
          left.map(({ source }) => source),
        );
  return {
    policy,
    statements,
    isChanged,
    document,
    origins: left.map(({ origin }) => origin),
    changes,
  };
}

/** One policy of a subject with its refined form, before anything is fitted or verified. */
export type GrantRefinement =
  | { readonly grant: Grant; readonly kind: 'refused'; readonly reason: string }
  | {
      readonly grant: Grant;
      readonly kind: 'refined';
      readonly document: JsonValue;
      readonly refinement: PolicyRefinement;
    };

/** Refines every policy of a subject. A policy that cannot be understood is refused; the others are still refined. */
export function refineGrants(grants: readonly Grant[], context: RefineContext): readonly GrantRefinement[] {
  return grants.map((grant) => {
    if (!grant.document.readable) return { grant, kind: 'refused', reason: grant.document.problem };
    const document = grant.document.value;
    const policy = parsePolicy(document);
    if (!policy.ok) return { grant, kind: 'refused', reason: policy.problem };
    return { grant, kind: 'refined', document, refinement: refinePolicy(policy.value, context) };
  });
}
