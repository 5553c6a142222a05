import { byCodeUnit } from '../../model/order.ts';
import { foldCase, sharedPrefixLength } from '../../pattern/matches.ts';
import { type CoverProblem, type Skeleton, nameInSkeleton, skeletonOf, middleOf } from './cover-problem.ts';

/**
 * The shortest exact answer made of literal names and of prefixes that end at any character (`s3:GetBu*`).
 *
 * Take the trie of the characters of all needed and forbidden names. A node is safe if no forbidden name is under it.
 * At a safe node whose parent is unsafe, one wildcard costs less than any two entries below the node, and is the
 * shortest that covers all of them; if a single needed name is under the node, the wildcard competes with the name
 * itself. An unsafe node is answered child by child, with the name that ends at it as a literal. So the choice at each
 * node is local, and the answer has the fewest characters of all answers of this kind.
 *
 * With `abbreviate: false`, a needed name that is alone under its safe node stays a literal, as in refinement: a
 * wildcard over one action grants nothing more today, but may tomorrow. With several enclosing patterns, each needed
 * name is answered under the first that matches it; the answer is then minimal for each pattern, not for their sum.
 *
 * @returns undefined if some needed name matches only enclosing patterns of another form than `head*tail`
 * Time O(characters of all names × log names).
 */
export function coverByPrefixes(
  problem: CoverProblem,
  options: { readonly abbreviate: boolean },
): readonly string[] | undefined {
  const skeletons = problem.enclosing.map(skeletonOf).filter((skeleton) => skeleton !== undefined);
  const open = new Set(problem.needed);
  const answer: string[] = [];
  for (const skeleton of skeletons) {
    const leaves = leavesIn(skeleton, problem, open);
    visit(leaves, 0, leaves.length, 0, options.abbreviate, answer);
    for (const leaf of leaves) if (leaf.needed !== undefined) open.delete(leaf.needed.name);
  }
  return open.size === 0 ? answer : undefined;
}

interface Leaf {
  readonly middle: string;
  /** Undefined for a forbidden name. */
  readonly needed: { readonly name: string; readonly headed: string; readonly tail: string } | undefined;
}

function leavesIn(skeleton: Skeleton, problem: CoverProblem, open: ReadonlySet<string>): readonly Leaf[] {
  const leaves: Leaf[] = [];
  for (const name of open) {
    const inSkeleton = nameInSkeleton(skeleton, name);
    if (!inSkeleton) continue;
    const { head, middle, tail } = inSkeleton;
    leaves.push({ middle: foldCase(middle), needed: { name, headed: head + middle, tail } });
  }
  if (leaves.length === 0) return leaves;
  for (const name of problem.forbidden) {
    const middle = middleOf(skeleton, name);
    if (middle !== undefined) leaves.push({ middle, needed: undefined });
  }
  return leaves.sort((a, b) => byCodeUnit(a.middle, b.middle));
}

/**
 * Answers the leaves [low, high): those whose middles share the same first `depth` characters, which no leaf outside
 * the range does.
 */
function visit(
  leaves: readonly Leaf[],
  low: number,
  high: number,
  depth: number,
  abbreviate: boolean,
  answer: string[],
): void {
  const needed = leaves.slice(low, high).flatMap((leaf) => leaf.needed ?? []);
  const [first] = needed;
  if (!first) return;
  if (needed.length === high - low) {
    const head = first.headed.length - (leaves[low]?.middle.length ?? 0);
    const wildcard = `${first.headed.slice(0, head + depth)}*${first.tail}`;
    const isShorter = needed.length > 1 || (abbreviate && wildcard.length < first.name.length);
    answer.push(isShorter ? wildcard : first.name);
    return;
  }
  const shared = sharedPrefixLength(leaves[low]?.middle ?? '', leaves[high - 1]?.middle ?? '');
  let at = low;
  while (at < high && leaves[at]?.middle.length === shared) {
    const ended = leaves[at]?.needed;
    if (ended) answer.push(ended.name);
    at += 1;
  }
  while (at < high) {
    const letter = leaves[at]?.middle.charAt(shared);
    let end = at + 1;
    while (end < high && leaves[end]?.middle.charAt(shared) === letter) end += 1;
    visit(leaves, at, end, shared + 1, abbreviate, answer);
    at = end;
  }
}
