import {
  AccessAnalyzerClient,
  GetFindingV2Command,
  type GetFindingV2Response,
  ListFindingsV2Command,
} from '@aws-sdk/client-accessanalyzer';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { AccessAnalyzerFindings } from '../../../../lambda/adapters/aws/access-analyzer/findings.ts';
import { ANALYZER, rejection, serviceError } from '../support.ts';

const mock = mockClient(AccessAnalyzerClient);
const findings = new AccessAnalyzerFindings(new AccessAnalyzerClient({ region: 'eu-west-1' }));
const reference = {
  analyzerArn: ANALYZER,
  findingId: 'f-1',
  accountId: '111122223333',
  resource: 'arn:aws:iam::111122223333:role/Orders',
};

function response(part: Partial<GetFindingV2Response>): GetFindingV2Response {
  return {
    id: 'f-1',
    status: 'ACTIVE',
    findingType: 'UnusedPermission',
    resource: 'arn:aws:iam::111122223333:role/Orders',
    resourceType: 'AWS::IAM::Role',
    resourceOwnerAccount: '111122223333',
    analyzedAt: new Date('2026-11-20T00:00:00Z'),
    createdAt: new Date('2026-11-01T00:00:00Z'),
    updatedAt: new Date('2026-11-20T00:00:00Z'),
    findingDetails: [],
    ...part,
  };
}

beforeEach(() => {
  mock.reset();
});

describe('a finding', () => {
  test('is read with all pages of its details, and times are ISO 8601', async () => {
    mock
      .on(GetFindingV2Command, { analyzerArn: ANALYZER, id: 'f-1' })
      .resolves(
        response({
          nextToken: 'page 2',
          findingDetails: [
            {
              unusedPermissionDetails: {
                serviceNamespace: 's3',
                actions: [{ action: 'GetBucketPolicy', lastAccessed: new Date('2026-01-02T03:04:05Z') }],
                lastAccessed: new Date('2026-05-06T00:00:00Z'),
              },
            },
          ],
        }),
      )
      .on(GetFindingV2Command, { nextToken: 'page 2' })
      .resolves(response({ findingDetails: [{ unusedPermissionDetails: { serviceNamespace: 'sqs' } }] }));
    expect(await findings.getFinding(reference)).toEqual({
      kind: 'found',
      finding: {
        id: 'f-1',
        analyzerArn: ANALYZER,
        findingType: 'UnusedPermission',
        status: 'ACTIVE',
        resource: 'arn:aws:iam::111122223333:role/Orders',
        accountId: '111122223333',
        updatedAt: '2026-11-20T00:00:00.000Z',
        details: {
          type: 'UnusedPermission',
          entries: [
            {
              serviceNamespace: 's3',
              actions: [{ action: 'GetBucketPolicy', lastAccessed: '2026-01-02T03:04:05.000Z' }],
              lastAccessed: '2026-05-06T00:00:00.000Z',
            },
            { serviceNamespace: 'sqs', actions: [], lastAccessed: undefined },
          ],
        },
      },
    });
    expect(mock.commandCalls(GetFindingV2Command)).toHaveLength(2);
  });

  test('that does not exist is reported as gone', async () => {
    mock.on(GetFindingV2Command).rejects(serviceError('ResourceNotFoundException', 404));
    expect(await findings.getFinding(reference)).toEqual({ kind: 'gone' });
  });

  test('about access keys names each key', async () => {
    mock.on(GetFindingV2Command).resolves(
      response({
        findingType: 'UnusedIAMUserAccessKey',
        findingDetails: [
          { unusedIamUserAccessKeyDetails: { accessKeyId: 'AKIAEXAMPLE1' } },
          {
            unusedIamUserAccessKeyDetails: {
              accessKeyId: 'AKIAEXAMPLE2',
              lastAccessed: new Date('2026-01-01T00:00:00Z'),
            },
          },
        ],
      }),
    );
    expect(await findings.getFinding(reference)).toMatchObject({
      finding: {
        details: {
          type: 'UnusedIAMUserAccessKey',
          keys: [
            { accessKeyId: 'AKIAEXAMPLE1', lastAccessed: undefined },
            { accessKeyId: 'AKIAEXAMPLE2', lastAccessed: '2026-01-01T00:00:00.000Z' },
          ],
        },
      },
    });
  });

  test.each([
    ['UnusedIAMRole', { unusedIamRoleDetails: { lastAccessed: new Date('2026-02-02T00:00:00Z') } }],
    [
      'UnusedIAMUserPassword',
      { unusedIamUserPasswordDetails: { lastAccessed: new Date('2026-02-02T00:00:00Z') } },
    ],
  ] as const)('of type %s has the date of last use', async (findingType, detail) => {
    mock
      .on(GetFindingV2Command)
      .resolves(response({ findingType, findingDetails: [{ ...detail }] as never }));
    expect(await findings.getFinding(reference)).toMatchObject({
      finding: { details: { type: findingType, lastAccessed: '2026-02-02T00:00:00.000Z' } },
    });
  });

  test('about external access is not supported', async () => {
    mock.on(GetFindingV2Command).resolves(response({ findingType: 'ExternalAccess' }));
    expect(await findings.getFinding(reference)).toEqual({
      kind: 'unsupported',
      reason: 'the finding type ExternalAccess is not about unused access',
    });
  });

  test('with an analysis error is not supported', async () => {
    mock.on(GetFindingV2Command).resolves(response({ error: 'INTERNAL_ERROR' }));
    expect(await findings.getFinding(reference)).toMatchObject({ kind: 'unsupported' });
  });

  test('with a detail of a kind that is not known is not supported, rather than refined in part', async () => {
    mock.on(GetFindingV2Command).resolves(
      response({
        findingDetails: [
          { unusedPermissionDetails: { serviceNamespace: 's3' } },
          { $unknown: ['newDetails', {}] },
        ],
      }),
    );
    expect(await findings.getFinding(reference)).toEqual({
      kind: 'unsupported',
      reason: 'a finding of type UnusedPermission holds an unexpected detail: $unknown',
    });
  });

  test.each([
    ['updated', { updatedAt: new Date('2026-11-21T00:00:00Z') }],
    ['analysed', { analyzedAt: new Date('2026-11-21T00:00:00Z') }],
    ['resolved', { status: 'RESOLVED' as const }],
    ['about another principal', { resource: 'arn:aws:iam::111122223333:role/Other' }],
    ['of another type', { findingType: 'UnusedIAMRole' as const }],
  ])('that is %s while its pages are read is an error to retry', async (_, change) => {
    mock
      .on(GetFindingV2Command)
      .resolvesOnce(response({ nextToken: 'page 2' }))
      .resolves(response(change));
    expect(await rejection(findings.getFinding(reference))).toMatchObject({
      decision: 'retry',
      message: 'cannot read the finding f-1: it changed while its pages were read',
    });
  });

  test('whose page token repeats is an error and not an endless loop', async () => {
    mock.on(GetFindingV2Command).resolves(response({ nextToken: 'again' }));
    expect(await rejection(findings.getFinding(reference))).toMatchObject({ code: 'malformed' });
    expect(mock.commandCalls(GetFindingV2Command)).toHaveLength(2);
  });

  test('that is throttled on its second page is retried from the first', async () => {
    mock
      .on(GetFindingV2Command)
      .resolvesOnce(response({ nextToken: 'page 2' }))
      .rejects(serviceError('ThrottlingException', 429));
    expect(await rejection(findings.getFinding(reference))).toMatchObject({
      decision: 'retry',
      code: 'throttled',
    });
  });
});

