import { byCodeUnit } from '../core/model/order.ts';
import { count, counted, share } from './format.ts';
import { html, joinHtml, type Html } from './html.ts';
import { type Group, restSection, withinLimit } from './index-rest.ts';
import { renderPage } from './page.ts';
import { hrefOf, type RunEntry, type RunOther, type RunOverview } from './run-overview.ts';
import { sharedList } from './shared-list.ts';
import { pastRow, stateMark, stateReason } from './state-mark.ts';
import { byReason, ownedBy } from './wording.ts';

/** Rows of one table before the next ones are folded away; with its script the page turns pages instead. */
const CHUNK = 200;
/** Names of a group that its row shows before it is opened. */
const FEW_NAMES = 3;

/**
 * The overview of a run. It can be read without its script, which only filters, sorts and pages what is there.
 * Groups with the largest effect come first: one decision there removes most.
 */
export function renderIndex(run: RunOverview): string {
  const { refinements, removals, rest } = withinLimit(
    groups(run.entries.filter(({ numbers }) => numbers !== null)),
    groups(run.entries.filter(({ numbers }) => numbers === null)),
    run.limit?.proposals ?? Infinity,
  );
  const body = html`${head(run)}
    <main id="main">
      ${filters(run)} ${list('permissions', 'Permissions to remove', refinements, REFINEMENT_HEAD)}
      ${list('unused', 'Unused roles, access keys and passwords', removals, REMOVAL_HEAD)}
      ${run.limit && restSection(rest, run.limit.folderOf)}
      ${sharedList(run.shared ?? [], run.limit?.proposals)} ${others(run.others)}
      ${run.entries.length === 0 && run.others.length === 0 && html`<p>The run saw no finding.</p>`}
    </main>
    <footer>
      <p>unused-access-refiner ${run.engineVersion}${versions(run)}</p>
    </footer>`;
  return renderPage({ title: 'Unused access: proposals of a run', body, hasScript: true });
}

function versions({ catalogue, generalize, madeAt }: RunOverview): string {
  return [
    catalogue &&
      ` · action catalogue ${catalogue.source} ${catalogue.version}: ${count(catalogue.services)} services, ${count(catalogue.actions)} actions`,
    generalize && ` · split wildcards: ${generalize}`,
    madeAt !== undefined && ` · ${madeAt}`,
  ]
    .filter((part) => typeof part === 'string')
    .join('');
}

function groups(entries: readonly RunEntry[]): readonly Group[] {
  const bySignature = byReason(entries, sameRow);
  return bySignature
    .flatMap(([, members]): readonly Group[] => {
      const sorted = [...members].sort(byPrincipal);
      const [first] = sorted;
      return first
        ? [{ entries: sorted, first, effect: removedBy(first) * members.length, unlisted: 0 }]
        : [];
    })
    .sort(
      (a, b) =>
        Number(a.first.state !== undefined) - Number(b.first.state !== undefined) ||
        b.effect - a.effect ||
        b.entries.length - a.entries.length ||
        byPrincipal(a.first, b.first),
    );
}

/** What is no longer current shares a row with what is so for the same reason. */
function sameRow({ signature, state, remarks: more = [] }: RunEntry): string {
  return [signature, state?.name ?? '', state?.reason ?? '', ...more].join('\n');
}

function byPrincipal(a: RunEntry, b: RunEntry): number {
  return (
    byCodeUnit(a.principal.name, b.principal.name) ||
    byCodeUnit(a.principal.arn, b.principal.arn) ||
    byCodeUnit(a.path, b.path)
  );
}

function removedBy({ numbers }: RunEntry): number {
  return numbers ? numbers.actionsGrantedBefore - numbers.actionsGrantedAfter : 0;
}

