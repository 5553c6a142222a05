import type { Catalogue, CatalogueOrigin } from '../../core/catalogue/catalogue.ts';
import { asCatalogue, REFERENCE_SOURCE } from '../../core/catalogue/kept-catalogue.ts';
import {
  type CatalogueDrift,
  catalogueDrift,
  describeCatalogueDrift,
  isThatOf,
} from '../../core/lifecycle/catalogue-drift.ts';
import type { ProposalState } from '../../core/lifecycle/proposal-state.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { PrincipalProposal, ProposalCatalogue } from '../../core/proposal/schema.ts';
import type { CatalogueStore, DatedCatalogueSource } from '../../ports/catalogue.ts';
import type { ProposalRepository, ListedProposal } from '../../ports/proposals.ts';

interface CatalogueChangesParts {
  readonly catalogue: DatedCatalogueSource;
  readonly store: Pick<CatalogueStore, 'version'>;
  readonly embedded: () => Catalogue;
  readonly repository: Pick<ProposalRepository, 'read'>;
}

/**
 * The result of a comparison with the current catalogue, and what is new; undefined if nothing is, or if it is already
 * recorded.
 */
export interface Compared {
  readonly catalogue: Pick<CatalogueOrigin, 'version' | 'date'>;
  readonly changed: Pick<ProposalState, 'reason' | 'remark'> | undefined;
}

/**
 * Milliseconds for which an older catalogue may be in use at the same time as a newer one, because a process keeps its
 * catalogue for its life.
 */
const PROCESS_MILLIS = 86_400_000;
/** How many catalogues are cached besides the current one, about 1 MB each. A sweep needs few. */
const MOST_KEPT = 4;

/**
 * Whether the current catalogue knows actions that a stored proposal's wildcards match and that the proposal's own
 * catalogue did not know. See docs/adr/0007.
 *
 * A sweep finds most proposals stored already. This costs nothing if the times of storage rule out a difference, and
 * one read of the proposal otherwise, or if its state says so. An earlier catalogue is read once in a process.
 */
export class CatalogueChanges {
  readonly #parts: CatalogueChangesParts;
  readonly #then = new Map<string, Promise<Catalogue | undefined>>();
  constructor(parts: CatalogueChangesParts) {
    this.#parts = parts;
  }

  /**
   * Compares a stored proposal with the current catalogue; undefined if that was already done, with this one or a
   * newer one.
   * @param made the same proposal, made with the current catalogue
   * @throws AdapterError if the proposal or a catalogue cannot be read at present
   */
  async about(
    listed: ListedProposal,
    made: Pick<PrincipalProposal, 'kind'>,
    said: ProposalState | undefined,
  ): Promise<Compared | undefined> {
    const { catalogue: source, repository } = this.#parts;
    if (made.kind !== 'refine-permissions') return undefined;
    const catalogue = await source.load();
    const { source: name, version, date } = catalogue.origin;
    if (isJudged(listed, said, { version, date }, await source.since())) return undefined;
    const stored = await repository.read(listed.prefix);
    if (stored?.kind !== 'refine-permissions') return undefined;
    const then = isThatOf(stored.catalogue, catalogue) ? undefined : await this.#load(stored.catalogue);
    const reason = reasonOf(catalogueDrift(stored, catalogue, then ? [then] : []));
    const by = { version, date };
    const isNoted = said?.state === 'current' && said.remark === 'catalogue-grew';
    if (reason !== undefined) {
      const isSame = isNoted && said.reason === reason;
      return { catalogue: by, changed: isSame ? undefined : { reason, remark: 'catalogue-grew' } };
    }
    const nothing = { reason: `the catalogue ${name} ${version} knows no more that its wildcards match` };
    return { catalogue: by, changed: isNoted ? nothing : undefined };
  }

  /** Undefined if it is not available. A temporary failure is not cached. */
  async #load(made: ProposalCatalogue): Promise<Catalogue | undefined> {
    const { embedded, store } = this.#parts;
    if (made.source !== REFERENCE_SOURCE) return embedded();
    const known = this.#then.get(made.version);
    if (known) return known;
    const loading = store.version(made.version).then((kept) => kept && asCatalogue(kept));
    const [oldest] = this.#then.keys();
    if (this.#then.size >= MOST_KEPT && oldest !== undefined) this.#then.delete(oldest);
    this.#then.set(made.version, loading);
    try {
      return await loading;
    } catch (error) {
      this.#then.delete(made.version);
      throw error;
    }
  }
}

function reasonOf(drift: CatalogueDrift | undefined): string | undefined {
  return drift && describeCatalogueDrift(drift);
}

/**
 * Whether the proposal was already compared with the current catalogue or a newer one, or made with it. A process with
 * an older catalogue neither hides nor removes what a newer one added.
 */
function isJudged(
  { storedAt }: ListedProposal,
  said: ProposalState | undefined,
  current: Pick<CatalogueOrigin, 'version' | 'date'>,
  since: number,
): boolean {
  if (said !== undefined && said.state !== 'current') return false;
  const by = said?.catalogue;
  if (by !== undefined && byCodeUnit(by.date, current.date) > 0) return true;
  // The remark may be about an equal proposal that has expired, even if it was written after this one was stored: by a
  // worker that had read the expired one, which no condition of the store prevents. So it is checked each time.
  if (said?.remark === 'catalogue-grew') return false;
  if (by !== undefined) return by.version === current.version;
  return storedAt === undefined || storedAt > since + PROCESS_MILLIS;
}
