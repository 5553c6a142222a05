import * as z from 'zod';

const TEXTS = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const PRINCIPAL = z.union([z.literal('*'), z.record(z.string(), TEXTS)]);
const CONDITION = z.record(
  z.string(),
  z.record(
    z.string(),
    z
      .union([z.string(), z.number(), z.boolean(), z.array(z.string())])
      .transform((value) => [value].flat().map(String)),
  ),
);

/** Strict: an element that is not evaluated must not look as if it had been. */
export const STATEMENT = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: PRINCIPAL.optional(),
  Action: TEXTS,
  Resource: TEXTS.optional(),
  Condition: CONDITION.default({}),
});
export type Statement = z.output<typeof STATEMENT>;

/** Statements of a document whose references are resolved. @throws ZodError for an element that is not evaluated */
export function statementsOf(document: unknown): readonly Statement[] {
  const { Statement: statements } = z
    .object({ Statement: z.union([STATEMENT.transform((one) => [one]), z.array(STATEMENT)]) })
    .parse(document);
  return statements;
}

/** What IAM judges: an action on a resource, and what is known of the request. */
export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
  /** Values by condition key, in lower case; a key that the request does not have is absent. */
  readonly context: ReadonlyMap<string, readonly string[]>;
}

export interface Policies {
  /** ARN of the role that asks. */
  readonly principal: string;
  readonly identity: readonly Statement[];
  /** The policy of the resource; empty where it has none. */
  readonly resource: readonly Statement[];
  /** Whether both sides must allow: a resource of another account, and every key. */
  readonly needsBoth: boolean;
}

/**
 * Judges a request as IAM does, without session policies, boundaries and policies of the organisation.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * Within an account this asks the role's own policies to allow: no role of the stack lives by a resource's policy.
 * @returns why it is refused; undefined where it is allowed
 * @throws Error for a condition operator that is not evaluated
 */
export function refusal(
  request: AccessRequest,
  { principal, identity, resource, needsBoth }: Policies,
): string | undefined {
  const own = identity.filter((one) => applies(one, request));
  const theirs = resource.filter((one) => concerns(one, principal) && applies(one, request, '*'));
  const denial = [...own, ...theirs].find(({ Effect: effect }) => effect === 'Deny');
  if (denial) return `denied by the statement ${denial.Sid ?? 'without a name'}`;
  if (own.length === 0) return "not allowed by the role's policies";
  if (needsBoth && theirs.length === 0) return "not allowed by the resource's policy";
  return undefined;
}

/** @param anyResource what a trust policy, which names none, stands for */
function applies(statement: Statement, request: AccessRequest, anyResource?: string): boolean {
  const { Action: actions, Resource: named, Condition: condition } = statement;
  const resources = named ?? (anyResource === undefined ? [] : [anyResource]);
  return (
    actions.some((pattern) => like(pattern.toLowerCase(), request.action.toLowerCase())) &&
    resources.some((pattern) => like(pattern, request.resource)) &&
    Object.entries(condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) =>
        holds(operator, values, request.context.get(key.toLowerCase()), SEVERAL.has(key.toLowerCase())),
      ),
    )
  );
}

function concerns({ Principal: principal }: Statement, arn: string): boolean {
  if (principal === undefined) return false;
  if (principal === '*') return true;
  const [, , , , account = ''] = arn.split(':');
  const names = ['*', arn, account, `arn:aws:iam::${account}:root`];
  return (principal['AWS'] ?? []).some((one) => names.includes(one));
}

/** Condition keys that hold a list, however short, among those that the requests have. */
const SEVERAL = new Set(['account:alternatecontacttypes', 'aws:tagkeys']);

type Compare = (wanted: string, value: string) => boolean;

const COMPARISONS: Readonly<Record<string, Compare>> = {
  StringEquals: (wanted, value) => wanted === value,
  StringLike: like,
  ArnEquals: arnLike,
  ArnLike: arnLike,
  Bool: (wanted, value) => wanted.toLowerCase() === value.toLowerCase(),
  NumericLessThan: (wanted, value) => Number(value) < Number(wanted),
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function holds(
  operator: string,
  wanted: readonly string[],
  values: readonly string[] | undefined,
  isList: boolean,
): boolean {
  if (operator === 'Null') return wanted.includes(String(values === undefined));
  const [, set = '', rest = ''] = /^(?:(ForAnyValue|ForAllValues):)?(\w+)$/.exec(operator) ?? [];
  const isLenient = rest.endsWith('IfExists');
  const name = isLenient ? rest.slice(0, -'IfExists'.length) : rest;
  const isNegated = /^(?:String|Arn)Not/.test(name);
  const compare = COMPARISONS[name.replace('Not', '')];
  if (compare === undefined || wanted.some((one) => one.includes('${'))) {
    throw new Error(`the condition ${operator} ${wanted.join(', ')} is not evaluated`);
  }
  const test = (value: string): boolean => wanted.some((one) => compare(one, value)) !== isNegated;
  if (set === 'ForAllValues') return (values ?? []).every(test);
  if (values === undefined) return isLenient || (isNegated && set === '');
  if (set === 'ForAnyValue') return values.some(test);
  // A key of several values is compared by a set operator or not at all.
  return !isList && values.length === 1 && values.every(test);
}

function arnLike(pattern: string, arn: string): boolean {
  const wanted = segments(pattern);
  const given = segments(arn);
  return wanted.every((one, index) => like(one, given[index] ?? ''));
}

function segments(arn: string): readonly string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

/** By pattern: each call on the wire is compared with the same few hundred. */
const EXPRESSIONS = new Map<string, RegExp>();

/** `*` and `?` as in resources and in StringLike. */
export function like(pattern: string, text: string): boolean {
  let expression = EXPRESSIONS.get(pattern);
  if (expression === undefined) {
    expression = expressionOf(pattern);
    EXPRESSIONS.set(pattern, expression);
  }
  return expression.test(text);
}

function expressionOf(pattern: string): RegExp {
  const parts = [...pattern].map((one) =>
    one === '*' ? '.*' : one === '?' ? '.' : one.replace(/[\\^$.+()[\]{}|]/g, '\\$&'),
  );
  return new RegExp(`^${parts.join('')}$`, 's');
}
