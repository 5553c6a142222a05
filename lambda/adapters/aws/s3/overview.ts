import { ANNOUNCED_OBJECT, INDEX_DATA_OBJECT, INDEX_OBJECT } from '../../../contract/object-keys.ts';
import type { Announced, AnnouncedMark, AnnouncedStore } from '../../../ports/notify.ts';
import type { Overview, ProposalFacts } from '../../../ports/proposals.ts';
import { readAnnounced, readIndexData, renderAnnounced, renderIndexData } from '../../../stored/overview.ts';
import type { S3Objects } from './objects.ts';

const REMEDY = 'restore an earlier version, or delete it to begin again';

/**
 * The overview in the bucket: `index.json` is the data, `index.html` the page. `index.json` is written only if nobody
 * else has written it since it was read. The page is written after the data, and again if the data has changed in
 * between, so that the last page written shows the latest data.
 */
export class S3Overview implements Overview {
  readonly #objects: S3Objects;
  constructor(objects: S3Objects) {
    this.#objects = objects;
  }

  async read(): Promise<{ readonly rows: readonly ProposalFacts[]; readonly version: string | undefined }> {
    const index = await this.#objects.read(INDEX_DATA_OBJECT, readIndexData, REMEDY);
    return { rows: index?.value ?? [], version: index?.etag };
  }

  async write(rows: readonly ProposalFacts[], page: string, version: string | undefined): Promise<boolean> {
    const written = await this.#objects.put(INDEX_DATA_OBJECT, renderIndexData(rows), {
      onlyIf: version === undefined ? 'absent' : { etag: version },
      conflictIsLate: true,
    });
    if (written === undefined) return false;
    await this.#objects.put(INDEX_OBJECT, page, { contentType: 'text/html; charset=utf-8' });
    return (await this.#objects.head(INDEX_DATA_OBJECT))?.etag === written.etag;
  }
}

/** `announced.json` at the top of the bucket, written only if nobody else has written it since it was read. */
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
