import { AccessAnalyzerClient, ListAnalyzersCommand } from '@aws-sdk/client-accessanalyzer';
import { GetAccountSummaryCommand, GetPolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  DescribeOrganizationCommand,
  ListDelegatedAdministratorsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AwsDeploymentTarget } from '../../../../lambda/adapters/aws/doctor/deployment-target.ts';
import { ANALYZER, rejection, serviceError } from '../support.ts';

const sts = mockClient(STSClient);
const iam = mockClient(IAMClient);
const analyzer = mockClient(AccessAnalyzerClient);
const organizations = mockClient(OrganizationsClient);

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly target: string | undefined;
  readonly scope: string | undefined;
  readonly body: string | undefined;
}

/** What is asked with a signature alone, and the answer to it. */
let asked: Asked[];
let answer: () => Response;

beforeEach(() => {
  for (const mock of [sts, iam, analyzer, organizations]) mock.reset();
  sts
    .on(GetCallerIdentityCommand)
    .resolves({ Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/ops' });
  asked = [];
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
  for (const name of ['AWS_PROFILE', 'AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_SSM', 'AWS_ENDPOINT_URL_LAMBDA'])
    vi.stubEnv(name, undefined);
  vi.stubGlobal(
    'fetch',
    (
      url: URL,
      { method, headers, body }: { method: string; headers: Record<string, string>; body?: string },
    ) => {
      const scope = /Credential=[^/]+\/\d+\/([^,]+),/.exec(headers['authorization'] ?? '')?.[1];
      asked.push({ url: url.href, method, target: headers['x-amz-target'], scope, body });
      return Promise.resolve(answer());
    },
  );
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

async function target(region = 'eu-west-1'): Promise<AwsDeploymentTarget> {
  const made = new AwsDeploymentTarget({ region });
  await made.caller();
  return made;
}

const json = (body: unknown, init?: ResponseInit) => (): Response => new Response(JSON.stringify(body), init);

describe("the version of the CDK's bootstrap stack", () => {
  test('is read with a signed call to Systems Manager', async () => {
    answer = json({ Parameter: { Value: '27' } });
    expect(await (await target()).bootstrapVersion('hnb659fds')).toBe(27);
    expect(asked).toEqual([
      {
        url: 'https://ssm.eu-west-1.amazonaws.com/',
        method: 'POST',
        target: 'AmazonSSM.GetParameter',
        scope: 'eu-west-1/ssm/aws4_request',
        body: '{"Name":"/cdk-bootstrap/hnb659fds/version"}',
      },
    ]);
  });

  test('is undefined if there is no such stack', async () => {
    answer = json({ __type: 'com.amazonaws.ssm#ParameterNotFound' }, { status: 400 });
    expect(await (await target()).bootstrapVersion('hnb659fds')).toBeUndefined();
  });

  test.each<readonly [string, () => Response, object]>([
    [
      'is refused',
      json({ __type: 'AccessDeniedException' }, { status: 400 }),
      { code: 'access-denied', message: 'AWS refuses the call: AccessDeniedException' },
    ],
    [
      'is refused with the status alone',
      json({}, { status: 403, headers: { 'x-amzn-errortype': 'Forbidden:http://internal/' } }),
      { code: 'access-denied', message: 'AWS refuses the call: Forbidden' },
    ],
    [
      'is not a number',
      json({ Parameter: { Value: 'new' } }),
      {
        code: 'malformed',
        message:
          'cannot read the parameter /cdk-bootstrap/hnb659fds/version: the answer is not what AWS documents',
      },
    ],
    [
      'is an error without a name',
      () => new Response('<html>', { status: 502 }),
      {
        code: 'malformed',
        message: 'cannot read the parameter /cdk-bootstrap/hnb659fds/version: HTTP 502',
      },
    ],
    [
      'does not arrive',
      () => {
        throw new TypeError('fetch failed');
      },
      { decision: 'retry', code: 'unavailable', message: 'cannot call ssm: TypeError: fetch failed' },
    ],
  ])('that %s is an error', async (_, given, error) => {
    answer = given;
    expect(await rejection((await target()).bootstrapVersion('hnb659fds'))).toMatchObject(error);
  });
});

describe('the concurrency that Lambda allows', () => {
  test('is what is not reserved, read in the own partition', async () => {
    sts
      .on(GetCallerIdentityCommand)
      .resolves({ Account: '123456789012', Arn: 'arn:aws-cn:iam::123456789012:user/ops' });
    answer = json({ AccountLimit: { UnreservedConcurrentExecutions: 990 } });
    expect(await (await target('cn-north-1')).unreservedConcurrency()).toBe(990);
    expect(asked).toEqual([
      {
        url: 'https://lambda.cn-north-1.amazonaws.com.cn/2016-08-19/account-settings',
        method: 'GET',
        target: undefined,
        scope: 'cn-north-1/lambda/aws4_request',
        body: undefined,
      },
    ]);
  });

  test('is read at the endpoint that the environment names, unless it is to be ignored', async () => {
    answer = json({ AccountLimit: { UnreservedConcurrentExecutions: 10 } });
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:4566');
    await (await target()).unreservedConcurrency();
    vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', 'http://127.0.0.1:9001');
    await (await target()).unreservedConcurrency();
    vi.stubEnv('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true');
    await (await target()).unreservedConcurrency();
    expect(asked.map(({ url }) => url)).toEqual([
      'http://127.0.0.1:4566/2016-08-19/account-settings',
      'http://127.0.0.1:9001/2016-08-19/account-settings',
      'https://lambda.eu-west-1.amazonaws.com/2016-08-19/account-settings',
    ]);
  });

  test('that is not there is an error', async () => {
    answer = json({ AccountLimit: {} });
    expect(await rejection((await target()).unreservedConcurrency())).toMatchObject({
      message: "cannot read Lambda's settings of the account: the answer is not what AWS documents",
    });
  });
});

describe('a deployment target', () => {
  test('has the analyzers of all pages', async () => {
    const one = { arn: ANALYZER, type: 'ACCOUNT', status: 'ACTIVE' };
    analyzer
      .on(ListAnalyzersCommand)
      .resolves({ analyzers: [one as never], nextToken: 'page 2' })
      .on(ListAnalyzersCommand, { nextToken: 'page 2' })
      .resolves({ analyzers: [{ ...one, arn: `${ANALYZER}-2` } as never] });
    expect(await (await target()).analyzers()).toEqual([one, { ...one, arn: `${ANALYZER}-2` }]);
  });

  test("has IAM's quotas, as far as IAM says them", async () => {
    iam.on(GetAccountSummaryCommand).resolves({ SummaryMap: { AttachedPoliciesPerRoleQuota: 20 } as never });
    expect(await (await target()).policyQuotas()).toEqual({ role: 20, user: undefined });
  });

  test('knows whether a policy exists', async () => {
    iam.on(GetPolicyCommand, { PolicyArn: 'arn:a' }).resolves({ Policy: {} });
    iam.on(GetPolicyCommand, { PolicyArn: 'arn:b' }).rejects(serviceError('NoSuchEntityException', 404));
    const made = await target();
    expect([await made.policyExists('arn:a'), await made.policyExists('arn:b')]).toEqual([true, false]);
  });

  test('has an organisation and its administrators of Access Analyzer, or none', async () => {
    organizations
      .on(DescribeOrganizationCommand)
      .resolves({ Organization: { Id: 'o-1', MasterAccountId: '999900001111' } })
      .on(ListDelegatedAdministratorsCommand, { ServicePrincipal: 'access-analyzer.amazonaws.com' })
      .resolves({ DelegatedAdministrators: [{ Id: '111122223333' }, {}] });
    const made = await target();
    expect(await made.organization()).toEqual({ id: 'o-1', managementAccountId: '999900001111' });
    expect(await made.analyzerAdministrators()).toEqual(['111122223333']);
    organizations
      .on(DescribeOrganizationCommand)
      .rejects(serviceError('AWSOrganizationsNotInUseException', 400));
    expect(await made.organization()).toBeUndefined();
  });
});
