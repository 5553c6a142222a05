import {
  Aws,
  BootstraplessSynthesizer,
  CfnOutput,
  CfnParameter,
  Fn,
  type IStackSynthesizer,
  Stack,
} from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

import { acknowledge } from '../constructs/acknowledge.ts';
import {
  BULK_READ_ON_ALL,
  bulkReadStatement,
  IAM_READ_RESOURCES,
  iamReadStatements,
  LAST_ACCESS_ON_ALL,
} from '../constructs/refine-permissions.ts';

export interface MemberStackProps {
  /** Left out: a parameter of the template. */
  readonly roleName?: string;
  readonly rolePath?: string | undefined;
  /** Left out: a parameter of the template. */
  readonly externalId?: string;
  /** The organisation whose principals alone may assume the role, where it is known. */
  readonly organizationId?: string;
  readonly lastAccessed: boolean;
}

/**
 * What a member account needs: one role that reads IAM. Only the workers can assume it, and only with the external
 * id. The template has no assets and needs no bootstrap, so a StackSet can deploy it as it is.
 * On the external id: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
 */
export class MemberStack extends Stack {
  constructor(scope: Construct, id: string, props: MemberStackProps) {
    super(scope, id, {
      description:
        'Read-only role through which unused-access-refiner reads what roles and users are granted',
      // Trust boundary: the library's classes and interfaces disagree about `undefined` in optional members.
      synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer,
    });
    const workerRoleArn = new CfnParameter(this, 'WorkerRoleArn', {
      description: 'Output WorkerRoleArn of the main stack',
      allowedPattern: 'arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/.+',
      constraintDescription: "must be a role's ARN: the output WorkerRoleArn of the main stack",
    });
    const accountWorkerRoleArn = new CfnParameter(this, 'AccountWorkerRoleArn', {
      description: 'Output AccountWorkerRoleArn of the main stack',
      allowedPattern: 'arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/.+',
      constraintDescription: "must be a role's ARN: the output AccountWorkerRoleArn of the main stack",
    });
    const callers = [workerRoleArn, accountWorkerRoleArn].map(({ valueAsString }) => valueAsString);
    // By their ARNs, and not as principals: IAM keeps a principal's unique id, so a role that is deployed anew under the
    // same name would not be trusted any more.
    const account = Fn.select(4, Fn.split(':', workerRoleArn.valueAsString));
    const home = new iam.ArnPrincipal(`arn:${Aws.PARTITION}:iam::${account}:root`);
    const role = new iam.Role(this, 'Reader', {
      roleName: props.roleName ?? memberRoleName(this),
      ...(props.rolePath === undefined ? {} : { path: props.rolePath }),
      description: 'Lets unused-access-refiner read roles, users, groups and policies of this account',
      assumedBy: new iam.PrincipalWithConditions(home, {
        ArnEquals: { 'aws:PrincipalArn': callers },
        StringEquals: {
          'sts:ExternalId': props.externalId ?? memberExternalId(this),
          ...(props.organizationId === undefined ? {} : { 'aws:PrincipalOrgID': props.organizationId }),
        },
      }),
      inlinePolicies: {
        ReadIam: new iam.PolicyDocument({
          statements: [...iamReadStatements({ asksLastAccess: props.lastAccessed }), bulkReadStatement()],
        }),
      },
    });
    for (const resource of IAM_READ_RESOURCES) {
      acknowledge(
        role,
        `AwsSolutions-IAM5[Resource::${resource}]`,
        'A finding may be about any role or user; the actions only read, and AWS offers nothing narrower.',
      );
    }
    const onAll = props.lastAccessed ? `${BULK_READ_ON_ALL} ${LAST_ACCESS_ON_ALL}` : BULK_READ_ON_ALL;
    acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', onAll);
    new CfnOutput(this, 'ReaderRoleArn', { value: role.roleArn });
  }
}

/** The name of the role as a parameter, the same in the main template and in that of the member accounts. */
export function memberRoleName(stack: Stack): string {
  return new CfnParameter(stack, 'MemberRoleName', {
    description: 'Name of the read-only role in each member account',
    default: 'UnusedAccessRefinerReader',
    allowedPattern: '[\\w+=,.@-]{1,64}',
    maxLength: 64,
  }).valueAsString;
}

/** The external id that the role asks for, likewise. */
export function memberExternalId(stack: Stack): string {
  return new CfnParameter(stack, 'MemberExternalId', {
    description:
      'External id that the role in each member account asks for; with member accounts, a text of your own',
    default: 'unused-access-refiner',
    allowedPattern: '[\\w+=,.@:/-]{2,1224}',
    maxLength: 1224,
  }).valueAsString;
}
