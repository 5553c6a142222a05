import { breakable, html, type Html, joinHtml } from '../html/html.ts';
import { type EntryState, hrefOf, type RunEntry } from './run-overview.ts';
import { namedAccount } from '../text/wording.ts';
import { count } from '../../core/model/wording.ts';
import { counted, share } from '../text/format.ts';
import type { Group } from './index-rest.ts';
import { HARDLY_WORTH, riskPhrase } from '../text/risk-words.ts';
import { ownedBy } from '../text/wording.ts';

const PAST = html` class="soft"`;

/** Greys a row whose proposal is no longer current; its text says so too. */
export function pastRow(state: EntryState | undefined): Html | undefined {
  return state && PAST;
}

/** Says beside a name that its proposal is no longer current. */
export function stateMark(state: EntryState | undefined): Html | undefined {
  return state && html` <span class="tag">${state.name}</span>`;
}

/** Why it is no longer current: one clause. */
export function stateReason(state: EntryState | undefined): string {
  return state === undefined ? '' : `no longer current: ${state.reason}`;
}

/** Rows of one table; further rows are folded. With its script, the page shows pages instead. */
const CHUNK = 200;
/** Names of a group that its row shows while it is folded. */
const FEW_NAMES = 3;

/** Heads of the two tables. */
export const REFINEMENT_HEAD = html`<thead>
  <tr>
    <th scope="col" class="p">Principal</th>
    <th scope="col" class="v">Remaining</th>
    <th scope="col">Actions</th>
    <th scope="col" class="g">Removed</th>
  </tr>
</thead>`;
export const REMOVAL_HEAD = html`<thead>
  <tr>
    <th scope="col">Principal</th>
    <th scope="col">What is unused</th>
  </tr>
</thead>`;

/** A table of proposals with a title, a row for each group; undefined if there is none. */
export function list(id: string, title: string, rows: readonly Group[], tableHead: Html): Html | undefined {
  if (rows.length === 0) return undefined;
  const principals = rows.reduce((sum, { entries }) => sum + entries.length, 0);
  const chunks: Html[] = [];
  for (let at = 0; at < rows.length; at += CHUNK) {
    const part = rows.slice(at, at + CHUNK);
    const table = html`<table class="run">
      ${tableHead}
      <tbody>
        ${joinHtml(part.map(row))}
      </tbody>
    </table>`;
    chunks.push(
      at === 0
        ? table
        : html`<details class="rest">
            <summary>Rows ${count(at + 1)} to ${count(at + part.length)}</summary>
            ${table}
          </details>`,
    );
  }
  const folded = principals > rows.length;
  return html`<section id="${id}" data-list aria-labelledby="${id}-h">
    <h2 id="${id}-h">${title}</h2>
    <p class="soft">
      ${counted(principals, 'proposal')}${folded && ` in ${counted(rows.length, 'row')}: principals with the identical outcome share one (identical but for their own account number)`}.
      Riskiest first${rows.some(({ first }) => first.state) && ', proposals that are no longer current last'}.
    </p>
    ${joinHtml(chunks)}
  </section>`;
}

function row(group: Group): Html {
  const { first } = group;
  const { numbers } = first;
  if (!numbers) {
    return html`<tr${pastRow(first.state)}>
      <td>${who(group)}</td>
      <td data-head="Unused">${removalName(first.kind)}${goes(first)}</td>
    </tr>`;
  }
  const { actionsGrantedBefore: before, actionsGrantedAfter: after } = numbers;
  const remaining = first.risk?.remaining;
  const stays = before > 0 ? Math.round((after / before) * 100) : 0;
  return html`<tr${pastRow(first.state)} data-s="${before > 0 ? Math.round(((before - after) / before) * 1000) : 0}" data-n="${group.effect}">
    <td>${who(group)}</td>
    <td class="v">
      <svg class="bar"><rect width="${stays}%" height="8" /></svg>
    </td>
    <td data-head="Actions">${count(before)} → ${count(after)}${remaining && html`<small>remaining: ${riskPhrase(remaining)}</small>`}</td>
    <td data-head="Removed">−${count(before - after)} (${share(before - after, before)})${goes(first)}</td>
  </tr>`;
}

/** What the removed actions can do, with the riskiest by name. */
function goes({ risk }: RunEntry): Html | undefined {
  if (risk === undefined) return undefined;
  const more = risk.removed.highImpact - risk.riskiest.length;
  const names =
    risk.riskiest.length > 0
      ? `${risk.riskiest.join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`
      : '';
  return html`<small
    >${riskPhrase(risk.removed)}${names !== '' && html`<span class="mono">${breakable(names)}</span>`}${risk.isHardlyWorth && html` <b>${HARDLY_WORTH}</b>`}</small
  >`;
}

function removalName(kind: RunEntry['kind']): string {
  switch (kind) {
    case 'remove-role':
      return 'the whole role';
    case 'remove-access-key':
      return 'an access key';
    case 'remove-password':
      return 'the console password';
    case 'refine-permissions':
      return 'permissions';
    default:
      return kind satisfies never;
  }
}

function who({ entries, first, unlisted }: Group): Html {
  const [only] = entries;
  if (entries.length === 1 && unlisted === 0 && only) {
    const { principal } = only;
    return html`${link(only)}${stateMark(only.state)}<small
        >${principal.type} · ${accountOf(only)}${ownedBy(only)}${remarks(only)}</small
      >`;
  }
  const names = entries.slice(0, FEW_NAMES).map(({ principal }) => principal.name);
  const all = entries.length + unlisted;
  const rest = all - names.length;
  const listed = unlisted > 0 && `, ${count(entries.length)} of them listed`;
  const items = entries.map(
    (entry) => html`<li>${link(entry)} <span>${accountOf(entry)}${ownedBy(entry)}</span></li>`,
  );
  return html`<details>
      <summary>
        <b>${count(all)} ${first.principal.type}s</b>, identical outcome${listed}${stateMark(first.state)}
      </summary>
      <ul>
        ${joinHtml(items)}
      </ul>
    </details>
    <small
      >${first.principal.type} ·
      ${names.join(', ')}${rest > 0 && ` and ${count(rest)} more`}${remarks(first)}</small
    >`;
}

function accountOf({ principal: { accountId }, accountName }: RunEntry): string {
  return namedAccount(accountId, accountName);
}

function link({ path, principal }: RunEntry): Html {
  return html`<a href="${hrefOf(path)}">${principal.name}</a>`;
}

function remarks(entry: RunEntry): string {
  const parts = [
    stateReason(entry.state),
    ...(entry.warnings ?? []).map((warning) => `⚠ Stop: ${warning}`),
    ...(entry.remarks ?? []),
    ...(entry.decisions ?? []),
    entry.retained > 0 ? `${count(entry.retained)} unused kept on purpose` : '',
    entry.residue > 0 ? `${count(entry.residue)} unused, still granted` : '',
    ...entry.refused.map(({ policy, reason }) => `${policy} not refined: ${reason}`),
  ];
  return parts
    .filter((part) => part !== '')
    .map((part) => ` · ${part}`)
    .join('');
}
