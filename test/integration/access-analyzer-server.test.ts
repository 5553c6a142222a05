import {
  AccessAnalyzerClient,
  AccessDeniedException,
  CheckAccessNotGrantedCommand,
  GenerateFindingRecommendationCommand,
  GetFindingRecommendationCommand,
  GetFindingV2Command,
  InternalServerException,
  ListFindingsV2Command,
  paginateGetFindingV2,
  paginateListFindingsV2,
  paginateValidatePolicy,
  ResourceNotFoundException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-accessanalyzer';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAccessAnalyzer, type AccessAnalyzerServer } from './harness/access-analyzer.ts';
import { issue } from './harness/access-analyzer-opinions.ts';
import { homeSettings } from './harness/accounts.ts';
import { finding, unusedActions, unusedService } from './harness/findings.ts';

const ANALYZER = 'arn:aws:access-analyzer:us-east-1:123456789012:analyzer/unused';
const OTHER = 'arn:aws:access-analyzer:us-east-1:123456789012:analyzer/other';

describe('the Access Analyzer server, through the real SDK client', () => {
  let server: AccessAnalyzerServer;
  let client: AccessAnalyzerClient;
  /** One attempt, so that a test sees each answer. */
  let impatient: AccessAnalyzerClient;

  beforeAll(async () => {
    server = await startAccessAnalyzer();
    server.addAnalyzer(ANALYZER);
    server.addAnalyzer(OTHER);
    client = new AccessAnalyzerClient({ ...homeSettings(server.endpoint), maxAttempts: 5 });
    impatient = new AccessAnalyzerClient({ ...homeSettings(server.endpoint), maxAttempts: 1 });
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    server.reset();
  });

  function putRoles(count: number): void {
    for (let n = 0; n < count; n += 1) {
      server.put(
        ANALYZER,
        finding({
          id: `finding-${String(n)}`,
          resource: `arn:aws:iam::210987654321:role/role-${String(n)}`,
          details: [unusedService('sqs')],
          status: n % 2 === 0 ? 'ACTIVE' : 'ARCHIVED',
        }),
      );
    }
  }

  test('the SDK reads a finding with its times, its actions and its wholly unused services', async () => {
    server.put(
      ANALYZER,
      finding({
        id: 'a/b c',
        resource: 'arn:aws:iam::210987654321:user/team/ann',
        details: [unusedActions('s3', 'GetBucketPolicy'), unusedService('sqs')],
        updatedAt: '2026-10-15T08:00:00.250Z',
      }),
    );
    const answer = await client.send(new GetFindingV2Command({ analyzerArn: ANALYZER, id: 'a/b c' }));
    expect(answer.updatedAt).toEqual(new Date('2026-10-15T08:00:00.250Z'));
    expect(answer.resourceType).toBe('AWS::IAM::User');
    expect(answer.resourceOwnerAccount).toBe('210987654321');
    expect(answer.findingType).toBe('UnusedPermission');
    expect(answer.nextToken).toBeUndefined();
    expect(answer.findingDetails).toEqual([
      {
        unusedPermissionDetails: {
          serviceNamespace: 's3',
          actions: [{ action: 'GetBucketPolicy' }],
          lastAccessed: new Date('2026-09-30T12:00:00.000Z'),
        },
      },
      { unusedPermissionDetails: { serviceNamespace: 'sqs' } },
    ]);
  });

  test('a list has pages, and is filtered before it is paginated', async () => {
    putRoles(10);
    server.listPageSize = 2;
    const pages: (string | undefined)[][] = [];
    for await (const page of paginateListFindingsV2(
      { client },
      { analyzerArn: ANALYZER, filter: { status: { eq: ['ACTIVE'] }, resource: { contains: ['role-'] } } },
    )) {
      pages.push((page.findings ?? []).map((one) => one.id));
    }
    expect(pages).toEqual([['finding-0', 'finding-2'], ['finding-4', 'finding-6'], ['finding-8']]);
    expect(server.calls).toHaveLength(3);
  });

  test('a summary has no details, and a caller may request a smaller page', async () => {
    putRoles(3);
    const page = await client.send(new ListFindingsV2Command({ analyzerArn: ANALYZER, maxResults: 1 }));
    expect(page.findings).toEqual([
      {
        id: 'finding-0',
        resource: 'arn:aws:iam::210987654321:role/role-0',
        resourceType: 'AWS::IAM::Role',
        resourceOwnerAccount: '210987654321',
        status: 'ACTIVE',
        findingType: 'UnusedPermission',
        createdAt: new Date('2026-10-01T08:00:00.000Z'),
        analyzedAt: new Date('2026-11-01T08:00:00.000Z'),
        updatedAt: new Date('2026-10-15T08:00:00.000Z'),
      },
    ]);
    expect(page.nextToken).toEqual(expect.any(String));
  });

  test('the details of one finding have pages', async () => {
    server.put(
      ANALYZER,
      finding({
        id: 'wide',
        resource: 'arn:aws:iam::123456789012:role/wide',
        details: ['sqs', 'sns', 'kms'].map(unusedService),
      }),
    );
    server.detailPageSize = 2;
    const services: string[][] = [];
    for await (const page of paginateGetFindingV2({ client }, { analyzerArn: ANALYZER, id: 'wide' })) {
      services.push(
        (page.findingDetails ?? []).map((one) => one.unusedPermissionDetails?.serviceNamespace ?? ''),
      );
    }
    expect(services).toEqual([['sqs', 'sns'], ['kms']]);
  });

  test('a token of another request is refused', async () => {
    putRoles(4);
    server.listPageSize = 1;
    const { nextToken } = await client.send(new ListFindingsV2Command({ analyzerArn: ANALYZER }));
    const elsewhere = new ListFindingsV2Command({ analyzerArn: OTHER, nextToken });
    await expect(client.send(elsewhere)).rejects.toBeInstanceOf(ValidationException);
    const garbage = new ListFindingsV2Command({ analyzerArn: ANALYZER, nextToken: 'x' });
    await expect(client.send(garbage)).rejects.toBeInstanceOf(ValidationException);
  });

  test('a missing finding or analyzer is a ResourceNotFoundException with its id', async () => {
    const missing = impatient.send(new GetFindingV2Command({ analyzerArn: ANALYZER, id: 'nothing' }));
    await expect(missing).rejects.toBeInstanceOf(ResourceNotFoundException);
    await expect(missing).rejects.toMatchObject({ resourceId: 'nothing', resourceType: 'FINDING' });
    const nowhere = new ListFindingsV2Command({ analyzerArn: `${ANALYZER}-none` });
    await expect(impatient.send(nowhere)).rejects.toBeInstanceOf(ResourceNotFoundException);
    const nonsense = new ListFindingsV2Command({ analyzerArn: 'analyzer' });
    await expect(impatient.send(nonsense)).rejects.toBeInstanceOf(ValidationException);
  });

  test('a throttling storm fails the configured number of requests, and the SDK retries them', async () => {
    putRoles(1);
    server.storm('GetFindingV2', 'throttle', 2);
    const command = new GetFindingV2Command({ analyzerArn: ANALYZER, id: 'finding-0' });
    await expect(impatient.send(command)).rejects.toBeInstanceOf(ThrottlingException);
    await expect(client.send(command)).resolves.toMatchObject({ id: 'finding-0' });
    expect(server.calls.map((call) => call.status)).toEqual([429, 429, 200]);
  });

  test('server errors and refusals are the exceptions of the service', async () => {
    putRoles(1);
    const command = new ListFindingsV2Command({ analyzerArn: ANALYZER });
    server.storm('*', 'unavailable', 1);
    await expect(impatient.send(command)).rejects.toBeInstanceOf(InternalServerException);
    server.storm('ListFindingsV2', 'deny', 1);
    await expect(impatient.send(command)).rejects.toBeInstanceOf(AccessDeniedException);
    await expect(impatient.send(command)).resolves.toBeDefined();
  });

  test("opinions have the service model's format, with pages where it has pages", async () => {
    const policyDocument = '{"Statement":[]}';
    server.opinions.validate = () => [issue('WARNING', 'A', 'One.'), issue('ERROR', 'B', 'Two.')];
    server.opinions.pageSize = 1;
    const codes: (string | undefined)[] = [];
    const validation = { policyDocument, policyType: 'IDENTITY_POLICY' } as const;
    for await (const page of paginateValidatePolicy({ client }, validation)) {
      codes.push(...(page.findings ?? []).map(({ issueCode }) => issueCode));
    }
    expect(codes).toEqual(['A', 'B']);
    const tooMany = new CheckAccessNotGrantedCommand({
      ...validation,
      access: [{ actions: Array.from({ length: 101 }, (_, n) => `s3:A${String(n)}`) }],
    });
    await expect(impatient.send(tooMany)).rejects.toBeInstanceOf(ValidationException);
  });

  test('a recommendation is in progress for the configured number of polls, and exists only if requested', async () => {
    const finding = { analyzerArn: ANALYZER, id: 'f' };
    const look = (): Promise<unknown> => impatient.send(new GetFindingRecommendationCommand(finding));
    await expect(look()).rejects.toBeInstanceOf(ResourceNotFoundException);
    server.opinions.inProgress = 1;
    const steps = [{ recommendedAction: 'DETACH_POLICY', existingPolicyId: 'Own' }] as const;
    server.opinions.recommendation = { status: 'SUCCEEDED', steps };
    await client.send(new GenerateFindingRecommendationCommand(finding));
    expect(await look()).toMatchObject({
      status: 'IN_PROGRESS',
      startedAt: new Date('2026-11-01T08:00:00Z'),
    });
    expect(await look()).toMatchObject({
      status: 'SUCCEEDED',
      recommendedSteps: [{ unusedPermissionsRecommendedStep: { existingPolicyId: 'Own' } }],
    });
  });

  test('a request without a signature for the service is refused', async () => {
    const answer = await fetch(`${server.endpoint}/findingv2`, {
      method: 'POST',
      body: JSON.stringify({ analyzerArn: ANALYZER }),
    });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('x-amzn-errortype')).toContain('MissingAuthenticationTokenException');
  });
});
