import * as z from 'zod/mini';
import type { Result } from '../core/model/result.ts';
import { ok } from '../core/model/result.ts';
import type { SweepContinuation } from '../ports/sweep-queue.ts';
import { parseText } from './border.ts';

/**
 * Where a sweep goes on, as one invocation leaves it to the next. A missing token starts at the first page, a missing
 * count is none.
 * ```json
 * {"analyzerArn":"arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused","nextToken":"AAAA…","restarts":0}
 * ```
 */
const SweepMessage = z.object({
  analyzerArn: z.string().check(z.minLength(1)),
  nextToken: z.optional(z.nullable(z.string())),
  restarts: z.optional(z.number().check(z.int(), z.nonnegative())),
});

export function readSweepMessage(body: string): Result<SweepContinuation> {
  const message = parseText(body, SweepMessage, 'the sweep message');
  if (!message.ok) return message;
  const { analyzerArn, nextToken, restarts } = message.value;
  return ok({ analyzerArn, nextToken: nextToken || undefined, restarts: restarts ?? 0 });
}
