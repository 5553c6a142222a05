import * as z from 'zod';
import { invalid, notFound, WireError } from './access-analyzer-wire.ts';

export type OpinionOperation =
  | 'ValidatePolicy'
  | 'CheckNoNewAccess'
  | 'CheckAccessNotGranted'
  | 'GenerateFindingRecommendation'
  | 'GetFindingRecommendation';

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicyFinding.html */
export interface WireIssue {
  readonly findingType: 'ERROR' | 'SECURITY_WARNING' | 'SUGGESTION' | 'WARNING';
  readonly issueCode: string;
  readonly findingDetails: string;
  readonly learnMoreLink: string;
  readonly locations: readonly unknown[];
}

export interface WireCheck {
  readonly result: 'PASS' | 'FAIL';
  readonly message: string;
  readonly reasons?: readonly { readonly description: string; readonly statementIndex: number }[];
}

export interface WireStep {
  readonly recommendedAction: 'CREATE_POLICY' | 'DETACH_POLICY';
  readonly recommendedPolicy?: string;
  readonly existingPolicyId?: string;
  readonly policyUpdatedAt?: string;
}

/** What the server says when it is asked for opinions. A check may throw a {@link WireError}. */
export interface OpinionScript {
  validate: (document: unknown) => readonly WireIssue[];
  noNewAccess: (existing: unknown, proposed: unknown) => WireCheck;
  notGranted: (document: unknown, actions: readonly string[]) => WireCheck;
  /** How often a recommendation is still in progress before it is there. */
  inProgress: number;
  recommendation:
    | { readonly status: 'SUCCEEDED'; readonly steps: readonly WireStep[] }
    | { readonly status: 'FAILED'; readonly error: { readonly code: string; readonly message: string } };
  /** What a page of ValidatePolicy or of a recommendation holds at most. */
  pageSize: number;
}

export const QUIET: Readonly<OpinionScript> = {
  validate: () => [],
  noNewAccess: () => ({ result: 'PASS', message: 'The modified permissions grant no new access.' }),
  notGranted: () => ({ result: 'PASS', message: 'The policy document does not grant these actions.' }),
  inProgress: 0,
  recommendation: { status: 'SUCCEEDED', steps: [] },
  pageSize: 100,
};

export function issue(findingType: WireIssue['findingType'], issueCode: string, words: string): WireIssue {
  return {
    findingType,
    issueCode,
    findingDetails: words,
    learnMoreLink: `https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#${issueCode}`,
    locations: [{ path: [{ value: 'Statement' }, { index: 0 }], span: {} }],
  };
}

export function unprocessable(message: string): WireError {
  return new WireError(422, 'UnprocessableEntityException', message);
}

const POLICY = z.literal('IDENTITY_POLICY');
const VALIDATE = z.strictObject({ policyDocument: z.string(), policyType: POLICY });
const NO_NEW_ACCESS = z.strictObject({
  newPolicyDocument: z.string(),
  existingPolicyDocument: z.string(),
  policyType: POLICY,
});
const NOT_GRANTED = z.strictObject({
  policyDocument: z.string(),
  access: z.array(z.strictObject({ actions: z.array(z.string()).min(1).max(100) })).length(1),
  policyType: POLICY,
});

/** An opinion's request, as its route and its body are. */
export interface OpinionRequest {
  readonly operation: OpinionOperation;
  readonly id: string | undefined;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** Opinions by the script, which a test changes as it likes. */
export class OpinionDesk {
  readonly script: OpinionScript = { ...QUIET };
  /** Times that each recommendation was looked at since it was asked for. */
  readonly #looks = new Map<string, number>();

  reset(): void {
    Object.assign(this.script, QUIET);
    this.#looks.clear();
  }

  answer({ operation, id = '', query, body }: OpinionRequest): unknown {
    switch (operation) {
      case 'ValidatePolicy': {
        const { policyDocument } = parse(VALIDATE, body);
        return this.#page('findings', this.script.validate(document(policyDocument)), query);
      }
      case 'CheckNoNewAccess': {
        const { existingPolicyDocument, newPolicyDocument } = parse(NO_NEW_ACCESS, body);
        return this.script.noNewAccess(document(existingPolicyDocument), document(newPolicyDocument));
      }
      case 'CheckAccessNotGranted': {
        const { policyDocument, access } = parse(NOT_GRANTED, body);
        return this.script.notGranted(document(policyDocument), access[0]?.actions ?? []);
      }
      case 'GenerateFindingRecommendation':
        this.#looks.set(id, 0);
        return {};
      case 'GetFindingRecommendation':
        return this.#recommendation(id, query);
      default:
        return operation satisfies never;
    }
  }

  #recommendation(id: string, query: URLSearchParams): unknown {
    const looks = this.#looks.get(id);
    if (looks === undefined) throw notFound(id, 'RECOMMENDATION');
    this.#looks.set(id, looks + 1);
    const facts = {
      startedAt: '2026-11-01T08:00:00.000Z',
      resourceArn: 'arn:aws:iam::123456789012:role/Any',
      recommendationType:
        looks % 2 === 0 ? 'UnusedPermissionRecommendation' : 'UNUSED_PERMISSION_RECOMMENDATION',
    };
    if (looks < this.script.inProgress) return { ...facts, status: 'IN_PROGRESS' };
    const { recommendation } = this.script;
    const done = { ...facts, completedAt: '2026-11-01T08:00:04.000Z', status: recommendation.status };
    if (recommendation.status === 'FAILED') return { ...done, error: recommendation.error };
    const steps = recommendation.steps.map((step) => ({ unusedPermissionsRecommendedStep: step }));
    return { ...done, ...this.#page('recommendedSteps', steps, query) };
  }

  #page(member: string, all: readonly unknown[], query: URLSearchParams): Record<string, unknown> {
    const token = query.get('nextToken');
    const start = token === null ? 0 : Number(token.replace(`${member}-from-`, ''));
    if (Number.isNaN(start)) throw invalid('the next token is not valid');
    const end = start + this.script.pageSize;
    return {
      [member]: all.slice(start, end),
      ...(end < all.length ? { nextToken: `${member}-from-${String(end)}` } : {}),
    };
  }
}

const PATHS: Readonly<Record<string, OpinionOperation>> = {
  '/policy/validation': 'ValidatePolicy',
  '/policy/check-no-new-access': 'CheckNoNewAccess',
  '/policy/check-access-not-granted': 'CheckAccessNotGranted',
};

export function opinionRoute(
  method: string,
  path: string,
): { readonly operation: OpinionOperation; readonly id: string | undefined } | undefined {
  const check = PATHS[path];
  if (method === 'POST' && check !== undefined) return { operation: check, id: undefined };
  const id = /^\/recommendation\/([^/]+)$/.exec(path)?.[1];
  if (id === undefined) return undefined;
  const operation = method === 'POST' ? 'GenerateFindingRecommendation' : 'GetFindingRecommendation';
  return { operation, id: decodeURIComponent(id) };
}

function parse<T>(schema: z.ZodType<T>, body: string): T {
  const parsed = schema.safeParse(JSON.parse(body));
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  return parsed.data;
}

function document(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('the policy document is not JSON');
  }
}
