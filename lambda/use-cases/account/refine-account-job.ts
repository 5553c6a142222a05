import type { AccountJob, AccountJobQueue, AccountMemory, UnusedOfPart } from '../../ports/account.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { LastAccessSource } from '../../ports/policies.ts';
import { AccountUnreachable, AdapterError } from '../../ports/system.ts';
import type { Finding, FindingQueue, FindingReference } from '../../ports/findings.ts';
import {
  type Evidence,
  listedBatches,
  type Batch,
  type Batches,
  type UseDependencies,
  UseBatches,
} from './batches.ts';
import { readAccount, type ReadDependencies, type ReadOutcome } from './read-account.ts';
import { type PartOutcome, workOnPart } from './work-on-part.ts';
import type { RequeueReason } from '../sweep/slice.ts';

export interface AccountJobDependencies<M extends AccountMemory> extends ReadDependencies {
  /** Whether the configuration excludes the whole account. @throws AdapterError if that cannot be determined */
  readonly isLeftAlone: (accountId: string) => Promise<boolean>;
  /** An empty memory for one account. */
  readonly makeMemory: () => M;
  /**
   * Refines one finding with what the memory holds, and reports its outcome.
   * @param since the earliest time at which the account was read, by the store's clock
   * @param found must be called with the finding that was read
   * @param evidence the source of the finding, if not an analyzer
   * @throws whatever made the finding fail; the job continues with the next one
   */
  readonly refine: (
    reference: FindingReference,
    memory: M,
    since: number,
    found: (finding: Finding) => void,
    evidence: Evidence | undefined,
  ) => Promise<void>;
  /** How reports of last use are requested and read; only if findings come from them. */
  readonly use?: UseDependencies | undefined;
  /**
   * The queue for findings that failed. They are retried one by one, and end in the dead-letter queue if that does not
   * help.
   */
  readonly queue: FindingQueue;
  readonly jobs: AccountJobQueue;
  /**
   * Refines shared policies and groups. Called at the end of a job, when every finding has been handled.
   * @returns where a later slice continues; undefined if nothing is left
   */
  readonly proposeShared: (account: WorkedAccount<M>) => Promise<string | undefined>;
}

/** An account whose findings have all been handled. */
interface WorkedAccount<M extends AccountMemory> {
  readonly job: AccountJob;
  readonly memory: M;
  /** The earliest time at which it was read, by the store's clock. */
  readonly since: number;
  /** Whether the sweep's listing may lack findings. */
  readonly isPartial: boolean;
  /** Prefixes of the shared proposals that the overview shows as current; undefined if they are unknown. */
  readonly shown: readonly string[] | undefined;
  /** The last use of its principals; undefined if it has to be read from IAM. */
  readonly lastAccess: LastAccessSource | undefined;
  /** The unused access that all slices of the job found, part by part, so that it is never in memory as a whole. */
  readonly unused: AsyncIterable<UnusedOfPart>;
}

/** How one slice of an account's job ended, apart from an error. */
export type AccountJobOutcome = AccountJobCounts &
  (
    | { readonly kind: 'completed' }
    /** `reports`: the reports are not complete yet. */
    | { readonly kind: 'continued'; readonly because: RequeueReason | 'reports'; readonly next: number }
    /** The account cannot be read as a whole: its findings are handled one by one. */
    | { readonly kind: 'handed-over'; readonly error: AdapterError }
    /** The account cannot be read at all: its findings, of which `left` are not handled, wait for the next sweep. */
    | { readonly kind: 'unreachable'; readonly error: AdapterError; readonly left: number }
  );

interface AccountJobCounts {
  /** Pages that this slice read from IAM. */
  readonly pages: number;
  /** Findings that this slice handled, failed ones included. */
  readonly findings: number;
  /** Findings that failed and were queued to be retried one by one. */
  readonly sentOn: number;
  /** What is wrong with unreadable entries of the account's pages; absent if there are none. */
  readonly faults?: readonly string[];
}

/** Milliseconds reserved for shared policies and groups. If less is left, they get their own slice. */
const SHARED_RESERVE = 300_000;
/** Milliseconds reserved for one more batch of reports, from the request to the last proposal. */
const PORTION_RESERVE = 180_000;
/** Seconds for which a throttled account is deferred. */
const THROTTLED_DELAY = 300;
/** Seconds for which a job is deferred while IAM produces reports. */
const WAITING_DELAY = 60;
/** How often in a row a job is deferred before it fails: about a day. */
const MOST_JOB_DEFERRALS = 288;

/**
 * Reads one account as a whole and refines its findings. When the time runs out, a later slice continues at the next
 * finding and reads nothing from IAM again. Handling a part twice does no harm.
 *
 * An account that is throttled before its first page is deferred as a new message, which does not count as an attempt.
 * An excluded account is not read at all: its findings are skipped one by one, each with the reason.
 * @throws AdapterError if the account cannot be read at present, or was deferred too often, or the job's own objects
 * cannot be read
 */