function head(run: RunOverview): Html {
  const current = run.entries.filter(({ state }) => state === undefined);
  const numbers = current.flatMap((entry) => (entry.numbers ? [entry.numbers] : []));
  const before = numbers.reduce((sum, n) => sum + n.actionsGrantedBefore, 0);
  const after = numbers.reduce((sum, n) => sum + n.actionsGrantedAfter, 0);
  const accounts = new Set(run.entries.map(({ principal }) => principal.accountId)).size;
  const refused = current.reduce((sum, { refused: policies }) => sum + policies.length, 0);
  const whole = current.length - numbers.length;
  const past = run.entries.length - current.length;
  const isApplied = run.entries.some(({ state }) => state?.name === 'applied');
  return html`<header class="top">
    <p class="eyebrow">Proposals to remove unused access${!isApplied && ' · nothing has been changed'}</p>
    <h1>Unused access, ${counted(accounts, 'account')}</h1>
    ${
      numbers.length > 0
        ? html`<p class="verdict">
              ${counted(numbers.length, 'principal')} would lose
              <b>${count(before - after)} of ${counted(before, 'granted action')}</b>
              (${share(before - after, before)}), each reported unused.
            </p>
            <div class="whole">
              <svg class="bar" aria-hidden="true">
                <rect class="b" width="100%" height="100%" />
                <rect
                  class="a"
                  width="${before > 0 ? Math.round((after / before) * 1000) / 10 : 0}%"
                  height="100%"
                />
              </svg>
              <p class="key">
                <span class="a">stays: ${count(after)}</span><span>goes: ${count(before - after)}</span>
              </p>
            </div>`
        : html`<p class="verdict">No permissions to remove.</p>`
    }
    <dl class="tiles">
      <div>
        <dt>Permissions to remove</dt>
        <dd>${count(numbers.length)} <small>principals, proven exact</small></dd>
      </div>
      <div>
        <dt>Unused altogether</dt>
        <dd>${count(whole)} <small>roles, keys and passwords</small></dd>
      </div>
      <div>
        <dt>Without a proposal</dt>
        <dd>${count(run.others.length)} <small>each with its reason below</small></dd>
      </div>
      <div>
        <dt>Policies not refined</dt>
        <dd>${count(refused)} <small>left untouched, with reasons</small></dd>
      </div>
      ${
        past > 0 &&
        html`<div>
          <dt>No longer current</dt>
          <dd>${count(past)} <small>proposals, not counted above, each with its reason</small></dd>
        </div>`
      }
    </dl>
  </header>`;
}

/** Hidden until the script that they need has run. */
function filters(run: RunOverview): Html {
  const accounts = [...new Set(run.entries.map(({ principal }) => principal.accountId))].sort(byCodeUnit);
  return html`<form class="filters" id="filters" hidden>
    <div>
      <label for="f-text"
        >${hasOwners(run) ? 'Name, account, ARN or owner contains' : 'Name, account or ARN contains'}</label
      ><input id="f-text" type="search" autocomplete="off" />
    </div>
    <div>
      <label for="f-account">Account</label>
      <select id="f-account">
        <option value="">all ${count(accounts.length)}</option>
        ${joinHtml(accounts.map((account) => html`<option>${account}</option>`))}
      </select>
    </div>
    <div>
      <label for="f-type">Principal</label>
      <select id="f-type">
        <option value="">roles and users</option>
        <option value="role ·">roles</option>
        <option value="user ·">users</option>
      </select>
    </div>
    <div>
      <label for="f-remark">With</label>
      <select id="f-remark">
        <option value="">anything</option>
        <option value="kept on purpose">unused actions kept on purpose</option>
        <option value="still granted">unused actions still granted</option>
        <option value="not refined">policies not refined</option>
        ${past(run) && html`<option value="no longer current">proposals no longer current</option>`}
      </select>
    </div>
    <div>
      <label for="f-order">Order</label>
      <select id="f-order">
        <option value="">largest effect first</option>
        <option value="share">largest share first</option>
        <option value="name">name</option>
      </select>
    </div>
  </form>`;
}

function hasOwners({ entries }: RunOverview): boolean {
  return entries.some(({ owner }) => owner !== undefined);
}

function past({ entries }: RunOverview): boolean {
  return entries.some(({ state }) => state !== undefined);
}

const REFINEMENT_HEAD = html`<thead>
  <tr>
    <th scope="col">Principal</th>
    <th scope="col" class="v">Stays</th>
    <th scope="col">Actions</th>
    <th scope="col">Goes</th>
  </tr>
</thead>`;
const REMOVAL_HEAD = html`<thead>
  <tr>
    <th scope="col">Principal</th>
    <th scope="col">What is unused</th>
  </tr>
</thead>`;

