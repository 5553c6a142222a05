import type { Catalogue } from '../catalogue/catalogue.ts';
import { equalJson, isJsonArray, isJsonObject, type JsonValue } from '../model/json.ts';
import type { UnusedAccess } from '../model/unused-access.ts';
import { checkStatement } from './check-statement.ts';
import { makeExpectation } from './expected.ts';
import { type Granted, Tally } from './granted.ts';
import { type ReadStatement, readStatements } from './grant-reading.ts';

/** One document that replaces the original, and the origin of each of its statements. */
export interface ClaimedDocument {
  readonly document: JsonValue;
  /** For each statement of the document, the index of the original statement. */
  readonly origins: readonly number[];
}

interface VerifyInput {
  readonly before: JsonValue;
  /** Empty if nothing is left of the policy. */
  readonly after: readonly ClaimedDocument[];
  readonly unused: UnusedAccess;
  readonly keep: readonly string[];
  readonly catalogue: Catalogue;
  /**
   * All policies of the principal, as JSON: a `*` that is replaced by a list keeps the services that they name.
   * @default the policy itself
   */
  readonly documents?: readonly JsonValue[];
  /**
   * Wildcards are forbidden; a service is then replaced by the list of its known actions.
   * @default false
   */
  readonly isEnumerating?: boolean;
  /** Also requires that surviving patterns keep their spelling and order; false after fitting. */
  readonly strict: boolean;
}

/**
 * A refinement that the verifier has accepted. Only this module makes one, so that proposals can be built from
 * nothing else.
 */
export class VerifiedPolicy {
  readonly #input: VerifyInput;
  private constructor(
    input: VerifyInput,
    /** What the Allow statements grant, case-folded, before and after. */
    readonly grantedBefore: Granted,
    readonly grantedAfter: Granted,
    readonly statementsChecked: number,
    readonly actionsChecked: number,
  ) {
    this.#input = input;
  }

  get before(): JsonValue {
    return this.#input.before;
  }

  get after(): readonly JsonValue[] {
    return this.#input.after.map(({ document }) => document);
  }

  static verify(input: VerifyInput): VerifyResult {
    const tally = new Tally();
    const problems = checkPolicy(input, tally);
    if (problems.length > 0) return { ok: false, problems };
    return {
      ok: true,
      verified: new VerifiedPolicy(input, tally.before, tally.after, tally.statements, tally.actions),
    };
  }
}

type VerifyResult =
  | { readonly ok: true; readonly verified: VerifiedPolicy }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Checks a claimed refinement against the rules by going through the actions of the universe one by one. An exception
 * is a problem like any other: the refinement is not accepted.
 */
export function verifyPolicy(input: VerifyInput): VerifyResult {
  try {
    return VerifiedPolicy.verify(input);
  } catch (error) {
    return {
      ok: false,
      problems: [`the verifier failed: ${error instanceof Error ? error.message : 'unknown'}`],
    };
  }
}

function checkPolicy(input: VerifyInput, tally: Tally): readonly string[] {
  const before = readStatements(input.before);
  if (typeof before === 'string') return [`before: ${before}`];
  const problems: string[] = [];
  const parts = new Map<number, ReadStatement[]>();
  for (const [place, claim] of input.after.entries()) {
    const statements = readStatements(claim.document);
    if (typeof statements === 'string') return [`after[${String(place)}]: ${statements}`];
    problems.push(
      ...checkDocument(input.before, claim, statements).map((p) => `after[${String(place)}]: ${p}`),
    );
    for (const [index, statement] of statements.entries()) {
      const origin = claim.origins[index] ?? -1;
      const list = parts.get(origin) ?? [];
      parts.set(origin, [...list, statement]);
    }
  }
  if (problems.length > 0) return problems;
  const { catalogue, unused, keep, documents = [], isEnumerating = false } = input;
  const named = [input.before, ...documents];
  const expectation = makeExpectation({ catalogue, unused, keep, documents: named, isEnumerating });
  for (const [index, statement] of before.entries()) {
    const own = parts.get(index) ?? [];
    parts.delete(index);
    const found = checkStatement(statement, own, expectation, input.strict, tally);
    problems.push(...found.map((problem) => `Statement[${String(index)}]: ${problem}`));
  }
  // A new statement that was compared with no original statement is not proven, whatever its origin claims.
  if (parts.size > 0) problems.push('a statement stands for none of the statements before');
  return problems;
}

/** The rules for a document as a whole: the same policy elements, statements in order, unique Sids. */
function checkDocument(
  before: JsonValue,
  claim: ClaimedDocument,
  statements: readonly ReadStatement[],
): readonly string[] {
  const problems: string[] = [];
  if (!isJsonObject(before) || !isJsonObject(claim.document)) return ['a document is not an object'];
  for (const key of new Set([...Object.keys(before), ...Object.keys(claim.document)])) {
    if (key !== 'Statement' && !equalJson(before[key], claim.document[key]))
      problems.push(`${key} was changed`);
  }
  if (claim.origins.length !== statements.length) problems.push('not every statement names its origin');
  claim.origins.forEach((origin, index) => {
    const previous = claim.origins[index - 1];
    if (previous !== undefined && previous >= origin) problems.push('the order of statements was changed');
  });
  const element = before['Statement'];
  const count = isJsonArray(element) ? element.length : 1;
  if (claim.origins.some((origin) => !Number.isInteger(origin) || origin < 0 || origin >= count))
    problems.push('an origin is not the place of a statement');
  const sids = statements.map(({ source }) => source['Sid']).filter((sid) => sid !== undefined && sid !== '');
  if (new Set(sids).size !== sids.length) problems.push('two statements have the same Sid');
  return problems;
}
