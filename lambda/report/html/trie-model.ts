import { type CatalogueService, firstAtOrAfter, matchingActions } from '../../core/catalogue/catalogue.ts';
import { foldCase, literalPrefix, matchesPattern } from '../../core/pattern/matches.ts';
import { wordEnds } from '../../core/refine/words.ts';
import type { ActionDecision, Verdicts } from './verdicts.ts';

/** One action under a wildcard that was split. */
export interface TrieAction {
  readonly name: string;
  readonly folded: string;
  readonly decision: ActionDecision;
  /** The new pattern that grants it now, with its service; undefined when it is removed or granted by another pattern. */
  readonly grantedBy: string | undefined;
}

/** A prefix of action names that ends at a word boundary. Chains of single children are one node. */
export interface TrieNode {
  /** What the node adds to its parent's prefix, in the catalogue's spelling. */
  readonly label: string;
  /** The node's whole prefix, in the catalogue's spelling. */
  readonly prefix: string;
  /** Unsafe: some removed action starts with the node's string, wherever it hangs in the tree. */
  readonly isSafe: boolean;
  /** The new pattern this node stands for. */
  readonly chosen: string | undefined;
  /** An action that ends here. */
  readonly action: TrieAction | undefined;
  readonly children: readonly TrieNode[];
  readonly removed: number;
  readonly kept: number;
}

/** The trie under one wildcard of one service, and its actions in the catalogue's order. */
export interface SplitTrie {
  readonly service: string;
  /** The wildcard that was split, with its service. */
  readonly pattern: string;
  readonly to: readonly string[];
  readonly root: TrieNode;
  readonly actions: readonly TrieAction[];
}

interface Draft {
  readonly length: number;
  readonly spelling: string;
  readonly children: Map<string, Draft>;
  action: TrieAction | undefined;
}

/**
 * The trie of the service's actions that `pattern` (without the service prefix) matches, and what was chosen in it.
 * `to` are the new patterns of that service, with its prefix.
 */
export function makeSplitTrie(
  service: CatalogueService,
  pattern: string,
  to: readonly string[],
  verdicts: Verdicts,
): SplitTrie {
  const key = foldCase(service.name);
  const folded = foldCase(pattern);
  const catalogueChanges = to.map((text) => ({ text, action: foldCase(text.slice(text.indexOf(':') + 1)) }));
  const actions = matchingActions(service, folded).map((i): TrieAction => {
    const name = service.actions[i] ?? '';
    const action = service.folded[i] ?? '';
    const decision = verdicts.decisionOf(key, action);
    const by =
      decision === 'removed'
        ? undefined
        : catalogueChanges.find((n) => matchesPattern(n.action, action))?.text;
    return { name, folded: action, decision, grantedBy: by };
  });
  const drawing = new Drawing(actions, literalPrefix(folded), catalogueChanges);
  return {
    service: service.name,
    pattern: `${service.name}:${pattern}`,
    to,
    root: drawing.root(pattern),
    actions,
  };
}

class Drawing {
  readonly #actions: readonly TrieAction[];
  readonly #rootLength: number;
  readonly #doomed: readonly string[];
  readonly #chosen: ReadonlyMap<string, string>;

  constructor(actions: readonly TrieAction[], prefix: string, catalogueChanges: readonly NewPattern[]) {
    this.#chosen = byLiteralPrefix(catalogueChanges);
    this.#actions = actions;
    this.#rootLength = prefix.length;
    this.#doomed = actions.filter(({ decision }) => decision === 'removed').map((action) => action.folded);
  }

  root(pattern: string): TrieNode {
    const top = draft(this.#rootLength, literalPrefix(pattern));
    for (const action of this.#actions) {
      let node = top;
      for (const end of wordEnds(action.name)) {
        if (end <= this.#rootLength) continue;
        node = child(node, action, end);
      }
      node.action = action;
    }
    return this.#finish(top, 0);
  }

  #finish(node: Draft, from: number): TrieNode {
    let end = node;
    // A chain without a branch is one step to the eye, but a prefix that was chosen keeps its own place.
    while (
      end.length > this.#rootLength &&
      end.children.size === 1 &&
      !end.action &&
      this.#chosenAt(end) === undefined
    ) {
      const [only] = end.children.values();
      if (!only) break;
      end = only;
    }
    const children = [...end.children.values()].map((next) => this.#finish(next, end.length));
    const { action } = end;
    const own = action === undefined ? 0 : 1;
    const ownRemoved = action?.decision === 'removed' ? 1 : 0;
    return {
      label: end.spelling.slice(from),
      prefix: end.spelling,
      isSafe: this.#isSafe(foldCase(end.spelling)),
      chosen: this.#chosenAt(end),
      action,
      children,
      removed: children.reduce((sum, next) => sum + next.removed, ownRemoved),
      kept: children.reduce((sum, next) => sum + next.kept, own - ownRemoved),
    };
  }

  #isSafe(prefix: string): boolean {
    return !(this.#doomed[firstAtOrAfter(this.#doomed, prefix)] ?? '').startsWith(prefix);
  }

  /** A new pattern is drawn at the node that its literal prefix names, a literal at its action. */
  #chosenAt(node: Draft): string | undefined {
    const by = node.action?.grantedBy;
    if (by !== undefined && !/[*?]/.test(by)) return by;
    return this.#chosen.get(foldCase(node.spelling));
  }
}

/** New patterns with a wildcard by their literal prefix; those that share one (`Get*Acl`, `Get*Policy`) share a node. */
function byLiteralPrefix(catalogueChanges: readonly NewPattern[]): ReadonlyMap<string, string> {
  const chosen = new Map<string, string>();
  for (const { text, action } of catalogueChanges) {
    if (!/[*?]/.test(action)) continue;
    const prefix = literalPrefix(action);
    const before = chosen.get(prefix);
    chosen.set(prefix, before === undefined ? text : `${before}, ${text}`);
  }
  return chosen;
}

interface NewPattern {
  readonly text: string;
  /** Case-folded, without the service prefix. */
  readonly action: string;
}

function draft(length: number, spelling: string): Draft {
  return { length, spelling, children: new Map(), action: undefined };
}

function child(parent: Draft, action: TrieAction, end: number): Draft {
  const key = action.folded.slice(parent.length, end);
  const known = parent.children.get(key);
  if (known) return known;
  const fresh = draft(end, action.name.slice(0, end));
  parent.children.set(key, fresh);
  return fresh;
}
