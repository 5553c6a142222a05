import type { PrincipalRef } from '../../core/model/principal.ts';
import type { AccountJob, AskedReport, PrincipalUse, UseRecords, UseReports } from '../../ports/account.ts';
import { pool } from '../../ports/pool.ts';
import { AdapterError, type Clock } from '../../ports/system.ts';

export interface ReadUsesDependencies {
  readonly reports: UseReports;
  readonly records: UseRecords;
  readonly clock: Clock;
  readonly wait: (millis: number) => Promise<unknown>;
}

/** A part of an account's principals, and its number. */
export interface PartOfPrincipals {
  readonly number: number;
  readonly refs: readonly PrincipalRef[];
}

type UsesOutcome =
  | { readonly kind: 'complete'; readonly uses: readonly PrincipalUse[] }
  /** The reports are not complete yet, or there is no time left. The ids of the requested jobs are stored. */
  | { readonly kind: 'waiting' };

/** Calls in flight at once; the account's pace decides how many of them wait. */
const WIDTH = 8;
/** Milliseconds reserved for one more call, including retries of throttled calls. */
const RESERVE = 60_000;
/** Milliseconds between two polls for the reports of a part, at first and at most. */
const FIRST_LOOK = 500;
const LONGEST_LOOK = 5_000;
/** Milliseconds that a slice waits for reports. After that the job is requeued with a delay, which costs nothing. */
const LONGEST_WAIT = 60_000;
/** Milliseconds after which a report counts as missing. According to AWS, a report takes minutes at most. */
const PATIENCE = 10 * 60_000;

/**
 * Requests the reports on a part of the principals, and stores IAM's job ids, so that no later slice requests them
 * again.
 * @throws AdapterError if the account is throttled or denies access, because other calls would fail too
 */
export async function askForUses(
  job: AccountJob,
  { number, refs }: PartOfPrincipals,
  dependencies: ReadUsesDependencies,
): Promise<ReadonlyMap<string, AskedReport>> {
  const { records, clock } = dependencies;
  const kept = (await records.asked(job, number)) ?? [];
  const asked = new Map(kept.map((one) => [one.arn, one]));
  const missing = refs.filter(({ arn }) => !asked.has(arn));
  if (missing.length === 0) return asked;
  const until = (): boolean => clock.remainingMillis() < RESERVE;
  try {
    await pool(missing, { width: WIDTH, until }, async (ref) => {
      asked.set(ref.arn, await ask(ref, dependencies));
    });
  } finally {
    if (asked.size > kept.length) await records.keepAsked(job, number, [...asked.values()]);
  }
  return asked;
}

/**
 * IAM's reports of last use about a part of an account's principals: those that an earlier slice stored, and new ones
 * from IAM. A report that fails or does not arrive is missing, with the reason, and does not delay the others.
 * @throws AdapterError if the account is throttled or denies access, because other calls would fail too
 */
export async function readUses(
  job: AccountJob,
  part: PartOfPrincipals,
  dependencies: ReadUsesDependencies,
): Promise<UsesOutcome> {
  const { records, clock, wait } = dependencies;
  const { number, refs } = part;
  const kept = await records.uses(job, number);
  if (kept) return { kind: 'complete', uses: kept };
  const asked = new Map(await askForUses(job, part, dependencies));
  const read = new Map<string, PrincipalUse>();
  let waited = 0;
  for (let pause = FIRST_LOOK; ; pause = Math.min(LONGEST_LOOK, pause * 2)) {
    const open = refs.filter(({ arn }) => !read.has(arn));
    const until = (): boolean => clock.remainingMillis() < RESERVE;
    let isAskedAgain = false;
    try {
      await pool(open, { width: WIDTH, until }, async (ref) => {
        const order = asked.get(ref.arn);
        if (!order) return;
        const answer = await look(ref, order, dependencies);
        if (answer === 'running') return;
        if ('askedAt' in answer) {
          asked.set(ref.arn, answer);
          isAskedAgain = true;
          return;
        }
        read.set(ref.arn, answer);
      });
    } finally {
      if (isAskedAgain) await records.keepAsked(job, number, [...asked.values()]);
    }
    if (read.size === refs.length) break;
    if (waited + pause > LONGEST_WAIT || clock.remainingMillis() < RESERVE + pause)
      return { kind: 'waiting' };
    await wait(pause);
    waited += pause;
  }
  const uses = refs.flatMap(({ arn }) => read.get(arn) ?? []);
  return { kind: 'complete', uses: await records.keepUses(job, number, uses) };
}

async function ask(
  ref: PrincipalRef,
  { reports, clock }: ReadUsesDependencies,
  isSecond = false,
): Promise<AskedReport> {
  const facts = { arn: ref.arn, askedAt: clock.now(), ...(isSecond ? { isSecond } : {}) };
  const answer = await unlessForAll(() => reports.ask(ref));
  if (answer instanceof AdapterError) return { ...facts, problem: answer.message };
  return answer === undefined ? { ...facts, problem: `${ref.arn} is gone` } : { ...facts, jobId: answer };
}

/** A principal's use, or a new request if IAM no longer knows the first job. */
async function look(
  ref: PrincipalRef,
  order: AskedReport,
  dependencies: ReadUsesDependencies,
): Promise<PrincipalUse | AskedReport | 'running'> {
  const { reports, clock } = dependencies;
  const { arn } = ref;
  const { jobId, problem, askedAt, isSecond } = order;
  let found: Pick<PrincipalUse, 'report' | 'problem'> = { problem };
  if (jobId !== undefined) {
    const answer = await unlessForAll(() => reports.look(ref, jobId));
    if (answer instanceof AdapterError) found = { problem: answer.message };
    else if (answer.kind === 'complete') found = { report: answer.report };
    else if (answer.kind === 'failed') found = { problem: answer.reason };
    else if (answer.kind === 'unknown') {
      if (isSecond !== true) return ask(ref, dependencies, true);
      found = { problem: `IAM has forgotten that it was asked when ${arn} last used what` };
    } else if (Date.parse(clock.now()) - Date.parse(askedAt) <= PATIENCE) return 'running';
    else found = { problem: `IAM has not said when ${arn} last used what within 10 minutes` };
  }
  if (ref.type === 'role') return { arn, ...found };
  const credentials = await unlessForAll(() => reports.credentialsOf(ref));
  return { arn, ...found, ...(credentials instanceof AdapterError ? {} : { credentials }) };
}

/**
 * The error of one principal. Throttling and denied access are thrown, because they affect the other calls of the
 * account too.
 */
async function unlessForAll<T>(call: () => Promise<T>): Promise<T | AdapterError> {
  try {
    return await call();
  } catch (error) {
    const isOfOne =
      error instanceof AdapterError && error.code !== 'throttled' && error.code !== 'access-denied';
    if (isOfOne) return error;
    throw error;
  }
}
