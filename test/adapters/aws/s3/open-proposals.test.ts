import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { renderIndexData } from '../../../../lambda/stored/overview.ts';
import { S3Objects } from '../../../../lambda/adapters/aws/s3/objects.ts';
import { S3OpenProposals } from '../../../../lambda/adapters/aws/s3/overview.ts';
import type { ProposalFacts } from '../../../../lambda/ports/proposals.ts';
import { rejection, serviceError } from '../support.ts';

const mock = mockClient(S3Client);
const open = new S3OpenProposals(new S3Objects(new S3Client({ region: 'eu-west-1' }), 'bucket'));

beforeEach(() => {
  mock.reset();
  mock.on(ListObjectsV2Command).resolves({});
});

function facts(findingId: string, state?: ProposalFacts['state']): ProposalFacts {
  const arn = `arn:aws:iam::123456789012:role/${findingId}`;
  return {
    prefix: `proposals/123456789012/role/${findingId}/p/`,
    proposalId: 'p',
    kind: 'remove-role',
    principal: { arn, type: 'role', name: findingId, path: '/', accountId: '123456789012' },
    findingId,
    findingType: 'UnusedIAMRole',
    signature: 's',
    summary: undefined,
    catalogue: undefined,
    generalize: undefined,
    policies: [],
    retained: 0,
    residue: 0,
    accessKeyId: undefined,
    ...(state ? { state } : {}),
  };
}

function holds(text: string): void {
  mock
    .on(GetObjectCommand, { Bucket: 'bucket', Key: 'index.json' })
    .resolves({ Body: { transformToString: () => Promise.resolve(text) } as never });
}

test('the findings of what is shown as current, each once', async () => {
  holds(renderIndexData([facts('a'), facts('b', { name: 'applied', reason: 'r' }), facts('a'), facts('c')]));
  expect(await open.findings('arn:analyzer')).toEqual([
    {
      analyzerArn: 'arn:analyzer',
      findingId: 'a',
      accountId: '123456789012',
      resource: 'arn:aws:iam::123456789012:role/a',
    },
    {
      analyzerArn: 'arn:analyzer',
      findingId: 'c',
      accountId: '123456789012',
      resource: 'arn:aws:iam::123456789012:role/c',
    },
  ]);
});

test.each([
  ['NoSuchKey', 404],
  ['AccessDenied', 403],
])('no overview yet (%s %d) is nothing to look at', async (name, status) => {
  mock.on(GetObjectCommand).rejects(serviceError(name, status));
  expect(await open.findings('arn:analyzer')).toEqual([]);
});

test('something else in its place is said, and so is a service that fails', async () => {
  holds('{}');
  expect(await rejection(open.findings('arn:analyzer'))).toMatchObject({
    message:
      'cannot read s3://bucket/index.json: it is not an overview of schema version 1; restore an earlier version, or delete it to begin again',
    decision: 'permanent',
  });
  mock.on(GetObjectCommand).rejects(serviceError('InternalError', 500));
  expect(await rejection(open.findings('arn:analyzer'))).toMatchObject({ decision: 'retry' });
});
