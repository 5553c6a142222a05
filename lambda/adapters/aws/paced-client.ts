import type { IAMClient } from '@aws-sdk/client-iam';
import { AdapterError } from '../../ports/errors.ts';
import type { AccountPace } from './account-pace.ts';
import { isThrottling } from './errors.ts';

/**
 * Makes every call of the client keep the pace of its account, each attempt of the SDK's own retries too. A call that
 * begins while the account pauses fails at once, as if it had been throttled.
 */
export function paced(client: IAMClient, accountId: string, pace: AccountPace): IAMClient {
  client.middlewareStack.add(
    (next) => async (call) => {
      if (pace.pausedMillis(accountId) > 0) {
        throw new AdapterError(
          `account ${accountId} is not called: IAM throttled it until the last attempt; it will be tried again, lower accountCallsPerSecond if this lasts`,
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
  // Within the SDK's retries, which have a high priority in this step.
  client.middlewareStack.add(
    (next) => async (attempt) => {
      await pace.turn(accountId);
      try {
        const answer = await next(attempt);
        pace.succeeded(accountId);
        return answer;
      } catch (error) {
        if (isThrottling(error)) pace.throttled(accountId);
        throw error;
      }
    },
    { step: 'finalizeRequest', priority: 'low', name: 'accountPace' },
  );
  return client;
}