describe('the list of findings', () => {
  test('requests active unused-access findings and returns the token of the next page', async () => {
    mock.on(ListFindingsV2Command).resolves({
      findings: [
        {
          id: 'f-1',
          resource: 'arn:aws:iam::111122223333:role/Orders',
          resourceOwnerAccount: '111122223333',
          resourceType: 'AWS::IAM::Role',
          status: 'ACTIVE',
          findingType: 'UnusedPermission',
          analyzedAt: new Date(0),
          createdAt: new Date(0),
          updatedAt: new Date(0),
        },
      ],
      nextToken: 'next',
    });
    expect(await findings.listActive(ANALYZER, 'this')).toEqual({
      references: [reference],
      nextToken: 'next',
    });
    expect(mock.commandCalls(ListFindingsV2Command)[0]?.args[0].input).toEqual({
      analyzerArn: ANALYZER,
      nextToken: 'this',
      filter: {
        status: { eq: ['ACTIVE'] },
        findingType: {
          eq: ['UnusedIAMRole', 'UnusedIAMUserAccessKey', 'UnusedIAMUserPassword', 'UnusedPermission'],
        },
      },
    });
  });

  const listed = {
    id: 'f-1',
    resource: 'arn:aws:iam::111122223333:role/Orders',
    resourceOwnerAccount: '111122223333',
    resourceType: 'AWS::IAM::Role',
    status: 'ACTIVE',
    analyzedAt: new Date(0),
    createdAt: new Date(0),
    updatedAt: new Date(0),
  } as const;
  test.each([
    ['its id', { id: undefined }],
    ['an id that is not empty', { id: '' }],
    ['the principal', { resource: undefined }],
    ['the account', { resourceOwnerAccount: undefined }],
  ])('counts an entry that lacks %s, and returns the others', async (_, lacks) => {
    mock.on(ListFindingsV2Command).resolves({ findings: [{ ...listed, ...lacks } as never, listed] });
    expect(await findings.listActive(ANALYZER, undefined)).toEqual({
      references: [reference],
      nextToken: undefined,
      unread: 1,
    });
  });

  test('with a token that is no longer valid is an invalid request', async () => {
    mock.on(ListFindingsV2Command).rejects(serviceError('ValidationException', 400, 'Invalid nextToken'));
    expect(await rejection(findings.listActive(ANALYZER, 'old'))).toMatchObject({
      decision: 'permanent',
      code: 'invalid',
    });
  });
});
