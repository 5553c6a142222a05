import type { Catalogue } from '../../core/catalogue/catalogue.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import { type PrincipalRef, readPrincipalArn } from '../../core/model/principal.ts';
import type { AccountJob, AccountMemory, PrincipalUse } from '../../ports/account.ts';
import {
  type FindingAnswer,
  type FindingReference,
  type FindingSource,
  LAST_ACCESSED,
} from '../../ports/findings.ts';
import type { LastAccessAnswer, LastAccessSource } from '../../ports/policies.ts';
import type { Exclusions } from '../../ports/settings.ts';
import type { FoundInAccount } from '../../ports/sweep.ts';
import { AdapterError } from '../../ports/system.ts';
import {
  findingAmong,
  isFromLastUse,
  type ReportedLastUse,
  type LastUseDependencies,
  reportedLastUse,
} from '../propose/last-use.ts';

import { excludedBy, ownedByAws } from '../propose/skip-reason.ts';
import { askForUses, type PartOfPrincipals, readUses, type ReadUsesDependencies } from './read-uses.ts';

/** Findings of an account that are handled together. After each batch the job stores its position. */
export interface Batch {
  readonly references: readonly FindingReference[];
  /** Index of the next batch, if all of this one is handled. */
  readonly next: number;
  /** Whether the batch counts only as a whole; otherwise each finding advances the index by one. */
  readonly isWhole: boolean;
  /** What the findings are read from, if not from an analyzer. */
  readonly evidence?: Evidence;
  /** ARNs of principals that may have a finding, but whose use is unknown. */
  readonly unread: readonly string[];
}

export interface Evidence {
  readonly findings: FindingSource;
  readonly lastAccess: LastAccessSource;
}

/** The work on one account, batch by batch. */
export interface Batches {
  /** The index after the last batch. */
  readonly size: number;
  /** The batch at an index; `waiting` if its reports are not complete yet. @throws AdapterError */
  at(place: number): Promise<Batch | 'waiting'>;
  /** The last use of all principals handled so far; undefined if it has to be read from IAM. */
  readonly lastAccess?: LastAccessSource;
}

/**
 * Findings in one batch. A worker that is killed repeats at most this many. What they report unused is in memory until
 * the batch ends: 250 administrators take some 30 MB.
 */
const FINDINGS = 250;

/** Batches of the findings that a sweep listed. */
export function listedBatches(references: readonly FindingReference[]): Batches {
  return {
    size: references.length,
    at: (place) => {
      const batch = references.slice(place, place + FINDINGS);
      return Promise.resolve({
        references: batch,
        next: place + batch.length,
        isWhole: false,
        unread: [],
      });
    },
  };
}

export interface UseDependencies extends ReadUsesDependencies {
  readonly catalogue: () => Promise<Catalogue>;
  readonly unusedDays: number;
  readonly exclude: Exclusions;
  /** Called with the reason if nothing is concluded about a principal, because its report failed. */
  readonly silent: (arn: string, reason: string) => void;
}

/** Principals in one batch. Their reports are in memory together, and an administrator's takes some 600 kB. */
const PRINCIPALS = 50;
/** How many batches' reports are cached, for shared policies and groups. */
const REMEMBERED = 3;

/**
 * Findings of one account made from IAM's reports of last use, and the findings of proposals that are shown as
 * current. Indexes are those of its roles and users, sorted by ARN, so they are the same in each slice of a job.
 */
export class UseBatches implements Batches {
  readonly #job: AccountJob;
  readonly #memory: AccountMemory;
  readonly #swept: FoundInAccount;
  readonly #dependencies: UseDependencies;
  readonly #present: ReadonlySet<string>;
  readonly #arns: readonly string[];
  readonly #read = new Map<number, Promise<ReadonlyMap<string, PrincipalUse>>>();

  constructor(job: AccountJob, memory: AccountMemory, swept: FoundInAccount, dependencies: UseDependencies) {
    this.#job = job;
    this.#memory = memory;
    this.#swept = swept;
    this.#dependencies = dependencies;
    this.#present = new Set(memory.principals);
    const shown = swept.references.map(({ resource }) => resource);
    this.#arns = [...new Set([...this.#present, ...shown])]
      .filter((arn) => !isOwnedByAws(readPrincipalArn(arn)))
      .sort(byCodeUnit);
  }

  get size(): number {
    return this.#arns.length;
  }

