import * as z from 'zod/mini';
import type { Result } from '../core/pattern/result.ts';
import { ok } from '../core/pattern/result.ts';
import type { SweepContinuation } from '../ports/sweep.ts';
import { parseText } from './parse-untrusted.ts';

const count = z.number().check(z.int(), z.nonnegative());

/**
 * Where a sweep goes on, as one invocation leaves it to the next. A missing token starts at the first page, a missing
 * count is none.
 * ```json
 * {"analyzerArn":"arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused","sweepId":"f3a9…","phase":"list",
 *  "nextToken":"AAAA…","restarts":0,"listed":{"from":0,"to":1,"isWhole":true}}
 * {"analyzerArn":"arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused","sweepId":"f3a9…","phase":"send",
 *  "offset":120,"restarts":0,"listed":{"from":0,"to":2,"isWhole":true}}
 * ```
 * Earlier versions sent a token and no `sweepId`: what they had listed was sent already and is not kept anywhere.
 */
const SweepMessage = z.object({
  analyzerArn: z.string().check(z.minLength(1)),
  sweepId: z.optional(z.string().check(z.regex(/^[\w-]{1,128}$/))),
  phase: z.optional(z.enum(['list', 'send'])),
  nextToken: z.optional(z.nullable(z.string())),
  offset: z.optional(count),
  restarts: z.optional(count),
  listed: z.optional(z.object({ from: count, to: count, isWhole: z.boolean() })),
});

/** @param fallbackId names a sweep whose message does not; the same for each attempt at one message */
export function readSweepMessage(body: string, fallbackId: string): Result<SweepContinuation> {
  const message = parseText(body, SweepMessage, 'the sweep message');
  if (!message.ok) return message;
  const { analyzerArn, sweepId = fallbackId, phase, offset = 0, restarts = 0 } = message.value;
  const nextToken = message.value.nextToken || undefined;
  const listed = message.value.listed ?? { from: 0, to: 0, isWhole: nextToken === undefined };
  const position =
    phase === 'send' ? ({ phase, offset, listed } as const) : ({ phase: 'list', nextToken, listed } as const);
  return ok({ analyzerArn, sweepId, restarts, position });
}
