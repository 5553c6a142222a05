import type { PrincipalRef } from '../model/principal.ts';
import type { CopyCheck, DocumentRef, PlanCheck } from './schema.ts';
import { shellOption as option, shellQuote as q } from './shell-quote.ts';

/** Shell lines that stop unless everything is in the state that the script starts from. */
export function scriptChecks(
  checks: readonly PlanCheck[],
  principal: PrincipalRef,
  direction: 'apply' | 'rollback',
): readonly string[] {
  const lines = checks.flatMap((check) =>
    direction === 'apply' ? beforeApply(check, principal) : beforeRollback(check, principal),
  );
  return [...isThePrincipal(principal), ...lines];
}

function isThePrincipal({ type, name, arn }: PrincipalRef): readonly string[] {
  const query = type === 'role' ? 'Role.Arn' : 'User.Arn';
  return [
    `[ "$(aws iam get-${type} ${option(`--${type}-name`, name)} --query ${query} --output text)" = ${q(arn)} ] ||`,
    `  stop ${q(`these credentials do not see ${arn}`)}`,
  ];
}

function beforeApply(check: PlanCheck, principal: PrincipalRef): readonly string[] {
  switch (check.check) {
    case 'inline-policy':
      return check.before === null
        ? noInline(check.policyName, principal)
        : inlineHolds(check.policyName, check.before, principal);
    case 'default-version':
      return [
        ...defaultHolds(check.policyArn, check.before),
        ...onlyHere(check.policyArn),
        ...attached(check.policyArn, principal, true),
      ];
    case 'attached-policy':
      return [
        ...(check.versionId === undefined
          ? defaultHolds(check.policyArn, check.before)
          : [
              `[ "$(default_version ${q(check.policyArn)})" = ${q(check.versionId)} ] ||`,
              `  stop ${q(`${check.policyArn} has another default version than ${check.versionId}`)}`,
            ]),
        ...attached(check.policyArn, principal, true),
      ];
    case 'copy':
      return [
        `if aws iam get-policy --policy-arn ${q(check.policyArn)} >/dev/null 2>&1; then`,
        `  stop ${q(`${check.policyArn} exists already`)}`,
        'fi',
      ];
    case 'access-key':
      return keyIs(check.accessKeyId, 'Active', principal);
    case 'password':
      return [
        `aws iam get-login-profile ${option('--user-name', principal.name)} >/dev/null ||`,
        `  stop ${q(`${principal.name} has no console password`)}`,
      ];
    case 'holders':
    case 'denial':
      return [];
    default: {
      const never: never = check;
      return never;
    }
  }
}

function beforeRollback(check: PlanCheck, principal: PrincipalRef): readonly string[] {
  switch (check.check) {
    case 'inline-policy':
      return check.after === null
        ? noInline(check.policyName, principal)
        : inlineHolds(check.policyName, check.after, principal);
    case 'default-version':
      return [
        ...defaultHolds(check.policyArn, check.after),
        ...onlyHere(check.policyArn),
        ...attached(check.policyArn, principal, true),
      ];
    case 'attached-policy':
      return attached(check.policyArn, principal, false);
    case 'copy':
      return copyIsOurs(check, principal);
    case 'access-key':
      return keyIs(check.accessKeyId, 'Inactive', principal);
    case 'password':
      return [];
    case 'holders':
    case 'denial':
      return [];
    default: {
      const never: never = check;
      return never;
    }
  }
}

function inlineHolds(
  policyName: string,
  document: DocumentRef,
  { type, name }: PrincipalRef,
): readonly string[] {
  return [
    `aws iam get-${type}-policy ${option(`--${type}-name`, name)} ${option('--policy-name', policyName)} \\`,
    `  --query PolicyDocument --output json | same_document ${q(document.file)} ||`,
    `  stop ${q(`the inline policy ${policyName} is not what ${document.file} holds`)}`,
  ];
}

function noInline(policyName: string, { type, name }: PrincipalRef): readonly string[] {
  return [
    `if aws iam list-${type}-policies ${option(`--${type}-name`, name)} --query 'PolicyNames[]' --output text |`,
    `  listed ${q(policyName)}; then`,
    `  stop ${q(`the inline policy ${policyName} exists already`)}`,
    'fi',
  ];
}

function defaultHolds(policyArn: string, document: DocumentRef): readonly string[] {
  return [
    `version_document ${q(policyArn)} "$(default_version ${q(policyArn)})" | same_document ${q(document.file)} ||`,
    `  stop ${q(`the default version of ${policyArn} is not what ${document.file} holds`)}`,
  ];
}

/** A new default version is for everybody who has the policy; so nobody else may have it. */
function onlyHere(policyArn: string): readonly string[] {
  return [
    `[ "$(aws iam get-policy --policy-arn ${q(policyArn)} \\`,
    `  --query 'Policy.[AttachmentCount, PermissionsBoundaryUsageCount]' --output json |`,
    `  jq -c 'map(. // 0)')" = '[1,0]' ] ||`,
    `  stop ${q(`${policyArn} is attached to others too`)}`,
  ];
}

function attached(policyArn: string, { type, name }: PrincipalRef, wanted: boolean): readonly string[] {
  const list = [
    `aws iam list-attached-${type}-policies ${option(`--${type}-name`, name)} \\`,
    `  --query 'AttachedPolicies[].PolicyArn' --output text | listed ${q(policyArn)}`,
  ];
  const [first = '', second = ''] = list;
  return wanted
    ? [first, `${second} ||`, `  stop ${q(`${policyArn} is not attached`)}`]
    : [`if ${first}`, `${second}; then`, `  stop ${q(`${policyArn} is attached again already`)}`, 'fi'];
}

function copyIsOurs(check: CopyCheck, principal: PrincipalRef): readonly string[] {
  return [
    `[ "$(aws iam get-policy --policy-arn ${q(check.policyArn)} --query Policy.Description --output text)" = \\`,
    `  ${q(check.description)} ] ||`,
    `  stop ${q(`${check.policyArn} was not made by this proposal`)}`,
    ...defaultHolds(check.policyArn, check.document),
    ...attached(check.policyArn, principal, true),
  ];
}

function keyIs(accessKeyId: string, status: string, { name }: PrincipalRef): readonly string[] {
  const query = `AccessKeyMetadata[?AccessKeyId=='${accessKeyId}'].Status | [0]`;
  return [
    `[ "$(aws iam list-access-keys ${option('--user-name', name)} \\`,
    `  --query ${q(query)} --output text)" = ${status} ] ||`,
    `  stop ${q(`the access key ${accessKeyId} is not ${status}`)}`,
  ];
}
