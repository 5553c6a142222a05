import { wordEnds } from '../trie/words.ts';

/**
 * Where a new pattern may cut a name: at any character, or only between words, which reads better and is less likely
 * to match something unrelated that AWS adds later. `mirrored-word` is `word` for a name that is read backwards.
 */
export type Grain = 'character' | 'word' | 'mirrored-word';

/** The first cut at or after a place. */
export function snapEnd(name: string, at: number, grain: Grain): number {
  if (grain === 'character' || at <= 0) return at;
  return cutsOf(name, grain).find((cut) => cut >= at) ?? name.length;
}

/** The last cut at or before a place. */
export function snapStart(name: string, at: number, grain: Grain): number {
  if (grain === 'character' || at >= name.length) return at;
  return cutsOf(name, grain).findLast((cut) => cut <= at) ?? 0;
}

function cutsOf(name: string, grain: 'word' | 'mirrored-word'): readonly number[] {
  if (grain === 'word') return [0, ...wordEnds(name)];
  const forward = [...name].reverse().join('');
  return [0, ...wordEnds(forward)].map((cut) => name.length - cut).reverse();
}
