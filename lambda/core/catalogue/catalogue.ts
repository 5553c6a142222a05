import { byCodeUnit } from '../model/order.ts';
import { foldCase, lettersOf, literalPrefix, matchesPattern } from '../pattern/matches.ts';
import type { LevelOf } from './access-level.ts';

/**
 * One service: its prefix and its actions in their official spelling, and the same actions case-folded, position for
 * position, in the order of the folded names.
 */
export interface CatalogueService {
  readonly name: string;
  readonly actions: readonly string[];
  readonly folded: readonly string[];
  /** Position of a folded action name. */
  readonly position: ReadonlyMap<string, number>;
  /**
   * Case-folded names of the actions whose use AWS never reports one by one; undefined if the catalogue does not have
   * this information.
   * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html (`SupportedBy`)
   */
  readonly untracked: ReadonlySet<string> | undefined;
}

/** Where a catalogue comes from; `version` and `date` (ISO 8601) are those of the source. */
export interface CatalogueOrigin {
  readonly source: string;
  readonly version: string;
  readonly date: string;
}

/** Every known IAM action. Keys are case-folded service prefixes. */
export interface Catalogue {
  readonly origin: CatalogueOrigin;
  readonly services: ReadonlyMap<string, CatalogueService>;
  /** Case-folded prefixes of further services, which exist but of which the catalogue has no action. */
  readonly prefixes: readonly string[];
  /**
   * Services of the built-in catalogue that this one lacks. While there are any, a `*` cannot be replaced by a list,
   * because the list would drop them.
   */
  readonly missing: readonly string[];
  /** What an action does: whether it lists, reads, writes, tags or changes permissions. */
  readonly levelOf: LevelOf;
  readonly serviceCount: number;
  readonly actionCount: number;
}

/** The optional parts of a catalogue. */
export type BesideServices = Partial<Pick<Catalogue, 'prefixes' | 'missing' | 'levelOf'>>;

/**
 * A catalogue from services and their actions. Names that differ only in case count once; the smaller spelling is
 * used.
 */
export function makeCatalogue(
  origin: CatalogueOrigin,
  entries: Iterable<readonly [string, readonly string[]]>,
  { prefixes = [], missing = [], levelOf = noLevel }: BesideServices = {},
): Catalogue {
  const services = new Map<string, CatalogueService>();
  let actionCount = 0;
  const sorted = [...entries].sort(([a], [b]) => byCodeUnit(a, b));
  for (const [name, actions] of sorted) {
    const key = foldCase(name);
    const earlier = services.get(key);
    const service = makeService(earlier?.name ?? name, [...(earlier?.actions ?? []), ...actions]);
    actionCount += service.actions.length - (earlier?.actions.length ?? 0);
    services.set(key, service);
  }
  return { origin, services, prefixes, missing, levelOf, serviceCount: services.size, actionCount };
}

/** For a catalogue without access levels. */
export const noLevel: LevelOf = () => undefined;

/** One service from its actions in any order. */
export function makeService(
  name: string,
  actions: readonly string[],
  untracked?: ReadonlySet<string>,
): CatalogueService {
  const spelling = new Map<string, string>();
  for (const action of actions) {
    const key = foldCase(action);
    const before = spelling.get(key);
    if (before === undefined || action < before) spelling.set(key, action);
  }
  const folded = [...spelling.keys()];
  if (!isSorted(folded)) folded.sort(byCodeUnit);
  return new Service(
    name,
    folded.map((key) => spelling.get(key) ?? key),
    folded,
    untracked,
  );
}

function isSorted(texts: readonly string[]): boolean {
  for (let i = 1; i < texts.length; i += 1) if ((texts[i - 1] ?? '') > (texts[i] ?? '')) return false;
  return true;
}

/** Builds the index of positions on first use, because most services of a catalogue are never looked up. */
class Service implements CatalogueService {
  #position: ReadonlyMap<string, number> | undefined;
  constructor(
    readonly name: string,
    readonly actions: readonly string[],
    readonly folded: readonly string[],
    readonly untracked: ReadonlySet<string> | undefined,
  ) {}
  get position(): ReadonlyMap<string, number> {
    this.#position ??= new Map(this.folded.map((key, index) => [key, index]));
    return this.#position;
  }
}

/**
 * Positions of the service's actions that a case-folded pattern matches, ascending. Only names that start with the
 * pattern's literal prefix are compared.
 */
export function matchingActions(service: CatalogueService, pattern: string): readonly number[] {
  const prefix = literalPrefix(pattern);
  const isPrefix = pattern.length === prefix.length + 1 && pattern.endsWith('*');
  const needed = isPrefix ? 0 : lettersOf(pattern);
  const letters = isPrefix ? undefined : lettersOfActions(service);
  const matched: number[] = [];
  for (let i = firstAtOrAfter(service.folded, prefix); i < service.folded.length; i += 1) {
    const name = service.folded[i] ?? '';
    if (!name.startsWith(prefix)) break;
    if (letters !== undefined && (needed & ~(letters[i] ?? 0)) !== 0) continue;
    if (isPrefix || matchesPattern(pattern, name)) matched.push(i);
  }
  return matched;
}

/** Whether a case-folded pattern matches any of the service's actions. */
export function matchesSome({ folded }: CatalogueService, pattern: string): boolean {
  const prefix = literalPrefix(pattern);
  for (let i = firstAtOrAfter(folded, prefix); i < folded.length; i += 1) {
    const name = folded[i] ?? '';
    if (!name.startsWith(prefix)) return false;
    if (matchesPattern(pattern, name)) return true;
  }
  return false;
}

const lettersByService = new WeakMap<CatalogueService, Int32Array>();

/** The letters of each action: most actions that a pattern does not match lack one of its letters. */
function lettersOfActions(service: CatalogueService): Int32Array {
  let letters = lettersByService.get(service);
  if (!letters) lettersByService.set(service, (letters = Int32Array.from(service.folded, lettersOf)));
  return letters;
}

/**
 * Position of the first of the sorted texts that is not smaller than `text`; the number of texts if all are smaller.
 */
export function firstAtOrAfter(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Actions whose use is not reported one by one according to AWS's documentation, for catalogues without this
 * information. These few are the ones that reviewers ask about first: S3's operations on objects and listings, which
 * are not among its tracked actions, and `iam:PassRole`. Case-folded `service:action`.
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html (data plane,
 * PassRole),
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-action-last-accessed.html (S3),
 * https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html (GetObject, ListBucket)
 */
const UNTRACKED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['iam', new Set(['passrole'])],
  ['s3', new Set(['deleteobject', 'getobject', 'listbucket', 'putobject'])],
]);

/** Case-folded names of a service's actions that are documented as untracked; undefined if there is none. */
export function documentedUntracked(service: string): ReadonlySet<string> | undefined {
  return UNTRACKED.get(service);
}
