import { decisionsKey } from '../../../contract/object-keys.ts';
import { type Decision, holdsOn } from '../../../core/decision/decision.ts';
import type { DecisionSource, DecisionStore } from '../../../ports/decisions.ts';
import type { Clock } from '../../../ports/system.ts';
import { readDecisions, renderDecisions } from '../../../stored/decisions.ts';
import type { S3Objects } from './objects.ts';

/** How long decisions are cached: an account's findings come in bursts, and each would read them. */
const FRESH_MILLIS = 60_000;

const REMEDY = 'mend it, or restore an earlier version of the object';

/** People's decisions in the bucket: `decisions/<accountId>.json`. */
export class S3Decisions implements DecisionSource {
  readonly #objects: Pick<S3Objects, 'read'>;
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly decisions: readonly Decision[]; readonly readAt: number }>();
  constructor(objects: Pick<S3Objects, 'read'>, clock: Clock) {
    this.#objects = objects;
    this.#clock = clock;
  }

  async inForce(accountId: string): Promise<readonly Decision[]> {
    const now = this.#clock.now();
    const known = this.#known.get(accountId);
    const decisions =
      known && Date.parse(now) - known.readAt < FRESH_MILLIS
        ? known.decisions
        : await this.#read(accountId, now);
    return decisions.filter((decision) => holdsOn(decision, now.slice(0, 10)));
  }

  async #read(accountId: string, now: string): Promise<readonly Decision[]> {
    const found = await this.#objects.read(decisionsKey(accountId), readDecisions, REMEDY);
    const decisions = found?.value ?? [];
    this.#known.set(accountId, { decisions, readAt: Date.parse(now) });
    return decisions;
  }
}

/**
 * The decisions about one account, for a person who may write them. Concurrent writers do not lose each other's
 * decisions.
 */
export class S3DecisionStore implements DecisionStore {
  readonly #objects: Pick<S3Objects, 'read' | 'put'>;
  readonly #key: string;
  constructor(objects: Pick<S3Objects, 'read' | 'put'>, accountId: string) {
    this.#objects = objects;
    this.#key = decisionsKey(accountId);
  }

  async read(): Promise<{ readonly decisions: readonly Decision[]; readonly version: string | undefined }> {
    const found = await this.#objects.read(this.#key, readDecisions, REMEDY);
    return { decisions: found?.value ?? [], version: found?.etag };
  }

  async write(decisions: readonly Decision[], version: string | undefined): Promise<boolean> {
    const written = await this.#objects.put(this.#key, renderDecisions(decisions), {
      onlyIf: version === undefined ? 'absent' : { etag: version },
      conflictIsLate: true,
    });
    return written !== undefined;
  }
}
