import { AccessAnalyzerClient, paginateListAnalyzers } from '@aws-sdk/client-accessanalyzer';
import { GetAccountSummaryCommand, GetPolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  DescribeOrganizationCommand,
  OrganizationsClient,
  paginateListDelegatedAdministrators,
} from '@aws-sdk/client-organizations';
import { STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod/mini';
import { DOCTOR_CALLS } from '../../../contract/iam-calls.ts';
import type {
  DeploymentTarget,
  ListedAnalyzer,
  OrganizationFacts,
} from '../../../ports/deployment-target.ts';
import { AdapterError } from '../../../ports/system.ts';
import { NO_SUCH_ENTITY } from '../iam/marker-pages.ts';
import { type Caller, type CallerSettings, callerConfig, identifyCaller } from '../sdk/caller.ts';
import { CLIENT_SETTINGS } from '../sdk/client-settings.ts';
import { followClockSteps } from '../sdk/clock-steps.ts';
import { attempt, attemptUnless } from '../sdk/errors.ts';
import { onlyOperations } from '../sdk/read-only.ts';
import { SignedCalls } from './signed-calls.ts';

const ALLOWED: ReadonlySet<string> = new Set(Object.keys(DOCTOR_CALLS));

/**
 * Reads an account and Region with the caller's own credentials. The clients refuse every operation that is not on the
 * list of `doctor`.
 */
export class AwsDeploymentTarget implements DeploymentTarget {
  readonly #sts: STSClient;
  readonly #analyzer: AccessAnalyzerClient;
  readonly #iam: IAMClient;
  readonly #organizations: OrganizationsClient;
  readonly #settings: CallerSettings;
  #signed: SignedCalls | undefined;

  constructor(settings: CallerSettings) {
    const shared = { ...CLIENT_SETTINGS, maxAttempts: 3, ...callerConfig(settings) };
    this.#settings = settings;
    this.#sts = limited(new STSClient(shared));
    this.#analyzer = limited(new AccessAnalyzerClient(shared));
    this.#iam = limited(new IAMClient(shared));
    this.#organizations = limited(new OrganizationsClient(shared));
  }

  /** @throws InputError if there are no credentials, or no Region */
  async caller(): Promise<Caller> {
    const caller = await identifyCaller(this.#sts, this.#settings);
    this.#signed = new SignedCalls(this.#sts, caller);
    return caller;
  }

  async analyzers(): Promise<readonly ListedAnalyzer[]> {
    return attempt('list the analyzers', async () => {
      const found: ListedAnalyzer[] = [];
      for await (const page of paginateListAnalyzers({ client: this.#analyzer }, {})) {
        for (const { arn = '', type = '', status = '' } of page.analyzers ?? [])
          found.push({ arn, type, status });
      }
      return found;
    });
  }

  async bootstrapVersion(qualifier: string): Promise<number | undefined> {
    const name = `/cdk-bootstrap/${qualifier}/version`;
    const answer = await this.#signedCalls().json('ssm', 'GetParameter', { Name: name });
    if (answer.error === 'ParameterNotFound') return undefined;
    const parameter = PARAMETER.safeParse(answer.body);
    const version = Number(parameter.data?.Parameter.Value);
    if (Number.isInteger(version)) return version;
    throw unexpected(`read the parameter ${name}`, answer.error);
  }

  async unreservedConcurrency(): Promise<number> {
    const answer = await this.#signedCalls().get('lambda', '/2016-08-19/account-settings');
    const settings = ACCOUNT_SETTINGS.safeParse(answer.body);
    if (settings.success) return settings.data.AccountLimit.UnreservedConcurrentExecutions;
    throw unexpected("read Lambda's settings of the account", answer.error);
  }

  async policyQuotas(): Promise<{ readonly role: number | undefined; readonly user: number | undefined }> {
    const { SummaryMap: map = {} } = await attempt('read the quotas of IAM', () =>
      this.#iam.send(new GetAccountSummaryCommand({})),
    );
    // IAM documents both keys; the SDK's type does not have them.
    const quotas: Readonly<Record<string, number | undefined>> = map;
    return { role: quotas['AttachedPoliciesPerRoleQuota'], user: quotas['AttachedPoliciesPerUserQuota'] };
  }

  async organization(): Promise<OrganizationFacts | undefined> {
    const answer = await attemptUnless('read the organisation', ['AWSOrganizationsNotInUseException'], () =>
      this.#organizations.send(new DescribeOrganizationCommand({})),
    );
    const { Id: id, MasterAccountId: managementAccountId } = answer?.Organization ?? {};
    return id === undefined || managementAccountId === undefined ? undefined : { id, managementAccountId };
  }

  async analyzerAdministrators(): Promise<readonly string[]> {
    return attempt('list the delegated administrators', async () => {
      const input = { ServicePrincipal: 'access-analyzer.amazonaws.com' };
      const found: string[] = [];
      for await (const page of paginateListDelegatedAdministrators({ client: this.#organizations }, input)) {
        found.push(...(page.DelegatedAdministrators ?? []).flatMap(({ Id: id }) => id ?? []));
      }
      return found;
    });
  }

  async policyExists(arn: string): Promise<boolean> {
    const answer = await attemptUnless(`read the policy ${arn}`, NO_SUCH_ENTITY, () =>
      this.#iam.send(new GetPolicyCommand({ PolicyArn: arn })),
    );
    return answer !== undefined;
  }

  #signedCalls(): SignedCalls {
    if (this.#signed === undefined) throw new Error('ask whose credentials these are first');
    return this.#signed;
  }
}

const PARAMETER = z.object({ Parameter: z.object({ Value: z.string() }) });
const ACCOUNT_SETTINGS = z.object({ AccountLimit: z.object({ UnreservedConcurrentExecutions: z.int() }) });

function unexpected(doing: string, error: string | undefined): AdapterError {
  return new AdapterError(
    `cannot ${doing}: ${error ?? 'the answer is not what AWS documents'}`,
    'permanent',
    'malformed',
  );
}

function limited<C extends object>(client: C): C {
  return onlyOperations(followClockSteps(client), ALLOWED);
}
