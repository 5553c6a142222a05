import * as z from 'zod/mini';
import { ACCOUNT_CONTACTS, type AccountContact, OPINIONS } from '../contract/settings.ts';
import { ENV } from '../contract/environment.ts';
import type { FunctionName } from '../contract/functions.ts';
import { LAST_ACCESSED } from '../ports/findings.ts';
import type { RefinementSettings } from '../ports/settings.ts';
import { parseJson } from '../stored/parts.ts';

/** One sentence that names every variable that is missing or wrong. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables by their name in the code. Lambda sets the Region, which links to the console need. */
const NAMES = { ...ENV, region: 'AWS_REGION' } as const;
type Name = keyof typeof NAMES;

/** What each variable must be, for error messages; any text if it is not listed here. */
const EXPECTED: { readonly [name in Name]?: string } = {
  analyzerArn: 'the ARN of an analyzer',
  findingSource: '"last-accessed", or nothing',
  unusedDays: 'a whole number of days from 1 to 365',
  homeAccountId: 'an account id of 12 digits',
  generalize: '"shortest", "least" or "enumerate"',
  star: '"list" or "not-action"',
  keep: 'a JSON array of action patterns',
  exclude: 'a JSON object with names, paths and tags',
  managedPolicies: 'a JSON object with role and user, each a whole number, at least 1',
  accountCallsPerSecond: 'a number of calls a second, more than 0',
  analyzerCallsPerSecond: 'a number of calls a second, more than 0',
  findingsQueueUrl: 'a URL',
  sweepQueueUrl: 'a URL',
  accountJobsQueueUrl: 'a URL',
  referenceUrl: 'a URL',
  secondOpinions: `a JSON array of ${OPINIONS.map((name) => `"${name}"`).join(', ')}`,
  opinionMillis: 'a whole number of milliseconds, at least 1',
  bulkThreshold: 'a whole number, at least 1',
  accountNames: 'a JSON object of names by account id',
  topicArn: 'the ARN of a topic',
  eventBusArn: 'the ARN of an event bus',
  ownerContact: `one of ${Object.keys(ACCOUNT_CONTACTS).join(', ')}`,
};

const text = z.string();
const analyzerArn = text.check(z.regex(/^arn:[^:]+:access-analyzer:[^:]*:\d{12}:analyzer\/.+$/));
const accountId = text.check(z.regex(/^\d{12}$/));
const url = text.check(z.regex(/^https?:\/\/\S+$/));
const busArn = text.check(z.regex(/^arn:[^:]+:events:\S+$/));
const topicArn = text.check(z.regex(/^arn:[^:]+:sns:\S+$/));
// Trust boundary: `Object.keys` forgets which keys a literal has.
const contact = z.enum(Object.keys(ACCOUNT_CONTACTS) as [AccountContact, ...AccountContact[]]);
const positive = z.int().check(z.positive());
/** `{"role":25,"user":20}` */
const raisedQuotas = z.pipe(
  z.strictObject({ role: z.optional(positive), user: z.optional(positive) }),
  z.transform(({ role, user }) => ({
    ...(role === undefined ? {} : { role }),
    ...(user === undefined ? {} : { user }),
  })),
);
/**
 * `{"names":["admin-*"],"paths":["/ops/"],"tags":[{"key":"refine","value":"no"}],"accounts":["111122223333"],
 * "organizationalUnits":["ou-ab12-11111111"]}`, the last two only if there are any
 */
const exclusions = z.object({
  names: z.array(text),
  paths: z.array(text),
  tags: z.array(z.object({ key: text, value: z.nullable(text) })),
  accounts: z.optional(z.array(text)),
  organizationalUnits: z.optional(z.array(text)),
});
const accountNames = z._default(json(z.record(accountId, text)), {});
/** The default is one of four workers' share of 20 calls a second. */
const accountCalls = z._default(json(z.number().check(z.positive())), 5);
/**
 * The default is enough for a worker, which makes one or two calls for each finding and handles a few findings a
 * second.
 */
const analyzerCalls = z._default(json(z.number().check(z.positive())), 10);

/** The variables if findings come from an analyzer. */
const analyzer = { analyzerArn, findingSource: z.optional(z.undefined()) };
const lastUse = {
  findingSource: z.literal(LAST_ACCESSED),
  unusedDays: json(z.int().check(z.gte(1), z.lte(365))),
};

const refine = {
  homeAccountId: accountId,
  partition: text,
  bucketName: text,
  generalize: z.enum(['shortest', 'least', 'enumerate']),
  star: z.optional(z.enum(['list', 'not-action'])),
  keep: json(z.array(text)),
  exclude: json(exclusions),
  ownerTag: z.optional(text),
  accountNames,
  managedPolicies: z._default(json(raisedQuotas), {}),
  lastAccessed: z.optional(text),
  memberRoleName: z.optional(text),
  memberExternalId: z.optional(text),
  accountCallsPerSecond: accountCalls,
  analyzerCallsPerSecond: analyzerCalls,
  findingsQueueUrl: z.optional(url),
  secondOpinions: z._default(json(z.array(z.enum(OPINIONS))), []),
  opinionMillis: z._default(json(positive), 20_000),
};
const Refine = z.object({ ...analyzer, ...refine });
const RefineByUse = z.object({ ...refine, ...lastUse });

const sweep = {
  bucketName: text,
  sweepQueueUrl: url,
  accountJobsQueueUrl: url,
};
const Sweep = z.object({
  ...analyzer,
  analyzerCallsPerSecond: analyzerCalls,
  ...sweep,
  findingsQueueUrl: url,
  bulkThreshold: json(positive),
});
const SweepOfAccounts = z.object({
  ...sweep,
  findingSource: z.literal(LAST_ACCESSED),
  homeAccountId: accountId,
  memberRoleName: z.optional(text),
});