function list(id: string, title: string, rows: readonly Group[], tableHead: Html): Html | undefined {
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
      Largest effect first${rows.some(({ first }) => first.state) && ', what is no longer current last'}.
    </p>
    ${joinHtml(chunks)}
  </section>`;
}

/** Greyed; the words say it too. */
function row(group: Group): Html {
  const { first } = group;
  const { numbers } = first;
  if (!numbers) {
    return html`<tr${pastRow(first.state)}>
      <td>${who(group)}</td>
      <td>${removalName(first.kind)}</td>
    </tr>`;
  }
  const { actionsGrantedBefore: before, actionsGrantedAfter: after } = numbers;
  const stays = before > 0 ? Math.round((after / before) * 100) : 0;
  return html`<tr${pastRow(first.state)} data-s="${before > 0 ? Math.round(((before - after) / before) * 1000) : 0}">
    <td>${who(group)}</td>
    <td class="v">
      <svg class="bar"><rect width="${stays}%" height="8" /></svg>
    </td>
    <td>${count(before)} → ${count(after)}</td>
    <td>−${count(before - after)} (${share(before - after, before)})</td>
  </tr>`;
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
        >${principal.type} · ${principal.accountId}${ownedBy(only)}${remarks(only)}</small
      >`;
  }
  const names = entries.slice(0, FEW_NAMES).map(({ principal }) => principal.name);
  const all = entries.length + unlisted;
  const rest = all - names.length;
  const listed = unlisted > 0 && `, ${count(entries.length)} of them listed`;
  const items = entries.map(
    (entry) => html`<li>${link(entry)} <span>${entry.principal.accountId}${ownedBy(entry)}</span></li>`,
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

function link({ path, principal }: RunEntry): Html {
  return html`<a href="${hrefOf(path)}">${principal.name}</a>`;
}

function remarks(entry: RunEntry): string {
  const parts = [
    stateReason(entry.state),
    ...(entry.remarks ?? []),
    entry.retained > 0 ? `${count(entry.retained)} unused kept on purpose` : '',
    entry.residue > 0 ? `${count(entry.residue)} unused, still granted` : '',
    ...entry.refused.map(({ policy, reason }) => `${policy} not refined: ${reason}`),
  ];
  return parts
    .filter((part) => part !== '')
    .map((part) => ` · ${part}`)
    .join('');
}

const OUTCOMES: readonly (readonly [RunOther['outcome'], string])[] = [
  ['failed', 'Failed'],
  ['refused', 'Not refined'],
  ['skipped', 'Left alone'],
  ['unchanged', 'Nothing to take away'],
  ['gone', 'Gone since the finding'],
];

/** What has no proposal and why: those that share a reason share a line. */
function others(all: readonly RunOther[]): Html | undefined {
  if (all.length === 0) return undefined;
  const blocks = OUTCOMES.flatMap(([outcome, title]) => {
    const some = all.filter((other) => other.outcome === outcome);
    if (some.length === 0) return [];
    const reasons = byReason(some, ({ reason }) => reason).map(([reason, group]) =>
      reasonBlock(reason, group),
    );
    return [
      html`<div class="card">
        <h3>${title} <span class="soft">(${count(some.length)})</span></h3>
        ${joinHtml(reasons)}
      </div>`,
    ];
  });
  return html`<section id="others" aria-labelledby="others-h">
    <h2 id="others-h">Without a proposal</h2>
    ${joinHtml(blocks)}
  </section>`;
}

function reasonBlock(reason: string, group: readonly RunOther[]): Html {
  const items = [...group]
    .sort((a, b) => byCodeUnit(a.resource, b.resource))
    .map(({ resource }) => html`<li class="mono">${resource}</li>`);
  const sentence = reason.charAt(0).toUpperCase() + reason.slice(1);
  return html`<details class="more">
    <summary>${count(group.length)}: ${sentence}</summary>
    <ul class="names">
      ${joinHtml(items)}
    </ul>
  </details>`;
}
