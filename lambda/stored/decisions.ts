import * as z from 'zod/mini';
import { byCodeUnit } from '../core/model/order.ts';
import { parseActionPattern } from '../core/pattern/action-pattern.ts';
import { ok, refuse, type Result } from '../core/pattern/result.ts';
import type { Decision } from '../core/decision/decision.ts';
import { parseJson, placeIn } from './parts.ts';

/* `decisions.json`: what people decided about proposals. docs/decisions.md describes it. */

const ABOUT = /^(?:\d{12}|arn:aws[a-z-]*:iam::\d{12}:(?:role|user|policy|group)\/[\x21-\x7e]+)$/;
const day = z.string().check(z.refine(isDay, 'expected a day as 2026-11-29'));
const line = z.string().check(
  z.minLength(1),
  z.refine((text) => text.trim() !== '' && !/[\u0000-\u001f\u007f]/.test(text), 'expected one line of text'),
);
const Common = {
  about: z
    .string()
    .check(z.regex(ABOUT, 'expected the ARN of a role, user, policy or group, or an account of 12 digits')),
  reason: line,
  by: line,
  on: day,
  until: z.optional(day),
};
const proposal = z.strictObject({
  proposalId: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
  kind: z.string(),
  levels: z.array(z.enum(['list', 'read', 'tagging', 'write', 'permissions', 'unknown'])),
  highImpact: z.array(z.string()),
});
const decision = z.discriminatedUnion('decision', [
  z.strictObject({
    ...Common,
    decision: z.literal('keep'),
    keep: z
      .array(z.string().check(z.refine((text) => parseActionPattern(text).ok, 'expected an action pattern')))
      .check(z.minLength(1)),
  }),
  z.strictObject({ ...Common, decision: z.literal('accept'), proposal: z.optional(proposal) }),
  z.strictObject({
    ...Common,
    decision: z.literal('reject'),
    proposal: z.optional(proposal),
    unless: z.optional(z.enum(['changed', 'riskier'])),
  }),
]);
const Decisions = z.strictObject({ schemaVersion: z.literal(1), decisions: z.array(decision) });

/** Unknown members are refused: a misspelt member would be a decision that silently has no effect. */
export function readDecisions(text: string): Result<readonly Decision[]> {
  const json = parseJson(text);
  if (!json.ok) return refuse('is not JSON');
  const read = Decisions.safeParse(withoutNulls(json.value));
  if (read.success) return ok(read.data.decisions);
  const place = placeIn(read.error);
  const [issue] = read.error.issues;
  return refuse(`${place === '' ? '' : `${place}: `}${issue?.message ?? 'is not a list of decisions'}`);
}

/** Scripts may write every member, so a null member counts as absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

/** The order does not depend on the writer, so that a diff shows only what changed: by subject, then by day. */
export function renderDecisions(decisions: readonly Decision[]): string {
  const sorted = [...decisions].sort((a, b) => byCodeUnit(a.about, b.about) || byCodeUnit(a.on, b.on));
  return `${JSON.stringify({ schemaVersion: 1, decisions: sorted }, null, 2)}\n`;
}

/** Whether a text is a calendar day, `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year === undefined || month === undefined || date === undefined) return false;
  const days = [31, isLeap(Number(year)) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return Number(date) >= 1 && Number(date) <= (days[Number(month) - 1] ?? 0);
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