  async at(place: number): Promise<Batch | 'waiting'> {
    const part = await this.#part(place);
    await askForUses(this.#job, part, this.#dependencies);
    // IAM produces the reports of the next part meanwhile.
    if (place + PRINCIPALS < this.size) {
      await askForUses(this.#job, await this.#part(place + PRINCIPALS), this.#dependencies);
    }
    const outcome = await readUses(this.#job, part, this.#dependencies);
    if (outcome.kind === 'waiting') return 'waiting';
    return this.#batch(place, new Map(outcome.uses.map((use) => [use.arn, use])));
  }

  readonly lastAccess: LastAccessSource = {
    lastAccessOf: async ({ arn }) => answerOf((await this.#usesOf(arn))?.get(arn)),
  };

  /** The principals to request reports for: not those that are excluded, nor those that only a shown proposal names. */
  async #part(place: number): Promise<PartOfPrincipals> {
    const refs: PrincipalRef[] = [];
    for (const arn of this.#arns.slice(place, place + PRINCIPALS)) {
      const ref = readPrincipalArn(arn);
      if (ref && this.#present.has(arn) && !(await this.#isExcluded(ref))) refs.push(ref);
    }
    return { number: place / PRINCIPALS, refs };
  }

  async #isExcluded(ref: PrincipalRef): Promise<boolean> {
    const { exclude } = this.#dependencies;
    if (excludedBy(exclude, ref, [])) return true;
    if (exclude.tags.length === 0) return false;
    const found = await unlessUnreadable(this.#memory.getPrincipal(ref), undefined);
    return found?.kind === 'found' && excludedBy(exclude, ref, found.principal.tags) !== undefined;
  }

  async #batch(place: number, uses: ReadonlyMap<string, PrincipalUse>): Promise<Batch> {
    const { catalogue, unusedDays, silent } = this.#dependencies;
    const lastAccess = { lastAccessOf: ({ arn }: PrincipalRef) => Promise.resolve(answerOf(uses.get(arn))) };
    const dependencies: LastUseDependencies = {
      policies: this.#memory,
      reports: lastAccess,
      credentialsOf: ({ arn }) => uses.get(arn)?.credentials,
      catalogue: await catalogue(),
      unusedDays,
    };
    const arns = this.#arns.slice(place, place + PRINCIPALS);
    const known = new Map<string, ReportedLastUse | undefined>();
    const unread: string[] = [];
    const references: FindingReference[] = [];
    for (const arn of arns) {
      const { problem } = uses.get(arn) ?? {};
      if (problem !== undefined) silent(arn, problem);
      const use = await unlessUnreadable(reportedLastUse(arn, dependencies), NOTHING_KNOWN);
      known.set(arn, use);
      if (use && UNKNOWN.has(use.unjudged ?? '')) unread.push(arn);
      references.push(...this.#references(arn, use));
    }
    const getFinding = (reference: FindingReference): Promise<FindingAnswer> => {
      const { resource } = reference;
      const { problem } = uses.get(resource) ?? {};
      return Promise.resolve(answerAbout(reference, known.get(resource), problem));
    };
    const next = place + arns.length;
    return { references, next, isWhole: true, evidence: { findings: { getFinding }, lastAccess }, unread };
  }

  /** The findings from a principal's reports, and findings of shown proposals that its reports no longer contain. */
  #references(arn: string, use: ReportedLastUse | undefined): readonly FindingReference[] {
    const { references, shared } = this.#swept;
    const about = references.filter(({ resource }) => resource === arn);
    const made = (use?.findings ?? []).map(({ id: findingId, accountId, resource }): FindingReference => {
      const shown = about.find((one) => one.findingId === findingId)?.shown;
      const reference = { analyzerArn: LAST_ACCESSED, findingId, accountId, resource };
      // If the overview cannot be read, its rows are unknown.
      return shown === undefined && shared === undefined ? reference : { ...reference, shown: shown ?? [] };
    });
    const ids = new Set(made.map(({ findingId }) => findingId));
    return [...made, ...about.filter(({ findingId }) => !ids.has(findingId))];
  }

  async #usesOf(arn: string): Promise<ReadonlyMap<string, PrincipalUse> | undefined> {
    const place = this.#arns.indexOf(arn);
    if (place < 0) return undefined;
    const number = Math.floor(place / PRINCIPALS);
    const known = this.#read.get(number);
    if (known) return known;
    for (const oldest of this.#read.keys()) {
      if (this.#read.size < REMEMBERED) break;
      this.#read.delete(oldest);
    }
    const uses = this.#dependencies.records
      .uses(this.#job, number)
      .then((kept = []) => new Map(kept.map((use) => [use.arn, use])));
    this.#read.set(number, uses);
    return uses;
  }
}

/** Reasons that leave it unknown whether a principal uses what it is granted. A young principal may use all of it. */
const UNKNOWN: ReadonlySet<string> = new Set(['no-report', 'young-unreadable']);

/** About a principal whose policies cannot be read. */
const NOTHING_KNOWN: ReportedLastUse = { findings: [], unjudged: 'no-report', hasCredentials: false };

/** One principal that cannot be read does not stop the work on the others. */
async function unlessUnreadable<T, Otherwise>(
  reading: Promise<T>,
  otherwise: Otherwise,
): Promise<T | Otherwise> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof AdapterError) || error.code === 'throttled') throw error;
    return otherwise;
  }
}

function answerAbout(
  reference: FindingReference,
  use: ReportedLastUse | undefined,
  problem: string | undefined,
): FindingAnswer {
  if (!isFromLastUse(reference)) {
    const reason =
      'it is the finding of an analyzer, and findings are made from reports of last use at present';
    return { kind: 'unsupported', reason };
  }
  const answer = findingAmong(reference, use);
  return answer.kind === 'unreadable' && problem !== undefined ? { ...answer, reason: problem } : answer;
}

function answerOf(use: PrincipalUse | undefined): LastAccessAnswer {
  if (use?.report) {
    return { kind: 'known', lastAccess: use.report.services, completedAt: use.report.completedAt };
  }
  return use?.problem === undefined ? { kind: 'none' } : { kind: 'unavailable', reason: use.problem };
}

function isOwnedByAws(ref: PrincipalRef | undefined): boolean {
  return !ref || ownedByAws(ref) !== undefined;
}