const Account = z.object({ findingsQueueUrl: url, accountJobsQueueUrl: url });

const notify = {
  bucketName: text,
  partition: text,
  region: text,
  topicArn,
  chatTopicArn: z.optional(text),
  eventBusArn: z.optional(busArn),
  ownerTag: z.optional(text),
  accountNames,
  announcements: z.optional(text),
};
const Notify = z.object({ ...notify, ownerContact: z.optional(z.undefined()) });
const NotifyWithContacts = z.object({ ...notify, ownerContact: contact, homeAccountId: accountId });

const Refresh = z.object({ bucketName: text, referenceUrl: z.optional(url) });

type SweepEnvironment = z.infer<typeof Sweep>;
type AccountSweepEnvironment = z.infer<typeof SweepOfAccounts>;
/** What `refine-account` needs besides {@link RefineEnvironment}. */
type AccountEnvironment = z.infer<typeof Account>;
type RefreshEnvironment = z.infer<typeof Refresh>;
export type RefineEnvironment = ReturnType<typeof readRefineEnvironment>;
export type NotifyEnvironment = ReturnType<typeof readNotifyEnvironment>;

/** The source of findings, and the value that messages have as the analyzer's ARN. */
export type FindingOrigin =
  | { readonly kind: 'access-analyzer'; readonly analyzerArn: string }
  | {
      readonly kind: 'last-accessed';
      readonly analyzerArn: typeof LAST_ACCESSED;
      readonly unusedDays: number;
    };

/**
 * Whether findings come from reports of last use. Any non-empty value counts, so that a wrong one is reported as an
 * error later.
 */
export function readsLastUse(environment: Environment): boolean {
  return Boolean(environment[NAMES.findingSource]);
}

/** @throws EnvironmentError */
export function readRefineEnvironment(
  environment: Environment,
  functionName: 'refine-finding' | 'refine-account' = 'refine-finding',
) {
  const values = readsLastUse(environment)
    ? read(functionName, environment, RefineByUse)
    : read(functionName, environment, Refine);
  const { generalize, star, keep, exclude, ownerTag, managedPolicies, lastAccessed, ...others } = values;
  const { accountNames: names, ...rest } = others;
  const settings: RefinementSettings = {
    generalize,
    star,
    keep,
    exclude,
    ownerTag,
    managedPolicies,
    accountNames: names,
  };
  const source: FindingOrigin =
    'analyzerArn' in values
      ? { kind: 'access-analyzer', analyzerArn: values.analyzerArn }
      : { kind: LAST_ACCESSED, analyzerArn: LAST_ACCESSED, unusedDays: values.unusedDays };
  return { ...rest, source, settings, asksLastAccess: lastAccessed === 'yes' };
}

/** @throws EnvironmentError */
export function readSweepEnvironment(environment: Environment): SweepEnvironment {
  return read('sweep-findings', environment, Sweep);
}

/** The environment of sweep-findings if findings come from reports of last use. @throws EnvironmentError */
export function readAccountSweepEnvironment(environment: Environment): AccountSweepEnvironment {
  return read('sweep-findings', environment, SweepOfAccounts);
}

/** @throws EnvironmentError */
export function readAccountEnvironment(environment: Environment): AccountEnvironment {
  return read('refine-account', environment, Account);
}

/** @throws EnvironmentError */
export function readNotifyEnvironment(environment: Environment) {
  const values = environment[NAMES.ownerContact]
    ? read('notify-proposals', environment, NotifyWithContacts)
    : read('notify-proposals', environment, Notify);
  const { bucketName, partition, region, topicArn: topic, chatTopicArn, eventBusArn } = values;
  const { ownerTag, accountNames: names, announcements } = values;
  return {
    bucketName,
    partition,
    region,
    topicArn: topic,
    chatTopicArn,
    eventBusArn,
    ownerTag,
    accountNames: names,
    contacts:
      values.ownerContact === undefined
        ? undefined
        : { contact: values.ownerContact, homeAccountId: values.homeAccountId },
    announcesOverviews: announcements === 'overview',
  };
}

/** @throws EnvironmentError */
export function readRefreshEnvironment(environment: Environment): RefreshEnvironment {
  return read('refresh-catalogue', environment, Refresh);
}

/** Checks all variables before it reports a problem. An empty one counts as missing. */
function read<T>(functionName: FunctionName, environment: Environment, schema: z.ZodMiniType<T>): T {
  const texts = new Map(Object.entries(NAMES).map(([ours, name]) => [ours, environment[name] || undefined]));
  const values = schema.safeParse(Object.fromEntries(texts));
  if (values.success) return values.data;
  const wrong = [...new Set(values.error.issues.map(({ path }) => String(path[0])))];
  // Trust boundary: schemas only have members of these names.
  const problems = (wrong as Name[]).map((ours) => {
    const given = texts.get(ours);
    const is = given === undefined ? 'is missing' : `is ${JSON.stringify(given)}`;
    return `${NAMES[ours]} ${is}, expected ${EXPECTED[ours] ?? 'a text'}`;
  });
  throw new EnvironmentError(
    `the environment of ${functionName} is not complete: ${problems.join('; ')}; deploy the stack again or set them`,
  );
}

/** The text of a variable as JSON of a schema. */
function json<T extends z.ZodMiniType>(schema: T) {
  const parsed = z.transform((value: string) => {
    const read = parseJson(value);
    return read.ok ? read.value : undefined;
  });
  return z.pipe(z.pipe(text, parsed), schema);
}
