import { MEMBER_ACCOUNT } from '../accounts.ts';
import { accessDenied } from '../faults.ts';
import type { AnalyzerRequest } from '../access-analyzer.ts';
import type { CannedAnswer, Judge } from '../proxy.ts';
import type { WireCall } from '../wire-calls.ts';
import type { StackPolicies } from './deployed-policies.ts';
import { refusal, type AccessRequest, type Statement } from './evaluate.ts';
import { requestsOf, requestToSeeAbsence, type Caller } from './requests.ts';

/** What was deployed: the main stack, and the one in the member account. */
export interface DeployedPolicies {
  readonly main: StackPolicies;
  readonly member: StackPolicies;
}

/** Of all worlds of a test file: whoever looks after each test does not know which there are. */
const refusedCalls: string[] = [];

/** What was refused since the last time, one line each: the role, the action, the resource and the reason. */
export function takeRefusedCalls(): readonly string[] {
  return refusedCalls.splice(0);
}

interface Session extends Caller {
  /** The policies of the stack that made the role. */
  readonly own: StackPolicies;
  readonly deployed: DeployedPolicies;
}

/**
 * IAM for the functions: every call with the credentials of a role of the stacks, the member role's among them, is judged by
 * the synthesised policies. What they do not allow is answered as AWS answers it, and listed: a test in which that happens
 * has failed.
 *
 * Not judged: session policies, permissions boundaries, policies of the organisation, VPC endpoints, and whatever the
 * services do by themselves (EventBridge, S3's events, alarms).
 */
export class Gatekeeper implements Judge {
  readonly #sessions = new Map<string, Session>();

  /** These credentials are a session of a role of either stack. */
  admit(accessKeyId: string, roleArn: string, deployed: DeployedPolicies): void {
    const accountId = accountOf(roleArn);
    const own = accountId === MEMBER_ACCOUNT ? deployed.member : deployed.main;
    this.#sessions.set(accessKeyId, { arn: roleArn, accountId, own, deployed });
  }

  /** @returns AWS's refusal; undefined for a call that may go on */
  judge(call: WireCall): CannedAnswer | undefined {
    const session = this.#sessions.get(call.accessKeyId);
    if (session === undefined) return undefined;
    const refused = this.#judged(call, session);
    if (refused !== undefined || !isAssumption(call)) return refused;
    // Nobody has deployed the member stack in other accounts: AWS refuses, and that is nobody's mistake.
    return session.deployed.member.trust.has(call.parameters.get('RoleArn') ?? '')
      ? undefined
      : accessDenied(call);
  }

  /** What cannot be judged is refused: whoever adds a call has to say what authorises it. */
  #judged(call: WireCall, session: Session): CannedAnswer | undefined {
    try {
      return this.#note(call, session, this.#ask(call, session));
    } catch (error) {
      refusedCalls.push(`${session.arn}: ${error instanceof Error ? error.message : String(error)}`);
      return accessDenied(call);
    }
  }

  /** The same for Access Analyzer, which answers for itself. */
  allowsAnalyzer({ operation, accessKeyId, analyzerArn }: AnalyzerRequest): boolean {
    const parameters = new Map(analyzerArn === undefined ? [] : [['analyzerArn', analyzerArn]]);
    const call = { service: 'access-analyzer', operation, accessKeyId, parameters, key: undefined };
    return this.judge(call) === undefined;
  }

  /**
   * What follows from the answer: credentials of the role that was assumed, and S3's 403 for what is not there and whose
   * absence the role may not see.
   */
  judgeAnswer(call: WireCall, status: number, body: string): CannedAnswer | undefined {
    const session = this.#sessions.get(call.accessKeyId);
    if (session === undefined) return undefined;
    if (isAssumption(call)) {
      const key = /<AccessKeyId>([^<]+)<\/AccessKeyId>/.exec(body)?.[1];
      if (key !== undefined) this.admit(key, call.parameters.get('RoleArn') ?? '', session.deployed);
    }
    const listing = status === 404 ? requestToSeeAbsence(call, session) : undefined;
    return listing === undefined ? undefined : this.#note(call, session, [listing]);
  }

  #ask(call: WireCall, { arn, accountId, own }: Session): readonly AccessRequest[] {
    return requestsOf(call, { arn, accountId }, (resource) => own.keys.get(resource));
  }

  #note(call: WireCall, session: Session, requests: readonly AccessRequest[]): CannedAnswer | undefined {
    const refused = requests.flatMap((request) => {
      const why = this.#refusal(request, session);
      return why === undefined
        ? []
        : [`${session.arn} may not ${request.action} on ${request.resource}: ${why}`];
    });
    refusedCalls.push(...refused);
    return refused.length === 0 ? undefined : accessDenied(call);
  }

  #refusal(request: AccessRequest, { arn, own, deployed }: Session): string | undefined {
    const trust =
      request.action === 'sts:AssumeRole' ? deployed.member.trust.get(request.resource) : undefined;
    return refusal(request, {
      principal: arn,
      identity: own.roles.get(arn) ?? [],
      resource: trust ?? policyOf(own.resources, request.resource),
      needsBoth: trust !== undefined || request.action.startsWith('kms:'),
    });
  }
}

/** The policy of the bucket that holds the object, or of the resource itself. */
function policyOf(resources: StackPolicies['resources'], arn: string): readonly Statement[] {
  const holder = arn.startsWith('arn:aws:s3:::') ? arn.replace(/\/.*$/s, '') : arn;
  return resources.get(holder) ?? [];
}

function isAssumption({ service, operation }: WireCall): boolean {
  return service === 'sts' && operation === 'AssumeRole';
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}
