import { AccessAnalyzerClient, GetFindingV2Command } from '@aws-sdk/client-accessanalyzer';
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { refineFindingHandler } from '../../lambda/functions/refine-finding.ts';
import { composeWorker } from '../../lambda/runtime/worker.ts';
import { ALLOW_S3, encoded, serviceError } from '../adapters/aws/support.ts';
import { batchOf, captureOutput, invocation } from '../runtime/captured-output.ts';
import { ANALYZER, FINDING_EVENT } from './samples.ts';

const output = captureOutput();
const analyzer = mockClient(AccessAnalyzerClient);
const iam = mockClient(IAMClient);
const s3 = mockClient(S3Client);
const sts = mockClient(STSClient);
const ROLE = FINDING_EVENT.detail.resource;
const ACCOUNT = '111122223333';
const PROPOSAL_KEY =
  /^proposals\/111122223333\/role\/FindingIntegTestFakeRole\/[0-9a-f]{32}\/proposal\.json$/;

beforeEach(() => {
  for (const mock of [analyzer, iam, s3, sts]) mock.reset();
  analyzer.on(GetFindingV2Command).resolves({
    id: FINDING_EVENT.detail.findingId,
    status: 'ACTIVE',
    findingType: 'UnusedPermission',
    resource: ROLE,
    resourceType: 'AWS::IAM::Role',
    resourceOwnerAccount: ACCOUNT,
    analyzedAt: new Date(0),
    createdAt: new Date(0),
    updatedAt: new Date(0),
    findingDetails: [
      { unusedPermissionDetails: { serviceNamespace: 's3', actions: [{ action: 'GetBucketPolicy' }] } },
    ],
  });
  iam.on(GetRoleCommand).resolves({
    Role: { Arn: ROLE, Path: '/', RoleName: 'x', RoleId: 'x', CreateDate: new Date(0) },
  });
  iam.on(ListAttachedRolePoliciesCommand).resolves({
    AttachedPolicies: ['A', 'B', 'C'].map((name) => ({
      PolicyName: name,
      PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/${name}`,
    })),
  });
  iam.on(ListRolePoliciesCommand).resolves({ PolicyNames: ['Read', 'Write'] });
  iam
    .on(GetRolePolicyCommand)
    .resolves({ RoleName: 'x', PolicyName: 'x', PolicyDocument: encoded(ALLOW_S3) });
  iam.on(GetPolicyCommand).callsFake(({ PolicyArn }: { PolicyArn: string }) => ({
    Policy: { Arn: PolicyArn, Path: '/', DefaultVersionId: 'v1', AttachmentCount: 1 },
  }));
  iam.on(GetPolicyVersionCommand).resolves({ PolicyVersion: { Document: encoded(ALLOW_S3) } });
  s3.on(GetObjectCommand).rejects(serviceError('NoSuchKey', 404));
  s3.on(ListObjectsV2Command).resolves({});
  s3.on(PutObjectCommand).resolves({});
  sts.on(AssumeRoleCommand).resolves({
    Credentials: {
      AccessKeyId: 'ASIA',
      SecretAccessKey: 's',
      SessionToken: 't',
      Expiration: new Date('2100-01-01T00:00:00Z'),
    },
  });
});

/** The whole function as it is composed in Lambda, with only the SDK's clients replaced. */
function compose(homeAccountId = ACCOUNT) {
  return refineFindingHandler(
    composeWorker(
      {
        ANALYZER_ARN: ANALYZER,
        HOME_ACCOUNT_ID: homeAccountId,
        PARTITION: 'aws',
        PROPOSALS_BUCKET: 'bucket',
        GENERALIZE: 'shortest',
        KEEP_PATTERNS: '[]',
        EXCLUDE_PRINCIPALS: '{"names":[],"paths":[],"tags":[]}',
        MEMBER_ROLE_NAME: 'refiner-reader',
        MEMBER_EXTERNAL_ID: 'id',
        AWS_REGION: 'us-west-2',
      },
      'refine-finding',
    ),
  );
}

test('an event becomes a stored proposal with its report, with 11 calls to IAM, or 8 if its policies are cached', async () => {
  const handler = compose();
  expect(await handler(batchOf(FINDING_EVENT), invocation())).toEqual({ batchItemFailures: [] });
  expect(output.metrics()).toMatchObject({ ProposalsStored: 1, VerificationFailures: 0 });
  const keys = s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input.Key ?? '');
  expect(keys.at(-1)).toMatch(PROPOSAL_KEY);
  expect(keys.some((key) => key.endsWith('/report.html'))).toBe(true);
  expect(iam.calls()).toHaveLength(11);
  iam.resetHistory();
  await handler(batchOf(FINDING_EVENT), invocation());
  expect(iam.calls()).toHaveLength(8);
});

test('the same finding again finds the stored proposal and writes nothing', async () => {
  const handler = compose();
  await handler(batchOf(FINDING_EVENT), invocation());
  const first = s3.commandCalls(PutObjectCommand).at(-1)?.args[0].input.Key ?? '';
  s3.resetHistory();
  s3.on(ListObjectsV2Command, { Prefix: 'proposals/111122223333/role/FindingIntegTestFakeRole/' }).resolves({
    Contents: [{ Key: first }],
  });
  await handler(batchOf(FINDING_EVENT), invocation());
  // The listing, and which finding it was made from.
  expect(s3.calls()).toHaveLength(2);
  expect(s3.commandCalls(PutObjectCommand)).toHaveLength(0);
});

test('a principal of a member account is read with the member role', async () => {
  await compose('123456789012')(batchOf(FINDING_EVENT), invocation());
  expect(sts.commandCalls(AssumeRoleCommand)[0]?.args[0].input.RoleArn).toBe(
    'arn:aws:iam::111122223333:role/refiner-reader',
  );
  expect(output.metrics()).toMatchObject({ ProposalsStored: 1 });
});

test('policy documents are not logged', async () => {
  await compose()(batchOf(FINDING_EVENT), invocation());
  expect(output.logs().length).toBeGreaterThan(0);
  expect(output.text()).not.toMatch(/s3:|Statement|2012-10-17/);
});
