import type { CatalogueService } from '../catalogue/catalogue.ts';
import { covers } from '../pattern/covers.ts';
import { literalPrefix, matchesPattern, sharedPrefixLength } from '../pattern/matches.ts';
import type { Generalize } from '../model/proposed-policy.ts';
import { wordEnds } from './words.ts';

export interface SplitRequest {
  readonly service: CatalogueService;
  /** The wildcard without the service prefix: case-folded, and as the author wrote it. */
  readonly pattern: string;
  readonly written: string;
  /** Positions of the actions that must stay, ascending; not empty. */
  readonly kept: readonly number[];
  /** Positions of the matched actions that must be removed, ascending; not empty. */
  readonly removed: readonly number[];
  readonly generalize: Generalize;
}

/** A safe node, and the index in `kept` of an action under it: of the first one if `count` is known. */
export interface KeptNode {
  readonly node: string;
  readonly place: number;
  readonly count: number | undefined;
}

/** The chosen nodes, in order, and the kept actions that have no safe node. */
export interface Nodes {
  readonly chosen: readonly KeptNode[];
  readonly withoutNode: readonly number[];
}

/** A wildcard, split at its first star, with the trie's queries. */
export class PrefixSplit {
  readonly tailAsWritten: string;
  readonly #tail: string;
  readonly #request: SplitRequest;
  readonly #rootLength: number;
  readonly #hasStar: boolean;
  /** The pattern is `prefix*`, for which neither the tail nor containment has to be checked. */
  readonly isPlain: boolean;
  readonly #questionFirst: boolean;
  readonly #names: readonly string[];
  readonly #ends: (readonly number[] | undefined)[];
  readonly #safe = new Map<string, boolean>();
  /** Position of the first removed action after the last lookup; lookups come in the order of the kept actions. */
  #nextRemoved = 0;

