import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

import { OPINION_CALLS, REFINE_CALLS, UNIT_CALLS } from '../../lambda/contract/iam-calls.ts';
import { acknowledge } from '../acknowledge.ts';
import type { RefinerConfig } from '../config.ts';

/** Lets a role ask for the second opinions that are enabled, and for no others. */
export function askForOpinions(
  role: iam.Role,
  opinions: RefinerConfig['secondOpinions'],
  analyzerArn: string,
): void {
  const allow = (sid: string, actions: readonly string[], resource: string) => {
    if (actions.length === 0) return;
    role.addToPolicy(new iam.PolicyStatement({ sid, actions: [...actions], resources: [resource] }));
  };
  const calls = opinions.map((opinion) => OPINION_CALLS[opinion]);
  const checks = calls.flatMap(({ anything }) => anything);
  allow('CheckDocuments', checks, '*');
  allow(
    'AskForRecommendations',
    calls.flatMap(({ analyzer }) => analyzer),
    analyzerArn,
  );
  if (checks.length > 0) {
    acknowledge(
      role,
      'AwsSolutions-IAM5[Resource::*]',
      "Access Analyzer's checks look at a document that is sent along and at no resource; they take * only.",
    );
  }
}

/** Lets a role assume the read-only role of each member account. */
export function reachMembers(role: iam.Role, roleName: string): void {
  role.addToPolicy(
    new iam.PolicyStatement({
      sid: 'ReachMemberAccounts',
      actions: [...REFINE_CALLS.memberRole],
      resources: [`arn:${Aws.PARTITION}:iam::*:role/${roleName}`],
    }),
  );
  acknowledge(
    role,
    `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::*:role/${roleName}]`,
    'One role name, in whichever accounts the organisation has; each of them has to trust this role by name and external id.',
  );
}

/**
 * Lets a role find the organisational units of an account. Which organisation it is, and which account manages it, is
 * not known here.
 */
export function seeOrganisation(role: iam.Role): void {
  const resources = ['account', 'ou'].map((kind) => `arn:${Aws.PARTITION}:organizations::*:${kind}/*`);
  role.addToPolicy(
    new iam.PolicyStatement({ sid: 'SeeOrganisation', actions: [...UNIT_CALLS.tree], resources }),
  );
  for (const kind of ['account', 'ou']) {
    acknowledge(
      role,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:organizations::*:${kind}/*]`,
      'A finding may be about any account; the action only says which unit holds it.',
    );
  }
}
