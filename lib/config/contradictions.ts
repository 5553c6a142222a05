import { rateInHours } from './option-schemas.ts';
import type { OptionValues } from './options.ts';

/** The longest prefix of a role's name that leaves room for `-refine-account-ap-southeast-1`. */
const LONGEST_NAME = 34;

/** Options that have an effect only with an analyzer. */
const OF_ANALYZERS = ['analyzerArn', 'analyzerType', 'unusedAccessAge', 'excludeResourceTags'] as const;

function sourceContradictions(values: OptionValues): string[] {
  if (values.findingSource === 'access-analyzer') {
    return values.unusedDays === undefined
      ? []
      : [
          'option unusedDays belongs to findingSource last-accessed; give that too, or unusedAccessAge for an analyzer that is created',
        ];
  }
  const problems = OF_ANALYZERS.filter((name) => values[name] !== undefined).map(
    (name) =>
      `option ${name} needs an analyzer, but findingSource is last-accessed; leave one of the two out`,
  );
  if (values.secondOpinions.includes('aws-recommendation')) {
    problems.push(
      'option secondOpinions names aws-recommendation, which needs an analyzer, but findingSource is last-accessed; leave one of the two out',
    );
  }
  for (const name of ['excludeAccounts', 'excludeOrganizationalUnits'] as const) {
    if ((values[name]?.length ?? 0) > 0 && values.memberRoleName === undefined) {
      problems.push(
        `option ${name} works for organisations only; give memberRoleName and memberExternalId too, or leave it out`,
      );
    }
  }
  return problems;
}

/** The contradictions between options, one sentence each. */
export function contradictions(values: OptionValues): string[] {
  const problems = sourceContradictions(values);
  const makesAnalyzer = values.findingSource === 'access-analyzer' && values.analyzerArn === undefined;
  if (values.findingSource === 'access-analyzer' && values.analyzerArn !== undefined) {
    for (const name of ['analyzerType', 'unusedAccessAge', 'excludeResourceTags'] as const) {
      if (values[name] !== undefined) {
        problems.push(
          `option ${name} belongs to an analyzer that is created, but analyzerArn names one that exists; leave one of the two out`,
        );
      }
    }
  }
  const organisation = values.analyzerType === 'ORGANIZATION_UNUSED_ACCESS';
  if (values.excludeAccounts !== undefined && makesAnalyzer && !organisation) {
    problems.push(
      'option excludeAccounts works for organisations only; give analyzerType ORGANIZATION_UNUSED_ACCESS too, or leave it out',
    );
  }
  if (values.excludeOrganizationalUnits.length > 0 && makesAnalyzer && !organisation) {
    problems.push(
      'option excludeOrganizationalUnits works for organisations only; give analyzerType ORGANIZATION_UNUSED_ACCESS too, or leave it out',
    );
  }
  if (makesAnalyzer && organisation && values.memberRoleName === undefined) {
    problems.push(
      'option analyzerType is ORGANIZATION_UNUSED_ACCESS, but without memberRoleName no member account can be read; give memberRoleName and memberExternalId',
    );
  }
  if (values.memberRoleName !== undefined && values.memberExternalId === undefined) {
    problems.push('option memberExternalId is missing; give it together with memberRoleName');
  }
  if (values.memberExternalId !== undefined && values.memberRoleName === undefined) {
    problems.push('option memberRoleName is missing; give it together with memberExternalId');
  }
  if (values.organizationId !== undefined && values.memberRoleName === undefined) {
    problems.push(
      'option organizationId belongs to the member roles, but memberRoleName is not given; give it too, or leave organizationId out',
    );
  }
  if (values.accountCallsPerSecond !== undefined && values.accountCallsPerSecond <= values.concurrency) {
    problems.push(
      `option accountCallsPerSecond is ${values.accountCallsPerSecond}, which leaves each of ${values.concurrency} workers (option concurrency) and the account's job less than one call a second; give at least ${values.concurrency + 1}, or a smaller concurrency`,
    );
  }
  if (values.encryptLogs && values.encryption === 'aws-managed') {
    problems.push(
      'option encryptLogs is true, but encryption is aws-managed, which leaves no key for logs; give customer-managed or the ARN of a key, or leave encryptLogs out',
    );
  }
  if (values.vpcSubnetIds.length > 0 !== values.vpcSecurityGroupIds.length > 0) {
    const missing = values.vpcSubnetIds.length > 0 ? 'vpcSecurityGroupIds' : 'vpcSubnetIds';
    problems.push(
      `option ${missing} is missing; give vpcSubnetIds and vpcSecurityGroupIds together, or neither`,
    );
  }
  const roleNames = values.roleNamePrefix === undefined && values.memberRoleName !== undefined;
  if (roleNames && values.stackName.length > LONGEST_NAME) {
    problems.push(
      `option stackName has ${values.stackName.length} characters, but with memberRoleName the names of two roles begin with it, which leaves room for ${LONGEST_NAME}; give a shorter one, or roleNamePrefix`,
    );
  }
  const rate = rateInHours(values.sweepSchedule);
  if (rate === undefined && values.sweepAlarmHours === undefined) {
    problems.push(
      'option sweepAlarmHours is missing; with a cron(…) schedule give the hours after which a missing sweep is an alarm',
    );
  }
  if (rate !== undefined && values.sweepAlarmHours !== undefined && values.sweepAlarmHours <= rate) {
    problems.push(
      `option sweepAlarmHours is ${values.sweepAlarmHours}, not longer than sweepSchedule ${values.sweepSchedule}; give more hours than lie between two sweeps`,
    );
  }
  return problems;
}
