import * as z from 'zod/mini';
import { ok, type Result } from '../core/pattern/result.ts';
import { parseValue } from './parse-untrusted.ts';
import { isObject } from './is-object.ts';

/**
 * What whoever starts a refresh may ask for: `{"acceptLosses":true}` believes that services lost more than half of
 * their actions, or are gone. Everything else, the schedule's event above all, asks for nothing.
 */
const RefreshOrder = z.object({ acceptLosses: z.optional(z.boolean()) });

export function readRefreshOrder(event: unknown): Result<{ readonly acceptLosses: boolean }> {
  const order = parseValue(isObject(event) ? event : {}, RefreshOrder, 'the event of refresh-catalogue');
  return order.ok ? ok({ acceptLosses: order.value.acceptLosses === true }) : order;
}
