import {
  type AccessAnalyzerClient,
  CheckAccessNotGrantedCommand,
  CheckNoNewAccessCommand,
  GenerateFindingRecommendationCommand,
  GetFindingRecommendationCommand,
  type GetFindingRecommendationResponse,
  type ReasonSummary,
  type RecommendedStep as SdkStep,
  type ValidatePolicyFinding,
  ValidatePolicyCommand,
} from '@aws-sdk/client-accessanalyzer';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecommendedStep } from '../../../core/opinion/compare-recommendation.ts';
import { type JsonValue, renderJson } from '../../../core/model/json.ts';
import { AdapterError } from '../../../ports/system.ts';
import type {
  AccessCheck,
  OpinionSource,
  PolicyIssue,
  Recommendation,
  RecommendationReference,
} from '../../../ports/opinions.ts';
import { readPolicyText } from '../../../json/policy-text.ts';
import { errorWords, translateError } from '../sdk/errors.ts';

/** Milliseconds between two polls; the last one repeats. AWS says that a recommendation takes some 20 seconds. */
const LOOKS = [500, 1_000, 2_000];

/** The checks and recommendations of IAM Access Analyzer. Errors are reported in AWS's own words. */
export class AccessAnalyzerOpinions implements OpinionSource {
  readonly #client: AccessAnalyzerClient;
  constructor(client: AccessAnalyzerClient) {
    this.#client = client;
  }

  /** All pages. Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html */
  async validatePolicy(document: JsonValue, signal: AbortSignal): Promise<readonly PolicyIssue[]> {
    const input = { policyDocument: renderJson(document, 0), policyType: 'IDENTITY_POLICY' } as const;
    const pages = await allPages((page) =>
      answered(() =>
        this.#client.send(new ValidatePolicyCommand({ ...input, ...page }), { abortSignal: signal }),
      ),
    );
    return pages.flatMap(({ findings }) => (findings ?? []).map(issue));
  }

  /** Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoNewAccess.html */
  async checkNoNewAccess(
    existing: JsonValue,
    proposed: JsonValue,
    signal: AbortSignal,
  ): Promise<AccessCheck> {
    const command = new CheckNoNewAccessCommand({
      existingPolicyDocument: renderJson(existing, 0),
      newPolicyDocument: renderJson(proposed, 0),
      policyType: 'IDENTITY_POLICY',
    });
    return check(await answered(() => this.#client.send(command, { abortSignal: signal })));
  }

  /** Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckAccessNotGranted.html */
  async checkAccessNotGranted(
    document: JsonValue,
    actions: readonly string[],
    signal: AbortSignal,
  ): Promise<AccessCheck> {
    const command = new CheckAccessNotGrantedCommand({
      policyDocument: renderJson(document, 0),
      access: [{ actions: [...actions] }],
      policyType: 'IDENTITY_POLICY',
    });
    return check(await answered(() => this.#client.send(command, { abortSignal: signal })));
  }

  /**
   * Requests a recommendation, polls until it is ready, and reads all its pages. AWS sends no event when it is ready.
   * Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingRecommendation.html
   */
  async recommend(
    { analyzerArn, findingId: id }: RecommendationReference,
    signal: AbortSignal,
  ): Promise<Recommendation> {
    const input = { analyzerArn, id };
    await answered(() =>
      this.#client.send(new GenerateFindingRecommendationCommand(input), { abortSignal: signal }),
    );
    const get = (page: Page): Promise<GetFindingRecommendationResponse> =>
      answered(() =>
        this.#client.send(new GetFindingRecommendationCommand({ ...input, ...page }), {
          abortSignal: signal,
        }),
      );
    for (let look = 0; ; look += 1) {
      const first = await get({});
      // The recommendation's type is not read: AWS spells it in two ways, and nothing depends on it.
      if (first.status === 'SUCCEEDED') {
        const pages = await allPages(get, first);
        return {
          kind: 'recommended',
          steps: pages.flatMap(({ recommendedSteps }) => steps(recommendedSteps)),
        };
      }
      if (first.status === 'FAILED') return { kind: 'failed', reason: failure(first) };
      await answered(() => sleep(LOOKS[look] ?? LOOKS.at(-1), undefined, { signal }));
    }
  }
}

interface Page {
  readonly nextToken?: string;
}

async function allPages<R extends { nextToken?: string | undefined }>(
  read: (page: Page) => Promise<R>,
  first?: R,
): Promise<readonly R[]> {
  let page = first ?? (await read({}));
  const pages = [page];
  const seen = new Set<string>();
  while (page.nextToken !== undefined && page.nextToken !== '') {
    const { nextToken } = page;
    if (seen.has(nextToken)) {
      throw new AdapterError('AWS sent the same page token twice', 'permanent', 'malformed');
    }
    seen.add(nextToken);
    page = await read({ nextToken });
    pages.push(page);
  }
  return pages;
}

async function answered<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { decision, code } = translateError(error, 'ask');
    const hint = code === 'access-denied' ? '; grant the permission to the role that makes the call' : '';
    throw new AdapterError(`AWS answers ${errorWords(error)}${hint}`, decision, code, { cause: error });
  }
}

function issue({ findingType, issueCode, findingDetails }: ValidatePolicyFinding): PolicyIssue {
  if (findingType === undefined) throw malformed('a finding of ValidatePolicy lacks its type');
  return { type: findingType, code: issueCode ?? '', sentence: oneLine(findingDetails ?? '') };
}

function check(answer: {
  readonly result?: 'PASS' | 'FAIL' | undefined;
  readonly message?: string | undefined;
  readonly reasons?: readonly ReasonSummary[] | undefined;
}): AccessCheck {
  const { result, message, reasons = [] } = answer;
  if (result !== 'PASS' && result !== 'FAIL')
    throw malformed('the answer of a policy check lacks its result');
  const sentences = [message, ...reasons.map(({ description }) => description)];
  return {
    result,
    sentences: sentences.flatMap((text) => (text === undefined || text === '' ? [] : [oneLine(text)])),
  };
}

function steps(members: readonly SdkStep[] | undefined): readonly RecommendedStep[] {
  return (members ?? []).map(({ unusedPermissionsRecommendedStep: step }): RecommendedStep => {
    if (step?.recommendedAction === 'DETACH_POLICY') {
      return { step: 'detach', policyId: step.existingPolicyId, document: undefined };
    }
    if (step?.recommendedAction !== 'CREATE_POLICY') {
      throw malformed('a step of the recommendation is of an unknown kind');
    }
    const text = step.recommendedPolicy;
    const document = text === undefined ? undefined : readPolicyText(text);
    return { step: 'create', policyId: step.existingPolicyId, document };
  });
}

function failure({ error }: GetFindingRecommendationResponse): string {
  return `AWS could not make one: ${oneLine([error?.code, error?.message].filter(Boolean).join(': '))}`;
}

function malformed(what: string): AdapterError {
  return new AdapterError(`${what}, which is not what AWS documents`, 'permanent', 'malformed');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 1_000);
}
