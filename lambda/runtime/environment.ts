import * as z from 'zod/mini';
import { ACCOUNT_CONTACTS, type AccountContact } from '../contract/account-contacts.ts';
import { ENV, type EnvironmentName } from '../contract/environment.ts';
import { type OpinionName, OPINIONS } from '../contract/opinions.ts';
import type { RefinementSettings } from '../ports/settings.ts';

/** One sentence that names every variable that is missing or wrong. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface RefineEnvironment {
  readonly analyzerArn: string;
  readonly homeAccountId: string;
  readonly partition: string;
  readonly bucketName: string;
  readonly settings: RefinementSettings;
  /** Whether AWS is asked when a principal last used what. */
  readonly asksLastAccess: boolean;
  /** Undefined where only the home account is refined. */
  readonly memberRoleName: string | undefined;
  readonly memberExternalId: string | undefined;
  /** Calls of IAM a second that this process may make in one account. */
  readonly accountCallsPerSecond: number;
  /** Calls of Access Analyzer a second that this process may make. */
  readonly analyzerCallsPerSecond: number;
  /** Where findings of throttled accounts wait; undefined where they do not. */
  readonly findingsQueueUrl: string | undefined;
  /** Which second opinions to ask for: none unless set. */
  readonly secondOpinions: readonly OpinionName[];
  /** Milliseconds that each of them may take. */
  readonly opinionMillis: number;
}

export interface SweepEnvironment {
  readonly analyzerArn: string;
  /** Calls of Access Analyzer a second that this process may make. */
  readonly analyzerCallsPerSecond: number;
  readonly bucketName: string;
  readonly findingsQueueUrl: string;
  readonly sweepQueueUrl: string;
  readonly accountJobsQueueUrl: string;
  /** Findings of one account from which on it is read as a whole. */
  readonly bulkThreshold: number;
}

/** What `refine-account` needs beside {@link RefineEnvironment}. */
export interface AccountEnvironment {
  readonly bucketName: string;
  readonly findingsQueueUrl: string;
  readonly accountJobsQueueUrl: string;
}

export interface NotifyEnvironment {
  readonly bucketName: string;
  readonly partition: string;
  readonly region: string;
  readonly topicArn: string;
  readonly chatTopicArn: string | undefined;
  readonly ownerTag: string | undefined;
  /** Undefined where no account is asked for a contact. */
  readonly contacts: { readonly contact: AccountContact; readonly homeAccountId: string } | undefined;
  /** Whether one overview now and then takes the place of messages about single batches. */
  readonly announcesOverviews: boolean;
}

export interface RefreshEnvironment {
  readonly bucketName: string;
  /** Undefined means where AWS publishes the reference. */
  readonly referenceUrl: string | undefined;
}

const ANALYZER = {
  schema: z.string().check(z.regex(/^arn:[^:]+:access-analyzer:[^:]*:\d{12}:analyzer\/.+$/)),
  expected: 'the ARN of an analyzer',
};
const ACCOUNT = { schema: z.string().check(z.regex(/^\d{12}$/)), expected: 'an account id of 12 digits' };
const GENERALIZE = {
  schema: z.enum(['shortest', 'least', 'enumerate']),
  expected: '"shortest", "least" or "enumerate"',
};
// Trust boundary: `Object.keys` forgets which keys a literal has.
const CONTACTS = Object.keys(ACCOUNT_CONTACTS) as [AccountContact, ...AccountContact[]];
const CONTACT = { schema: z.enum(CONTACTS), expected: `one of ${CONTACTS.join(', ')}` };
const URL_TEXT = { schema: z.string().check(z.regex(/^https?:\/\/\S+$/)), expected: 'a URL' };
const TOPIC = { schema: z.string().check(z.regex(/^arn:[^:]+:sns:\S+$/)), expected: 'the ARN of a topic' };
const TEXT = { schema: z.string(), expected: 'a text' };
/** `KEEP_PATTERNS`: `["s3:Get*"]` */
const KEEP = { schema: z.array(z.string()), expected: 'a JSON array of action patterns' };
/**
 * `EXCLUDE_PRINCIPALS`: `{"names":["admin-*"],"paths":["/ops/"],"tags":[{"key":"refine","value":"no"}],
 * "accounts":["111122223333"],"organizationalUnits":["ou-ab12-11111111"]}`, the last two where there are some
 */
