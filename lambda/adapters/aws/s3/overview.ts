import { ANNOUNCED_OBJECT, INDEX_DATA_OBJECT, INDEX_OBJECT } from '../../../contract/object-keys.ts';
import { subjectOf } from '../../../core/lifecycle/subject.ts';
import { byCodeUnit } from '../../../core/model/order.ts';
import type { FindingReference } from '../../../ports/findings.ts';
import type { Announced, AnnouncedMark, AnnouncedStore } from '../../../ports/notify.ts';
import {
  aboutPrincipals,
  isShared,
  type OpenProposals,
  type ProposalFacts,
  type RunIndex,
} from '../../../ports/proposals.ts';
import { AdapterError } from '../../../ports/system.ts';
import { readAnnounced, readIndexData, renderAnnounced, renderIndexData } from '../../../stored/overview.ts';
import type { S3Objects } from './objects.ts';

/** Notifiers run side by side, so somebody else may have been faster; that often in a row is no coincidence. */
const ATTEMPTS = 8;
const REMEDY = 'restore an earlier version, or delete it to begin again';

/**
 * The overview in the bucket: `index.json` holds what is known, `index.html` shows it. `index.json` is written only if
 * nobody else wrote it meanwhile. The page is written after it, and once more when the data is newer by then, so that
 * whoever writes last writes what is true.
 */
export class S3RunIndex implements RunIndex {
  readonly #objects: S3Objects;
  readonly #render: (proposals: readonly ProposalFacts[]) => string;
  constructor(objects: S3Objects, render: (proposals: readonly ProposalFacts[]) => string) {
    this.#objects = objects;
    this.#render = render;
  }

  async update(added: readonly ProposalFacts[]): Promise<void> {
    for (let tries = 1; tries <= ATTEMPTS; tries += 1) {
      const known = await this.#read();
      const proposals = merge(known?.value ?? [], added);
      const written = await this.#objects.put(INDEX_DATA_OBJECT, renderIndexData(proposals), {
        onlyIf: known ?? 'absent',
        conflictIsLate: true,
      });
      if (written === undefined) continue;
      const contentType = 'text/html; charset=utf-8';
      await this.#objects.put(INDEX_OBJECT, this.#render(proposals), { contentType });
      if ((await this.#objects.head(INDEX_DATA_OBJECT))?.etag === written.etag) return;
    }
    throw new AdapterError(
      `cannot keep ${this.#objects.address(INDEX_OBJECT)} current: others wrote it ${String(ATTEMPTS)} times meanwhile; it will be tried again`,
      'retry',
      'unavailable',
    );
  }

  async all(): Promise<readonly ProposalFacts[]> {
    return (await this.#read())?.value ?? [];
  }

  #read() {
    return this.#objects.read(INDEX_DATA_OBJECT, readIndexData, REMEDY);
  }
}

/** What the overview in the bucket shows as current. */
export class S3OpenProposals implements OpenProposals {
  readonly #objects: S3Objects;
  constructor(objects: S3Objects) {
    this.#objects = objects;
  }

  async findings(analyzerArn: string): Promise<readonly FindingReference[]> {
    const index = await this.#objects.read(INDEX_DATA_OBJECT, readIndexData, REMEDY, { mayList: false });
    const open = aboutPrincipals(index?.value ?? []).filter(({ state }) => state === undefined);
    const byId = new Map(
      open.map(({ findingId, principal: { accountId, arn: resource } }) => [
        findingId,
        { analyzerArn, findingId, accountId, resource },
      ]),
    );
    return [...byId.values()];
  }
}

/** `announced.json` at the top of the bucket, written only if nobody else wrote it meanwhile. */
export class S3AnnouncedStore implements AnnouncedStore {
  readonly #objects: S3Objects;
  constructor(objects: S3Objects) {
    this.#objects = objects;
  }

  async read(): Promise<AnnouncedMark> {
    const remedy = 'delete it, and the next overview tells about everything';
    const stored = await this.#objects.read(ANNOUNCED_OBJECT, readAnnounced, remedy);
    return { announced: stored?.value, version: stored?.etag };
  }

  async write(announced: Announced, version: string | undefined): Promise<boolean> {
    const written = await this.#objects.put(ANNOUNCED_OBJECT, renderAnnounced(announced), {
      onlyIf: version === undefined ? 'absent' : { etag: version },
      conflictIsLate: true,
    });
    return written !== undefined;
  }
}

/**
 * All proposals by the order of their keys; a newer one stands in the place of an older one about the same subject. One
 * that is no longer current never takes the place of another.
 */
function merge(known: readonly ProposalFacts[], added: readonly ProposalFacts[]): readonly ProposalFacts[] {
  const bySubject = new Map(known.map((facts) => [placeOf(facts), facts]));
  for (const facts of added) {
    const there = bySubject.get(placeOf(facts));
    if (facts.state !== undefined && there !== undefined && there.prefix !== facts.prefix) continue;
    bySubject.set(placeOf(facts), facts);
  }
  return [...bySubject.values()].sort((a, b) => byCodeUnit(a.prefix, b.prefix));
}

/** The same for proposals of which only one can be current. */
function placeOf(facts: ProposalFacts): string {
  return isShared(facts) ? facts.subject.arn : subjectOf(facts);
}
