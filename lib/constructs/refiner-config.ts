import { RemovalPolicy, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';

import {
  type AnalyzerConfig,
  ConfigError,
  type NetworkConfig,
  parseConfig,
  type RefinerConfig,
} from '../config/config.ts';
import type { MemberRole, UnusedAccessRefinerProps } from './refiner-props.ts';

/** Valid values that replace tokens during validation, because tokens cannot be checked at synthesis. */
const STAND_IN = {
  analyzerArn: 'arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused',
  memberRoleName: 'Reader',
  memberExternalId: 'external-id',
} as const;

function isLate(value: unknown): boolean {
  return Token.isUnresolved(value) || (Array.isArray(value) && value.some(isLate));
}

/** The value if it is a token, which only CloudFormation resolves; undefined otherwise. */
function late<T>(value: T | undefined): T | undefined {
  return value !== undefined && isLate(value) ? value : undefined;
}

/** The value if it can be checked at synthesis; undefined for a token. */
export function known<T>(value: T | undefined): T | undefined {
  return isLate(value) ? undefined : value;
}

/** The options of the member accounts' role that can be checked at synthesis. */
export function checkableMember({ roleName, externalId }: MemberRole): Record<string, string> {
  return {
    memberRoleName: known(roleName) ?? STAND_IN.memberRoleName,
    memberExternalId: known(externalId) ?? STAND_IN.memberExternalId,
  };
}

/** The configuration for the given properties. @throws ConfigError with a sentence for each wrong property */
export function configOf(scope: Construct, props: UnusedAccessRefinerProps): RefinerConfig {
  const { newAnalyzer, memberRole, encryptionKey } = props;
  const existing = props.analyzer?.analyzerRef.analyzerArn ?? props.analyzerArn;
  const options = {
    email: known(props.email),
    alarmEmail: known(props.alarmEmail),
    runbookUrl: known(props.runbookUrl),
    chatTopic: props.chatTopic,
    ownerTag: props.ownerTag,
    ownerContact: props.ownerContact,
    accountNames: Object.entries(props.accountNames ?? {}).map(([id, name]) => `${id}=${name}`),
    announcements: props.announcements,
    overviewSchedule: inUtc('overviewSchedule', props.overviewSchedule),
    sweepSchedule: inUtc('sweepSchedule', props.sweepSchedule),
    catalogueSchedule: inUtc('catalogueSchedule', props.catalogueSchedule),
    notificationWindow: props.notificationWindow?.toSeconds(),
    sweepAlarmHours: props.sweepAlarmAfter?.toHours(),
    findingSource: props.findingSource,
    unusedDays: known(props.unusedAfter?.toDays()),
    analyzerArn: existing !== undefined && isLate(existing) ? STAND_IN.analyzerArn : existing,
    analyzerType: newAnalyzer?.type,
    unusedAccessAge: known(newAnalyzer?.unusedAccessAge?.toDays()),
    excludeResourceTags: newAnalyzer?.excludeResourceTags,
    excludeAccounts: props.excludeAccounts,
    excludeOrganizationalUnits: props.excludeOrganizationalUnits,
    excludeNames: props.excludeNames,
    excludePaths: props.excludePaths,
    excludeTags: props.excludeTags,
    generalize: known(props.generalize),
    star: props.star,
    keep: props.keep,
    managedPoliciesPerRole: props.managedPoliciesPerRole,
    managedPoliciesPerUser: props.managedPoliciesPerUser,
    secondOpinions: props.secondOpinions,
    lastAccessed: props.lastAccessed,
    encryption: encryptionKey === undefined ? props.encryption : undefined,
    encryptLogs: props.encryptLogs,
    readers: props.readers,
    deciders: props.deciders,
    retentionDays: props.retention?.toDays(),
    removalPolicy: props.removalPolicy === RemovalPolicy.DESTROY ? 'destroy' : 'retain',
    logRetentionDays: known(props.logRetention),
    tracing: props.tracing === undefined ? undefined : props.tracing !== lambda.Tracing.DISABLED,
    ...(memberRole && checkableMember(memberRole)),
    rolePath: props.rolePath,
    roleNamePrefix: props.roleNamePrefix,
    concurrency: props.concurrency,
    accountCallsPerSecond: props.accountCallsPerSecond,
    analyzerCallsPerSecond: props.analyzerCallsPerSecond,
    bulkThreshold: props.bulkThreshold,
    // The name of alarms and roles is checked like a stack's name.
    stackName: props.name,
  };
  const config = parseConfig(
    Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  );
  return {
    ...config,
    email: late(props.email) ?? config.email,
    alarmEmail: late(props.alarmEmail ?? props.email) ?? config.alarmEmail,
    runbookUrl: late(props.runbookUrl) ?? config.runbookUrl,
    generalize: late(props.generalize) ?? config.generalize,
    logRetentionDays: late(props.logRetention) ?? config.logRetentionDays,
    analyzer: analyzerOf(existing, props, config.analyzer),
    encryption:
      encryptionKey === undefined ? config.encryption : { kind: 'own-key', arn: encryptionKey.keyArn },
    eventBus: props.eventBus?.eventBusArn ?? config.eventBus,
    network: networkOf(scope, props),
    member: config.member &&
      memberRole && {
        ...config.member,
        roleName: memberRole.roleName,
        pathAndName: `${(config.rolePath ?? '/').slice(1)}${memberRole.roleName}`,
        externalId: memberRole.externalId,
      },
  };
}

function analyzerOf(
  existing: string | undefined,
  { newAnalyzer, unusedAfter }: UnusedAccessRefinerProps,
  checked: AnalyzerConfig,
): AnalyzerConfig {
  if (checked.kind === 'none')
    return { ...checked, unusedDays: late(unusedAfter?.toDays()) ?? checked.unusedDays };
  if (existing !== undefined) return { kind: 'existing', arn: existing };
  const age = late(newAnalyzer?.unusedAccessAge?.toDays());
  return checked.kind === 'create' && age !== undefined ? { ...checked, unusedAccessAge: age } : checked;
}

function networkOf(
  scope: Construct,
  { vpc, vpcSubnets, securityGroups }: UnusedAccessRefinerProps,
): NetworkConfig | undefined {
  if (vpc === undefined && vpcSubnets === undefined && securityGroups === undefined) return undefined;
  const subnetIds =
    vpc?.selectSubnets(vpcSubnets).subnetIds ?? vpcSubnets?.subnets?.map(({ subnetId }) => subnetId);
  const groups =
    securityGroups ??
    (vpc && [
      new ec2.SecurityGroup(scope, 'SecurityGroup', {
        vpc,
        description: 'Functions of unused-access-refiner',
      }),
    ]);
  if (subnetIds === undefined || groups === undefined) {
    throw new ConfigError(
      'option vpc is missing; give it with vpcSubnets or securityGroups, or leave them out',
    );
  }
  return { subnetIds, securityGroupIds: groups.map(({ securityGroupId }) => securityGroupId) };
}

/** The expression of a schedule. @throws ConfigError if the schedule has another time zone */
function inUtc(name: string, schedule: ScheduleExpression | undefined): string | undefined {
  const zone = schedule?.timeZone?.timezoneName;
  if (zone !== undefined && zone !== 'Etc/UTC' && zone !== 'UTC') {
    throw new ConfigError(`option ${name} is in the time zone ${zone}; give it in UTC`);
  }
  return schedule?.expressionString;
}
