import type { FindingDetails as SdkDetails, GetFindingV2Response } from '@aws-sdk/client-accessanalyzer';
import type { FindingDetails } from '../../../ports/findings.ts';
import { ok, refuse, type Result } from '../../../core/pattern/result.ts';

const NAMES = {
  UnusedPermission: 'unusedPermissionDetails',
  UnusedIAMRole: 'unusedIamRoleDetails',
  UnusedIAMUserAccessKey: 'unusedIamUserAccessKeyDetails',
  UnusedIAMUserPassword: 'unusedIamUserPasswordDetails',
} as const;

type UnusedType = keyof typeof NAMES;

/** The types of unused-access findings, as filters of `ListFindingsV2`. */
export const UNUSED_FINDING_TYPES: readonly UnusedType[] = [
  'UnusedIAMRole',
  'UnusedIAMUserAccessKey',
  'UnusedIAMUserPassword',
  'UnusedPermission',
];

/**
 * Converts the details of all pages of one finding; times become ISO 8601. Refuses a finding that is not about unused
 * access, that carries an analysis error, or that has a detail this version does not know, because acting on the known
 * part would be a guess about the rest.
 * Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingV2.html
 */
export function readFindingDetails(
  finding: GetFindingV2Response,
  details: readonly SdkDetails[],
): Result<FindingDetails> {
  if (finding.error !== undefined) {
    return refuse(`Access Analyzer could not analyse the principal (${finding.error})`);
  }
  const type = UNUSED_FINDING_TYPES.find((known) => known === finding.findingType);
  if (type === undefined) {
    return refuse(`the finding type ${finding.findingType ?? '(none)'} is not about unused access`);
  }
  for (const detail of details) {
    const [name] = Object.keys(detail);
    if (name !== NAMES[type])
      return refuse(`a finding of type ${type} holds an unexpected detail: ${name ?? '(none)'}`);
  }
  switch (type) {
    case 'UnusedPermission':
      return readPermissions(details);
    case 'UnusedIAMUserAccessKey':
      return readAccessKeys(details);
    case 'UnusedIAMRole':
      return ok({ type, lastAccessed: iso(details[0]?.unusedIamRoleDetails?.lastAccessed) });
    case 'UnusedIAMUserPassword':
      return ok({ type, lastAccessed: iso(details[0]?.unusedIamUserPasswordDetails?.lastAccessed) });
  }
}

function readPermissions(details: readonly SdkDetails[]): Result<FindingDetails> {
  const entries = [];
  for (const { unusedPermissionDetails: entry } of details) {
    if (entry?.serviceNamespace === undefined)
      return refuse('an unused permission does not name its service');
    const actions = [];
    for (const { action, lastAccessed } of entry.actions ?? []) {
      if (action === undefined) return refuse(`an unused action of ${entry.serviceNamespace} has no name`);
      actions.push({ action, lastAccessed: iso(lastAccessed) });
    }
    entries.push({
      serviceNamespace: entry.serviceNamespace,
      actions,
      lastAccessed: iso(entry.lastAccessed),
    });
  }
  return ok({ type: 'UnusedPermission', entries });
}

function readAccessKeys(details: readonly SdkDetails[]): Result<FindingDetails> {
  const keys = [];
  for (const { unusedIamUserAccessKeyDetails: key } of details) {
    if (key?.accessKeyId === undefined) return refuse('an unused access key has no id');
    keys.push({ accessKeyId: key.accessKeyId, lastAccessed: iso(key.lastAccessed) });
  }
  return ok({ type: 'UnusedIAMUserAccessKey', keys });
}

/** ISO 8601 in UTC; undefined if the service gives no time, or an invalid one. */
export function iso(time: Date | undefined): string | undefined {
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