const EXCLUDE = {
  schema: z.object({
    names: z.array(z.string()),
    paths: z.array(z.string()),
    tags: z.array(z.object({ key: z.string(), value: z.nullable(z.string()) })),
    accounts: z.optional(z.array(z.string())),
    organizationalUnits: z.optional(z.array(z.string())),
  }),
  expected: 'a JSON object with names, paths and tags',
};

/** `SECOND_OPINIONS`: `["validate-policy","no-new-access"]` */
const SECOND_OPINIONS = {
  schema: z.array(z.enum(OPINIONS)),
  expected: `a JSON array of ${OPINIONS.map((name) => `"${name}"`).join(', ')}`,
};
/** `MANAGED_POLICIES`: `{"role":25,"user":20}` */
const COUNT = z.optional(z.int().check(z.positive()));
const MANAGED_POLICIES = {
  schema: z.pipe(
    z.strictObject({ role: COUNT, user: COUNT }),
    z.transform(({ role, user }) => ({
      ...(role === undefined ? {} : { role }),
      ...(user === undefined ? {} : { user }),
    })),
  ),
  expected: 'a JSON object with role and user, each a whole number, at least 1',
};
const THRESHOLD = { schema: z.int().check(z.positive()), expected: 'a whole number, at least 1' };
const MILLIS = {
  schema: z.int().check(z.positive()),
  expected: 'a whole number of milliseconds, at least 1',
};

const CALLS = {
  schema: z.number().check(z.positive()),
  expected: 'a number of calls a second, more than 0',
};
/** Where the variable is not set: the share of one of four workers in 20 calls a second. */
const CALLS_PER_SECOND = 5;
/** Where the variable is not set: a worker makes one or two calls a finding and works on a few findings a second. */
const ANALYZER_CALLS_PER_SECOND = 10;

/** @throws EnvironmentError */
export function readRefineEnvironment(
  environment: Environment,
  functionName = 'refine-finding',
): RefineEnvironment {
  return read(functionName, environment, (variable) => ({
    analyzerArn: variable(ENV.analyzerArn, ANALYZER),
    homeAccountId: variable(ENV.homeAccountId, ACCOUNT),
    partition: variable(ENV.partition, TEXT),
    bucketName: variable(ENV.bucketName, TEXT),
    settings: {
      generalize: variable(ENV.generalize, GENERALIZE),
      keep: variable.json(ENV.keep, KEEP),
      exclude: variable.json(ENV.exclude, EXCLUDE),
      ownerTag: variable.optional(ENV.ownerTag),
      managedPolicies: variable.jsonOr(ENV.managedPolicies, MANAGED_POLICIES, {}),
    },
    asksLastAccess: variable.optional(ENV.lastAccessed) === 'yes',
    memberRoleName: variable.optional(ENV.memberRoleName),
    memberExternalId: variable.optional(ENV.memberExternalId),
    accountCallsPerSecond: variable.jsonOr(ENV.accountCallsPerSecond, CALLS, CALLS_PER_SECOND),
    analyzerCallsPerSecond: variable.jsonOr(ENV.analyzerCallsPerSecond, CALLS, ANALYZER_CALLS_PER_SECOND),
    findingsQueueUrl:
      variable.optional(ENV.findingsQueueUrl) === undefined
        ? undefined
        : variable(ENV.findingsQueueUrl, URL_TEXT),
    secondOpinions: variable.jsonOr(ENV.secondOpinions, SECOND_OPINIONS, []),
    opinionMillis: variable.jsonOr(ENV.opinionMillis, MILLIS, 20_000),
  }));
}

