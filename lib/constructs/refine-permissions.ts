import {
  BULK_READS,
  CREDENTIAL_READS,
  IAM_READS,
  LAST_ACCESS_CALLS,
  OPINION_CALLS,
  REFINE_CALLS,
  UNIT_CALLS,
} from '../../lambda/contract/iam-calls.ts';
import type { RefinerConfig } from '../config/config.ts';
import { acknowledge, allow } from './allow.ts';
import type { FindingIntake } from './finding-intake.ts';
import type { ProposalStore } from './proposal-store.ts';
import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

const SIDS = {
  role: 'ReadRoles',
  user: 'ReadUsers',
  group: 'ReadGroups',
  policy: 'ReadPolicies',
} as const;

type Kind = keyof typeof SIDS;

/**
 * Permissions to read what roles and users of one account are granted, each action on the one kind of resource that it
 * applies to. The worker in the home account and the role in each member account use the same statements.
 * Source:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 * IAM's reports of last use are read only if the options ask for them, and the last use of credentials only if
 * findings come from such reports.
 */
export function iamReadStatements({ lastAccessed, findingSource }: IamReads): iam.PolicyStatement[] {
  const makesFindings = findingSource === 'last-accessed';
  const own = (kind: string) => `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:${kind}/*`;
  const resources = {
    role: [own('role')],
    user: [own('user')],
    group: [own('group')],
    policy: [own('policy'), `arn:${Aws.PARTITION}:iam::aws:policy/*`],
  };
  const statement = (kind: Kind) =>
    new iam.PolicyStatement({
      sid: SIDS[kind],
      actions: [...IAM_READS[kind]],
      resources: resources[kind],
    });
  const reads = [statement('role'), statement('user'), statement('group'), statement('policy')];
  if (!lastAccessed && !makesFindings) return reads;
  return [
    ...reads,
    new iam.PolicyStatement({
      sid: 'AskForLastUse',
      actions: [...LAST_ACCESS_CALLS.principals],
      resources: [...resources.role, ...resources.user],
    }),
    new iam.PolicyStatement({
      sid: 'ReadLastUse',
      actions: [...LAST_ACCESS_CALLS.report],
      resources: ['*'],
    }),
    ...(makesFindings
      ? [
          new iam.PolicyStatement({
            sid: 'ReadUseOfCredentials',
            actions: [...CREDENTIAL_READS.user],
            resources: resources.user,
          }),
        ]
      : []),
  ];
}

/** The options that decide what else is read from IAM. */
export interface IamReads {
  readonly lastAccessed: boolean;
  readonly findingSource: 'access-analyzer' | 'last-accessed';
}

/** What the options ask of IAM. */
export function iamReads({
  lastAccessed,
  analyzer,
}: Pick<RefinerConfig, 'lastAccessed' | 'analyzer'>): IamReads {
  return { lastAccessed, findingSource: analyzer.kind === 'none' ? 'last-accessed' : 'access-analyzer' };
}

/**
 * Permission to read an account as a whole. The action does not support resource-level permissions, so it is allowed
 * on `*` or not at all.
 */
export function bulkReadStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'ReadAccountInBulk',
    actions: [...BULK_READS.account],
    resources: ['*'],
  });
}

/** Why `ReadAccountInBulk` names no resource, for cdk-nag. */
export const BULK_READ_ON_ALL =
  'GetAccountAuthorizationDetails describes the whole account; IAM has no resource for it, and reading is all that is granted.';

/** Why `ReadLastUse` names no resource, for cdk-nag. */
export const LAST_ACCESS_ON_ALL =
  'A report on last use is read by its job id; IAM has no resource for it, and reading is all that is granted.';

/** Acknowledges that a role's statements about IAM apply to all roles, users, groups and policies. */
export function acknowledgeIamReads(role: iam.Role): void {
  const kinds = ['role', 'user', 'group', 'policy'].map((kind) => `<AWS::AccountId>:${kind}`);
  for (const kind of [...kinds, 'aws:policy']) {
    acknowledge(
      role,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::${kind}/*]`,
      'A finding may be about any role or user; the actions only read, and AWS offers nothing narrower.',
    );
  }
}

/** Grants what both workers do: read a finding and what its principal is granted, and store a proposal. */
export function grantRefine(
  role: iam.Role,
  props: { readonly config: RefinerConfig; readonly intake: FindingIntake; readonly store: ProposalStore },
): void {
  const { config, store } = props;
  const { analyzerArn } = props.intake;
  for (const statement of iamReadStatements(iamReads(config))) role.addToPolicy(statement);
  acknowledgeIamReads(role);
  if (analyzerArn !== undefined) allow(role, 'ReadFindings', REFINE_CALLS.analyzer, analyzerArn);
  if (config.exclude.organizationalUnits !== undefined) grantReadOrganisation(role);
  grantOpinions(role, config.secondOpinions, analyzerArn);
  if (config.member !== undefined) grantAssumeMemberRole(role, config.member.pathAndName);
  store.grantWrite(role, REFINE_CALLS);
  store.grantReadCatalogues(role, REFINE_CALLS);
  store.grantReadDecisions(role, REFINE_CALLS);
}

/** Lets a role request the second opinions that are enabled, and no others. */
function grantOpinions(
  role: iam.Role,
  opinions: RefinerConfig['secondOpinions'],
  analyzerArn: string | undefined,
): void {
  const calls = opinions.map((opinion) => OPINION_CALLS[opinion]);
  const checks = calls.flatMap(({ anything }) => anything);
  const asked = calls.flatMap(({ analyzer }) => analyzer);
  if (checks.length > 0) {
    allow(role, 'CheckDocuments', checks, '*');
    acknowledge(
      role,
      'AwsSolutions-IAM5[Resource::*]',
      "Access Analyzer's checks look at a document that is sent along and at no resource; they take * only.",
    );
  }
  if (analyzerArn !== undefined && asked.length > 0) allow(role, 'AskForRecommendations', asked, analyzerArn);
}

/** Lets a role assume the read-only role of each member account. */
function grantAssumeMemberRole(role: iam.Role, roleName: string): void {
  const resource = `arn:${Aws.PARTITION}:iam::*:role/${roleName}`;
  allow(role, 'ReachMemberAccounts', REFINE_CALLS.memberRole, resource);
  acknowledge(
    role,
    `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::*:role/${roleName}]`,
    'One role name, in whichever accounts the organisation has; each of them has to trust this role by name and external id.',
  );
}

/**
 * Lets a role find the organisational units of an account. The ARNs have wildcards, because the organisation and its
 * management account are not known here.
 */
function grantReadOrganisation(role: iam.Role): void {
  const resources = ['account', 'ou'].map((kind) => `arn:${Aws.PARTITION}:organizations::*:${kind}/*`);
  allow(role, 'SeeOrganisation', UNIT_CALLS.tree, resources);
  for (const kind of ['account', 'ou']) {
    acknowledge(
      role,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:organizations::*:${kind}/*]`,
      'A finding may be about any account; the action only says which unit holds it.',
    );
  }
}
