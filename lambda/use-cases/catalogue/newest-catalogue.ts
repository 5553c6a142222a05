import type { Catalogue } from '../../core/catalogue/catalogue.ts';
import { asCatalogue, besideEmbedded } from '../../core/catalogue/kept-catalogue.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { CatalogueStore, DatedCatalogueSource } from '../../ports/catalogue.ts';
import type { Clock } from '../../ports/system.ts';

/** Which catalogue a process uses, and why. */
export interface CatalogueChoice {
  readonly catalogue: Catalogue;
  /** Why it is the embedded one. */
  readonly because: 'stored' | 'none' | 'invalid' | 'older';
  /** What is wrong with a stored catalogue that is invalid. */
  readonly problem: string | undefined;
  /** More than {@link OLD_AFTER_DAYS} days have passed since its last change, so a person should check why. */
  readonly isOld: boolean;
}

interface NewestCatalogueDependencies {
  readonly store: Pick<CatalogueStore, 'latest'>;
  readonly embedded: () => Catalogue;
  readonly clock: Clock;
  /** Called once, with the choice. */
  readonly onChoice: (choice: CatalogueChoice) => void;
}

interface Loaded {
  readonly catalogue: Catalogue;
  readonly since: number;
}

/** AWS changes its reference several times a week, so a month without a change means that refreshes do not run. */
const OLD_AFTER_DAYS = 30;
const MILLIS_OF_A_DAY = 86_400_000;

/**
 * The newest valid catalogue: the stored one, or the embedded one if none is stored, if the stored one is invalid, or
 * if the embedded one is newer because the program was updated. It is read when it is first needed and then stays the
 * same for the life of the process.
 *
 * If the store does not answer, that is an error and no reason to use the embedded catalogue, because chance would
 * then decide which proposal a finding gets. The next finding asks the store again.
 */
export class NewestCatalogue implements DatedCatalogueSource {
  readonly #dependencies: NewestCatalogueDependencies;
  #loaded: Promise<Loaded> | undefined;
  constructor(dependencies: NewestCatalogueDependencies) {
    this.#dependencies = dependencies;
  }

  async load(): Promise<Catalogue> {
    return (await this.#once()).catalogue;
  }

  async since(): Promise<number> {
    return (await this.#once()).since;
  }

  #once(): Promise<Loaded> {
    this.#loaded ??= this.#choose().catch((error: unknown) => {
      this.#loaded = undefined;
      throw error;
    });
    return this.#loaded;
  }

  async #choose(): Promise<Loaded> {
    const { store, embedded, clock, onChoice } = this.#dependencies;
    const latest = await store.latest();
    const own = embedded();
    const isStored =
      latest.kind === 'found' && byCodeUnit(latest.catalogue.origin.date, own.origin.date) >= 0;
    const catalogue = isStored ? asCatalogue(latest.catalogue, besideEmbedded(own)) : own;
    onChoice({
      catalogue,
      because: isStored ? 'stored' : latest.kind === 'found' ? 'older' : latest.kind,
      problem: latest.kind === 'invalid' ? latest.problem : undefined,
      isOld: Date.parse(clock.now()) - Date.parse(catalogue.origin.date) > OLD_AFTER_DAYS * MILLIS_OF_A_DAY,
    });
    // It is not known when a program with this embedded catalogue was deployed. Its date is the earliest possible one.
    const written = isStored ? latest.storedAt : undefined;
    return { catalogue, since: written ?? Date.parse(catalogue.origin.date) };
  }
}
