import type { KeptCatalogue, Loss } from '../../core/catalogue/kept-catalogue.ts';
import type { CatalogueStore } from '../../ports/catalogue.ts';
import { refreshCatalogue, type RefreshDependencies } from './refresh-catalogue.ts';

export interface StoreFreshDependencies extends RefreshDependencies {
  readonly store: CatalogueStore;
}

export type StoreFreshOutcome =
  | {
      readonly kind: 'refreshed';
      readonly catalogue: KeptCatalogue;
      /**
       * `new`: the content changed. `tags`: only the publisher's tags changed. `nothing`. `overtaken`: another run
       * wrote meanwhile, and its catalogue stays.
       */
      readonly written: 'new' | 'tags' | 'nothing' | 'overtaken';
      /** See {@link refreshCatalogue}. */
      readonly against: 'previous' | 'embedded' | 'nothing';
      /** Services that were read again. */
      readonly read: number;
      readonly losses: readonly Loss[];
      /** Why the stored catalogue was not used as the base, if it was not. */
      readonly invalid: string | undefined;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Brings the stored catalogue up to date. The version is stored first, and one further step makes it the latest, so a
 * run that dies leaves the latest either as it was or as it should be. Of two concurrent runs, the first to finish
 * wins; they saw the same reference within minutes, and a later run adds what the other one missed.
 * @throws AdapterError when the reference or the store fails
 */
export async function storeFreshCatalogue({
  store,
  ...dependencies
}: StoreFreshDependencies): Promise<StoreFreshOutcome> {
  const latest = await store.latest();
  const previous = latest.kind === 'found' ? latest.catalogue : undefined;
  const outcome = await refreshCatalogue(previous, dependencies);
  if (outcome.kind === 'refused') return outcome;
  const { catalogue, isChanged, against, read, losses } = outcome;
  const invalid = latest.kind === 'invalid' ? latest.problem : undefined;
  const done = (written: 'new' | 'tags' | 'nothing' | 'overtaken'): StoreFreshOutcome => {
    return { kind: 'refreshed', catalogue, written, against, read, losses, invalid };
  };
  if (isChanged) await store.keep(catalogue);
  else if (hasSameTags(previous, catalogue)) return done('nothing');
  if (!(await store.replaceLatest(catalogue, latest))) return done('overtaken');
  return done(isChanged ? 'new' : 'tags');
}

function hasSameTags(previous: KeptCatalogue | undefined, { services }: KeptCatalogue): boolean {
  return services.every(({ etag }, place) => etag === previous?.services[place]?.etag);
}