  constructor(request: SplitRequest) {
    const { pattern, service } = request;
    const star = pattern.indexOf('*');
    const question = pattern.indexOf('?');
    this.#request = request;
    this.#rootLength = literalPrefix(pattern).length;
    this.#hasStar = star >= 0;
    this.#questionFirst = question >= 0 && question < star;
    this.#tail = star < 0 ? '' : pattern.slice(star + 1).replace(/^\*+/, '');
    this.tailAsWritten = request.written.slice(request.written.length - this.#tail.length);
    this.isPlain = this.#hasStar && this.#tail === '' && !this.#questionFirst;
    this.#names = service.folded;
    this.#ends = wordEndsOf(service);
  }

  patternOf(node: string): string {
    return `${node}*${this.#tail}`;
  }

  /**
   * All nodes of a pattern `prefix*` in one pass. The prefix that a kept name shares with the nearest removed name,
   * in sorted order, decides which prefixes are safe. A name under the previous node shares the same prefix, so it
   * only has to be checked for a shorter end.
   */
  nodesOfPlain(): Nodes {
    const { kept } = this.#request;
    const chosen: { node: string; place: number; count: number }[] = [];
    const withoutNode: number[] = [];
    let last: { node: string; place: number; count: number } | undefined;
    let shared = 0;
    for (let place = 0; place < kept.length; place += 1) {
      const action = kept[place] ?? 0;
      const name = this.#names[action] ?? '';
      const isUnder = last !== undefined && name.startsWith(last.node);
      if (!isUnder) shared = Math.max(this.#rootLength, this.#sharedWithRemoved(action, name));
      const end = this.#firstEndAfter(action, shared);
      if (end === undefined) {
        withoutNode.push(action);
      } else if (last !== undefined && isUnder && end >= last.node.length) {
        last.count += 1;
      } else {
        const node = name.slice(0, end);
        let first = place;
        // Two spellings may have different word ends. Then the shorter node replaces the longer ones before it.
        while (last !== undefined && last.node.startsWith(node)) {
          first = last.place;
          chosen.pop();
          last = chosen.at(-1);
        }
        last = { node, place: first, count: place - first + 1 };
        chosen.push(last);
      }
    }
    return { chosen, withoutNode };
  }

  #firstEndAfter(action: number, length: number): number | undefined {
    const ends = this.#endsOf(action);
    for (let i = 0; i < ends.length; i += 1) {
      const end = ends[i] ?? 0;
      if (end > length) return end;
    }
    return undefined;
  }

  shortestSafeNode(action: number): string | undefined {
    if (!this.#hasStar) return undefined;
    const name = this.#names[action] ?? '';
    for (const end of this.#endsOf(action)) {
      if (end <= this.#rootLength) continue;
      const node = name.slice(0, end);
      if (!matchesPattern(this.patternOf(node), name)) return undefined;
      if (this.#isSafe(node)) return node;
    }
    return undefined;
  }

  /** Positions of the kept actions under a node; `place` is the index of one of them in `kept`. */
  keptUnder(node: string, place: number): readonly number[] {
    const pattern = this.patternOf(node);
    const covered: number[] = [];
    const { kept } = this.#request;
    let first = place;
    while (first > 0 && this.#nameAt(kept, first - 1).startsWith(node)) first -= 1;
    for (let i = first; i < kept.length; i += 1) {
      const name = this.#nameAt(kept, i);
      if (!name.startsWith(node)) break;
      const action = kept[i];
      if (action !== undefined && (this.isPlain || matchesPattern(pattern, name))) covered.push(action);
    }
    return covered;
  }

  /** The longest word prefix that all of `covered` share, at least as long as `node`, that still covers them. */
  longestSharedNode(node: string, covered: readonly number[]): string {
    let longest = node;
    const [first, ...others] = covered;
    if (first === undefined) return node;
    for (const end of this.#endsOf(first)) {
      if (end <= node.length) continue;
      const candidate = (this.#names[first] ?? '').slice(0, end);
      const isShared = others.every(
        (action) => (this.#names[action] ?? '').startsWith(candidate) && this.#endsOf(action).includes(end),
      );
      if (!isShared) break;
      const pattern = this.patternOf(candidate);
      if (!this.isPlain && !covered.every((a) => matchesPattern(pattern, this.#names[a] ?? ''))) break;
      longest = candidate;
    }
    return longest;
  }

  /**
   * Length of the longest prefix that the name shares with a removed name, which is one of its neighbours in sorted
   * order.
   */
  #sharedWithRemoved(action: number, name: string): number {
    const { removed } = this.#request;
    let next = this.#nextRemoved;
    while ((removed[next] ?? action) < action) next += 1;
    this.#nextRemoved = next;
    return Math.max(
      sharedPrefixLength(name, this.#nameAt(removed, next - 1)),
      sharedPrefixLength(name, this.#nameAt(removed, next)),
    );
  }

  #nameAt(actions: readonly number[], place: number): string {
    return this.#names[actions[place] ?? -1] ?? '';
  }

  #endsOf(action: number): readonly number[] {
    const known = this.#ends[action];
    if (known) return known;
    const ends = wordEnds(this.#request.service.actions[action] ?? '');
    this.#ends[action] = ends;
    return ends;
  }

  /** Whether one of the chosen nodes covers a kept name that has no safe node of its own. */
  isCoveredByAny(chosen: readonly KeptNode[], name: string): boolean {
    // Every prefix of such a name is also a prefix of a removed name, so without a tail no safe node can reach it.
    return (
      !this.isPlain &&
      chosen.some(({ node }) => name.startsWith(node) && matchesPattern(this.patternOf(node), name))
    );
  }

  #isSafe(node: string): boolean {
    let safe = this.#safe.get(node);
    if (safe === undefined) {
      safe = this.#judge(node);
      this.#safe.set(node, safe);
    }
    return safe;
  }

  #judge(node: string): boolean {
    const pattern = this.patternOf(node);
    // With a `?` before the star a node may reach further than the wildcard did.
    if (this.#questionFirst && !covers(this.#request.pattern, pattern)) return false;
    const { removed } = this.#request;
    // Names are sorted, so those that start with the node are adjacent.
    for (let place = this.#firstRemovedFrom(node); place < removed.length; place += 1) {
      const name = this.#nameAt(removed, place);
      if (!name.startsWith(node)) break;
      if (matchesPattern(pattern, name)) return false;
    }
    return true;
  }

  #firstRemovedFrom(node: string): number {
    const { removed } = this.#request;
    let low = 0;
    let high = removed.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#nameAt(removed, middle) < node) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const wordEndsByService = new WeakMap<CatalogueService, (readonly number[] | undefined)[]>();

/** Word ends by action, cached for the life of the service, because every split of a run needs the same ones. */
function wordEndsOf(service: CatalogueService): (readonly number[] | undefined)[] {
  const known = wordEndsByService.get(service) ?? [];
  wordEndsByService.set(service, known);
  return known;
}