/** @throws EnvironmentError */
export function readSweepEnvironment(environment: Environment): SweepEnvironment {
  return read('sweep-findings', environment, (variable) => ({
    analyzerArn: variable(ENV.analyzerArn, ANALYZER),
    analyzerCallsPerSecond: variable.jsonOr(ENV.analyzerCallsPerSecond, CALLS, ANALYZER_CALLS_PER_SECOND),
    bucketName: variable(ENV.bucketName, TEXT),
    findingsQueueUrl: variable(ENV.findingsQueueUrl, URL_TEXT),
    sweepQueueUrl: variable(ENV.sweepQueueUrl, URL_TEXT),
    accountJobsQueueUrl: variable(ENV.accountJobsQueueUrl, URL_TEXT),
    bulkThreshold: variable.json(ENV.bulkThreshold, THRESHOLD),
  }));
}

/** @throws EnvironmentError */
export function readAccountEnvironment(environment: Environment): AccountEnvironment {
  return read('refine-account', environment, (variable) => ({
    bucketName: variable(ENV.bucketName, TEXT),
    findingsQueueUrl: variable(ENV.findingsQueueUrl, URL_TEXT),
    accountJobsQueueUrl: variable(ENV.accountJobsQueueUrl, URL_TEXT),
  }));
}

/** @throws EnvironmentError */
export function readNotifyEnvironment(environment: Environment): NotifyEnvironment {
  return read('notify-proposals', environment, (variable) => ({
    bucketName: variable(ENV.bucketName, TEXT),
    partition: variable(ENV.partition, TEXT),
    // Set by Lambda itself; the links to the console need it.
    region: variable('AWS_REGION', TEXT),
    topicArn: variable(ENV.topicArn, TOPIC),
    chatTopicArn: variable.optional(ENV.chatTopicArn),
    ownerTag: variable.optional(ENV.ownerTag),
    contacts:
      variable.optional(ENV.ownerContact) === undefined
        ? undefined
        : {
            contact: variable(ENV.ownerContact, CONTACT),
            homeAccountId: variable(ENV.homeAccountId, ACCOUNT),
          },
    announcesOverviews: variable.optional(ENV.announcements) === 'overview',
  }));
}

/** @throws EnvironmentError */
export function readRefreshEnvironment(environment: Environment): RefreshEnvironment {
  return read('refresh-catalogue', environment, (variable) => ({
    bucketName: variable(ENV.bucketName, TEXT),
    referenceUrl:
      variable.optional(ENV.referenceUrl) === undefined ? undefined : variable(ENV.referenceUrl, URL_TEXT),
  }));
}

interface Kind<T> {
  readonly schema: z.ZodMiniType<T>;
  readonly expected: string;
}

interface Variables {
  <T>(name: EnvironmentName | 'AWS_REGION', kind: Kind<T>): T;
  json<T>(name: EnvironmentName, kind: Kind<T>): T;
  /** Where the variable need not be there. */
  jsonOr<T>(name: EnvironmentName, kind: Kind<T>, otherwise: T): T;
  optional(name: EnvironmentName): string | undefined;
}

/** Reads all variables before it complains about any. */
function read<T>(functionName: string, environment: Environment, compose: (variable: Variables) => T): T {
  const problems: string[] = [];
  const take = <V>(name: string, { schema, expected }: Kind<V>, parse: (text: string) => unknown): V => {
    const text = environment[name] ?? '';
    const result = text === '' ? undefined : schema.safeParse(parse(text));
    if (result?.success === true) return result.data;
    problems.push(
      `${name} ${text === '' ? 'is missing' : `is ${JSON.stringify(text)}`}, expected ${expected}`,
    );
    // Never seen by anyone: the caller throws as soon as it has looked at every variable.
    return undefined as V;
  };
  const variable: Variables = Object.assign(
    <V>(name: string, kind: Kind<V>): V => take(name, kind, (text) => text),
    {
      json: <V>(name: string, kind: Kind<V>): V => take(name, kind, parseJson),
      jsonOr: <V>(name: string, kind: Kind<V>, otherwise: V): V =>
        environment[name] ? take(name, kind, parseJson) : otherwise,
      optional: (name: string): string | undefined => environment[name] || undefined,
    },
  );
  const values = compose(variable);
  if (problems.length > 0) {
    throw new EnvironmentError(
      `the environment of ${functionName} is not complete: ${problems.join('; ')}; deploy the stack again or set them`,
    );
  }
  return values;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
