import { type LevelOf, levelAt } from './access-level.ts';
import {
  type BesideServices,
  type Catalogue,
  type CatalogueOrigin,
  type CatalogueService,
  noLevel,
} from './catalogue.ts';

/** One service: its name, its actions, those that AWS does not track, and the levels of all; the last two if known. */
export type Packed = readonly [
  service: string,
  actions: string,
  untracked?: string | undefined,
  levels?: string | undefined,
];

/**
 * A catalogue from one string for each service: its actions in their official spelling, separated by spaces, sorted
 * by their case-folded names and without repetition. A second such string has the untracked ones. A service is
 * unpacked on first use, so that a process that refines one role does not pay for the other four hundred services.
 */
export function unpackCatalogue(
  origin: CatalogueOrigin,
  packed: Iterable<Packed>,
  actionCount: number,
  { prefixes = [], missing = [], levelOf = noLevel }: BesideServices = {},
): Catalogue {
  const services = new Map<string, CatalogueService>();
  const levels = new Map<string, string>();
  for (const [name, actions, untracked, packedLevels] of packed) {
    const key = name.toLowerCase();
    services.set(key, new PackedService(name, actions, untracked));
    if (packedLevels !== undefined) levels.set(key, packedLevels);
  }
  const ownLevelOf: LevelOf = (key, action) => {
    const own = levels.get(key);
    const place = own === undefined ? undefined : services.get(key)?.position.get(action);
    const level = own === undefined || place === undefined ? undefined : levelAt(own, place);
    return level ?? levelOf(key, action);
  };
  return {
    origin,
    services,
    prefixes,
    missing,
    levelOf: ownLevelOf,
    serviceCount: services.size,
    actionCount,
  };
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
