import { Token, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts one finding of cdk-nag on one construct, for a reason that a reviewer can judge. */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  // What CloudFormation alone will know cannot be named; nothing is checked where parameters stand for options.
  if (Token.isUnresolved(rule)) return;
  const pack = rule.startsWith('Serverless') ? 'Serverless' : 'AwsSolutions';
  Validations.of(construct).acknowledge({ id: `${pack}::${rule}`, reason });
}
