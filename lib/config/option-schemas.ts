import * as z from 'zod';

/**
 * Schemas for values as users give them: text on the command line (`-c concurrency=4`), or JSON in a file. Each schema
 * accepts both. The messages come from the option that uses the schema.
 */

/** A list: a JSON array, or text separated by commas. Repeated entries count once. */
export function list<T extends z.ZodType>(entry: T) {
  return z.preprocess(splitList, z.array(entry).transform(dropRepeated));
}

/** A whole number within bounds, both included. */
export function wholeNumber(min: number, max: number) {
  return z.preprocess(readNumber, z.number().int().min(min).max(max));
}

export function yesOrNo() {
  return z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean());
}

/**
 * Tags: `key=value`, or `key` alone for any value; in a file also `{"key": …, "value": …}`.
 * Limits: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
 */
export function tags() {
  const tag = z.strictObject({
    key: z.string().min(1).max(128),
    value: z.string().max(256).nullable().default(null),
  });
  return list(z.preprocess(readTag, tag));
}

/** `rate(n hours|days)` as EventBridge Scheduler writes it, within bounds in hours, or `cron(…)` with six fields. */
export function schedule(fewest: number, most: number) {
  return z.string().refine((text) => {
    const hours = rateInHours(text);
    return hours === undefined ? CRON.test(text) : hours >= fewest && hours <= most;
  });
}

/** Text of one form. */
export function text(form: RegExp) {
  return z.string().regex(form);
}

const PARTITION = 'aws(?:-[a-z]+)*';

export const analyzerArn = text(
  new RegExp(`^arn:${PARTITION}:access-analyzer:[a-z0-9-]+:\\d{12}:analyzer/[A-Za-z][A-Za-z0-9_.-]*$`),
);
export const keyArn = text(new RegExp(`^arn:${PARTITION}:kms:[a-z0-9-]+:\\d{12}:key/[A-Za-z0-9-]+$`));
export const busArn = text(
  new RegExp(`^arn:${PARTITION}:events:[a-z0-9-]+:\\d{12}:event-bus/[\\w./-]{1,256}$`),
);

/** The ARN of a role or user, with `*` and `?` in its path and name. */
export const principalArn = text(
  new RegExp(`^arn:${PARTITION}:iam::\\d{12}:(?:role|user)/[\\w+=,.@/*?-]{1,512}$`),
);
export const accountId = text(/^\d{12}$/);
export const actionPattern = text(/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?:[\x21-\x39\x3b-\x7e]+$/);

const CRON = /^cron\(\S+(?: \S+){5}\)$/;
const RATE = /^rate\((\d{1,5}) (minute|hour|day)s?\)$/;
const HOURS = { minute: 1 / 60, hour: 1, day: 24 };

/** Hours between two runs; undefined for a `cron(…)` expression, whose gaps vary. */
export function rateInHours(expression: string): number | undefined {
  const match = RATE.exec(expression);
  const unit = match?.[2];
  if (unit !== 'minute' && unit !== 'hour' && unit !== 'day') return undefined;
  return Number(match?.[1]) * HOURS[unit];
}

function splitList(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (text.startsWith('[')) return parsed(text);
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function readNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+$/.test(value.trim()) ? Number(value) : value;
}

function readTag(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const equals = value.indexOf('=');
  return equals < 0 ? { key: value } : { key: value.slice(0, equals), value: value.slice(equals + 1) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function dropRepeated<T>(values: T[]): T[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const key = JSON.stringify(value);
    return !seen.has(key) && seen.add(key);
  });
}
