import { foldCase } from '../../pattern/matches.ts';

/**
 * An enclosing pattern with one star and no question mark, `head*tail`. The part of a name that the star matches is its
 * **middle**. Any pattern over middles, placed between head and tail, is contained in the enclosing pattern. So the
 * search for short patterns within `Get*Policy` becomes a search within `*` over shorter names.
 */
export interface Skeleton {
  readonly head: string;
  readonly tail: string;
}

/** The pattern's skeleton; undefined if it has no star, several stars or a question mark. */
export function skeletonOf(pattern: string): Skeleton | undefined {
  const star = pattern.indexOf('*');
  if (star < 0) return undefined;
  const head = pattern.slice(0, star);
  const tail = pattern.slice(star + 1);
  return /[*?]/.test(head + tail) ? undefined : { head, tail };
}

/** The middle of a name, in the name's own spelling; undefined if the skeleton does not match it. */
export function middleOf(skeleton: Skeleton, name: string): string | undefined {
  const { head, tail } = skeleton;
  if (name.length < head.length + tail.length) return undefined;
  const folded = foldCase(name);
  return folded.startsWith(head) && folded.endsWith(tail)
    ? name.slice(head.length, name.length - tail.length)
    : undefined;
}

/** A name that a skeleton matches: its middle, and the characters around it in the name's own spelling. */
export interface NameInSkeleton {
  readonly middle: string;
  readonly head: string;
  readonly tail: string;
}

export function nameInSkeleton(skeleton: Skeleton, name: string): NameInSkeleton | undefined {
  const middle = middleOf(skeleton, name);
  if (middle === undefined) return undefined;
  const head = name.slice(0, skeleton.head.length);
  return { middle, head, tail: name.slice(name.length - skeleton.tail.length) };
}
