import { AccessAnalyzerClient, GetFindingV2Command } from '@aws-sdk/client-accessanalyzer';
import {
  GenerateServiceLastAccessedDetailsCommand,
  GetAccountAuthorizationDetailsCommand,
  GetServiceLastAccessedDetailsCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AwsAccountReader } from '../../../../lambda/adapters/aws/collect/account-reader.ts';
import { AccountPace } from '../../../../lambda/adapters/aws/sdk/account-pace.ts';
import { ALLOW_S3, ANALYZER, encoded, rejection, serviceError } from '../support.ts';

const waits = vi.hoisted((): unknown[] => []);
vi.mock('node:timers/promises', () => ({
  setTimeout: (millis: number) => {
    waits.push(millis);
    return Promise.resolve();
  },
}));

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Orders`;
const iam = mockClient(IAMClient);
const analyzer = mockClient(AccessAnalyzerClient);
const region = 'eu-west-1';
const reader = new AwsAccountReader(
  ACCOUNT,
  {
    iam: new IAMClient({ region }),
    analyzerOf: () => new AccessAnalyzerClient({ region }),
    pace: new AccountPace(1_000),
  },
  undefined,
);

beforeEach(() => {
  iam.reset();
  analyzer.reset();
  waits.length = 0;
});

describe('the description of an account', () => {
  test('has its documents as objects, as the AWS CLI prints them', async () => {
    iam.on(GetAccountAuthorizationDetailsCommand).resolves({
      RoleDetailList: [
        { Arn: ROLE, RolePolicyList: [{ PolicyName: 'Own', PolicyDocument: encoded(ALLOW_S3) }] },
      ],
      Policies: [{ PolicyName: 'Shared', PolicyVersionList: [{ Document: encoded(ALLOW_S3) }] }],
    });
    const { lists, marker } = await reader.detailsPage(null);
    expect(JSON.parse(JSON.stringify(lists))).toEqual({
      UserDetailList: [],
      GroupDetailList: [],
      RoleDetailList: [{ Arn: ROLE, RolePolicyList: [{ PolicyName: 'Own', PolicyDocument: ALLOW_S3 }] }],
      Policies: [{ PolicyName: 'Shared', PolicyVersionList: [{ Document: ALLOW_S3 }] }],
    });
    expect(marker).toBeNull();
  });

  test('continues at the marker of its page', async () => {
    iam.on(GetAccountAuthorizationDetailsCommand).resolves({ IsTruncated: true, Marker: 'next' });
    expect((await reader.detailsPage('this')).marker).toBe('next');
  });

  test.each([['the marker that was asked for', 'this'] as const, ['no marker', undefined] as const])(
    'is refused if more follows at %s, rather than read without end',
    async (_, Marker) => {
      iam
        .on(GetAccountAuthorizationDetailsCommand)
        .resolves({ IsTruncated: true, ...(Marker === undefined ? {} : { Marker }) });
      expect(await rejection(reader.detailsPage('this'))).toMatchObject({
        code: 'malformed',
        message: 'cannot read the description of the account: a page says that more follows but not where',
      });
    },
  );
});

describe('a finding', () => {
  const page = (day: number, service: string, nextToken?: string) => ({
    id: 'f-1',
    status: 'ACTIVE' as const,
    resource: ROLE,
    updatedAt: new Date(Date.UTC(2026, 10, day)),
    findingDetails: [{ unusedPermissionDetails: { serviceNamespace: service } }],
    ...(nextToken === undefined ? {} : { nextToken }),
  });

  test('that changes while its pages are read is read again from the first', async () => {
    analyzer
      .on(GetFindingV2Command)
      .resolvesOnce(page(1, 's3', 'more') as never)
      .resolvesOnce(page(2, 'sqs') as never)
      .resolvesOnce(page(2, 'sns', 'more') as never)
      .resolvesOnce(page(2, 'sqs') as never);
    const found = await reader.finding(ANALYZER, 'f-1');
    expect(found).toMatchObject({ id: 'f-1', updatedAt: '2026-11-02T00:00:00+00:00', resource: ROLE });
    expect(JSON.parse(found?.line ?? '')).toMatchObject({
      findingDetails: [
        { unusedPermissionDetails: { serviceNamespace: 'sns' } },
        { unusedPermissionDetails: { serviceNamespace: 'sqs' } },
      ],
    });
  });

  test('that changes each time is an error to retry', async () => {
    analyzer
      .on(GetFindingV2Command, { nextToken: 'more' })
      .resolves(page(2, 'sqs') as never)
      .on(GetFindingV2Command, { nextToken: undefined } as never)
      .resolves(page(1, 's3', 'more') as never);
    expect(await rejection(reader.finding(ANALYZER, 'f-1'))).toMatchObject({
      decision: 'retry',
      message: 'the finding f-1 changes each time that it is read',
    });
  });

  test('that no longer exists is left out', async () => {
    analyzer.on(GetFindingV2Command).rejects(serviceError('ResourceNotFoundException', 404));
    expect(await reader.finding(ANALYZER, 'f-1')).toBeUndefined();
  });
});

describe('a report of last use', () => {
  test('is asked for again after pauses that double up to five seconds', async () => {
    const running = { JobStatus: 'IN_PROGRESS' } as never;
    iam.on(GenerateServiceLastAccessedDetailsCommand).resolves({ JobId: 'job-1' });
    iam
      .on(GetServiceLastAccessedDetailsCommand, { JobId: 'job-1' })
      .resolvesOnce(running)
      .resolvesOnce(running)
      .resolvesOnce(running)
      .resolvesOnce(running)
      .resolvesOnce(running)
      .resolves({ JobStatus: 'COMPLETED', ServicesLastAccessed: [{ ServiceNamespace: 's3' }] } as never);
    const report = await reader.lastAccessed(ROLE);
    expect(JSON.parse(JSON.stringify(report))).toEqual({
      JobStatus: 'COMPLETED',
      ServicesLastAccessed: [{ ServiceNamespace: 's3' }],
      IsTruncated: false,
    });
    expect(waits).toEqual([500, 1000, 2000, 4000, 5000]);
  });

  test('of a role that no longer exists is left out', async () => {
    iam.on(GenerateServiceLastAccessedDetailsCommand).rejects(serviceError('NoSuchEntityException', 404));
    expect(await reader.lastAccessed(ROLE)).toBeUndefined();
  });
});
