import type { Catalogue, CatalogueOrigin, CatalogueService } from './catalogue.ts';

/**
 * A catalogue from one string a service: its actions in their official spelling, separated by spaces, sorted by their
 * case-folded names and without repetition. Nothing is taken apart before somebody asks for the service, so that a
 * process that refines one role does not pay for the other four hundred services.
 */
export function unpackCatalogue(
  origin: CatalogueOrigin,
  packed: Iterable<readonly [string, string]>,
  actionCount: number,
): Catalogue {
  const services = new Map<string, CatalogueService>();
  for (const [name, actions] of packed) services.set(name.toLowerCase(), new PackedService(name, actions));
  return { origin, services, serviceCount: services.size, actionCount };
}

class PackedService implements CatalogueService {
  readonly #packed: string;
  #actions: readonly string[] | undefined;
  #folded: readonly string[] | undefined;
  #position: ReadonlyMap<string, number> | undefined;

  constructor(
    readonly name: string,
    packed: string,
  ) {
    this.#packed = packed;
  }

  get actions(): readonly string[] {
    this.#actions ??= this.#packed.split(' ');
    return this.#actions;
  }

  get folded(): readonly string[] {
    this.#folded ??= this.#packed.toLowerCase().split(' ');
    return this.#folded;
  }

  get position(): ReadonlyMap<string, number> {
    this.#position ??= new Map(this.folded.map((key, index) => [key, index]));
    return this.#position;
  }
}
