import { byCodeUnit } from '../../core/model/order.ts';
import { namedAccount } from '../text/wording.ts';
import { count } from '../../core/model/wording.ts';
import { counted, share } from '../text/format.ts';
import { html, joinHtml, type Html } from '../html/html.ts';
import { byRemovedRisk, hrefOf, type SharedEntry } from './run-overview.ts';
import { pastRow, stateMark, stateReason } from './index-list.ts';
import { riskPhrase } from '../text/risk-words.ts';
import { byReason } from '../text/wording.ts';

/**
 * Shared policies and groups of a run: those with a proposal, the riskiest first and those no longer current last, then
 * the others by reason.
 * @param most rows of the table; further proposals are only counted
 */
export function sharedList(entries: readonly SharedEntry[], most = Infinity): Html | undefined {
  if (entries.length === 0) return undefined;
  const proposed = entries
    .filter(({ outcome }) => outcome === 'proposed')
    .sort(
      (a, b) =>
        Number(a.state !== undefined) - Number(b.state !== undefined) ||
        byRemovedRisk(a, b) ||
        effectOf(b) - effectOf(a) ||
        byCodeUnit(a.subject.arn, b.subject.arn),
    );
  const current = proposed.filter(({ state }) => state === undefined).length;
  const rest = entries.filter(({ outcome }) => outcome !== 'proposed');
  return html`<section id="shared" aria-labelledby="shared-h">
    <h2 id="shared-h">Shared policies and groups</h2>
    <p class="soft">
      Actions that are reported unused for every holder can be removed in one change, in addition to the
      proposals above or instead of them.
      ${counted(current, 'proposal')}${proposed.length > current && `, ${count(proposed.length - current)} no longer current`}${rest.length > 0 && `; ${count(rest.length)} without one`}.
    </p>
    ${proposed.length > 0 && table(proposed.slice(0, most))}
    ${proposed.length > most && html`<p>${counted(proposed.length - most, 'more proposal')}, under shared/.</p>`}
    ${rest.length > 0 && others(rest)}
  </section>`;
}

/** Removed actions, summed over all holders. */
function effectOf({ numbers, principals = 0 }: SharedEntry): number {
  return numbers ? (numbers.actionsGrantedBefore - numbers.actionsGrantedAfter) * principals : 0;
}

function table(entries: readonly SharedEntry[]): Html {
  return html`<table class="run">
    <thead>
      <tr>
        <th scope="col">Shared policy or group</th>
        <th scope="col">Principals</th>
        <th scope="col">Actions</th>
        <th scope="col">Removed for each</th>
      </tr>
    </thead>
    <tbody>
      ${joinHtml(entries.map(row))}
    </tbody>
  </table>`;
}

function row({
  subject,
  accountName,
  path = '',
  principals = 0,
  numbers,
  reason,
  refused = [],
  warnings = [],
  decisions = [],
  state,
  risk,
}: SharedEntry): Html {
  const before = numbers?.actionsGrantedBefore ?? 0;
  const after = numbers?.actionsGrantedAfter ?? 0;
  const remarks = refused.map(({ policy, reason: why }) => ` ${policy} not refined: ${why}.`).join('');
  const stops = warnings.map((warning) => `⚠ Stop: ${warning} · `).join('');
  const decided = decisions.map((decision) => ` · ${decision}`).join('');
  const what = stops + (state === undefined ? reason + remarks : stateReason(state)) + decided;
  return html`<tr${pastRow(state)}>
    <td>
      <a href="${hrefOf(path)}">${subject.name}</a
      >${stateMark(state)}<small>${subject.type} · ${namedAccount(subject.accountId, accountName)} · ${what}</small>
    </td>
    <td data-head="Principals">${count(principals)}</td>
    <td data-head="Actions">${count(before)} → ${count(after)}</td>
    <td data-head="Removed for each">
      −${count(before - after)} (${share(before - after, before)})${risk && html`<small>${riskPhrase(risk.removed)}</small>`}
    </td>
  </tr>`;
}

function others(entries: readonly SharedEntry[]): Html {
  const lines = byReason(entries, ({ reason }) => reason).map(([reason, some]) => {
    const names = some.map(({ subject }) => subject.arn).sort(byCodeUnit);
    return html`<details class="more">
      <summary>${count(some.length)}: ${reason.charAt(0).toUpperCase() + reason.slice(1)}</summary>
      <ul class="names">
        ${joinHtml(names.map((arn) => html`<li class="mono">${arn}</li>`))}
      </ul>
    </details>`;
  });
  return html`<div class="card">
    <h3>Without a proposal <span class="soft">(${count(entries.length)})</span></h3>
    ${joinHtml(lines)}
  </div>`;
}
