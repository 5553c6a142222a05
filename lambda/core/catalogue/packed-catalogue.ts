import type { BesideServices, Catalogue, CatalogueOrigin, CatalogueService } from './catalogue.ts';

/** One service: its name, its actions, and those of them that AWS does not track where that is known. */
export type Packed = readonly [service: string, actions: string, untracked?: string | undefined];

/**
 * A catalogue from one string a service: its actions in their official spelling, separated by spaces, sorted by their
 * case-folded names and without repetition; a second such string has the untracked ones. Nothing is taken apart before somebody asks for the service, so that a
 * process that refines one role does not pay for the other four hundred services.
 */
export function unpackCatalogue(
  origin: CatalogueOrigin,
  packed: Iterable<Packed>,
  actionCount: number,
  { prefixes = [], missing = [] }: BesideServices = {},
): Catalogue {
  const services = new Map<string, CatalogueService>();
  for (const [name, actions, untracked] of packed) {
    services.set(name.toLowerCase(), new PackedService(name, actions, untracked));
  }
  return { origin, services, prefixes, missing, serviceCount: services.size, actionCount };
}

class PackedService implements CatalogueService {
  readonly #packed: string;
  readonly #packedUntracked: string | undefined;
  #untracked: ReadonlySet<string> | undefined;
  #actions: readonly string[] | undefined;
  #folded: readonly string[] | undefined;
  #position: ReadonlyMap<string, number> | undefined;

  constructor(
    readonly name: string,
    packed: string,
    untracked: string | undefined,
  ) {
    this.#packed = packed;
    this.#packedUntracked = untracked;
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

  get untracked(): ReadonlySet<string> | undefined {
    const packed = this.#packedUntracked;
    if (packed === undefined) return undefined;
    this.#untracked ??= new Set(packed === '' ? [] : packed.toLowerCase().split(' '));
    return this.#untracked;
  }
}
