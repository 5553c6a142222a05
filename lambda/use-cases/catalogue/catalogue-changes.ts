import type { Catalogue } from '../../core/catalogue/catalogue.ts';
import { asCatalogue, REFERENCE_SOURCE } from '../../core/catalogue/kept-catalogue.ts';
import {
  type CatalogueDrift,
  catalogueDrift,
  describeCatalogueDrift,
  isThatOf,
} from '../../core/lifecycle/catalogue-drift.ts';
import type { ProposalState } from '../../core/lifecycle/proposal-state.ts';
import type { PrincipalProposal, ProposalCatalogue } from '../../core/proposal/schema.ts';
import type { CatalogueStore, DatedCatalogueSource } from '../../ports/catalogue.ts';
import type { ProposalRepository, ListedProposal } from '../../ports/proposals.ts';

export interface CatalogueNewsParts {
  readonly catalogue: DatedCatalogueSource;
  readonly store: Pick<CatalogueStore, 'version'>;
  readonly embedded: () => Catalogue;
  readonly repository: Pick<ProposalRepository, 'read'>;
}

/** A process keeps its catalogue for its life, so an older one may be in use beside a newer one for that long. */
const PROCESS_MILLIS = 86_400_000;
/** Catalogues kept in memory besides the current one, about 1 MB each. A sweep needs few. */
const MOST_KEPT = 4;

/**
 * Whether the current catalogue knows actions that a stored proposal's wildcards match and that the proposal's own
 * catalogue did not know. See docs/adr/0007.
 *
 * A sweep finds most proposals stored already. This costs nothing if the times of the store rule out a difference, and
 * otherwise one read of the proposal. An earlier catalogue is read once in a process.
 */
export class CatalogueChanges {
  readonly #parts: CatalogueNewsParts;
  readonly #then = new Map<string, Promise<Catalogue | undefined>>();
  constructor(parts: CatalogueNewsParts) {
    this.#parts = parts;
  }

  /**
   * The remark about a current proposal; undefined if it is stored already, or if there is none and none is stored.
   * @param made the same proposal, as made now with the current catalogue
   * @throws AdapterError when the proposal or a catalogue cannot be read at present
   */
  async about(
    listed: ListedProposal,
    made: Pick<PrincipalProposal, 'kind'>,
    said: ProposalState | undefined,
  ): Promise<Pick<ProposalState, 'state' | 'reason' | 'remark'> | undefined> {
    const { catalogue: source, repository } = this.#parts;
    if (made.kind !== 'refine-permissions') return undefined;
    if (isJudged(listed, said, await source.since())) return undefined;
    const catalogue = await source.load();
    const stored = await repository.read(listed.prefix);
    if (stored?.kind !== 'refine-permissions') return undefined;
    const then = isThatOf(stored.catalogue, catalogue) ? undefined : await this.#load(stored.catalogue);
    const reason = reasonOf(catalogueDrift(stored, catalogue, then ? [then] : []));
    if (reason !== undefined) {
      const isSaid = isCurrentNews(said) && said?.reason === reason;
      return isSaid ? undefined : { state: 'current', reason, remark: 'catalogue-grew' };
    }
    if (!isCurrentNews(said)) return undefined;
    const { source: name, version } = catalogue.origin;
    return {
      state: 'current',
      reason: `the catalogue ${name} ${version} knows no more that its wildcards match`,
    };
  }

  /** Undefined if it is not available. What cannot be read at present is tried again. */
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

function isCurrentNews(said: ProposalState | undefined): boolean {
  return said?.state === 'current' && said.remark === 'catalogue-grew';
}

/**
 * Whether the current catalogue, or a later one, has been compared already: the proposal was made with it, or the
 * remark was written since. The latter also keeps a process with an older catalogue from removing a newer one's
 * remark. If a store gives no times, nothing is compared, because it would be at each sweep.
 */
function isJudged(
  { storedAt, stateAt }: ListedProposal,
  said: ProposalState | undefined,
  since: number,
): boolean {
  if (said === undefined) return storedAt === undefined || storedAt > since + PROCESS_MILLIS;
  return said.state === 'current' && (stateAt === undefined || stateAt > since);
}
