import { Token, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Lets a role do something. */
export function allow(
  role: iam.Role,
  sid: string,
  actions: readonly string[],
  resources: string | readonly string[],
  conditions?: Readonly<Record<string, Record<string, unknown>>>,
): void {
  role.addToPolicy(
    new iam.PolicyStatement({
      sid,
      actions: [...actions],
      resources: typeof resources === 'string' ? [resources] : [...resources],
      ...(conditions === undefined ? {} : { conditions }),
    }),
  );
}

/** Accepts one finding of cdk-nag on one construct, for a reason that a reviewer can judge. */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  // What CloudFormation alone will know cannot be named; nothing is checked where parameters stand for options.
  if (Token.isUnresolved(rule)) return;
  const pack = rule.startsWith('Serverless') ? 'Serverless' : 'AwsSolutions';
  Validations.of(construct).acknowledge({ id: `${pack}::${rule}`, reason });
}
