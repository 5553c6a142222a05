import { byCodeUnit } from '../../core/model/order.ts';
import type { FindingType } from '../../core/proposal/schema.ts';
import type { FindingAnswer, FindingDetails } from '../../ports/findings.ts';
import type { FindingPage } from './finding-page.ts';

/** Merges the pages of one state of a finding. */
export function mergePages(
  first: FindingPage,
  pages: readonly FindingPage[],
  analyzerArn: string | null,
): FindingAnswer {
  const error = pages.find((page) => page.error)?.error;
  if (error)
    return { kind: 'unsupported', reason: `Access Analyzer could not analyse the principal (${error})` };
  const findingType = TYPES.find((type) => type === first.findingType);
  if (!findingType) {
    return {
      kind: 'unsupported',
      reason: `the finding type ${first.findingType} is not about unused access`,
    };
  }
  const details = pages.flatMap((page) => page.findingDetails ?? []);
  const unknown = details.findIndex((detail) => detail[DETAILS[findingType]] === undefined);
  // An unreadable detail may report anything as unused, so the finding cannot be used.
  if (first.status === 'ACTIVE' && unknown >= 0) {
    return {
      kind: 'unreadable',
      reason: `the finding ${first.id}: its findingDetails[${String(unknown)}] lacks ${DETAILS[findingType]}, which a finding of type ${findingType} has; was it written by another program than the AWS CLI?`,
    };
  }
  return {
    kind: 'found',
    finding: {
      id: first.id,
      analyzerArn: oneOf(pages, 'analyzerArn') ?? analyzerArn,
      findingType,
      status: first.status,
      resource: first.resource,
      accountId: oneOf(pages, 'resourceOwnerAccount') ?? '',
      updatedAt: oneOf(pages, 'updatedAt') ?? null,
      details: mergeDetails(findingType, details),
    },
  };
}

/** A member that some pages may lack. The greatest value counts, so that the order of the files does not matter. */
export function oneOf<M extends 'analyzerArn' | 'resourceOwnerAccount' | 'updatedAt'>(
  pages: readonly { readonly [K in M]?: string | undefined }[],
  member: M,
): string | undefined {
  return pages.reduce<string | undefined>((best, page) => {
    const value = page[member];
    return best === undefined || (value !== undefined && value > best) ? value : best;
  }, undefined);
}

const TYPES: readonly FindingType[] = [
  'UnusedPermission',
  'UnusedIAMRole',
  'UnusedIAMUserAccessKey',
  'UnusedIAMUserPassword',
];

/** The member of a detail that each type of finding uses. */
const DETAILS = {
  UnusedPermission: 'unusedPermissionDetails',
  UnusedIAMRole: 'unusedIamRoleDetails',
  UnusedIAMUserAccessKey: 'unusedIamUserAccessKeyDetails',
  UnusedIAMUserPassword: 'unusedIamUserPasswordDetails',
} as const;

type Detail = NonNullable<FindingPage['findingDetails']>[number];

function mergeDetails(type: FindingType, details: readonly Detail[]): FindingDetails {
  switch (type) {
    case 'UnusedPermission':
      return { type, entries: details.flatMap((detail) => detail.unusedPermissionDetails ?? []) };
    case 'UnusedIAMRole':
      return { type, lastAccessed: latest(details.map((detail) => detail.unusedIamRoleDetails)) };
    case 'UnusedIAMUserAccessKey': {
      const keys = details.flatMap(({ unusedIamUserAccessKeyDetails: key }) => key ?? []);
      const ids = [...new Set(keys.map(({ accessKeyId }) => accessKeyId))].sort(byCodeUnit);
      return {
        type,
        keys: ids.map((accessKeyId) => ({
          accessKeyId,
          lastAccessed: latest(keys.filter((key) => key.accessKeyId === accessKeyId)),
        })),
      };
    }
    case 'UnusedIAMUserPassword':
      return { type, lastAccessed: latest(details.map((detail) => detail.unusedIamUserPasswordDetails)) };
    default:
      return type satisfies never;
  }
}

function latest(
  details: readonly ({ readonly lastAccessed?: string | undefined } | undefined)[],
): string | undefined {
  return details
    .flatMap((detail) => detail?.lastAccessed ?? [])
    .sort(byCodeUnit)
    .at(-1);
}
