import { Annotations, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';

import type { RefinerConfig } from '../config/config.ts';
import type { TagFilter, UnusedAccessRefinerProps } from '../constructs/refiner-props.ts';
import { UnusedAccessRefiner } from '../constructs/unused-access-refiner.ts';

export interface RefinerStackProps extends StackProps {
  readonly config: RefinerConfig;
}

/** The stack of this app: the construct with the app's options, and outputs for scripts. */
export class RefinerStack extends Stack {
  constructor(scope: Construct, id: string, props: RefinerStackProps) {
    super(scope, id, { description: 'Proposes IAM policies without the access that nobody uses', ...props });
    const { config } = props;
    // The library omits the id `Default` from logical ids, so a resource is named after its part of the construct.
    const refiner = new UnusedAccessRefiner(this, 'Default', propsOf(this, config));
    for (const [name, value] of Object.entries(refiner.outputs)) {
      new CfnOutput(this, name, { value });
      if (config.parameterPrefix === undefined) continue;
      new ssm.StringParameter(this, `${name}Parameter`, {
        parameterName: `${config.parameterPrefix}/${name}`,
        stringValue: value,
        description: `Output ${name} of ${this.stackName}`,
      });
    }
  }
}

/** The construct's properties for these options. */
function propsOf(scope: Construct, config: RefinerConfig): UnusedAccessRefinerProps {
  const { analyzer, encryption, exclude, member, network } = config;
  return defined({
    name: config.name,
    email: [...config.email],
    alarmEmail: [...config.alarmEmail],
    runbookUrl: config.runbookUrl,
    notificationWindow: Duration.seconds(config.notificationWindow),
    chatTopic: config.chatTopic,
    ownerTag: config.ownerTag,
    ownerContact: config.ownerContact,
    accountNames: config.accountNames,
    announcements: config.announcements,
    overviewSchedule: ScheduleExpression.expression(config.overviewSchedule),
    eventBus:
      config.eventBus === 'default'
        ? undefined
        : events.EventBus.fromEventBusArn(scope, 'EventBus', config.eventBus),
    findingSource: analyzer.kind === 'none' ? 'last-accessed' : undefined,
    unusedAfter: analyzer.kind === 'none' ? Duration.days(analyzer.unusedDays) : undefined,
    analyzerArn: analyzer.kind === 'existing' ? analyzer.arn : undefined,
    newAnalyzer:
      analyzer.kind !== 'create'
        ? undefined
        : {
            type: analyzer.type,
            unusedAccessAge: Duration.days(analyzer.unusedAccessAge),
            excludeResourceTags: analyzer.excludeTags.map(tagFilter),
          },
    excludeAccounts: some(analyzer.kind === 'create' ? analyzer.excludeAccounts : exclude.accounts),
    excludeOrganizationalUnits: some(exclude.organizationalUnits),
    excludeNames: [...exclude.names],
    excludePaths: [...exclude.paths],
    excludeTags: exclude.tags.map(tagFilter),
    sweepSchedule: ScheduleExpression.expression(config.sweepSchedule),
    sweepAlarmAfter: Duration.hours(config.sweepAlarmHours),
    catalogueSchedule: ScheduleExpression.expression(config.catalogueSchedule),
    generalize: config.generalize,
    star: config.star,
    keep: [...config.keep],
    managedPoliciesPerRole: config.managedPoliciesPerRole,
    managedPoliciesPerUser: config.managedPoliciesPerUser,
    secondOpinions: [...config.secondOpinions],
    lastAccessed: config.lastAccessed,
    encryption: encryption.kind === 'own-key' ? undefined : encryption.kind,
    encryptionKey:
      encryption.kind === 'own-key' ? kms.Key.fromKeyArn(scope, 'Key', encryption.arn) : undefined,
    encryptLogs: config.encryptLogs,
    readers: [...config.readers],
    deciders: [...config.deciders],
    retention: config.retentionDays === undefined ? undefined : Duration.days(config.retentionDays),
    removalPolicy: config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    logRetention: config.logRetentionDays,
    tracing: config.tracing ? lambda.Tracing.ACTIVE : lambda.Tracing.DISABLED,
    memberRole: member && { roleName: member.roleName, externalId: member.externalId },
    rolePath: config.rolePath,
    roleNamePrefix: config.roleNamePrefix,
    concurrency: config.concurrency,
    accountCallsPerSecond: config.accountCallsPerSecond,
    analyzerCallsPerSecond: config.analyzerCallsPerSecond,
    bulkThreshold: config.bulkThreshold,
    vpcSubnets: network && {
      subnets: network.subnetIds.map((id) => subnet(scope, id)),
    },
    securityGroups: network?.securityGroupIds.map((id) =>
      ec2.SecurityGroup.fromSecurityGroupId(scope, id, id),
    ),
  });
}

function subnet(scope: Construct, id: string): ec2.ISubnet {
  const found = ec2.Subnet.fromSubnetId(scope, id, id);
  Annotations.of(found).acknowledgeWarning(
    '@aws-cdk/aws-ec2:noSubnetRouteTableId',
    'Nobody reads its routes.',
  );
  return found;
}

function tagFilter({ key, value }: { readonly key: string; readonly value: string | null }): TagFilter {
  return value === null ? { key } : { key, value };
}

function some(list: readonly string[] | undefined): string[] | undefined {
  return list === undefined || list.length === 0 ? undefined : [...list];
}

type Perhaps<T> = { readonly [K in keyof T]: T[K] | undefined };

function defined(props: Perhaps<UnusedAccessRefinerProps>): UnusedAccessRefinerProps {
  // Trust boundary: only undefined members are removed.
  return Object.fromEntries(
    Object.entries(props).filter(([, value]) => value !== undefined),
  ) as UnusedAccessRefinerProps;
}
