export const ANALYZER =
  'arn:aws:access-analyzer:us-west-2:123456789012:analyzer/integTestLongLivingAnalyzer-DO-NOT-DELETE';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html */
export const FINDING_EVENT = {
  version: '0',
  id: 'dc7ce3ee-114b-3243-e249-7f10f9054b21',
  'detail-type': 'Unused Access Finding for IAM entities',
  source: 'aws.access-analyzer',
  account: '123456789012',
  time: '2023-09-29T17:31:40Z',
  region: 'us-west-2',
  resources: [ANALYZER],
  detail: {
    findingId: 'b8ae0460-5d29-4922-b92a-ba956c986277',
    resource: 'arn:aws:iam::111122223333:role/FindingIntegTestFakeRole',
    resourceType: 'AWS::IAM::Role',
    accountId: '111122223333',
    createdAt: '2023-09-29T17:29:18.758Z',
    updatedAt: '2023-09-29T17:29:18.758Z',
    analyzedAt: '2023-09-29T17:29:18.758Z',
    previousStatus: '',
    status: 'ACTIVE',
    version: '62160bda-8e94-46d6-ac97-9670930d8ffb',
    isDeleted: false,
    findingType: 'UnusedPermission',
    numberOfUnusedServices: 0,
    numberOfUnusedActions: 1,
  },
};

/** What a sweep sends. */
export const SWEPT_FINDING = {
  analyzerArn: ANALYZER,
  findingId: 'swept-1',
  accountId: '111122223333',
  resource: 'arn:aws:iam::111122223333:role/Orders',
};

export const BUCKET = 'amzn-s3-demo-bucket1';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html, with a key of ours. */
export function objectCreated(key: string) {
  return {
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '111122223333',
    time: '2021-11-12T00:00:00Z',
    region: 'ca-central-1',
    resources: ['arn:aws:s3:::amzn-s3-demo-bucket1'],
    detail: {
      version: '0',
      bucket: { name: BUCKET },
      object: {
        key,
        size: 5,
        etag: 'b1946ac92492d2347c6235b4d2611184',
        'version-id': 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
        sequencer: '617f08299329d189',
      },
      'request-id': 'N4N7GDK58NMKJ12R',
      requester: '123456789012',
      'source-ip-address': '1.2.3.4',
      reason: 'PutObject',
    },
  };
}
