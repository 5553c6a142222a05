import type { PrincipalRef } from '../../core/model/principal.ts';

const ARN = /^arn:(aws[a-z-]*):iam::(\d{12}):(role|user)(\/(?:[\x21-\x7e]+\/)?)([\w+=,.@-]+)$/;

/**
 * Parses the ARN of a role or user; undefined if it is something else. The ARN contains the path, the API wants the
 * name.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function readPrincipalArn(arn: string): PrincipalRef | undefined {
  const [, , accountId, type, path, name] = ARN.exec(arn) ?? [];
  if (accountId === undefined || path === undefined || name === undefined) return undefined;
  return { arn, type: type === 'user' ? 'user' : 'role', name, path, accountId };
}