export async function refineAccountJob<M extends AccountMemory>(
  start: AccountJob,
  dependencies: AccountJobDependencies<M>,
): Promise<AccountJobOutcome> {
  const { records, queue, jobs, clock, makeMemory, proposeShared, use } = dependencies;
  const swept = await records.swept(start);
  const { references, since, shared: shown, isPartial = false } = swept;
  const job = await keptPlace(start, dependencies);
  let { next, parts, shared } = job;
  let findings = 0;
  let sentOn = 0;
  const memory = makeMemory();
  const reading = await readUnlessLeftAlone(job, memory, dependencies);
  if (reading.kind === 'refused') {
    const rest = references.slice(next);
    const { error } = reading;
    // If findings come from reports of last use, the account cannot be handled finding by finding either.
    if (error instanceof AccountUnreachable || use) {
      return { kind: 'unreachable', error, left: rest.length, pages: 0, findings, sentOn };
    }
    await queue.send(rest);
    return { kind: 'handed-over', error, pages: 0, findings, sentOn: rest.length };
  }
  const pages = reading.kind === 'left-alone' ? 0 : reading.pages;
  const later = async (because: RequeueReason | 'reports'): Promise<AccountJobOutcome> => {
    const isStuck = pages === 0 && next === job.next;
    const deferrals = isStuck && because === 'throttled' ? job.deferrals + 1 : 0;
    const delay =
      because === 'throttled' ? THROTTLED_DELAY : because === 'reports' ? WAITING_DELAY : undefined;
    await jobs.send({ ...job, next, parts, shared, deferrals }, delay);
    return { kind: 'continued', because, next, pages, findings, sentOn, ...faultsOf(memory) };
  };
  if (reading.kind === 'continued') return later(reading.because);
  const batches: Batches =
    reading.kind === 'complete' && use
      ? new UseBatches(job, memory, swept, use)
      : listedBatches(use ? [] : references);
  while (next < batches.size) {
    if (use && next > job.next && clock.remainingMillis() < PORTION_RESERVE) return later('time');
    const batch = await batchAt(next, batches, job);
    if (batch instanceof AdapterError) {
      if (batch.decision === 'retry') return later(batch.code);
      return { kind: 'unreachable', error: batch, left: batches.size - next, pages, findings, sentOn };
    }
    if (batch === 'waiting') return later('reports');
    const part: PartOutcome = await workOnPart(batch.references, clock, (one, found) =>
      dependencies.refine(one, memory, since, found, batch.evidence),
    );
    if (part.failed.length > 0) await queue.send(part.failed);
    sentOn += part.failed.length;
    findings += part.done;
    if (batch.isWhole && part.isCutShort) return later('time');
    // Another copy of the job may have stored a larger or smaller part.
    const kept = await records.keepUnused(job, parts, {
      next: batch.isWhole ? batch.next : next + part.done,
      findings: part.unused,
      unread: unreadIn(batch, part),
    });
    next = kept.next;
    parts += 1;
    if (part.isCutShort) return later('time');
  }
  if (findings > 0 && clock.remainingMillis() < SHARED_RESERVE) return later('time');
  const unused = unusedParts(job, parts, dependencies);
  const { lastAccess } = batches;
  const rest = await proposeShared({ job, memory, since, isPartial, shown, unused, lastAccess });
  if (rest !== undefined) {
    shared = rest;
    return later('time');
  }
  return { kind: 'completed', pages, findings, sentOn, ...faultsOf(memory) };
}

function faultsOf({ faults = [] }: AccountMemory): Pick<AccountJobCounts, 'faults'> {
  return faults.length === 0 ? {} : { faults };
}

/**
 * Reads a batch. An error here affects all principals, so the job is deferred, unless it has been throttled for a day.
 */
async function batchAt(
  place: number,
  batches: Batches,
  { deferrals }: AccountJob,
): Promise<Batch | 'waiting' | AdapterError> {
  try {
    return await batches.at(place);
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    if (error.code === 'access-denied') return error;
    if (error.code !== 'throttled' || deferrals >= MOST_JOB_DEFERRALS) throw error;
    return error;
  }
}

/**
 * Principals whose use is unknown. A report proves that a finding has ended; a listing does not, because a new finding
 * may have appeared since.
 */
function unreadIn({ evidence, unread }: Batch, part: PartOutcome): readonly string[] {
  if (!evidence) return part.unread;
  const read = new Set(part.unused.map(({ resource }) => resource));
  const failed = part.failed.flatMap(({ resource }) => (read.has(resource) ? [] : [resource]));
  return [...new Set([...unread, ...failed])].sort(byCodeUnit);
}

async function readUnlessLeftAlone(
  job: AccountJob,
  memory: AccountMemory,
  dependencies: Pick<AccountJobDependencies<AccountMemory>, 'isLeftAlone'> & ReadDependencies,
): Promise<ReadOutcome | { readonly kind: 'left-alone' }> {
  try {
    if (await dependencies.isLeftAlone(job.accountId)) return { kind: 'left-alone' };
    return await readAccount(job, memory, dependencies);
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    if (error.decision === 'permanent') return { kind: 'refused', error };
    if (error.code !== 'throttled' || job.deferrals >= MOST_JOB_DEFERRALS) throw error;
    return { kind: 'continued', because: 'throttled', pages: 0 };
  }
}

/** The job's current position. A worker that died after the message was sent has stored how far it got. */
async function keptPlace(job: AccountJob, { records }: ReadDependencies): Promise<AccountJob> {
  let { next, parts } = job;
  for (;;) {
    const part = await records.unused(job, parts);
    if (part === undefined) return { ...job, next, parts };
    next = part.next;
    parts += 1;
  }
}

async function* unusedParts(
  job: AccountJob,
  parts: number,
  { records }: ReadDependencies,
): AsyncIterable<UnusedOfPart> {
  for (let number = 0; number < parts; number += 1) {
    const part = await records.unused(job, number);
    if (part) yield part;
  }
}
