import { Token, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Adds a statement to a role. */
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

/** Acknowledges one finding of cdk-nag on one construct, with a reason that a reviewer can judge. */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  // A rule id with an unresolved token cannot be named; templates with parameters instead of options are not checked.
  if (Token.isUnresolved(rule)) return;
  const pack = rule.startsWith('Serverless') ? 'Serverless' : 'AwsSolutions';
  Validations.of(construct).acknowledge({ id: `${pack}::${rule}`, reason });
}
