import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

import { parseConfig } from '../config/config.ts';
import { acknowledge } from './allow.ts';
import {
  acknowledgeIamReads,
  BULK_READ_ON_ALL,
  bulkReadStatement,
  iamReadStatements,
  LAST_ACCESS_ON_ALL,
} from './refine-permissions.ts';
import { checkableMember, known } from './refiner-config.ts';
import type { UnusedAccessRefinerMemberRoleProps } from './refiner-props.ts';

/**
 * The role for a member account, which reads IAM and changes nothing. Only the two workers of an `UnusedAccessRefiner`
 * can assume it, and only with the external id. It has no assets, so a StackSet can deploy its stack. On the external
 * id: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
 *
 * @example new UnusedAccessRefinerMemberRole(this, 'UnusedAccess', { roleName: 'UnusedAccessRefinerReader',
 * externalId: 'a-text-of-your-own', workerRole: iam.Role.fromRoleArn(this, 'Worker', workerRoleArn),
 * accountWorkerRole: iam.Role.fromRoleArn(this, 'AccountWorker', accountWorkerRoleArn), });
 */
export class UnusedAccessRefinerMemberRole extends Construct {
  readonly role: iam.IRole;

  /** @throws Error with a sentence for each wrong property */
  constructor(scope: Construct, id: string, props: UnusedAccessRefinerMemberRoleProps) {
    super(scope, id);
    const { rolePath, organizationId, lastAccessed = false } = props;
    const { findingSource = 'access-analyzer' } = props;
    parseConfig({
      ...checkableMember(props),
      rolePath: known(rolePath),
      organizationId: known(organizationId),
      lastAccessed,
      findingSource,
    });
    const workers = [props.workerRole, props.accountWorkerRole].map(({ roleRef }) => roleRef.roleArn);
    // The condition names the workers by ARN. If they were the principals, IAM would store their unique ids, and a
    // worker's role that is deployed again under the same name would not be trusted any more.
    const { account } = Stack.of(this).splitArn(workers[0] ?? '', ArnFormat.SLASH_RESOURCE_NAME);
    const home = new iam.ArnPrincipal(`arn:${Aws.PARTITION}:iam::${account ?? ''}:root`);
    const role = new iam.Role(this, 'Reader', {
      roleName: props.roleName,
      ...(rolePath === undefined ? {} : { path: rolePath }),
      description: 'Lets unused-access-refiner read roles, users, groups and policies of this account',
      assumedBy: new iam.PrincipalWithConditions(home, {
        ArnEquals: { 'aws:PrincipalArn': workers },
        StringEquals: {
          'sts:ExternalId': props.externalId,
          ...(organizationId === undefined ? {} : { 'aws:PrincipalOrgID': organizationId }),
        },
      }),
      inlinePolicies: {
        ReadIam: new iam.PolicyDocument({
          statements: [...iamReadStatements({ lastAccessed, findingSource }), bulkReadStatement()],
        }),
      },
    });
    acknowledgeIamReads(role);
    const asksLastUse = lastAccessed || findingSource === 'last-accessed';
    const onAll = asksLastUse ? `${BULK_READ_ON_ALL} ${LAST_ACCESS_ON_ALL}` : BULK_READ_ON_ALL;
    acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', onAll);
    this.role = role;
  }
}
