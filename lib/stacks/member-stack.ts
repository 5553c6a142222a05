import {
  BootstraplessSynthesizer,
  CfnCondition,
  CfnOutput,
  CfnParameter,
  Fn,
  type IStackSynthesizer,
  Stack,
} from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

import type { IamReads } from '../constructs/refine-permissions.ts';
import { UnusedAccessRefinerMemberRole } from '../constructs/member-role.ts';

export interface MemberStackProps extends IamReads {
  /** If undefined, it is a parameter of the template. */
  readonly roleName?: string;
  readonly rolePath?: string | undefined;
  /** If undefined, it is a parameter of the template. */
  readonly externalId?: string;
  /** The organisation whose principals may assume the role; undefined if it is not checked. */
  readonly organizationId?: string;
  /**
   * Whether the organisation and the source of findings are parameters of the template, as in the release.
   * @default false
   */
  readonly isReleased?: boolean;
}

/**
 * The member accounts' role as a separate template, in which the two trusted roles are parameters. It has no assets
 * and needs no bootstrap, so a StackSet can deploy it as it is.
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
    const isReleased = props.isReleased === true;
    if (isReleased) addSourceParameter(this);
    const organizationId = isReleased ? memberOrganization(this) : props.organizationId;
    // The library omits the id `Default` from logical ids. With another logical id, the role would be replaced instead
    // of updated.
    const { role } = new UnusedAccessRefinerMemberRole(this, 'Default', {
      roleName: props.roleName ?? memberRoleName(this),
      externalId: props.externalId ?? memberExternalId(this),
      workerRole: iam.Role.fromRoleArn(this, 'Worker', workerRoleArn.valueAsString),
      accountWorkerRole: iam.Role.fromRoleArn(this, 'AccountWorker', accountWorkerRoleArn.valueAsString),
      ...(props.rolePath === undefined ? {} : { rolePath: props.rolePath }),
      ...(organizationId === undefined ? {} : { organizationId }),
      lastAccessed: props.lastAccessed,
      findingSource: props.findingSource,
    });
    new CfnOutput(this, 'ReaderRoleArn', { value: role.roleArn });
  }
}

/** A parameter for the role's name, the same in the main template and in that of the member accounts. */
export function memberRoleName(stack: Stack): string {
  return new CfnParameter(stack, 'MemberRoleName', {
    description: 'Name of the read-only role in each member account',
    default: 'UnusedAccessRefinerReader',
    allowedPattern: '[\\w+=,.@-]{1,64}',
    maxLength: 64,
  }).valueAsString;
}

/** A parameter for the external id, likewise. */
export function memberExternalId(stack: Stack): string {
  return new CfnParameter(stack, 'MemberExternalId', {
    description:
      'External id that the role in each member account asks for; with member accounts, a text of your own',
    default: 'unused-access-refiner',
    allowedPattern: '[\\w+=,.@:/-]{2,1224}',
    maxLength: 1224,
  }).valueAsString;
}

/** The condition, in the templates of the release, of everything that only an analyzer needs. */
export const USES_ANALYZER = 'UsesAnalyzer';

/** A parameter for the source of findings, the same in both templates of the release. */
export function addSourceParameter(stack: Stack): void {
  const source = new CfnParameter(stack, 'FindingSource', {
    description: "Who says what is unused: an analyzer, or IAM's own reports of last use, which are free",
    default: 'access-analyzer',
    allowedValues: ['access-analyzer', 'last-accessed'],
  });
  new CfnCondition(stack, USES_ANALYZER, {
    expression: Fn.conditionEquals(source.valueAsString, 'access-analyzer'),
  });
}

/** A parameter for the organisation. */
function memberOrganization(stack: Stack): string {
  const id = new CfnParameter(stack, 'OrganizationId', {
    description: 'Organisation whose principals alone may assume the role, o-…; empty: it is not asked for',
    default: '',
    allowedPattern: '|o-[a-z0-9]{10,32}',
  }).valueAsString;
  const some = new CfnCondition(stack, 'HasOrganization', {
    expression: Fn.conditionNot(Fn.conditionEquals(id, '')),
  });
  return Fn.conditionIf(some.logicalId, id, Fn.ref('AWS::NoValue')).toString();
}
