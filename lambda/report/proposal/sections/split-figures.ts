import type { CatalogueService } from '../../../core/catalogue/catalogue.ts';
import { foldCase } from '../../../core/pattern/matches.ts';
import type { PatternChange } from '../../../core/model/proposed-policy.ts';
import { counted, day } from '../../text/format.ts';
import { html, joinHtml, type Html } from '../../html/html.ts';
import type { ReportContext } from '../report-context.ts';
import { makeSplitTrie, type SplitTrie, type TrieAction } from '../../html/trie-model.ts';
import { trieSvg } from '../../html/trie-svg.ts';

/** A trie of up to this many actions is drawn down to every action as well. */
const MOST_WHOLE = 130;
/** Drawings of one statement that are not folded. */
const MOST_OPEN = 3;
/** Drawings of one statement, folded ones included. */
const MOST_DRAWN = 60;

/** A drawing for each wildcard of the statement that was split. `*` is one wildcard for every service it narrowed. */
export function splitFigures(changes: readonly PatternChange[], id: string, context: ReportContext): Html {
  const splits = changes
    .filter(({ outcome, element }) => outcome === 'narrowed' && element === 'Action')
    .flatMap((change) => splitsOf(change, context));
  const figures: Html[] = [];
  let left = 0;
  for (const [i, split] of splits.entries()) {
    const figure = i < MOST_DRAWN ? drawn(split, `${id}-${String(i)}`, context) : undefined;
    if (!figure) left += 1;
    else
      figures.push(
        figures.length < MOST_OPEN
          ? figure
          : html`<details class="more">
              <summary>How <code>${split.service.name}:${split.pattern}</code> was split</summary>
              ${figure}
            </details>`,
      );
  }
  if (figures.length === 0 && left === 0) return html``;
  const hasRetained = context.proposal.retained.length > 0;
  return html`${figures.length > 0 && legend(hasRetained)}${joinHtml(figures)}${left > 0 && html`<p class="soft small">${counted(left, 'more wildcard')} ${left === 1 ? 'was' : 'were'} split in this statement; ${left === 1 ? 'its' : 'their'} patterns are listed above.</p>`}`;
}

function legend(hasRetained: boolean): Html {
  return html`<ul class="legend">
    <li>
      <i></i>unsafe prefix: an unused action begins with it (struck through: all of its actions are removed)
    </li>
    <li class="safe"><i></i>safe prefix</li>
    <li class="chosen"><i></i>chosen: a new pattern</li>
    ${hasRetained && html`<li class="retained"><i></i>unused, kept on purpose</li>`}
  </ul>`;
}

interface Split {
  readonly service: CatalogueService;
  /** Without the service prefix, as the author wrote it. */
  readonly pattern: string;
  readonly to: readonly string[];
}

function splitsOf(change: PatternChange, { universe }: ReportContext): readonly Split[] {
  const colon = change.pattern.indexOf(':');
  if (change.pattern !== '*' && change.pattern !== '*:*') {
    const service = universe.services.get(foldCase(change.pattern.slice(0, colon)));
    return service ? [{ service, pattern: change.pattern.slice(colon + 1), to: change.to }] : [];
  }
  const perService = new Map<string, string[]>();
  for (const text of change.to) {
    const key = foldCase(text.slice(0, text.indexOf(':')));
    const known = perService.get(key);
    if (known) known.push(text);
    else perService.set(key, [text]);
  }
  const splits = [...perService].flatMap(([key, to]): readonly Split[] => {
    const service = universe.services.get(key);
    const isWhole = to.length === 1 && to[0]?.endsWith(':*') === true;
    return service && !isWhole ? [{ service, pattern: '*', to }] : [];
  });
  return splits.sort(
    (a, b) =>
      b.service.actions.length - a.service.actions.length || (a.service.name < b.service.name ? -1 : 1),
  );
}

function drawn({ service, pattern, to }: Split, id: string, context: ReportContext): Html | undefined {
  const trie = makeSplitTrie(service, pattern, to, context.verdicts);
  const isSmall = trie.actions.length <= MOST_WHOLE;
  const whole = isSmall && trie.root.children.length > 1 ? wholeTrie(trie, id) : undefined;
  const figure = html`<figure>
    <figcaption>
      How <code>${trie.pattern}</code> was split: ${counted(trie.root.removed, 'action')} removed,
      ${counted(trie.root.kept, 'action')} kept
    </figcaption>
    <div class="draw" role="region" tabindex="0" aria-label="Drawing of ${trie.pattern}">
      ${trieSvg(trie, 'folded', `${id}f`)}
    </div>
  </figure>`;
  if (!context.budget.take(figure.toString().length)) return undefined;
  const list = actionList(trie, context);
  const doesWholeFit = whole !== undefined && context.budget.take(whole.toString().length);
  const doesListFit = context.budget.take(list.toString().length);
  return html`${figure}${doesWholeFit && whole}${doesListFit && list}`;
}

function wholeTrie(trie: SplitTrie, id: string): Html {
  return html`<details class="more screen">
    <summary>Draw the trie down to every action</summary>
    <div class="draw" role="region" tabindex="0" aria-label="Whole drawing of ${trie.pattern}">
      ${trieSvg(trie, 'whole', `${id}w`)}
    </div>
  </details>`;
}

/** Every action under the wildcard: the removed ones with their last use, then the retained and the kept ones. */
function actionList(trie: SplitTrie, context: ReportContext): Html {
  const key = foldCase(trie.service);
  const of = (decision: TrieAction['decision']): readonly TrieAction[] =>
    trie.actions.filter((action) => action.decision === decision);
  const removed = of('removed').map((action) => {
    const last = context.verdicts.lastAccessed(key, action.folded);
    return html`<li>
      <code>${action.name}</code>${last !== undefined && html` <small>last used ${day(last)}</small>`}
    </li>`;
  });
  const retained = of('retained').map(
    (action) =>
      html`<li>
        <code>${action.name}</code> <small>${context.verdicts.retainedBecause(key, action.folded)}</small>
      </li>`,
  );
  const kept = of('kept').map((action) => html`<li><code>${action.name}</code></li>`);
  return html`<details class="more">
    <summary>List all ${counted(trie.actions.length, 'action')} under <code>${trie.pattern}</code></summary>
    ${group('Removed: reported unused', removed)}${group('Retained: unused, kept on purpose', retained)}${group('Kept: used, or not tracked by AWS; the finding does not say which', kept)}
  </details>`;
}

function group(title: string, items: readonly Html[]): Html | undefined {
  if (items.length === 0) return undefined;
  return html`<p class="small"><b>${title}</b> (${items.length})</p>
    <ul class="names">
      ${joinHtml(items)}
    </ul>`;
}
