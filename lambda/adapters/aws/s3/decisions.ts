import { decisionsKey } from '../../../contract/object-keys.ts';
import { type Decision, holdsOn } from '../../../core/decision/decision.ts';
import type { DecisionSource, DecisionStore } from '../../../ports/decisions.ts';
import type { Clock } from '../../../ports/system.ts';
import { readDecisions, renderDecisions } from '../../../stored/decisions.ts';
import type { S3Objects } from './objects.ts';

const REMEDY = 'mend it, or restore an earlier version of the object';

/** What people decided, as it lies in the bucket: `decisions/<accountId>.json`. */
export class S3Decisions implements DecisionSource {
  readonly #objects: Pick<S3Objects, 'read'>;
  readonly #clock: Clock;
  constructor(objects: Pick<S3Objects, 'read'>, clock: Clock) {
    this.#objects = objects;
    this.#clock = clock;
  }

  async inForce(accountId: string): Promise<readonly Decision[]> {
    const found = await this.#objects.read(decisionsKey(accountId), readDecisions, REMEDY);
    const today = this.#clock.now().slice(0, 10);
    return (found?.value ?? []).filter((decision) => holdsOn(decision, today));
  }
}

/** The decisions about one account, for a person who may write them. Two at once do not lose each other's. */
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
