import * as z from 'zod/mini';
import { parseText } from './parse-untrusted.ts';

/** What the schedule, or a person, puts into the notices queue to have an overview sent: `{"overview":true}`. */
const OverviewOrder = z.object({ overview: z.literal(true) });

export function isOverviewOrder(body: string): boolean {
  return parseText(body, OverviewOrder, 'the message').ok;
}
