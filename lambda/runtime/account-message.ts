import * as z from 'zod/mini';
import type { Result } from '../core/pattern/result.ts';
import type { AccountJob } from '../ports/account.ts';
import { parseText } from './parse-untrusted.ts';

const count = z.number().check(z.int(), z.nonnegative());

/**
 * The findings of one account, to be worked on as a whole. They stand in an object of the sweep's.
 * ```json
 * {"analyzerArn":"arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused","sweepId":"f3a9…",
 *  "accountId":"111122223333","next":0,"parts":0,"shared":null,"deferrals":0}
 * ```
 */
const AccountMessage = z.object({
  analyzerArn: z.string().check(z.minLength(1)),
  sweepId: z.string().check(z.regex(/^[\w-]{1,128}$/)),
  accountId: z.string().check(z.regex(/^\d{12}$/)),
  next: count,
  parts: count,
  shared: z.nullable(z.string()),
  // Absent where an earlier version sent it.
  deferrals: z._default(count, 0),
});

export function readAccountMessage(body: string): Result<AccountJob> {
  return parseText(body, AccountMessage, 'the account message');
}
