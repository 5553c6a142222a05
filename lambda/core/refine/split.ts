import type { CatalogueService } from '../catalogue/catalogue.ts';
import { byCodeUnit } from '../model/order.ts';
import { type KeptNode, type Nodes, type SplitRequest, PrefixSplit } from './prefix-split.ts';

/** One of the patterns that replace a wildcard, in the catalogue's spelling and without the service prefix. */
interface SplitPart {
  readonly text: string;
  /** Positions of the kept actions that it covers. */
  readonly covers: readonly number[];
}

/**
 * Replaces a wildcard by patterns that match every kept action and no removed one.
 * The trie's nodes are the prefixes of the kept names that end at a word boundary and are longer than the wildcard's
 * literal prefix. A node is safe if its pattern (the node, a star, the rest of the wildcard) matches no removed
 * action. Each kept action takes its shortest safe node; the parent of that node is unsafe by construction.
 * Strings decide safety, not the tree: `DescribeVpc` is a node above `DescribeVpcAttribute`, and a removed
 * `DescribeVpcs`, which is under another node, still makes it unsafe.
 * Guarantees: every kept action is matched, no removed one is, each part is contained in the wildcard, no part
 * contains another, the order is by code unit. Not guaranteed: the smallest number of parts (a shorter cover may
 * exist across words; fitting looks for it). Time O(names × words × log names).
 */
export function splitWildcard(request: SplitRequest): readonly SplitPart[] {
  const parts =
    request.generalize === 'enumerate'
      ? request.kept.map((action) => literalPart(request.service, action))
      : splitByPrefixes(request);
  return [...parts].sort((a, b) => byCodeUnit(a.text, b.text));
}

function splitByPrefixes(request: SplitRequest): readonly SplitPart[] {
  const { service, kept } = request;
  const shape = new PrefixSplit(request);
  const { chosen, withoutNode } = shape.isPlain ? shape.nodesOfPlain() : nodesOneByOne(shape, kept);
  const parts: SplitPart[] = [];
  for (const { node, place, count } of chosen) {
    const covered = count === undefined ? shape.keptUnder(node, place) : kept.slice(place, place + count);
    const [only] = covered;
    if (covered.length === 1 && only !== undefined) {
      parts.push(literalPart(service, only));
      continue;
    }
    const final = request.generalize === 'least' ? shape.longestSharedNode(node, covered) : node;
    const [spelling] = covered;
    const spelled = service.actions[spelling ?? 0]?.slice(0, final.length) ?? final;
    parts.push({ text: `${spelled}*${shape.tailAsWritten}`, covers: covered });
  }
  for (const action of withoutNode) {
    const name = service.folded[action] ?? '';
    if (!shape.isCoveredByAny(chosen, name)) {
      parts.push(literalPart(service, action));
    }
  }
  return parts;
}

function nodesOneByOne(shape: PrefixSplit, kept: readonly number[]): Nodes {
  const nodes: KeptNode[] = [];
  const withoutNode: number[] = [];
  for (let place = 0; place < kept.length; place += 1) {
    const action = kept[place] ?? 0;
    const node = shape.shortestSafeNode(action);
    if (node === undefined) withoutNode.push(action);
    else if (nodes.at(-1)?.node !== node) nodes.push({ node, place, count: undefined });
  }
  return { chosen: withoutExtensions(nodes), withoutNode };
}

function literalPart(service: CatalogueService, action: number): SplitPart {
  return { text: service.actions[action] ?? '', covers: [action] };
}

/** Drops every node that begins with another node, whose pattern contains its pattern. */
function withoutExtensions(nodes: readonly KeptNode[]): readonly KeptNode[] {
  const result: KeptNode[] = [];
  for (const node of inOrder(nodes)) {
    const last = result.at(-1);
    if (last === undefined || !node.node.startsWith(last.node)) result.push(node);
  }
  return result;
}

/** Kept names are sorted, and usually their nodes are too: two spellings may have different word ends. */
function inOrder(nodes: readonly KeptNode[]): readonly KeptNode[] {
  for (let i = 1; i < nodes.length; i += 1) {
    if ((nodes[i - 1]?.node ?? '') > (nodes[i]?.node ?? '')) {
      return [...nodes].sort((a, b) => byCodeUnit(a.node, b.node));
    }
  }
  return nodes;
}
