import type { IAMClient } from '@aws-sdk/client-iam';
import { AdapterError } from '../../../ports/system.ts';
import type { AccountPace } from './account-pace.ts';
import { isThrottling } from './errors.ts';
import { middlewareOf } from './clock-steps.ts';

/**
 * Paces every call of the client at the rate of its account. A call that begins while the account is paused fails at
 * once, as if it had been throttled.
 */
export function paced(client: IAMClient, accountId: string, pace: AccountPace): IAMClient {
  client.middlewareStack.add(
    (next) => async (call) => {
      if (pace.pausedMillis(accountId) > 0) {
        throw new AdapterError(
          `account ${accountId} is not called: IAM throttled it until the last attempt; it will be retried, lower accountCallsPerSecond if this lasts`,
          'retry',
          'throttled',
        );
      }
      try {
        return await next(call);
      } catch (error) {
        if (isThrottling(error)) pace.gaveUp(accountId);
        throw error;
      }
    },
    { step: 'initialize', name: 'accountPause' },
  );
  return withPace(client, accountId, pace);
}

/**
 * Paces every call of the client, including each retry of the SDK.
 * @param key what is paced: an account, or a service whose limit applies to the whole process
 */
export function withPace<C extends object>(client: C, key: string, pace: AccountPace): C {
  // Within the SDK's retries, which have a high priority in this step.
  middlewareOf(client).add(
    (next) => async (attempt) => {
      await pace.turn(key);
      try {
        const answer = await next(attempt);
        pace.succeeded(key);
        return answer;
      } catch (error) {
        if (isThrottling(error)) pace.throttled(key);
        throw error;
      }
    },
    { step: 'finalizeRequest', priority: 'low', name: 'pace' },
  );
  return client;
}
