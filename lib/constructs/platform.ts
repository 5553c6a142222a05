import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

import { type FunctionName, SERVICE_NAME } from '../../lambda/contract/functions.ts';
import type { NetworkConfig, RefinerConfig } from '../config/config.ts';

/** The settings of all deployed resources. */
export interface Platform {
  /** The prefix of the names of alarms, dashboard, metrics and named roles. */
  readonly name: string;
  /** For bucket, key and logs. */
  readonly removalPolicy: RemovalPolicy;
  /** Days, one of the periods that CloudWatch Logs allows. */
  readonly logRetentionDays: number;
  /** Whether functions send traces to X-Ray. */
  readonly tracing: boolean;
  readonly network: NetworkConfig | undefined;
  readonly rolePath: string | undefined;
  readonly roleNamePrefix: string | undefined;
  /**
   * Whether other accounts trust the workers' roles, whose names must then stay the same when the stack is deployed
   * again.
   */
  readonly isTrustedElsewhere: boolean;
  /** Returns the bundle of a function. */
  readonly code: (scope: Construct, name: FunctionName) => lambda.Code;
}

export function platformOf(
  config: RefinerConfig,
  removalPolicy: RemovalPolicy,
  code: Platform['code'],
): Platform {
  const { name, logRetentionDays, tracing, network, rolePath, roleNamePrefix } = config;
  const asked = { name, logRetentionDays, tracing, network, rolePath, roleNamePrefix };
  return { ...asked, removalPolicy, isTrustedElsewhere: config.member !== undefined, code };
}

export interface OwnRoleProps {
  readonly platform: Platform;
  /** The purpose of the role, in lower case with hyphens: the rest of its name. */
  readonly purpose: string;
  /** Follows the name of the project. */
  readonly description: string;
  readonly assumedBy: iam.IPrincipal;
  /**
   * Whether other accounts may trust it.
   * @default false
   */
  readonly isTrusted?: boolean;
}

/**
 * Creates a role with the path and the name prefix of the options. IAM names are the same in all Regions, so a name
 * ends with the Region. Member accounts trust the role by its fixed name, also after it is deployed again.
 */
export function createRole(scope: Construct, id: string, props: OwnRoleProps): iam.Role {
  const { rolePath, roleNamePrefix, isTrustedElsewhere, name } = props.platform;
  const prefix = roleNamePrefix ?? (isTrustedElsewhere && props.isTrusted === true ? `${name}-` : undefined);
  return new iam.Role(scope, id, {
    assumedBy: props.assumedBy,
    description: `${SERVICE_NAME}: ${props.description}`,
    ...(rolePath === undefined ? {} : { path: rolePath }),
    ...(prefix === undefined ? {} : { roleName: `${prefix}${props.purpose}-${Stack.of(scope).region}` }),
  });
}
