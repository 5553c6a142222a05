import type { World } from '../world/principals.ts';
import { type Answer, type Request, type Service, ServiceError, unknownOperation } from './answer.ts';
import { queryAnswer } from './xml.ts';

/**
 * AssumeRole for the member accounts' reader role. The account goes into the access key, so that IAM knows whose key it
 * is. Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 * @param now milliseconds of the server's clock
 */
export function stsService(world: World, now: () => number): Service {
  return (request: Request): Answer => {
    const { call } = request;
    if (call.operation !== 'AssumeRole') throw unknownOperation(request);
    const arn = call.parameters.get('RoleArn') ?? '';
    const account = world.organisation.byId(arn.split(':')[4] ?? '');
    if (!account || world.principal(account.first + account.size - 1).unreachable) {
      throw new ServiceError(
        403,
        'AccessDenied',
        `User is not authorized to perform: sts:AssumeRole on ${arn}`,
      );
    }
    return {
      status: 200,
      body: queryAnswer('AssumeRole', {
        Credentials: {
          AccessKeyId: `ASIA${account.id}${callerOf(call.accessKeyId)}`,
          SecretAccessKey: 'a-secret-that-nobody-checks',
          SessionToken: `session-of-${account.id}`,
          Expiration: new Date(now() + 3_600_000).toISOString(),
        },
        AssumedRoleUser: { AssumedRoleId: 'AROAEXAMPLE:unused-access-refiner', Arn: arn },
      }),
    };
  };
}

/** The account of a key that {@link stsService} gave out. */
export function memberAccountOf(accessKeyId: string): string | undefined {
  return /^ASIA(\d{12})\d{4}$/.exec(accessKeyId)?.[1];
}

/** Which function calls: the last four digits of every key. */
export function callerOf(accessKeyId: string): string {
  return accessKeyId.slice(-4);
}

/** The key of a function's own role. */
export function functionKey(place: number): string {
  return `AKIALOADMODEL000${String(place).padStart(4, '0')}`;
}
