import { GetRoleCommand } from '@aws-sdk/client-iam';
import { z } from 'zod';
import { HOME_ACCOUNT, iamClient } from './accounts.ts';
import { accessDenied } from './faults.ts';
import type { Interceptor } from './proxy.ts';

const TRUST = z.object({
  Statement: z.array(
    z.object({
      Effect: z.literal('Allow'),
      Action: z.literal('sts:AssumeRole'),
      Principal: z.object({ AWS: z.literal(`arn:aws:iam::${HOME_ACCOUNT}:root`) }),
      Condition: z.object({
        ArnEquals: z.object({ 'aws:PrincipalArn': z.array(z.string()) }),
        StringEquals: z.object({ 'sts:ExternalId': z.string() }),
      }),
    }),
  ),
});

/**
 * Does what moto leaves out: a role of another account can be assumed only where it exists, trusts the caller by name and
 * asks for the external id that the caller gives.
 */
export function refuseUntrusted(endpoint: string, callerRoleArn: string): Interceptor {
  return async (call) => {
    if (call.service !== 'sts' || call.operation !== 'AssumeRole') return undefined;
    const [, account = '', name = ''] =
      /^arn:aws:iam::(\d{12}):role\/(.+)$/.exec(call.parameters.get('RoleArn') ?? '') ?? [];
    if (account === HOME_ACCOUNT) return undefined;
    const trust = await trustOf(endpoint, account, name);
    const trusted = trust?.Statement.some(
      (statement) =>
        statement.Condition.ArnEquals['aws:PrincipalArn'].includes(callerRoleArn) &&
        statement.Condition.StringEquals['sts:ExternalId'] === call.parameters.get('ExternalId'),
    );
    return trusted === true ? undefined : { answer: accessDenied(call) };
  };
}

async function trustOf(
  endpoint: string,
  account: string,
  name: string,
): Promise<z.output<typeof TRUST> | undefined> {
  const iam = await iamClient(endpoint, account);
  try {
    const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: name }));
    return TRUST.parse(JSON.parse(decodeURIComponent(role?.AssumeRolePolicyDocument ?? '')));
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchEntityException') return undefined;
    throw error;
  }
}
