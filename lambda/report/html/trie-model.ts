import { type CatalogueService, firstAtOrAfter, matchingActions } from '../../core/catalogue/catalogue.ts';
import { foldCase, literalPrefix, matchesPattern } from '../../core/pattern/matches.ts';
import { wordEnds } from '../../core/refine/words.ts';
import type { ActionDecision, Verdicts } from './verdicts.ts';

/** One action under a wildcard that was split. */
export interface TrieAction {
  readonly name: string;
  readonly folded: string;
  readonly decision: ActionDecision;
  /** The new pattern that grants it, with its service; undefined if it is removed or granted by another pattern. */
  readonly grantedBy: string | undefined;
}

/** A prefix of action names that ends at a word boundary. Chains of single children are one node. */
export interface TrieNode {
  /** What the node adds to its parent's prefix, in the catalogue's spelling. */
  readonly label: string;
  /** The node's whole prefix, in the catalogue's spelling. */
  readonly prefix: string;
  /** False if any removed action of the trie starts with the node's prefix, below the node or elsewhere. */
  readonly isSafe: boolean;
  /** The new pattern that begins with this prefix. */
  readonly chosen: string | undefined;
  /** An action that ends here. */
  readonly action: TrieAction | undefined;
  readonly children: readonly TrieNode[];
  readonly removed: number;
  readonly kept: number;
}

/** The trie of the actions under one wildcard of one service, in the catalogue's order. */
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
 * The trie of the service's actions that `pattern` matches, and the patterns that were chosen in it.
 *
 * @param pattern without the service prefix
 * @param to the new patterns of that service, with its prefix
 */
export function makeSplitTrie(
  service: CatalogueService,
  pattern: string,
  to: readonly string[],
  verdicts: Verdicts,
): SplitTrie {
  const key = foldCase(service.name);
  const folded = foldCase(pattern);
  const newPatterns = to.map((text) => ({ text, action: foldCase(text.slice(text.indexOf(':') + 1)) }));
  const actions = matchingActions(service, folded).map((i): TrieAction => {
    const name = service.actions[i] ?? '';
    const action = service.folded[i] ?? '';
    const decision = verdicts.decisionOf(key, action);
    const by =
      decision === 'removed' ? undefined : newPatterns.find((n) => matchesPattern(n.action, action))?.text;
    return { name, folded: action, decision, grantedBy: by };
  });
  const drawing = new Drawing(actions, literalPrefix(folded), newPatterns);
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
  readonly #removed: readonly string[];
  readonly #chosen: ReadonlyMap<string, string>;

  constructor(actions: readonly TrieAction[], prefix: string, newPatterns: readonly NewPattern[]) {
    this.#chosen = byLiteralPrefix(newPatterns);
    this.#actions = actions;
    this.#rootLength = prefix.length;
    this.#removed = actions.filter(({ decision }) => decision === 'removed').map((action) => action.folded);
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
    // A chain without a branch becomes one node, but a chosen prefix stays a node of its own.
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
    return !(this.#removed[firstAtOrAfter(this.#removed, prefix)] ?? '').startsWith(prefix);
  }

  /** A new pattern is drawn at the node that its literal prefix names, a literal at its action. */
  #chosenAt(node: Draft): string | undefined {
    const by = node.action?.grantedBy;
    if (by !== undefined && !/[*?]/.test(by)) return by;
    return this.#chosen.get(foldCase(node.spelling));
  }
}

/** New patterns with a wildcard, by their literal prefix. Patterns with the same one (`Get*Acl`, `Get*Policy`) share a node. */
function byLiteralPrefix(newPatterns: readonly NewPattern[]): ReadonlyMap<string, string> {
  const chosen = new Map<string, string>();
  for (const { text, action } of newPatterns) {
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
