import { HOME_ACCOUNT, REGION } from './accounts.ts';
import type { BusEvent } from './aws-request.ts';
import type { WireFinding } from './access-analyzer-wire.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html */
export function findingEvent(
  analyzerArn: string,
  finding: WireFinding,
  change: { readonly previousStatus?: string; readonly isDeleted?: boolean } = {},
): BusEvent {
  const counts = finding.findingDetails.flatMap((detail) =>
    'unusedPermissionDetails' in detail ? [detail.unusedPermissionDetails.actions?.length ?? 0] : [],
  );
  return {
    source: 'aws.access-analyzer',
    'detail-type': 'Unused Access Finding for IAM entities',
    resources: [analyzerArn],
    detail: {
      findingId: finding.id,
      resource: finding.resource,
      resourceType: finding.resourceType,
      accountId: finding.resourceOwnerAccount,
      createdAt: finding.createdAt,
      updatedAt: finding.updatedAt,
      analyzedAt: finding.analyzedAt,
      previousStatus: change.previousStatus ?? '',
      status: finding.status,
      version: '62160bda-8e94-46d6-ac97-9670930d8ffb',
      isDeleted: change.isDeleted ?? false,
      findingType: finding.findingType,
      numberOfUnusedServices: counts.filter((count) => count === 0).length,
      numberOfUnusedActions: counts.reduce((sum, count) => sum + count, 0),
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
export function objectCreatedEvent(bucket: string, key: string): BusEvent {
  return {
    source: 'aws.s3',
    'detail-type': 'Object Created',
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: {
        key,
        size: 5,
        etag: 'b1946ac92492d2347c6235b4d2611184',
        'version-id': 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
        sequencer: '617f08299329d189',
      },
      'request-id': 'N4N7GDK58NMKJ12R',
      requester: HOME_ACCOUNT,
      'source-ip-address': '1.2.3.4',
      reason: 'PutObject',
    },
  };
}

/**
 * The event as a queue gets it. Moto's rules leave out the account, which each real event has.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 */
export function completeEvent(body: string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return body;
  }
  if (typeof value !== 'object' || value === null || !('detail-type' in value)) return body;
  return JSON.stringify({ account: HOME_ACCOUNT, region: REGION, ...value });
}
