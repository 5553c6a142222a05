import { isJsonArray, isJsonObject, renderJson, type JsonValue } from '../../../core/model/json.ts';
import type { PatternChange, ProposedPolicy } from '../../../core/model/proposed-policy.ts';
import { count } from '../../../core/model/wording.ts';
import { counted } from '../../text/format.ts';
import { html, joinHtml, type Html } from '../../html/html.ts';
import type { ReportContext } from '../report-context.ts';
import { byReason } from '../../text/wording.ts';
import { splitFigures } from './split-figures.ts';

/** Longest list of patterns that is not folded. */
const MOST_PATTERNS = 24;
/** Statements that are described one by one. A policy of hundreds is a generated one, and its document is enough. */
const MOST_STATEMENTS = 40;

/** Every statement in which a pattern changes: its resources, what each pattern becomes, and why. */
export function statementBlocks(policy: ProposedPolicy, index: number, context: ReportContext): Html {
  const statements = new Map<number, PatternChange[]>();
  for (const change of policy.changes) {
    const known = statements.get(change.statement);
    if (known) known.push(change);
    else statements.set(change.statement, [change]);
  }
  const changed = [...statements].filter(([, changes]) => changes.some(({ outcome }) => outcome !== 'kept'));
  const untouched = statementsOf(policy.before).length - changed.length;
  const blocks = changed
    .slice(0, MOST_STATEMENTS)
    .map(([place, changes]) =>
      statementBlock(policy, place, changes, `t${String(index)}-${String(place)}`, context),
    );
  const rest = changed.length - blocks.length;
  return html`${joinHtml(blocks)}${rest > 0 && html`<p class="soft">${counted(rest, 'changed statement')} more, in the document below.</p>`}${untouched > 0 && html`<p class="small soft">${counted(untouched, 'statement')} of this policy ${untouched === 1 ? 'stays' : 'stay'} untouched.</p>`}`;
}

function statementBlock(
  policy: ProposedPolicy,
  place: number,
  changes: readonly PatternChange[],
  id: string,
  context: ReportContext,
): Html {
  const sid = changes[0]?.sid;
  const rows = [
    ...changes.filter(({ outcome }) => outcome === 'narrowed').map(narrowedRow),
    ...groupRows(changes, 'removed'),
    ...groupRows(changes, 'added'),
    ...groupRows(changes, 'kept'),
  ];
  return html`<div class="statement">
    <h4>Statement ${count(place + 1)}${sid !== undefined && sid !== '' && html` <code>${sid}</code>`}</h4>
    ${scope(statementsOf(policy.before)[place])}
    <dl class="rules">${joinHtml(rows)}</dl>
    ${splitFigures(changes, id, context)}
  </div>`;
}

function statementsOf(document: JsonValue): readonly JsonValue[] {
  const element = isJsonObject(document) ? document['Statement'] : undefined;
  return element === undefined ? [] : isJsonArray(element) ? element : [element];
}

/** The resources and conditions of the statement. */
function scope(statement: JsonValue | undefined): Html | undefined {
  if (!isJsonObject(statement)) return undefined;
  const element = Object.hasOwn(statement, 'NotResource') ? 'NotResource' : 'Resource';
  const value = statement[element];
  const all = value === undefined ? [] : isJsonArray(value) ? value : [value];
  const shown = all
    .slice(0, 3)
    .map((item) => html`<code>${typeof item === 'string' ? item : renderJson(item, 0)}</code>`);
  const rest = all.length - shown.length;
  const on = element === 'Resource' ? 'Allows on' : 'Allows on everything but';
  const condition = isJsonObject(statement['Condition']) ? Object.keys(statement['Condition']) : [];
  return html`<p class="scope">
    ${on}
    ${joinHtml(shown, ', ')}${rest > 0 && ` and ${count(rest)} more`}${
      condition.length > 0 &&
      html`, under a condition
      (${joinHtml(
        condition.slice(0, 4).map((operator) => html`<code>${operator}</code>`),
        ', ',
      )})`
    }
  </p>`;
}

const TAGS = {
  kept: html`<span class="tag">kept</span>`,
  narrowed: html`<span class="tag good">narrowed</span>`,
  removed: html`<span class="tag gone">removed</span>`,
  added: html`<span class="tag gone">excluded</span>`,
} as const;

function narrowedRow(change: PatternChange): Html {
  return html`<dt>${TAGS.narrowed}</dt>
    <dd>
      <code>${change.pattern}</code> becomes ${count(change.to.length)}
      ${change.to.length === 1 ? 'pattern' : 'patterns'}${patternList(change.to)}
      <p class="small soft">${change.reason}</p>
    </dd>`;
}

/** Patterns with the same outcome for the same reason share a row. */
function groupRows(
  changes: readonly PatternChange[],
  outcome: 'removed' | 'added' | 'kept',
): readonly Html[] {
  const some = changes.filter((change) => change.outcome === outcome);
  return byReason(some, ({ reason }) => reason).map(
    ([reason, group]) =>
      html`<dt>${TAGS[outcome]}</dt>
        <dd>
          ${patternList(group.map(({ pattern }) => pattern))}
          <p class="small soft">${reason}</p>
        </dd>`,
  );
}

function patternList(patterns: readonly string[]): Html {
  const items = (some: readonly string[]): Html =>
    joinHtml(some.map((pattern) => html`<li class="mono">${pattern}</li>`));
  if (patterns.length <= MOST_PATTERNS)
    return html`<ul class="chips">
      ${items(patterns)}
    </ul>`;
  return html`<details class="more">
    <summary>Show ${counted(patterns.length, 'pattern')}</summary>
    <ul class="chips">
      ${items(patterns)}
    </ul>
  </details>`;
}
